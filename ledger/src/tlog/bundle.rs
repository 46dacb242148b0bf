//! Entry bundles: the leaves of a tile of level 0, each after its length in two bytes
//! (C2SP tlog-tiles, "Log entries").

/// The largest leaf that a bundle can hold.
pub const LARGEST_LEAF: usize = u16::MAX as usize;

/// The bundle of these leaves; none if one is too large.
pub fn encode<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bundle = Vec::new();
    for leaf in leaves {
        bundle.extend(u16::try_from(leaf.len()).ok()?.to_be_bytes());
        bundle.extend(leaf);
    }
    Some(bundle)
}

/// The leaves of a bundle; none if it ends within one.
pub fn decode(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bundle = rest;
    }
    Some(leaves)
}
