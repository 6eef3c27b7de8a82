//! The tokenizer against Hugging Face `tokenizers`, on a made-up vocabulary and
//! on the model's own; the latter shows as ignored where the weights are missing.

#[path = "../src/wordpiece/mod.rs"]
mod wordpiece;

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokenizers::{Tokenizer, TruncationParams};
use unicode_normalization_alignments::UnicodeNormalization;
use vitrine_encoder::weights_dir;
use wordpiece::WordPiece;

const N_RANDOM_TEXTS: usize = 100_000;
const N_MAX: usize = 256;

type Test = fn() -> Result<(), Failed>;

fn main() {
    let made_up: [(&str, Test); 7] = [
        ("words_are_cut_into_the_longest_tokens", words_are_cut_into_the_longest_tokens),
        ("texts_are_cut_at_the_limit", texts_are_cut_at_the_limit),
        ("every_option_gives_the_same_ids", every_option_gives_the_same_ids),
        ("every_prefix_gives_the_same_ids", every_prefix_gives_the_same_ids),
        ("every_character_gives_the_same_ids", every_character_gives_the_same_ids),
        ("other_kinds_of_tokenizers_are_left_alone", other_kinds_of_tokenizers_are_left_alone),
        ("long_texts_cost_little", long_texts_cost_little),
    ];
    let model: [(&str, Test); 2] = [
        ("random_texts_give_the_same_ids", random_texts_give_the_same_ids),
        ("tokens_have_the_same_ids", tokens_have_the_same_ids),
    ];
    let is_missing = !weights_dir().is_some_and(|dir| dir.join("tokenizer.json").is_file());
    let trial = |(name, test): (&str, Test)| Trial::test(name, test);
    let made_up = made_up.into_iter().map(trial);
    let model = model.into_iter().map(|test| {
        trial(test).with_kind("needs the weights of all-MiniLM-L6-v2").with_ignored_flag(is_missing)
    });
    libtest_mimic::run(&Arguments::from_args(), made_up.chain(model).collect()).exit();
}

/// Both tokenizers of one file.
struct Pair {
    ours: WordPiece,
    theirs: Tokenizer,
}

impl Pair {
    fn load(json: &[u8], n_max: usize) -> Result<Self, Failed> {
        let mut theirs = Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
        theirs.with_padding(None);
        theirs
            .with_truncation(Some(TruncationParams { max_length: n_max, ..Default::default() }))
            .map_err(|error| error.to_string())?;
        Ok(Self { ours: WordPiece::from_json(json)?.ok_or("not supported")?, theirs })
    }

    fn assert_same(&self, text: &str, n_max: usize) -> Result<(), Failed> {
        let expected = self.theirs.encode_fast(text, true).map_err(|error| error.to_string())?;
        assert_eq!(encode(&self.ours, text, n_max), expected.get_ids(), "{text:?}");
        Ok(())
    }
}

fn encode(tokenizer: &WordPiece, text: &str, n_max: usize) -> Vec<u32> {
    let mut ids = Vec::new();
    tokenizer.encode(text, n_max, &mut ids);
    ids
}

fn model_json() -> Result<Vec<u8>, Failed> {
    Ok(fs::read(weights_dir().ok_or("no folder")?.join("tokenizer.json"))?)
}

/// A `tokenizer.json` of some tokens, whose ids are their places here; those of
/// [`ADDED`] must be among them.
fn tokenizer_file(tokens: &[String]) -> Value {
    let ids: HashMap<&str, usize> = tokens.iter().map(String::as_str).zip(0..).collect();
    let id = |token: &str| ids.get(token).copied();
    let added = |token: &str| {
        json!({"id": id(token), "content": token, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true})
    };
    let special = |token: &str| json!({"id": token, "ids": [id(token)], "tokens": [token]});
    let piece = |token: &str| json!({"SpecialToken": {"id": token, "type_id": 0}});
    let text = json!({"Sequence": {"id": "A", "type_id": 0}});
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": ADDED.map(added),
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [piece("[CLS]"), text, piece("[SEP]")],
            "pair": [piece("[CLS]"), text, piece("[SEP]"),
                {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"[CLS]": special("[CLS]"), "[SEP]": special("[SEP]")}},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 20, "vocab": ids},
    })
}

/// Found in raw text, whatever the normaliser would make of them.
const ADDED: [&str; 7] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "≠", "奶奶"];

