//! The door: the client of EventStoreDB, what it is asked, and what its answers mean.

use super::SuivreFault;
use super::repere::Repere;
use crate::cli;
use crate::obstacle::Obstacle;
use domain::PortailId;
use eventstore::{
    Client, ClientSettings, Credentials, Error, RecordedEvent, StreamPosition, SubscribeToAllOptions,
    SubscribeToStreamOptions, Subscription, SubscriptionEvent, SubscriptionFilter,
};
use ledger::histoire::Rank;
use reqwest::Url;
use std::path::Path;

/// Where an auditor's token is, unless it is in a file.
const TOKEN: &str = "ENT_JETON_AUDITEUR";
/// The port of the protocol, where the address has none.
const PORT: u16 = 2113;
/// The code of gRPC for "no room now", which passes.
const RESOURCE_EXHAUSTED: i32 = 8;

/// A door, and what is asked there.
pub struct Porte {
    /// Whose record.
    pub portail: PortailId,
    settings: ClientSettings,
    credentials: Credentials,
    fil: Option<String>,
    types: Vec<String>,
}

/// What one attempt gives.
pub enum Suite {
    /// Acts will come.
    Open(Box<Abonnement>),
    /// Nobody answers.
    Lost(String),
}

/// A subscription under way.
pub struct Abonnement {
    subscription: Subscription,
    portail: PortailId,
}

/// What the door says next.
pub enum Entendu {
    /// An act.
    Acte(Box<RecordedEvent>),
    /// That it has looked so far and found nothing that was asked.
    Jusque(Repere),
    /// That there is no more for now.
    Present,
    /// What need not be heard.
    Rien,
    /// Nothing any more.
    Perdue(String),
}

impl Porte {
    /// The one that the command line names.
    pub fn of(options: &cli::Suivre) -> Result<Self, Obstacle> {
        let token = token(options.jeton.as_deref(), std::env::var(TOKEN).ok())?;
        // The door takes the reason from where the portal is named: clients send nothing else.
        let user = match &options.motif {
            Some(motif) => format!("{} {motif}", options.portail),
            None => options.portail.to_string(),
        };
        Ok(Self {
            portail: options.portail.clone(),
            settings: settings(&options.porte)?,
            credentials: Credentials::new(user, token),
            fil: options.fil.clone(),
            types: options.types.clone(),
        })
    }

    /// Asks for what follows a reference.
    pub async fn open(&self, after: &Repere) -> Result<Suite, SuivreFault> {
        let client = match Client::new(self.settings.clone()) {
            Ok(client) => client,
            Err(error) => return lost(&error).map(Suite::Lost),
        };
        let subscription = match &self.fil {
            Some(fil) => client.subscribe_to_stream(fil.as_str(), &self.of_stream(after)).await,
            None => client.subscribe_to_all(&self.of_all(after)).await,
        };
        let portail = self.portail.clone();
        Ok(Suite::Open(Box::new(Abonnement { subscription, portail })))
    }

    fn of_stream(&self, after: &Repere) -> SubscribeToStreamOptions {
        // Revisions are from 0, ranks from 1.
        let from = match after {
            Repere::Rang(rang @ 1..) => StreamPosition::Position(rang - 1),
            Repere::Rang(0) | Repere::Debut | Repere::Place(_) => StreamPosition::Start,
        };
        SubscribeToStreamOptions::default().start_from(from).authenticated(self.credentials.clone())
    }

    fn of_all(&self, after: &Repere) -> SubscribeToAllOptions {
        let from = match after {
            Repere::Place(place) => {
                let rank = Rank::at(place).0.unsigned_abs();
                StreamPosition::Position(eventstore::Position { commit: rank, prepare: rank })
            }
            Repere::Debut | Repere::Rang(_) => StreamPosition::Start,
        };
        let options = SubscribeToAllOptions::default().position(from).authenticated(self.credentials.clone());
        if self.types.is_empty() {
            return options;
        }
        let filter = SubscriptionFilter::on_event_type();
        options.filter(self.types.iter().fold(filter, |filter, prefix| filter.add_prefix(prefix)))
    }

