//! Tiles: 256 consecutive hashes of one level in eight, at a path that says which
//! (C2SP tlog-tiles, "Merkle Tree").

use super::Hash;
use std::fmt;

/// Hashes of a full tile.
pub const WIDTH: u64 = 256;
/// Bytes of a hash.
const HASH: usize = 32;
/// Digits of the index in one element of a path.
const BASE: u64 = 1000;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Hashes: of leaves at 0, of full tiles of the level below above it.
    Hashes(u8),
    /// The leaves themselves: see [`super::bundle`].
    Entries,
}

/// Which tile: its level, its place within the level, and how many it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub level: Level,
    /// Its place within the level.
    pub index: u64,
    /// How many it holds: 1 to 256.
    pub width: u16,
}

impl Tile {
    /// The tile of this level and place in a tree of this size; none if it would be empty.
    pub fn within(size: u64, level: Level, index: u64) -> Option<Self> {
        let shift = match level {
            Level::Hashes(level) => 8 * u32::from(level),
            Level::Entries => 0,
        };
        let there = size.checked_shr(shift).unwrap_or(0).saturating_sub(index.checked_mul(WIDTH)?);
        let width = u16::try_from(there.min(WIDTH)).ok().filter(|width| *width > 0)?;
        Some(Self { level, index, width })
    }

    /// The tiles at the right edge of a tree of this size that are not full, from the
    /// lowest level up.
    pub fn partial(size: u64) -> impl Iterator<Item = Self> {
        (0..8).filter_map(move |level| {
            let there = size >> (8 * u32::from(level));
            let tile = Self::within(size, Level::Hashes(level), there / WIDTH)?;
            Some(tile).filter(|tile| !tile.is_full())
        })
    }

    /// Whether nothing will ever be added to it.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }

    /// The same once it is full.
    pub fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// Reads `{L}/{N}[.p/{W}]`. One tile has one path.
    pub fn from_path(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let level = match level {
            "entries" => Level::Entries,
            level => Level::Hashes(level.parse().ok().filter(|level| *level < 64)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok().filter(|width| (1..=255).contains(width))?),
            None => (rest, 256),
        };
        let index = index.split('/').try_fold(0_u64, |index, digits| {
            let digits: u64 = digits.trim_start_matches('x').parse().ok().filter(|part| *part < BASE)?;
            index.checked_mul(BASE)?.checked_add(digits)
        })?;
        let tile = Self { level, index, width };
        (tile.to_string() == path).then_some(tile)
    }

    /// The hashes of a tile's bytes, if there are as many as it says.
    pub fn hashes(&self, bytes: &[u8]) -> Option<Vec<Hash>> {
        let (hashes, rest) = bytes.as_chunks::<HASH>();
        let whole = rest.is_empty() && hashes.len() == usize::from(self.width);
        whole.then(|| hashes.iter().copied().map(Hash).collect())
    }
}

/// The bytes of a tile that holds these hashes.
pub fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The path, without the leading `tile/`.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Hashes(level) => write!(f, "{level}/")?,
            Level::Entries => f.write_str("entries/")?,
        }
        let mut elements = vec![format!("{:03}", self.index % BASE)];
        let mut above = self.index / BASE;
        while above > 0 {
            elements.push(format!("x{:03}", above % BASE));
            above /= BASE;
        }
        elements.reverse();
        f.write_str(&elements.join("/"))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}
