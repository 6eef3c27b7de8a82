//! The trained student as it is kept on the server: what ships, and what is
//! needed to give a new card its code.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use vitrine_domain::{ContentHash, ItemId};
use vitrine_durable::read;
use vitrine_ranking::text::TEXT_DIM;
use vitrine_student::weights::TensorMap;
use vitrine_student::{CODE_DIM, LastLayer, PackedStudent, Weights};

use crate::checkpoint::{bytes_of, floats_of, serialise};
use crate::{TrainingError, codec};

const WEIGHTS_FILE: &str = "weights.safetensors";
const PACKED_FILE: &str = "student.bin";
const DESCRIPTION_FILE: &str = "model.json";
const CODEC: &str = "codec";
const RESIDUALS: &str = "residuals";

/// A distilled student with its codec.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedModel {
    /// Weights before rounding.
    pub weights: Weights,
    /// Weights as shipped.
    pub packed: PackedStudent,
    /// Text vector → code, row-major `[384, 64]`.
    pub codec: Vec<f32>,
    /// What co-occurrence adds to the codes of cards that enough shoppers bought.
    pub residuals: BTreeMap<ItemId, [f32; CODE_DIM]>,
    /// c = q · this.
    pub code_scale: f32,
    /// Identifies all of the above.
    pub base: ContentHash,
}

/// What the tensor file does not say.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    format: u16,
    base: ContentHash,
    code_scale: f32,
    /// Cards of the rows of `residuals`, in order.
    residual_items: Vec<ItemId>,
}

const FORMAT: u16 = 1;

impl TrainedModel {
    /// Rounds weights and names the result.
    ///
    /// # Shapes
    /// `codec` \[384 · 64\].
    ///
    /// # Errors
    /// When a weight is not finite.
    pub fn new(
        weights: Weights,
        codec: Vec<f32>,
        residuals: BTreeMap<ItemId, [f32; CODE_DIM]>,
    ) -> Result<Self, TrainingError> {
        let packed = PackedStudent::pack(&weights)?;
        let code_scale = weights.code_scale();
        let base = base(&packed, &codec, &residuals);
        Ok(Self { weights, packed, codec, residuals, code_scale, base })
    }

    /// The same network under a last layer.
    ///
    /// # Errors
    /// When a weight of the layer is not finite.
    pub fn with_last_layer(self, last_layer: LastLayer) -> Result<Self, TrainingError> {
        let Self { weights, codec, residuals, .. } = self;
        Self::new(weights.with_last_layer(Some(last_layer)), codec, residuals)
    }

    /// Codes of cards, new ones included: f(text) + residual, rounded.
    ///
    /// # Shapes
    /// `vectors` \[n, 384\] in the order of `items` → \[n, 64\].
    ///
    /// # Panics
    /// When `vectors` are not one row an item.
    pub fn codes_for(&self, items: &[ItemId], vectors: &[f32]) -> Vec<i8> {
        assert_eq!(vectors.len(), items.len() * TEXT_DIM, "one vector an item");
        let codes = codec::codes(vectors, &self.codec, |i| self.residuals.get(&items[i]));
        codec::quantise(&codes, self.code_scale)
    }

    /// The code of any text, f(text), rounded: for a search.
    ///
    /// # Shapes
    /// `vector` \[384\] → \[64\].
    ///
    /// # Panics
    /// When the vector is not 384 long.
    pub fn code_of_text(&self, vector: &[f32]) -> Vec<i8> {
        assert_eq!(vector.len(), TEXT_DIM, "one vector");
        codec::quantise(&codec::codes(vector, &self.codec, |_| None), self.code_scale)
    }

    /// Writes the model into a folder, the description last.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), TrainingError> {
        let error = |source| TrainingError::File { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(error)?;
        let tensors = self.weights.tensors();
        let residuals: Vec<f32> = self.residuals.values().flatten().copied().collect();
        let mut arrays: Vec<(String, Vec<usize>, &[f32])> = tensors
            .iter()
            .map(|(name, (shape, values))| (name.clone(), shape.clone(), values.as_slice()))
            .collect();
        arrays.push((CODEC.to_owned(), vec![TEXT_DIM, CODE_DIM], &self.codec));
        arrays.push((RESIDUALS.to_owned(), vec![self.residuals.len(), CODE_DIM], &residuals));
        let path = folder.join(WEIGHTS_FILE);
        vitrine_durable::write(&path, &serialise(&arrays, HashMap::new(), &path)?)?;
        vitrine_durable::write(&folder.join(PACKED_FILE), &self.packed.to_bytes())?;
        let description = Description {
            format: FORMAT,
            base: self.base,
            code_scale: self.code_scale,
            residual_items: self.residuals.keys().copied().collect(),
        };
        let path = folder.join(DESCRIPTION_FILE);
        let json = serde_json::to_vec(&description)
            .map_err(|source| TrainingError::Json { path: path.clone(), source })?;
        Ok(vitrine_durable::write(&path, &json)?)
    }

