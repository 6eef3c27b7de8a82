//! What the fuzz targets check, on the files from which they start, whole and changed. Files whose
//! names begin with "refused" are refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Runs a target on its files and on each with a byte changed; how many files, and how many of
/// the changed ones were still read.
fn run(target: &str, check: fn(&[u8]) -> Option<usize>) -> (usize, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let (mut n_files, mut n_read) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let is_refused = path.file_name().unwrap().to_string_lossy().starts_with("refused");
        assert_eq!(check(&bytes).is_none(), is_refused, "{}", path.display());
        n_files += 1;
        for at in 0..bytes.len() {
            for to in [b'\n', 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                n_read += usize::from(check(&changed).is_some());
            }
        }
    }
    (n_files, n_read)
}

#[test]
fn every_moving_picture_passes_its_target() {
    let (n_files, n_read) = run("animated_webp", targets::animated_webp);
    assert!(n_files == 6 && n_read > 1_000, "{n_files} files, {n_read} changed ones read");
}

#[test]
fn every_transcript_passes_its_target() {
    let (n_files, n_read) = run("web_vtt", targets::web_vtt);
    assert!(n_files == 7 && n_read > 1_000, "{n_files} files, {n_read} changed ones read");
}
