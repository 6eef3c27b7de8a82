//! What a log needs from outside.

use std::fmt;
use std::sync::Arc;

use vitrine_durable::{AppendDisk, FileSystem};

use crate::limits::SEGMENT_BYTES_MAX;

/// The time, in seconds since 1970-01-01 UTC.
pub type NowSeconds = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Disk, clock and sizes of a log.
#[derive(Clone)]
pub struct LogConfig {
    /// What it writes on.
    pub disk: Arc<dyn AppendDisk>,
    /// Tells how old an idempotency key is; nothing else depends on it.
    pub now_seconds: NowSeconds,
    /// Size from which a segment gets a successor, in bytes.
    pub segment_bytes_max: u64,
}

impl LogConfig {
    /// The machine's disk, and segments of the usual size.
    pub fn new(now_seconds: NowSeconds) -> Self {
        Self { disk: Arc::new(FileSystem), now_seconds, segment_bytes_max: SEGMENT_BYTES_MAX }
    }
}

impl fmt::Debug for LogConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("LogConfig");
        fields.field("segment_bytes_max", &self.segment_bytes_max).finish_non_exhaustive()
    }
}
