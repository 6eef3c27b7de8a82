//! Which of several weaker searches has results.

use vitrine_domain::Filters;

use super::EmbeddedRecall;
use super::candidates::Prepared;
use super::mask::Mask;
use super::matches::Coverage;
use crate::{Attempt, Probe, RecallError, RecallRequest};

impl EmbeddedRecall {
    /// Reads the words once, then looks at one attempt after the other.
    pub(super) fn first_answered(
        &self,
        request: &RecallRequest,
        attempts: &[Attempt],
    ) -> Result<Probe, RecallError> {
        let Some(last) = attempts.last() else { return Ok(Probe::default()) };
        let query = self.prepare(request)?;
        let mut masks = Masks::default();
        let mut first = None;
        for (place, attempt) in attempts.iter().enumerate() {
            request.deadline.check()?;
            let mask = masks.of(self, &attempt.filters);
            if self.answers(&query, attempt, mask) {
                first = Some(place);
                break;
            }
        }
        let mask = self.columns.mask(&last.filters);
        Ok(Probe { first, words: query.word_counts(mask.as_ref()) })
    }

    fn answers(&self, query: &Prepared<'_>, attempt: &Attempt, mask: Option<&Mask>) -> bool {
        let passes = |row: u32| mask.is_none_or(|mask| mask.contains(row));
        if attempt.left_out.is_empty() {
            return self.has_result(query, mask);
        }
        let words = query.read.words.iter().zip(&query.matches.words);
        let kept = words.filter(|(word, _)| !attempt.left_out.contains(&word.typed));
        let coverage = Coverage::of(kept.map(|(_, found)| found), self.rows.len());
        coverage.rows().any(passes)
    }
}

/// The mask of the last filters: attempts that differ in their words share it.
#[derive(Default)]
struct Masks {
    last: Option<(Filters, Option<Mask>)>,
}

impl Masks {
    fn of(&mut self, engine: &EmbeddedRecall, filters: &Filters) -> Option<&Mask> {
        if self.last.as_ref().is_none_or(|(last, _)| last != filters) {
            self.last = Some((filters.clone(), engine.columns.mask(filters)));
        }
        self.last.as_ref().and_then(|(_, mask)| mask.as_ref())
    }
}
