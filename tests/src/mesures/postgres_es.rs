//! Plain cqrs-es over postgres-es: the same aggregate, the same payloads, its own table as
//! it publishes it, its default pool.

use super::ground::{Place, pool};
use super::rolls::{ROLLS, history};
use crate::acts;
use anyhow::{Result, anyhow};
use commands::cqrs::Cqrs;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{CqrsFramework, DomainEvent};
use domain::absences::{Appel, AppelCommand};
use domain::{Aggregate, AppelId};
use postgres_es::{PostgresEventRepository, postgres_cqrs};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::HashMap;
use std::sync::Arc;

/// Sessions of `postgres_es::default_postgress_pool`.
const SESSIONS: u32 = 10;

/// `db/init.sql` of postgres-es 0.5.
const TABLE: &str = "CREATE TABLE events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL,
    sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL, event_version text NOT NULL,
    payload json NOT NULL, metadata json NOT NULL, PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

type Framework = CqrsFramework<Cqrs<Appel>, PersistedEventStore<PostgresEventRepository, Cqrs<Appel>>>;

/// See the module.
#[derive(Clone)]
pub struct PostgresEs {
    framework: Arc<Framework>,
    /// Who acts and on what authority: what an application must keep of each event.
    metadata: Arc<HashMap<String, String>>,
}

impl PostgresEs {
    /// Makes the table of an empty database, with the histories if they are wanted.
    pub async fn create(place: &Place, with_histories: bool) -> Result<()> {
        let owner = pool(&place.owner, 1);
        sqlx::raw_sql(TABLE).execute(&owner).await?;
        if with_histories {
            fill(&owner).await?;
        }
        owner.close().await;
        Ok(())
    }

    /// Opens it; `tested` as sqlx does by default: a session is tested each time it is
    /// taken from the pool, which is a round trip.
    pub async fn open(place: &Place, tested: bool) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(SESSIONS).test_before_acquire(tested);
        let pool = pool.connect_with(place.owner.clone()).await?;
        Ok(Self { framework: Arc::new(postgres_cqrs(pool, vec![], ())), metadata: Arc::new(metadata()?) })
    }

    /// One command.
    pub async fn tell(&self, id: AppelId, command: AppelCommand) -> Result<()> {
        let (id, metadata) = (id.to_string(), (*self.metadata).clone());
        let told = self.framework.execute_with_metadata(&id, vec![command], metadata).await;
        told.map_err(|error| anyhow!("{error}"))
    }
}

fn metadata() -> Result<HashMap<String, String>> {
    let context = acts::context(&acts::PORTAIL.parse()?, &[], chrono::DateTime::UNIX_EPOCH);
    let fields = [
        ("portail", context.portail.to_string()),
        ("compte", context.actor.compte.to_string()),
        ("office", context.actor.office),
        ("policies", context.authority.policies.join(" ")),
        ("policy_set", context.authority.policy_set),
        ("command_id", context.command_id.to_string()),
        ("business_date", context.business_date.to_string()),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

async fn fill(owner: &PgPool) -> Result<()> {
    let metadata = serde_json::to_string(&metadata()?)?;
    for roll in 0..ROLLS {
        let (id, events) = history(roll);
        let (mut types, mut payloads) = (Vec::new(), Vec::new());
        for event in events {
            let event = commands::cqrs::CqrsEvent(Some(event));
            types.push(event.event_type());
            payloads.push(serde_json::to_string(&event)?);
        }
        sqlx::query(
            "INSERT INTO events SELECT $1, $2, e.n, e.event_type, '1', e.payload::json, $3::json
             FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS e (event_type, payload, n)",
        )
        .bind(Appel::TYPE)
        .bind(id.to_string())
        .bind(&metadata)
        .bind(types)
        .bind(payloads)
        .execute(owner)
        .await?;
    }
    sqlx::raw_sql("ANALYZE events").execute(owner).await?;
    Ok(())
}
