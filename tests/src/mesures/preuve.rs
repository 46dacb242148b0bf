//! The record as proof: how fast it is sealed and verified from its tiles, what an evidence
//! bundle over it takes, how large it is, and what sealing costs those who write.
//!
//! Verification is shown beside its limit on this machine: the tree of as many leaves hashed
//! from memory, by one core. It reads tiles over HTTP, as an auditor does, from this process.

use super::Options;
use super::ground::{Ground, Place, Spent, pool};
use super::load::{Outcome, closed_loop};
use super::ours::Ours;
use super::report::{Report, Table};
use super::rolls::{HISTORY, opening, stream as of_roll};
use crate::acts;
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::{Path as Asked, State};
use axum::http::StatusCode;
use axum::routing::get;
use domain::AnneeScolaire;
use ledger::clock::{Clock, SystemClock};
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::sealer::store::TileStore;
use ledger::tlog::Hash;
use ledger::tlog::edge::Edge;
use projections::runner::Runner;
use replay_tools::verdict::Verdict;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use walkdir::WalkDir;

/// The base domain of the measured house.
const DOMAINE: &str = "ent.exemple.fr";
/// Commands in flight under which the cost of sealing is measured.
const IN_FLIGHT: [usize; 2] = [1, 64];

/// Adds the tables of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let record = Record::of(ground, options.events).await?;
    let mut table = Table::new(
        "Proof",
        &format!("One journal of {} events. CPU is per event.", record.events),
        &["what", "seconds", "events/s", "CPU here µs", "CPU PostgreSQL µs"],
    );
    let mut row = |name: &str, measured: Measured| table.row(measured.row(name, record.events));
    row("sealed from zero, tiles with fsync", measured(ground, record.seal()).await?);
    row("its tree hashed from memory, one core", measured(ground, async { record.hash() }).await?);
    row("verified from its tiles over HTTP", measured(ground, record.verify()).await?);
    let proven = measured(ground, record.prove()).await?;
    let bundle = format!("{:.2} s", proven.elapsed.as_secs_f64());
    report.add(table);
    report.add(record.bundle_and_size(bundle).await?);
    report.add(cost(ground, options).await?);
    Ok(())
}

/// How long something took, and the CPU spent meanwhile.
struct Measured {
    elapsed: Duration,
    spent: Spent,
}

async fn measured(ground: &Ground, work: impl Future<Output = Result<()>>) -> Result<Measured> {
    ground.settle().await?;
    let (before, start) = (ground.spent()?, Instant::now());
    work.await?;
    Ok(Measured { elapsed: start.elapsed(), spent: ground.spent()?.since(before) })
}

impl Measured {
    fn row(&self, name: &str, events: usize) -> Vec<String> {
        let each = |spent: Duration| format!("{:.2}", spent.as_secs_f64() * 1e6 / events.max(1) as f64);
        vec![
            name.to_owned(),
            format!("{:.2}", self.elapsed.as_secs_f64()),
            format!("{:.0}", events as f64 / self.elapsed.as_secs_f64()),
            each(self.spent.here),
            each(self.spent.postgres),
        ]
    }
}

/// A full journal that nobody has sealed yet.
struct Record {
    place: Place,
    ours: Ours,
    sealer: Sealer,
    home: TempDir,
    events: usize,
}

impl Record {
    async fn of(ground: &Ground, events: usize) -> Result<Self> {
        let place = ground.migrated().await?;
        let (ours, home) = (Ours::open(&place)?, tempfile::tempdir()?);
        // The views are there, and empty: names are looked for in them.
        let views = pool(&projections::in_live_place(place.app.clone()), 1);
        Runner::new(views, ours.keys.clone(), projections::all()).catch_up().await?;
        let rolls = events.div_ceil(HISTORY);
        ours.fill(rolls).await?;
        let sealer = sealer(&place, home.path())?;
        Ok(Self { place, ours, sealer, home, events: rolls * HISTORY })
    }

