//! How many changes a second are durable.
//!
//! `cargo test -p vitrine-catalogue --test throughput -- --ignored --nocapture`
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::*;
use vitrine_catalogue::{ChangeLog, ChangeOutcome, ChangeRequest, LogConfig};

const N_WRITERS: usize = 64;
const SECONDS: u64 = 10;
const N_PRODUCTS: usize = 20_000;

/// Descriptors and resident memory of this process, where the system tells.
fn usage() -> (usize, usize) {
    let n_open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident_kib = resident.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
    (n_open, resident_kib.unwrap_or(0))
}

/// Price and stock changes of 64 writers, for some seconds, `per_request` at once; checks
/// that each was taken and is there after opening.
fn measure(per_request: usize) -> String {
    let dir = tempfile::tempdir().unwrap();
    let config = LogConfig { disk: config().disk, ..LogConfig::new(config().now_seconds) };
    let log = ChangeLog::open(dir.path(), config.clone(), accept_all()).unwrap();
    let products: Vec<_> = (0..N_PRODUCTS).map(|i| upsert(&format!("s{i}"), 1, "Title")).collect();
    products.chunks(5_000).for_each(|chunk| drop(submit(&log, chunk.to_vec())));
    let n_changes = AtomicUsize::new(0);
    let (started, before) = (Instant::now(), usage());
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let writer = |_| {
            scope.spawn(|| {
                let mut waits = Vec::new();
                while started.elapsed() < Duration::from_secs(SECONDS) {
                    let first = n_changes.fetch_add(per_request, Ordering::Relaxed);
                    let one = |i: usize| {
                        change(&format!(
                            r#"{{"op": "patch", "sku": "s{}", "price": "{}.49 EUR", "stock": {i}}}"#,
                            i % N_PRODUCTS,
                            i % 90
                        ))
                    };
                    let changes = (first..first + per_request).map(one).collect();
                    let asked = Instant::now();
                    let receipt = log.submit(ChangeRequest { changes, key: None }).unwrap();
                    waits.push(asked.elapsed());
                    assert!(receipt.outcomes.iter().all(|o| *o == ChangeOutcome::Applied));
                }
                waits
            })
        };
        let writers: Vec<_> = (0..N_WRITERS).map(writer).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let (seconds, after) = (started.elapsed().as_secs_f64(), usage());
    let (number, n_changes) = (log.number(), n_changes.into_inner());
    assert_eq!(number as usize, N_PRODUCTS + n_changes);
    drop(log);
    let opening = Instant::now();
    let log = ChangeLog::open(dir.path(), config, accept_all()).unwrap();
    assert_eq!(log.number(), number);
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    format!(
        "{N_WRITERS} writers, {per_request} a request: {:.0} changes/s in {:.0} requests/s; \
         wait {:.1?} median, {:.1?} at 99 %; opened again in {:.1?}; \
         descriptors {} → {}, resident {} → {} MiB",
        n_changes as f64 / seconds,
        waits.len() as f64 / seconds,
        at(0.5),
        at(0.99),
        opening.elapsed(),
        before.0,
        after.0,
        before.1 >> 10,
        after.1 >> 10,
    )
}

#[test]
#[ignore = "measures for half a minute: the command is at the top of the file"]
fn changes_a_second_with_64_writers() {
    for per_request in [1, 100] {
        eprintln!("{}", measure(per_request));
    }
}
