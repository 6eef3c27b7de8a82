//! What the fuzz targets check, on the files from which they start.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

type Target = fn(&[u8]);

#[test]
fn every_file_of_the_corpus_passes_its_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let all: [(&str, Target); 5] = [
        ("csv", targets::csv),
        ("json", targets::json),
        ("jsonl", targets::jsonl),
        ("parquet", targets::parquet),
        ("xml", targets::xml),
    ];
    for (name, target) in all {
        let files = std::fs::read_dir(corpus.join(name)).expect("a corpus");
        let mut n = 0;
        for file in files {
            target(&std::fs::read(file.expect("listed").path()).expect("readable"));
            n += 1;
        }
        assert!(n >= 3, "{n} files of {name}");
    }
}
