//! Where the model's files live.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::EncoderError;

/// The files a model folder holds.
pub const WEIGHT_FILES: [&str; 3] = ["model.safetensors", "tokenizer.json", "config.json"];

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
