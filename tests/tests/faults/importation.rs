//! An import that is killed half-way is begun again: nobody is there twice, and the directory is what
//! one import in one go makes of it.

use super::livraisons::{Livraison, Source};
use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use recits::Bench;
use recits::faults::wait::until;
use recits::faults::{Environment, command, environment};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// How long an import of some hundred people may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// The advisory lock before which an import is halted.
const HALTE: i32 = 0x6861;
/// What the directory is made of.
const ANNUAIRE: [&str; 11] = [
    "etablissement",
    "division",
    "groupe_declare",
    "enseignement",
    "enseignant",
    "personne",
    "rattachement",
    "repartition",
    "responsabilite",
    "source",
    "source_etablissement",
];

/// A record of its own, into which the real program imports.
struct Lieu {
    bench: Bench,
    environment: Environment,
    log: PathBuf,
    _folder: TempDir,
}

impl Lieu {
    /// One that knows what the delivery supposes to be known.
    async fn ouvrir(livraison: &Livraison) -> Result<Self> {
        let bench = Bench::open().await?;
        let folder = tempfile::tempdir()?;
        let environment = environment(&bench, folder.path()).await?;
        let lieu = Self { bench, environment, log: folder.path().join("ent.log"), _folder: folder };
        if let Some(base) = &livraison.base {
            lieu.importer(base).await?;
        }
        Ok(lieu)
    }

    fn command(&self, arguments: &[String]) -> Result<Command> {
        let arguments = ["importer"].into_iter().chain(arguments.iter().map(String::as_str));
        command(&self.environment, &self.log, &arguments.collect::<Vec<_>>())
    }

    /// Imports, to the end.
    async fn importer(&self, arguments: &[String]) -> Result<()> {
        let ended = self.command(arguments)?.status().await?;
        ensure!(ended.success(), "{ended}; {}", self.last_words());
        Ok(())
    }

    /// Imports, and kills the program when it comes to record what would stand at a place: what was
    /// committed before is there, and nothing of that.
    async fn importer_jusqu_a(&self, place: i64, arguments: &[String]) -> Result<()> {
        let owner = &self.bench.owner;
        let mut holder = owner.acquire().await?;
        sqlx::query(&format!("SELECT pg_advisory_lock({HALTE})")).execute(&mut *holder).await?;
        sqlx::raw_sql(&format!(
            "CREATE FUNCTION public.halte() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 PERFORM pg_catalog.pg_advisory_xact_lock({HALTE});
                 RETURN NEW;
             END $$;
             CREATE TRIGGER halte BEFORE INSERT ON ledger.events
                 FOR EACH ROW WHEN (NEW.position >= {place}) EXECUTE FUNCTION public.halte()"
        ))
        .execute(owner)
        .await?;
        let mut import = self.command(arguments)?.spawn()?;
        let pid = Pid::from_raw(import.id().context("the import has ended")?.cast_signed());
        let waits = format!(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {HALTE} AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        );
        let halted = until("an import at its place", PATIENCE, async || {
            if let Some(ended) = import.try_wait()? {
                bail!("it has ended before ({ended}); {}", self.last_words());
            }
            let backend: Option<i32> = sqlx::query_scalar(&waits).fetch_optional(owner).await?;
            Ok(backend)
        });
        let backend = halted.await?;
        kill(pid, Signal::SIGKILL)?;
        import.wait().await?;
        sqlx::query("SELECT pg_terminate_backend($1)").bind(backend).execute(owner).await?;
        // Waits until what was halted is undone.
        let free = "DROP TRIGGER halte ON ledger.events; DROP FUNCTION public.halte()";
        sqlx::raw_sql(free).execute(owner).await?;
        sqlx::query(&format!("SELECT pg_advisory_unlock({HALTE})")).execute(&mut *holder).await?;
        Ok(())
    }

    async fn head(&self) -> Result<i64> {
        let sql = "SELECT coalesce(sum(position), 0)::bigint FROM ledger.journal";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.bench.owner).await?)
    }

    /// How many entries of people there are in the record, and of how many people.
    async fn enregistrees(&self) -> Result<(i64, i64)> {
        let sql = "SELECT count(*), count(DISTINCT aggregate_id) FROM ledger.events
             WHERE event_type = 'annuaire.personne.enregistree'";
        Ok(sqlx::query_as(sql).fetch_one(&self.bench.owner).await?)
    }

    /// The directory, row by row.
    async fn annuaire(&self) -> Result<BTreeSet<String>> {
        let mut rows = BTreeSet::new();
        for table in ANNUAIRE {
            let sql = format!("SELECT '{table} ' || t::text FROM {table} t");
            let of_it: Vec<String> = sqlx::query_scalar(&sql).fetch_all(&self.bench.views).await?;
            rows.extend(of_it);
        }
        Ok(rows)
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

async fn goes_on_without_a_double(source: Source) -> Result<()> {
    let files = tempfile::tempdir()?;
    let livraison = source.livraison(files.path())?;
    let entier = Lieu::ouvrir(&livraison).await?;
    let before = entier.head().await?;
    entier.importer(&livraison.arguments).await?;
    let said = entier.head().await? - before;
    ensure!(said > 100, "{source:?} says too little to be broken off: {said} events");

    let coupe = Lieu::ouvrir(&livraison).await?;
    let before = coupe.head().await?;
    let place = before + said / 2;
    coupe.importer_jusqu_a(place, &livraison.arguments).await?;
    let half = coupe.head().await?;
    ensure!(before < half && half < place, "{source:?}: killed at {half}, not between {before} and {place}");
    coupe.importer(&livraison.arguments).await?;
    let (entries, people) = coupe.enregistrees().await?;
    ensure!(entries == people, "{source:?}: {entries} entries of {people} people");
    let (wanted, got) = (entier.annuaire().await?, coupe.annuaire().await?);
    let (lacks, more) = (&wanted - &got, &got - &wanted);
    ensure!(lacks.is_empty() && more.is_empty(), "{source:?} lacks {lacks:#?} and has {more:#?}");

    // And once more: nothing but that the delivery was taken again.
    let before = coupe.head().await?;
    coupe.importer(&livraison.arguments).await?;
    ensure!(coupe.head().await? == before + 2, "{source:?} says something anew");
    Ok(())
}

/// One test for each source.
macro_rules! killed {
    ($($name:ident: $source:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() -> Result<()> {
            goes_on_without_a_double(Source::$source).await
        }
    )*};
}

killed! {
    a_complete_feed_of_the_aaf_that_is_killed_goes_on_without_a_double: AafComplet;
    a_delta_of_the_aaf_that_is_killed_goes_on_without_a_double: AafDelta;
    an_export_of_siecle_that_is_killed_goes_on_without_a_double: Siecle;
    an_export_of_sts_that_is_killed_goes_on_without_a_double: Sts;
    a_csv_file_that_is_killed_goes_on_without_a_double: Csv;
}
