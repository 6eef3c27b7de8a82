//! What can go wrong while pictures are encoded.

use std::io;
use std::path::PathBuf;

use vitrine_vision::VisionError;

use super::torch::TorchFileError;
use crate::EncoderError;

/// Why pictures could not be encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The weights are not in their folder.
    #[error(
        "{} is missing: run `vitrine fetch --model efficientnet-lite0`, which makes it",
        path.display()
    )]
    NoWeights {
        /// Where they should be.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot access {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Weights that are not read.
    #[error("the weights of PyTorch cannot be read")]
    Torch(#[from] TorchFileError),
    /// A tensor that the network needs is not there, or has another shape.
    #[error("the weights have no {name} of {n} numbers: they are of another network")]
    Tensor {
        /// Its name.
        name: String,
        /// How many numbers it has in this network.
        n: usize,
    },
    /// The weights could not be written, or are no safetensors file.
    #[error("the file of weights cannot be used")]
    Weights(#[from] safetensors::SafeTensorError),
    /// Weights of another shape, or that are not finite.
    #[error("the weights cannot be computed with")]
    Vision(#[from] VisionError),
    /// A computation failed on the device.
    #[error("the computation failed")]
    Device(#[from] candle_core::Error),
    /// The cache failed.
    #[error("the cache of picture vectors failed")]
    Cache(#[from] EncoderError),
    /// Fewer vectors than a projection is fitted to.
    #[error("{found} pictures are too few to fit codes to; {needed} are enough")]
    TooFew {
        /// Vectors that there are.
        found: usize,
        /// Vectors that are needed.
        needed: usize,
    },
    /// Categories that are not one a vector, or too many, or vectors that are not finite.
    #[error("a category below {max} is needed for each picture, and vectors that are finite")]
    Categories {
        /// Categories that are told apart.
        max: usize,
    },
    /// An input of another length than the network's.
    #[error("picture {at} gave an input of {found} numbers instead of {needed}")]
    Input {
        /// Which picture.
        at: usize,
        /// Its numbers.
        found: usize,
        /// The network's.
        needed: usize,
    },
    /// The caller asked to stop. What was encoded is in the cache.
    #[error("stopped after {n_done} of {n_total} pictures")]
    Cancelled {
        /// Pictures whose vectors exist.
        n_done: usize,
        /// Pictures asked for.
        n_total: usize,
    },
}
