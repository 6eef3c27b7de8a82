//! The seed corpus of the fuzz target, as an ordinary test. Files whose names begin with
//! "made" are pictures.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::PathBuf;

#[test]
fn every_seed_is_a_picture_or_a_fault() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/making");
    let mut n_files = 0;
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(fuzz::making(&fs::read(&path).unwrap()), name.starts_with("made"), "{name}");
        n_files += 1;
    }
    assert!(n_files > 5, "{n_files} files in {}", dir.display());
}
