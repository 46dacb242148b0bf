//! Trees of every small size and some large ones, against two libraries that are not ours.

use super::edge::Edge;
use super::note::{self, NoteFault, NoteKey};
use super::proof::{self, Tiles};
use super::text::{Proof, Unproven};
use super::tile::{Level, Tile, bytes};
use super::{Hash, Origin, bundle};
use crate::envelope::leaf_hash;
use crate::feed::Journal;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use domain::AnneeScolaire;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// More than one tile of level 1.
const MOST: u64 = 256 * 256 + 600;

fn leaf(index: u64) -> Hash {
    Hash(leaf_hash(&index.to_be_bytes()))
}

/// The tiles of a tree of [`MOST`] leaves: those of a smaller one are their beginnings.
fn widest() -> &'static BTreeMap<(Level, u64), Vec<Hash>> {
    static TILES: OnceLock<BTreeMap<(Level, u64), Vec<Hash>>> = OnceLock::new();
    TILES.get_or_init(|| {
        let (mut edge, mut tiles) = (Edge::default(), BTreeMap::new());
        let mut keep =
            |tile: Tile, hashes: &[Hash]| drop(tiles.insert((tile.level, tile.index), hashes.to_vec()));
        (0..MOST).for_each(|index| edge.push(leaf(index), &mut keep));
        edge.partial().for_each(|(tile, hashes)| keep(tile, hashes));
        tiles
    })
}

fn tile_of(tile: Tile) -> Vec<Hash> {
    widest()[&(tile.level, tile.index)][..usize::from(tile.width)].to_vec()
}

/// A tree of the first leaves.
struct Grown {
    size: u64,
    edge: Edge,
}

impl Grown {
    fn to(size: u64) -> Self {
        Self { size, edge: Edge::of(size, |tile| Some(tile_of(tile))).unwrap() }
    }
}

impl Tiles for Grown {
    type Fault = Infallible;

    async fn read(&self, tile: Tile) -> Result<Vec<Hash>, Infallible> {
        assert_eq!(Tile::within(self.size, tile.level, tile.index), Some(tile));
        Ok(tile_of(tile))
    }
}

fn block<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn oracle(size: u64) -> MemoryBackedTree<sha2::Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|index| tree.push(index.to_be_bytes()));
    tree
}

fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = hash.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Hash(bytes)
}

fn origin() -> Origin {
    Origin::of("ent.fr", &Journal { portail: "0690001d".parse().unwrap(), annee: AnneeScolaire(2026) })
}

fn key(seed: u8) -> NoteKey {
    NoteKey::of(&Zeroizing::new([seed; 32]))
}

#[test]
fn the_root_of_every_small_tree_is_that_of_other_libraries() {
    let (mut edge, mut tree) = (Edge::default(), oracle(0));
    for size in 0..1200 {
        assert_eq!(edge.size(), size);
        assert_eq!(edge.root().0, <[u8; 32]>::from(*tree.root().as_bytes()), "{size}");
        edge.push(leaf(size), |_, _| ());
        tree.push(size.to_be_bytes());
    }
}

#[test]
fn a_tree_goes_on_from_its_partial_tiles() {
    let mut grown = Edge::default();
    for size in 0..MOST {
        if [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, MOST - 1].contains(&size) {
            let mut read = Grown::to(size).edge;
            assert_eq!((read.size(), read.root()), (size, grown.root()));
            read.push(leaf(size), |_, _| ());
            assert_eq!(read.root(), Grown::to(size + 1).edge.root());
            assert_eq!(Edge::of(size, |_| None).is_none(), size > 0);
        }
        grown.push(leaf(size), |_, _| ());
    }
}

