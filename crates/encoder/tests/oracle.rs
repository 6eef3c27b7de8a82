//! The encoder against another implementation of the same network, and on
//! texts that no shop should send. Needs the weights; without them every test
//! here shows as ignored.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use vitrine_encoder::{
    DeviceOptions, EncoderError, Kernel, QUERY_TOKENS_MAX, TEXT_DIM, TextEncoder, TextRole,
    VectorCache, WEIGHT_FILES, encode_cached, weights_dir,
};

const COSINE_MIN: f64 = 0.9999;

type Test = fn(&TextEncoder) -> Result<(), Failed>;

fn main() {
    let tests: [(&str, Test); 10] = [
        ("each_text_alone_agrees_with_the_oracle", each_text_alone_agrees_with_the_oracle),
        ("every_kernel_agrees_with_the_oracle", every_kernel_agrees_with_the_oracle),
        ("mixed_batches_agree_with_the_oracle", mixed_batches_agree_with_the_oracle),
        ("vectors_are_finite_and_of_unit_norm", vectors_are_finite_and_of_unit_norm),
        ("repeated_texts_are_encoded_once", repeated_texts_are_encoded_once),
        ("long_texts_are_cut_at_the_limit", long_texts_are_cut_at_the_limit),
        (
            "queries_are_cut_shorter_and_given_up_when_nobody_waits",
            queries_are_cut_shorter_and_given_up_when_nobody_waits,
        ),
        ("a_second_import_encodes_only_what_changed", a_second_import_encodes_only_what_changed),
        ("a_stopped_import_goes_on_where_it_was", a_stopped_import_goes_on_where_it_was),
        ("other_models_are_refused", other_models_are_refused),
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            Trial::test(name, move || test(encoder()?))
                .with_kind("needs the weights of all-MiniLM-L6-v2")
                .with_ignored_flag(weights_are_missing())
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn weights_are_missing() -> bool {
    !weights_dir().is_some_and(|dir| WEIGHT_FILES.iter().all(|file| dir.join(file).is_file()))
}

/// One for all tests: loading takes longer than most of them.
fn encoder() -> Result<&'static TextEncoder, Failed> {
    static ENCODER: Mutex<Option<&'static TextEncoder>> = Mutex::new(None);
    let mut encoder = ENCODER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(encoder) = *encoder {
        return Ok(encoder);
    }
    let dir = weights_dir().ok_or("no weights")?;
    let loaded: &TextEncoder = Box::leak(Box::new(load(&dir)?));
    *encoder = Some(loaded);
    Ok(loaded)
}

fn load(dir: &Path) -> Result<TextEncoder, EncoderError> {
    TextEncoder::load(dir, &DeviceOptions::cpu())
}

fn alone(encoder: &TextEncoder, text: &str) -> Result<Vec<f32>, EncoderError> {
    encoder.encode(&[text], TextRole::Passage, &mut |_| {})
}

fn golden() -> Result<(Vec<String>, Vec<f32>), Failed> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let texts: Vec<String> =
        fs::read_to_string(dir.join("texts.txt"))?.lines().map(str::to_owned).collect();
    let vectors: Vec<f32> = fs::read(dir.join("vectors.f32"))?
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    assert_eq!(texts.len(), 200);
    assert_eq!(vectors.len(), texts.len() * TEXT_DIM);
    Ok((texts, vectors))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn assert_near(texts: &[&str], found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let rows = found.chunks_exact(TEXT_DIM).zip(expected.chunks_exact(TEXT_DIM));
    for (text, (found, expected)) in texts.iter().zip(rows) {
        let cosine = cosine(found, expected);
        assert!(cosine >= COSINE_MIN, "cosine {cosine} for {text:?}");
    }
}

fn each_text_alone_agrees_with_the_oracle(encoder: &TextEncoder) -> Result<(), Failed> {
    let (texts, expected) = golden()?;
    for (text, expected) in texts.iter().zip(expected.chunks_exact(TEXT_DIM)) {
        assert_near(&[text], &alone(encoder, text)?, expected);
    }
    Ok(())
}

fn every_kernel_agrees_with_the_oracle(_: &TextEncoder) -> Result<(), Failed> {
    let (texts, expected) = golden()?;
    let texts: Vec<&str> = texts.iter().take(40).map(String::as_str).collect();
    let dir = weights_dir().ok_or("no weights")?;
    for kernel in Kernel::available() {
        let encoder = TextEncoder::load_for(&dir, &DeviceOptions::cpu(), kernel)?;
        assert_eq!(encoder.kernel(), kernel);
        let found = encoder.encode(&texts, TextRole::Passage, &mut |_| {})?;
        assert_near(&texts, &found, &expected[..texts.len() * TEXT_DIM]);
    }
    Ok(())
}

fn mixed_batches_agree_with_the_oracle(encoder: &TextEncoder) -> Result<(), Failed> {
    let (texts, expected) = golden()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for n_texts in [7, 200] {
        let expected = expected.chunks(n_texts * TEXT_DIM);
        for (texts, expected) in texts.chunks(n_texts).zip(expected) {
            assert_near(texts, &encoder.encode(texts, TextRole::Passage, &mut |_| {})?, expected);
        }
    }
    Ok(())
}

fn vectors_are_finite_and_of_unit_norm(encoder: &TextEncoder) -> Result<(), Failed> {
    let long = "caffè ".repeat(1_700);
    let texts = [
        "",
        " \n\t ",
        "\0",
        "\u{7}\u{1b}[31m\u{202e}\u{feff}\u{200d}",
        "👩‍👩‍👧‍👦🏳️‍🌈🇫🇷",
        "\u{10ffff}\u{e000}",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}",
        &"x".repeat(10_000),
        &"👩‍👩‍👧‍👦".repeat(1_500),
        &long,
    ];
    let vectors = encoder.encode(&texts, TextRole::Passage, &mut |_| {})?;
    assert_eq!(vectors.len(), texts.len() * TEXT_DIM);
    for (text, vector) in texts.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
        let norm: f32 = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((norm - 1.0).abs() < 1e-4, "norm {norm} for {text:?}");
    }
    assert!(encoder.encode(&[], TextRole::Passage, &mut |_| {})?.is_empty());
    Ok(())
}