    /// How far an act brings who has read it.
    pub fn repere(&self, recu: &RecordedEvent) -> Repere {
        match self.fil {
            Some(_) => Repere::Rang(recu.revision.saturating_add(1)),
            None => reached(recu.position.commit, &self.portail),
        }
    }
}

impl Abonnement {
    /// What comes next.
    pub async fn next(&mut self) -> Result<Entendu, SuivreFault> {
        Ok(match self.subscription.next_subscription_event().await {
            Ok(SubscriptionEvent::EventAppeared(event)) => match event.event {
                Some(recu) => Entendu::Acte(Box::new(recu)),
                None => Entendu::Rien,
            },
            Ok(SubscriptionEvent::Checkpoint(position)) => {
                Entendu::Jusque(reached(position.commit, &self.portail))
            }
            Ok(SubscriptionEvent::CaughtUp) => Entendu::Present,
            Ok(_) => Entendu::Rien,
            Err(error) => Entendu::Perdue(lost(&error)?),
        })
    }
}

fn reached(commit: u64, portail: &PortailId) -> Repere {
    let place = i64::try_from(commit).ok().and_then(|rank| Rank(rank).place(portail));
    place.map_or(Repere::Debut, Repere::Place)
}

/// What to say of a failure that passes; one that does not is a fault.
fn lost(error: &Error) -> Result<String, SuivreFault> {
    match error {
        Error::AccessDenied => Err(SuivreFault::Refused),
        Error::UnsupportedFeature => Err(SuivreFault::Denied("elle ne parle pas ce protocole".to_owned())),
        Error::Grpc { code, message } if i32::from(*code) != RESOURCE_EXHAUSTED => {
            Err(SuivreFault::Denied(crate::raconter::calm(message)))
        }
        Error::Grpc { .. } => Ok("la porte n'a plus de place".to_owned()),
        Error::ServerError(_) => Ok("la plateforme ne répond plus".to_owned()),
        _ => Ok("personne ne répond".to_owned()),
    }
}

/// The settings of the client for an address. An address with a password in it is refused: the
/// command line is read by others.
fn settings(url: &Url) -> Result<ClientSettings, SuivreFault> {
    let none = || {
        let mut shown = url.clone();
        // An address that can have no user has none to hide.
        let _ = shown.set_password(None);
        SuivreFault::Address(shown.to_string())
    };
    let tls = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(none()),
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let host = url.host_str().filter(|_| bare && url.path() == "/").ok_or_else(none)?;
    let port = url.port().unwrap_or(if tls { 443 } else { PORT });
    format!("esdb://{host}:{port}?tls={tls}").parse().map_err(|_| none())
}

fn token(path: Option<&Path>, environment: Option<String>) -> Result<String, Obstacle> {
    let token = match path {
        Some(path) => std::fs::read_to_string(path).map_err(|error| super::file(path, error))?,
        None => environment.unwrap_or_default(),
    };
    match token.trim() {
        "" => Err(SuivreFault::NoToken.into()),
        token => Ok(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whether_the_door_is_behind_tls() {
        let secure = |url: &str| settings(&url.parse().unwrap()).unwrap().is_secure_mode_enabled();
        assert!(secure("https://journal.ent.exemple.fr"));
        assert!(!secure("http://127.0.0.1:2113"));
        assert!(!secure("http://[::1]"));
    }

    #[test]
    fn an_address_with_a_password_is_refused_and_not_repeated() {
        for url in ["https://a:secret@h/", "https://h/?x=1", "https://h/flux", "esdb://h:2113", "mailto:a@b"]
        {
            let fault = settings(&url.parse().unwrap()).unwrap_err();
            assert!(!fault.to_string().contains("secret"), "{fault}");
        }
    }

    #[test]
    fn a_token_comes_from_a_file_or_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jeton");
        std::fs::write(&path, "a.b.c\n").unwrap();
        assert_eq!(token(Some(&path), None).unwrap(), "a.b.c");
        assert_eq!(token(None, Some("d.e.f".to_owned())).unwrap(), "d.e.f");
        assert!(token(None, Some(" ".to_owned())).is_err());
    }
}
