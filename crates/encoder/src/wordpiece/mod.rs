//! WordPiece tokens of BERT: the ids that Hugging Face `tokenizers` gives, in
//! a small part of its time.
//!
//! A text is read once. Each character is normalised by a table and joins the
//! word that is being read; at its end, the word is cut into the longest tokens
//! of the vocabulary. `tests/wordpiece.rs` compares the ids.

mod file;
mod normal;
mod trie;

use std::mem;

use normal::{CharClass, Normaliser, Piece};
use trie::{NodeIdx, Trie};

/// Characters of a word beyond which a `tokenizer.json` may not ask to look it
/// up: it bounds what one word costs. BERT stops at 100.
const WORD_CHARS_MAX: usize = 128;
/// Longest UTF-8 sequence of one character.
const CHAR_BYTES_MAX: usize = 4;

/// A tokenizer for BERT, loaded. Shared by reference between threads.
pub(crate) struct WordPiece {
    normaliser: Normaliser,
    vocabulary: Trie,
    /// Where in the vocabulary tokens lie that continue a word.
    continuation: Option<NodeIdx>,
    /// Found in the text as it stands, longest first.
    added: Vec<AddedToken>,
    unknown_id: u32,
    first_id: u32,
    last_id: u32,
    /// A word of more characters is unknown.
    word_chars_max: usize,
}

#[derive(PartialEq, Eq)]
struct AddedToken {
    content: String,
    id: u32,
}

impl WordPiece {
    /// Appends the ids of 2 to `n_max` tokens, the first and the last of which
    /// say that a text starts and ends; what is too long is cut off.
    ///
    /// # Source
    /// `encode_fast` of Hugging Face `tokenizers` 0.23, with special tokens.
    pub(crate) fn encode(&self, text: &str, n_max: usize, ids: &mut Vec<u32>) {
        ids.push(self.first_id);
        let n_ids_max = ids.len().saturating_add(n_max.saturating_sub(2));
        let mut reader =
            Reader { tokenizer: self, n_ids_max, word: Word::new(), marks: Vec::new(), ids };
        reader.read(text);
        ids.truncate(n_ids_max);
        ids.push(self.last_id);
    }

    /// The id of a token; one that continues a word has its prefix.
    pub(crate) fn id_of(&self, token: &str) -> Option<u32> {
        self.vocabulary.id(self.vocabulary.walk(token.as_bytes())?)
    }

    /// The longest of the added tokens with which a text starts.
    fn added_at_start(&self, text: &str) -> Option<&AddedToken> {
        self.added.iter().find(|token| text.starts_with(&token.content))
    }
}

/// A word as far as it is read.
struct Word {
    bytes: [u8; WORD_CHARS_MAX * CHAR_BYTES_MAX],
    n_bytes: usize,
    /// Goes on counting when the bytes are full.
    n_chars: usize,
}

impl Word {
    fn new() -> Self {
        Self { bytes: [0; WORD_CHARS_MAX * CHAR_BYTES_MAX], n_bytes: 0, n_chars: 0 }
    }

    #[inline]
    fn push(&mut self, c: char) {
        if self.n_chars < WORD_CHARS_MAX {
            self.n_bytes += c.encode_utf8(&mut self.bytes[self.n_bytes..]).len();
        }
        self.n_chars += 1;
    }
}

/// The state of one pass over a text.
struct Reader<'a> {
    tokenizer: &'a WordPiece,
    ids: &'a mut Vec<u32>,
    /// Beyond so many ids, nothing counts.
    n_ids_max: usize,
    word: Word,
    /// Combining marks after the word, with their classes, not yet in order.
    marks: Vec<(u8, char)>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str) {
        let mut chars = text.chars();
        while self.ids.len() < self.n_ids_max {
            let rest = chars.as_str();
            let Some(c) = chars.next() else { return self.end_word() };
            match self.tokenizer.normaliser.class(c) {
                CharClass::Part(c) => self.continue_word(c),
                CharClass::Break => self.end_word(),
                CharClass::Alone(c) => {
                    self.end_word();
                    self.continue_word(c);
                    self.end_word();
                }
                CharClass::Dropped => {}
                CharClass::Rare => match self.tokenizer.added_at_start(rest) {
                    Some(token) => {
                        self.end_word();
                        self.ids.push(token.id);
                        chars = rest[token.content.len()..].chars();
                    }
                    None => self.tokenizer.normaliser.spell(c, &mut |piece| self.take(piece)),
                },
            }
        }
    }

    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Break => self.end_word(),
            Piece::Part(c) => self.continue_word(c),
            Piece::Mark(class, c) => self.marks.push((class, c)),
            Piece::Barrier => self.place_marks(),
        }
    }

    #[inline]
    fn continue_word(&mut self, c: char) {
        self.place_marks();
        self.word.push(c);
    }

    #[inline]
    fn place_marks(&mut self) {
        if !self.marks.is_empty() {
            self.sort_marks();
        }
    }

    #[cold]
    fn sort_marks(&mut self) {
        let mut marks = mem::take(&mut self.marks);
        marks.sort_by_key(|&(class, _)| class);
        for (_, c) in marks {
            self.tokenizer.normaliser.finish(c, &mut |piece| self.take(piece));
        }
    }

    fn end_word(&mut self) {
        self.place_marks();
        let Word { n_bytes, n_chars, .. } = self.word;
        (self.word.n_bytes, self.word.n_chars) = (0, 0);
        if n_chars > self.tokenizer.word_chars_max {
            self.ids.push(self.tokenizer.unknown_id);
        } else if n_chars > 0 {
            self.push_tokens(n_bytes);
        }
    }

    /// Cuts a word into the longest tokens from its start on; it is unknown
    /// where its end cannot be reached so.
    fn push_tokens(&mut self, n_bytes: usize) {
        let WordPiece { vocabulary, continuation, unknown_id, .. } = self.tokenizer;
        let n_ids_before = self.ids.len();
        let mut rest = &self.word.bytes[..n_bytes];
        let mut node = Some(Trie::ROOT);
        while !rest.is_empty() {
            let Some((id, n)) = node.and_then(|node| vocabulary.longest(node, rest)) else {
                self.ids.truncate(n_ids_before);
                self.ids.push(*unknown_id);
                return;
            };
            self.ids.push(id);
            rest = &rest[n..];
            node = *continuation;
        }
    }
}
