//! Where tiles are kept: a folder, or a bucket of S3's protocol.

use super::log::Log;
use crate::tlog::Hash;
use crate::tlog::proof::Tiles;
use crate::tlog::tile::{Tile, bytes};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Where tiles are, as it is written: a folder, or `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TilePlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(String),
}

impl FromStr for TilePlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            None if !text.is_empty() => Ok(Self::Folder(text.into())),
            Some(("s3", place)) if !place.is_empty() => Ok(Self::Bucket(text.to_owned())),
            None | Some(_) => Err("it is neither a folder nor s3://bucket/prefix"),
        }
    }
}

impl Display for TilePlace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(url) => f.write_str(url),
        }
    }
}

/// Tiles of all logs.
#[derive(Clone)]
pub struct TileStore(Arc<dyn ObjectStore>);

/// A bucket that is away is soon said to be: who seals comes back by itself.
fn retry() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() }
}

/// Why a tile cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TileFault {
    /// It is not there.
    #[error("tile {0} is not there")]
    Absent(String),
    /// It is there, and is not a tile.
    #[error("tile {0} is damaged")]
    Damaged(String),
    /// The folder or the bucket does not answer.
    #[error("the store of tiles")]
    Store(#[from] object_store::Error),
}

impl TileStore {
    /// Tiles in a folder, which is made if it is not there. What is written is on the disk
    /// before a checkpoint promises it.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, TileFault> {
        std::fs::create_dir_all(folder)
            .map_err(|source| object_store::Error::Generic { store: "folder", source: Box::new(source) })?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Tiles in a bucket, under `s3://bucket/prefix`; its region, endpoint and credentials are
    /// the usual `AWS_…` variables of this environment.
    pub fn in_bucket(
        url: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, TileFault> {
        let mut builder = AmazonS3Builder::new().with_url(url).with_retry(retry());
        for (name, value) in environment {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
            if let (true, Ok(key)) = (name.starts_with("AWS_"), name.to_ascii_lowercase().parse()) {
                builder = builder.with_config(key, value);
            }
        }
        let prefix = url.splitn(4, '/').nth(3).unwrap_or_default();
        let prefix = Path::parse(prefix).map_err(object_store::Error::from)?;
        Ok(Self(Arc::new(PrefixStore::new(builder.build()?, prefix))))
    }

    /// The tiles of one log.
    pub fn of(&self, log: impl Into<Log>) -> LogTiles {
        LogTiles { store: self.0.clone(), name: log.into().to_string() }
    }
}

/// Tiles of one log.
#[derive(Clone)]
pub struct LogTiles {
    store: Arc<dyn ObjectStore>,
    name: String,
}

impl LogTiles {
    fn place(&self, tile: Tile) -> Path {
        Path::from(format!("{}/tile/{tile}", self.name))
    }

    /// Writes a tile. What a tile holds never changes, so that to write it again is no harm.
    pub async fn write(&self, tile: Tile, hashes: &[Hash]) -> Result<(), TileFault> {
        self.store.put(&self.place(tile), bytes(hashes).into()).await?;
        Ok(())
    }

    /// Removes the narrower forms of a tile that is full now.
    pub async fn remove_partial(&self, tile: Tile) -> Result<(), TileFault> {
        let narrower = Path::from(format!("{}/tile/{}.p", self.name, tile.full()));
        for found in self.store.list_with_delimiter(Some(&narrower)).await?.objects {
            self.store.delete(&found.location).await?;
        }
        Ok(())
    }

    async fn exactly(&self, tile: Tile) -> Result<Vec<Hash>, TileFault> {
        let bytes = match self.store.get(&self.place(tile)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Err(TileFault::Absent(tile.to_string())),
            Err(error) => return Err(error.into()),
        };
        tile.hashes(&bytes).ok_or_else(|| TileFault::Damaged(tile.to_string()))
    }
}

impl Tiles for LogTiles {
    type Fault = TileFault;

    /// A partial tile that was removed is the beginning of the full one.
    async fn read(&self, tile: Tile) -> Result<Vec<Hash>, TileFault> {
        match self.exactly(tile).await {
            Err(TileFault::Absent(_)) if !tile.is_full() => {
                let mut hashes = self.exactly(tile.full()).await?;
                hashes.truncate(usize::from(tile.width));
                Ok(hashes)
            }
            read => read,
        }
    }
}
