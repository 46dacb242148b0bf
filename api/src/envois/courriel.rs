//! Mail: to a relay by SMTP, or into a folder where nobody should be written to (demo, trials).

use super::{Message, Passeur, Refus};
use anyhow::Context;
use async_trait::async_trait;
use domain::notifications::{Canal, Echec};
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

/// For a relay to answer.
const PATIENCE: Duration = Duration::from_secs(30);

enum Relais {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Dossier(AsyncFileTransport<Tokio1Executor>),
}

/// See the module.
pub struct Courriels {
    relais: Relais,
    expediteur: Address,
    retours: Option<Address>,
    base: String,
}

impl Courriels {
    /// By the relay at a URL: `smtp://`, `smtps://`, or `file://` for a folder.
    pub fn par(relais: &SecretString, expediteur: &str, base: &str) -> anyhow::Result<Self> {
        let url = relais.expose_secret();
        let relais = match url.strip_prefix("file://") {
            Some(folder) => {
                let folder = PathBuf::from(folder);
                std::fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
                Relais::Dossier(AsyncFileTransport::new(folder))
            }
            // Its reason might quote the password.
            None => Relais::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|_| anyhow::anyhow!("relais is no URL like smtps://user:password@host:465"))?
                    .timeout(Some(PATIENCE))
                    .build(),
            ),
        };
        let expediteur = expediteur.parse().with_context(|| format!("expediteur {expediteur:?}"))?;
        Ok(Self { relais, expediteur, retours: None, base: base.to_owned() })
    }

    /// The same; reports of what came back go to this mailbox, each under an address of its message's.
    pub fn revenant_a(self, retours: &str) -> anyhow::Result<Self> {
        let address = retours.parse().with_context(|| format!("retours {retours:?}"))?;
        Ok(Self { retours: Some(address), ..self })
    }

    /// The return path of a message (RFC 5233: a tag after a plus sign); without a mailbox for reports,
    /// who sends.
    fn retour(&self, message: &Message) -> Option<Address> {
        match &self.retours {
            Some(retours) => {
                Address::new(format!("{}+{}", retours.user(), message.id), retours.domain()).ok()
            }
            None => Some(self.expediteur.clone()),
        }
    }

    /// A mail that no machine should answer (RFC 3834, §5).
    fn mail(&self, message: &Message) -> Option<lettre::Message> {
        let to: Address = message.adresse.parse().ok()?;
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let envelope = Envelope::new(Some(self.retour(message)?), vec![to.clone()]).ok()?;
        let from = Mailbox::new(Some(message.expediteur.clone()), self.expediteur.clone());
        MessageBuilder::new()
            .envelope(envelope)
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(&message.objet)
            .message_id(Some(format!("<{}@{}>", message.id, self.base)))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(message.texte.clone())
            .ok()
    }
}

#[async_trait]
impl Passeur for Courriels {
    fn canal(&self) -> Canal {
        Canal::Courriel
    }

    async fn remettre(&self, message: &Message) -> Result<(), Refus> {
        let mail = self.mail(message).ok_or(Refus::Message(Echec::AdresseRefusee))?;
        match &self.relais {
            Relais::Smtp(relais) => relais.send(mail).await.map(drop).map_err(refus),
            Relais::Dossier(folder) => {
                folder.send(mail).await.map(drop).map_err(|error| Refus::Passeur(error.into()))
            }
        }
    }
}

/// What a relay's answer is about (RFC 5321, §4.2): the mailbox, or the relay and us. Only what is
/// said of a mailbox or of the message counts against an envoi: a relay that is full, that we may
/// not use or that speaks otherwise than it should is the operator's to mend.
fn refus(error: lettre::transport::smtp::Error) -> Refus {
    let Some(code) = error.status() else { return Refus::Passeur(error.into()) };
    let about_mail = matches!(code.category, Category::MailSystem | Category::Unspecified4);
    match code.severity {
        Severity::TransientNegativeCompletion if about_mail => Refus::Message(Echec::RefusPassager),
        // 552: the mailbox is full today.
        Severity::PermanentNegativeCompletion if u16::from(code) == 552 => {
            Refus::Message(Echec::RefusPassager)
        }
        Severity::PermanentNegativeCompletion if about_mail => Refus::Message(pour_toujours(&error)),
        _ => Refus::Passeur(error.into()),
    }
}

/// A relay that says more than a code begins its sentence with a status code (RFC 2034, §4).
fn pour_toujours(error: &lettre::transport::smtp::Error) -> Echec {
    let said = error.source().map(|source| source.to_string()).unwrap_or_default();
    match said.split_whitespace().next() {
        Some(statut) if statut.starts_with("5.") => Echec::selon(statut),
        Some(_) | None => Echec::AdresseRefusee,
    }
}
