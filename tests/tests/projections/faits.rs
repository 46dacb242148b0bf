//! A view of rolls that notes which facts it was handed, and fails where a test says so.

use crate::ledger::facts::{appel, ouvert, unit};
use anyhow::Result;
use async_trait::async_trait;
use domain::absences::AppelEvent;
use domain::{Aggregate, absences};
use ledger::envelope::Stream;
use ledger::feed::Fact;
use ledger::unit::Position;
use projections::{Forget, Projection, ProjectionError};
use recits::{Bench, portail};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// How a fact fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Failure {
    /// It does not fit the view.
    Unfit,
    /// The database goes away in the middle of it.
    Away,
}

/// See the module.
#[derive(Default)]
pub struct Faits {
    /// Streams of which the facts after the first fail, and how.
    failing: Mutex<Vec<(Stream, Failure)>>,
}

impl Faits {
    /// Its table, in a bench where there is none yet.
    pub async fn of(bench: &Bench) -> Result<Arc<Self>> {
        sqlx::raw_sql(
            "CREATE SEQUENCE audit.fait_ordre;
             CREATE TABLE audit.fait (ordre bigint DEFAULT nextval('audit.fait_ordre'),
                                      annee smallint, position bigint, flux text);
             GRANT SELECT, INSERT, TRUNCATE ON audit.fait TO ent_app;
             GRANT USAGE ON SEQUENCE audit.fait_ordre TO ent_app",
        )
        .execute(&bench.owner)
        .await?;
        Ok(Arc::default())
    }

    /// From now on facts of this stream after its first fail.
    pub fn fail_on(&self, stream: &Stream, failure: Failure) {
        self.failing.lock().unwrap().push((stream.clone(), failure));
    }

    /// From now on nothing fails.
    pub fn heal(&self) {
        self.failing.lock().unwrap().clear();
    }

    fn failure(&self, fact: &Fact) -> Option<Failure> {
        let failing = self.failing.lock().unwrap();
        let of_stream = failing.iter().find(|(stream, _)| *stream == fact.envelope.stream);
        of_stream.filter(|_| fact.envelope.sequence > 1).map(|(_, failure)| *failure)
    }
}

#[async_trait]
impl Projection for Faits {
    fn name(&self) -> &'static str {
        "audit.faits"
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["fait"]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[absences::Appel::TYPE]
    }

    /// Writes before it fails: what a failed fact wrote must not stay.
    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query("INSERT INTO fait (annee, position, flux) VALUES ($1, $2, $3)")
            .bind(fact.position.annee.0)
            .bind(fact.position.position)
            .bind(&fact.envelope.stream.id)
            .execute(tx)
            .await?;
        match self.failure(fact) {
            None => Ok(()),
            Some(Failure::Unfit) => Err(ProjectionError::Unfit("it does not fit".to_owned())),
            Some(Failure::Away) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }
}

/// Records one event of the roll `name` at `sequence`.
pub async fn call(bench: &Bench, name: &str, sequence: u64) -> Result<Position> {
    let context = bench.context(&portail(recits::PORTAIL), &[name, &sequence.to_string()]);
    let event = if sequence == 1 { ouvert() } else { AppelEvent::AppelClos { absents: 0, retards: 0 } };
    Ok(bench.ledger.append(unit(context, "", [(&appel(name), sequence, event)])).await?.position)
}

/// The positions that were followed, in the order in which they were.
pub async fn followed(bench: &Bench) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar("SELECT position FROM fait ORDER BY ordre").fetch_all(&bench.views).await?)
}

/// The positions that were set aside.
pub async fn set_aside(bench: &Bench) -> Result<BTreeSet<i64>> {
    let positions: Vec<i64> =
        sqlx::query_scalar("SELECT position FROM projections.set_aside").fetch_all(&bench.views).await?;
    Ok(positions.into_iter().collect())
}

/// How far the view says that it has read the one journal.
pub async fn checkpoint(bench: &Bench) -> Result<Option<i64>> {
    let position =
        sqlx::query_scalar("SELECT position FROM projections.checkpoint WHERE projection = 'audit.faits'")
            .fetch_optional(&bench.views)
            .await?;
    Ok(position)
}
