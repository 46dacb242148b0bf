//! One key per subject: what is destroyed with it is that subject's contents, and nothing
//! else; and the proof stands.

use super::facts::{absent, appel, eleve, ouvert, unit};
use anyhow::Result;
use domain::{AnneeScolaire, PersonneId, Retention};
use ledger::feed::{Content, facts_after};
use ledger::keys::{KeyName, Subject};
use ledger::verify::{Means, verify_journal};
use recits::{Bench, portail};
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A roll of two absents: 1 opens it, 2 and 4 are about Zoé, 3 about Ali.
async fn bench() -> Result<Bench> {
    let bench = Bench::open().await?;
    let stream = appel("a");
    let events = [ouvert(), absent("Zoé"), absent("Ali"), absent("Zoé")];
    let placed = events.into_iter().zip(1..).map(|(event, sequence)| (&stream, sequence, event));
    bench.ledger.append(unit(bench.context(&portail("0690001b"), &["1"]), "", placed)).await?;
    Ok(bench)
}

async fn destroy_keys_of(bench: &Bench, personne: PersonneId) -> Result<u64> {
    let destroyed = sqlx::query("UPDATE ledger.keys SET wrapped = NULL WHERE subject = $1")
        .bind(format!("personne:{personne}"))
        .execute(&bench.owner)
        .await?;
    Ok(destroyed.rows_affected())
}

#[tokio::test]
async fn two_subjects_never_share_a_key() -> Result<()> {
    let bench = bench().await?;
    let rows: Vec<(i64, Uuid)> =
        sqlx::query_as("SELECT position, key_id FROM ledger.events").fetch_all(&bench.owner).await?;
    let keys: BTreeMap<_, _> = rows.into_iter().collect();
    assert_eq!(keys[&2], keys[&4]);
    assert_eq!(keys.values().collect::<BTreeSet<_>>().len(), 3);
    let bytes: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT wrapped) FROM ledger.keys").fetch_one(&bench.owner).await?;
    assert_eq!(bytes, 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_make_a_key_at_once_agree_on_it() -> Result<()> {
    let bench = Bench::open().await?;
    let names: BTreeSet<_> = (0..20)
        .map(|n| KeyName {
            subject: Subject::Personne(eleve(&n.to_string())),
            retention: Retention::Scolarite,
            period: AnneeScolaire(2026).into(),
        })
        .collect();
    let rings = [bench.another_ring(), bench.another_ring(), bench.another_ring()];
    let made = futures::future::try_join_all(rings.iter().map(|ring| ring.for_names(&names))).await?;
    let seen = |n: usize| made[n].values().map(|key| (key.id, key.bytes.to_vec())).collect::<Vec<_>>();
    assert_eq!(seen(0).len(), 20);
    assert_eq!(seen(0), seen(1));
    assert_eq!(seen(0), seen(2));
    Ok(())
}

/// A plan that is made before the first key, and kept, goes by the index of names.
#[tokio::test]
async fn names_are_looked_up_by_their_index_though_the_plan_is_older_than_the_keys() -> Result<()> {
    let bench = Bench::open().await?;
    let mut connection = bench.ledger.pool().acquire().await?;
    sqlx::query("SET plan_cache_mode = force_generic_plan").execute(&mut *connection).await?;
    sqlx::query(&format!("PREPARE lookup AS {}", ledger::keys::LIVING)).execute(&mut *connection).await?;
    let plan = "EXPLAIN (COSTS OFF) EXECUTE lookup ('{personne:x}', '{scolarite}', '{2026}')";
    let plan: Vec<String> = sqlx::raw_sql(plan)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    let plan = plan.join("\n");
    assert!(plan.contains("keys_living") && !plan.contains("keys_due"), "{plan}");
    Ok(())
}

#[tokio::test]
async fn the_database_takes_keys_of_connection_data_by_month_and_no_other_by_month() -> Result<()> {
    let bench = Bench::open().await?;
    let make = async |retention: Retention, period: &str| {
        let names = BTreeSet::from([KeyName {
            subject: Subject::Portail(portail("0690001b")),
            retention,
            period: period.parse()?,
        }]);
        anyhow::Ok(bench.another_ring().for_names(&names).await.is_ok())
    };
    assert!(make(Retention::Connexion, "2026-11").await?);
    assert!(!make(Retention::Connexion, "2026").await?);
    assert!(make(Retention::Scolarite, "2026").await?);
    assert!(!make(Retention::Scolarite, "2026-11").await?);
    Ok(())
}

#[tokio::test]
async fn a_destroyed_key_takes_its_contents_and_leaves_the_proof() -> Result<()> {
    let bench = bench().await?;
    assert_eq!(destroy_keys_of(&bench, eleve("Zoé")).await?, 1);
    let (journal, _) = bench.journals().await?.remove(0);
    let mut connection = bench.ledger.pool().acquire().await?;
    let facts = facts_after(&mut connection, &bench.another_ring(), &journal, 0, &[], 10).await?;
    let erased = facts.iter().filter(|fact| matches!(fact.content, Content::Erased));
    assert_eq!(erased.map(|fact| fact.position.position).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(facts.iter().filter(|fact| fact.event().is_some()).count(), 2);
    let verdict = bench.verify(&journal).await?;
    assert_eq!((verdict.fault, verdict.leaves, verdict.contents, verdict.erased), (None, 4, 2, 2));
    Ok(())
}

#[tokio::test]
async fn without_the_key_file_contents_are_closed_and_the_journal_still_verifies() -> Result<()> {
    let bench = bench().await?;
    let (journal, _) = bench.journals().await?.remove(0);
    let mut connection = bench.ledger.pool().acquire().await?;
    let verdict = verify_journal(&mut connection, &journal, Means::default(), |_| ()).await?;
    assert_eq!((verdict.fault, verdict.leaves, verdict.contents, verdict.erased), (None, 4, 0, 0));
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT payload::text FROM ledger.events").fetch_all(&bench.owner).await?;
    assert!(rows.iter().all(|(payload,)| payload.starts_with(r#"{"ct":""#) && !payload.contains("eleve")));
    Ok(())
}
