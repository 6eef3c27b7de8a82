//! What each part adds to a score.

use serde::Serialize;

use vitrine_ranking::PastPurchase;

use super::Teacher;
use super::parts::PartKind;
use crate::TrainingError;
use crate::next::blend::Blend;

/// A score, taken apart: the constant and the terms add up to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Of the shopper, whatever the part.
    pub constant: f32,
    /// What each part adds, largest first.
    pub terms: Vec<Term>,
}

/// What one part adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// The part.
    pub part: PartKind,
    /// Its name.
    pub title: &'static str,
    /// What it adds to the score.
    pub value: f32,
}

impl Teacher {
    /// What each part adds to an item's score after a history (oldest first).
    ///
    /// # Errors
    /// When a tensor operation fails.
    ///
    /// # Panics
    /// When an item is not one of the teacher's.
    pub fn explain(
        &self,
        history: &[PastPurchase],
        now_seconds: i64,
        item_idx: u32,
    ) -> Result<Explanation, TrainingError> {
        let (constant, repeat, fused) = self.blend.terms(history, now_seconds, item_idx)?;
        let mut fused = fused.into_iter();
        let is_mixture = matches!(self.blend, Blend::Mixture(_));
        let mut terms: Vec<Term> = self
            .parts
            .iter()
            .filter_map(|(part, _)| {
                let is_repeat = is_mixture && *part == PartKind::Repeat;
                let value = if is_repeat { Some(repeat) } else { fused.next() }?;
                Some(Term { part: *part, title: part.title(), value })
            })
            .collect();
        terms.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.part.cmp(&b.part)));
        Ok(Explanation { constant, terms })
    }
}
