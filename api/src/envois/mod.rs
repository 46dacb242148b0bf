//! Envois: what families are told outside the ENT, handed over to carriers.
//!
//! One process at a time sends, under a lock that the database gives back when it dies. A message
//! leaves before it is recorded that it did: after a crash in between it leaves once more, under
//! the Message-ID that it had, by which a mailbox knows it for the same (RFC 5322, §3.6.4). So
//! nothing is lost, and a double can be told.

mod appareils;
mod config;
mod courriel;
mod distribution;
mod frontiere;
mod message;
pub mod rebonds;
mod sms;
mod vapid;

pub use appareils::{Appareils, est_lisible};
pub use config::Envois;
pub use distribution::Distribution;
pub use message::{Message, lettre};
pub use vapid::Vapid;

use async_trait::async_trait;
use domain::notifications::{Canal, Echec};
use std::sync::Arc;
use std::time::Duration;

/// Why a carrier did not take a message.
#[derive(Debug)]
pub enum Refus {
    /// The message, or its address: what the carrier said of it.
    Message(Echec),
    /// The message, for now: the carrier asks to be left alone with it for so long.
    PlusTard(Duration),
    /// The carrier itself cannot be reached or will not deal with us: no message is to blame.
    Passeur(anyhow::Error),
}

/// A carrier: what takes a message and brings it to somebody.
#[async_trait]
pub trait Passeur: Send + Sync {
    /// The way that it goes.
    fn canal(&self) -> Canal;

    /// The key by which a browser knows who may write to it; none of what goes to no browser.
    fn cle(&self) -> Option<&str> {
        None
    }

    /// Hands a message over.
    async fn remettre(&self, message: &Message) -> Result<(), Refus>;
}

/// The carriers that are configured, and where their messages lead.
#[derive(Clone)]
pub struct Expedition {
    passeurs: Arc<Vec<Box<dyn Passeur>>>,
    base: Arc<str>,
}

impl Expedition {
    /// By these carriers, for the ENT at this domain.
    pub fn new(passeurs: Vec<Box<dyn Passeur>>, base: &str) -> Self {
        Self { passeurs: Arc::new(passeurs), base: base.into() }
    }

    /// The domain of the ENT.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The ways that are open.
    pub fn canaux(&self) -> Vec<Canal> {
        self.passeurs.iter().map(|passeur| passeur.canal()).collect()
    }

    /// The carrier that goes this way.
    pub fn par(&self, canal: Canal) -> Option<&dyn Passeur> {
        self.passeurs.iter().find(|passeur| passeur.canal() == canal).map(|passeur| &**passeur)
    }
}