    fn log() -> Result<Log> {
        let annee = AnneeScolaire::of(domain::journee(SystemClock.now()));
        Ok(Log::Journal(Journal { portail: acts::PORTAIL.parse()?, annee }))
    }

    async fn seal(&self) -> Result<()> {
        self.sealer.pass().await?;
        let head = self.sealer.consign().await?.context("nothing is consigned")?;
        let sealed = self.sealer.checkpoint(&Self::log()?).await?.context("nothing is sealed")?;
        ensure!(sealed.size.unsigned_abs() == self.events as u64 && head.size > 0, "{sealed:?}");
        let keys = json!(self.sealer.verifier_keys(&Log::Meta));
        Ok(std::fs::write(self.path("cles.json"), keys.to_string())?)
    }

    fn hash(&self) -> Result<()> {
        let mut edge = Edge::default();
        for number in 0..self.events as u64 {
            let mut leaf = [0; 32];
            leaf[..8].copy_from_slice(&number.to_le_bytes());
            edge.push(Hash(leaf), |_, _| ());
        }
        ensure!(std::hint::black_box(edge.root()) != Hash([0; 32]), "no root");
        Ok(())
    }

    async fn verify(&self) -> Result<()> {
        let journal = self.path("tuiles").join(Self::log()?.to_string());
        let sealed = self.sealer.checkpoint(&Self::log()?).await?.context("nothing is sealed")?;
        std::fs::write(journal.join("checkpoint"), sealed.note)?;
        let (listener, files) = (TcpListener::bind("127.0.0.1:0").await?, Router::new());
        let files = files.route("/{*path}", get(file)).with_state(Arc::new(journal));
        let url = format!("http://{}", listener.local_addr()?);
        let served = tokio::spawn(async move { axum::serve(listener, files).await });
        let found = self
            .ran(&[
                "verifier",
                "--tuiles",
                &url,
                "--sceaux",
                self.path("cles.json").to_str().unwrap_or_default(),
            ])
            .await;
        served.abort();
        found
    }

    async fn prove(&self) -> Result<()> {
        let (id, _) = super::rolls::history(self.events / HISTORY / 2);
        let path = |name| self.path(name).to_string_lossy().into_owned();
        let (kek, id) = (self.ours.kek_file().to_string_lossy().into_owned(), of_roll(id).id);
        self.ran(&[
            "--cle",
            &kek,
            "prouver",
            "appel",
            &id,
            "--question",
            "Qui était là ?",
            "--demandeur",
            "la mesure",
            "--motif",
            "mesure",
            "--vers",
            &path("preuve.zip"),
            "--sceaux",
            &path("cles.json"),
            "--tuiles",
            &path("tuiles"),
            "--sans-consultation",
            "mesure",
        ])
        .await
    }

    /// Runs the auditor's program on this record.
    async fn ran(&self, arguments: &[&str]) -> Result<()> {
        let base = sqlx::ConnectOptions::to_url_lossy(&self.place.auditor).to_string();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = ["ent-rejeu", "--base", &base].into_iter().chain(arguments.iter().copied());
        let verdict = replay_tools::run(arguments, &mut out, &mut err).await;
        ensure!(verdict == Verdict::Valide, "{}", String::from_utf8_lossy(&[out, err].concat()));
        Ok(())
    }

