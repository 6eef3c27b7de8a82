//! Named limits that more than one stage must agree on.

use std::ops::RangeInclusive;

/// Longest text field accepted at import, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Longest search text accepted, in characters.
pub const QUERY_CHARS_MAX: usize = 500;
/// Most values in one list of a filter.
pub const FILTER_VALUES_MAX: usize = 100;
/// Most results of one search page.
pub const PAGE_LIMIT_MAX: u32 = 200;
/// Deepest result a search can reach (`offset + limit`).
pub const RESULT_DEPTH_MAX: u32 = 1_000;
/// Candidates re-scored exactly by one search.
pub const RESCORE_MAX: usize = 1_000;
/// Candidates that the device ranks for one feed.
pub const FEED_CANDIDATES_MAX: usize = 500;
/// What at least this many buyers share may be published; anything rarer is not.
pub const BUYERS_MIN: u32 = 5;
/// Related items published for one item.
pub const RELATED_MAX: usize = 12;
/// Most departments and categories that a shop may keep from being recommended.
pub const NEVER_RECOMMENDED_MAX: usize = 100;
/// Largest uncompressed shard, in bytes.
pub const SHARD_BYTES_MAX: usize = 16 << 20;
/// Largest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 1 << 20;
/// Most shards a manifest may list.
pub const MANIFEST_SHARDS_MAX: usize = 4_096;
/// Most items of one catalogue.
pub const ITEMS_MAX: usize = 4_000_000;

/// Of how few places of a feed one may be kept for a card without a past.
pub const EXPLORE_EVERY_MIN: u16 = 5;
/// Cards that a newcomer may choose from, one of a department; none where there are fewer.
pub const STARTER_CARDS: RangeInclusive<usize> = 4..=8;
