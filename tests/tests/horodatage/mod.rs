//! Timestamps (RFC 3161): what is believed, and everything near it that is not.

mod chaine;
mod jetons;
mod juge;
mod programme;
mod publies;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use ledger::clock::{Clock, SystemClock};
use ledger::timestamp::fault::Fault;
use ledger::timestamp::query::Query;
use ledger::timestamp::roots::Roots;
use recits::horodateur::Horodateur;
use std::sync::Arc;

/// What is timestamped here.
pub const TEXTE: &[u8] = b"ent.exemple.fr/journal\n6\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
/// Validity of a certificate that is good now.
pub const BON: (&str, &str) = ("20200101000000Z", "20991231235959Z");

/// An authority, and what it answered about the text.
pub struct Essai {
    pub horodateur: Arc<Horodateur>,
    pub roots: Roots,
    pub query: Query<'static>,
    pub asked: Vec<u8>,
    pub answer: Vec<u8>,
}

impl Essai {
    /// With a good answer; none without `openssl`.
    pub fn open() -> Result<Option<Self>> {
        let Some(horodateur) = Horodateur::open()? else { return Ok(None) };
        let roots = Roots::read(&horodateur.roots()?)?;
        let query = Query::new(TEXTE, 0x1234_5678_9abc_def0, None, now());
        let asked = query.to_der()?;
        let answer = horodateur.reply(&asked, "tsa")?;
        Ok(Some(Self { horodateur, roots, query, asked, answer }))
    }

    /// The token of the answer.
    pub fn token(&self) -> Result<Vec<u8>> {
        Ok(self.query.accept(&self.answer, &self.roots, now()).context("not believed")?.0)
    }

    /// What is wrong with an answer.
    pub fn fault(&self, answer: &[u8]) -> Option<Fault> {
        self.query.accept(answer, &self.roots, now()).err()
    }
}

/// `openssl` has no other clock.
pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}
