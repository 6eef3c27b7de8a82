//! Ranking metrics, the time-split protocol, paired bootstrap intervals and the
//! report that the gate reads.
//!
//! Everything here counts; nothing here ranks. Ties are counted against the
//! model, so that a model that scores everything alike scores nothing.
#![deny(missing_docs)]

pub mod bootstrap;
mod error;
pub mod graded;
pub mod metrics;
pub mod protocol;
pub mod report;

pub use bootstrap::{Interval, difference_interval, mean_interval, ratio_interval};
pub use error::EvaluationError;
pub use metrics::{Coverage, TargetRanks, top_k};
pub use protocol::{Segment, Targets, Window, Windows};
pub use report::{
    Gate, GateCheck, GateNames, ModelReport, ModelRun, Report, SegmentReport, ShopperOutcome,
};