fn repeated_texts_are_encoded_once(encoder: &TextEncoder) -> Result<(), Failed> {
    let mut last = None;
    let vectors =
        encoder.encode(&["milk", "bread", "milk"], TextRole::Passage, &mut |p| last = Some(p))?;
    let last = last.ok_or("no progress was reported")?;
    assert_eq!((last.n_done, last.n_total), (2, 2));
    assert!(last.texts_per_second > 0.0);
    let rows: Vec<&[f32]> = vectors.chunks_exact(TEXT_DIM).collect();
    assert_eq!(rows[0], rows[2]);
    assert!(cosine(rows[0], rows[1]) < 0.9);
    Ok(())
}

fn long_texts_are_cut_at_the_limit(encoder: &TextEncoder) -> Result<(), Failed> {
    // "milk" is one token; with [CLS] and [SEP], 254 of them fill the limit.
    let vectors = [253, 254, 255, 2_000].map(|n| alone(encoder, &"milk ".repeat(n)));
    let [shorter, full, longer, long] = vectors;
    let full = full?;
    assert_eq!(full, longer?);
    assert_eq!(full, long?);
    assert_ne!(full, shorter?);
    Ok(())
}

fn queries_are_cut_shorter_and_given_up_when_nobody_waits(
    encoder: &TextEncoder,
) -> Result<(), Failed> {
    let in_time = || false;
    let query = |n: usize| encoder.encode_query(&"milk ".repeat(n), &in_time);
    assert_eq!(query(5)?, alone(encoder, &"milk ".repeat(5))?);
    let full = alone(encoder, &"milk ".repeat(QUERY_TOKENS_MAX - 2))?;
    for n in [QUERY_TOKENS_MAX - 2, QUERY_TOKENS_MAX - 1, 2_000] {
        assert_eq!(query(n)?, full, "{n} words");
    }
    let n_asked = Cell::new(0);
    let late = || n_asked.replace(n_asked.get() + 1) == 2;
    let given_up = encoder.encode_query("milk", &late);
    assert!(matches!(given_up, Err(EncoderError::Cancelled { .. })), "{given_up:?}");
    assert_eq!(n_asked.get(), 3, "nothing is asked or computed after the answer");
    Ok(())
}

