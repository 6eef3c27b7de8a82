//! A teacher on disk: a description, and each part as a file of its own.
//!
//! Matrices are thinned to the strongest weights of each row, so that no file is large; a
//! teacher that was read says almost what it said before.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use vitrine_domain::{ContentHash, ItemId};
use vitrine_durable::read;
use vitrine_ranking::{FeatureModel, FeatureWeights};

use super::Teacher;
use super::parts::{Features, PartKind, PartModel, combined};
use crate::TrainingError;
use crate::next::blend::Blend;
use crate::next::fusion::Fusion;
use crate::next::linear::SparseItems;
use crate::next::repeat::StoredRepeat;
use crate::next::text::StoredTexts;
use crate::next::{
    ItemKnn, Mixture, MixtureWeights, PersonalFrequency, PopRec, PureSvd, RecentPop, RepeatModel,
    ShopperKnn, TextSimilarity, TifuKnn, TwoHop,
};

/// Largest file of one part.
pub const PART_BYTES_MAX: usize = 100_000_000;
/// Weights of a row that are kept, at most.
pub(super) const ROW_WEIGHTS: usize = 200;
const DESCRIPTION_FILE: &str = "teacher.json";
const FORMAT: u16 = 2;

/// What the parts do not say.
#[derive(Serialize, Deserialize)]
struct Description {
    format: u16,
    items: Vec<ItemId>,
    parts: Vec<(PartKind, ContentHash)>,
    features: FeatureWeights,
    /// Class of each item by how often it was taken.
    supports: Vec<u8>,
    fusion: Vec<f32>,
    mixture: Option<MixtureWeights>,
}

#[derive(Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a teacher has a dozen of them")]
enum StoredPart {
    PopRec(PopRec),
    RecentPop(RecentPop),
    Frequency(PersonalFrequency),
    ShopperKnn(ShopperKnn),
    TifuKnn(TifuKnn),
    TwoHop(TwoHop),
    Repeat(StoredRepeat),
    Features(FeatureModel),
    ItemKnn(ItemKnn),
    Titles(StoredTexts),
    PureSvd(PureSvd),
    Items(SparseItems),
}

impl StoredPart {
    /// A part with at most `n_kept` weights a row.
    fn of(model: &PartModel, n_kept: usize) -> Result<Self, TrainingError> {
        Ok(match model {
            PartModel::PopRec(part) => Self::PopRec(part.clone()),
            PartModel::RecentPop(part) => Self::RecentPop(part.clone()),
            PartModel::Frequency(part) => Self::Frequency(part.clone()),
            PartModel::ShopperKnn(part) => Self::ShopperKnn(part.thinned(n_kept)),
            PartModel::TifuKnn(part) => Self::TifuKnn(part.thinned(n_kept)),
            PartModel::Repeat(part) => Self::Repeat(part.stored()?),
            PartModel::Features(part) => Self::Features(part.0.clone()),
            PartModel::ItemKnn(part) => Self::ItemKnn(part.thinned(n_kept)),
            PartModel::TwoHop(part) => Self::TwoHop(part.thinned(n_kept)),
            PartModel::Titles(part) => Self::Titles(part.stored()),
            PartModel::PureSvd(part) => Self::PureSvd(part.clone()),
            PartModel::Dense(part) => Self::Items(part.strongest(n_kept)),
            PartModel::Sparse(part) => Self::Items(part.thinned(n_kept)),
        })
    }

    fn model(self) -> Result<PartModel, TrainingError> {
        Ok(match self {
            Self::PopRec(part) => PartModel::PopRec(part),
            Self::RecentPop(part) => PartModel::RecentPop(part),
            Self::Frequency(part) => PartModel::Frequency(part),
            Self::ShopperKnn(part) => PartModel::ShopperKnn(part),
            Self::TifuKnn(part) => PartModel::TifuKnn(part),
            Self::TwoHop(part) => PartModel::TwoHop(part.restored()?),
            Self::Repeat(part) => PartModel::Repeat(RepeatModel::from_stored(&part)?),
            Self::Features(part) => PartModel::Features(Features(part)),
            Self::ItemKnn(part) => PartModel::ItemKnn(part),
            Self::Titles(part) => PartModel::Titles(TextSimilarity::from_stored(&part)?),
            Self::PureSvd(part) => PartModel::PureSvd(part),
            Self::Items(part) => PartModel::Sparse(part),
        })
    }
}

/// A part as bytes, with as many weights a row as fit.
fn bytes_of(model: &PartModel, bytes_max: usize) -> Result<Vec<u8>, TrainingError> {
    let mut n_kept = ROW_WEIGHTS;
    loop {
        let stored = StoredPart::of(model, n_kept)?;
        let bytes = postcard::to_stdvec(&stored).expect("plain data into memory");
        if bytes.len() <= bytes_max || n_kept == 1 {
            return Ok(bytes);
        }
        n_kept /= 2;
    }
}

