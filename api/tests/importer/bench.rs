//! A private server, the use cases over it, and feeds to import.

use api::importer::aaf::generator::{Academie, Plan, generate};
use api::importer::{ErreurImport, Import, Rapport};
use api::postgres::{Options, Serveur};
use chrono::TimeDelta;
use commands::Commands;
use commands::rights::{Acteur, Rights};
use domain::CompteId;
use ledger::Ledger;
use ledger::clock::{Clock, ManualClock};
use ledger::kek::FileKek;
use ledger::keys::KeyRing;
use projections::runner::Runner;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub struct Bench {
    pub pool: PgPool,
    pub commands: Commands,
    pub runner: Runner,
    clock: Arc<ManualClock>,
    serveur: Serveur,
    data: TempDir,
}

impl Bench {
    pub async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let serveur = Serveur::start(data.path(), Options::volatile()).await.unwrap();
        let owner = PgPool::connect(serveur.owner_url().expose_secret()).await.unwrap();
        migrations::migrate(&owner).await.unwrap();
        owner.close().await;
        let options: PgConnectOptions = serveur.app_url().expose_secret().parse().unwrap();
        let options = projections::in_live_place(options);
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
        let mut byte = 0;
        let kek = FileKek::create(&data.path().join("kek"), |bytes| {
            bytes.iter_mut().for_each(|one| {
                byte += 1;
                *one = byte;
            });
        });
        let keys = KeyRing::new(pool.clone(), Arc::new(kek.unwrap()));
        let clock = Arc::new(ManualClock::at("2026-09-30T06:00:00Z".parse().unwrap()));
        let ledger = Ledger::open(pool.clone(), keys.clone(), clock.clone());
        let exploitants = [exploitant()].into_iter().collect();
        let commands = Commands::new(ledger, pool.clone(), Rights::load().unwrap(), exploitants);
        let runner = Runner::new(pool.clone(), keys, projections::all());
        Self { pool, commands, runner, clock, serveur, data }
    }

    pub async fn close(self) {
        self.pool.close().await;
        self.serveur.stop().await.unwrap();
    }

    /// A feed, written under that name.
    pub fn feed(&self, name: &str, plan: &Plan) -> PathBuf {
        let dossier = self.data.path().join(name);
        generate(&dossier, plan).unwrap();
        dossier
    }

    /// A folder of that name, made if need be.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.data.path().join(name);
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

    pub async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        sqlx::query_scalar(&sql).fetch_one(&self.pool).await.unwrap()
    }
}

pub fn exploitant() -> CompteId {
    CompteId::derived(&["exploitant"])
}

/// The demo's feed, of one académie.
pub fn plan(academie: Academie) -> Plan {
    Plan::demo(7, academie, "2026-09-14".parse().unwrap())
}