#[test]
fn a_tile_has_one_path() {
    let tile = |level, index, width| Tile { level: Level::Hashes(level), index, width };
    for (tile, path) in [
        (tile(0, 0, 256), "0/000"),
        (tile(3, 1_234_067, 256), "3/x001/x234/067"),
        (tile(63, 999, 255), "63/999.p/255"),
        (Tile { level: Level::Entries, index: 1000, width: 1 }, "entries/x001/000.p/1"),
    ] {
        assert_eq!((tile.to_string().as_str(), Tile::from_path(path)), (path, Some(tile)));
    }
    for path in [
        "",
        "0",
        "0/",
        "0/0",
        "00/000",
        "64/000",
        "-1/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/x000/000",
        "0/x001",
        "0/001/000",
        "0/xx001/000",
        "0/+01",
        "data/000",
        "0/../000",
        "entries/000.p/",
        "0/1000",
        "0/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(Tile::from_path(path), None, "{path}");
    }
}

#[test]
fn a_bundle_holds_the_largest_leaf_and_no_larger_one() {
    let largest = vec![b'a'; bundle::LARGEST_LEAF];
    const { assert!(bundle::LARGEST_LEAF >= crate::envelope::MAX_BYTES) };
    let leaves: [&[u8]; 3] = [b"", &largest, b"{}"];
    let encoded = bundle::encode(leaves).unwrap();
    assert_eq!(bundle::decode(&encoded).unwrap(), leaves);
    assert_eq!(bundle::decode(&encoded[..encoded.len() - 1]), None);
    assert_eq!(bundle::decode(&[0]), None);
    assert_eq!(bundle::encode([vec![0; bundle::LARGEST_LEAF + 1].as_slice()]), None);
}

#[test]
fn a_note_is_taken_under_its_own_logs_key_only() {
    let note = key(1).sign(&origin(), 5, leaf(0)).unwrap();
    let known = key(1).verifier_key(&origin());
    let head = note::open(&note, [known.as_str()]).unwrap();
    assert_eq!((head.origin(), head.size(), *head.hash()), ("ent.fr/journal/0690001d/2026", 5, leaf(0)));
    let other = key(2).verifier_key(&origin());
    assert!(matches!(note::open(&note, [other.as_str()]), Err(NoteFault::Signature(_))));
    // Keys of before a rotation stay known beside the new one.
    assert!(note::open(&note, [other.as_str(), &known]).is_ok());
    for (from, to) in [("\n5\n", "\n6\n"), ("2026", "2027"), ("\n\n", "\n"), ("— ", "- ")] {
        assert!(note::open(&note.replacen(from, to, 1), [known.as_str()]).is_err(), "{from}");
    }
    assert_eq!(note::open(&note, ["nokey"]).unwrap_err(), NoteFault::VerifierKey);
}

#[test]
fn a_note_of_another_log_under_our_key_is_not_taken() {
    // Somebody's text signed by our key, as a witness signs: the names differ.
    let (ours, theirs) = (origin(), Origin("elsewhere.fr".into()));
    let note = key(1).sign(&ours, 5, leaf(0)).unwrap();
    let signature = note.split_once("\n\n").unwrap().1.replace(ours.as_str(), theirs.as_str());
    let text = note.split_once("\n\n").unwrap().0;
    let forged = format!("{text}\n\n{signature}");
    assert!(note::open(&forged, [key(1).verifier_key(&theirs).as_str()]).is_err());
}

