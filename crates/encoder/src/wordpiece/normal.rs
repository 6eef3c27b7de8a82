//! What BERT makes of a character before it looks words up.

use std::array;
use std::sync::OnceLock;

// The crates that `tokenizers` calls: their tables are of older versions of
// Unicode than the standard library's, and the ids depend on them.
use unicode_categories::UnicodeCategories;
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_canonical};

const N_ASCII: usize = 128;
const PAGE_CHARS: usize = 256;
const N_PAGES: usize = (char::MAX as usize + 1) / PAGE_CHARS;

/// The options of the normaliser of a `tokenizer.json`.
#[derive(Clone, Copy, Debug)]
pub(super) struct NormaliserOptions {
    /// Drop control characters.
    pub(super) clean_text: bool,
    /// Make a word of each ideograph.
    pub(super) handle_chinese_chars: bool,
    /// Decompose, and drop combining marks.
    pub(super) strip_accents: bool,
    pub(super) lowercase: bool,
}

/// What becomes of a character, whatever stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharClass {
    /// It leaves nothing behind.
    Dropped,
    /// It ends a word.
    Break,
    /// This character continues a word.
    Part(char),
    /// This character is a word.
    Alone(char),
    /// Anything else, which [`Normaliser::spell`] tells.
    Rare,
}

/// One step of spelling out a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word ends.
    Break,
    /// A word goes on.
    Part(char),
    /// A combining mark that is kept. Up to the next piece of another kind,
    /// marks go into the order of their combining class, given here, and are
    /// then [finished](Normaliser::finish).
    Mark(u8, char),
    /// A combining mark that is dropped, but which others do not pass.
    Barrier,
}

/// BERT's normaliser and the rules by which it splits words, a character at a time.
///
/// # Source
/// `normalizers/bert.rs` and `pre_tokenizers/bert.rs` of Hugging Face `tokenizers` 0.23.
pub(super) struct Normaliser {
    options: NormaliserOptions,
    ascii: [CharClass; N_ASCII],
    /// Classes of 256 characters each, filled in when one of them is first met.
    pages: Box<[OnceLock<Box<[CharClass; PAGE_CHARS]>>]>,
    always_rare: Vec<char>,
}

impl Normaliser {
    /// The characters of `always_rare` are [`CharClass::Rare`], whatever becomes of them.
    pub(super) fn new(options: NormaliserOptions, always_rare: Vec<char>) -> Self {
        let mut normaliser = Self {
            options,
            ascii: [CharClass::Rare; N_ASCII],
            pages: (0..N_PAGES).map(|_| OnceLock::new()).collect(),
            always_rare,
        };
        normaliser.ascii = array::from_fn(|at| normaliser.find_class(at as u32));
        normaliser
    }

    /// What becomes of a character.
    #[inline]
    pub(super) fn class(&self, c: char) -> CharClass {
        match self.ascii.get(c as usize) {
            Some(class) => *class,
            None => self.class_beyond_ascii(c),
        }
    }

    fn class_beyond_ascii(&self, c: char) -> CharClass {
        let (page, at) = (c as usize / PAGE_CHARS, c as usize % PAGE_CHARS);
        self.pages[page].get_or_init(|| {
            Box::new(array::from_fn(|at| self.find_class((page * PAGE_CHARS + at) as u32)))
        })[at]
    }

    fn find_class(&self, code_point: u32) -> CharClass {
        let Some(c) = char::from_u32(code_point).filter(|c| !self.always_rare.contains(c)) else {
            return CharClass::Rare;
        };
        let mut pieces = Vec::new();
        self.spell(c, &mut |piece| pieces.push(piece));
        match pieces[..] {
            [] => CharClass::Dropped,
            [Piece::Break] => CharClass::Break,
            [Piece::Part(c)] => CharClass::Part(c),
            [Piece::Break, Piece::Part(c), Piece::Break] => CharClass::Alone(c),
            _ => CharClass::Rare,
        }
    }

    /// Spells a character out, in some 100 ns.
    pub(super) fn spell(&self, c: char, emit: &mut impl FnMut(Piece)) {
        if self.options.clean_text && is_removed(c) {
            return;
        }
        let is_word = self.options.handle_chinese_chars && is_ideograph(c);
        if is_word {
            emit(Piece::Break);
        }
        if self.options.strip_accents {
            decompose_canonical(c, |c| match canonical_combining_class(c) {
                0 if c.is_mark_nonspacing() => emit(Piece::Barrier),
                0 => self.finish(c, emit),
                _ if c.is_mark_nonspacing() => {}
                class => emit(Piece::Mark(class, c)),
            });
        } else {
            self.finish(c, emit);
        }
        if is_word {
            emit(Piece::Break);
        }
    }

    /// The last steps for a character that is decomposed and in its place.
    pub(super) fn finish(&self, c: char, emit: &mut impl FnMut(Piece)) {
        if self.options.lowercase {
            c.to_lowercase().for_each(|c| emit_split(c, emit));
        } else {
            emit_split(c, emit);
        }
    }
}

fn emit_split(c: char, emit: &mut impl FnMut(Piece)) {
    if c.is_whitespace() {
        emit(Piece::Break);
    } else if c.is_ascii_punctuation() || c.is_punctuation() {
        [Piece::Break, Piece::Part(c), Piece::Break].into_iter().for_each(emit);
    } else {
        emit(Piece::Part(c));
    }
}

fn is_removed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0' | char::REPLACEMENT_CHARACTER => true,
        _ => c.is_other(),
    }
}

/// The blocks that BERT takes for Chinese; neither kana nor Hangul.
fn is_ideograph(c: char) -> bool {
    matches!(
        c as u32,
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}
