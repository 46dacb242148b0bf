//! Who was told of what is told, by which way and when: an announcement has its envois, streams of
//! their own. Each begins with an act whose envelope names the act that it announces.

use crate::obstacle::Obstacle;
use domain::Aggregate;
use domain::notifications::Envoi;
use ledger::envelope::Stream;
use ledger::feed::{Fact, facts_of};
use ledger::keys::KeyRing;
use sqlx::PgConnection;

/// The lives of the envois by which somebody was told of these facts, or by which it is said that
/// nobody was.
pub async fn envois(
    connection: &mut PgConnection,
    keys: &KeyRing,
    facts: &[Fact],
) -> Result<Vec<Fact>, Obstacle> {
    let announced: Vec<_> = facts.iter().map(|fact| fact.envelope.event_id.to_string()).collect();
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT aggregate_id FROM ledger.events
         WHERE aggregate_type = $1 AND metadata ->> 'cause' = ANY ($2)",
    )
    .bind(Envoi::TYPE)
    .bind(announced)
    .fetch_all(&mut *connection)
    .await?;
    let streams: Vec<_> = ids.into_iter().map(|id| Stream { kind: Envoi::TYPE.to_owned(), id }).collect();
    Ok(facts_of(connection, keys, &streams).await?)
}
