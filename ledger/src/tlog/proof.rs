//! Proofs over tiles: that a leaf is in a tree, and that a tree begins with another one.

use super::Hash;
use super::tile::{Level, Tile, bytes};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::Future;
use tlog_tiles::{HashReader, Tile as Span, prove_record, prove_tree, tree_hash};

/// Levels of the tree in one tile.
const HEIGHT: u8 = 8;

/// Where the tiles of one tree are read.
pub trait Tiles {
    /// Why a tile cannot be read.
    type Fault;

    /// The hashes of a tile.
    fn read(&self, tile: Tile) -> impl Future<Output = Result<Vec<Hash>, Self::Fault>> + Send;
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofFault<F> {
    /// What is asked is not in the tree.
    #[error("it is not in a tree of {size} leaves")]
    Beyond {
        /// How many leaves the tree has.
        size: u64,
    },
    /// A tile cannot be read.
    #[error("a tile cannot be read")]
    Tile(#[source] F),
}

/// The hashes that lead from the leaf at `index` to the root of the tree of `size` leaves.
pub async fn inclusion<T: Tiles>(
    tiles: &T,
    size: u64,
    index: u64,
) -> Result<Vec<Hash>, ProofFault<T::Fault>> {
    compute(tiles, size, |hashes| prove_record(size, index, hashes)).await
}

/// The hashes that lead from the tree of `old` leaves to that of `size`; none are needed
/// from the empty tree, with which every tree begins.
pub async fn consistency<T: Tiles>(
    tiles: &T,
    size: u64,
    old: u64,
) -> Result<Vec<Hash>, ProofFault<T::Fault>> {
    if old == 0 {
        return Ok(Vec::new());
    }
    compute(tiles, size, |hashes| prove_tree(size, old, hashes)).await
}

/// The root that the tree of `size` leaves had when it had only the first `old` of them.
pub async fn root_of<T: Tiles>(tiles: &T, size: u64, old: u64) -> Result<Hash, ProofFault<T::Fault>> {
    if old > size {
        return Err(ProofFault::Beyond { size });
    }
    if old == 0 {
        return Ok(tlog_tiles::EMPTY_HASH);
    }
    let root = compute(tiles, size, |hashes| Ok(vec![tree_hash(old, hashes)?])).await?;
    root.into_iter().next().ok_or(ProofFault::Beyond { size })
}

/// Whether these hashes lead from this leaf to this root.
pub fn includes(proof: &[Hash], size: u64, root: Hash, index: u64, leaf: Hash) -> bool {
    proof.len() < 64 && tlog_tiles::check_record(&proof.to_vec(), size, root, index, leaf).is_ok()
}

/// Whether these hashes lead from the older root to this one.
pub fn extends(proof: &[Hash], size: u64, root: Hash, old: u64, old_root: Hash) -> bool {
    match old {
        0 => proof.is_empty() && old_root == tlog_tiles::EMPTY_HASH,
        _ => proof.len() < 128 && tlog_tiles::check_tree(&proof.to_vec(), size, root, old, old_root).is_ok(),
    }
}

/// The library reads hashes as it computes, and cannot wait for them: it is asked once
/// which ones it wants, and once more when they are there.
async fn compute<T: Tiles>(
    tiles: &T,
    size: u64,
    prove: impl Fn(&Read) -> Result<Vec<Hash>, tlog_tiles::Error>,
) -> Result<Vec<Hash>, ProofFault<T::Fault>> {
    let beyond = || ProofFault::Beyond { size };
    let wanted = {
        let none = Read::default();
        prove(&none).map_err(|_| beyond())?;
        none.wanted.into_inner()
    };
    let mut there = BTreeMap::new();
    let mut hashes = BTreeMap::new();
    for index in wanted {
        let span = Span::from_index(HEIGHT, index);
        let tile = Tile::within(size, Level::Hashes(span.level()), span.level_index()).ok_or_else(beyond)?;
        let bytes = match there.entry(tile) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(bytes(&tiles.read(tile).await.map_err(ProofFault::Tile)?)),
        };
        hashes.insert(index, span.hash_at_index(bytes, index).map_err(|_| beyond())?);
    }
    prove(&Read { hashes, wanted: RefCell::default() }).map_err(|_| beyond())
}

/// The hashes that were read, and those that are asked for.
#[derive(Default)]
struct Read {
    hashes: BTreeMap<u64, Hash>,
    wanted: RefCell<Vec<u64>>,
}

impl HashReader for Read {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        self.wanted.borrow_mut().extend(indexes);
        Ok(indexes.iter().map(|index| self.hashes.get(index).copied().unwrap_or_default()).collect())
    }
}
