//! What failed: counts, a sample, and what becomes of the rows. Mergeable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declare::Field;

/// Failing rows kept as examples of one check.
pub const SAMPLE_ROWS: usize = 12;

/// A failing row as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FailingRow {
    /// Line of the file; 0 for what is no row (a day, a shopper).
    pub line: u64,
    /// Why it fails.
    pub reason: String,
    /// Its non-empty fields.
    pub record: Vec<(String, String)>,
}

/// What an import does with a failing row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Keep it out.
    Quarantine {
        /// Why.
        reason: String,
    },
    /// Replace a text.
    SetText {
        /// The field.
        field: Field,
        /// What it becomes.
        after: String,
    },
    /// Of a purchase, keep so many pieces; at 0 the line goes.
    SetQuantity {
        /// Pieces left.
        after: i64,
        /// Why.
        reason: String,
    },
}

/// Failures of one check over some rows.
///
/// Merged in any order and grouping, parts give the state of the whole: the
/// sample is of the rows with the smallest hash of their line, and everything
/// else is counted or keyed by line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failures {
    /// Rows, days or shoppers that were looked at.
    pub n_checked: u64,
    /// Those that failed.
    pub n_failed: u64,
    /// Rows on which a predicate has no truth value.
    pub n_undecided: u64,
    sample: BTreeMap<u64, FailingRow>,
    /// What to do, by line.
    pub actions: BTreeMap<u64, Vec<Action>>,
    /// Lines that failed; kept for measurements alone.
    pub lines: Option<Vec<u64>>,
}

impl Failures {
    /// A state that also remembers every failing line.
    pub fn remembering(lines: bool) -> Self {
        Self { lines: lines.then(Vec::new), ..Self::default() }
    }

    /// Counts a failing row; `sample` is asked for only when it is kept.
    pub fn fail(&mut self, line: u64, sample: impl FnOnce() -> FailingRow) {
        self.n_failed += 1;
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
        let key = mixed(line);
        let worst = self.sample.last_key_value().map(|(key, _)| *key);
        if self.sample.len() < SAMPLE_ROWS || worst.is_some_and(|worst| key < worst) {
            self.sample.insert(key, sample());
            self.shrink();
        }
    }

    /// Plans what becomes of the row of `line`.
    pub fn act(&mut self, line: u64, action: Action) {
        self.actions.entry(line).or_default().push(action);
    }

    /// Adds what another part of the rows gave.
    pub fn merge(&mut self, other: Self) {
        self.n_checked += other.n_checked;
        self.n_failed += other.n_failed;
        self.n_undecided += other.n_undecided;
        self.sample.extend(other.sample);
        self.shrink();
        for (line, actions) in other.actions {
            self.actions.entry(line).or_default().extend(actions);
        }
        if let (Some(lines), Some(more)) = (&mut self.lines, other.lines) {
            lines.extend(more);
        }
    }

    /// The examples, by line.
    pub fn into_sample(self) -> Vec<FailingRow> {
        let mut sample: Vec<FailingRow> = self.sample.into_values().collect();
        sample.sort();
        sample
    }

    fn shrink(&mut self) {
        while self.sample.len() > SAMPLE_ROWS {
            self.sample.pop_last();
        }
    }
}

/// A fixed mixing of the bits, so that samples come from everywhere (splitmix64).
pub(crate) fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
