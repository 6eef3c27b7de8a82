//! What can go wrong while encoding.

use std::io;
use std::path::PathBuf;

use crate::adapter::AdapterFault;
use crate::device::DeviceChoice;
use crate::remote::RemoteError;

/// Why texts could not be encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// A file of the model is not in its folder.
    #[error(
        "{file} is missing in {}: run `cargo xtask demo`, which fetches it, or put \
         model.safetensors, tokenizer.json and config.json of \
         sentence-transformers/all-MiniLM-L6-v2 there (VITRINE_WEIGHTS names another folder)",
        dir.display()
    )]
    MissingFile {
        /// Its name.
        file: &'static str,
        /// Where it should be.
        dir: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot access {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `config.json` is not a BERT configuration.
    #[error("{} is not the configuration of a BERT-like model", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// Where it fails.
        source: serde_json::Error,
    },
    /// `encoder.toml` describes no model.
    #[error("{} does not describe a model", path.display())]
    Description {
        /// Which file.
        path: PathBuf,
        /// Where it fails.
        source: Box<toml::de::Error>,
    },
    /// The model is not one that this code computes.
    #[error("the model's {field} is {found}, but this encoder needs {needed}")]
    UnsupportedModel {
        /// Name in `config.json`.
        field: &'static str,
        /// Its value.
        found: String,
        /// The value that works.
        needed: String,
    },
    /// `tokenizer.json` cannot be used, or a text cannot be tokenised.
    #[error("tokenizer.json: {0}")]
    Tokenizer(#[source] tokenizers::Error),
    /// `model.safetensors` lacks a tensor or has a wrong shape, or a
    /// computation failed on the device.
    #[error("model.safetensors or its computation failed")]
    Model(#[from] candle_core::Error),
    /// A setting of a fit that nothing can be fitted with.
    #[error("the setting {name} of the adapter must be {needed}")]
    AdapterConfig {
        /// Its name.
        name: &'static str,
        /// The values that work.
        needed: &'static str,
    },
    /// A file that is no adapter of this model.
    #[error("{}", path.display())]
    Adapter {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: AdapterFault,
    },
    /// A GPU was asked for, and cannot be had.
    #[error(
        "the device {choice} was asked for and cannot be had; `vitrine-cuda --check` says what it \
         finds, --device auto takes the CPU where there is no GPU, and docs/devices.md has the rest"
    )]
    NoDevice {
        /// What was asked for.
        choice: DeviceChoice,
        /// Why not.
        source: RemoteError,
    },
    /// The file is not a vector cache of this format.
    #[error("{} is not a vector cache of this version; move it away and start again", path.display())]
    NotACache {
        /// Which file.
        path: PathBuf,
    },
    /// The cache is of vectors of another width.
    #[error("the cache holds vectors of {found} numbers instead of {needed}; open another file")]
    CacheDim {
        /// Numbers of its vectors.
        found: usize,
        /// Numbers that are needed.
        needed: usize,
    },
    /// Another process is writing the cache.
    #[error("{} is in use by another process", path.display())]
    CacheInUse {
        /// Which file.
        path: PathBuf,
    },
    /// Bytes that are no intent head.
    #[error("not an intent head")]
    IntentHead(#[source] serde_json::Error),
    /// An intent head whose parts do not fit each other.
    #[error("the parts of the intent head do not fit each other, or it is too large")]
    IntentShape,
    /// The kernel that was asked for needs another processor.
    #[error("this machine does not have {kernel}")]
    NoKernel {
        /// Its name.
        kernel: &'static str,
    },
    /// The computation panicked, which is a fault of the program.
    #[error("the computation panicked")]
    Panicked,
    /// The caller asked to stop. What was encoded is in the cache.
    #[error("stopped after {n_done} of {n_total} texts")]
    Cancelled {
        /// Distinct texts whose vectors exist.
        n_done: usize,
        /// Distinct texts asked for.
        n_total: usize,
    },
}
