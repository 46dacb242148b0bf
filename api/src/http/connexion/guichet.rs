//! The providers at whose counters one signs in.

use super::page::Refus;
use crate::http::SignIn;
use crate::identity::Clock;
use crate::identity::cas::Cas;
use crate::identity::fournisseur::{Fournisseur, Fournisseurs, Protocole, SansCle};
use crate::identity::oidc::{Aller, Oidc, Sortie};
use crate::identity::secret::Secret;
use crate::identity::sessions::Sessions;
use axum::response::Response;
use commands::{Commands, Echec};
use domain::identite::{CleExterne, FournisseurId, MotifDEchec};
use reqwest::Url;
use std::net::IpAddr;
use std::sync::Arc;

/// What is derived from the secret of a browser that has left, for each purpose.
const ETAT: &str = "etat";
const NONCE: &str = "nonce";
const VERIFIER: &str = "pkce";

/// All providers, and what is needed to let people in. Cheap to clone.
#[derive(Clone)]
pub struct Guichets {
    tous: Arc<Vec<Guichet>>,
    sessions: Sessions,
    commands: Commands,
    origin: Arc<str>,
}

/// One of them.
pub struct Guichet {
    fournisseur: Fournisseur,
    retour: Url,
    protocole: Client,
}

enum Client {
    Oidc(Box<Oidc>),
    Cas(Cas),
}

/// What a browser brings back.
pub struct Apporte<'a> {
    /// The secret that it left with.
    pub secret: &'a Secret,
    /// The code, or the ticket.
    pub preuve: &'a str,
    /// The issuer, if the provider says who it is.
    pub iss: Option<&'a str>,
}

/// Somebody for whom a provider vouches, by a key that was read.
pub struct Reconnu {
    /// The key.
    pub cle: CleExterne,
    /// What the provider calls this sign-in.
    pub sid: Option<String>,
    /// What it calls its user.
    pub sub: String,
}

/// Why nobody is recognised.
pub enum Meconnu {
    /// The provider is out of reach: nobody is to blame.
    Absent,
    /// It is to be put on the record.
    Echec(MotifDEchec),
}

impl Meconnu {
    /// Told to who was on the way to the provider.
    pub fn answer(self, guichet: &Guichet) -> Response {
        Refus::Absent(guichet.libelle().to_owned()).answer()
    }
}

impl Guichets {
    /// The counters of these providers.
    pub fn new(
        fournisseurs: Fournisseurs,
        sessions: Sessions,
        commands: Commands,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let Fournisseurs { adresse, tous } = fournisseurs;
        let open = |fournisseur| Guichet::new(fournisseur, &adresse, clock.clone());
        let tous = tous.into_iter().map(open).collect::<Result<_, _>>()?;
        let origin = adresse.origin().ascii_serialization().into();
        Ok(Self { tous: Arc::new(tous), sessions, commands, origin })
    }

