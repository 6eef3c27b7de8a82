//! Reading a `tokenizer.json`.

use std::cmp::Reverse;

use serde_json::Value;

use super::normal::{Normaliser, NormaliserOptions};
use super::trie::Trie;
use super::{AddedToken, WORD_CHARS_MAX, WordPiece};

/// Added tokens a file may have: each is compared with a text wherever one of
/// them could start. BERT has five.
const ADDED_TOKENS_MAX: usize = 64;

impl WordPiece {
    /// Reads a `tokenizer.json`. Its settings for padding and truncation do not matter.
    ///
    /// `None` where it is of another kind than this code computes exactly.
    ///
    /// # Errors
    /// Bytes that are no JSON.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        Ok(from_value(&serde_json::from_slice(bytes)?))
    }
}

fn from_value(file: &Value) -> Option<WordPiece> {
    let model = is_type(&file["model"], "WordPiece")?;
    is_type(&file["pre_tokenizer"], "BertPreTokenizer")?;
    let vocabulary = read_vocabulary(&model["vocab"])?;
    let added = read_added_tokens(&file["added_tokens"], &vocabulary)?;
    let first_chars = added.iter().filter_map(|token| token.content.chars().next()).collect();
    let [first_id, last_id] = read_template(&file["post_processor"])?;
    let word_chars_max = usize::try_from(model["max_input_chars_per_word"].as_u64()?).ok()?;
    Some(WordPiece {
        normaliser: Normaliser::new(read_options(&file["normalizer"])?, first_chars),
        continuation: vocabulary.walk(model["continuing_subword_prefix"].as_str()?.as_bytes()),
        unknown_id: id_in(&vocabulary, model["unk_token"].as_str()?)?,
        vocabulary,
        added,
        first_id,
        last_id,
        word_chars_max: Some(word_chars_max).filter(|&n| n <= WORD_CHARS_MAX)?,
    })
}

fn is_type<'a>(value: &'a Value, kind: &str) -> Option<&'a Value> {
    (value["type"] == kind).then_some(value)
}

fn read_vocabulary(vocabulary: &Value) -> Option<Trie> {
    let vocabulary: Vec<(&str, u32)> = vocabulary
        .as_object()?
        .iter()
        .map(|(token, id)| Some((token.as_str(), as_u32(id)?)))
        .collect::<Option<_>>()?;
    Trie::new(vocabulary)
}

/// The tokens that are found in a text before anything else, the longest first.
///
/// `None` where one is not in the vocabulary, shares its id or has an option,
/// and where there are more than [`ADDED_TOKENS_MAX`].
fn read_added_tokens(tokens: &Value, vocabulary: &Trie) -> Option<Vec<AddedToken>> {
    let mut added: Vec<AddedToken> = tokens
        .as_array()
        .filter(|tokens| tokens.len() <= ADDED_TOKENS_MAX)?
        .iter()
        .map(|token| {
            let content = token["content"].as_str().filter(|content| !content.is_empty())?;
            let has_option = ["single_word", "lstrip", "rstrip", "normalized"]
                .iter()
                .any(|option| token[option] != false);
            let id = id_in(vocabulary, content)?;
            (!has_option).then(|| AddedToken { content: content.to_owned(), id })
        })
        .collect::<Option<_>>()?;
    added.sort_by_key(|token| Reverse((token.content.len(), token.id)));
    added.dedup();
    let mut ids: Vec<u32> = added.iter().map(|token| token.id).collect();
    ids.sort_unstable();
    ids.is_sorted_by(|a, b| a < b).then_some(added)
}

fn read_options(normaliser: &Value) -> Option<NormaliserOptions> {
    let option = |name: &str| is_type(normaliser, "BertNormalizer")?[name].as_bool();
    let lowercase = option("lowercase")?;
    Some(NormaliserOptions {
        clean_text: option("clean_text")?,
        handle_chinese_chars: option("handle_chinese_chars")?,
        strip_accents: match &normaliser["strip_accents"] {
            Value::Null => lowercase,
            strip_accents => strip_accents.as_bool()?,
        },
        lowercase,
    })
}

/// The ids of the tokens before and after the text.
fn read_template(processor: &Value) -> Option<[u32; 2]> {
    let processor = is_type(processor, "TemplateProcessing")?;
    let [first, text, last] = processor["single"].as_array()?.as_slice() else { return None };
    let special = |piece: &Value| {
        let name = piece["SpecialToken"]["id"].as_str()?;
        let [id] = processor["special_tokens"][name]["ids"].as_array()?.as_slice() else {
            return None;
        };
        as_u32(id)
    };
    (text["Sequence"]["id"] == "A").then_some([special(first)?, special(last)?])
}

fn as_u32(value: &Value) -> Option<u32> {
    value.as_u64()?.try_into().ok()
}

fn id_in(vocabulary: &Trie, token: &str) -> Option<u32> {
    vocabulary.id(vocabulary.walk(token.as_bytes())?)
}
