//! The count after a fault: what clients were told against what is stored, projected, sealed
//! and verifiable. Everything that does not agree is a breach, in words.

use super::client::Outcome;
use super::load::Told;
use super::wait;
use anyhow::Result;
use domain::{AnneeScolaire, CompteId};
use ledger::feed::{Journal, heads};
use ledger::kek::FileKek;
use ledger::keys::KeyRing;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::tlog::maison::PublicKeys;
use ledger::verify::{Means, verify_journal};
use projections::replay::Scratch;
use serde_json::json;
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long the views may take to have read everything.
const CATCH_UP: Duration = Duration::from_secs(60);

/// How far each journal goes.
pub type Heads = BTreeMap<(String, i16), i64>;

/// A command's place in the record: journal, first and last position.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    journal: (String, i16),
    first: i64,
    last: i64,
}

/// Reads how far each journal goes.
pub async fn heads_of(owner: &PgPool) -> Result<Heads> {
    let found = heads(&mut *owner.acquire().await?).await?;
    Ok(found.into_iter().map(|(j, head)| ((j.portail.to_string(), j.annee.0), head)).collect())
}

/// Counts what was recorded since `before` against what clients were told.
pub async fn recorded(owner: &PgPool, before: &Heads, told: &Told) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    let now = heads_of(owner).await?;
    let mut stored = BTreeMap::new();
    for (journal, head) in &now {
        let since = before.get(journal).copied().unwrap_or_default();
        let written = events_since(owner, journal, since, *head, &mut stored).await?;
        if written != head - since {
            breaches.push(format!("{journal:?}: {written} events between {since} and {head}"));
        }
    }
    let answers = answers_since(owner, before).await?;
    if stored != answers {
        for (id, place) in stored.iter().filter(|(id, place)| answers.get(id) != Some(place)) {
            breaches.push(format!("command {id}: events at {place:?}, answered {:?}", answers.get(id)));
        }
        for (id, place) in answers.iter().filter(|(id, _)| !stored.contains_key(id)) {
            breaches.push(format!("command {id}: answered {place:?}, without events"));
        }
    }
    breaches.extend(told.iter().filter_map(|(id, (command, outcome))| {
        let wrong = disagreement(outcome, stored.get(id))?;
        Some(format!("{} {id}: {wrong}", command.mutation))
    }));
    let own = of_the_platform(owner).await?;
    let unsent = stored.keys().filter(|id| !told.contains_key(id) && !own.contains(id));
    breaches.extend(unsent.map(|id| format!("command {id} was sent by nobody")));
    Ok(breaches)
}

/// Gathers the places of the events of each command, where they are dense; says how many
/// events there are.
async fn events_since(
    owner: &PgPool,
    journal: &(String, i16),
    since: i64,
    head: i64,
    stored: &mut BTreeMap<Uuid, Place>,
) -> Result<i64> {
    let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT metadata->>'command_id', min(position), max(position), count(*) FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position > $3 AND position <= $4 GROUP BY 1",
    )
    .bind(&journal.0)
    .bind(journal.1)
    .bind(since)
    .bind(head)
    .fetch_all(owner)
    .await?;
    let mut written = 0;
    for (command, first, last, count) in rows {
        written += count;
        // A command whose events are apart has a place that no answer can have.
        let last = if last - first + 1 == count { last } else { -last };
        stored.insert(command.parse()?, Place { journal: journal.clone(), first, last });
    }
    Ok(written)
}

/// What the program does by itself: nobody sends it.
async fn of_the_platform(owner: &PgPool) -> Result<BTreeSet<Uuid>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT metadata->>'command_id' FROM ledger.events WHERE metadata->'actor'->>'compte' = $1",
    )
    .bind(CompteId::NONE.to_string())
    .fetch_all(owner)
    .await?;
    Ok(ids.iter().map(|id| id.parse()).collect::<Result<_, _>>()?)
}

