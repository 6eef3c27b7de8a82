//! Where the model's files live.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use candle_core::safetensors::SliceSafetensors;
use candle_core::{Device, Result as CandleResult, Tensor};

use crate::EncoderError;
use crate::adapter::Adapter;

/// The files a model folder holds.
pub const WEIGHT_FILES: [&str; 3] = ["model.safetensors", "tokenizer.json", "config.json"];

/// Where a model is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    /// Folder with [`WEIGHT_FILES`].
    pub dir: PathBuf,
    /// An adapter of the model, which is merged into it.
    pub adapter: Option<PathBuf>,
}

impl<P: AsRef<Path> + ?Sized> From<&P> for ModelFiles {
    /// The model of a folder, as it is.
    fn from(dir: &P) -> Self {
        Self { dir: dir.as_ref().to_owned(), adapter: None }
    }
}

/// The model folder: `VITRINE_WEIGHTS`, else `vitrine/weights/all-MiniLM-L6-v2`
/// in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`).
///
/// `None` when none of these variables nor `HOME` is set. The folder need not exist.
pub fn weights_dir() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("VITRINE_WEIGHTS").or_else(|| {
        let cache =
            variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
        Some(cache.join("vitrine/weights/all-MiniLM-L6-v2"))
    })
}

/// Reads one of [`WEIGHT_FILES`] whole.
pub(crate) fn read_weight_file(dir: &Path, file: &'static str) -> Result<Vec<u8>, EncoderError> {
    let path = dir.join(file);
    fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            EncoderError::MissingFile { file, dir: dir.to_owned() }
        }
        _ => EncoderError::Io { path, source },
    })
}

/// The tensors of `model.safetensors`.
pub(crate) struct Weights<'a> {
    tensors: SliceSafetensors<'a>,
    /// What the names begin with where the network is a part of a larger one.
    prefix: &'static str,
    /// What is added to them.
    adapter: Option<&'a Adapter>,
}

impl<'a> Weights<'a> {
    /// # Errors
    /// The bytes are no safetensors file.
    pub(crate) fn open(bytes: &'a [u8]) -> CandleResult<Self> {
        const KNOWN_NAME: &str = "embeddings.word_embeddings.weight";
        let tensors = SliceSafetensors::new(bytes)?;
        let has = |prefix: &&str| tensors.get(&format!("{prefix}{KNOWN_NAME}")).is_ok();
        let prefix = ["", "bert.", "roberta."].into_iter().find(has).unwrap_or_default();
        Ok(Self { tensors, prefix, adapter: None })
    }

    /// With an adapter merged into every tensor that it knows.
    #[must_use]
    pub(crate) fn with_adapter(self, adapter: Option<&'a Adapter>) -> Self {
        Self { adapter, ..self }
    }

    /// # Errors
    /// There is no tensor of this name, or it has another shape.
    pub(crate) fn tensor(&self, name: &str, shape: &[usize]) -> CandleResult<Tensor> {
        let tensor = self.tensors.load(&format!("{}{name}", self.prefix), &Device::Cpu)?;
        if tensor.dims() != shape {
            candle_core::bail!("{name} is {:?}, but config.json says {shape:?}", tensor.dims());
        }
        match self.adapter {
            Some(adapter) => adapter.merged(name, tensor),
            None => Ok(tensor),
        }
    }
}
