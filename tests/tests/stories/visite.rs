//! The README's tour, run word for word: each request as it is printed there, in order,
//! and its answer compared with the printed one. `ENT_APPROVE=1` rewrites the answers.

use anyhow::{Context, Result, ensure};
use api::demo::{Demo, DemoScene, exploitant, remplir};
use chrono::{DateTime, Utc};
use commands::Commands;
use commands::rights::Rights;
use recits::Maison;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// When the tour is taken: after the demo's term.
const MAINTENANT: &str = "2026-11-23T17:00:00Z";

/// A request of the tour and the answer printed below it.
struct Step<'t> {
    profil: &'t str,
    request: &'t str,
    answer: &'t str,
}

fn steps(readme: &str) -> Result<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut rest = readme;
    while let Some((_, after)) = rest.split_once("```graphql\n") {
        let (request, after) = after.split_once("```\n").context("a request without end")?;
        let after =
            after.strip_prefix("\n```json\n").with_context(|| format!("no answer below\n{request}"))?;
        let (answer, after) = after.split_once("```\n").context("an answer without end")?;
        let profil = request.lines().next().and_then(|line| line.strip_prefix("# "));
        let profil = profil.with_context(|| format!("whose token?\n{request}"))?;
        steps.push(Step { profil, request, answer });
        rest = after;
    }
    ensure!(steps.len() > 8, "only {} requests in the tour", steps.len());
    Ok(steps)
}

async fn demo(maison: &Maison) -> Result<DemoScene> {
    let dossier = tempfile::tempdir()?;
    let bench = &maison.bench;
    let operators = BTreeSet::from([exploitant()]);
    let commands = Commands::new(bench.ledger.clone(), bench.views.clone(), Rights::load()?, operators);
    let demo = Demo::trimestre(2026, dossier.path().join("aaf"));
    let scene = remplir(&commands, &bench.runner, &bench.clock, &demo, &|_| ()).await?;
    bench.clock.set(MAINTENANT.parse::<DateTime<Utc>>()?);
    Ok(scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_tour_is_true_word_for_word() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path)?;
    let maison = Maison::open().await?;
    let scene = demo(&maison).await?;
    let mut approved = readme.clone();
    for Step { profil, request, answer } in steps(&readme)? {
        let role = scene.roles.iter().find(|role| role.profil == profil);
        let role = role.with_context(|| format!("nobody in the demo is « {profil} »"))?;
        let data = maison.ask(Some(role.compte), request, json!({})).await?;
        if std::env::var_os("ENT_APPROVE").is_some() {
            let printed = serde_json::to_string_pretty(&data)? + "\n";
            let before = format!("{request}```\n\n```json\n{answer}```\n");
            let after = format!("{request}```\n\n```json\n{printed}```\n");
            approved = approved.replacen(&before, &after, 1);
        } else {
            assert_eq!(data, serde_json::from_str::<Value>(answer)?, "{request}");
        }
    }
    if approved != readme {
        std::fs::write(path, approved)?;
    }
    maison.close().await
}
