//! A review as a shop has it.

use crate::features::ReviewText;

/// A review with who wrote it, of what and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRecord<'a> {
    /// Number of the product.
    pub product: u32,
    /// Name or pseudonym of the author; empty where it is not known.
    pub author: &'a str,
    /// What it says.
    pub words: ReviewText<'a>,
    /// 1 to 5.
    pub stars: u8,
    /// How many found it helpful.
    pub n_helpful: u32,
    /// Whether its author is known to have bought the product.
    pub is_verified: bool,
    /// When it was written, in seconds since 1970; `None` where it is not known.
    pub seconds: Option<i64>,
}

impl ReviewRecord<'_> {
    /// Whether it says anything in words.
    pub fn has_words(&self) -> bool {
        [self.words.title, self.words.text]
            .into_iter()
            .flat_map(str::chars)
            .any(char::is_alphanumeric)
    }
}
