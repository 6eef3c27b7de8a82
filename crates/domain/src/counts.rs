//! How many buyers are published.

use crate::limits::BUYERS_MIN;

/// A number of distinct buyers as it is published: rounded down to a multiple of
/// [`BUYERS_MIN`], so 0 below it.
///
/// What it protects: between two versions a published count stays or changes by at least
/// [`BUYERS_MIN`], so that no difference of published counts is the doing of a known
/// number of people; one purchase rarely shows at all.
///
/// What it does not: when a count does change, somebody bought between the two versions,
/// and whoever knows all buyers but one learns whether that one was the last. It is a
/// threshold, not differential privacy.
///
/// Everything that ranks by how many bought something (training, the server, the
/// browser) takes published counts, so that all see the same catalogue.
///
/// ```
/// use vitrine_domain::published_count;
/// assert_eq!([4, 5, 9, 10, 1_234].map(published_count), [0, 5, 5, 10, 1_230]);
/// ```
pub fn published_count(n_buyers: u32) -> u32 {
    n_buyers - n_buyers % BUYERS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_counts_differ_by_nothing_or_by_enough_people() {
        for n in 0..3_000 {
            let step = published_count(n + 1) - published_count(n);
            assert!(step == 0 || step >= BUYERS_MIN, "{n}");
            assert!(published_count(n) <= n && n - published_count(n) < BUYERS_MIN);
        }
        assert_eq!(published_count(BUYERS_MIN - 1), 0);
        assert_eq!(published_count(u32::MAX), u32::MAX - u32::MAX % BUYERS_MIN);
    }
}