    /// What the door needs to know of browsers.
    pub fn sign_in(&self) -> SignIn {
        SignIn { sessions: self.sessions.clone(), origin: self.origin.to_string() }
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(super) fn commands(&self) -> &Commands {
        &self.commands
    }

    pub(super) fn all(&self) -> &[Guichet] {
        &self.tous
    }

    /// The one that there is, where there is one.
    pub(super) fn only(&self) -> Option<&Guichet> {
        match self.tous.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub(super) fn named(&self, nom: &str) -> Option<&Guichet> {
        self.tous.iter().find(|guichet| guichet.id().as_str() == nom)
    }
}

impl Guichet {
    fn new(fournisseur: Fournisseur, adresse: &Url, clock: Clock) -> Result<Self, reqwest::Error> {
        let mut retour = adresse.clone();
        retour.set_path(&format!("/connexion/{}/retour", fournisseur.id));
        let protocole = match &fournisseur.protocole {
            Protocole::Oidc { emetteur, client_id, secret, scope } => Client::Oidc(Box::new(Oidc::new(
                emetteur.clone(),
                client_id.clone(),
                secret.clone(),
                scope.clone(),
                retour.clone(),
                clock,
            )?)),
            Protocole::Cas { adresse } => Client::Cas(Cas::new(adresse.clone())?),
        };
        Ok(Self { fournisseur, retour, protocole })
    }

    pub fn id(&self) -> &FournisseurId {
        &self.fournisseur.id
    }

    pub fn libelle(&self) -> &str {
        &self.fournisseur.libelle
    }

    /// Where its failures are kept.
    pub fn echec(&self, motif: MotifDEchec, adresse: Option<IpAddr>) -> Echec {
        let (fournisseur, portail) = (self.id().clone(), self.fournisseur.portail.clone());
        Echec { fournisseur, portail, motif, adresse }
    }

    /// Where a browser with this secret is sent.
    pub async fn aller(&self, secret: &Secret) -> Result<Url, Meconnu> {
        match &self.protocole {
            Client::Cas(cas) => Ok(cas.aller(&self.retour_of(secret))),
            Client::Oidc(oidc) => {
                let (etat, nonce, verifier) = derived(secret);
                let aller = Aller { etat: &etat, nonce: &nonce, verifier: &verifier };
                oidc.aller(aller).await.map_err(|error| {
                    tracing::warn!(fournisseur = %self.id(), error = &error as &dyn std::error::Error, "a provider is out of reach");
                    Meconnu::Absent
                })
            }
        }
    }

    /// Who came back.
    pub async fn reconnaitre(&self, apporte: Apporte<'_>) -> Result<Reconnu, Meconnu> {
        let (sid, sub, said) = match &self.protocole {
            Client::Cas(cas) => {
                let retour = self.retour_of(apporte.secret);
                let reponse = cas.retour(apporte.preuve, &retour).await;
                let reponse = reponse.map_err(|error| self.refused(&error, error.is_away()))?;
                // A notice of logout names the ticket (CAS Protocol 3.0.3, §2.3.3).
                (Some(apporte.preuve.to_owned()), reponse.user, reponse.said)
            }
            Client::Oidc(oidc) => {
                let (etat, nonce, verifier) = derived(apporte.secret);
                let aller = Aller { etat: &etat, nonce: &nonce, verifier: &verifier };
                let wanted = self.fournisseur.wanted();
                let vouched = oidc.retour(apporte.preuve, apporte.iss, aller, wanted).await;
                let vouched = vouched.map_err(|error| self.refused(&error, error.is_away()))?;
                (vouched.sid, vouched.sub, vouched.said)
            }
        };
        match self.fournisseur.cle(&said) {
            Ok(cle) => Ok(Reconnu { cle, sid, sub }),
            Err(SansCle::Illisible) => Err(Meconnu::Echec(MotifDEchec::CleIllisible)),
            Err(SansCle::Plusieurs) => Err(Meconnu::Echec(MotifDEchec::IdentiteAmbigue)),
        }
    }

    /// The server of an OIDC provider, for its notices.
    pub fn oidc(&self) -> Option<&Oidc> {
        match &self.protocole {
            Client::Oidc(oidc) => Some(oidc),
            Client::Cas(_) => None,
        }
    }

    fn refused(&self, error: &(dyn std::error::Error + 'static), away: bool) -> Meconnu {
        tracing::warn!(fournisseur = %self.id(), error, "a sign-in was not vouched for");
        if away { Meconnu::Absent } else { Meconnu::Echec(MotifDEchec::ReponseRefusee) }
    }

    /// CAS has no state of its own: it is in the address that the ticket is for.
    fn retour_of(&self, secret: &Secret) -> Url {
        let mut retour = self.retour.clone();
        retour.query_pairs_mut().append_pair("state", &secret.derived(ETAT));
        retour
    }
}

/// Whether what came back is what this browser left with.
pub fn is_of(secret: &Secret, etat: &str) -> bool {
    // Digests of a secret that who guesses does not have: nothing is learnt from how long it takes.
    secret.derived(ETAT) == etat
}

fn derived(secret: &Secret) -> (String, String, String) {
    (secret.derived(ETAT), secret.derived(NONCE), secret.derived(VERIFIER))
}

/// What a provider says of who signed out there.
pub enum Avis {
    /// By a logout token.
    Jeton(Sortie),
    /// By the ticket of the sign-in.
    Ticket(String),
}
