//! A history as somebody tells it who has the key of the house: leaves of his choice, the tree
//! that they make, and a head of it that the house's own key signs.

use anyhow::{Context, Result};
use ledger::envelope::leaf_hash;
use ledger::sealer::keys::SealKeys;
use ledger::tlog::edge::Edge;
use ledger::tlog::proof::{self, Tiles};
use ledger::tlog::text::Proof;
use ledger::tlog::tile::{Level, Tile, bytes};
use ledger::tlog::{Hash, Origin, bundle};
use std::collections::BTreeMap;
use std::io;

/// What is done to a record.
#[derive(Debug, Clone, Copy)]
pub enum Falsification {
    /// A byte of a leaf is flipped.
    Retouchee,
    /// An event is removed; an invented one at the end has nobody count one less.
    Retiree,
    /// An event and the next trade places.
    Permutee,
}

impl Falsification {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Retouchee, Self::Retiree, Self::Permutee];

    /// The leaves after it, as many as before.
    pub fn of(self, leaves: &[Vec<u8>], at: usize) -> Vec<Vec<u8>> {
        let mut leaves = leaves.to_vec();
        match self {
            Self::Retouchee => leaves[at][20] ^= 1,
            Self::Retiree => {
                leaves.remove(at);
                leaves.push(b"{}".to_vec());
            }
            Self::Permutee => leaves.swap(at, at + 1),
        }
        leaves
    }
}

/// See the module.
pub struct Histoire {
    leaves: Vec<Vec<u8>>,
    tiles: BTreeMap<Tile, Vec<Hash>>,
    root: Hash,
}

impl Tiles for Histoire {
    type Fault = io::Error;

    async fn read(&self, tile: Tile) -> io::Result<Vec<Hash>> {
        self.tiles.get(&tile).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Histoire {
    /// The one of these leaves.
    pub fn of(leaves: Vec<Vec<u8>>) -> Self {
        let (mut edge, mut tiles) = (Edge::default(), BTreeMap::new());
        for leaf in &leaves {
            edge.push(Hash(leaf_hash(leaf)), |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
        }
        tiles.extend(edge.partial().map(|(tile, hashes)| (tile, hashes.to_vec())));
        Self { root: edge.root(), leaves, tiles }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Its head, signed.
    pub fn signed(&self, keys: &SealKeys, origin: &Origin) -> Result<String> {
        Ok(keys.active().context("no key")?.sign(origin, self.size(), self.root)?)
    }

    /// That it goes on from its own first leaves.
    pub async fn since(&self, old: u64) -> Result<Vec<Hash>> {
        Ok(proof::consistency(self, self.size(), old).await?)
    }

    /// That it has a leaf, under a head.
    pub async fn proof(&self, index: u64, checkpoint: &str) -> Result<Proof> {
        let hashes = proof::inclusion(self, self.size(), index).await?;
        Ok(Proof { index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Its tiles and its leaves as anybody asks for them, by their paths.
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let tiles = self.tiles.iter().map(|(tile, hashes)| (format!("tile/{tile}"), bytes(hashes)));
        let mut files: BTreeMap<_, _> = tiles.collect();
        for (index, leaves) in (0..).zip(self.leaves.chunks(256)) {
            let tile = Tile::within(self.size(), Level::Entries, index).context("no such tile")?;
            let leaves = bundle::encode(leaves.iter().map(Vec::as_slice)).context("a leaf is too long")?;
            files.insert(format!("tile/{tile}"), leaves);
        }
        Ok(files)
    }
}
