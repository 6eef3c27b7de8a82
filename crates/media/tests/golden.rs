//! What other programs read from the same files: Pillow 13.0.0 from moving pictures, webvtt-py
//! 0.6.0 from transcripts. `data/make_oracle.py` writes what they say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::fs;
use std::path::{Path, PathBuf};

use vitrine_media::{AnimatedWebp, Medium, WebVtt};
use vitrine_pictures::PicturePixels;

/// Most difference of the mean colours of a cell. Decoders of lossy pictures round differently.
const COLOUR_DIFFERENCE_MAX: u64 = 2;
/// Cells to a side in what Pillow says.
const SIDE: usize = 4;

fn data(ending: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(move |path| path.to_string_lossy().ends_with(ending))
}

/// Mean colours of cells, row by row.
fn grid(picture: &PicturePixels) -> Vec<u64> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let cell = |x: usize, y: usize| y * SIDE / height * SIDE + x * SIDE / width;
    let mut sums = [[0; 3]; SIDE * SIDE];
    let mut counts = [0; SIDE * SIDE];
    for (at, pixel) in picture.rgb.chunks_exact(3).enumerate() {
        let cell = cell(at % width, at / width);
        counts[cell] += 1;
        sums[cell].iter_mut().zip(pixel).for_each(|(sum, number)| *sum += u64::from(*number));
    }
    sums.iter().zip(counts).flat_map(|(sums, n)| sums.map(|sum| sum / n)).collect()
}

#[test]
fn key_frames_are_those_that_pillow_sees() {
    let (mut n_files, mut n_moving) = (0, 0);
    for path in data(".webp") {
        let name = path.display().to_string();
        let oracle = fs::read(path.with_extension("webp.json")).unwrap();
        let oracle: serde_json::Value = serde_json::from_slice(&oracle).unwrap();
        let content = AnimatedWebp.read(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(content.is_cut, oracle["is_cut"], "{name}");
        let expected = oracle["cells"].as_array().unwrap();
        assert_eq!(content.pictures.len(), expected.len(), "{name}");
        for (place, (picture, cells)) in content.pictures.iter().zip(expected).enumerate() {
            let cells = cells.as_array().unwrap().iter().map(|cell| cell.as_u64().unwrap());
            let most = grid(picture).into_iter().zip(cells).map(|(a, b)| a.abs_diff(b)).max();
            assert!(most.unwrap() <= COLOUR_DIFFERENCE_MAX, "{name}, picture {place}: {most:?}");
        }
        n_files += 1;
        n_moving += usize::from(content.pictures.len() > 1);
    }
    assert_eq!((n_files, n_moving), (5, 4));
}

#[test]
fn words_are_those_that_webvtt_py_reads() {
    let mut n_files = 0;
    for path in data(".vtt") {
        let oracle = fs::read_to_string(path.with_extension("vtt.words")).unwrap();
        let content = WebVtt.read(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(content.n_skipped, 0, "{}", path.display());
        // Between Chinese lines stands no space here.
        let texts = content.texts.join(" ");
        // Dashes before what another speaker says are left out here.
        let expected = || oracle.split_whitespace().filter(|word| *word != "-");
        if path.ends_with("shouji.vtt") {
            let unspaced: String = texts.split_whitespace().collect();
            assert_eq!(unspaced, expected().collect::<String>());
        } else {
            assert!(texts.split_whitespace().eq(expected()), "{}: {texts}", path.display());
        }
        n_files += 1;
    }
    assert_eq!(n_files, 4);
}

#[test]
fn sentences_are_whole() {
    let texts = |name: &str| {
        let path = data(name).next().unwrap();
        WebVtt.read(&fs::read(path).unwrap()).unwrap().texts
    };
    assert_eq!(
        texts("lamp.vtt"),
        [
            "This is the new reading lamp.",
            "It is 5.5 cm wide & weighs 300 g, so it fits into any bag.",
            "Does it run on batteries?",
            "Yes: 10 hours!",
            "Good.",
        ]
    );
    assert_eq!(texts("shouji.vtt"), ["这款手机很轻，屏幕也很亮。", "我很喜欢！", "电池能用两天。"]);
}
