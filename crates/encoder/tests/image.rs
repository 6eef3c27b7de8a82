//! The image encoder against the published package, and the bytes that it is made of. What needs
//! the weights shows as ignored without them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use vitrine_encoder::VectorCache;
use vitrine_encoder::image::{
    ImageEncoder, ImageError, PICTURE_DIM, PICTURE_WEIGHTS, RgbView, encode_pictures_cached,
    fit_projection, network_input, picture_weights_dir, quantised_network,
};
use vitrine_vision::{PictureProjection, QuantisedNetwork, VisionNetwork};

/// Least cosine to the published package.
const COSINE_MIN: f64 = 0.9999;
/// Mean cosine of the network in eight bits to the one in 32, and the least. These drawings are
/// unlike what the network learned from, and harder than photographs, of which each of 341
/// reaches .993 (docs/experiments/pictures.md).
const QUANTISED_COSINE_MEAN: f64 = 0.99;
const QUANTISED_COSINE_MIN: f64 = 0.985;

type Test = fn(&Path) -> Result<(), Failed>;

fn main() {
    let tests: [(&str, Test); 5] = [
        ("pictures_agree_with_the_published_package", agree_with_the_package),
        ("eight_bits_agree_with_thirty_two", eight_bits_agree),
        ("a_second_import_encodes_only_what_is_new", a_second_import),
        ("a_stopped_import_keeps_what_it_had", a_stopped_import),
        ("codes_are_the_same_after_a_file", codes_after_a_file),
    ];
    let with_weights = tests.into_iter().map(|(name, test)| {
        Trial::test(name, move || test(&picture_weights_dir().ok_or("no cache folder")?))
            .with_kind("needs the weights of efficientnet-lite0")
            .with_ignored_flag(weights_are_missing())
    });
    let without = Trial::test("missing_weights_are_named_with_what_to_run", || {
        let dir = tempfile::tempdir()?;
        let error = ImageEncoder::load(dir.path()).err().ok_or("loaded nothing")?;
        assert!(matches!(error, ImageError::NoWeights { .. }));
        assert!(error.to_string().contains("vitrine fetch --model efficientnet-lite0"), "{error}");
        Ok(())
    });
    libtest_mimic::run(&Arguments::from_args(), with_weights.chain([without]).collect()).exit();
}

fn weights_are_missing() -> bool {
    !picture_weights_dir().is_some_and(|dir| dir.join(PICTURE_WEIGHTS).is_file())
}

/// One for all tests.
fn encoder(dir: &Path) -> Result<&'static ImageEncoder, Failed> {
    static ENCODER: Mutex<Option<&'static ImageEncoder>> = Mutex::new(None);
    let mut encoder = ENCODER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(encoder) = *encoder {
        return Ok(encoder);
    }
    let loaded: &ImageEncoder = Box::leak(Box::new(ImageEncoder::load(dir)?));
    *encoder = Some(loaded);
    Ok(loaded)
}

const SIZES: [(u32, u32); 12] = [
    (224, 224),
    (300, 200),
    (97, 411),
    (640, 480),
    (31, 17),
    (225, 227),
    (500, 500),
    (256, 192),
    (1, 1),
    (800, 90),
    (224, 448),
    (333, 334),
];

/// A disc on stripes, as `picture` of golden/make_picture_oracle.py draws it.
fn golden_picture(at: usize) -> Vec<u8> {
    let (width, height) = (SIZES[at].0 as i64, SIZES[at].1 as i64);
    let n = at as i64;
    let pixel = |(x, y): (i64, i64)| {
        let stripe = (x * (n + 1) + y * (n + 3)) / 23 % 2;
        let away = (2 * x - width).pow(2) * 4 + (2 * y - height).pow(2) * 9;
        match away < width.min(height).pow(2) * (n + 4) {
            true => [40 + 17 * n, x * 200 / width, 30],
            false => [255 - 90 * stripe, 200 - 11 * n, y * 255 / height],
        }
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places.flat_map(pixel).map(|value| value as u8).collect()
}

fn golden_pictures() -> Vec<Vec<u8>> {
    (0..SIZES.len()).map(golden_picture).collect()
}

fn views(pictures: &[Vec<u8>]) -> Vec<RgbView<'_>> {
    pictures
        .iter()
        .zip(SIZES)
        .map(|(pixels, (width, height))| RgbView::new(width, height, pixels).expect("a picture"))
        .collect()
}

fn golden_vectors() -> Result<Vec<f32>, Failed> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/picture_vectors.f32");
    let bytes = fs::read(path)?;
    let vectors: Vec<f32> =
        bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    assert_eq!(vectors.len(), SIZES.len() * PICTURE_DIM);
    Ok(vectors)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn encoded(dir: &Path) -> Result<Vec<f32>, Failed> {
    let pictures = golden_pictures();
    let never = AtomicBool::new(false);
    let mut n_done = 0;
    let vectors =
        encoder(dir)?.encode(&views(&pictures), &mut |note| n_done = note.n_done, &never)?;
    assert_eq!(n_done, SIZES.len());
    Ok(vectors)
}

