//! A rule in its public form: what ships, the same for everyone.

use serde::{Deserialize, Serialize};

use crate::action::RuleAction;
use crate::audience::Audience;
use crate::condition::{RuleCondition, RuleLevel};
use crate::label::RuleLabel;
use crate::window::RuleWindow;

/// Names a rule, in a set once.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct RuleId(pub u32);

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rule {}", self.0)
    }
}

/// When something holds, and what is done then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Of rules of one level, the highest comes first; ties by id, the lowest first.
    pub priority: i16,
    /// Where it holds.
    pub when: RuleCondition,
    /// What is done, in this order.
    pub then: Vec<RuleAction>,
    /// When it holds.
    pub window: RuleWindow,
    /// For whom, as only a device can tell; `None` = for everyone.
    pub audience: Option<Audience>,
    /// What shoppers read of why something stands where it does.
    pub label: RuleLabel,
}

/// All rules of a catalogue side that may hold within a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicRules {
    /// The rules, in any order.
    pub rules: Vec<Rule>,
}

impl Rule {
    /// How narrow its condition is.
    pub fn level(&self) -> RuleLevel {
        self.when.level()
    }

    /// What comes first of two rules sorts first: narrower level, higher priority, lower id.
    pub fn precedence(&self) -> (std::cmp::Reverse<(RuleLevel, i16)>, RuleId) {
        (std::cmp::Reverse((self.level(), self.priority)), self.id)
    }
}
