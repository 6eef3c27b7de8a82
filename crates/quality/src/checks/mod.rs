//! Checks that a shop can read and extend, over a whole import.
//!
//! [`Checks`] are declared in TOML. Two passes over each file judge its rows:
//! the first fills a profile ([`ProductProfile`], [`LogProfile`]), the second
//! ([`ProductRows`], [`LogRows`]) judges rows by what the first found. All four
//! are mergeable aggregates over Arrow record batches: the state of a part and
//! that of another give the state of both, so parts may be computed anywhere in
//! any order. [`ImportSnapshot`] compares an import with the previous one.
//! [`ReportBuilder`] turns failures into the [`QualityReport`] and the [`Plan`] of what
//! an import does with failing rows.

mod abbreviations;
mod batch;
mod days;
mod declare;
mod drift;
mod failures;
mod fields;
mod findings;
mod hashing;
mod kinds;
mod log_profile;
mod log_rows;
mod money;
mod near_duplicates;
mod neighbours;
mod page;
mod predicate;
mod profile;
mod report;
mod returns;
mod robust;
mod seen;
mod shoppers;
mod subject;
mod text;
mod titles_in_use;
mod vectors;

pub use batch::{BATCH_ROWS, LineBatcher, ProductBatcher};
pub use days::Days;
pub use declare::{Check, Checks, Fault, Field, Repair, Severity};
pub use drift::ImportSnapshot;
pub use failures::{Action, FailingRow, Failures, SAMPLE_ROWS};
pub use findings::{Evidence, Findings, LogPrices, ProductRows};
pub use kinds::Kind;
pub use log_profile::LogProfile;
pub use log_rows::{LogFindings, LogRows};
pub use predicate::{Predicate, PredicateError, RowValue};
pub use profile::{ProductProfile, Texts};
pub use report::{CheckOutcome, CheckResult, Plan, Planned, QualityReport, ReportBuilder};
pub use seen::SeenTwice;
pub use subject::Subject;
pub use vectors::Vectors;
