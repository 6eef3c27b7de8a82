//! What the fuzz targets check, on the files from which they start.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

/// Of each file of a corpus, its name and whether it is what it should be as it is, and under a
/// right checksum.
fn outcomes(target: &str, check: fn(&[u8]) -> [bool; 2]) -> Vec<(String, [bool; 2])> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut outcomes = Vec::new();
    for file in std::fs::read_dir(folder).expect("a corpus") {
        let path = file.expect("listed").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        outcomes.push((name, check(&std::fs::read(&path).expect("readable"))));
    }
    outcomes.sort();
    outcomes
}

#[test]
fn every_file_passes_its_target() {
    let expected = [
        ("another-format.bin", [false, false]),
        ("cut-header.bin", [false, true]),
        ("first-scales.bin", [false, true]),
        ("infinite-scale.bin", [false, false]),
        ("negative-scale.bin", [false, false]),
        ("too-many-layers.bin", [false, false]),
    ];
    let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome));
    assert_eq!(outcomes("network", targets::network), expected);
    let expected = [
        ("another-format.bin", [false, false]),
        ("cut-header.bin", [false, true]),
        ("first-means.bin", [false, true]),
        ("not-a-number.bin", [false, false]),
    ];
    let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome));
    assert_eq!(outcomes("projection", targets::projection), expected);
}
