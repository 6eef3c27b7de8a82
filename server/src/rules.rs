//! The shop's rules: a draft that people edit and the versions that were published of it, in the
//! folder `rules` of the data folder; what ships of the newest version; and what the server does
//! by the rules for everyone, on pages and for searches. It knows no shopper.

mod cards;
mod error;
mod files;
mod narrowing;
mod places;
mod served;
mod store;
#[cfg(test)]
mod tests;
mod told;
mod watch;

pub use self::cards::{catalogue_names, rule_names};
pub use self::error::RuleStoreError;
pub use self::narrowing::{NarrowedIndexes, WholeIndex};
pub use self::places::{PageList, PageRules};
pub use self::served::ServedRules;
pub use self::store::{NewVersion, RuleStore};
pub use self::told::told_problem;
pub use self::watch::{RuleWatch, shipping};

/// Folder in the data folder.
pub const FOLDER: &str = "rules";
/// Versions that are kept; of more the oldest go, and never the newest, which is live.
pub const VERSIONS_KEPT_MAX: usize = 500;
/// Largest file of rules that is read, in bytes: more than may be sent.
const FILE_BYTES_MAX: u64 = 64 << 20;
