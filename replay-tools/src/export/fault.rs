//! What keeps an export from being written or read.

use std::io;
use std::path::{Path, PathBuf};

/// See the module. Never tells a content.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// A file cannot be opened, written or read.
    #[error("le fichier {path} ne peut être lu ou écrit")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the export fails in its middle.
    #[error("un fichier de l'export ne peut être lu ou écrit")]
    Stream(#[from] io::Error),
    /// A Parquet file is none, or is damaged.
    #[error("un fichier Parquet ne peut être lu ou écrit")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// What stands where an event should.
    #[error("l'événement qui suit le n° {after} est illisible dans l'export")]
    Event {
        /// The last one read.
        after: i64,
    },
    /// An envelope cannot be told in this format.
    #[error("l'enveloppe de l'événement n° {0} est illisible : ce journal ne s'exporte qu'en jsonl")]
    Envelope(i64),
    /// The manifest is none.
    #[error("le manifeste de l'export est illisible")]
    Manifest(#[source] serde_json::Error),
}

impl ExportFault {
    /// A file, and why not.
    pub fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
