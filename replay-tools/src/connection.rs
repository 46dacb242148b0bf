//! How the record is reached: which database, with which key file.

use crate::cli::Access;
use crate::obstacle::Obstacle;
use ledger::kek::{FileKek, KekProvider, Wrapped};
use ledger::keys::KeyRing;
use ledger::objects::ObjectPlace;
use ledger::sealer::store::TileStore;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Where the private server writes the URL of its auditor, in its data directory.
pub const URL_FILE: &str = "auditeur.url";
/// Where its keys are by default.
const KEK_FILE: &str = "kek.json";
/// Where its tiles are by default.
const TILES: &str = "tuiles";

/// How many data keys are tried before a key file is called another database's.
const SAMPLE: i64 = 16;

/// A database and the keys to its contents.
pub struct Source {
    options: PgConnectOptions,
    kek: Option<Arc<dyn KekProvider>>,
    tuiles: PathBuf,
}

impl Source {
    /// The database named by the arguments or the environment, else the private server
    /// of the data directory, which also has a key file.
    pub fn find(access: &Access) -> Result<Self, Obstacle> {
        Self::choose(access, std::env::var("DATABASE_URL").ok())
    }

    fn choose(access: &Access, fallback: Option<String>) -> Result<Self, Obstacle> {
        let said = |url: &String| !url.trim().is_empty();
        let (url, kek) = match access.base.clone().filter(said).or(fallback.filter(said)) {
            Some(url) => (url, access.cle.clone()),
            None => {
                let kek = access.donnees.join(KEK_FILE);
                (url_in(&access.donnees)?, access.cle.clone().or_else(|| kek.exists().then_some(kek)))
            }
        };
        let options = PgConnectOptions::from_str(url.trim()).map_err(|_| Obstacle::BadUrl)?;
        Ok(Self {
            options: options.application_name("ent-rejeu").disable_statement_logging(),
            kek: kek_in(kek)?,
            tuiles: access.donnees.join(TILES),
        })
    }

    /// The tiles of the journals: there, else where the private server has them.
    pub fn tuiles(&self, asked: Option<&ObjectPlace>) -> Result<TileStore, Obstacle> {
        let folder = match asked {
            Some(ObjectPlace::Bucket(url)) => return Ok(TileStore::in_bucket(url, std::env::vars_os())?),
            Some(ObjectPlace::Folder(folder)) => folder,
            None => &self.tuiles,
        };
        // A folder that is not there would be made.
        if !folder.is_dir() {
            return Err(Obstacle::NoTiles(folder.to_owned()));
        }
        Ok(TileStore::in_folder(folder)?)
    }

    /// Whether contents can be opened.
    pub fn has_keys(&self) -> bool {
        self.kek.is_some()
    }

    /// A connection in the live place of the views that can change nothing, whatever its
    /// role may do.
    pub async fn reader(&self) -> Result<PgConnection, Obstacle> {
        let options = self.options.clone().options([("default_transaction_read_only", "on")]);
        let options = projections::in_live_place(options);
        PgConnection::connect_with(&options).await.map_err(Obstacle::Unreachable)
    }

    /// Connections in the live place of the views, that may make temporary tables.
    pub async fn scratch_pool(&self) -> Result<PgPool, Obstacle> {
        let options = self.options.clone().options([("default_transaction_read_only", "off")]);
        let options = projections::in_live_place(options);
        // A pool would try again until its deadline, and then not say why it could not.
        let tried = PgConnection::connect_with(&options).await.map_err(Obstacle::Unreachable)?;
        tried.close().await?;
        Ok(PgPoolOptions::new().max_connections(2).connect_lazy_with(options))
    }

    /// The keys to the contents, if there is a key file. One that opens nothing of this
    /// database is another's: contents would look damaged that are not.
    pub async fn keys(&self, connection: &mut PgConnection) -> Result<Option<KeyRing>, Obstacle> {
        let Some(kek) = &self.kek else { return Ok(None) };
        let sample: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT kek_id, wrapped FROM ledger.keys WHERE wrapped IS NOT NULL LIMIT $1")
                .bind(SAMPLE)
                .fetch_all(&mut *connection)
                .await?;
        let opens = |(kek_id, bytes)| kek.unwrap(&Wrapped { kek_id, bytes }).is_ok();
        if !sample.is_empty() && !sample.into_iter().any(opens) {
            return Err(Obstacle::OtherKek);
        }
        // Contents are read on the caller's connection; the pool would only make keys.
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(self.options.clone());
        Ok(Some(KeyRing::new(pool, kek.clone())))
    }
}

fn url_in(data_dir: &Path) -> Result<String, Obstacle> {
    let path = data_dir.join(URL_FILE);
    match std::fs::read_to_string(&path) {
        Ok(url) => Ok(url),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Obstacle::NoBase(path)),
        Err(source) => Err(Obstacle::File { path, source }),
    }
}

fn kek_in(path: Option<PathBuf>) -> Result<Option<Arc<dyn KekProvider>>, Obstacle> {
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    Ok(Some(Arc::new(FileKek::read(&path)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(donnees: &Path) -> Access {
        Access { base: None, cle: None, donnees: donnees.to_owned() }
    }

    #[test]
    fn the_private_server_of_the_data_directory_is_found_with_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(URL_FILE), "postgres://ent_auditeur:x@%2Fdonnees%2Frun/ent\n")
            .unwrap();
        FileKek::create(&folder.path().join(KEK_FILE), |bytes| bytes.fill(7)).unwrap();
        let source = Source::choose(&access(folder.path()), None).unwrap();
        assert_eq!(source.options.get_username(), "ent_auditeur");
        assert!(source.has_keys());
    }

    #[test]
    fn the_keys_of_the_private_server_are_not_tried_on_another_database() {
        let folder = tempfile::tempdir().unwrap();
        FileKek::create(&folder.path().join(KEK_FILE), |bytes| bytes.fill(7)).unwrap();
        let source =
            Source::choose(&access(folder.path()), Some("postgres://elsewhere/ent".to_owned())).unwrap();
        assert!(!source.has_keys());
    }

    #[test]
    fn a_named_database_comes_before_the_one_of_the_environment_unless_it_is_blank() {
        let folder = tempfile::tempdir().unwrap();
        let user = |base: &str| {
            let access = Access { base: Some(base.to_owned()), ..access(folder.path()) };
            let source = Source::choose(&access, Some("postgres://second@h/ent".to_owned())).unwrap();
            source.options.get_username().to_owned()
        };
        assert_eq!(user("postgres://first@h/ent"), "first");
        assert_eq!(user(" "), "second");
    }

    #[test]
    fn without_any_database_the_program_says_what_it_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let Err(obstacle) = Source::choose(&access(folder.path()), None) else { panic!("one was found") };
        assert!(obstacle.reasons().contains(URL_FILE));
    }
}
