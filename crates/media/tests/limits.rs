//! Files that would cost too much, and what is refused or cut instead.

use std::fs;
use std::path::Path;

use vitrine_media::limits::{
    ANIMATION_BYTES_MAX, CUES_MAX, FRAMES_MAX, ROLL_UP_LINES_MAX, SENTENCE_BYTES_MAX,
    TEXT_BYTES_MAX, TRANSCRIPT_BYTES_MAX,
};
use vitrine_media::{AnimatedWebp, Medium, MediumError, WebVtt};
use vitrine_pictures::limits::PICTURE_BYTES_MAX;

/// An opaque lossless picture of one pixel, as Pillow 13.0.0 writes it.
const PIXEL: &[u8] = b"\x2f\x00\x00\x00\x00\x07\x10\x45\x8e\xfe\x07\x22\xa2\xff\x01";

fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut chunk = [&name[..], &(payload.len() as u32).to_le_bytes(), payload].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn side(pixels: u32) -> [u8; 3] {
    let [a, b, c, _] = (pixels - 1).to_le_bytes();
    [a, b, c]
}

/// A frame of the given size in the corner of the canvas.
fn frame(width: u32, height: u32, picture: &[u8]) -> Vec<u8> {
    let header = [&[0; 6][..], &side(width), &side(height), &[100, 0, 0, 0]].concat();
    chunk(b"ANMF", &[&header, picture].concat())
}

fn animation(width: u32, height: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let header = [&[0b1_0010, 0, 0, 0][..], &side(width), &side(height)].concat();
    let parts = [chunk(b"VP8X", &header), chunk(b"ANIM", &[0; 6]), frames.concat()];
    chunk(b"RIFF", &[&b"WEBP"[..], &parts.concat()].concat())
}

fn pixel() -> Vec<u8> {
    frame(1, 1, &chunk(b"VP8L", PIXEL))
}

/// Chunk of a lossy picture that says how large it is, and holds nothing.
fn lossy(width: u16, height: u16) -> Vec<u8> {
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    chunk(b"VP8 ", &[&[0x10, 0, 0, 0x9d, 0x01, 0x2a], &size[..]].concat())
}

#[test]
fn an_animation_within_the_limits_is_read() {
    let frames = vec![pixel(); FRAMES_MAX];
    let content = AnimatedWebp.read(&animation(2, 1, &frames)).unwrap();
    assert_eq!(content.pictures.len(), 1, "none differs from the first");
    assert_eq!(content.pictures[0].rgb[3..], [255; 3], "what no frame covers is white");
}

#[test]
fn a_huge_canvas_is_refused() {
    let bytes = animation(16_384, 16_384, &[pixel()]);
    let error = AnimatedWebp.read(&bytes).unwrap_err();
    assert!(matches!(error, MediumError::CanvasTooLarge { width: 16_384, .. }), "{error}");
}

#[test]
fn thousands_of_frames_are_refused() {
    let error = AnimatedWebp.read(&animation(1, 1, &vec![pixel(); FRAMES_MAX + 1])).unwrap_err();
    assert!(matches!(error, MediumError::TooManyFrames), "{error}");
}

#[test]
fn few_frames_that_are_large_together_are_refused() {
    let n = ANIMATION_BYTES_MAX / (2_048 * 2_048 * 4);
    let frames = vec![pixel(); n as usize + 1];
    let error = AnimatedWebp.read(&animation(2_048, 2_048, &frames)).unwrap_err();
    assert!(matches!(error, MediumError::TooMuchToDecode), "{error}");
}

/// The decoder would take 400 MB for it.
#[test]
fn a_picture_larger_than_its_frame_is_refused() {
    for picture in [lossy(16_383, 16_383), [chunk(b"ALPH", &[0, 0]), lossy(9, 9)].concat()] {
        let error = AnimatedWebp.read(&animation(4, 4, &[frame(4, 4, &picture)])).unwrap_err();
        assert!(matches!(error, MediumError::DamagedFrame { frame: 0 }), "{error}");
    }
    let outside = [pixel(), frame(5, 4, &lossy(5, 4))];
    let error = AnimatedWebp.read(&animation(4, 4, &outside)).unwrap_err();
    assert!(matches!(error, MediumError::DamagedFrame { frame: 1 }), "{error}");
}

