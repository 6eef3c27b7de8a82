//! Which keys of a stream may come twice, in fixed memory.
//!
//! Two planes of bits: seen once, seen again. A key that comes twice is always
//! found; one that comes once is rarely taken for another, and a second look at
//! those few settles it. Planes of parts merge exactly.
//!
//! # Source
//! B. Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970.

use super::failures::mixed;

/// Bits of a plane by default, as a power of two: 16 MiB a plane.
const PLANE_LOG2: u32 = 27;

/// A sketch of what came twice.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenTwice {
    once: Vec<u64>,
    twice: Vec<u64>,
    mask: u64,
}

impl Default for SeenTwice {
    fn default() -> Self {
        Self::with_bits(PLANE_LOG2)
    }
}

impl SeenTwice {
    /// A sketch with two planes of 2^`log2` bits, at least 64 each.
    pub fn with_bits(log2: u32) -> Self {
        let n_bits = 1_u64 << log2.clamp(6, 40);
        let plane = vec![0; (n_bits / 64) as usize];
        Self { once: plane.clone(), twice: plane, mask: n_bits - 1 }
    }

    pub(crate) fn insert(&mut self, key: u64) {
        for at in self.places(key) {
            let (word, bit) = ((at / 64) as usize, 1 << (at % 64));
            self.twice[word] |= self.once[word] & bit;
            self.once[word] |= bit;
        }
    }

    /// Whether the key may have come twice.
    pub(crate) fn may_repeat(&self, key: u64) -> bool {
        self.places(key).iter().all(|at| self.twice[(at / 64) as usize] >> (at % 64) & 1 == 1)
    }

    /// Adds what another part saw.
    pub(crate) fn merge(&mut self, other: &Self) {
        let planes = self.once.iter_mut().zip(&mut self.twice);
        for ((once, twice), (more_once, more_twice)) in
            planes.zip(other.once.iter().zip(&other.twice))
        {
            *twice |= more_twice | (*once & more_once);
            *once |= more_once;
        }
    }

    /// Two different places, so that a key by itself never looks repeated.
    fn places(&self, key: u64) -> [u64; 2] {
        let first = key & self.mask;
        let second = mixed(key) & self.mask;
        [first, if second == first { first ^ 1 } else { second }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_twice_is_found_also_across_parts() {
        let mut all = SeenTwice::with_bits(16);
        let (mut left, mut right) = (all.clone(), all.clone());
        for key in (0..3_000).chain(0..500) {
            all.insert(mixed(key));
            if key % 2 == 0 { left.insert(mixed(key)) } else { right.insert(mixed(key)) }
        }
        assert!((0..500).all(|key| all.may_repeat(mixed(key))));
        let wrong = (500..3_000).filter(|&key| all.may_repeat(mixed(key))).count();
        assert!(wrong < 50, "{wrong}");
        left.merge(&right);
        assert_eq!(left, all);
    }
}