async fn answers_since(owner: &PgPool, before: &Heads) -> Result<BTreeMap<Uuid, Place>> {
    let rows: Vec<(Uuid, String, i16, i64, i64)> =
        sqlx::query_as("SELECT id, portail, annee, first_position, last_position FROM ledger.commands")
            .fetch_all(owner)
            .await?;
    let places = rows
        .into_iter()
        .map(|(id, portail, annee, first, last)| (id, Place { journal: (portail, annee), first, last }));
    Ok(places
        .filter(|(_, place)| place.last > before.get(&place.journal).copied().unwrap_or_default())
        .collect())
}

/// What is wrong between what a client was told and what is stored.
fn disagreement(outcome: &Outcome, stored: Option<&Place>) -> Option<String> {
    match (outcome, stored) {
        (Outcome::Acknowledged { position, .. }, Some(place)) => {
            let (portail, annee) = &place.journal;
            let there = format!("{portail}/{}/{}", AnneeScolaire(*annee), place.last);
            (there != *position).then(|| format!("acknowledged at {position}, stored at {there}"))
        }
        (Outcome::Acknowledged { position, .. }, None) => {
            Some(format!("acknowledged at {position}, and lost"))
        }
        (Outcome::Refused(code), Some(place)) => Some(format!("refused ({code}), and stored at {place:?}")),
        (Outcome::Refused(_), None) => None,
        (Outcome::Unknown(why), _) => Some(format!("never settled ({why})")),
    }
}

/// Whether every stream counts 1, 2, 3…
pub async fn sequences(owner: &PgPool) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT aggregate_type, aggregate_id FROM ledger.events GROUP BY 1, 2
         HAVING min(sequence) <> 1 OR max(sequence) <> count(*)",
    )
    .fetch_all(owner)
    .await?;
    Ok(rows.into_iter().map(|(kind, id)| format!("stream {kind} {id} has a gap")).collect())
}

/// Waits until every view has read the whole record; late ones, and set-aside facts, are
/// breaches.
pub async fn projected(owner: &PgPool) -> Result<Vec<String>> {
    let caught_up = wait::until("views that have read everything", CATCH_UP, async || {
        Ok(late(owner).await?.is_empty().then_some(()))
    });
    let mut breaches = Vec::new();
    if caught_up.await.is_err() {
        breaches
            .extend(late(owner).await?.into_iter().map(|view| format!("the view {view} does not catch up")));
    }
    let aside: i64 =
        sqlx::query_scalar("SELECT count(*) FROM projections.set_aside").fetch_one(owner).await?;
    if aside != 0 {
        breaches.push(format!("{aside} facts are set aside"));
    }
    Ok(breaches)
}

/// Views that have not read everything.
pub async fn late(owner: &PgPool) -> Result<Vec<&'static str>> {
    let mut late = Vec::new();
    for view in projections::all() {
        let behind: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM ledger.journal j LEFT JOIN projections.checkpoint c
               ON c.projection = $1 AND c.version = $2 AND c.portail = j.portail AND c.annee = j.annee
             WHERE j.position > coalesce(c.position, 0))",
        )
        .bind(view.name())
        .bind(view.version())
        .fetch_one(owner)
        .await?;
        if behind {
            late.push(view.name());
        }
    }
    Ok(late)
}

/// Waits until the sealer has sealed the whole record, wherever it was killed, then re-reads every
/// journal with its seals; one that it does not catch up with, and a wrong one, are breaches.
pub async fn sealed(owner: &PgPool, seals: &PublicKeys) -> Result<Vec<String>> {
    let caught_up = wait::until("a sealer that has sealed everything", CATCH_UP, async || {
        Ok(unsealed(owner).await?.is_empty().then_some(()))
    });
    if caught_up.await.is_err() {
        let behind = unsealed(owner).await?;
        return Ok(behind.into_iter().map(|portail| format!("{portail} is not sealed further")).collect());
    }
    let mut breaches = Vec::new();
    for (journal, head) in heads(&mut *owner.acquire().await?).await? {
        let means = Means { contents: None, seals: Some(seals) };
        let verdict = verify_journal(&mut *owner.acquire().await?, &journal, means, |_| ()).await?;
        if verdict.fault.is_some() || verdict.sealed < head {
            breaches.push(format!("the seals of {} are not good: {verdict:?}", journal.portail));
        }
    }
    Ok(breaches)
}