impl Teacher {
    /// The teacher with at most `n_kept` weights in each row of its parts, and its texts
    /// rounded: what is left of one that was saved and read.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn thinned(&self, n_kept: usize) -> Result<Self, TrainingError> {
        let thin = |(kind, model): &(PartKind, Arc<PartModel>)| {
            let model = StoredPart::of(model, n_kept)?.model()?;
            Ok((*kind, Arc::new(model)))
        };
        let parts = self.parts.iter().map(thin).collect::<Result<Vec<_>, TrainingError>>()?;
        let fusion = self.blend.fusion();
        let mixture = self.mixture_weights();
        let blend = blend(&parts, fusion.supports().to_vec(), fusion.weights().to_vec(), mixture);
        Ok(Self { items: Arc::clone(&self.items), parts, blend, features: self.features })
    }

    fn mixture_weights(&self) -> Option<MixtureWeights> {
        match &self.blend {
            Blend::Mixture(mixture) => Some(mixture.weights().clone()),
            Blend::Fusion(_) => None,
        }
    }

    /// Writes the teacher into a folder, the description last.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), TrainingError> {
        let error = |source| TrainingError::File { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(error)?;
        let mut parts = Vec::with_capacity(self.parts.len());
        for (kind, model) in &self.parts {
            let bytes = bytes_of(model, PART_BYTES_MAX)?;
            vitrine_durable::write(&folder.join(kind.file_name()), &bytes)?;
            parts.push((*kind, ContentHash(*blake3::hash(&bytes).as_bytes())));
        }
        let fusion = self.blend.fusion();
        let description = Description {
            format: FORMAT,
            items: self.items.to_vec(),
            parts,
            features: self.features,
            supports: fusion.supports().to_vec(),
            fusion: fusion.weights().to_vec(),
            mixture: self.mixture_weights(),
        };
        let path = folder.join(DESCRIPTION_FILE);
        let json = serde_json::to_vec(&description)
            .map_err(|source| TrainingError::Json { path: path.clone(), source })?;
        Ok(vitrine_durable::write(&path, &json)?)
    }

    /// Whether a teacher was saved in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(DESCRIPTION_FILE).exists()
    }

    /// Reads a teacher and checks that its parts are those that were saved together.
    ///
    /// # Errors
    /// When a file is missing, damaged or of another teacher.
    pub fn load(folder: &Path) -> Result<Self, TrainingError> {
        let path = folder.join(DESCRIPTION_FILE);
        let description: Description = serde_json::from_slice(&read(folder, DESCRIPTION_FILE)?)
            .map_err(|source| TrainingError::Json { path: path.clone(), source })?;
        if description.format != FORMAT {
            return Err(TrainingError::Incomplete { path, name: format!("format {FORMAT}") });
        }
        let mut parts = Vec::with_capacity(description.parts.len());
        for (kind, hash) in &description.parts {
            let path = folder.join(kind.file_name());
            let bytes = read(folder, &kind.file_name())?;
            if ContentHash(*blake3::hash(&bytes).as_bytes()) != *hash {
                let name = kind.title().to_owned();
                return Err(TrainingError::Incomplete { path, name });
            }
            let stored: StoredPart = postcard::from_bytes(&bytes)
                .map_err(|source| TrainingError::Part { path, source })?;
            parts.push((*kind, Arc::new(stored.model()?)));
        }
        let Description { items, features, supports, fusion, mixture, .. } = description;
        let n_fused = parts.iter().filter(|(kind, _)| *kind != PartKind::Repeat).count();
        let is_whole = supports.len() == items.len()
            && fusion.len() == n_fused * Fusion::WEIGHTS_A_PART
            && mixture.as_ref().is_none_or(|mixture| mixture.fits(n_fused));
        if !is_whole {
            return Err(TrainingError::Incomplete {
                path,
                name: "weights of all parts".to_owned(),
            });
        }
        let blend = blend(&parts, supports, fusion, mixture);
        let items = Arc::from(items);
        Ok(Self { items, parts, blend, features })
    }
}

fn blend(
    parts: &[(PartKind, Arc<PartModel>)],
    supports: Vec<u8>,
    fusion: Vec<f32>,
    mixture: Option<MixtureWeights>,
) -> Blend {
    let combined = combined(parts);
    let fusion = Fusion::of_supports(combined.fused, supports, fusion);
    match (mixture, combined.repeat) {
        (Some(weights), Some(repeat)) => Blend::Mixture(Mixture::new(repeat, fusion, weights)),
        _ => Blend::Fusion(fusion),
    }
}

#[cfg(test)]
mod tests {
    use vitrine_ranking::PurchaseLog;

    use super::*;
    use crate::next::{ItemKnnConfig, Scorer};

    #[test]
    fn a_part_that_is_too_large_keeps_the_strongest_of_each_row() {
        let sequences: Vec<Vec<u32>> =
            (0..300u32).map(|n| (0..20).map(|i| (n * 7 + i * i) % 120).collect()).collect();
        let log = PurchaseLog::of_sequences(120, &sequences).expect("in range");
        let part = PartModel::ItemKnn(ItemKnn::fit(&log, ItemKnnConfig::default()));
        let whole = bytes_of(&part, PART_BYTES_MAX).expect("plain data");
        let small = bytes_of(&part, whole.len() / 3).expect("plain data");
        assert!(small.len() <= whole.len() / 3, "{} of {}", small.len(), whole.len());
        let stored: StoredPart = postcard::from_bytes(&small).expect("as written");
        let read = stored.model().expect("whole");
        let scores = |part: &PartModel| part.score(&[log.of(3)], 0).expect("scores");
        let (before, after) = (scores(&part), scores(&read));
        let best = |scores: &[f32]| vitrine_evaluation::top_k(scores, 1)[0];
        assert_eq!(best(&before), best(&after));
        assert!(after.iter().zip(&before).all(|(after, before)| after <= before));
    }
}