fn agree_with_the_package(dir: &Path) -> Result<(), Failed> {
    let (found, expected) = (encoded(dir)?, golden_vectors()?);
    let rows = found.chunks_exact(PICTURE_DIM).zip(expected.chunks_exact(PICTURE_DIM));
    for (at, (found, expected)) in rows.enumerate() {
        let near = cosine(found, expected);
        assert!(near >= COSINE_MIN, "cosine {near} for picture {at}");
        assert!((cosine(found, found) - 1.0).abs() < 1e-6);
        let norm: f32 = found.iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-4, "norm {norm}");
    }
    // The pictures are told apart: no two of them are as near as each is to its twin.
    for a in 0..SIZES.len() {
        for b in 0..a {
            let row = |at: usize| &found[at * PICTURE_DIM..][..PICTURE_DIM];
            assert!(cosine(row(a), row(b)) < 0.999, "{a} and {b}");
        }
    }
    Ok(())
}

fn eight_bits_agree(dir: &Path) -> Result<(), Failed> {
    let bytes = quantised_network(dir)?.to_bytes();
    assert!(bytes.len() <= 5_000_000, "{} bytes", bytes.len());
    let network = VisionNetwork::new(&QuantisedNetwork::from_bytes(&bytes)?);
    let expected = golden_vectors()?;
    let pictures = golden_pictures();
    let mut sum = 0.0;
    for (at, view) in views(&pictures).iter().enumerate() {
        let near = cosine(&network.encode(view), &expected[at * PICTURE_DIM..][..PICTURE_DIM]);
        assert!(near >= QUANTISED_COSINE_MIN, "cosine {near} for picture {at}");
        sum += near;
    }
    let mean = sum / SIZES.len() as f64;
    assert!(mean >= QUANTISED_COSINE_MEAN, "mean cosine {mean}");
    Ok(())
}

/// Contents of the golden pictures, the first of them twice, and one that cannot be read.
fn contents(pictures: &[Vec<u8>]) -> Vec<[u8; 32]> {
    let mut contents: Vec<[u8; 32]> =
        pictures.iter().map(|pixels| *blake3::hash(pixels).as_bytes()).collect();
    contents.extend([contents[0], [9; 32]]);
    contents
}

fn a_second_import(dir: &Path) -> Result<(), Failed> {
    let scratch = tempfile::tempdir()?;
    let path = scratch.path().join("pictures.bin");
    let pictures = golden_pictures();
    let views = views(&pictures);
    let contents = contents(&pictures);
    let input = |at: usize| views.get(at).map(network_input);
    let never = AtomicBool::new(false);
    let encode = |contents: &[[u8; 32]]| -> Result<_, Failed> {
        let mut cache = VectorCache::open_of(&path, PICTURE_DIM)?;
        Ok(encode_pictures_cached(
            encoder(dir)?,
            &mut cache,
            contents,
            &input,
            &mut |_| (),
            &never,
        )?)
    };
    let first = encode(&contents[..5])?;
    assert_eq!((first.n_encoded, first.n_reused), (5, 0));
    let second = encode(&contents)?;
    assert_eq!((second.n_encoded, second.n_reused), (SIZES.len() - 5, 5));
    assert_eq!(second.is_read, [[true; 13].as_slice(), &[false]].concat());
    let row = |at: usize| &second.vectors[at * PICTURE_DIM..][..PICTURE_DIM];
    assert_eq!(row(12), row(0));
    assert!(row(13).iter().all(|x| *x == 0.0));
    let expected = golden_vectors()?;
    for at in 0..SIZES.len() {
        assert!(cosine(row(at), &expected[at * PICTURE_DIM..][..PICTURE_DIM]) >= COSINE_MIN);
    }
    let mut of_texts = VectorCache::open(&scratch.path().join("texts.bin"))?;
    let found =
        encode_pictures_cached(encoder(dir)?, &mut of_texts, &[], &input, &mut |_| (), &never);
    assert!(matches!(found, Err(ImageError::Cache(_))), "{found:?}");
    Ok(())
}

fn a_stopped_import(dir: &Path) -> Result<(), Failed> {
    let scratch = tempfile::tempdir()?;
    let mut cache = VectorCache::open_of(&scratch.path().join("pictures.bin"), PICTURE_DIM)?;
    let pictures = golden_pictures();
    let views = views(&pictures);
    let contents = contents(&pictures);
    let input = |at: usize| views.get(at).map(network_input);
    let stop = AtomicBool::new(false);
    let mut note = |_| stop.store(true, Ordering::Relaxed);
    let stopped =
        encode_pictures_cached(encoder(dir)?, &mut cache, &contents, &input, &mut note, &stop);
    let Err(ImageError::Cancelled { n_done, .. }) = stopped else {
        return Err(format!("{stopped:?}").into());
    };
    assert!(n_done > 0 && cache.len() == n_done);
    stop.store(false, Ordering::Relaxed);
    let rest =
        encode_pictures_cached(encoder(dir)?, &mut cache, &contents, &input, &mut |_| (), &stop)?;
    assert_eq!((rest.n_reused, rest.n_encoded), (n_done, SIZES.len() - n_done));
    Ok(())
}

fn codes_after_a_file(dir: &Path) -> Result<(), Failed> {
    let vectors = encoded(dir)?;
    let projection = fit_projection(&vectors)?;
    let read = PictureProjection::from_bytes(&projection.to_bytes())?;
    assert_eq!(read, projection);
    for row in vectors.chunks_exact(PICTURE_DIM) {
        let code = projection.code(row);
        assert_eq!(code, read.code(row));
        assert!(PictureProjection::likeness(&code, &code) > 0.999);
    }
    assert!(matches!(fit_projection(&vectors[..PICTURE_DIM]), Err(ImageError::TooFew { .. })));
    Ok(())
}
