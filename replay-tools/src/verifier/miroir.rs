//! Where the files of a sealed journal are read over HTTP: at its portal, or at anybody's
//! copy of them (C2SP tlog-tiles).

use crate::obstacle::Obstacle;
use ledger::tlog::Hash;
use ledger::tlog::bundle::LARGEST_LEAF;
use ledger::tlog::proof::Tiles;
use ledger::tlog::tile::{Level, Tile, WIDTH};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use serde::de::DeserializeOwned;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a file may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest checkpoint that is read, with its cosignatures.
const CHECKPOINT_MAX: usize = 64 * 1024;
/// The longest list of timestamps, or timestamp.
const LIST_MAX: usize = 256 * 1024;
/// The largest bundle: a tile of the largest leaves, with their lengths.
const BUNDLE_MAX: usize = WIDTH as usize * (LARGEST_LEAF + 2);

/// See the module.
pub struct Miroir {
    client: Client,
    base: String,
    /// An auditor's token, for entry bundles.
    jeton: Option<String>,
}

/// Why a file cannot be read. Says which, and never the token.
#[derive(Debug, thiserror::Error)]
pub enum MiroirFault {
    /// The server did not answer.
    #[error("{file}")]
    Http {
        /// Which file.
        file: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The server answered something else.
    #[error("{file} : le serveur répond {status}")]
    Status {
        /// Which file.
        file: String,
        /// What it answered.
        status: u16,
    },
    /// The answer is longer than such a file can be, or is not one.
    #[error("{file} n'est pas un tel fichier")]
    Unlike {
        /// Which file.
        file: String,
    },
}

/// Where the names of the platform are, whatever the domain name system says: as before they
/// are announced, or to ask one machine of several.
struct Ici(IpAddr);

impl Resolve for Ici {
    fn resolve(&self, _: Name) -> Resolving {
        // The port is the address's own.
        let here: Addrs = Box::new(std::iter::once(SocketAddr::new(self.0, 0)));
        Box::pin(std::future::ready(Ok(here)))
    }
}

impl MiroirFault {
    /// Whether there is no such file, rather than nobody who gives it.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Status { status: 404, .. })
    }
}

impl Miroir {
    /// The files at this address, which ends before `/checkpoint`.
    pub fn at(url: &Url, jeton: Option<&Path>, ici: Option<IpAddr>) -> Result<Self, Obstacle> {
        let jeton = match jeton {
            Some(path) => Some(
                std::fs::read_to_string(path)
                    .map_err(|source| Obstacle::File { path: path.to_owned(), source })?
                    .trim()
                    .to_owned(),
            ),
            None => None,
        };
        // A token must not follow a redirect to another host.
        let mut client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none());
        if let Some(ici) = ici {
            client = client.dns_resolver(Arc::new(Ici(ici))).no_proxy();
        }
        let client = client.build().map_err(|source| MiroirFault::Http { file: String::new(), source })?;
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned(), jeton })
    }

    /// A file that is JSON.
    pub async fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, MiroirFault> {
        let bytes = self.get(file, LIST_MAX).await?;
        serde_json::from_slice(&bytes).map_err(|_| MiroirFault::Unlike { file: file.to_owned() })
    }

    /// A file of whatever kind.
    pub async fn bytes(&self, file: &str) -> Result<Vec<u8>, MiroirFault> {
        self.get(file, LIST_MAX).await
    }

    /// Whether leaves can be read too.
    pub fn opens_leaves(&self) -> bool {
        self.jeton.is_some()
    }

    /// The signed head of the tree.
    pub async fn checkpoint(&self) -> Result<String, MiroirFault> {
        let file = "checkpoint".to_owned();
        let bytes = self.get(&file, CHECKPOINT_MAX).await?;
        String::from_utf8(bytes).map_err(|_| MiroirFault::Unlike { file })
    }

    /// The leaves of a tile, as a bundle.
    pub async fn bundle(&self, tile: Tile) -> Result<Vec<u8>, MiroirFault> {
        let tile = Tile { level: Level::Entries, ..tile };
        self.get(&format!("tile/{tile}"), BUNDLE_MAX).await
    }

    async fn get(&self, file: &str, most: usize) -> Result<Vec<u8>, MiroirFault> {
        let http = |source: reqwest::Error| MiroirFault::Http {
            file: file.to_owned(),
            source: source.without_url(),
        };
        let mut request = self.client.get(format!("{}/{file}", self.base));
        if let Some(jeton) = &self.jeton {
            request = request.bearer_auth(jeton);
        }
        let mut answer = request.send().await.map_err(http)?;
        if !answer.status().is_success() {
            return Err(MiroirFault::Status { file: file.to_owned(), status: answer.status().as_u16() });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(http)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > most {
                return Err(MiroirFault::Unlike { file: file.to_owned() });
            }
        }
        Ok(bytes)
    }
}

impl Tiles for Miroir {
    type Fault = MiroirFault;

    async fn read(&self, tile: Tile) -> Result<Vec<Hash>, MiroirFault> {
        let file = format!("tile/{tile}");
        let bytes = self.get(&file, usize::from(tile.width) * 32).await?;
        tile.hashes(&bytes).ok_or(MiroirFault::Unlike { file })
    }
}
