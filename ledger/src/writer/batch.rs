//! One call of `ledger.append`: the batch as columns, the verdicts as answers.

use super::Answer;
use crate::envelope::leaf_hash;
use crate::erasure::is_sealed_under_nothing;
use crate::unit::{AppendError, Position, Recorded, SealedUnit};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{AnneeScolaire, CommandeId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// How far a clock may be behind the record before the log says so.
const LAG_WORTH_A_WORD: TimeDelta = TimeDelta::seconds(1);

/// Why a whole batch has no verdicts.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The database cannot be reached, or asks to try again.
    #[error("{0}")]
    Away(sqlx::Error),
    /// The database refuses the batch as it is.
    #[error("{0}")]
    Refused(sqlx::Error),
}

impl From<sqlx::Error> for BatchError {
    fn from(error: sqlx::Error) -> Self {
        if crate::is_away(&error) { Self::Away(error) } else { Self::Refused(error) }
    }
}

impl From<BatchError> for AppendError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Away(_) => Self::Unavailable,
            BatchError::Refused(error) if is_sealed_under_nothing(&error) => Self::KeyDestroyed,
            BatchError::Refused(error) => Self::Fault(error.to_string()),
        }
    }
}

#[derive(Default)]
struct Columns<'a> {
    command: Vec<Uuid>,
    digest: Vec<&'a [u8]>,
    portail: Vec<&'a str>,
    unit: Vec<i32>,
    kind: Vec<&'a str>,
    id: Vec<&'a str>,
    sequence: Vec<i64>,
    name: Vec<&'a str>,
    version: Vec<String>,
    payload: Vec<&'a str>,
    metadata: Vec<String>,
    key: Vec<Uuid>,
    leaf: Vec<Vec<u8>>,
    standing_unit: Vec<i32>,
    standing_kind: Vec<&'a str>,
    standing_id: Vec<&'a str>,
    standing_heard: Vec<i64>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, unit: &'a SealedUnit, at: DateTime<Utc>) -> Result<(), AppendError> {
        let leaves = unit.events.iter().map(|event| event.leaf(at)).collect::<Result<Vec<_>, _>>()?;
        self.command.push(unit.context.command_id.0);
        self.digest.push(&unit.digest);
        self.portail.push(unit.context.portail.as_str());
        // SQL counts units from 1.
        let number = i32::try_from(self.command.len()).map_err(|e| AppendError::Fault(e.to_string()))?;
        for (event, metadata) in unit.events.iter().zip(leaves) {
            self.unit.push(number);
            self.kind.push(&event.stream.kind);
            self.id.push(&event.stream.id);
            self.sequence.push(i64::try_from(event.sequence).map_err(|e| AppendError::Fault(e.to_string()))?);
            self.name.push(event.name);
            self.version.push(event.version.to_string());
            self.payload.push(&event.payload);
            self.leaf.push(leaf_hash(metadata.as_bytes()).to_vec());
            self.metadata.push(metadata);
            self.key.push(event.key_id.0);
        }
        for (stream, heard) in &unit.unmoved {
            self.standing_unit.push(number);
            self.standing_kind.push(&stream.kind);
            self.standing_id.push(&stream.id);
            self.standing_heard.push(i64::try_from(*heard).map_err(|e| AppendError::Fault(e.to_string()))?);
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Verdict {
    verdict: String,
    first_position: Option<i64>,
    last_position: Option<i64>,
    annee: i16,
}

/// Appends the units in one transaction; one answer each, in their order. Those whose
/// portal has recorded a later instant than `at` are dated again with that one, while
/// nobody else can write there: a clock that lags or jumps back costs round trips only.
pub async fn append(
    pool: &PgPool,
    units: &[&SealedUnit],
    at: DateTime<Utc>,
) -> Result<Vec<Answer>, BatchError> {
    let answers = append_dated(pool, units, at).await?;
    let behind = units.iter().zip(&answers).filter(|(_, answer)| answer.is_none());
    let behind: Vec<_> = behind.map(|(unit, _)| *unit).collect();
    let mut dated_again = Vec::new();
    if !behind.is_empty() {
        dated_again = append_after_the_last(pool, &behind, at).await?;
    }
    let mut dated_again = dated_again.into_iter();
    let missing = || Err(AppendError::Fault("a verdict is missing".into()));
    let answer = |answer: Option<Answer>| answer.or_else(|| dated_again.next()).unwrap_or_else(missing);
    Ok(answers.into_iter().map(answer).collect())
}

async fn append_after_the_last(
    pool: &PgPool,
    units: &[&SealedUnit],
    at: DateTime<Utc>,
) -> Result<Vec<Answer>, BatchError> {
    let portails: Vec<_> = units.iter().map(|unit| unit.context.portail.as_str()).collect();
    let mut tx = pool.begin().await?;
    let last: Option<DateTime<Utc>> =
        sqlx::query_scalar("SELECT ledger.hold($1)").bind(portails).fetch_one(&mut *tx).await?;
    let last = last.unwrap_or(at).max(at);
    metrics::counter!("ledger_units_dated_again_total").increment(units.len() as u64);
    if last - at > LAG_WORTH_A_WORD {
        tracing::warn!(lag = %(last - at), "the clock is behind the record: its last instant is used");
    }
    let answers = append_dated(&mut *tx, units, last).await?;
    tx.commit().await?;
    let fault = || Err(AppendError::Fault("behind its own portal, which is held".into()));
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(fault)).collect())
}

