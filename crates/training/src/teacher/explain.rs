//! What each part adds to a score.

use vitrine_domain::explanation::{Explanation, ScoreTerm};
use vitrine_ranking::PastPurchase;

use super::Teacher;
use super::parts::PartKind;
use crate::TrainingError;
use crate::next::blend::Blend;

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
        let mut terms: Vec<ScoreTerm> = self
            .parts
            .iter()
            .filter_map(|(part, _)| {
                let is_repeat = is_mixture && *part == PartKind::Repeat;
                let value = if is_repeat { Some(repeat) } else { fused.next() }?;
                Some(ScoreTerm { part: part.title().to_owned(), value })
            })
            .collect();
        terms.sort_by(|a, b| b.value.total_cmp(&a.value));
        Ok(Explanation { constant, terms })
    }
}
