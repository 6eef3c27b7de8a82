//! What the fuzz target checks, on the files from which it starts.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

#[test]
fn every_file_of_the_corpus_passes_its_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/vector_cache");
    let mut n_caches = 0;
    for file in std::fs::read_dir(corpus).expect("a corpus") {
        let path = file.expect("listed").path();
        let is_cache = targets::vector_cache(&std::fs::read(&path).expect("readable"));
        let is_none = path.file_name().is_some_and(|name| name == "another-format.cache");
        assert_eq!(is_cache, !is_none, "{}", path.display());
        n_caches += usize::from(is_cache);
    }
    assert!(n_caches >= 3, "{n_caches} caches");
}