#[test]
fn what_is_no_animation_or_cut_off_is_refused() {
    let too_many = [&b"RIFF\0\0\0\0WEBP"[..], &vec![0; PICTURE_BYTES_MAX]].concat();
    let error = AnimatedWebp.read(&too_many).unwrap_err();
    assert!(matches!(error, MediumError::TooManyBytes { .. }), "{error}");
    assert!(matches!(AnimatedWebp.read(b"GIF89a"), Err(MediumError::NotWebp)));
    assert!(!AnimatedWebp.recognises(b"GIF89a"));
    assert!(matches!(AnimatedWebp.read(&animation(1, 1, &[])), Err(MediumError::Damaged)));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenes.webp");
    let scenes = fs::read(path).unwrap();
    for end in 0..scenes.len() {
        assert!(AnimatedWebp.read(&scenes[..end]).is_err(), "cut after {end} bytes");
    }
}

#[test]
fn a_transcript_of_too_many_bytes_or_cues_is_refused() {
    let cue = "00:01.000 --> 00:02.000\nyes\n\n";
    let cues = |n: usize| format!("WEBVTT\n\n{}", cue.repeat(n)).into_bytes();
    let content = WebVtt.read(&cues(CUES_MAX)).unwrap();
    assert_eq!(content.texts, ["yes"], "each repeats the one before");
    assert!(matches!(WebVtt.read(&cues(CUES_MAX + 1)), Err(MediumError::TooManyCues)));
    let error = WebVtt.read(&cues(TRANSCRIPT_BYTES_MAX / cue.len() + 1)).unwrap_err();
    assert!(matches!(error, MediumError::TooManyBytes { .. }), "{error}");
    assert!(matches!(WebVtt.read(b"1\n00:00:01,000 -->"), Err(MediumError::NotWebVtt)));
}

#[test]
fn malformed_cues_count_as_cues() {
    let bytes = format!("WEBVTT\n\n{}", "-->\n".repeat(CUES_MAX)).into_bytes();
    assert_eq!(WebVtt.read(&bytes).unwrap().n_skipped, CUES_MAX);
    let bytes = format!("WEBVTT\n\n{}", "-->\n".repeat(CUES_MAX + 1)).into_bytes();
    assert!(matches!(WebVtt.read(&bytes), Err(MediumError::TooManyCues)));
}

#[test]
fn a_cue_without_end_is_cut_at_the_text_limit() {
    let words = "word ".repeat(TEXT_BYTES_MAX / 5 + 100);
    let content = WebVtt.read(format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{words}").as_bytes());
    let content = content.unwrap();
    assert!(content.is_cut);
    let n_bytes: usize = content.texts.iter().map(String::len).sum();
    assert!(n_bytes <= TEXT_BYTES_MAX && n_bytes > TEXT_BYTES_MAX * 9 / 10, "{n_bytes}");
    assert!(content.texts.iter().all(|text| text.len() <= SENTENCE_BYTES_MAX));
    assert!(content.texts.iter().all(|text| text.split(' ').all(|word| word == "word")));
}

/// Each costs a pass over the file and no more: what is compared or searched for is bounded.
#[test]
fn a_file_of_nothing_but_markup_or_repetitions_is_read() {
    for (part, n_texts) in [("<", 0), ("<v>", 0), ("&\n", 0), ("&amp", 1), ("a\n", 1), ("\r", 0)] {
        let n = (TRANSCRIPT_BYTES_MAX - 100) / part.len();
        let body = part.repeat(n);
        let bytes = format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{body}");
        let content = WebVtt.read(bytes.as_bytes()).unwrap();
        assert_eq!(content.texts.len().min(1), n_texts, "{part:?}");
    }
}

#[test]
fn only_as_many_lines_as_captions_have_roll_up() {
    let lines: Vec<String> = (0..=ROLL_UP_LINES_MAX).map(|at| format!("line{at}")).collect();
    let cue = |lines: &[String]| format!("00:00.000 --> 00:01.000\n{}\n\n", lines.join("\n"));
    let words = |cues: &[String]| {
        let content = WebVtt.read(format!("WEBVTT\n\n{}", cues.concat()).as_bytes()).unwrap();
        content.texts.join(" ").split(' ').count()
    };
    let most = &lines[1..];
    assert_eq!(words(&[cue(most), cue(most)]), ROLL_UP_LINES_MAX);
    assert_eq!(words(&[cue(&lines), cue(&lines)]), 2 * lines.len());
}