/// Words and marks that meet each rule of the normaliser.
const TOKENS: &str = "milk ##s ##shake un ##believ ##able a b c ##a ##b ##c ab ##ab abc x ##x ##y \
    e E é É ##e ##é ñ n ##n ß ẞ ŉ ## # ! ? ' ; [ ] = cls sep [cls] ² ½ i ##i ı İ i\u{307} ##\u{307} \
    牛 奶 ##奶 豈 ᄀ\u{1161} ##\u{11a8} 가 각 ά α σ ς ##ς Σ 👩 ##\u{200d} \u{302e} ##\u{302e} \
    ##\u{302f} ##\u{1d165} ##\u{301} \u{0} ##\u{0} \u{fffd} ##\u{feff} zz ##zz zzz zzzab";

fn made_up() -> Value {
    let tokens = ADDED.into_iter().chain(TOKENS.split_ascii_whitespace());
    tokenizer_file(&tokens.map(str::to_owned).collect::<Vec<_>>())
}

fn bytes(file: &Value) -> Vec<u8> {
    file.to_string().into_bytes()
}

fn words_are_cut_into_the_longest_tokens() -> Result<(), Failed> {
    let tokenizer = WordPiece::from_json(&bytes(&made_up()))?.ok_or("not supported")?;
    let long = ("ab".repeat(10), "ab".repeat(10) + "c");
    let all_ab = [["ab"].as_slice(), &["##ab"; 9]].concat();
    let cases: [(&str, &[&str]); 13] = [
        ("", &[]),
        (" \u{a0}\u{0}\t", &[]),
        (
            "Milkshake, unbelievable!",
            &["milk", "##shake", "[UNK]", "un", "##believ", "##able", "!"],
        ),
        ("abcab\tabd", &["abc", "##ab", "[UNK]"]),
        ("É e\u{301} ß", &["e", "e", "ß"]),
        ("ab牛奶ab", &["ab", "牛", "奶", "ab"]),
        ("가 각", &["ᄀ\u{1161}", "ᄀ\u{1161}", "##\u{11a8}"]),
        ("m\u{0}ilk\u{200d}s", &["milk", "##s"]),
        ("milk[SEP]s[cls]≠奶奶奶", &["milk", "[SEP]", "[UNK]", "[", "cls", "]", "≠", "奶奶", "奶"]),
        // The mark of the lower class goes first, whatever the order in the text.
        (
            "a\u{302e}\u{1d165} a\u{1d165}\u{302e}",
            &["a", "##\u{1d165}", "##\u{302e}", "a", "##\u{1d165}", "##\u{302e}"],
        ),
        // But no mark passes one of class 0, though that is dropped.
        ("a\u{302e}\u{902}\u{1d165}", &["a", "##\u{302e}", "##\u{1d165}"]),
        (&long.0, &all_ab),
        (&long.1, &["[UNK]"]),
    ];
    for (text, tokens) in cases {
        let tokens = [&["[CLS]"], tokens, &["[SEP]"]].concat();
        let ids: Option<Vec<u32>> = tokens.iter().map(|token| tokenizer.id_of(token)).collect();
        assert_eq!(Some(encode(&tokenizer, text, N_MAX)), ids, "{text:?}");
    }
    assert_eq!((tokenizer.id_of("mil"), tokenizer.id_of("")), (None, None));
    Ok(())
}

fn texts_are_cut_at_the_limit() -> Result<(), Failed> {
    let file = bytes(&made_up());
    for n_max in 2..12 {
        let pair = Pair::load(&file, n_max)?;
        for text in
            ["", "milk", "milkshakes [SEP] 牛奶 unbelievable abd abcabcabc", "unbelievably abc"]
        {
            pair.assert_same(text, n_max)?;
            // What is there already stays, and does not count.
            let mut ids = vec![7; 20];
            pair.ours.encode(text, n_max, &mut ids);
            assert_eq!(ids[..20], [7; 20]);
            assert_eq!(ids[20..], encode(&pair.ours, text, n_max));
        }
    }
    Ok(())
}

fn every_option_gives_the_same_ids() -> Result<(), Failed> {
    let mut rng = SmallRng::seed_from_u64(1);
    let words: Vec<&str> = TOKENS.split_ascii_whitespace().collect();
    for options in 0..24 {
        let mut file = made_up();
        let normaliser = &mut file["normalizer"];
        normaliser["clean_text"] = json!(options & 1 == 0);
        normaliser["handle_chinese_chars"] = json!(options & 2 == 0);
        normaliser["lowercase"] = json!(options & 4 == 0);
        normaliser["strip_accents"] =
            [json!(null), json!(false), json!(true)][options >> 3].clone();
        let n_max = rng.random_range(2..40);
        let pair = Pair::load(&bytes(&file), n_max)?;
        for _ in 0..1_000 {
            pair.assert_same(&random_text(&words, &mut rng), n_max)?;
        }
    }
    Ok(())
}

