//! The root over leaves that come one after the other (RFC 6962 §2.1), in memory that grows
//! with the logarithm of their number.
//!
//! An [`super::edge::Edge`] keeps what tiles are written from; this, what a root costs least
//! from, since who re-reads a journal wants the root at every checkpoint.

use super::Hash;
use tlog_tiles::{EMPTY_HASH, node_hash};

/// The perfect trees of which the leaves so far are made, the largest first, with their heights.
#[derive(Debug, Clone, Default)]
pub struct Frontier(Vec<(u32, Hash)>);

impl Frontier {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut tree = (0, leaf);
        while let Some((height, left)) = self.0.pop_if(|(height, _)| *height == tree.0) {
            tree = (height + 1, node_hash(left, tree.1));
        }
        self.0.push(tree);
    }

    /// The root of all leaves so far.
    pub fn root(&self) -> Hash {
        let trees = self.0.iter().rev().map(|(_, hash)| *hash);
        trees.reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::leaf_hash;
    use crate::seal::hex;

    #[test]
    fn roots_are_those_of_the_test_vectors_of_certificate_transparency() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let mut frontier = Frontier::default();
        let mut roots = vec![hex(&frontier.root().0)];
        for leaf in leaves {
            frontier.push(Hash(leaf_hash(leaf)));
            roots.push(hex(&frontier.root().0));
        }
        assert_eq!(roots[0], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(roots[1], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(roots[3], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
        assert_eq!(roots[7], "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
        assert_eq!(roots[8], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
