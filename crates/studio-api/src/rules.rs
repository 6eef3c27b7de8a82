//! The shop's rules: a draft that people edit, and the versions that were published of it.

use serde::{Deserialize, Serialize};
use vitrine_domain::{Facet, ItemId};
use vitrine_rules::authoring::{AuthorId, LocalWindow, RuleChange, RuleRecord, Season};
use vitrine_rules::{PublicRules, RuleId};

/// Longest note to a version, in characters.
pub const RULE_NOTE_CHARS_MAX: usize = 500;

/// The draft and what was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesState {
    /// What people edit; `None` where its file is damaged.
    pub draft: Option<RuleDraft>,
    /// The version that shoppers have; `None` before the first.
    pub live: Option<RuleVersionInfo>,
    /// The versions that are kept, the newest first.
    pub versions: Vec<RuleVersionInfo>,
    /// What publishing the draft would change.
    pub changes: Vec<RuleChange>,
    /// What cannot be read, in a sentence each that says what to do.
    pub damaged: Vec<String>,
}

/// What people edit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleDraft {
    /// Counts every save; 0 before the first.
    pub revision: u64,
    /// When it was saved, in seconds since 1970-01-01 UTC; 0 before the first.
    pub saved_at_seconds: i64,
    /// By whom.
    pub by: AuthorId,
    /// The rules.
    pub records: Vec<RuleRecord>,
    /// What is wrong with them, by rule in their order.
    pub problems: Vec<DraftProblem>,
}

/// Something that is wrong with a rule of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftProblem {
    /// The rule.
    pub rule: RuleId,
    /// What is wrong.
    pub code: DraftProblemCode,
    /// Whether the draft cannot be published with it. All else is for people to weigh.
    pub is_refused: bool,
    /// The same as a sentence, in English.
    pub detail: String,
    /// The other rule that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<RuleId>,
    /// The product that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// The department, category, brand or time zone that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The place that it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u16>,
}

/// What may be wrong with a rule of a draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftProblemCode {
    /// It can never ship: over a limit, an end before its start.
    Invalid,
    /// It does what no rule for an audience may do.
    NotForAudiences,
    /// Its audience is by something that says too much of a person.
    SensitiveAudience,
    /// The set has too many rules.
    TooManyRules,
    /// Its time zone is unknown.
    UnknownTimeZone,
    /// It names a product that there is not.
    UnknownItem,
    /// It names a department that there is not.
    UnknownDepartment,
    /// It names a category that there is not.
    UnknownCategory,
    /// It names a brand that there is not.
    UnknownBrand,
    /// No card is what one of its actions is about.
    MatchesNothing,
    /// Its time is over.
    IsOver,
    /// Another rule fixes the same place at the same time.
    SamePlace,
    /// A card that it places, another leaves out at the same time.
    PlacedAndHidden,
    /// Words are replaced in a circle.
    SynonymLoop,
    /// Searches are redirected in a circle.
    RedirectLoop,
    /// What a later server adds.
    #[default]
    #[serde(other)]
    Other,
}

/// What is known of a version without its rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleVersionInfo {
    /// Its number, from 1; never given twice.
    pub number: u64,
    /// When it was published, in seconds since 1970-01-01 UTC.
    pub published_at_seconds: i64,
    /// By whom.
    pub by: AuthorId,
    /// What was said about it.
    pub note: String,
    /// The version whose rules it brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<u64>,
    /// How many rules it has.
    pub n_rules: usize,
}

/// A version with its rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleVersion {
    /// What is known of it.
    pub version: RuleVersionInfo,
    /// Its rules.
    pub records: Vec<RuleRecord>,
    /// What it changed of the one before that is kept.
    pub changes: Vec<RuleChange>,
}

/// A draft to be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesToSave {
    /// Revision of the draft that it was made of.
    pub revision: u64,
    /// The rules.
    pub records: Vec<RuleRecord>,
}

/// A draft to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesToPublish {
    /// Its revision.
    pub revision: u64,
    /// What is said about it; at most [`RULE_NOTE_CHARS_MAX`] characters.
    #[serde(default)]
    pub note: String,
}

/// A version to be brought back, as a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesToRestore {
    /// Its number.
    pub version: u64,
}

/// Rules whose effect is to be seen before they are published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesToPreview {
    /// The rules.
    pub records: Vec<RuleRecord>,
}

/// What would ship of them now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreviewedRules {
    /// What shoppers would have; without the rules that cannot ship.
    pub rules: PublicRules,
    /// What is wrong with the rules.
    pub problems: Vec<DraftProblem>,
}

/// Names that rules can be about, those with most cards first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleNames {
    /// Departments.
    pub departments: Vec<Facet>,
    /// Categories.
    pub categories: Vec<Facet>,
    /// Brands.
    pub brands: Vec<Facet>,
}

/// When a season or a holiday is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonWindow {
    /// Which.
    pub season: Season,
    /// When.
    pub window: LocalWindow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_server_adds_is_read() {
        let problem = r#"{"rule": 3, "code": "future", "is_refused": true, "more": 1}"#;
        let problem: DraftProblem = serde_json::from_str(problem).expect("readable");
        assert_eq!((problem.code, problem.is_refused), (DraftProblemCode::Other, true));
        let state: RulesState = serde_json::from_str(r#"{"draft": {"revision": 2}}"#).unwrap();
        assert_eq!(state.draft.map(|draft| draft.revision), Some(2));
    }

    #[test]
    fn what_nobody_knows_is_not_saved() {
        let refused = serde_json::from_str::<RulesToSave>(r#"{"revision": 1, "rules": []}"#);
        assert!(refused.is_err_and(|error| error.to_string().contains("rules")));
        let publish: RulesToPublish = serde_json::from_str(r#"{"revision": 1}"#).unwrap();
        assert_eq!(publish.note, "");
    }
}
