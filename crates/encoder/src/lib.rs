//! Text encoder: all-MiniLM-L6-v2 on candle, with a cache by content.
//!
//! [`TextEncoder`] turns texts into unit vectors of [`TEXT_DIM`] numbers whose
//! inner product is their nearness of meaning. [`encode_cached`] does the same
//! for an import: what a [`VectorCache`] already holds is not encoded again.

mod batches;
mod bert;
mod cache;
mod cached;
mod encoder;
mod error;
pub mod intent;
mod kernels;
mod ops;
mod weights;

pub use batches::Progress;
pub use cache::VectorCache;
pub use cached::{Encoded, encode_cached};
pub use encoder::{DeviceKind, TextEncoder};
pub use error::EncoderError;
pub use weights::{WEIGHT_FILES, weights_dir};

/// Numbers of one text vector.
pub const TEXT_DIM: usize = 384;
/// Longest text the encoder reads, in tokens with the two special ones; the
/// rest is cut off.
pub const TOKENS_MAX: usize = 256;
