//! When a rule holds.

use serde::{Deserialize, Serialize};

/// The time in which a rule holds, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleWindow {
    /// Its first second; `None` = since ever.
    pub start_seconds: Option<i64>,
    /// The second after its last; `None` = until further notice.
    pub end_seconds: Option<i64>,
}

impl RuleWindow {
    /// Whether it is open at a moment, in seconds since 1970-01-01 UTC.
    pub fn is_open(&self, at_seconds: i64) -> bool {
        self.start_seconds.is_none_or(|start| start <= at_seconds)
            && self.end_seconds.is_none_or(|end| at_seconds < end)
    }

    /// Whether both are open at some one moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_after = |end: Option<i64>, start: Option<i64>| match (end, start) {
            (Some(end), Some(start)) => start < end,
            _ => true,
        };
        [self, other].into_iter().all(|window| !window.is_empty())
            && ends_after(self.end_seconds, other.start_seconds)
            && ends_after(other.end_seconds, self.start_seconds)
    }

    /// Whether it is open at no moment.
    pub fn is_empty(&self) -> bool {
        self.start_seconds.zip(self.end_seconds).is_some_and(|(start, end)| end <= start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_its_first_second_and_not_its_end() {
        let window = RuleWindow { start_seconds: Some(10), end_seconds: Some(20) };
        assert_eq!([9, 10, 19, 20].map(|at| window.is_open(at)), [false, true, true, false]);
        assert!(RuleWindow::default().is_open(i64::MIN));
        let from = RuleWindow { start_seconds: Some(10), end_seconds: None };
        assert_eq!([9, 10, i64::MAX].map(|at| from.is_open(at)), [false, true, true]);
    }

    #[test]
    fn windows_that_only_touch_do_not_overlap() {
        let window = |start, end| RuleWindow { start_seconds: Some(start), end_seconds: Some(end) };
        assert!(!window(0, 10).overlaps(&window(10, 20)));
        assert!(window(0, 11).overlaps(&window(10, 20)));
        assert!(window(0, 11).overlaps(&RuleWindow::default()));
        assert!(!window(5, 5).overlaps(&RuleWindow::default()), "one that is never open");
    }
}
