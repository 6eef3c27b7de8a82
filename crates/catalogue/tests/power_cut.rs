//! A power cut at every step of the disk, whatever it leaves of what was not synced: what
//! was acknowledged is there, and the log goes on.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use common::*;
use vitrine_catalogue::{ChangeLog, ChangeOutcome, ChangeRequest, LogConfig, ProductChange};
use vitrine_durable::{LossyDisk, UnsyncedTail};

const N_CHANGES: usize = 12;

fn product(i: usize) -> ProductChange {
    upsert(&format!("s{i}"), 1, &"a long title ".repeat(20))
}

/// Writes, with snapshots in between, until the disk dies; the acknowledged skus, and
/// whether it got through.
fn write_until_it_dies(dir: &Path, config: LogConfig) -> (Vec<String>, bool) {
    let mut acknowledged = Vec::new();
    let Ok(log) = ChangeLog::open(dir, config, accept_all()) else { return (acknowledged, false) };
    for i in 0..N_CHANGES {
        let sku = format!("s{i}");
        if log.submit(ChangeRequest { changes: vec![product(i)], key: None }).is_err() {
            return (acknowledged, false);
        }
        acknowledged.push(sku);
        if i % 4 == 3 && log.compact().is_err() {
            return (acknowledged, false);
        }
    }
    (acknowledged, true)
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_step() {
    let tails = [
        UnsyncedTail::Lost,
        UnsyncedTail::Half,
        UnsyncedTail::Zeros,
        UnsyncedTail::LastHalf,
        UnsyncedTail::Kept,
    ];
    let mut n_unacknowledged = 0;
    for tail in tails {
        for steps_max in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("log");
            std::fs::create_dir(&folder).unwrap();
            let lossy = Arc::new(LossyDisk::new(dir.path()));
            let disk = FailingDisk::new(Arc::clone(&lossy) as _, move |_, number| {
                (number >= steps_max).then_some(ErrorKind::Other)
            });
            let (acknowledged, is_through) = write_until_it_dies(&folder, disk.config());
            lossy.power_cut_leaving(&folder, tail).unwrap();

            let log = ChangeLog::open(&folder, config(), accept_all());
            let log = log.unwrap_or_else(|error| panic!("{tail:?} after {steps_max}: {error}"));
            for sku in &acknowledged {
                assert!(log.product(sku).is_some(), "{sku}, {tail:?} after {steps_max} steps");
            }
            n_unacknowledged += log.n_products() - acknowledged.len();
            // It goes on: what was lost can be sent again, and is there after opening.
            let all = (0..N_CHANGES).map(product);
            let expected: Vec<_> = all
                .clone()
                .map(|again| match log.product(&again.sku) {
                    Some(_) => ChangeOutcome::Duplicate,
                    None => ChangeOutcome::Applied,
                })
                .collect();
            assert_eq!(submit(&log, all.collect()).outcomes, expected);
            drop(log);
            assert_eq!(open(&folder).n_products(), N_CHANGES);
            if is_through {
                assert!(steps_max > 2 * N_CHANGES, "{steps_max} steps");
                break;
            }
        }
    }
    assert!(n_unacknowledged > 0, "some cut came between the disk and the answer");
}
