//! From drafts to what ships.

use vitrine_domain::sorting::sort_by_key;

use crate::fault::RulesError;
use crate::rule::{PublicRules, Rule, RuleId};

use super::local_time::UnknownTimeZone;
use super::record::RuleRecord;

/// How far ahead what ships may begin, in seconds: a day. What begins later is nobody's
/// business yet.
pub const PUBLISHED_AHEAD_SECONDS: i64 = 86_400;

/// Why drafts cannot ship.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulePublishError {
    /// A rule's time cannot be read.
    #[error("{rule}")]
    TimeZone {
        /// Which rule.
        rule: RuleId,
        /// Why.
        #[source]
        unknown: UnknownTimeZone,
    },
    /// A rule, or the set, is not as it must be.
    #[error("the rules are not valid")]
    Invalid(#[from] RulesError),
}

/// The rules that hold at some moment of the next day, without names and notes, in UTC, by id.
///
/// `now_seconds` since 1970-01-01 UTC; `never_recommended` as of [`PublicRules::validate`].
///
/// # Errors
/// When a time zone is unknown, or what would ship is not valid.
pub fn publish(
    records: &[RuleRecord],
    now_seconds: i64,
    never_recommended: &[String],
) -> Result<PublicRules, RulePublishError> {
    let mut rules: Vec<Rule> = Vec::new();
    for record in records {
        let to_error = |unknown| RulePublishError::TimeZone { rule: record.id, unknown };
        let rule = record.to_rule().map_err(to_error)?;
        let until = now_seconds.saturating_add(PUBLISHED_AHEAD_SECONDS);
        let has_begun = rule.window.start_seconds.is_none_or(|start| start < until);
        let is_over = rule.window.end_seconds.is_some_and(|end| end <= now_seconds);
        if has_begun && !is_over {
            rules.push(rule);
        }
    }
    sort_by_key(&mut rules, |rule| rule.id);
    let set = PublicRules { rules };
    set.validate(never_recommended)?;
    Ok(set)
}
