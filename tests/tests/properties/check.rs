//! What must hold of the record and of the views, whatever has happened.

use super::house::{Outcome, Told};
use anyhow::{Result, ensure};
use domain::{CleId, CommandeId};
use ledger::feed::{Fact, facts_after};
use ledger::unit::Recorded;
use recits::Bench;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// Everything.
pub async fn everything(bench: &Bench, told: &[Told]) -> Result<()> {
    record(bench).await?;
    answers(bench, told).await?;
    keys(bench).await?;
    heard(bench).await?;
    crate::projections::replay::check(bench).await
}

/// Journals are dense, streams have no gap, and commands are there whole: read from zero,
/// and counted by other means than the verifier's.
pub async fn record(bench: &Bench) -> Result<()> {
    for (journal, head) in bench.journals().await? {
        let verdict = bench.verify(&journal).await?;
        ensure!(verdict.fault.is_none(), "{journal:?}: {verdict:?}");
        ensure!(i64::try_from(verdict.leaves)? == head, "{journal:?}: {verdict:?}, not {head} leaves");
    }
    let counts = [
        (
            "gaps in journals",
            "SELECT count(*) FROM ledger.journal j
             WHERE (SELECT array_agg(e.position ORDER BY e.position) FROM ledger.events e
                    WHERE (e.portail, e.annee) = (j.portail, j.annee))
                   IS DISTINCT FROM (SELECT array_agg(n) FROM generate_series(1, j.position) n)",
        ),
        (
            "gaps in streams",
            "SELECT count(*) FROM (SELECT FROM ledger.events GROUP BY aggregate_type, aggregate_id
                                   HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) s",
        ),
        (
            "events outside the answer to their command",
            "SELECT count(*) FROM ledger.events e WHERE NOT EXISTS (
                 SELECT FROM ledger.commands c
                 WHERE c.id = (e.metadata->>'command_id')::uuid AND (c.portail, c.annee) = (e.portail, e.annee)
                   AND e.position BETWEEN c.first_position AND c.last_position)",
        ),
        (
            "commands of which an event is missing",
            "SELECT count(*) FROM ledger.commands c WHERE last_position - first_position + 1 <> (
                 SELECT count(*) FROM ledger.events e WHERE (e.metadata->>'command_id')::uuid = c.id)",
        ),
    ];
    for (fault, sql) in counts {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&bench.owner).await?;
        ensure!(found == 0, "{found} {fault}");
    }
    Ok(())
}

/// What was granted is there, once, where its answer says; what was refused is not.
pub async fn answers(bench: &Bench, told: &[Told]) -> Result<()> {
    let rows: Vec<(Uuid, String, i16, i64, i64)> =
        sqlx::query_as("SELECT id, portail, annee, first_position, last_position FROM ledger.commands")
            .fetch_all(&bench.owner)
            .await?;
    let known: BTreeMap<_, _> = rows
        .into_iter()
        .map(|(id, portail, annee, first, last)| (CommandeId(id), (portail, annee, first, last)))
        .collect();
    for Told { commande, wish, outcome } in told {
        let there = known.get(commande);
        let as_told = match outcome {
            Outcome::Granted(Recorded { first: 0, .. }) | Outcome::Refused => there.is_none(),
            Outcome::Granted(Recorded { position, first, .. }) => {
                let place = (position.portail.to_string(), position.annee.0, *first, position.position);
                there == Some(&place)
            }
            Outcome::Done | Outcome::Unknown => true,
        };
        ensure!(as_told, "{wish:?} ended as {outcome:?}, and the record has {there:?}");
    }
    Ok(())
}

/// Each content is sealed under a key of its own subject and class, and no two keys are one.
pub async fn keys(bench: &Bench) -> Result<()> {
    let rows: Vec<(Uuid, String, String)> =
        sqlx::query_as("SELECT id, subject, retention FROM ledger.keys").fetch_all(&bench.owner).await?;
    let filed: BTreeMap<_, _> =
        rows.into_iter().map(|(id, subject, retention)| (CleId(id), (subject, retention))).collect();
    let ids: BTreeSet<_> = filed.keys().copied().collect();
    let ring = bench.another_ring().for_ids(&mut *bench.ledger.pool().acquire().await?, &ids).await?;
    let bytes: HashSet<_> = ring.values().map(|key| *key.bytes).collect();
    ensure!(bytes.len() == ids.len(), "{} keys, of which {} differ", ids.len(), bytes.len());
    for fact in facts(bench).await? {
        let event = fact.event().ok_or_else(|| anyhow::anyhow!("{} cannot be read", fact.position))?;
        let subject = match event.subject() {
            Some(personne) => format!("personne:{personne}"),
            None => format!("portail:{}", fact.position.portail),
        };
        let wanted = (subject, event.spec().retention.as_str().to_owned());
        let found = filed.get(&fact.envelope.key_id);
        ensure!(found == Some(&wanted), "{} is sealed for {found:?}, not {wanted:?}", fact.position);
    }
    Ok(())
}

async fn facts(bench: &Bench) -> Result<Vec<Fact>> {
    let mut connection = bench.ledger.pool().acquire().await?;
    let mut facts = Vec::new();
    for (journal, head) in bench.journals().await? {
        facts.extend(facts_after(&mut connection, &bench.another_ring(), &journal, 0, &[], head).await?);
    }
    Ok(facts)
}

/// Every view was handed every fact of the kinds that it hears, and no other.
pub async fn heard(bench: &Bench) -> Result<()> {
    for view in projections::all() {
        let (skipped, invented): (i64, i64) = sqlx::query_as(
            "WITH wanted AS (SELECT portail, annee, position FROM ledger.events
                             WHERE cardinality($2::text[]) = 0 OR aggregate_type = ANY ($2)),
                  heard AS (SELECT portail, annee, position FROM projections.entendu WHERE projection = $1)
             SELECT (SELECT count(*) FROM (TABLE wanted EXCEPT TABLE heard) s),
                    (SELECT count(*) FROM (TABLE heard EXCEPT TABLE wanted) i)",
        )
        .bind(view.name())
        .bind(view.hears())
        .fetch_one(&bench.owner)
        .await?;
        ensure!(
            (skipped, invented) == (0, 0),
            "{} skipped {skipped} facts, heard {invented} others",
            view.name()
        );
    }
    Ok(())
}
