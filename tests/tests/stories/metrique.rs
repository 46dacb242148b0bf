//! What the operator's Prometheus reads of the sealing and of the views, at the real program.

use anyhow::{Context, Result};
use domain::absences::{Appel, AppelCommand, Seance};
use domain::{DivisionId, EnseignementId, PersonneId, journee};
use ledger::clock::{Clock, SystemClock};
use recits::faults::{Ent, Issuer, environment, wait};
use recits::{Bench, PORTAIL, portail};
use std::fs;
use std::time::Duration;

/// How long what must happen may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);

/// A figure as `/metrics` tells it.
async fn figure(ent: &Ent, name: &str) -> Result<Option<f64>> {
    let told = reqwest::get(ent.url("/metrics")).await?.error_for_status()?.text().await?;
    let value = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map(str::parse).transpose().context("no number")
}

/// The age of the oldest event that no checkpoint covers.
async fn age(ent: &Ent) -> Result<Option<f64>> {
    figure(ent, "ledger_unsealed_age_seconds").await
}

/// Opens a roll, by another process than `ent`.
async fn agir(bench: &Bench, name: &str) -> Result<()> {
    bench.clock.set(SystemClock.now());
    let maintenant = bench.clock.now();
    let seance = Seance {
        enseignement: EnseignementId::derived(&[name]),
        auditoire: DivisionId::derived(&["6A"]).into(),
        date: journee(maintenant),
        debut: "00:00:00".parse()?,
        fin: "23:59:00".parse()?,
    };
    let enseignant = PersonneId::derived(&["enseignante"]);
    let command = AppelCommand::OuvrirAppel { seance, enseignant, maintenant };
    bench.record::<Appel>(bench.context(&portail(PORTAIL), &[name]), seance.appel(), command).await?;
    Ok(())
}

/// Waits until there are so many events under checkpoints, and none beyond.
async fn sealed(bench: &Bench, ent: &Ent, events: i64) -> Result<()> {
    wait::until("everything sealed", PATIENCE, async || {
        let sealed: Option<i64> =
            sqlx::query_scalar("SELECT max(size) FROM ledger.checkpoints WHERE portail <> ''")
                .fetch_one(&bench.owner)
                .await?;
        Ok((sealed >= Some(events) && age(ent).await? == Some(0.0)).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_of_the_oldest_unsealed_event_grows_while_nothing_can_be_sealed() -> Result<()> {
    let (bench, folder) = (Bench::open_at(SystemClock.now()).await?, tempfile::tempdir()?);
    Issuer::new(&folder.path().join("jwks.json"))?;
    let mut ent = Ent::new(environment(&bench, folder.path()).await?, folder.path().join("ent.log"))?;
    ent.start().await?;
    agir(&bench, "un").await?;
    sealed(&bench, &ent, 1).await?;
    // Where tiles go there is a file: none can be written.
    let aside = folder.path().join("tuiles");
    fs::rename(bench.tiles(), &aside)?;
    fs::write(bench.tiles(), "")?;
    agir(&bench, "deux").await?;
    let older = async |than: f64| {
        wait::until("an older unsealed event", PATIENCE, async || {
            Ok(age(&ent).await?.filter(|age| *age > than))
        })
        .await
    };
    let first = older(0.0).await?;
    assert!(older(first + 1.0).await? > first);
    fs::remove_file(bench.tiles())?;
    fs::rename(aside, bench.tiles())?;
    sealed(&bench, &ent, 2).await?;
    ent.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_of_a_view_grows_while_somebody_holds_it() -> Result<()> {
    let (bench, folder) = (Bench::open_at(SystemClock.now()).await?, tempfile::tempdir()?);
    Issuer::new(&folder.path().join("jwks.json"))?;
    let mut ent = Ent::new(environment(&bench, folder.path()).await?, folder.path().join("ent.log"))?;
    ent.start().await?;
    let mut holder = bench.owner.begin().await?;
    sqlx::query("LOCK TABLE absences.appel IN EXCLUSIVE MODE").execute(&mut *holder).await?;
    agir(&bench, "un").await?;
    let view = |figure: &str| format!("projection_lag_{figure}{{projection=\"absences.appels\"}}");
    let (events, seconds) = (view("events"), view("seconds"));
    let grown = async |name: &str, than: f64| {
        wait::until("a view that lags more", PATIENCE, async || {
            Ok(figure(&ent, name).await?.filter(|figure| *figure > than))
        })
        .await
    };
    assert_eq!(grown(&events, 0.0).await?, 1.0);
    let first = grown(&seconds, 0.0).await?;
    assert!(grown(&seconds, first + 1.0).await? > first);
    holder.rollback().await?;
    wait::until("a view that does not lag", PATIENCE, async || {
        let lag = (figure(&ent, &events).await?, figure(&ent, &seconds).await?);
        Ok((lag == (Some(0.0), Some(0.0))).then_some(()))
    })
    .await?;
    ent.stop().await
}