    async fn bundle_and_size(&self, bundle_in: String) -> Result<Table> {
        let events = self.events as f64;
        let (table, indexes): (i64, i64) =
            sqlx::query_as("SELECT pg_table_size('ledger.events'), pg_indexes_size('ledger.events')")
                .fetch_one(self.ours.ledger.pool())
                .await?;
        let files = WalkDir::new(self.path("tuiles")).into_iter().filter_map(Result::ok);
        let tiles: u64 = files
            .filter_map(|file| file.metadata().ok())
            .filter(|file| file.is_file())
            .map(|file| file.len())
            .sum();
        let bundle = std::fs::metadata(self.path("preuve.zip"))?.len();
        let mut size = Table::new(
            "Bundle and size",
            "Contents of some 150 bytes; the bundle is of 30 acts, with all that goes with it.",
            &["what", "figure"],
        );
        size.row(vec![
            "envelopes and sealed contents, per event".to_owned(),
            format!("{:.0} bytes", table as f64 / events),
        ]);
        size.row(vec![
            "their indexes, per event".to_owned(),
            format!("{:.0} bytes", indexes as f64 / events),
        ]);
        size.row(vec!["tiles, per event".to_owned(), format!("{:.1} bytes", tiles as f64 / events)]);
        size.row(vec!["evidence bundle of one roll, made in".to_owned(), bundle_in]);
        size.row(vec!["it takes".to_owned(), format!("{bundle} bytes")]);
        Ok(size)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

/// Who seals this database, with keys and tiles in this folder.
fn sealer(place: &Place, home: &Path) -> Result<Sealer> {
    let keys = SealKeys::create(&home.join("sceau.json"), SystemClock.now(), |key| rand::fill(key))?;
    let tiles = TileStore::in_folder(&home.join("tuiles"))?;
    Ok(Sealer::new(pool(&place.app, 2), tiles, Arc::new(keys), DOMAINE, Arc::new(SystemClock)))
}

async fn file(State(folder): State<Arc<PathBuf>>, Asked(path): Asked<String>) -> Result<Vec<u8>, StatusCode> {
    tokio::fs::read(folder.join(path)).await.map_err(|_| StatusCode::NOT_FOUND)
}

/// What sealing costs those who write meanwhile: the same load with and without it.
async fn cost(ground: &Ground, options: &Options) -> Result<Table> {
    let mut table = Table::new(
        "Cost of sealing",
        "One command opens one new roll, all on one portal, closed loop, the generator and the sealer in the \
         process of the writer; without and with a sealer, in turns. CPU is per command.",
        &["in flight", "sealing", "commands/s", "p50 ms", "p99 ms", "CPU here µs", "CPU PostgreSQL µs"],
    );
    for in_flight in IN_FLIGHT {
        for (name, sealed) in [("none", false), ("beside", true)] {
            let mut rounds = Vec::new();
            for _ in 0..options.rounds {
                rounds.push(written(ground, options, in_flight, sealed).await?);
            }
            rounds.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
            let outcome = rounds.swap_remove(rounds.len() / 2);
            let (here, postgres) = outcome.cpu_per_answer();
            table.row(vec![
                in_flight.to_string(),
                name.to_owned(),
                format!("{:.0}", outcome.rate()),
                format!("{:.2}", outcome.milliseconds(50.0)),
                format!("{:.2}", outcome.milliseconds(99.0)),
                format!("{here:.0}"),
                format!("{postgres:.0}"),
            ]);
        }
    }
    Ok(table)
}

async fn written(ground: &Ground, options: &Options, in_flight: usize, sealed: bool) -> Result<Outcome> {
    let place = ground.migrated().await?;
    let (ours, home) = (Ours::open(&place)?, tempfile::tempdir()?);
    let (stop, stopped) = watch::channel(false);
    let sealing = if sealed {
        let sealer = sealer(&place, home.path())?;
        Some(tokio::spawn(async move { sealer.run(stopped).await }))
    } else {
        None
    };
    ground.settle().await?;
    let number = Arc::new(AtomicUsize::new(0));
    let outcome = closed_loop(ground, in_flight, options.duration, move |_, _| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let (ours, (id, command)) = (ours.clone(), opening(number));
        async move { ours.tell(id, command, number).await }
    })
    .await?;
    stop.send_replace(true);
    if let Some(sealing) = sealing {
        sealing.await?;
    }
    Ok(outcome)
}
