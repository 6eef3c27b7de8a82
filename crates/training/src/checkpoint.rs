//! The state of distillation on disk, written so that a crash leaves the old
//! file or the new one, never half of either.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::{SafeTensors, tensor::TensorView};

use crate::TrainingError;
use crate::params::Params;

const FINGERPRINT: &str = "fingerprint";
const N_STEPS: &str = "n_steps";

pub(crate) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn floats_of(bytes: &[u8]) -> Vec<f32> {
    let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    bytes.as_chunks().0.iter().map(value).collect()
}

/// Named f32 arrays and notes as one safetensors file.
pub(crate) fn serialise(
    arrays: &[(String, Vec<usize>, &[f32])],
    notes: HashMap<String, String>,
    path: &Path,
) -> Result<Vec<u8>, TrainingError> {
    let error = |source| TrainingError::Tensors { path: path.to_owned(), source };
    let bytes: Vec<Vec<u8>> = arrays.iter().map(|(_, _, values)| bytes_of(values)).collect();
    let views = arrays
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| {
            let view = TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
            view.map(|view| (name.clone(), view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    safetensors::serialize(views, Some(notes)).map_err(error)
}

/// Saves weights and moments.
///
/// # Errors
/// When the file cannot be written.
pub fn save(path: &Path, params: &Params, fingerprint: &str) -> Result<(), TrainingError> {
    let arrays: Vec<(String, Vec<usize>, &[f32])> = params
        .list()
        .iter()
        .flat_map(|param| {
            let parts = [("", &param.values), ("#m", &param.first), ("#v", &param.second)];
            parts.map(|(suffix, values)| {
                (format!("{}{suffix}", param.name), param.shape.clone(), values.as_slice())
            })
        })
        .collect();
    let notes = HashMap::from([
        (FINGERPRINT.to_owned(), fingerprint.to_owned()),
        (N_STEPS.to_owned(), params.n_steps.to_string()),
    ]);
    Ok(vitrine_durable::write(path, &serialise(&arrays, notes, path)?)?)
}

/// Fills `params` from a checkpoint of the same fingerprint. `false`, and nothing
/// changed, if there is none or it is of another run.
///
/// # Errors
/// When the file is damaged or cannot be read.
pub fn load(path: &Path, params: &mut Params, fingerprint: &str) -> Result<bool, TrainingError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(TrainingError::File { path: path.to_owned(), source }),
    };
    let error = |source| TrainingError::Tensors { path: path.to_owned(), source };
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(error)?;
    let notes = metadata.metadata().clone().unwrap_or_default();
    if notes.get(FINGERPRINT).map(String::as_str) != Some(fingerprint) {
        return Ok(false);
    }
    let incomplete =
        |name: &str| TrainingError::Incomplete { path: path.to_owned(), name: name.to_owned() };
    let n_steps = notes.get(N_STEPS).and_then(|n| n.parse().ok());
    let n_steps = n_steps.ok_or_else(|| incomplete(N_STEPS))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(error)?;
    let mut loaded = params.clone();
    for param in loaded.list_mut() {
        for (suffix, values) in
            [("", &mut param.values), ("#m", &mut param.first), ("#v", &mut param.second)]
        {
            let name = format!("{}{suffix}", param.name);
            let stored = tensors.tensor(&name).ok().filter(|t| t.shape() == param.shape);
            *values = floats_of(stored.ok_or_else(|| incomplete(&name))?.data());
        }
    }
    loaded.n_steps = n_steps;
    *params = loaded;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::RANK;

    #[test]
    fn a_checkpoint_comes_back_only_to_its_own_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("distil.safetensors");
        let codec = vec![0.25; RANK * vitrine_student::CODE_DIM];
        let mut saved = Params::new(4, codec.clone(), 1);
        saved.n_steps = 7;
        saved.list_mut()[0].second[3] = 0.5;
        assert!(!load(&path, &mut saved.clone(), "a").expect("no file is no error"));
        save(&path, &saved, "a").expect("written");
        let mut fresh = Params::new(4, codec.clone(), 2);
        assert!(!load(&path, &mut fresh, "b").expect("readable"));
        assert!(load(&path, &mut fresh, "a").expect("readable"));
        assert_eq!(fresh, saved);
        let mut larger = Params::new(5, codec, 1);
        assert!(matches!(load(&path, &mut larger, "a"), Err(TrainingError::Incomplete { .. })));
        fs::write(&path, b"not a checkpoint").expect("written");
        assert!(load(&path, &mut fresh, "a").is_err());
    }
}