/// The portals with a journal that goes on beyond its last checkpoint.
async fn unsealed(owner: &PgPool) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT j.portail FROM ledger.journal j WHERE j.position > coalesce(
             (SELECT max(c.size) FROM ledger.checkpoints c WHERE (c.portail, c.annee) = (j.portail, j.annee)), 0)",
    )
    .fetch_all(owner)
    .await?)
}

/// What verifies the seals of a house under this base domain: the public part of its keys.
pub fn public_keys(seal_file: &Path, base: &str) -> Result<PublicKeys> {
    let keys = SealKeys::read(seal_file)?.verifier_keys(&Log::Meta.origin(base));
    Ok(PublicKeys::read(&json!(keys).to_string())?)
}

/// Re-reads every journal with its contents and its seals, and replays every view from zero beside the
/// living one.
pub async fn whole(owner: &PgPool, kek_file: &Path, seals: &PublicKeys) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    let keys = KeyRing::new(owner.clone(), Arc::new(FileKek::read(kek_file)?));
    for (journal, head) in heads(&mut *owner.acquire().await?).await? {
        breaches.extend(verified(owner, &keys, seals, &journal, head).await?);
    }
    let mut scratch = Scratch::new(owner, projections::all()).await?;
    scratch.replay(&keys, None, |_| ()).await?;
    let differences = scratch.differences().await?;
    breaches.extend(differences.into_iter().map(|found| format!("not as replayed from zero: {found:?}")));
    Ok(breaches)
}

async fn verified(
    owner: &PgPool,
    keys: &KeyRing,
    seals: &PublicKeys,
    journal: &Journal,
    head: i64,
) -> Result<Option<String>> {
    let means = Means { contents: Some(keys), seals: Some(seals) };
    let verdict = verify_journal(&mut *owner.acquire().await?, journal, means, |_| ()).await?;
    let sound = verdict.fault.is_none() && i64::try_from(verdict.contents)? == head;
    Ok((!sound).then(|| format!("the journal of {} is not verified: {verdict:?}", journal.portail)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bench, DOMAINE, PORTAIL, portail};
    use domain::PersonneId;
    use domain::publications::{Contenu, Publication, PublicationCommand};
    use serde_json::Value;

    fn place(last: i64) -> Place {
        Place { journal: ("p".to_owned(), 2026), first: last, last }
    }

    fn acknowledged(position: &str) -> Outcome {
        Outcome::Acknowledged { position: position.to_owned(), payload: Value::Null }
    }

    #[test]
    fn what_clients_were_told_is_held_against_what_is_stored() {
        let at_3 = acknowledged(&format!("p/{}/3", AnneeScolaire(2026)));
        assert_eq!(disagreement(&at_3, Some(&place(3))), None);
        assert!(disagreement(&at_3, Some(&place(4))).is_some());
        assert!(disagreement(&at_3, None).is_some());
        let refused = Outcome::Refused("CONFLIT".to_owned());
        assert_eq!(disagreement(&refused, None), None);
        assert!(disagreement(&refused, Some(&place(3))).is_some());
        assert!(disagreement(&Outcome::Unknown(String::new()), None).is_some());
    }

    #[tokio::test]
    async fn what_is_not_sealed_or_by_another_key_is_seen() -> Result<()> {
        let (bench, other) = (Bench::open().await?, Bench::open().await?);
        let auteur = PersonneId::derived(&["a"]);
        let contenu = Contenu { titre: "Sortie".to_owned(), corps: "Jeudi.".to_owned() };
        let command = PublicationCommand::RedigerActualite { portail: portail(PORTAIL), auteur, contenu };
        let context = bench.context(&portail(PORTAIL), &["redige"]);
        bench.record::<Publication>(context, Uuid::from_u128(7), command).await?;
        assert_eq!(unsealed(&bench.owner).await?, [PORTAIL]);
        bench.sealer()?.pass().await?;
        assert!(unsealed(&bench.owner).await?.is_empty());
        let seals = public_keys(&bench.seal_file(), DOMAINE)?;
        assert_eq!(sealed(&bench.owner, &seals).await?, Vec::<String>::new());
        let strange = public_keys(&other.seal_file(), DOMAINE)?;
        assert_eq!(sealed(&bench.owner, &strange).await?.len(), 1);
        Ok(())
    }
}
