//! How much of a question a text speaks of.

use crate::lexicon::{PlacedTerm, Term, is_same_word};
use crate::question::QuestionTerm;

use super::Similarity;

/// From which similarity on two words are one, as far as it says.
const SIMILARITY_MIN: f32 = 0.65;
/// What words that are nearly one count.
const NEARLY: f32 = 0.9;

/// How well two words match, from 0 to 1.
pub(crate) fn word_match(a: &str, b: &str, similarity: Option<&dyn Similarity>) -> f32 {
    if a == b {
        return 1.0;
    }
    if is_same_word(a, b) {
        return NEARLY;
    }
    let told = similarity.map_or(0.0, |similarity| similarity.similarity(a, b));
    if told >= SIMILARITY_MIN { told.min(NEARLY) } else { 0.0 }
}

/// The term of a text that matches what is asked best, with how well.
pub(super) fn best_match<'t>(
    asked: &QuestionTerm,
    terms: &'t [PlacedTerm],
    similarity: Option<&dyn Similarity>,
) -> Option<(&'t PlacedTerm, f32)> {
    let mut best: Option<(&PlacedTerm, f32)> = None;
    for placed in terms {
        let how_well = match (&asked.term, &placed.term) {
            (Term::Property(a), Term::Property(b)) if a == b => 1.0,
            (Term::Word(a), Term::Word(b)) => word_match(a, b, similarity),
            _ => 0.0,
        };
        if how_well > best.map_or(0.0, |(_, most)| most) {
            best = Some((placed, how_well));
        }
    }
    best
}

/// Matched and total weight of a question's terms.
#[derive(Clone, Copy, Default)]
pub(super) struct Coverage {
    pub matched: f32,
    pub total: f32,
}

impl Coverage {
    /// Takes up a term of some weight, matched so well.
    pub fn add(&mut self, weight: f32, how_well: f32) {
        self.matched += weight * how_well;
        self.total += weight;
    }

    /// The matched share, 0 where nothing was asked.
    pub fn share(self) -> f32 {
        if self.total > 0.0 { self.matched / self.total } else { 0.0 }
    }
}