    /// Reads a model and checks that its parts are those that were saved together.
    ///
    /// # Errors
    /// When a file is missing, damaged or of another model.
    pub fn load(folder: &Path) -> Result<Self, TrainingError> {
        let path = folder.join(DESCRIPTION_FILE);
        let description: Description = serde_json::from_slice(&read(folder, DESCRIPTION_FILE)?)
            .map_err(|source| TrainingError::Json { path: path.clone(), source })?;
        if description.format != FORMAT {
            return Err(TrainingError::Incomplete { path, name: format!("format {FORMAT}") });
        }
        let path = folder.join(WEIGHTS_FILE);
        let incomplete = |name: &str| TrainingError::Incomplete {
            path: folder.join(WEIGHTS_FILE),
            name: name.to_owned(),
        };
        let mut tensors = read_tensors(&read(folder, WEIGHTS_FILE)?, &path)?;
        let mut take = |name: &str, shape: &[usize]| {
            let found = tensors.remove(name).filter(|(found, _)| found == shape);
            found.map(|(_, values)| values).ok_or_else(|| incomplete(name))
        };
        let codec = take(CODEC, &[TEXT_DIM, CODE_DIM])?;
        let items = description.residual_items;
        let rows = take(RESIDUALS, &[items.len(), CODE_DIM])?;
        let residuals = items.into_iter().zip(rows.as_chunks().0.iter().copied()).collect();
        let packed = PackedStudent::from_bytes(&read(folder, PACKED_FILE)?)?;
        let weights = Weights::from_tensors(&tensors, description.code_scale)?
            .with_last_layer(packed.last_layer().copied());
        let model = Self::new(weights, codec, residuals)?;
        if model.base != description.base || model.packed != packed {
            let path = folder.join(DESCRIPTION_FILE);
            return Err(TrainingError::Incomplete { path, name: "base".to_owned() });
        }
        Ok(model)
    }
}

fn base(
    packed: &PackedStudent,
    codec: &[f32],
    residuals: &BTreeMap<ItemId, [f32; CODE_DIM]>,
) -> ContentHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&packed.to_bytes());
    hasher.update(&bytes_of(codec));
    for (item, residual) in residuals {
        hasher.update(&item.0.to_le_bytes());
        hasher.update(&bytes_of(residual));
    }
    ContentHash(*hasher.finalize().as_bytes())
}

/// Every array of a tensor file; `path` is for messages.
pub(crate) fn read_tensors(bytes: &[u8], path: &Path) -> Result<TensorMap, TrainingError> {
    let error = |source| TrainingError::Tensors { path: path.to_owned(), source };
    let tensors = SafeTensors::deserialize(bytes).map_err(error)?;
    let map = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
        (name, (view.shape().to_vec(), floats_of(view.data())))
    };
    Ok(tensors.tensors().into_iter().map(map).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> TrainedModel {
        let weights = vitrine_student::golden::input().weights;
        let weights = weights.with_last_layer(Some(LastLayer::NETWORK));
        let codec = (0..TEXT_DIM * CODE_DIM).map(|i| (i % 7) as f32 * 1e-3).collect();
        let residuals = [(ItemId(3), [0.01; CODE_DIM]), (ItemId(9), [-0.02; CODE_DIM])];
        TrainedModel::new(weights, codec, residuals.into()).expect("finite weights")
    }

    #[test]
    fn a_model_survives_the_disk_and_a_mixed_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let model = model();
        model.save(folder.path()).expect("written");
        assert_eq!(TrainedModel::load(folder.path()).expect("as saved"), model);
        let mut other = model.clone();
        other.codec[5] += 1.0;
        let other = TrainedModel::new(other.weights, other.codec, other.residuals).expect("finite");
        assert_ne!(other.base, model.base);
        let elsewhere = tempfile::tempdir().expect("a folder");
        other.save(elsewhere.path()).expect("written");
        let file = WEIGHTS_FILE;
        fs::copy(elsewhere.path().join(file), folder.path().join(file)).expect("copied");
        assert!(TrainedModel::load(folder.path()).is_err());
    }

    #[test]
    fn a_new_card_gets_the_code_of_its_text() {
        let model = model();
        let vector: Vec<f32> = (0..TEXT_DIM).map(|i| if i % 5 == 0 { 0.1 } else { 0.0 }).collect();
        let both = [vector.clone(), vector.clone()].concat();
        let codes = model.codes_for(&[ItemId(3), ItemId(4)], &both);
        assert_eq!(codes[CODE_DIM..], model.code_of_text(&vector));
        assert_ne!(codes[..CODE_DIM], codes[CODE_DIM..]);
        let expected: f32 =
            (0..TEXT_DIM).step_by(5).map(|i| 0.1 * ((i * 64) % 7) as f32 * 1e-3).sum();
        let q = (expected / model.code_scale).round();
        assert_eq!(f32::from(codes[CODE_DIM]), q);
    }
}
