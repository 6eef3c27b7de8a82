//! What the fuzz targets check; a test of the crate runs it on the files from which they start.

use vitrine_reviews::{
    AspectReader, CheckLimits, ReviewRecord, ReviewText, SentimentModel, check_reviews, sentences,
};

/// Bytes of a checksum at the end of a model.
const CHECKSUM_BYTES: usize = 32;

/// Any bytes are refused, or are a model that is the same bytes when it is written, and can be asked.
/// They are tried as they are and, so that what is behind the checksum is reached, with the right one; whether they
/// are a model with the right one.
pub fn sentiment(bytes: &[u8]) -> bool {
    let as_they_are = is_model(bytes);
    let said = &bytes[..bytes.len().saturating_sub(CHECKSUM_BYTES)];
    let sealed = [said, blake3::hash(said).as_bytes()].concat();
    let is_sealed_model = is_model(&sealed);
    assert!(!as_they_are || is_sealed_model, "a model has the right checksum");
    is_sealed_model
}

fn is_model(bytes: &[u8]) -> bool {
    let Ok(model) = SentimentModel::from_bytes(bytes) else { return false };
    assert!(model.to_bytes() == bytes, "a model has one form alone");
    let told = model.read_words(ReviewText { title: "great", text: "fits well, not itchy" });
    assert!(!(told.positive < 0.0 || told.positive > 1.0));
    true
}

/// Any text has sentences that lie in it, mentions of these alone, and is kept or kept apart.
pub fn texts(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let ranges = sentences(&text);
    assert!(ranges.iter().all(|range| text.get(range.clone()).is_some()));
    let mentions = AspectReader::default().read(&text, None);
    assert!(mentions.iter().all(|mention| (mention.sentence as usize) < ranges.len()));
    let words = ReviewText { title: &text, text: &text };
    let review = ReviewRecord {
        product: 1,
        author: "",
        words,
        stars: 5,
        n_helpful: 0,
        is_verified: false,
        seconds: None,
        day: None,
    };
    let checked = check_reviews(&[review, review], &[], &CheckLimits::default());
    assert_eq!(checked.kept.len() + checked.apart.len(), 2);
    mentions.len()
}
