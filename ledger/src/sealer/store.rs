//! The tiles of all logs, where they are kept.

use super::log::Log;
use crate::objects;
use crate::tlog::Hash;
use crate::tlog::proof::Tiles;
use crate::tlog::tile::{Tile, bytes};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::ffi::OsString;
use std::sync::Arc;

/// Tiles of all logs.
#[derive(Clone)]
pub struct TileStore(Arc<dyn ObjectStore>);

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
        Ok(Self(objects::in_folder(folder)?))
    }

    /// Tiles in a bucket, under `s3://bucket/prefix`; its region, endpoint and credentials are
    /// the usual `AWS_…` variables of this environment.
    pub fn in_bucket(
        url: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, TileFault> {
        Ok(Self(objects::in_bucket(url, environment)?))
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
