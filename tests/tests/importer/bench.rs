//! The use cases over a record of its own, and feeds to import.

use api::importer::aaf::generator::{Academie, Plan, generate};
use api::importer::{ErreurImport, Import, Rapport};
use chrono::TimeDelta;
use commands::Commands;
use commands::rights::{Acteur, Rights};
use ledger::clock::{Clock, ManualClock};
use projections::runner::Runner;
pub use recits::exploitant;
use sqlx::PgPool;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// When the first feed is imported, but for a minute.
const DEBUT: &str = "2026-09-30T06:00:00Z";

pub struct Bench {
    pub pool: PgPool,
    pub commands: Commands,
    pub runner: Runner,
    clock: Arc<ManualClock>,
    feeds: TempDir,
    record: recits::Bench,
}

impl Bench {
    pub async fn open() -> Self {
        Self::over(recits::Bench::open_at(DEBUT.parse().unwrap()).await.unwrap())
    }

    /// The same, with the feed of the académie de Lyon imported and followed; and the folder of that feed.
    pub async fn imported() -> (Self, PathBuf) {
        let record = recits::Bench::peuplee("livraison", DEBUT.parse().unwrap(), modele).await.unwrap();
        let bench = Self::over(record);
        // As late as it was when that was done.
        bench.patienter().await;
        let feed = bench.feed("complete", &plan(Academie::Lyon));
        (bench, feed)
    }

    fn over(record: recits::Bench) -> Self {
        let exploitants = [exploitant()].into_iter().collect();
        let rights = Rights::load().unwrap();
        Self {
            pool: record.views.clone(),
            commands: Commands::new(record.ledger.clone(), record.views.clone(), rights, exploitants),
            runner: record.runner.clone(),
            clock: record.clock.clone(),
            feeds: tempfile::tempdir().unwrap(),
            record,
        }
    }

    pub async fn close(self) {
        self.record.ledger.close().await;
    }

    /// A feed, written under that name.
    pub fn feed(&self, name: &str, plan: &Plan) -> PathBuf {
        let dossier = self.feeds.path().join(name);
        generate(&dossier, plan).unwrap();
        dossier
    }

    /// A folder of that name, made if need be.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.feeds.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    pub async fn import(&self, dossier: &Path, a_blanc: bool) -> Rapport {
        let acteur = self.commands.acteur(Some(exploitant())).await.unwrap();
        self.import_as(&acteur, dossier, a_blanc).await.unwrap()
    }

    /// Waits a minute, and for the views: imports follow each other.
    pub async fn patienter(&self) {
        self.clock.set(self.clock.now() + TimeDelta::minutes(1));
        self.runner.catch_up().await.unwrap();
    }

    /// Imports, a minute after the import before.
    pub async fn import_as(
        &self,
        acteur: &Acteur,
        dossier: &Path,
        a_blanc: bool,
    ) -> Result<Rapport, ErreurImport> {
        self.patienter().await;
        let import = Import { dossier: dossier.to_owned(), a_blanc };
        import.run(&self.commands, acteur, Arc::new(|_| ())).await
    }

    /// Position of every journal, by portal.
    pub async fn heads(&self) -> Vec<(String, i64)> {
        sqlx::query_as("SELECT portail, position FROM ledger.journal ORDER BY 1, 2")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    pub async fn count(&self, table: &str) -> usize {
        let sql = format!("SELECT count(*) FROM {table}");
        let count: i64 = sqlx::query_scalar(&sql).fetch_one(&self.pool).await.unwrap();
        usize::try_from(count).unwrap()
    }
}

/// What [`Bench::imported`] is a copy of.
async fn modele(record: recits::Bench) -> anyhow::Result<()> {
    let bench = Bench::over(record);
    let feed = bench.feed("complete", &plan(Academie::Lyon));
    bench.import(&feed, false).await;
    bench.runner.catch_up().await?;
    bench.close().await;
    Ok(())
}

/// Pupils of each of the twenty divisions.
pub const PAR_DIVISION: usize = 8;
/// All of them.
pub const ELEVES: usize = 20 * PAR_DIVISION;

/// The demo's feed, of one académie, with small divisions.
pub fn plan(academie: Academie) -> Plan {
    let demo = Plan::demo(7, academie, "2026-09-14".parse().unwrap());
    Plan { eleves_par_division: PAR_DIVISION, ..demo }
}
