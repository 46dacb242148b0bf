//! A sealed log walked through its tiles: all leaves that its head promises are there and make
//! its root, and every tile above them is theirs. On the way the roots that the log had at
//! earlier sizes are noted, and with a token its leaves are read.

use super::miroir::{Miroir, MiroirFault};
use crate::obstacle::Obstacle;
use crate::progress;
use futures::stream::{self, StreamExt, TryStreamExt};
use ledger::envelope::leaf_hash;
use ledger::tlog::edge::Edge;
use ledger::tlog::proof::Tiles;
use ledger::tlog::tile::{Level, Tile, WIDTH};
use ledger::tlog::{Checkpoint, Hash, bundle};
use ledger::verify::{Fault, Located, Verdict};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Files asked for at a time.
const AT_ONCE: usize = 32;

/// What is to be noted on the way.
#[derive(Debug, Default)]
pub struct Voulu {
    /// Of which sizes the root.
    pub tailles: BTreeSet<u64>,
    /// Of which leaf the hash, by its index.
    pub feuille: Option<u64>,
}

/// What was found.
pub struct Marche {
    /// Whether the log is whole.
    pub found: Verdict,
    /// The roots that were wanted.
    pub racines: BTreeMap<u64, Hash>,
    /// The leaf's hash that was.
    pub feuille: Option<Hash>,
}

/// Walks a log up to its head; `read` judges each leaf, where leaves can be read.
pub async fn walk(
    miroir: &Miroir,
    head: &Checkpoint,
    voulu: Voulu,
    read: impl FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<Marche, Obstacle> {
    let size = head.size();
    let bar = progress::bar(size, head.origin().to_owned());
    let mut walk = Walk::of(voulu, read);
    let lowest = (0..size.div_ceil(WIDTH)).filter_map(|index| Tile::within(size, Level::Hashes(0), index));
    let mut fetched = stream::iter(lowest).map(|tile| fetch(miroir, tile)).buffered(AT_ONCE);
    while let Some((hashes, leaves)) = fetched.try_next().await? {
        if let Err(located) = walk.take(&hashes, leaves.as_deref()) {
            return Ok(walk.found(Some(located)));
        }
        bar.inc(hashes.len() as u64);
    }
    bar.finish_and_clear();
    drop(fetched);
    if let Some(located) = walk.upper(miroir).await? {
        return Ok(walk.found(Some(located)));
    }
    if walk.edge.root() != *head.hash() {
        let located = Located { position: position(size), fault: Fault::Root };
        return Ok(walk.found(Some(located)));
    }
    let mut marche = walk.found(None);
    (marche.found.seals, marche.found.sealed) = (1, position(size));
    Ok(marche)
}

/// The hashes of a tile, and the leaves under it where they can be read.
async fn fetch(miroir: &Miroir, tile: Tile) -> Result<(Vec<Hash>, Option<Vec<u8>>), MiroirFault> {
    let hashes = miroir.read(tile).await?;
    let leaves = if miroir.opens_leaves() { Some(miroir.bundle(tile).await?) } else { None };
    Ok((hashes, leaves))
}

pub(super) fn position(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// How far the tiles were read.
struct Walk<R> {
    edge: Edge,
    /// The tiles above the leaves that follow from them.
    above: Vec<(Tile, Vec<Hash>)>,
    read: R,
    /// The sizes whose root is still wanted.
    tailles: VecDeque<u64>,
    racines: BTreeMap<u64, Hash>,
    voulue: Option<u64>,
    feuille: Option<Hash>,
}

impl<R: FnMut(&[u8]) -> Result<(), Fault>> Walk<R> {
    fn of(voulu: Voulu, read: R) -> Self {
        Self {
            edge: Edge::default(),
            above: Vec::new(),
            read,
            tailles: voulu.tailles.into_iter().collect(),
            racines: BTreeMap::new(),
            voulue: voulu.feuille,
            feuille: None,
        }
    }

    /// Goes on by a tile of leaves.
    fn take(&mut self, hashes: &[Hash], bundle: Option<&[u8]>) -> Result<(), Located> {
        let after = position(self.edge.size());
        let at = |place: usize, fault| Located {
            position: after.saturating_add(i64::try_from(place).unwrap_or(i64::MAX)).saturating_add(1),
            fault,
        };
        if let Some(bundle) = bundle {
            let leaves = bundle::decode(bundle).filter(|leaves| leaves.len() == hashes.len());
            let leaves = leaves.ok_or_else(|| at(0, Fault::Envelope))?;
            for (place, (leaf, hash)) in leaves.into_iter().zip(hashes).enumerate() {
                if leaf_hash(leaf) != hash.0 {
                    return Err(at(place, Fault::Leaf));
                }
                (self.read)(leaf).map_err(|fault| at(place, fault))?;
            }
        }
        for hash in hashes {
            if self.voulue == Some(self.edge.size()) {
                self.feuille = Some(*hash);
            }
            let above = &mut self.above;
            self.edge.push(*hash, |tile, hashes| {
                if tile.level != Level::Hashes(0) {
                    above.push((tile, hashes.to_vec()));
                }
            });
            if self.tailles.front() == Some(&self.edge.size()) {
                self.tailles.pop_front();
                self.racines.insert(self.edge.size(), self.edge.root());
            }
        }
        Ok(())
    }

    /// Whether the tiles above the leaves are theirs. They come in the order of the leaves,
    /// so the first that is not names the first leaves under it.
    async fn upper(&mut self, miroir: &Miroir) -> Result<Option<Located>, Obstacle> {
        let partial = self.edge.partial().filter(|(tile, _)| tile.level != Level::Hashes(0));
        let mut all = std::mem::take(&mut self.above);
        all.extend(partial.map(|(tile, hashes)| (tile, hashes.to_vec())));
        let read = stream::iter(all)
            .map(|(tile, own)| async move { Ok::<_, MiroirFault>((tile, miroir.read(tile).await?, own)) });
        let mut read = std::pin::pin!(read.buffered(AT_ONCE));
        while let Some((tile, there, own)) = read.try_next().await? {
            if there != own {
                let fault = Fault::Tile(tile.to_string());
                return Ok(Some(Located { position: first_under(tile, &there, &own), fault }));
            }
        }
        Ok(None)
    }

    fn found(&mut self, fault: Option<Located>) -> Marche {
        Marche {
            found: Verdict { leaves: self.edge.size(), fault, ..Verdict::default() },
            racines: std::mem::take(&mut self.racines),
            feuille: self.feuille,
        }
    }
}

/// The first leaf under the first hash that differs.
fn first_under(tile: Tile, there: &[Hash], own: &[Hash]) -> i64 {
    let Level::Hashes(level) = tile.level else { return 0 };
    let same = there.iter().zip(own).take_while(|(there, own)| there == own).count() as u64;
    let hash = tile.index.saturating_mul(WIDTH).saturating_add(same);
    position(hash.checked_shl(8 * u32::from(level)).unwrap_or(u64::MAX)).saturating_add(1)
}
