//! What was seen, as a table and as JSON.

use std::fmt::Write as _;
use std::sync::Mutex;

use anyhow::Result;
use serde::Serialize;

use super::clients::Poller;
use super::{Seen, locked, spread};
use crate::cli::ChangesArgs;

/// One look at the server's process.
#[derive(Clone, Serialize)]
pub struct ProcessSample {
    pub seconds: u64,
    pub mib: f64,
    pub n_descriptors: usize,
}

#[derive(Serialize)]
struct Times {
    n: usize,
    p50_ms: f64,
    p99_ms: f64,
    most_ms: f64,
}

/// The figures of one run.
#[derive(Serialize)]
pub(super) struct ChangesReport {
    seconds: u64,
    changes_per_second: u32,
    new_per_second: u32,
    known: Option<Times>,
    new: Option<Times>,
    searches: Option<Times>,
    /// Compressed bytes of a row of the price deltas that a page which polls every minute
    /// would fetch.
    bytes_a_price_row: f64,
    /// All that such a page would fetch, over all changes.
    bytes_a_change: f64,
    manifest_bytes: u64,
    shards_most: usize,
    samples: Vec<ProcessSample>,
}

impl ChangesReport {
    pub(super) fn of(args: &ChangesArgs, seen: &Seen, poller: &Poller, before: u64) -> Self {
        let n = |times: &Mutex<Vec<f64>>| locked(times).len();
        let times = |of: &Mutex<Vec<f64>>| {
            spread(of).map(|(p50_ms, p99_ms, most_ms)| Times { n: n(of), p50_ms, p99_ms, most_ms })
        };
        let n_changes = n(&seen.known_ms) + n(&seen.new_ms);
        Self {
            seconds: args.seconds,
            changes_per_second: args.changes_per_second,
            new_per_second: args.new_per_second,
            known: times(&seen.known_ms),
            new: times(&seen.new_ms),
            searches: times(&seen.search_ms),
            bytes_a_price_row: poller.n_price_bytes as f64 / poller.n_price_rows.max(1) as f64,
            bytes_a_change: (poller.n_bytes() - before) as f64 / n_changes.max(1) as f64,
            manifest_bytes: poller.n_manifest_bytes,
            shards_most: poller.n_shards_max,
            samples: locked(&seen.samples).clone(),
        }
    }

    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    pub fn table(&self) -> String {
        let mut text =
            String::from("| what | n | p50 ms | p99 ms | most ms |\n|---|---|---|---|---|\n");
        let rows =
            [("changes", &self.known), ("new products", &self.new), ("searches", &self.searches)];
        for (name, times) in rows {
            if let Some(Times { n, p50_ms, p99_ms, most_ms }) = times {
                // Writing to a string cannot fail.
                let _ =
                    writeln!(text, "| {name} | {n} | {p50_ms:.0} | {p99_ms:.0} | {most_ms:.0} |");
            }
        }
        let _ = writeln!(
            text,
            "\n{:.1} bytes a row of the price deltas, {:.1} bytes a change for a page that polls \
             every minute; manifest {} bytes, {} shards at most",
            self.bytes_a_price_row, self.bytes_a_change, self.manifest_bytes, self.shards_most
        );
        if let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) {
            let most = self.samples.iter().map(|sample| sample.mib).fold(0.0, f64::max);
            let _ = writeln!(
                text,
                "memory {:.0} MiB at first, {:.0} at last, {most:.0} at most; descriptors {} and {}",
                first.mib, last.mib, first.n_descriptors, last.n_descriptors
            );
        }
        text
    }
}