fn a_second_import_encodes_only_what_changed(encoder: &TextEncoder) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("vectors.cache");
    let never = AtomicBool::new(false);
    let import = |texts: &[&str]| {
        let mut cache = VectorCache::open(&path)?;
        encode_cached(encoder, &mut cache, texts, TextRole::Passage, &mut |_| {}, &never)
    };
    let first = import(&["milk", "bread", "milk"])?;
    assert_eq!((first.n_encoded, first.n_reused), (2, 0));
    let second = import(&["butter", "milk", "bread"])?;
    assert_eq!((second.n_encoded, second.n_reused), (1, 2));
    assert_eq!(second.vectors[TEXT_DIM..2 * TEXT_DIM], first.vectors[..TEXT_DIM]);
    assert_near(
        &["butter", "milk", "bread"],
        &second.vectors,
        &encoder.encode(&["butter", "milk", "bread"], TextRole::Passage, &mut |_| {})?,
    );
    Ok(())
}

fn a_stopped_import_goes_on_where_it_was(encoder: &TextEncoder) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("vectors.cache");
    let texts: Vec<String> = (1..60).map(|n| "milk ".repeat(n)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();

    let cancel = AtomicBool::new(false);
    let mut cache = VectorCache::open(&path)?;
    let stop_after_five = &mut |p: vitrine_encoder::EncodingProgress| {
        cancel.store(p.n_done >= 5, Ordering::Relaxed);
    };
    let stopped =
        encode_cached(encoder, &mut cache, &texts, TextRole::Passage, stop_after_five, &cancel);
    let Err(EncoderError::Cancelled { n_done, n_total }) = stopped else {
        return Err("the import was not stopped".into());
    };
    assert!((5..texts.len()).contains(&n_done), "{n_done}");
    assert_eq!(n_total, texts.len());
    drop(cache);

    let mut cache = VectorCache::open(&path)?;
    assert_eq!(cache.len(), n_done);
    let rest = encode_cached(
        encoder,
        &mut cache,
        &texts,
        TextRole::Passage,
        &mut |_| {},
        &AtomicBool::new(false),
    )?;
    assert_eq!((rest.n_reused, rest.n_encoded), (n_done, texts.len() - n_done));
    assert_near(&texts, &rest.vectors, &encoder.encode(&texts, TextRole::Passage, &mut |_| {})?);
    Ok(())
}

fn other_models_are_refused(_: &TextEncoder) -> Result<(), Failed> {
    let good = weights_dir().ok_or("no weights")?;
    let dir = tempfile::tempdir()?;
    let copy = |file: &str| fs::copy(good.join(file), dir.path().join(file));

    for file in WEIGHT_FILES {
        copy(file)?;
    }
    let config = fs::read_to_string(good.join("config.json"))?;
    fs::write(dir.path().join("config.json"), config.replace("\"gelu\"", "\"relu\""))?;
    assert!(matches!(
        load(dir.path()),
        Err(EncoderError::UnsupportedModel { field: "hidden_act", .. })
    ));
    fs::write(dir.path().join("config.json"), "{}")?;
    assert!(matches!(load(dir.path()), Err(EncoderError::Config { .. })));

    copy("config.json")?;
    fs::write(dir.path().join("model.safetensors"), [7; 1_000])?;
    assert!(matches!(load(dir.path()), Err(EncoderError::Model(_))));

    copy("model.safetensors")?;
    fs::write(dir.path().join("tokenizer.json"), "[]")?;
    assert!(matches!(load(dir.path()), Err(EncoderError::Tokenizer(_))));
    Ok(())
}
