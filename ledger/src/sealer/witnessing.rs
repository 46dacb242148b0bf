//! Our checkpoints under the eyes of witnesses: each is shown the newest checkpoint of every
//! log, with the proof that it extends the one that it saw, and what it signs is kept.
//!
//! Sealing never waits for it: a witness that sleeps is behind, and nothing else.

use super::Sealer;
use super::checkpoints::{Sealed, latest};
use super::log::Log;
use super::store::TileFault;
use crate::feed::Journal;
use crate::tlog::addition::Addition;
use crate::tlog::cosignature::WitnessVerifier;
use crate::tlog::note::NoteFault;
use crate::tlog::policy::Policy;
use crate::tlog::proof::{self, ProofFault};
use chrono::DateTime;
use domain::AnneeScolaire;
use sqlx::{PgConnection, PgExecutor};
use std::fmt::Display;
use std::future::Future;

/// What a witness answers (C2SP tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: the lines that it signed.
    Cosigned(String),
    /// 409: it saw so many leaves.
    Saw(u64),
    /// 422: it does not take our proof.
    Inconsistent,
    /// It does not want to: unknown log, unknown key, a fault of its own.
    Refused(u16),
}

/// Why a checkpoint is not cosigned. That of a witness which saw another history is for a
/// person, at once.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// The database.
    #[error("the database cannot tell")]
    Database(#[from] sqlx::Error),
    /// The tiles.
    #[error("the tiles do not give the proof")]
    Tiles(#[from] ProofFault<TileFault>),
    /// It was not reached.
    #[error("the witness cannot be reached: {0}")]
    Unreached(String),
    /// It refused.
    #[error("the witness refused (HTTP {0})")]
    Refused(u16),
    /// It signed something else.
    #[error("what the witness signed is not its cosignature of this checkpoint")]
    Cosignature(#[source] NoteFault),
    /// It says that it saw more than there is.
    #[error("the witness saw {saw} leaves of {log}, which has {size}: the record was set back, or rewritten")]
    Ahead {
        /// Of which log.
        log: String,
        /// What it saw.
        saw: u64,
        /// What there is.
        size: u64,
    },
    /// It saw another tree.
    #[error("the witness saw another history of {0}")]
    Fork(String),
}

impl WitnessFault {
    /// Whether the record, and not a machine or a line, is in question.
    pub fn is_grave(&self) -> bool {
        matches!(self, Self::Ahead { .. } | Self::Fork(_))
    }

    /// Whether it would be met with every other log too.
    fn is_of_every_log(&self) -> bool {
        matches!(self, Self::Database(_) | Self::Unreached(_))
    }
}

/// A log that a witness does not cosign, though it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwitnessed {
    /// Its name.
    pub witness: String,
    /// Which log.
    pub log: Log,
    /// It saw another history of it: the record is in question, and not a machine or a line.
    pub contradicted: bool,
}

/// Whose newest checkpoint this witness has not cosigned.
async fn uncosigned(db: impl PgExecutor<'_>, witness: &str) -> Result<Vec<Log>, sqlx::Error> {
    let rows: Vec<(String, i16)> = sqlx::query_as(
        "SELECT l.portail, l.annee
         FROM (SELECT portail, annee FROM ledger.journal UNION ALL SELECT '', 0::smallint) l
         CROSS JOIN LATERAL (
             SELECT c.size FROM ledger.checkpoints c WHERE (c.portail, c.annee) = (l.portail, l.annee)
             ORDER BY c.size DESC LIMIT 1) last
         WHERE NOT EXISTS (
             SELECT FROM ledger.cosignatures w
             WHERE (w.portail, w.annee, w.size, w.witness) = (l.portail, l.annee, last.size, $1))
         ORDER BY l.portail, l.annee",
    )
    .bind(witness)
    .fetch_all(db)
    .await?;
    let log = |(portail, annee): (String, i16)| match portail.as_str() {
        "" => Some(Log::Meta),
        name => Some(Log::Journal(Journal { portail: name.parse().ok()?, annee: AnneeScolaire(annee) })),
    };
    Ok(rows.into_iter().filter_map(log).collect())
}

/// The last checkpoint of a log with all that witnesses signed under it.
pub async fn published(connection: &mut PgConnection, log: &Log) -> Result<Option<Sealed>, sqlx::Error> {
    let Some(mut sealed) = latest(&mut *connection, log).await? else { return Ok(None) };
    let lines: Vec<String> = sqlx::query_scalar(
        "SELECT line FROM ledger.cosignatures WHERE portail = $1 AND annee = $2 AND size = $3 ORDER BY witness",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(sealed.size)
    .fetch_all(connection)
    .await?;
    sealed.note.push_str(&lines.concat());
    Ok(Some(sealed))
}

impl Sealer {
    /// The newest checkpoint of a log, with the cosignatures that it has.
    pub async fn published(&self, log: impl Into<Log>) -> Result<Option<Sealed>, sqlx::Error> {
        published(&mut *self.pool.acquire().await?, &log.into()).await
    }

    /// Shows this witness every checkpoint that it has not cosigned; gives what went wrong, and
    /// with which log where not with all. A log that it does not take holds back no other one.
    pub async fn show<A, F, E>(
        &self,
        name: &str,
        witness: &WitnessVerifier,
        ask: A,
    ) -> Vec<(Option<Log>, WitnessFault)>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<Answer, E>>,
        E: Display,
    {
        self.show_of(name, witness, |_| true, ask).await
    }

    /// The same, of those logs alone whose time it is.
    pub async fn show_of<A, F, E>(
        &self,
        name: &str,
        witness: &WitnessVerifier,
        is_due: impl Fn(&Log) -> bool,
        ask: A,
    ) -> Vec<(Option<Log>, WitnessFault)>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<Answer, E>>,
        E: Display,
    {
        let mut faults = Vec::new();
        match uncosigned(&self.pool, name).await {
            Ok(logs) => {
                for log in logs.into_iter().filter(is_due) {
                    let Err(fault) = self.show_one(&log, name, witness, &ask).await else { continue };
                    if fault.is_of_every_log() {
                        faults.push((None, fault));
                        break;
                    }
                    faults.push((Some(log), fault));
                }
            }
            Err(error) => faults.push((None, error.into())),
        }
        faults
    }

    async fn show_one<A, F, E>(
        &self,
        log: &Log,
        name: &str,
        witness: &WitnessVerifier,
        ask: &A,
    ) -> Result<(), WitnessFault>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<Answer, E>>,
        E: Display,
    {
        let Some(sealed) = latest(&self.pool, log).await? else { return Ok(()) };
        let line = self.cosigned_by(log, &sealed, name, ask).await?;
        let signed = format!("{}{line}", sealed.note);
        let at = witness.cosigned_at(&signed).map_err(WitnessFault::Cosignature)?;
        self.keep_cosignature(log, sealed.size, name, &line, at).await
    }

    async fn cosigned_by<A, F, E>(
        &self,
        log: &Log,
        sealed: &Sealed,
        name: &str,
        ask: &A,
    ) -> Result<String, WitnessFault>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<Answer, E>>,
        E: Display,
    {
        let (size, mut old) = (sealed.size.unsigned_abs(), self.seen(log, name).await?);
        // It may have seen a checkpoint whose cosignature was lost on the way: it says so once.
        for first in [true, false] {
            let addition = self.addition(log, sealed, old).await?;
            let answer = ask(addition.to_string()).await;
            match answer.map_err(|error| WitnessFault::Unreached(error.to_string()))? {
                Answer::Cosigned(line) => return Ok(line),
                Answer::Saw(saw) if saw > size => {
                    return Err(WitnessFault::Ahead { log: log.to_string(), saw, size });
                }
                Answer::Saw(saw) if first && saw != old => old = saw,
                Answer::Saw(_) | Answer::Inconsistent => return Err(WitnessFault::Fork(log.to_string())),
                Answer::Refused(status) => return Err(WitnessFault::Refused(status)),
            }
        }
        Err(WitnessFault::Fork(log.to_string()))
    }

    /// What is asked of a witness that saw `old` leaves.
    async fn addition(&self, log: &Log, sealed: &Sealed, old: u64) -> Result<Addition, WitnessFault> {
        let size = sealed.size.unsigned_abs();
        let tiles = self.tiles.of(log);
        let proof = if old == size { Vec::new() } else { proof::consistency(&tiles, size, old).await? };
        Ok(Addition { old, proof, checkpoint: sealed.note.clone() })
    }

    /// How many leaves a witness has seen, as far as we know.
    async fn seen(&self, log: &Log, name: &str) -> Result<u64, sqlx::Error> {
        let seen: Option<i64> = sqlx::query_scalar(
            "SELECT max(size) FROM ledger.cosignatures WHERE witness = $1 AND portail = $2 AND annee = $3",
        )
        .bind(name)
        .bind(log.key().0)
        .bind(log.key().1)
        .fetch_one(&self.pool)
        .await?;
        Ok(seen.unwrap_or_default().unsigned_abs())
    }

    async fn keep_cosignature(
        &self,
        log: &Log,
        size: i64,
        name: &str,
        line: &str,
        at: u64,
    ) -> Result<(), WitnessFault> {
        let at = i64::try_from(at).ok().and_then(|at| DateTime::from_timestamp(at, 0));
        let at = at.ok_or(WitnessFault::Cosignature(NoteFault::Malformed))?;
        sqlx::query(
            "INSERT INTO ledger.cosignatures (portail, annee, size, witness, line, cosigned_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(log.key().0)
        .bind(log.key().1)
        .bind(size)
        .bind(name)
        .bind(line)
        .bind(at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes what there is to say of witnesses, for who asks how the platform is, and of which
    /// logs, for who asks how one of them does.
    pub fn tell_of_witnesses(&self, said: Vec<String>, unwitnessed: Vec<Unwitnessed>) {
        let mut board = self.board.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (board.witnesses, board.unwitnessed) = (said, unwitnessed);
    }

    /// Whether the newest checkpoint of the meta-journal has the cosignatures that a policy
    /// asks for; true while there is none.
    pub async fn quorum(&self, policy: &Policy) -> Result<bool, sqlx::Error> {
        let published = self.published(Log::Meta).await?;
        Ok(published.is_none_or(|sealed| policy.reached(&sealed.note)))
    }
}
