//! The Merkle root of leaves that come one after the other (RFC 6962, §2.1), in memory that
//! grows with the logarithm of their number.

use sha2::{Digest, Sha256};

/// The perfect trees of which the leaves seen so far are made, the largest first.
#[derive(Debug, Clone, Default)]
pub struct Racine(Vec<(u32, [u8; 32])>);

impl Racine {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: [u8; 32]) {
        let mut tree = (0, leaf);
        while let Some((height, left)) = self.0.pop_if(|(height, _)| *height == tree.0) {
            tree = (height + 1, node(left, tree.1));
        }
        self.0.push(tree);
    }

    /// The root of all leaves so far.
    pub fn root(&self) -> [u8; 32] {
        let trees = self.0.iter().rev().map(|(_, hash)| *hash);
        trees.reduce(|right, left| node(left, right)).unwrap_or_else(|| Sha256::digest([]).into())
    }
}

fn node(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::envelope::leaf_hash;
    use ledger::seal::hex;

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
        let mut racine = Racine::default();
        let mut roots = vec![hex(&racine.root())];
        for leaf in leaves {
            racine.push(leaf_hash(leaf));
            roots.push(hex(&racine.root()));
        }
        assert_eq!(roots[0], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(roots[1], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(roots[3], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
        assert_eq!(roots[7], "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
        assert_eq!(roots[8], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
