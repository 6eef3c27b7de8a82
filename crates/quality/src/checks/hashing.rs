//! Keys of large tables: 64-bit hashes instead of texts.
//!
//! Two identifiers are taken for one with a probability of about 3 in a million at
//! ten million of them.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

pub(crate) type IdMap<T> = HashMap<u64, T, BuildHasherDefault<AsIs>>;
pub(crate) type IdSet = HashSet<u64, BuildHasherDefault<AsIs>>;

/// The hash of a key that is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// The hash only tells identifiers apart.
pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