/// Appends one unit in a transaction that holds its portal and goes on after.
pub async fn append_in(
    tx: &mut PgConnection,
    unit: &SealedUnit,
    at: DateTime<Utc>,
) -> Result<Recorded, AppendError> {
    let fault = || AppendError::Fault("behind its own portal, which is held".into());
    append_dated(tx, &[unit], at).await?.pop().flatten().ok_or_else(fault)?
}

/// One call. `None` is for a unit whose portal has recorded a later instant.
async fn append_dated(
    executor: impl PgExecutor<'_>,
    units: &[&SealedUnit],
    at: DateTime<Utc>,
) -> Result<Vec<Option<Answer>>, BatchError> {
    let mut columns = Columns::default();
    let placed: Vec<_> = units.iter().map(|unit| columns.push(unit, at)).collect();
    let verdicts: Vec<Verdict> = sqlx::query_as(
        "SELECT verdict, first_position, last_position, annee
         FROM ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                            $16, $17, $18, $19) ORDER BY unit",
    )
    .bind(at)
    .bind(AnneeScolaire::at(at).0)
    .bind(&columns.command)
    .bind(&columns.digest)
    .bind(&columns.portail)
    .bind(&columns.unit)
    .bind(&columns.kind)
    .bind(&columns.id)
    .bind(&columns.sequence)
    .bind(&columns.name)
    .bind(&columns.version)
    .bind(&columns.payload)
    .bind(&columns.metadata)
    .bind(&columns.key)
    .bind(&columns.leaf)
    .bind(&columns.standing_unit)
    .bind(&columns.standing_kind)
    .bind(&columns.standing_id)
    .bind(&columns.standing_heard)
    .fetch_all(executor)
    .await?;
    let mut verdicts = verdicts.into_iter();
    let answers = units.iter().zip(placed).map(|(unit, placed)| {
        if let Err(unfit) = placed {
            return Some(Err(unfit)); // it was not asked about
        }
        match verdicts.next() {
            Some(verdict) if verdict.verdict == "behind" => None,
            Some(verdict) => Some(answer(unit, verdict)),
            None => Some(Err(AppendError::Fault("a verdict is missing".into()))),
        }
    });
    Ok(answers.collect())
}

fn answer(unit: &SealedUnit, verdict: Verdict) -> Answer {
    let counted =
        |name: &'static str| metrics::counter!("ledger_units_total", "verdict" => name).increment(1);
    match verdict.verdict.as_str() {
        name @ ("recorded" | "repeated") => {
            let repeated = name == "repeated";
            counted(if repeated { "repeated" } else { "recorded" });
            let position = Position {
                portail: unit.context.portail.clone(),
                annee: AnneeScolaire(verdict.annee),
                position: verdict.last_position.unwrap_or_default(),
            };
            Ok(Recorded { position, first: verdict.first_position.unwrap_or_default(), repeated })
        }
        "conflict" => {
            counted("conflict");
            Err(AppendError::Conflict)
        }
        "other_body" => Err(AppendError::OtherBody),
        other => Err(AppendError::Fault(format!("the portal's journal answers {other}"))),
    }
}

/// The answer that a command id was given before, if it was.
pub async fn answered(
    pool: &PgPool,
    command: CommandeId,
    digest: &[u8],
) -> Result<Option<Recorded>, AppendError> {
    let row: Option<(Vec<u8>, String, i16, i64, i64)> = sqlx::query_as(
        "SELECT digest, portail, annee, first_position, last_position FROM ledger.commands WHERE id = $1",
    )
    .bind(command.0)
    .fetch_optional(pool)
    .await
    .map_err(BatchError::from)?;
    let Some((known, portail, annee, first, last)) = row else { return Ok(None) };
    if known != digest {
        return Err(AppendError::OtherBody);
    }
    let portail = portail.parse().map_err(|error| AppendError::Fault(format!("{error}")))?;
    let position = Position { portail, annee: AnneeScolaire(annee), position: last };
    Ok(Some(Recorded { position, first, repeated: true }))
}
