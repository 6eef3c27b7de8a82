//! The time split: what a model may see and what it is asked for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_studio_api::Segment;

/// Length of the validation and of the test window: four weeks.
pub const WINDOW_SECONDS: i64 = 28 * DAY_SECONDS;
/// Shoppers with at most this many purchased cards before the cut have little
/// history (distinct card × basket).
pub const LITTLE_HISTORY_EVENTS: usize = 60;

/// A half-open stretch of time; its start is the cut of those tested on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First second inside; everything a model sees is earlier.
    pub start_seconds: i64,
    /// First second after it.
    pub end_seconds: i64,
}

impl Window {
    /// Whether a moment lies inside.
    pub fn contains(&self, at_seconds: i64) -> bool {
        (self.start_seconds..self.end_seconds).contains(&at_seconds)
    }
}

/// The last eight weeks of a log: four for choosing, four for reporting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Weights and sizes are chosen on this one.
    pub validation: Window,
    /// Reported once, at the end.
    pub test: Window,
}

impl Windows {
    /// Windows of a log whose last event is at `last_seconds`.
    pub fn ending_at(last_seconds: i64) -> Self {
        let end = last_seconds + 1;
        let (test, validation) = (end - WINDOW_SECONDS, end - 2 * WINDOW_SECONDS);
        Self {
            validation: Window { start_seconds: validation, end_seconds: test },
            test: Window { start_seconds: test, end_seconds: end },
        }
    }
}

/// What one shopper bought in the window: distinct cards, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// All of them.
    pub all: Vec<u32>,
    /// Bought before the cut.
    pub repeat: Vec<u32>,
    /// Never bought before the cut.
    pub new: Vec<u32>,
    /// What was bought before the cut, whether or not it is a target.
    pub bought_before: Vec<u32>,
    /// Never bought before the cut by anybody, as far as [`Self::with_past`] was told.
    pub without_past: Vec<u32>,
}

impl Targets {
    /// Splits the cards bought in the window by whether they were bought before.
    pub fn split(
        bought_before: impl IntoIterator<Item = u32>,
        bought_in_window: impl IntoIterator<Item = u32>,
    ) -> Self {
        let before: BTreeSet<u32> = bought_before.into_iter().collect();
        let within: BTreeSet<u32> = bought_in_window.into_iter().collect();
        let (repeat, new) = within.iter().partition(|item| before.contains(item));
        let all = within.into_iter().collect();
        let bought_before = before.into_iter().collect();
        Self { all, repeat, new, bought_before, without_past: Vec::new() }
    }

    /// Adds which of the targets nobody had bought before.
    #[must_use]
    pub fn with_past(mut self, has_past: impl Fn(u32) -> bool) -> Self {
        self.without_past = self.new.iter().copied().filter(|item| !has_past(*item)).collect();
        self
    }

    /// The targets of a segment for a shopper with `n_history` past events;
    /// empty when the shopper does not belong to it.
    pub fn of(&self, segment: Segment, n_history: usize) -> &[u32] {
        match segment {
            Segment::All => &self.all,
            Segment::Repeat => &self.repeat,
            Segment::New => &self.new,
            Segment::LittleHistory if n_history <= LITTLE_HISTORY_EVENTS => &self.all,
            Segment::LittleHistory => &[],
            Segment::WithoutPast => &self.without_past,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_touch_and_do_not_overlap() {
        let windows = Windows::ending_at(1_000_000_000);
        assert_eq!(windows.validation.end_seconds, windows.test.start_seconds);
        assert!(windows.test.contains(1_000_000_000));
        assert!(!windows.test.contains(windows.test.start_seconds - 1));
        assert!(windows.validation.contains(windows.test.start_seconds - 1));
        assert_eq!(windows.test.end_seconds - windows.test.start_seconds, WINDOW_SECONDS);
    }

    #[test]
    fn little_history_is_a_matter_of_the_shopper() {
        let targets = Targets::split([1, 2], [2, 3, 3]);
        assert_eq!(targets.of(Segment::LittleHistory, LITTLE_HISTORY_EVENTS), [2, 3]);
        assert!(targets.of(Segment::LittleHistory, LITTLE_HISTORY_EVENTS + 1).is_empty());
        assert_eq!(targets.of(Segment::Repeat, 0), [2]);
        assert_eq!(targets.of(Segment::New, 0), [3]);
        assert!(targets.of(Segment::WithoutPast, 0).is_empty());
        let targets = Targets::split([1, 2], [2, 3, 4]).with_past(|item| item < 4);
        assert_eq!(targets.of(Segment::WithoutPast, 0), [4]);
    }

    proptest! {
        #[test]
        fn repeat_and_new_make_up_all(
            before in prop::collection::vec(0u32..30, 0..40),
            within in prop::collection::vec(0u32..30, 0..40),
        ) {
            let targets = Targets::split(before.clone(), within);
            let mut both: Vec<u32> = targets.repeat.iter().chain(&targets.new).copied().collect();
            both.sort_unstable();
            prop_assert_eq!(&both, &targets.all);
            prop_assert!(targets.repeat.iter().all(|item| before.contains(item)));
            prop_assert!(targets.new.iter().all(|item| !before.contains(item)));
        }
    }
}
