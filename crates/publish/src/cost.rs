//! What a change of the catalogue costs a browser.

use vitrine_domain::ShardRef;

use crate::prepare::prepare_variation;
use crate::{PublishError, Store};

/// The price of a price change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCost {
    /// Cards whose price was changed.
    pub n_changed: usize,
    /// Cards in all.
    pub n_items: usize,
    /// Compressed bytes of shards to fetch after the change, without the manifest.
    pub bytes_to_fetch: u64,
    /// The same for a browser that has nothing yet.
    pub bytes_in_all: u64,
    /// Of those, what the first feed needs.
    pub bytes_of_head: u64,
}

/// Measures what a browser that has the current version would fetch if every
/// `nth` card (by id, so at random) changed its price by one minor unit, on top
/// of what the current delta holds. Publishes nothing.
///
/// # Errors
/// When the current version cannot be read.
pub fn price_change(store: &Store, nth: usize) -> Result<ChangeCost, PublishError> {
    let (mut n_changed, mut n_items) = (0, 0);
    let prepared = prepare_variation(store, |wanted| {
        n_items = wanted.prices.len();
        for row in wanted.prices.iter_mut().step_by(nth.max(1)) {
            row.price_minor = row.price_minor.saturating_add(1);
            n_changed += 1;
        }
    })?;
    let shards = &prepared.manifest.shards;
    let sum =
        |shards: &[ShardRef]| shards.iter().map(|shard| u64::from(shard.bytes_compressed)).sum();
    Ok(ChangeCost {
        n_changed,
        n_items,
        bytes_to_fetch: prepared.bytes_to_fetch,
        bytes_in_all: sum(shards),
        bytes_of_head: sum(&shards[..prepared.manifest.n_head as usize]),
    })
}
