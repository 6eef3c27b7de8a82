//! The n-grams of a review.

use crate::languages::{is_contrast, is_negator};
use crate::text::{Token, TokenKind, tokens};

/// Bytes that are read of a title or of a text; what follows them is left out.
pub const FIELD_BYTES_MAX: usize = 16 << 10;
/// Longest n-gram of words.
const WORDS_MAX: usize = 3;
/// Longest n-gram of characters of scripts without spaces.
const CHARACTERS_MAX: usize = 4;
/// Characters of the pieces that words are cut into, their ends included.
const PIECE_MIN: usize = 2;
const PIECE_MAX: usize = 5;
/// Words behind a negation that it reaches.
const NEGATION_REACH: usize = 4;
/// Of a key; those above name the block.
const HASH_BITS: u32 = 29;

/// What a review says, without its stars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewText<'a> {
    /// Headline; empty where there is none.
    pub title: &'a str,
    /// The review itself.
    pub text: &'a str,
}

impl ReviewText<'_> {
    /// Headline and review as one text, as encoders are given it.
    pub fn joined(&self) -> String {
        match self.title.trim().is_empty() {
            true => self.text.to_owned(),
            false => format!("{}. {}", self.title, self.text),
        }
    }
}

/// A group of features that has a length of its own, so that a long text does not drown its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// Words, pairs of words, and runs of characters in scripts without spaces.
    Words,
    /// Three words in a row.
    Threes,
    /// Words of the title.
    Title,
    /// Words that are negated.
    Negated,
    /// Pieces of the words of the text.
    Pieces,
    /// Pieces of the words of the title.
    TitlePieces,
}

pub(crate) const N_BLOCKS: usize = 6;

/// Length of each block's part of a row.
pub(crate) const BLOCK_WEIGHTS: [f32; N_BLOCKS] = [1.0, 0.5, 1.0, 0.5, 1.0, 0.7];

/// The block of a key.
pub(crate) fn block_of(key: u32) -> usize {
    (key >> HASH_BITS) as usize
}

/// The n-grams of a review, in order, each with how often it occurs.
pub(crate) fn grams(review: ReviewText<'_>) -> Vec<(u32, u16)> {
    let mut keys = Vec::new();
    let [title, text] = [review.title, review.text].map(|text| tokens(cut(text)));
    runs(&text, &mut keys, |n, is_cjk| match n {
        3 if !is_cjk => Block::Threes,
        _ => Block::Words,
    });
    runs(&title, &mut keys, |_, _| Block::Title);
    negated(&text, &mut keys);
    pieces(&text, Block::Pieces, &mut keys);
    pieces(&title, Block::TitlePieces, &mut keys);
    keys.sort_unstable();
    let mut counted: Vec<(u32, u16)> = Vec::with_capacity(keys.len());
    for key in keys {
        match counted.last_mut() {
            Some((last, n)) if *last == key => *n = n.saturating_add(1),
            _ => counted.push((key, 1)),
        }
    }
    counted
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(FIELD_BYTES_MAX)]
}

/// Runs of words or characters; punctuation other than marks is passed over.
fn runs(tokens: &[Token], keys: &mut Vec<u32>, block: impl Fn(usize, bool) -> Block) {
    let said: Vec<&Token> = tokens.iter().filter(|token| token.kind != TokenKind::Stop).collect();
    for start in 0..said.len() {
        let mut hash = FNV_START;
        let mut is_cjk = true;
        for (n, token) in (1..=CHARACTERS_MAX).zip(&said[start..]) {
            is_cjk &= token.kind == TokenKind::Character;
            if n > WORDS_MAX && !is_cjk {
                break;
            }
            hash = fnv(fnv(hash, token.text.as_bytes()), b" ");
            keys.push(key(block(n, is_cjk), hash));
        }
    }
}

fn negated(tokens: &[Token], keys: &mut Vec<u32>) {
    let mut n_left = 0;
    for token in tokens {
        match token.kind {
            TokenKind::Stop | TokenKind::Marks => n_left = 0,
            TokenKind::Character => {}
            TokenKind::Word => {
                if is_contrast(&token.text) {
                    n_left = 0;
                }
                if n_left > 0 {
                    keys.push(key(Block::Negated, fnv(FNV_START, token.text.as_bytes())));
                    n_left -= 1;
                }
                if is_negator(&token.text) {
                    n_left = NEGATION_REACH;
                }
            }
        }
    }
}

fn pieces(tokens: &[Token], block: Block, keys: &mut Vec<u32>) {
    let mut padded = String::new();
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Word) {
        padded.clear();
        padded.push(' ');
        padded.push_str(&token.text);
        padded.push(' ');
        let ends: Vec<usize> =
            padded.char_indices().map(|(at, _)| at).chain([padded.len()]).collect();
        for n in PIECE_MIN..=PIECE_MAX {
            for window in ends.windows(n + 1) {
                let piece = &padded.as_bytes()[window[0]..window[n]];
                keys.push(key(block, fnv(FNV_START, piece)));
            }
        }
    }
}

fn key(block: Block, hash: u64) -> u32 {
    let folded = (hash ^ (hash >> 32)) as u32;
    (block as u32) << HASH_BITS | folded >> (32 - HASH_BITS)
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// # Source
/// Fowler, Noll and Vo, FNV-1a with 64 bits.
fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;

    fn n_in(review: ReviewText<'_>, block: Block) -> usize {
        grams(review).iter().filter(|(key, _)| block_of(*key) == block as usize).count()
    }

    #[test]
    fn blocks_hold_what_they_are_named_for() {
        let review = ReviewText { title: "Too big", text: "I do not like it, it runs big" };
        assert_eq!(n_in(review, Block::Title), 3);
        assert_eq!(n_in(review, Block::Threes), 6);
        // like, it: the comma ends the reach.
        assert_eq!(n_in(review, Block::Negated), 2);
        // Words: i do not like it runs big; pairs: 7, none of which occurs twice.
        assert_eq!(n_in(review, Block::Words), 14);
        let chinese = ReviewText { title: "", text: "质量好" };
        assert_eq!((n_in(chinese, Block::Words), n_in(chinese, Block::Pieces)), (6, 0));
    }

    #[test]
    fn a_title_is_not_its_text() {
        let as_title = grams(ReviewText { title: "great", text: "" });
        let as_text = grams(ReviewText { title: "", text: "great" });
        assert!(as_title.iter().all(|gram| !as_text.contains(gram)));
        assert_eq!(grams(ReviewText { title: "", text: "Great" }), as_text);
    }

    proptest! {
        #[test]
        fn keys_are_in_order_and_each_there_once(title in any::<String>(), text in any::<String>()) {
            let found = grams(ReviewText { title: &title, text: &text });
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(found.iter().all(|(key, n)| block_of(*key) < N_BLOCKS && *n > 0));
        }
    }
}
