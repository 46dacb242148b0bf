//! A sealed journal, verified from its tiles alone, wherever they are: all leaves that its
//! signed head promises are there and make its root, and every tile above them is theirs.
//! With an auditor's token the leaves are read too: each is the envelope that was hashed.

use super::dehors::Dehors;
use super::miroir::{Miroir, MiroirFault};
use super::suite::Suite;
use super::{Bilan, Constat, conclude, published, tell};
use crate::cli;
use crate::obstacle::Obstacle;
use crate::progress;
use crate::verdict::Verdict;
use futures::stream::{self, StreamExt, TryStreamExt};
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::tlog::edge::Edge;
use ledger::tlog::maison::PublicKeys;
use ledger::tlog::proof::Tiles;
use ledger::tlog::tile::{Level, Tile, WIDTH};
use ledger::tlog::{Checkpoint, Hash, bundle, note};
use ledger::verify::{self, Fault, Located};
use reqwest::Url;
use std::io::Write;

/// Files asked for at a time.
const AT_ONCE: usize = 32;

/// Verifies the journal whose files are at this address.
pub async fn run(url: &Url, options: &cli::Verifier, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let keys = published(options.sceaux.as_deref())?.ok_or(Obstacle::NoPublishedKeys)?;
    let miroir = Miroir::at(url, options.jeton.as_deref())?;
    let checkpoint = miroir.checkpoint().await?;
    let journal = of_the_house(&checkpoint, &keys).ok_or(Obstacle::NotOfThisHouse)?;
    let found = match opened(&checkpoint, &keys.of(&journal)) {
        Ok(head) => examine(&miroir, &journal, &head).await?,
        Err(located) => verify::Verdict { fault: Some(located), ..verify::Verdict::default() },
    };
    let constat = Constat::of(journal.portail.to_string(), journal.annee.0, Some(found));
    tell(&constat, options, out)?;
    let dehors = Dehors::under(&checkpoint, options)?;
    let bilan = Bilan { constats: vec![constat], meta: None, dehors, opened: false };
    conclude(bilan, &cli::Verifier { sans_contenus: true, ..options.clone() }, out)
}

/// The journal that a checkpoint says it is of.
fn of_the_house(checkpoint: &str, keys: &PublicKeys) -> Option<Journal> {
    keys.journal(note::read(checkpoint).ok()?.origin())
}

/// The head that a checkpoint signs.
fn opened(checkpoint: &str, keys: &[String]) -> Result<Checkpoint, Located> {
    note::open(checkpoint, keys.iter().map(String::as_str)).map_err(|fault| {
        let size = note::read(checkpoint).map_or(0, |head| head.size());
        Located { position: position(size), fault: Fault::Seal(fault.to_string()) }
    })
}

async fn examine(miroir: &Miroir, journal: &Journal, head: &Checkpoint) -> Result<verify::Verdict, Obstacle> {
    let size = head.size();
    let bar = progress::bar(size, head.origin().to_owned());
    let mut walk = Walk::of(journal);
    let lowest = (0..size.div_ceil(WIDTH)).filter_map(|index| Tile::within(size, Level::Hashes(0), index));
    let mut read = stream::iter(lowest).map(|tile| fetch(miroir, tile)).buffered(AT_ONCE);
    while let Some((hashes, leaves)) = read.try_next().await? {
        if let Err(located) = walk.take(&hashes, leaves.as_deref()) {
            return Ok(walk.found(Some(located)));
        }
        bar.inc(hashes.len() as u64);
    }
    bar.finish_and_clear();
    drop(read);
    if let Some(located) = walk.upper(miroir).await? {
        return Ok(walk.found(Some(located)));
    }
    if walk.edge.root() != *head.hash() {
        let located = Located { position: position(size), fault: Fault::Root };
        return Ok(walk.found(Some(located)));
    }
    Ok(verify::Verdict { seals: 1, sealed: position(size), ..walk.found(None) })
}

/// The hashes of a tile, and the leaves under it where they can be read.
async fn fetch(miroir: &Miroir, tile: Tile) -> Result<(Vec<Hash>, Option<Vec<u8>>), MiroirFault> {
    let hashes = miroir.read(tile).await?;
    let leaves = if miroir.opens_leaves() { Some(miroir.bundle(tile).await?) } else { None };
    Ok((hashes, leaves))
}

fn position(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// How far the tiles were read.
struct Walk {
    edge: Edge,
    /// The tiles above the leaves that follow from them.
    above: Vec<(Tile, Vec<Hash>)>,
    suite: Suite,
}

impl Walk {
    fn of(journal: &Journal) -> Self {
        Self { edge: Edge::default(), above: Vec::new(), suite: Suite::of(journal) }
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
                self.suite.next(leaf).map_err(|fault| at(place, fault))?;
            }
        }
        let above = &mut self.above;
        for hash in hashes {
            self.edge.push(*hash, |tile, hashes| {
                if tile.level != Level::Hashes(0) {
                    above.push((tile, hashes.to_vec()));
                }
            });
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

    fn found(&self, fault: Option<Located>) -> verify::Verdict {
        verify::Verdict { leaves: self.edge.size(), fault, ..verify::Verdict::default() }
    }
}

/// The first leaf under the first hash that differs.
fn first_under(tile: Tile, there: &[Hash], own: &[Hash]) -> i64 {
    let Level::Hashes(level) = tile.level else { return 0 };
    let same = there.iter().zip(own).take_while(|(there, own)| there == own).count() as u64;
    let hash = tile.index.saturating_mul(WIDTH).saturating_add(same);
    position(hash.checked_shl(8 * u32::from(level)).unwrap_or(u64::MAX)).saturating_add(1)
}
