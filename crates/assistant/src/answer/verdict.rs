//! Puts together what the texts of a product say to a question.

use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, Term};
use crate::question::{ProductQuestion, QuestionForm};
use crate::text::tokens;

use super::attributes::Asked;
use super::{AskedProduct, Passage, Quote, QuoteSource, Similarity};

/// What a passage must score to answer. Chosen by hand for abstaining: a wrong answer costs more
/// than none (docs/experiments/answers.md has how often either happens).
pub const ANSWER_SCORE_MIN: f32 = 0.74;
/// How much worse than the best a passage may be and still be held against it.
const BESIDE: f32 = 0.12;

/// What is said to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerVerdict {
    /// The quote says yes.
    Yes,
    /// The quote says no.
    No,
    /// The quote has the value asked for, or speaks of what is asked without a yes or no.
    Quoted,
    /// The quotes contradict each other.
    Disputed,
    /// The shop doesn't say.
    Unsaid,
}

/// What the shop's texts say to a question, word for word.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductAnswer {
    /// What they say.
    pub verdict: AnswerVerdict,
    /// The text that answers; two where texts contradict each other; none where none answers.
    pub quotes: Vec<Quote>,
    /// How well the best text answers, from 0 to 1; below [`ANSWER_SCORE_MIN`] where the shop
    /// doesn't say.
    pub score: f32,
}

/// Answers a question from a product's title, attributes and sentences.
///
/// Yes and no are said only where a text says so of all that is asked: that a jacket is waterproof
/// is quoted and no more where its hood is asked about. Texts are compared and quoted and nothing else:
/// whatever a description or a review asks for, it changes no answer to another question.
pub fn answer(
    lexicon: &Lexicon,
    product: &AskedProduct<'_>,
    question: &ProductQuestion,
    similarity: Option<&dyn Similarity>,
) -> ProductAnswer {
    let title = lexicon.terms(&tokens(product.title));
    let category = lexicon.terms(&tokens(product.category));
    let asked = Asked { lexicon, question, title: &title, category: &category, similarity };
    let mut passages = passages(&asked, product);
    vitrine_domain::sorting::sort_by(&mut passages, |a, b| {
        b.score.total_cmp(&a.score).then(a.quote.origin.rank().cmp(&b.quote.origin.rank()))
    });
    let best = passages.first().map_or(0.0, |passage| passage.score);
    let floor = ANSWER_SCORE_MIN.max(best - BESIDE);
    passages.retain(|passage| passage.score >= floor);
    let verdict = match question.form {
        _ if passages.is_empty() => AnswerVerdict::Unsaid,
        QuestionForm::What => quoted(&mut passages, question),
        _ => chosen(&mut passages),
    };
    let quotes = passages.into_iter().map(|passage| passage.quote).collect();
    ProductAnswer { verdict, quotes, score: best }
}

fn passages(asked: &Asked<'_>, product: &AskedProduct<'_>) -> Vec<Passage> {
    let attributes = product.texts.attributes().iter().enumerate();
    let mut out: Vec<Passage> =
        attributes.map(|(index, given)| asked.attribute(index, given)).collect();
    out.push(asked.sentence(QuoteSource::Title, TextOrigin::Title, product.title));
    let sentences = product.texts.sentences().iter().enumerate();
    out.extend(sentences.map(|(index, sentence)| {
        asked.sentence(QuoteSource::Sentence { index }, sentence.origin, &sentence.text)
    }));
    out
}

/// All texts of a product, those first that speak most of what is asked.
#[cfg(feature = "model")]
pub(crate) fn texts_by_relevance(
    lexicon: &Lexicon,
    product: &AskedProduct<'_>,
    question: &ProductQuestion,
) -> Vec<Quote> {
    let title = lexicon.terms(&tokens(product.title));
    let asked = Asked { lexicon, question, title: &title, category: &[], similarity: None };
    let mut passages = passages(&asked, product);
    vitrine_domain::sorting::sort_by(&mut passages, |a, b| b.score.total_cmp(&a.score));
    passages.into_iter().map(|passage| passage.quote).collect()
}

/// Leaves the best passage, or it and one whose measure contradicts it.
fn quoted(passages: &mut Vec<Passage>, question: &ProductQuestion) -> AnswerVerdict {
    let is_of_one = question.terms.len() == 1
        && question.terms.iter().all(|asked| matches!(asked.term, Term::Property(_)));
    let first = passages.first().and_then(|passage| passage.quantity).filter(|_| is_of_one);
    let against = first.and_then(|first| {
        let of =
            |passage: &Passage| passage.quantity.is_some_and(|other| first.contradicts(&other));
        passages.iter().position(of)
    });
    keep(passages, 0, against);
    match passages.first().and_then(|passage| passage.says) {
        _ if against.is_some() => AnswerVerdict::Disputed,
        Some(true) => AnswerVerdict::Yes,
        Some(false) => AnswerVerdict::No,
        None => AnswerVerdict::Quoted,
    }
}

/// Leaves the best passage that says yes or no, or the best of each where both are said.
fn chosen(passages: &mut Vec<Passage>) -> AnswerVerdict {
    let first = |says: bool| passages.iter().position(|passage| passage.says == Some(says));
    let (verdict, at, beside) = match (first(true), first(false)) {
        (None, None) => (AnswerVerdict::Quoted, 0, None),
        (Some(yes), None) => (AnswerVerdict::Yes, yes, None),
        (None, Some(no)) => (AnswerVerdict::No, no, None),
        (Some(yes), Some(no)) => (AnswerVerdict::Disputed, yes.min(no), Some(yes.max(no))),
    };
    keep(passages, at, beside);
    verdict
}

fn keep(passages: &mut Vec<Passage>, at: usize, beside: Option<usize>) {
    let mut place = 0;
    passages.retain(|_| {
        place += 1;
        place - 1 == at || Some(place - 1) == beside
    });
}

impl TextOrigin {
    /// Which of equally good quotes comes first.
    fn rank(self) -> u8 {
        match self {
            Self::Attribute => 0,
            Self::Description => 1,
            Self::Title => 2,
            Self::Review => 3,
        }
    }
}
