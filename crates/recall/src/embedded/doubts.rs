//! Which conditions "free of" a result does not say that it meets.

use vitrine_conditions::Verdict;
use vitrine_domain::{Filters, FreeOfCount};

use super::EmbeddedRecall;
use super::claims::Verdicts;

/// The conditions of one search, and how many results say that they meet each.
pub(super) struct Doubts {
    conditions: Vec<(FreeOfCount, Verdicts)>,
}

impl EmbeddedRecall {
    /// The conditions of some filters, with nothing counted yet.
    pub(super) fn doubts(&self, filters: &Filters) -> Doubts {
        let count = |name: &String| FreeOfCount { name: name.clone(), n_results: 0 };
        let counts = filters.free_of.iter().map(count);
        Doubts { conditions: counts.zip(self.columns.verdicts(filters)).collect() }
    }
}

impl Doubts {
    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Counts a result.
    pub(super) fn count(&mut self, row: u32) {
        for (count, verdicts) in &mut self.conditions {
            count.n_results += u32::from(verdicts.of(row) == Verdict::Met);
        }
    }

    /// How many conditions a row does not say that it meets.
    pub(super) fn n_of(&self, row: u32) -> usize {
        self.unmet(row).count()
    }

    /// Their names.
    pub(super) fn of(&self, row: u32) -> Vec<String> {
        self.unmet(row).cloned().collect()
    }

    /// What was counted, in the order of the filters.
    pub(super) fn counts(&self) -> Vec<FreeOfCount> {
        self.conditions.iter().map(|(count, _)| count.clone()).collect()
    }

    fn unmet(&self, row: u32) -> impl Iterator<Item = &String> {
        let is_unmet =
            move |(_, verdicts): &&(FreeOfCount, Verdicts)| verdicts.of(row) != Verdict::Met;
        self.conditions.iter().filter(is_unmet).map(|(count, _)| &count.name)
    }
}
