//! One rule as a draft has it.

use serde::{Deserialize, Serialize};

use crate::action::RuleAction;
use crate::audience::Audience;
use crate::condition::RuleCondition;
use crate::label::RuleLabel;
use crate::rule::{Rule, RuleId};

use super::local_time::{LocalWindow, UnknownTimeZone};

/// The account of whoever changed a rule last. No name.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AuthorId(pub u64);

/// A rule as a draft has it: what ships of it, and what never does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecord {
    /// Its name in the set, the same from one version to the next.
    pub id: RuleId,
    /// What the people of the shop call it. Never ships.
    pub name: String,
    /// Why it is there. Never ships.
    #[serde(default)]
    pub note: String,
    /// Who changed it last. Never ships.
    pub author: AuthorId,
    /// As of [`Rule::priority`].
    #[serde(default)]
    pub priority: i16,
    /// As of [`Rule::when`].
    #[serde(default)]
    pub when: RuleCondition,
    /// As of [`Rule::then`].
    pub then: Vec<RuleAction>,
    /// When it holds, by the clocks of a place.
    #[serde(default)]
    pub schedule: LocalWindow,
    /// As of [`Rule::audience`].
    #[serde(default)]
    pub audience: Option<Audience>,
    /// As of [`Rule::label`].
    pub label: RuleLabel,
}

impl RuleRecord {
    /// What ships of it.
    ///
    /// # Errors
    /// When its time zone is unknown.
    pub fn to_rule(&self) -> Result<Rule, UnknownTimeZone> {
        Ok(Rule {
            id: self.id,
            priority: self.priority,
            when: self.when.clone(),
            then: self.then.clone(),
            window: self.schedule.resolve()?,
            audience: self.audience.clone(),
            label: self.label.clone(),
        })
    }
}