#[test]
fn a_proof_reads_back_and_hostile_ones_are_refused() {
    let note = key(1).sign(&origin(), 2, Grown::to(2).edge.root()).unwrap();
    let text = Proof { index: 1, hashes: vec![leaf(0)], checkpoint: note }.to_string();
    let proof = Proof::parse(&text).unwrap();
    assert_eq!(proof.to_string(), text);
    let known = key(1).verifier_key(&origin());
    assert_eq!(proof.verify(leaf(1), [known.as_str()]).unwrap().size(), 2);
    assert_eq!(proof.verify(leaf(2), [known.as_str()]).unwrap_err(), Unproven::Leaf);
    assert!(Proof::parse(&text.replace("index", "extra aGVsbG8=\nindex")).is_ok());
    for (from, to) in [("@v1", "@v2"), ("index 1", "index 01"), ("index 1", "index -1"), ("\n\n", "\n")] {
        assert_eq!(Proof::parse(&text.replace(from, to)).unwrap_err(), Unproven::Malformed, "{to}");
    }
    let many = text.replace("index 1\n", &format!("index 1\n{}", format!("{}\n", leaf(0)).repeat(100_000)));
    assert!(Proof::parse(&many).unwrap().verify(leaf(1), [known.as_str()]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_inclusion_proof_verifies_and_a_flipped_bit_does_not(
        (size, index) in (1_u64..MOST).prop_flat_map(|size| (Just(size), 0..size)),
        bit in 0_usize..256,
        at in 0_usize..64,
    ) {
        let grown = Grown::to(size);
        let root = grown.edge.root();
        let hashes = block(proof::inclusion(&grown, size, index)).unwrap();
        prop_assert!(proof::includes(&hashes, size, root, index, leaf(index)));
        prop_assert!(!proof::includes(&hashes, size, root, index, flipped(leaf(index), bit)));
        prop_assert!(!proof::includes(&hashes, size, flipped(root, bit), index, leaf(index)));
        prop_assert!(!proof::includes(&hashes, size, root, index ^ 1, leaf(index)));
        if !hashes.is_empty() {
            let (mut bad, at) = (hashes.clone(), at % hashes.len());
            bad[at] = flipped(bad[at], bit);
            prop_assert!(!proof::includes(&bad, size, root, index, leaf(index)));
            prop_assert!(!proof::includes(&hashes[1..], size, root, index, leaf(index)));
        }
        prop_assert!(block(proof::inclusion(&grown, size, size)).is_err());
    }

    #[test]
    fn every_consistency_proof_verifies_and_a_flipped_bit_does_not(
        (size, old) in (1_u64..MOST).prop_flat_map(|size| (Just(size), 0..=size)),
        bit in 0_usize..256,
        at in 0_usize..128,
    ) {
        let (grown, before) = (Grown::to(size), Grown::to(old).edge.root());
        let root = grown.edge.root();
        let hashes = block(proof::consistency(&grown, size, old)).unwrap();
        prop_assert!(proof::extends(&hashes, size, root, old, before));
        prop_assert!(!proof::extends(&hashes, size, root, old, flipped(before, bit)));
        if old > 0 {
            prop_assert!(!proof::extends(&hashes, size, flipped(root, bit), old, before));
        }
        if !hashes.is_empty() {
            let (mut bad, at) = (hashes.clone(), at % hashes.len());
            bad[at] = flipped(bad[at], bit);
            prop_assert!(!proof::extends(&bad, size, root, old, before));
        }
    }

    #[test]
    fn proofs_are_those_of_another_library(
        (size, old) in (1_u64..700).prop_flat_map(|size| (Just(size), 1..=size)),
        index in 0_u64..700,
    ) {
        let (grown, tree, index) = (Grown::to(size), oracle(size), index % size);
        let theirs = tree.prove_inclusion(usize::try_from(index).unwrap());
        prop_assert_eq!(bytes(&block(proof::inclusion(&grown, size, index)).unwrap()), theirs.as_bytes());
        if old < size {
            let theirs = tree.prove_consistency(usize::try_from(size - old).unwrap());
            let ours = block(proof::consistency(&grown, size, old)).unwrap();
            prop_assert_eq!(bytes(&ours), theirs.as_bytes());
        }
    }

    #[test]
    fn any_path_that_is_read_is_written_the_same(path in "(entries|[0-9]{1,2})/(x?[0-9]{1,3}/){0,7}[0-9]{1,4}(\\.p/[0-9]{1,3})?") {
        if let Some(tile) = Tile::from_path(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn any_bundle_that_is_read_is_written_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Some(leaves) = bundle::decode(&bytes) {
            prop_assert_eq!(bundle::encode(leaves).unwrap(), bytes);
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "(c2sp.org/tlog-proof@v1\n)?(index [0-9]{1,20}\n)?([A-Za-z0-9+/=]{40,46}\n){0,3}\n?.{0,40}(\n\n— .{0,60}\n)?") {
        let known = key(1).verifier_key(&origin());
        let _ = Proof::parse(&text).map(|proof| proof.verify(leaf(0), [known.as_str()]));
        let _ = note::open(&text, [text.as_str()]);
    }
}
