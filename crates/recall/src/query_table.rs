//! What a search means along the codes of a catalogue, without an encoder: a table of its words.

use vitrine_domain::TEXT_CODE_DIM;

use crate::analysis;

#[cfg(feature = "server")]
mod fit;

#[cfg(feature = "server")]
pub use self::fit::TableTexts;

/// A row for each word, and for pairs of neighbours that mean another thing together. A text's vector
/// is the intercept and the sum of the rows of its known words and pairs, divided by the number of
/// its known words (at least 1).
///
/// # Source
/// The table is distilled from the encoder by least squares ([`QueryTable::fit`]), as static
/// embeddings are from transformers (Tulkens, van Dongen, "Model2Vec", 2024), here for the texts
/// of one shop.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize, serde::Deserialize))]
pub struct QueryTable {
    /// What a text means of whose words none is known. \[128\]
    pub intercept: Vec<f32>,
    /// FNV-1a of 32 bits of folded words, and of pairs with a space between, ascending.
    pub words: Vec<u32>,
    /// What one step of each row is worth. \[words\]
    pub units: Vec<f32>,
    /// \[words, 128\]
    pub rows: Vec<i8>,
}

impl QueryTable {
    /// The vector of a text along the directions of the codes. \[128\]
    pub fn encode(&self, text: &str) -> Vec<f32> {
        let mut vector = self.intercept.clone();
        let tokens = analysis::tokens(&analysis::words(), text);
        let known = tokens.iter().filter_map(|token| self.place(word_hash(token)));
        let words: Vec<usize> = known.collect();
        let pairs = tokens.windows(2).filter_map(|pair| self.place(pair_hash(&pair[0], &pair[1])));
        let share = 1.0 / words.len().max(1) as f32;
        for place in words.iter().copied().chain(pairs) {
            let row = &self.rows[place * TEXT_CODE_DIM..][..TEXT_CODE_DIM];
            let factor = self.units[place] * share;
            for (sum, value) in vector.iter_mut().zip(row) {
                *sum += factor * f32::from(*value);
            }
        }
        vector
    }

    /// Whether a word, in lower case, is in the table.
    pub fn has_word(&self, word: &str) -> bool {
        let tokens = analysis::tokens(&analysis::words(), word);
        !tokens.is_empty() && tokens.iter().all(|token| self.place(word_hash(token)).is_some())
    }

    /// Whether what was read from a file has the numbers that it needs.
    pub fn is_whole(&self) -> bool {
        let n_words = self.words.len();
        self.intercept.len() == TEXT_CODE_DIM
            && self.units.len() == n_words
            && self.rows.len() == n_words * TEXT_CODE_DIM
    }

    fn place(&self, hash: u32) -> Option<usize> {
        self.words.binary_search(&hash).ok()
    }
}

/// FNV-1a of 32 bits. Beside 30,000 words, one that is in no text is taken for another seven times in
/// a million.
fn hash_of(parts: &[&str]) -> u32 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn word_hash(word: &str) -> u32 {
    hash_of(&[word])
}

fn pair_hash(first: &str, second: &str) -> u32 {
    hash_of(&[first, " ", second])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(words: &[(&str, i8)]) -> QueryTable {
        let mut rows: Vec<(u32, i8)> =
            words.iter().map(|(word, value)| (hash_of(&[word]), *value)).collect();
        rows.sort_unstable();
        QueryTable {
            intercept: vec![0.5; TEXT_CODE_DIM],
            words: rows.iter().map(|row| row.0).collect(),
            units: vec![0.1; rows.len()],
            rows: rows.iter().flat_map(|row| [row.1; TEXT_CODE_DIM]).collect(),
        }
    }

    #[test]
    fn a_text_is_the_mean_of_its_known_words_and_its_pairs() {
        let table = table(&[("green", 10), ("tea", 20), ("green tea", 7)]);
        let first = |text: &str| table.encode(text)[0];
        assert!((first("Tea") - 2.5).abs() < 1e-6);
        assert!((first("tea zzz") - 2.5).abs() < 1e-6, "what nobody knows counts for nothing");
        assert!((first("tea, green") - 2.0).abs() < 1e-6);
        assert!((first("Green TEA!") - 2.35).abs() < 1e-6);
        assert!((first("") - 0.5).abs() < 1e-6);
        assert!(table.has_word("tea") && !table.has_word("te") && !table.has_word("!"));
    }
}
