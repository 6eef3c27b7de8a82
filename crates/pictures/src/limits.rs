//! What a picture and its fetching may cost.

use std::time::Duration;

/// Most bytes of a picture's file.
pub const PICTURE_BYTES_MAX: usize = 20_000_000;
/// Most pixels of a picture, as its header states them.
pub const PICTURE_PIXELS_MAX: u64 = 50_000_000;
/// Most bytes of memory that decoding one picture may need. The largest JPEG fits, also a
/// progressive one, and the largest PNG of 16 bits a channel.
pub const DECODE_BYTES_MAX: u64 = 448 << 20;
/// Most bytes of memory that pictures decoded at the same time may need together.
pub const DECODE_BYTES_AT_ONCE_MAX: u64 = 1 << 30;

/// Longer side of the small thumbnail, in pixels.
pub const SMALL_SIDE: u32 = 96;
/// Longer side of the large thumbnail, in pixels.
pub const LARGE_SIDE: u32 = 320;
/// Most bytes of a small thumbnail.
pub const SMALL_BYTES_MAX: usize = 2_048;
/// Most bytes of a large thumbnail.
pub const LARGE_BYTES_MAX: usize = 8_192;
/// Longer side of the larger picture, which is fetched on request, in pixels.
pub const LARGER_SIDE: u32 = 1_024;
/// Most bytes of a larger picture.
pub const LARGER_BYTES_MAX: usize = 192 << 10;
/// Most bytes of memory that scaling one decoded picture needs beside it: linear light of
/// less than twice [`LARGER_SIDE`], and of half and of all of it scaled.
pub const SCALE_BYTES_MAX: u64 = 96 << 20;
/// Most bytes of a placeholder.
pub const THUMBHASH_BYTES_MAX: usize = 25;

/// Most requests that are under way at the same time, unless the options say otherwise.
pub const FETCHES_AT_ONCE: usize = 8;
/// Most time for one request with its redirects, unless the options say otherwise.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Most redirects that one request follows.
pub const REDIRECTS_MAX: usize = 3;
/// Most requests for one picture: the first, and repetitions after a passing failure.
pub const ATTEMPTS_MAX: u32 = 3;
/// Wait before the first repetition; each further one waits twice as long.
pub const RETRY_WAIT: Duration = Duration::from_millis(500);
/// Longest wait that a server's `Retry-After` is granted. Who asks for more gets no
/// further request for this picture.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// Passing failures of a host in a row, without a success between them, after which no
/// more of its pictures are asked for: a dead host would otherwise cost
/// [`ATTEMPTS_MAX`] timeouts a picture.
pub const HOST_FAILURES_MAX: u32 = 24;
/// Most bytes of an address.
pub const ADDRESS_BYTES_MAX: usize = vitrine_fetch::URL_BYTES_MAX;
