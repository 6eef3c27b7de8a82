//! Named limits of what is pushed and of what is kept.

/// Longest line of a request, in bytes: one change, order line or review.
pub const LINE_BYTES_MAX: usize = 64 << 10;
/// Most changes, order lines or reviews of one request.
pub const CHANGES_MAX: usize = 10_000;
/// Longest identifier of a product, an order or a review, in characters.
pub const IDENTIFIER_CHARS_MAX: usize = 200;
/// Longest address of a page or picture, in characters (as Google Merchant).
pub const LINK_CHARS_MAX: usize = 2_000;
/// Most further pictures of a product (as Google Merchant).
pub const ADDITIONAL_IMAGES_MAX: usize = 10;
/// Most further attributes of a product.
pub const ATTRIBUTES_MAX: usize = 50;
/// Longest name of a further attribute, in characters.
pub const ATTRIBUTE_NAME_CHARS_MAX: usize = 100;
/// Highest mean rating.
pub const RATING_MAX: f32 = 5.0;
/// Lowest revision: 0 says that nothing was ever set.
pub const REVISION_MIN: u64 = 1;
/// Highest revision, so that a next one always exists.
pub const REVISION_MAX: u64 = i64::MAX as u64;
/// How far ahead the clock of a shop's system may be, in seconds: a day.
pub const FUTURE_SECONDS_MAX: i64 = 86_400;
/// Most pieces of an order line.
pub const QUANTITY_MAX: u32 = 1_000_000;

/// Longest review, its heading included, in characters.
pub const REVIEW_CHARS_MAX: usize = 10_000;
/// Highest best rating of a scale that begins with 1.
pub const RATING_BEST_MAX: u32 = 1_000;

/// Products that are known, deleted ones included.
pub const PRODUCTS_MAX: usize = vitrine_domain::limits::ITEMS_MAX;

/// Longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 128;
/// How long an idempotency key is remembered, in seconds.
pub const KEY_KEPT_SECONDS: i64 = 24 * 3_600;
/// Most idempotency keys that are remembered; then the oldest go, even before their time.
pub const KEYS_MAX: usize = 1_000_000;
/// Order lines whose repetition is noticed when they are pushed; the reader of the log
/// notices every one.
pub const ORDER_LINES_REMEMBERED_MAX: usize = 1_000_000;
/// Reviews of which is known at once what they say; one that is older and comes again as it was is
/// written again, and the reader of the log keeps it once.
pub const REVIEWS_REMEMBERED_MAX: usize = 1_000_000;

/// Size from which a segment of the log gets a successor, in bytes.
pub const SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// Largest frame of the log, in bytes: what is written and synced at once.
pub const FRAME_BYTES_MAX: usize = 64 << 20;
/// Records that one write gathers, in bytes; a single request may hold more.
pub const BATCH_BYTES_MAX: usize = 8 << 20;
/// Records of a single request, in bytes as they are written.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;
/// Requests that wait for the writer; more wait for a place.
pub const QUEUE_MAX: usize = 1_024;
/// Log that is read again at opening, in bytes; from here on a snapshot is due. About
/// 300,000 price changes: some seconds.
pub const UNCOVERED_BYTES_MAX: u64 = 32 << 20;
/// Snapshots that are kept: the newest, and one to fall back to.
pub const SNAPSHOTS_KEPT: usize = 2;
