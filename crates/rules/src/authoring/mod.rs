//! Drafts of rules, as the people of a shop write them: with names and notes that never ship,
//! in local time. What is found wrong is said when a draft is saved ([`check`]); what ships is
//! made by [`publish`].

mod catalogue;
mod check;
mod conflicts;
mod difference;
mod local_time;
mod loops;
mod names;
mod publish;
mod record;
mod season;

pub use catalogue::{CatalogueCard, CatalogueNames};
pub use check::{CheckContext, RuleNameKind, RuleProblem, RuleProblemKind, check};
pub use difference::{RuleChange, RuleField, difference};
pub use local_time::{LocalWindow, UnknownTimeZone};
pub use publish::{PUBLISHED_AHEAD_SECONDS, RulePublishError, publish};
pub use record::{AuthorId, RuleRecord};
pub use season::{CHINESE_NEW_YEAR_YEARS, SEASON_YEARS, Season, SeasonError};
