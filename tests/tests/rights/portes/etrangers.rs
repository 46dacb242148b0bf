//! A stranger asks for anything, with ids that he should not have: he is told nothing that is
//! not public, and nothing of the school changes.

use super::demande::{Demande, Etendue, Schema};
use super::ecole::{SECRET, Vecue, voisins};
use anyhow::{Result, ensure};
use domain::CompteId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rand::SeedableRng;
use rand::rngs::StdRng;
use recits::Ecole;
use std::collections::BTreeSet;

/// Requests of a run.
const DEMANDES: u32 = 600;
/// What a stranger may bring about: a notice about what he sees (DSA, art. 16), and the record
/// of what he wanted to read; and the address of his own agenda.
pub const PERMIS: &[&str] = &[
    "publications.signalement.",
    "journal.consultation.",
    "cahier_de_textes.abonnement.",
    "notifications.preferences.",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_any_ids_learns_and_changes_nothing() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let schema = Schema::servi();
    let strangers = etrangers(&vecue.ecole).await?;
    let fields = schema.portes();
    let before = types(&vecue).await?;
    let asked = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u64>());
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        TestRunner::new(Config { cases: DEMANDES, failure_persistence: None, ..Config::default() }).run(
            &asked,
            |(who, field, seed)| {
                let (who, (root, field)) = (*who.get(&strangers), field.get(&fields));
                let rng = &mut StdRng::seed_from_u64(seed);
                let demande = schema.demande(root, field, &vecue.urne, Etendue::Tout, rng);
                let learned = handle.block_on(ask(&vecue, who, &demande));
                learned.map_err(|error| TestCaseError::fail(format!("{error:#}")))
            },
        )
    })?;
    let brought: BTreeSet<_> = types(&vecue).await?.difference(&before).cloned().collect();
    let others: Vec<_> =
        brought.iter().filter(|name| !PERMIS.iter().any(|may| name.1.starts_with(may))).collect();
    assert!(others.is_empty(), "strangers have brought about {others:?}");
    vecue.ecole.maison.close().await
}

/// The same questions tell who has the right to it: it is not for want of asking that a stranger
/// learns nothing.
#[tokio::test(flavor = "multi_thread")]
async fn who_teaches_there_is_told_by_the_same_questions() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let schema = Schema::servi();
    let rng = &mut StdRng::seed_from_u64(0);
    for field in schema.champs("Query").iter().cycle().take(400) {
        let demande = schema.demande("Query", field, &vecue.urne, Etendue::Tout, rng);
        if ask(&vecue, Some(vecue.ecole.enseignante), &demande).await.is_err() {
            return vecue.ecole.maison.close().await;
        }
    }
    panic!("the teacher is told nothing either");
}

/// Who has nothing to do with a school: nobody, a compte of nobody, people of the other collège.
pub async fn etrangers(ecole: &Ecole) -> Result<Vec<Option<CompteId>>> {
    let mut strangers = vec![None, Some(CompteId::derived(&["nobody"]))];
    strangers.extend(voisins(ecole).await?.into_iter().map(Some));
    ensure!(strangers.len() > 4, "the other collège is nearly empty: {strangers:?}");
    Ok(strangers)
}

/// What an answer says that is no stranger's to read.
pub fn trahis<'a>(vecue: &'a Vecue, answer: &str) -> Vec<&'a str> {
    let tus = [SECRET, "13.37", "ERREUR_INTERNE"].into_iter().chain(vecue.tus.iter().map(String::as_str));
    tus.filter(|tu| answer.contains(*tu)).collect()
}

/// Each event: its place, and its type.
async fn types(vecue: &Vecue) -> Result<BTreeSet<(String, String)>> {
    let sql = "SELECT concat_ws('/', portail, annee, position), event_type FROM ledger.events";
    let rows: Vec<_> = sqlx::query_as(sql).fetch_all(&vecue.ecole.maison.bench.owner).await?;
    Ok(rows.into_iter().collect())
}

async fn ask(vecue: &Vecue, who: Option<CompteId>, demande: &Demande) -> Result<()> {
    let Demande { document, variables } = demande;
    let answer = vecue.ecole.maison.answer(who, document, variables.clone()).await?.to_string();
    let told = trahis(vecue, &answer);
    ensure!(told.is_empty(), "{who:?} is told {told:?}\n{document}\n{variables}\n{answer}");
    Ok(())
}
