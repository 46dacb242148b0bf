//! The demo, filled: everybody in it may ask the question that is proposed, and the record of its
//! first weeks is one that people could have made.

use anyhow::{Context, Result, ensure};
use api::demo::{Avancement, Demo, DemoScene, exploitant, remplir};
use commands::Commands;
use commands::rights::Rights;
use recits::Maison;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

async fn fill(maison: &Maison, dossier: &Path, jusqu_au: &str) -> Result<DemoScene> {
    let demo = Demo { jusqu_au: jusqu_au.parse()?, ..Demo::trimestre(7, dossier.join("aaf")) };
    let bench = &maison.bench;
    let commands = Commands::new(
        bench.ledger.clone(),
        bench.views.clone(),
        Rights::load()?,
        BTreeSet::from([exploitant()]),
    );
    let heard = Mutex::new(None);
    let suivi = |avancement: Avancement| {
        if let Ok(mut heard) = heard.lock() {
            *heard = Some(avancement);
        }
    };
    let scene = remplir(&commands, &bench.runner, &bench.clock, &demo, &suivi).await?;
    let last = heard.into_inner().ok().flatten().context("nothing was heard of the progress")?;
    ensure!(last.faits == last.total && last.total > 0, "{last:?}");
    Ok(scene)
}

/// Whether an answer holds anything: no null, no empty list.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(fields) => fields.values().any(says_something),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_in_the_demo_may_ask_what_is_proposed() -> Result<()> {
    let (maison, dossier) = (Maison::open().await?, tempfile::tempdir()?);
    let scene = fill(&maison, dossier.path(), "2026-09-22").await?;
    let profils: Vec<_> = scene.roles.iter().map(|role| role.profil.as_str()).collect();
    assert_eq!(
        profils,
        [
            "élève",
            "responsable",
            "enseignant",
            "direction",
            "vie scolaire",
            "administrateur ENT",
            "exploitant"
        ]
    );
    for role in scene.roles.iter().filter(|role| role.profil != "exploitant") {
        let answer =
            maison.ask(Some(role.compte), &role.requete, json!({})).await.context(role.profil.clone())?;
        assert!(says_something(&answer), "{}: {answer:#}", role.profil);
    }
    for (what, rows) in [
        ("rolls", "appel WHERE clos"),
        ("corrected lines", "appel_ligne WHERE motif IS NOT NULL"),
        ("published evaluations", "evaluation WHERE publiee_le IS NOT NULL"),
        ("publications online", "publication WHERE paru_version IS NOT NULL"),
    ] {
        let found: i64 = sqlx::query_scalar(&format!("SELECT count(*) FROM {rows}"))
            .fetch_one(&maison.bench.views)
            .await?;
        assert!(found > 0, "no {what}");
    }
    let aside: i64 = sqlx::query_scalar("SELECT count(*) FROM projections.set_aside")
        .fetch_one(&maison.bench.views)
        .await?;
    assert_eq!(aside, 0);
    maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_filled_again_adds_nothing() -> Result<()> {
    let (maison, dossier) = (Maison::open().await?, tempfile::tempdir()?);
    fill(&maison, dossier.path(), "2026-09-04").await?;
    let journals = maison.bench.journals().await?;
    fill(&maison, dossier.path(), "2026-09-04").await?;
    assert_eq!(maison.bench.journals().await?, journals);
    maison.close().await
}
