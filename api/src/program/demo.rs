//! `ent demo`: a small académie that looks true, filled through the use cases, then served
//! with a token for each profil.

use super::cli::DemoArgs;
use super::house::House;
use super::serve::{Door, listen, metrics, serve_until, stop_signal};
use crate::config::Config;
use crate::demo::{Avancement, Demo, DemoScene, exploitant, remplir};
use crate::identity::{Verifier, demo::DemoIssuer};
use anyhow::{Context, ensure};
use chrono::TimeDelta;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::clock::{Clock, ManualClock, SystemClock};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long the printed tokens are good.
const TOKENS: TimeDelta = TimeDelta::hours(12);

/// What the data directory remembers: with which seed it is being filled, and, once it
/// is full, who is who.
#[derive(Serialize, Deserialize)]
struct Memory {
    graine: u64,
    scene: Option<DemoScene>,
}

/// Fills the data directory, unless that was done before, and serves it.
pub async fn run(mut config: Config, args: &DemoArgs) -> anyhow::Result<()> {
    config.exploitants.push(exploitant());
    let memory = config.data_dir.join("demo.json");
    let scene = match remembered(&memory)? {
        Some(Memory { scene: Some(scene), .. }) => scene,
        Some(Memory { graine, scene: None }) => fill(&config, &memory, graine).await?,
        None => fill(&config, &memory, args.graine).await?,
    };
    if args.sans_servir {
        return Ok(());
    }
    let issuer = DemoIssuer::new(&mut rand::rng())?;
    let verifier = Verifier::demo(&issuer, Arc::new(|| SystemClock.now()))?;
    let house = House::open(&config, Arc::new(SystemClock)).await?;
    let listener = listen(&config).await?;
    present(&scene, &issuer, &format!("http://{}", listener.local_addr()?))?;
    let door = Door { verifier, metrics: metrics()? };
    serve_until(&config, house, door, listener, stop_signal()).await
}

fn remembered(path: &Path) -> anyhow::Result<Option<Memory>> {
    match std::fs::read(path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{}", path.display())),
    }
}

/// Fills a record that is empty, or that an earlier filling has begun: what it did is
/// found again by its command ids, and not done twice.
async fn fill(config: &Config, memory: &Path, graine: u64) -> anyhow::Result<DemoScene> {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let house = House::open(config, clock.clone()).await?;
    let filled = fill_house(config, &house, &clock, memory, graine).await;
    house.close().await?;
    filled
}

async fn fill_house(
    config: &Config,
    house: &House,
    clock: &ManualClock,
    memory: &Path,
    graine: u64,
) -> anyhow::Result<DemoScene> {
    if !memory.exists() {
        let used: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM ledger.journal)").fetch_one(&house.pool).await?;
        ensure!(
            !used,
            "{} tient déjà un vrai journal : une démonstration n'y est jamais mêlée ; donnez un autre dossier",
            config.data_dir.display()
        );
        remember(memory, &Memory { graine, scene: None })?;
    }
    let bar = bar()?;
    let suivi = |Avancement { etape, faits, total }: Avancement| {
        bar.set_message(etape);
        bar.set_length(u64::try_from(total).unwrap_or_default());
        bar.set_position(u64::try_from(faits).unwrap_or_default());
    };
    let demo = Demo::trimestre(graine, feed(config));
    let scene = remplir(&house.commands, &house.runner, clock, &demo, &suivi).await?;
    bar.finish_and_clear();
    remember(memory, &Memory { graine, scene: Some(scene.clone()) })?;
    Ok(scene)
}

/// Where the demo's directory lies, in the ministry's own format.
fn feed(config: &Config) -> PathBuf {
    config.data_dir.join("demo-aaf")
}

fn remember(path: &Path, memory: &Memory) -> anyhow::Result<()> {
    std::fs::write(path, serde_json::to_vec_pretty(memory)?).with_context(|| format!("{}", path.display()))
}

fn bar() -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}, reste {eta}")?;
    Ok(ProgressBar::new(0).with_style(style))
}

/// Says who one may be, with which token, and what each may ask.
fn present(scene: &DemoScene, issuer: &DemoIssuer, url: &str) -> anyhow::Result<()> {
    let now = SystemClock.now();
    println!("\nUne académie de démonstration est prête. Ses habitants sont inventés.");
    println!("Les jetons valent douze heures, ici seulement : « ent serve » les refuse.\n");
    for role in &scene.roles {
        println!("── {} : {}", role.profil, role.nom);
        println!("jeton    {}", issuer.issue(role.compte, now, now + TOKENS)?);
        println!("requête  {}\n", role.requete);
    }
    println!("À voir   élève : sa semaine et son cahier de textes ; responsable : moyennes et carnet ;");
    println!(
        "         vie scolaire : les absences à régler (reglerAbsence) ; enseignant : ses évaluations\n"
    );
    println!("Pages    {url}/console            essayer une requête (jeton dans « En-têtes »)");
    println!("         {url}/schema.graphql     le contrat");
    println!("         {url}/sante /pret /metrics");
    println!("Journal  ent-rejeu verifier ; ent-rejeu rejouer --au 2026-10-01\n");
    Ok(())
}
