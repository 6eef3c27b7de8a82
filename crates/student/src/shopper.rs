//! The shopper as the student sees them: a log, its aggregates, its encoding.

use crate::encoder::{self, HistoryCache};
use crate::history::History;
use crate::layout::CODE_DIM;
use crate::{LogEntry, Weights, window};

/// A log in the order in which it happened and all that is derived from it.
///
/// [`Self::append`] keeps everything up to date for the price of one token
/// (of up to 33 tokens when the window moves). [`Self::record`] leaves the
/// encoding alone, for users that need the aggregates only (training builds
/// its inputs so); [`Self::encode`] catches up.
#[derive(Clone, Debug, Default)]
pub struct Shopper {
    log: Vec<LogEntry>,
    history: History,
    cache: HistoryCache,
}

impl Shopper {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// From a whole log, oldest first; the state equals that of appending one by one.
    pub fn from_log(weights: &Weights, log: &[LogEntry]) -> Self {
        let mut shopper = Self::new();
        log.iter().for_each(|entry| shopper.record(*entry));
        shopper.encode(weights);
        shopper
    }

    /// Adds the newest event to log and aggregates, not to the encoding.
    pub fn record(&mut self, entry: LogEntry) {
        let event = self.log.len() as u32;
        let places = (entry.department, entry.category);
        self.history.record(event, entry.kind, entry.item, entry.at_ms, places);
        self.log.push(entry);
    }

    /// Brings the encoding up to the end of the log.
    pub fn encode(&mut self, weights: &Weights) {
        let start = window::start(self.log.len());
        encoder::extend(weights, &self.log, start, &mut self.cache);
    }

    /// Adds the newest event and encodes it.
    pub fn append(&mut self, weights: &Weights, entry: LogEntry) {
        self.record(entry);
        self.encode(weights);
    }

    /// Encodes the window from scratch: after the weights have changed.
    pub fn rebuild(&mut self, weights: &Weights) {
        self.cache = HistoryCache::default();
        self.encode(weights);
    }

    /// The events, oldest first.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }

    /// Aggregates of the whole log.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The state u; `None` when the log is empty or not encoded to its end.
    pub fn state_u(&self) -> Option<&[f32; CODE_DIM]> {
        self.cache.state_at(self.log.len())
    }
}
