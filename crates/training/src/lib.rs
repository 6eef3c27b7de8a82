//! Fits the teacher, distils the student, quantises it.
//!
//! [`data`] indexes the log → [`fit`] learns the teacher's weights →
//! [`snapshots`] counts the catalogue as it was at earlier moments →
//! [`sequences`] and [`samples`] draw what devices would have had to rank →
//! [`distil`] makes gradient steps ([`batch`], [`forward`], [`ops`], [`params`],
//! [`checkpoint`]) → [`model`] is what ships. [`mod@train`] runs it all.
//!
//! [`next`] has the models that are compared on public data sets.
//!
//! Nothing at or after the horizon of a run is looked at, and no sample's input
//! is made from anything at or after its own moment.

pub mod base;
pub mod batch;
mod block;
pub mod checkpoint;
pub mod codec;
pub mod control;
pub mod data;
pub mod distil;
mod error;
pub mod fit;
pub mod forward;
pub mod looks;
pub mod model;
pub mod next;
pub mod ops;
pub mod outputs;
pub mod params;
pub mod pretrain;
pub mod samples;
pub mod sequences;
pub mod snapshots;
pub mod train;

pub use control::{Control, Progress, Stage};
pub use data::{Prepared, TrainingData};
pub use error::TrainingError;
pub use fit::fit_teacher;
pub use model::TrainedModel;
pub use train::{Config, Outcome, Trained, train};
