//! A card of a catalogue with what is written of it, and what that says to a question: the same on
//! a device and on a server.

use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::answer::{AskedProduct, ProductAnswer, answer};
use crate::digest::{DigestInput, ProductTexts, build_digest, whole_texts};
use crate::lexicon::Lexicon;
use crate::question::read_question;

/// Most sizes that are told; some cards have a hundred.
pub const SIZES_TOLD_MAX: usize = 12;

/// What quotes call fields of a card that the shop has no attributes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardFieldNames<'a> {
    /// The brand.
    pub brand: &'a str,
    /// The sizes.
    pub size: &'a str,
}

impl Default for CardFieldNames<'_> {
    fn default() -> Self {
        Self { brand: "Brand", size: "Size" }
    }
}

/// What is written of a card, as a catalogue publishes it.
#[derive(Clone, Copy, Debug, Default)]
pub struct WrittenCard<'a> {
    /// Readable title.
    pub title: &'a str,
    /// Category; may be empty.
    pub category: &'a str,
    /// Brand; may be empty.
    pub brand: &'a str,
    /// Sizes of its variants; may be empty.
    pub sizes: &'a [&'a str],
    /// Names and values.
    pub attributes: &'a [(String, String)],
    /// The shop's description; may be empty.
    pub description: &'a str,
    /// What buyers wrote, the most trusted first.
    pub reviews: &'a [&'a str],
    /// What quotes call brand and sizes.
    pub names: CardFieldNames<'a>,
}

impl WrittenCard<'_> {
    /// All texts, with brand and sizes as attributes where the shop has none of these names.
    pub fn texts(&self) -> ProductTexts {
        whole_texts(&self.input(&self.all_attributes()))
    }

    /// The texts that answer most questions, for one of many candidates.
    pub fn digest(&self, lexicon: &Lexicon) -> ProductTexts {
        build_digest(lexicon, &self.input(&self.all_attributes()))
    }

    /// The sizes, each once, at most [`SIZES_TOLD_MAX`]: "S, M, L".
    pub fn told_sizes(&self) -> String {
        let mut told: Vec<&str> = Vec::new();
        for size in self.sizes {
            if !size.is_empty() && !told.contains(size) && told.len() < SIZES_TOLD_MAX {
                told.push(size);
            }
        }
        told.join(", ")
    }

    fn all_attributes(&self) -> Vec<(String, String)> {
        let mut attributes = self.attributes.to_vec();
        let CardFieldNames { brand, size } = self.names;
        for (name, value) in [(brand, self.brand.to_owned()), (size, self.told_sizes())] {
            if !value.is_empty() && !attributes.iter().any(|(known, _)| known == name) {
                attributes.push((name.to_owned(), value));
            }
        }
        attributes
    }

    fn input<'b>(&'b self, attributes: &'b [(String, String)]) -> DigestInput<'b> {
        DigestInput { attributes, description: self.description, reviews: self.reviews }
    }

    /// What the texts say to a question, of which at most [`QUERY_CHARS_MAX`] characters are read.
    pub fn answer(&self, lexicon: &Lexicon, question: &str) -> ProductAnswer {
        let texts = self.texts();
        let product = AskedProduct { title: self.title, category: self.category, texts: &texts };
        let question: String = question.chars().take(QUERY_CHARS_MAX).collect();
        answer(lexicon, &product, &read_question(lexicon, &question), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::AnswerVerdict;
    use crate::digest::TextOrigin;

    const REVIEWS: [&str; 1] = ["It is not waterproof."];

    fn backpack() -> WrittenCard<'static> {
        WrittenCard {
            title: "Backpack",
            category: "Bags",
            brand: "Acme",
            sizes: &["S", "", "L"],
            description: "It weighs 1.8 kg.",
            reviews: &REVIEWS,
            ..WrittenCard::default()
        }
    }

    #[test]
    fn brand_and_sizes_answer_and_the_shops_own_attributes_come_first() {
        let lexicon = Lexicon::new();
        let quoted = |card: WrittenCard<'_>, question| {
            let quotes = card.answer(&lexicon, question).quotes;
            quotes.first().map(|quote| quote.text.clone())
        };
        assert_eq!(quoted(backpack(), "Which brand is it?").as_deref(), Some("Acme"));
        assert_eq!(quoted(backpack(), "What sizes are there?").as_deref(), Some("S, L"));
        let attributes = [("Brand".to_owned(), "Acme Outdoor".to_owned())];
        let own = WrittenCard { attributes: &attributes, ..backpack() };
        assert_eq!(own.texts().attributes().len(), 2, "the brand once, and the sizes");
        assert_eq!(quoted(own, "Which brand is it?").as_deref(), Some("Acme Outdoor"));
    }

    #[test]
    fn who_says_it_is_told() {
        let lexicon = Lexicon::new();
        let said = backpack().answer(&lexicon, "How heavy is it?");
        assert_eq!(said.quotes[0].origin, TextOrigin::Description);
        let said = backpack().answer(&lexicon, "Is it waterproof?");
        assert_eq!((said.verdict, said.quotes[0].origin), (AnswerVerdict::No, TextOrigin::Review));
    }

    #[test]
    fn no_more_of_a_question_is_read_than_a_search_may_have() {
        let lexicon = Lexicon::new();
        let padded = |n: usize| format!("{}How heavy is it?", " ".repeat(n));
        let verdict = |n| backpack().answer(&lexicon, &padded(n)).verdict;
        assert_eq!(verdict(10), AnswerVerdict::Quoted);
        assert_eq!(verdict(QUERY_CHARS_MAX), AnswerVerdict::Unsaid);
    }
}
