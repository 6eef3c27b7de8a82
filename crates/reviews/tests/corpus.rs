//! What the fuzz targets check, on the files from which they start.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use vitrine_reviews::{ReviewText, SentimentConfig, SentimentExample, SentimentModel};

fn corpus(target: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    std::fs::read_dir(folder).expect("a corpus").map(|file| file.expect("listed").path())
}

/// A model of few words, so that it is small.
fn model(with_vectors: bool) -> SentimentModel {
    let text = |i: usize| if i.is_multiple_of(3) { "bad" } else { "good" };
    let example = |i: usize| SentimentExample {
        words: ReviewText { title: "", text: text(i) },
        stars: with_vectors.then_some(if i.is_multiple_of(3) {
            1 + (i / 3 % 2) as u8
        } else {
            4 + (i % 2) as u8
        }),
        recommended: Some(!i.is_multiple_of(3)),
        product: i as u32 / 4,
    };
    let examples: Vec<SentimentExample<'_>> = (0..240).map(example).collect();
    let vectors: Vec<f32> = (0..240).flat_map(|i| [(i % 3) as f32, (i % 7) as f32]).collect();
    let vectors = if with_vectors { &vectors[..] } else { &[] };
    let config = SentimentConfig::default();
    let cancel = AtomicBool::new(false);
    SentimentModel::fit(&examples, vectors, &config, &|_| {}, &cancel).expect("it is fitted").model
}

/// `VITRINE_BLESS=1 cargo test -p vitrine-reviews --test corpus` writes the files anew.
#[test]
fn models_of_the_corpus_are_what_a_fit_writes() {
    for (name, with_vectors) in [("words.bin", false), ("words-and-vectors.bin", true)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sentiment").join(name);
        let bytes = model(with_vectors).to_bytes();
        if std::env::var_os("VITRINE_BLESS").is_some() {
            std::fs::write(&path, &bytes).expect("written");
        }
        let stored = std::fs::read(&path).expect("readable");
        let stored = SentimentModel::from_bytes(&stored).expect("an old file can be read");
        let told = |model: &SentimentModel, text| model.read_words(ReviewText { title: "", text });
        for text in ["good", "bad", "other"] {
            let apart = told(&stored, text).positive - told(&model(with_vectors), text).positive;
            assert!(apart.abs() < 1e-3, "{name} says other of {text}: {apart}");
        }
    }
}

#[test]
fn every_model_passes_its_target_changed_anywhere_or_not() {
    let (mut n_files, mut n_models) = (0, 0);
    for path in corpus("sentiment") {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(targets::sentiment(&bytes), "{}", path.display());
        n_files += 1;
        for at in 0..bytes.len() {
            for to in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                n_models += usize::from(targets::sentiment(&changed));
            }
            assert!(SentimentModel::from_bytes(&bytes[..at]).is_err(), "cut after {at}");
        }
    }
    assert!(n_files == 2 && n_models > 100, "{n_models} were still models: numbers may be any");
}

#[test]
fn every_text_passes_its_target() {
    let n: usize =
        corpus("texts").map(|path| targets::texts(&std::fs::read(path).expect("readable"))).sum();
    assert!(n >= 6, "{n} mentions");
}