/// Where the prefix is not of punctuation, a token with it may start a word too.
fn every_prefix_gives_the_same_ids() -> Result<(), Failed> {
    let mut rng = SmallRng::seed_from_u64(2);
    let words = ["zz", "zzz", "zzab", "ab", "abc", "a", "##", "c", "zzzz"];
    for prefix in ["", "#", "z", "zz", "zzzz", "牛"] {
        let mut file = made_up();
        file["model"]["continuing_subword_prefix"] = json!(prefix);
        let pair = Pair::load(&bytes(&file), N_MAX)?;
        for _ in 0..500 {
            pair.assert_same(&random_text(&words, &mut rng), N_MAX)?;
        }
    }
    Ok(())
}

/// Each in the middle of a word and before a mark, with a vocabulary that has
/// tokens for whatever can become of it, so that no difference hides behind an
/// unknown word. Of the large blocks whose characters are alike, some.
fn every_character_gives_the_same_ids() -> Result<(), Failed> {
    let chars: Vec<char> = (0..=0x10ffff)
        .filter(|&c| !is_alike(c) || c % 257 == 0)
        .filter_map(char::from_u32)
        .collect();
    for (at, chars) in chars.chunks(0x3400).enumerate() {
        let mut file = tokenizer_file(&with_all_outcomes(chars));
        assert_characters(&file, chars)?;
        if at == 0 {
            for option in ["clean_text", "handle_chinese_chars", "lowercase"] {
                file["normalizer"][option] = json!(false);
            }
            assert_characters(&file, chars)?;
        }
    }
    Ok(())
}

/// Ideographs, Hangul, private use, blocks that are mostly unassigned.
fn is_alike(c: u32) -> bool {
    matches!(c, 0x3400..=0x9fff | 0xac00..=0xf8ff | 0x12000..=0x1bbff | 0x20000..=0x10ffff)
}

