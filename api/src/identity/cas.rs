//! CAS as a client: the protocol's third version (`/p3/serviceValidate`), and its single logout.

mod xml;

pub use xml::{CasXml, Reponse, XmlRefuse, lire_deconnexion, lire_reponse};

use super::client::{self, AskError};
use reqwest::Url;

/// Longest ticket (CAS Protocol 3.0.3, §3.1.1: 256 characters should be enough for everybody).
const TICKET_MAX: usize = 256;

/// A server.
pub struct Cas {
    adresse: Url,
    http: reqwest::Client,
}

/// Why a server could not be believed. For the log: it holds no ticket and no attribute.
#[derive(Debug, thiserror::Error)]
pub enum CasError {
    /// It does not answer.
    #[error("the server does not answer")]
    Asked(#[from] AskError),
    /// What came back cannot be a ticket.
    #[error("no ticket came back")]
    NoTicket,
    /// Its answer cannot be read.
    #[error("the server's answer cannot be read: {0}")]
    Xml(#[from] XmlRefuse),
    /// It does not know the ticket.
    #[error("the server does not vouch for the ticket: {0}")]
    Refused(String),
}

impl CasError {
    /// Whether the server is out of reach, so that nobody is to blame.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Asked(_))
    }
}

impl Cas {
    /// A server at this root.
    pub fn new(adresse: Url) -> Result<Self, reqwest::Error> {
        Ok(Self { adresse, http: client::client()? })
    }

    /// Where a browser is sent to sign in, to come back to `retour`.
    pub fn aller(&self, retour: &Url) -> Url {
        let mut url = self.at("login");
        url.query_pairs_mut().append_pair("service", retour.as_str());
        url
    }

    /// Who signed in, for the ticket that the browser brought back to `retour`. A ticket is good
    /// once, and for that address alone: the server sees to it.
    pub async fn retour(&self, ticket: &str, retour: &Url) -> Result<Reponse, CasError> {
        let fits = ticket.starts_with("ST-") && ticket.len() <= TICKET_MAX;
        if !fits || !ticket.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CasError::NoTicket);
        }
        let mut url = self.at("p3/serviceValidate");
        url.query_pairs_mut().append_pair("service", retour.as_str()).append_pair("ticket", ticket);
        let answer = client::get(&self.http, &url).await?;
        match lire_reponse(&answer)? {
            CasXml::Reconnu(reponse) => Ok(reponse),
            CasXml::Refuse(code) => Err(CasError::Refused(code)),
        }
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.adresse.clone();
        url.set_path(&format!("{}/{path}", self.adresse.path().trim_end_matches('/')));
        url
    }
}
