//! What is different between two versions of a rule set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rule::RuleId;

use super::record::RuleRecord;

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleChange {
    /// It is new.
    Added(RuleId),
    /// It is gone.
    Removed(RuleId),
    /// Some of it is another.
    Changed {
        /// Which rule.
        id: RuleId,
        /// What of it.
        fields: Vec<RuleField>,
    },
}

/// A part of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleField {
    /// Its internal name.
    Name,
    /// Its note.
    Note,
    /// Its priority.
    Priority,
    /// Where it holds.
    Condition,
    /// What it does.
    Actions,
    /// When it holds.
    Schedule,
    /// For whom.
    Audience,
    /// Its public label.
    Label,
}

/// What is different in `new`, by id. Who changed a rule is no difference.
pub fn difference(old: &[RuleRecord], new: &[RuleRecord]) -> Vec<RuleChange> {
    let by_id = |records: &[RuleRecord]| -> BTreeMap<RuleId, usize> {
        (0..).zip(records).map(|(at, record)| (record.id, at)).collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    let mut all: Vec<RuleId> = before.keys().chain(after.keys()).copied().collect();
    all.sort_unstable();
    all.dedup();
    let change = |id: RuleId| match (before.get(&id), after.get(&id)) {
        (Some(old_at), Some(new_at)) => {
            let fields = changed_fields(&old[*old_at], &new[*new_at]);
            (!fields.is_empty()).then_some(RuleChange::Changed { id, fields })
        }
        (None, _) => Some(RuleChange::Added(id)),
        (_, None) => Some(RuleChange::Removed(id)),
    };
    all.into_iter().filter_map(change).collect()
}

fn changed_fields(old: &RuleRecord, new: &RuleRecord) -> Vec<RuleField> {
    let fields = [
        (RuleField::Name, old.name != new.name),
        (RuleField::Note, old.note != new.note),
        (RuleField::Priority, old.priority != new.priority),
        (RuleField::Condition, old.when != new.when),
        (RuleField::Actions, old.then != new.then),
        (RuleField::Schedule, old.schedule != new.schedule),
        (RuleField::Audience, old.audience != new.audience),
        (RuleField::Label, old.label != new.label),
    ];
    fields.into_iter().filter(|(_, is_changed)| *is_changed).map(|(field, _)| field).collect()
}