/// What characters become in words, whatever the options, as tokens.
fn with_all_outcomes(chars: &[char]) -> Vec<String> {
    let mut tokens: Vec<String> = ["x", "##y", "##\u{302e}"].map(str::to_owned).into();
    for &c in chars {
        let decomposed = String::from(c);
        let decomposed = decomposed.nfd().map(|(c, _)| c).chain([c]);
        for c in decomposed.flat_map(|c| c.to_lowercase().chain([c])) {
            tokens.extend([format!("{c}"), format!("##{c}")]);
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    ADDED.map(str::to_owned).into_iter().chain(tokens).collect()
}

fn assert_characters(file: &Value, chars: &[char]) -> Result<(), Failed> {
    const N_TOKENS: usize = 2_000;
    let pair = Pair::load(&bytes(file), N_TOKENS)?;
    for chars in chars.chunks(64) {
        let text: String = chars.iter().map(|c| format!("x{c}y x{c}\u{302e}y {c} ")).collect();
        pair.assert_same(&text, N_TOKENS)?;
    }
    Ok(())
}

fn other_kinds_of_tokenizers_are_left_alone() -> Result<(), Failed> {
    assert!(WordPiece::from_json(b"{").is_err());
    for not_even in ["null", "[]", "{}", "7", "\"\""] {
        assert!(WordPiece::from_json(not_even.as_bytes())?.is_none(), "{not_even}");
    }
    let changes = [
        ("/model/type", json!("BPE")),
        ("/model/vocab", json!([])),
        ("/model/vocab/ab", json!(-1)),
        ("/model/vocab/ab", json!(u32::MAX)),
        ("/model/vocab/ab", json!(1_u64 << 32)),
        ("/model/vocab/[PAD]", json!(1)),
        ("/model/unk_token", json!("?!")),
        ("/model/continuing_subword_prefix", json!(null)),
        ("/model/max_input_chars_per_word", json!(1_000_000)),
        ("/normalizer/type", json!("Lowercase")),
        ("/normalizer/lowercase", json!(null)),
        ("/normalizer/strip_accents", json!("yes")),
        ("/pre_tokenizer/type", json!("Whitespace")),
        ("/post_processor/type", json!("BertProcessing")),
        ("/post_processor/single", json!([])),
        ("/post_processor/single/1/Sequence/id", json!("B")),
        ("/post_processor/special_tokens/[CLS]/ids", json!([1, 2])),
        ("/added_tokens/0/content", json!("[NEW]")),
        ("/added_tokens/0/content", json!("")),
        ("/added_tokens/0/normalized", json!(true)),
        ("/added_tokens/0/lstrip", json!(true)),
        ("/added_tokens/0/rstrip", json!(true)),
        ("/added_tokens/0/single_word", json!(null)),
        ("/added_tokens", json!(null)),
        ("/added_tokens", json!(vec![made_up()["added_tokens"][0].clone(); 1_000])),
    ];
    for (place, value) in changes {
        let mut file = made_up();
        *file.pointer_mut(place).ok_or(place)? = value;
        assert!(WordPiece::from_json(&bytes(&file))?.is_none(), "{place}");
    }
    Ok(())
}

fn long_texts_cost_little() -> Result<(), Failed> {
    let pair = Pair::load(&bytes(&made_up()), N_MAX)?;
    let n = 100_000;
    for piece in
        ["ab", "ab ", "牛奶", "[SEP", "[SEP]", "\u{302e}", "\u{302f}\u{302e}", "\0", "\u{301}"]
    {
        let text = piece.repeat(n);
        let started = Instant::now();
        pair.ours.encode(&text, N_MAX, &mut Vec::new());
        assert!(started.elapsed() < Duration::from_secs(1), "{piece:?}: {:?}", started.elapsed());
        pair.assert_same(&text, N_MAX)?;
    }
    Ok(())
}

fn random_texts_give_the_same_ids() -> Result<(), Failed> {
    let pair = Pair::load(&model_json()?, N_MAX)?;
    let vocabulary = pair.theirs.get_vocab(false);
    let mut words: Vec<&str> =
        vocabulary.keys().map(|token| token.trim_start_matches("##")).collect();
    words.sort_unstable();
    let mut rng = SmallRng::seed_from_u64(3);
    for _ in 0..N_RANDOM_TEXTS {
        pair.assert_same(&random_text(&words, &mut rng), N_MAX)?;
    }
    Ok(())
}

fn tokens_have_the_same_ids() -> Result<(), Failed> {
    let pair = Pair::load(&model_json()?, N_MAX)?;
    for (token, id) in pair.theirs.get_vocab(true) {
        assert_eq!(pair.ours.id_of(&token), Some(id), "{token:?}");
        let longer = token + "\u{fffd}";
        assert_eq!(pair.ours.id_of(&longer), pair.theirs.token_to_id(&longer));
    }
    Ok(())
}

/// First and last code point of blocks that are treated in different ways.
const BLOCKS: [(u32, u32); 16] = [
    (0x00, 0x7f),       // ASCII, with controls
    (0x80, 0x24f),      // Latin
    (0x300, 0x36f),     // combining marks
    (0x370, 0x52f),     // Greek, Cyrillic
    (0x590, 0x6ff),     // Hebrew, Arabic
    (0x900, 0xe7f),     // scripts of India, Thai
    (0x1100, 0x11ff),   // Hangul, decomposed
    (0x1e00, 0x1fff),   // more Latin and Greek
    (0x2000, 0x22ff),   // spaces, punctuation, symbols
    (0x3000, 0x30ff),   // ideographic punctuation, kana
    (0x4e00, 0x9fff),   // ideographs
    (0xac00, 0xd7a3),   // Hangul
    (0xf900, 0xffff),   // ideographs and forms for compatibility, specials
    (0x1d100, 0x1d1ff), // musical symbols: marks that are kept
    (0x1f300, 0x1faff), // emoji
    (0x0, 0x10ffff),
];

const ODDITIES: [&str; 25] = [
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[UNK]",
    "[PAD]",
    "[sep]",
    "[[SEP]]",
    "[SE",
    "##",
    "İ",
    "ẞ",
    "Σ",
    "ŉ",
    "≠",
    "奶奶",
    "\u{37e}",
    "\u{302e}",
    "\u{302f}\u{301}",
    "\u{1d165}\u{302e}",
    "a\u{302e}\u{902}\u{1d165}",
    "👩\u{200d}🍳",
    "\r\n",
    "\u{feff}",
    "\u{2028}",
    "1,000.50",
];

/// Words in any case, characters of any block, runs, oddities, mostly unseparated.
fn random_text(words: &[&str], rng: &mut SmallRng) -> String {
    let mut text = String::new();
    let pick = |strings: &[&str], rng: &mut SmallRng| {
        strings.choose(rng).copied().unwrap_or_default().to_owned()
    };
    let n_pieces = rng.random_range(0..30);
    for _ in 0..n_pieces {
        let (first, last) = BLOCKS.choose(rng).copied().unwrap_or_default();
        let c = char::from_u32(rng.random_range(first..=last)).unwrap_or('\u{e000}');
        text += &match rng.random_range(0..100) {
            0..25 => pick(words, rng),
            25..32 => pick(words, rng).to_uppercase(),
            32..65 => c.to_string(),
            65..67 => c.to_string().repeat(rng.random_range(1..120)),
            67..80 => pick(&ODDITIES, rng),
            _ => pick(&[" ", "  ", "-", ", ", "\t"], rng),
        };
    }
    text
}
