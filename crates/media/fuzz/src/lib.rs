//! What the fuzz targets check; a test of the crate runs it on the files from which they start.

use vitrine_media::limits::{KEY_FRAMES_MAX, SENTENCE_BYTES_MAX, TEXT_BYTES_MAX};
use vitrine_media::{AnimatedWebp, Medium, WebVtt};

/// Any bytes are refused, or have pictures of one size within the limits; how many.
pub fn animated_webp(bytes: &[u8]) -> Option<usize> {
    let content = AnimatedWebp.read(bytes).ok()?;
    assert!(AnimatedWebp.recognises(bytes));
    assert!((1..=KEY_FRAMES_MAX).contains(&content.pictures.len()) && content.texts.is_empty());
    let first = &content.pictures[0];
    for picture in &content.pictures {
        assert_eq!((picture.width, picture.height), (first.width, first.height));
        assert_eq!(picture.rgb.len() as u64, u64::from(first.width) * u64::from(first.height) * 3);
    }
    Some(content.pictures.len())
}

/// Any bytes are refused, or have texts within the limits; how many.
pub fn web_vtt(bytes: &[u8]) -> Option<usize> {
    let content = WebVtt.read(bytes).ok()?;
    assert!(WebVtt.recognises(bytes) && content.pictures.is_empty());
    assert!(content.texts.iter().map(String::len).sum::<usize>() <= TEXT_BYTES_MAX);
    for text in &content.texts {
        assert!(!text.is_empty() && text.len() <= SENTENCE_BYTES_MAX && text.trim() == text);
        assert!(!text.contains(['\n', '\r', '\t']));
    }
    Some(content.texts.len())
}
