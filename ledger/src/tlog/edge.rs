//! The right edge of a tree: of each level the last tile that is not full. It is all that
//! is needed to tell the root, and to go on.

use super::Hash;
use super::tile::{Level, Tile, WIDTH};
use tlog_tiles::{EMPTY_HASH, node_hash};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    /// From the lowest level up; each shorter than a full tile.
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of this size, from its partial tiles; none if one of them does
    /// not hold what it says. `hashes` reads a tile.
    pub fn of(size: u64, mut hashes: impl FnMut(Tile) -> Option<Vec<Hash>>) -> Option<Self> {
        let mut levels = Vec::new();
        for tile in Tile::partial(size) {
            let Level::Hashes(level) = tile.level else { continue };
            levels.resize(usize::from(level), Vec::new());
            levels.push(hashes(tile).filter(|hashes| hashes.len() == usize::from(tile.width))?);
        }
        Some(Self { levels })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.levels.iter().rev().fold(0, |size, hashes| size * WIDTH + hashes.len() as u64)
    }

    /// Adds a leaf. `full` is told of the tiles that it completes.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, &[Hash])) {
        let (mut hash, size) = (leaf, self.size());
        for level in 0..8 {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(at) else { return };
            hashes.push(hash);
            if (hashes.len() as u64) < WIDTH {
                return;
            }
            let index = size >> (8 * (u32::from(level) + 1));
            full(Tile { level: Level::Hashes(level), index, width: 256 }, hashes);
            hash = perfect(hashes);
            hashes.clear();
        }
    }

    /// The partial tiles, which a checkpoint of this size needs.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        Tile::partial(self.size()).filter_map(|tile| match tile.level {
            Level::Hashes(level) => Some((tile, self.levels.get(usize::from(level))?.as_slice())),
            Level::Entries => None,
        })
    }

    /// RFC 6962 §2.1: the root is that of the perfect subtrees, from the right to the left.
    pub fn root(&self) -> Hash {
        let mut subtrees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while let Some(largest) = rest.len().checked_ilog2() {
                let (subtree, after) = rest.split_at(1 << largest);
                subtrees.push(perfect(subtree));
                rest = after;
            }
        }
        subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH)
    }
}

/// The root over a power of two of hashes.
fn perfect(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        hashes => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(perfect(left), perfect(right))
        }
    }
}
