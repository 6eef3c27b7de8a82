//! A review as a shop has it.

use crate::features::ReviewText;
use crate::languages::is_nobody;

/// A review with who wrote it, of what and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRecord<'a> {
    /// Number of the product.
    pub product: u32,
    /// Name or pseudonym of the author, as the shop has it; empty where it has none.
    pub author: &'a str,
    /// What it says.
    pub words: ReviewText<'a>,
    /// 1 to 5.
    pub stars: u8,
    /// How many found it helpful.
    pub n_helpful: u32,
    /// Whether its author is known to have bought the product.
    pub is_verified: bool,
    /// When it was written, in seconds since 1970; `None` where no more than the day is known.
    pub seconds: Option<i64>,
    /// On which day, in days since 1970-01-01; `None` where it is not known.
    pub day: Option<i64>,
}

impl<'a> ReviewRecord<'a> {
    /// Who wrote it; `None` where that is not said, or said by a word that stands for anybody.
    pub fn known_author(&self) -> Option<&'a str> {
        (!is_nobody(self.author)).then_some(self.author)
    }

    /// Whether it says anything in words.
    pub fn has_words(&self) -> bool {
        [self.words.title, self.words.text]
            .into_iter()
            .flat_map(str::chars)
            .any(char::is_alphanumeric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_anybody_are_no_author() {
        let of = |author| {
            let words = ReviewText { title: "", text: "Fine." };
            let (stars, is_verified) = (5, false);
            let (seconds, day) = (None, None);
            let review = ReviewRecord {
                product: 1,
                author,
                words,
                stars,
                n_helpful: 0,
                is_verified,
                seconds,
                day,
            };
            review.known_author()
        };
        for nobody in ["", "  ", "-", "***", "Anonymous", " GUEST ", "Anonym", "匿名", "n/a"] {
            assert_eq!(of(nobody), None, "{nobody:?}");
        }
        for author in ["ann", "Anonymous Bosch", "u1", "李**"] {
            assert_eq!(of(author), Some(author));
        }
    }
}
