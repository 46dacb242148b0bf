//! How old what the views show is: for operators, for metrics and for who reads a portal.
//!
//! What is behind is counted in events and in seconds, the age of the oldest event that a
//! view has not read. Only journals that a view is behind on are looked into.

use crate::Projection;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgExecutor, PgPool};
use std::sync::Arc;

/// How a view of this program stands.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ViewState {
    /// Its name.
    pub name: String,
    /// This program's version of it.
    pub version: i32,
    /// The version that lives, if any does yet.
    pub living: Option<i32>,
    /// Events that it has not read.
    pub events_behind: i64,
    /// Age of the oldest of them.
    pub seconds_behind: f64,
    /// Facts set aside.
    pub set_aside: i64,
    /// Version that fills beside it, if one does.
    pub next: Option<i32>,
    /// Events that the next one has read.
    pub next_done: i64,
    /// Events that it reads per second, since whoever fills it now began; none before it has read any.
    pub next_rate: Option<f64>,
    /// Events recorded.
    pub recorded: i64,
}

impl ViewState {
    /// How long the next version will take to have read everything, at its present pace, in seconds.
    pub fn next_seconds_left(&self) -> Option<f64> {
        let left = self.recorded.saturating_sub(self.next_done).max(0);
        self.next_rate.map(|rate| left as f64 / rate)
    }
}

/// How these views stand at an instant, by the clock that dates the record; `portail`
/// narrows what is behind to one portal's journals.
pub async fn states(
    db: impl PgExecutor<'_>,
    views: &[Arc<dyn Projection>],
    portail: Option<&str>,
    now: Option<DateTime<Utc>>,
) -> sqlx::Result<Vec<ViewState>> {
    let names: Vec<_> = views.iter().map(|view| view.name()).collect();
    let versions: Vec<_> = views.iter().map(|view| view.version()).collect();
    sqlx::query_as(
        "SELECT view.name, view.version, living.version AS living,
                coalesce(behind.events, 0)::bigint AS events_behind,
                greatest(coalesce(behind.seconds, 0), 0)::float8 AS seconds_behind,
                (SELECT count(*) FROM projections.set_aside s
                 WHERE s.projection = view.name AND s.version = living.version
                   AND ($3::text IS NULL OR s.portail = $3)) AS set_aside,
                next.version AS next,
                filled.done AS next_done,
                (SELECT (filled.done - p.done) / extract(epoch FROM clock_timestamp() - p.since)
                 FROM prochain.pace p
                 WHERE p.projection = next.projection AND p.done < filled.done
                   AND p.since < clock_timestamp())::float8 AS next_rate,
                coalesce((SELECT sum(j.position) FROM ledger.journal j), 0)::bigint AS recorded
         FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS view (name, version, place)
         LEFT JOIN projections.version living ON living.projection = view.name
         LEFT JOIN prochain.version next ON next.projection = view.name
         CROSS JOIN LATERAL (
             SELECT coalesce(sum(c.position), 0)::bigint AS done
             FROM prochain.checkpoint c WHERE c.projection = view.name
         ) filled
         LEFT JOIN LATERAL (
             SELECT sum(j.position - coalesce(c.position, 0)) AS events,
                    extract(epoch FROM coalesce($4, clock_timestamp()) - min((
                        SELECT (e.metadata ->> 'recorded_at')::timestamptz FROM ledger.events e
                        WHERE e.portail = j.portail AND e.annee = j.annee
                          AND e.position = coalesce(c.position, 0) + 1))) AS seconds
             FROM ledger.journal j
             LEFT JOIN projections.checkpoint c
               ON c.projection = view.name AND c.version = living.version
              AND c.portail = j.portail AND c.annee = j.annee
             WHERE j.position > coalesce(c.position, 0) AND ($3::text IS NULL OR j.portail = $3)
         ) behind ON true
         ORDER BY view.place",
    )
    .bind(names)
    .bind(versions)
    .bind(portail)
    .bind(now)
    .fetch_all(db)
    .await
}

/// Measures how these views stand, by the clock of the database.
pub(crate) async fn measure(pool: &PgPool, views: &[Arc<dyn Projection>]) -> sqlx::Result<()> {
    for state in states(pool, views, None, None).await? {
        let view = state.name;
        metrics::gauge!("projection_lag_events", "projection" => view.clone())
            .set(state.events_behind as f64);
        metrics::gauge!("projection_lag_seconds", "projection" => view.clone()).set(state.seconds_behind);
        metrics::gauge!("projection_set_aside", "projection" => view.clone()).set(state.set_aside as f64);
        let rest = if state.next.is_some() { state.recorded - state.next_done } else { 0 };
        metrics::gauge!("projection_rebuild_rest_events", "projection" => view.clone()).set(rest as f64);
        metrics::gauge!("projection_rebuild_events_per_second", "projection" => view)
            .set(state.next_rate.unwrap_or_default());
    }
    Ok(())
}
