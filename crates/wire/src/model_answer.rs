//! `POST /v1/ask/model`: a question about one product for the language model of a shop, and what of
//! its answer the texts of the product say.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;
use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::WireError;

/// Largest answer, in bytes.
pub const MODEL_ANSWER_BYTES_MAX: usize = 256 << 10;
/// Most sentences of an answer.
pub const MODEL_SENTENCES_MAX: usize = 8;
/// Most texts that one sentence cites.
pub const CITED_TEXTS_MAX: usize = 12;
/// Longest sentence, and longest text that it cites, in bytes.
pub const MODEL_TEXT_BYTES_MAX: usize = 8 << 10;

const WHAT: &str = "model's answer";

/// All that a shop's language model is asked: nothing of who asks, nor of what they did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelQuestion {
    /// The card that it is about.
    pub item: ItemId,
    /// As it was typed; 1 to [`QUERY_CHARS_MAX`] characters, and not only spaces.
    pub question: String,
}

impl ModelQuestion {
    /// Whether it is a question of an allowed length.
    pub fn is_valid(&self) -> bool {
        !self.question.trim().is_empty() && self.question.chars().count() <= QUERY_CHARS_MAX
    }
}

/// What a model answered, as far as texts of the product say it; without a sentence, the shop
/// doesn't say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// Its sentences, in their order.
    pub sentences: Vec<ModelSentence>,
    /// How many others it had, of which no text says everything.
    pub n_dropped: u32,
}

/// A sentence of a model, with the texts that say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSentence {
    /// The sentence.
    pub text: String,
    /// The texts that it cites; at least one.
    pub cited: Vec<CitedText>,
}

/// A text of a product, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedText {
    /// Where it stands.
    pub origin: CitedOrigin,
    /// The name of an attribute; empty for others.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Where a text of a product stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitedOrigin {
    /// The product's title.
    #[default]
    Title,
    /// One of its attributes.
    Attribute,
    /// Its description.
    Description,
    /// What a buyer wrote.
    Review,
}

/// Encodes a valid answer as JSON.
///
/// # Errors
/// Whatever [`decode_model_answer`] would refuse is refused here first.
pub fn encode_model_answer(answer: &ModelAnswer) -> Result<Vec<u8>, WireError> {
    validate(answer)?;
    let bytes =
        serde_json::to_vec(answer).map_err(|source| WireError::Json { what: WHAT, source })?;
    check_size(&bytes)?;
    Ok(bytes)
}

/// Decodes and validates an answer of untrusted bytes.
///
/// # Errors
/// The first thing that is wrong.
pub fn decode_model_answer(bytes: &[u8]) -> Result<ModelAnswer, WireError> {
    check_size(bytes)?;
    let answer =
        serde_json::from_slice(bytes).map_err(|source| WireError::Json { what: WHAT, source })?;
    validate(&answer)?;
    Ok(answer)
}

fn check_size(bytes: &[u8]) -> Result<(), WireError> {
    let (bytes, bytes_max) = (bytes.len(), MODEL_ANSWER_BYTES_MAX);
    match bytes > bytes_max {
        true => Err(WireError::TooLarge { what: WHAT, bytes, bytes_max }),
        false => Ok(()),
    }
}

fn validate(answer: &ModelAnswer) -> Result<(), WireError> {
    let n = answer.sentences.len();
    check(n <= MODEL_SENTENCES_MAX, "number of sentences", n)?;
    for ModelSentence { text, cited } in &answer.sentences {
        let is_text = (1..=MODEL_TEXT_BYTES_MAX).contains(&text.len());
        check(is_text, "length of a sentence", text.len())?;
        let is_cited = (1..=CITED_TEXTS_MAX).contains(&cited.len());
        check(is_cited, "number of cited texts", cited.len())?;
        for CitedText { name, text, .. } in cited {
            let n_bytes = name.len() + text.len();
            let is_text = !text.is_empty() && n_bytes <= MODEL_TEXT_BYTES_MAX;
            check(is_text, "length of a cited text", n_bytes)?;
        }
    }
    Ok(())
}

fn check(is_valid: bool, field: &'static str, found: usize) -> Result<(), WireError> {
    match is_valid {
        true => Ok(()),
        false => Err(WireError::Field { what: WHAT, field, found: found.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> ModelAnswer {
        let name = "Weight".to_owned();
        let cited = CitedText { origin: CitedOrigin::Attribute, name, text: "1.8 kg".to_owned() };
        let sentence = ModelSentence { text: "It weighs 1.8 kg.".to_owned(), cited: vec![cited] };
        ModelAnswer { sentences: vec![sentence], n_dropped: 1 }
    }

    #[test]
    fn an_answer_survives_a_round_trip() {
        let bytes = encode_model_answer(&answer()).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains(r#""origin":"attribute""#));
        assert_eq!(decode_model_answer(&bytes).unwrap(), answer());
        assert_eq!(
            decode_model_answer(br#"{"sentences": [], "n_dropped": 0}"#).unwrap().n_dropped,
            0
        );
    }

    #[test]
    fn what_no_answer_has_is_refused_on_both_sides() {
        let breaks: [fn(&mut ModelAnswer); 7] = [
            |answer| answer.sentences[0].text.clear(),
            |answer| answer.sentences[0].text = "x".repeat(MODEL_TEXT_BYTES_MAX + 1),
            |answer| answer.sentences[0].cited.clear(),
            |answer| answer.sentences[0].cited[0].text.clear(),
            |answer| answer.sentences[0].cited[0].name = "x".repeat(MODEL_TEXT_BYTES_MAX),
            |answer| {
                let cited = answer.sentences[0].cited[0].clone();
                answer.sentences[0].cited = vec![cited; CITED_TEXTS_MAX + 1];
            },
            |answer| {
                answer.sentences = vec![answer.sentences[0].clone(); MODEL_SENTENCES_MAX + 1];
            },
        ];
        for (place, break_it) in breaks.into_iter().enumerate() {
            let mut broken = answer();
            break_it(&mut broken);
            assert!(encode_model_answer(&broken).is_err(), "{place}");
            let bytes = serde_json::to_vec(&broken).unwrap();
            assert!(decode_model_answer(&bytes).is_err(), "{place}");
        }
        let spaces = vec![b' '; MODEL_ANSWER_BYTES_MAX + 1];
        assert!(matches!(decode_model_answer(&spaces), Err(WireError::TooLarge { .. })));
        assert!(matches!(decode_model_answer(b"<html>"), Err(WireError::Json { .. })));
    }

    #[test]
    fn a_question_has_an_item_and_words_and_nothing_else() {
        let read = |body: &str| serde_json::from_str::<ModelQuestion>(body);
        let body = r#"{"item": "0000000000000007", "question": "Is it warm?"}"#;
        assert!(read(body).unwrap().is_valid());
        assert!(read(&body.replace('}', r#", "history": []}"#)).is_err());
        assert!(read(r#"{"item": "0000000000000007"}"#).is_err());
        for (n_chars, is_valid) in
            [(0, false), (QUERY_CHARS_MAX, true), (QUERY_CHARS_MAX + 1, false)]
        {
            let question = "ß".repeat(n_chars);
            assert_eq!(ModelQuestion { question, ..ModelQuestion::default() }.is_valid(), is_valid);
        }
        assert!(!ModelQuestion { question: " \n".into(), ..ModelQuestion::default() }.is_valid());
    }
}
