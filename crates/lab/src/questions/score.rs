//! How an assistant answers questions whose answers are known.

use std::collections::BTreeMap;

use serde::Serialize;
use vitrine_assistant::{
    AnswerVerdict, AskedProduct, DigestInput, Lexicon, ProductAnswer, ProductTexts, answer,
    read_question, whole_texts,
};

use super::data::WrittenProduct;
use super::made::MadeQuestion;

/// Shortest text that may be held for another because it is a part of it, in bytes.
const PART_BYTES_MIN: usize = 2;
/// Shortest value that says what it is of without the name of its attribute, in bytes.
const ALONE_BYTES_MIN: usize = 4;

/// How one question was answered.
#[derive(Clone, Debug, Serialize)]
pub struct QuestionOutcome {
    pub id: String,
    pub set: String,
    pub question: String,
    /// What was said: the quotes with their origins; empty where the shop doesn't say.
    pub said: Vec<String>,
    pub verdict: String,
    pub score: f32,
    /// Whether something answers it.
    pub is_answerable: bool,
    /// Whether what answers it is in the product's texts, as they are read, or in its title.
    pub is_kept: bool,
    pub is_right: bool,
}

/// Products by id.
pub struct AnsweringShop<'a> {
    lexicon: Lexicon,
    products: BTreeMap<(&'a str, &'a str), &'a WrittenProduct>,
}

impl<'a> AnsweringShop<'a> {
    /// A shop with the products of some sets.
    pub fn new(sets: &'a [(String, Vec<WrittenProduct>)]) -> Self {
        let products = sets.iter().flat_map(|(set, products)| {
            products.iter().map(|product| ((set.as_str(), product.id.as_str()), product))
        });
        Self { lexicon: Lexicon::new(), products: products.collect() }
    }

    /// Answers a question from all texts of its product; `None` where there is no such product.
    pub fn ask(&self, made: &MadeQuestion) -> Option<QuestionOutcome> {
        let product = self.products.get(&(made.set.as_str(), made.product.as_str()))?;
        let reviews: Vec<&str> = product.reviews.iter().map(String::as_str).collect();
        let input = DigestInput {
            attributes: &product.attributes,
            description: &product.description,
            reviews: &reviews,
        };
        let texts = whole_texts(&input);
        let asked = AskedProduct { title: &product.title, category: "", texts: &texts };
        let question = read_question(&self.lexicon, &made.question);
        let said = answer(&self.lexicon, &asked, &question, None);
        let is_kept = made.expected.is_some() && is_kept(&texts, &product.title, made);
        Some(QuestionOutcome {
            id: made.id.clone(),
            set: made.set.clone(),
            question: made.question.clone(),
            said: said
                .quotes
                .iter()
                .map(|q| format!("{:?} {}: {}", q.origin, q.name, q.text))
                .collect(),
            verdict: format!("{:?}", said.verdict),
            score: said.score,
            is_answerable: made.expected.is_some(),
            is_kept,
            is_right: is_right(&said, made),
        })
    }
}

fn is_kept(texts: &ProductTexts, title: &str, made: &MadeQuestion) -> bool {
    let attributes = texts.attributes().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sentences = texts.sentences().iter().map(|sentence| ("", sentence.text.as_str()));
    attributes.chain(sentences).chain([("", title)]).any(|(name, text)| answers(name, text, made))
}

/// Whether a text answers: up to where it was cut, it is one of those that do, or holds one word
/// for word. Of another attribute than the one asked for, it must say as much by itself.
fn answers(name: &str, text: &str, made: &MadeQuestion) -> bool {
    let is_part = |part: &str, whole: &str| part.len() >= PART_BYTES_MIN && whole.contains(part);
    let is_asked = made.attribute.as_deref() == Some(name);
    made.expected.iter().flatten().any(|wanted| {
        let says_alone = wanted.len() >= ALONE_BYTES_MIN && wanted.chars().any(char::is_alphabetic);
        (is_asked || says_alone)
            && (text == wanted
                || is_part(wanted, text)
                || is_asked && is_part(text, wanted)
                || name.is_empty() && is_part(text, wanted))
    })
}

fn is_right(said: &ProductAnswer, made: &MadeQuestion) -> bool {
    if made.expected.is_none() {
        return said.verdict == AnswerVerdict::Unsaid;
    }
    let is_quoted = said.quotes.iter().any(|quote| answers(&quote.name, &quote.text, made));
    let is_so = match made.says {
        None => true,
        Some(true) => said.verdict == AnswerVerdict::Yes,
        Some(false) => said.verdict == AnswerVerdict::No,
    };
    is_quoted && is_so
}
