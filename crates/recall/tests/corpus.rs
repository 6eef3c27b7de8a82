//! The seed corpora of the fuzz targets, as ordinary tests. Files whose names begin with
//! "read" have conditions, those with "found" have results.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::PathBuf;

fn each(target: &str, check: impl Fn(&[u8]) -> bool, holds: &str) {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut n_files = 0;
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(check(&fs::read(&path).unwrap()), name.starts_with(holds), "{name}");
        n_files += 1;
    }
    assert!(n_files > 5, "{n_files} files in {}", dir.display());
}

#[test]
fn every_seed_text_is_read() {
    each("reading", fuzz::reading, "read");
}

#[test]
fn every_seed_search_is_answered_within_its_bounds() {
    each("relaxing", fuzz::relaxing, "found");
}
