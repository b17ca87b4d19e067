//! The keys of a map with many entries, to find repeated ones while they are read.

use std::collections::BTreeSet;

use super::node::Entry;

/// Which keys a map has, once it has many, so that looking for repeated ones takes no time at its end.
#[derive(Default)]
pub(super) struct Keys {
    /// The hashes of the keys.
    hashes: BTreeSet<u64>,
    /// Whether two were the same.
    repeated: bool,
}

impl Keys {
    /// From how many keys on they are kept.
    const MANY: usize = 64;

    /// Notes the last of these entries.
    pub(super) fn note(&mut self, entries: &[Entry]) {
        let new = match entries.len() {
            0..Self::MANY => return,
            Self::MANY => entries,
            _ => entries
                .split_last()
                .map_or(&[][..], |(last, _)| std::slice::from_ref(last)),
        };
        for entry in new {
            let hash = entry
                .key
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
                });
            self.repeated |= !self.hashes.insert(hash);
        }
    }

    /// Whether it is known that none of these entries has the key of another.
    pub(super) fn are_unique(&self, entries: &[Entry]) -> bool {
        entries.len() >= Self::MANY && !self.repeated
    }
}
