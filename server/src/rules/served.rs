//! The rules that are served, ready to be applied.

use vitrine_rules::{CompiledRules, PublicRules, RewriteRules};

/// The rules that are served, ready to be applied.
#[derive(Debug, Default)]
pub struct ServedRules {
    set: PublicRules,
    /// For lists.
    pub compiled: CompiledRules,
    /// For searches.
    pub rewrite: RewriteRules,
}

impl ServedRules {
    /// Of a set that is published.
    pub fn new(set: PublicRules) -> Self {
        Self { compiled: CompiledRules::new(set.clone()), rewrite: RewriteRules::new(&set), set }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.set.rules.is_empty()
    }

    /// The first moment after another at which a rule begins or ends, in seconds since
    /// 1970-01-01 UTC.
    pub fn next_change_seconds(&self, after_seconds: i64) -> Option<i64> {
        let windows = self.set.rules.iter().map(|rule| rule.window);
        let moments = windows.flat_map(|window| [window.start_seconds, window.end_seconds]);
        moments.flatten().filter(|at| *at > after_seconds).min()
    }
}
