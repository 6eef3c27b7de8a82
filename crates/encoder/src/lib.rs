//! Text encoder: all-MiniLM-L6-v2 on candle, with a cache by content.
//!
//! [`TextEncoder`] turns texts into unit vectors of [`TEXT_DIM`] numbers whose
//! inner product is their nearness of meaning. [`encode_cached`] does the same
//! for an import: what a [`VectorCache`] already holds is not encoded again.
//!
//! ```no_run
//! use vitrine_encoder::{DeviceKind, TEXT_DIM, TextEncoder, weights_dir};
//!
//! let dir = weights_dir().expect("a cache folder");
//! let encoder = TextEncoder::load(&dir, DeviceKind::Cpu)?;
//! let vector = encoder.encode_one("white milk")?;
//! assert_eq!(vector.len(), TEXT_DIM);
//! # Ok::<(), vitrine_encoder::EncoderError>(())
//! ```
//!
//! The cache needs no weights:
//!
//! ```
//! use vitrine_encoder::{TEXT_DIM, VectorCache};
//!
//! # let folder = tempfile::tempdir()?;
//! let mut cache = VectorCache::open(&folder.path().join("vectors.bin"))?;
//! let key = VectorCache::key([0; 32], "white milk");
//! cache.append(&[key], &[0.5; TEXT_DIM])?;
//!
//! let mut vector = [0.0; TEXT_DIM];
//! assert!(cache.read(&key, &mut vector)?);
//! assert_eq!(vector, [0.5; TEXT_DIM]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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

pub use batches::EncodingProgress;
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
/// Longest query the encoder reads, likewise.
pub const QUERY_TOKENS_MAX: usize = 64;
