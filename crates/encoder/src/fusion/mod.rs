//! One vector of an item from its text and its picture.
//!
//! [`fit_fusion`] learns on a catalogue's own categories how much each sense of an item is to be
//! trusted; [`SenseFusion::fuse`] makes the vectors. Either sense may be missing.
//!
//! # Source
//! Gated attention over modalities: Arevalo et al., Gated multimodal units for information fusion
//! (2017), with a softmax over those senses that an item has.

mod fit;
mod gate;

pub use fit::{FusionConfig, FusionError, fit_fusion};
pub use gate::{FUSED_DIM, Gating, ItemSenses, SenseFusion};
