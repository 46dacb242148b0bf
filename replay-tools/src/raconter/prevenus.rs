//! Who was told of what is told, by which way and when: an announcement has its envois, streams of
//! their own. Each begins with an act whose envelope names the act that it announces, in whose journal
//! or in a later year's it is: those of other portals are not searched, for there are millions.

use crate::obstacle::Obstacle;
use domain::Aggregate;
use domain::notifications::Envoi;
use ledger::envelope::Stream;
use ledger::feed::{Fact, facts_of};
use ledger::keys::KeyRing;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The lives of the envois by which somebody was told of these facts, or by which it is said that
/// nobody was.
pub async fn envois(
    connection: &mut PgConnection,
    keys: &KeyRing,
    facts: &[Fact],
) -> Result<Vec<Fact>, Obstacle> {
    let announced: Vec<_> = facts.iter().map(|fact| fact.envelope.event_id.to_string()).collect();
    let portails: BTreeSet<_> = facts.iter().map(|fact| fact.position.portail.to_string()).collect();
    let annee = facts.iter().map(|fact| fact.position.annee.0).min();
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT aggregate_id FROM ledger.events
         WHERE portail = ANY ($3) AND annee >= $4 AND aggregate_type = $1 AND metadata ->> 'cause' = ANY ($2)",
    )
    .bind(Envoi::TYPE)
    .bind(announced)
    .bind(portails.into_iter().collect::<Vec<_>>())
    .bind(annee)
    .fetch_all(&mut *connection)
    .await?;
    let streams: Vec<_> = ids.into_iter().map(|id| Stream { kind: Envoi::TYPE.to_owned(), id }).collect();
    Ok(facts_of(connection, keys, &streams).await?)
}
