//! A student without a shop: what carries over from the shops it was trained on to
//! one that is new. Items are read by their texts alone, so that it knows every
//! catalogue.
//!
//! Whether people buy a thing again differs most between shops. So a base of several
//! shops sees one scalar more, in the place of the server's score, which no sample has:
//! the shop's [`odds_bought_again`] for a card that was bought before. A shop that
//! starts from the base knows its own odds, so that the scalar's weights are added to
//! those of "ever bought" ([`fold`]), and what ships is a student like any other.

mod odds;
mod union;

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};

use vitrine_evaluation::Windows;
use vitrine_ranking::text::TEXT_DIM;
use vitrine_student::CODE_DIM;
use vitrine_student::layout::{HIDDEN1, TENSORS};
use vitrine_student::weights::TensorMap;

pub use odds::odds_bought_again;
use odds::{fold, tell};
use union::Union;

use crate::checkpoint::serialise;
use crate::codec::TextBasis;
use crate::config::Config;
use crate::control::{Control, Stage};
use crate::distil::{DistilConfig, Material, distil};
use crate::model::read_tensors;
use crate::params::{CODEC, Params, SCORE_INPUTS};
use crate::pretrain::Pretraining;
use crate::ranking_moments;
use crate::teacher::{Teacher, TeacherConfig};
use crate::{PreparedData, TrainingError};

/// Arrays that carry over.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The student's.
    tensors: TensorMap,
    /// Text vector → code, \[384, 64\].
    codec: Vec<f32>,
}

impl Base {
    /// The base that comes with Vitrine; `base/README.md` says how it was made.
    ///
    /// # Errors
    /// As [`Self::load`]: never, as a test reads it.
    pub fn pretrained() -> Result<Self, TrainingError> {
        let bytes = include_bytes!("../../base/pretrained.safetensors");
        Self::from_bytes(bytes, Path::new("base/pretrained.safetensors"))
    }

    /// Reads a base.
    ///
    /// # Errors
    /// [`TrainingError::File`], [`TrainingError::Tensors`] when it is damaged,
    /// [`TrainingError::Incomplete`] when an array is missing or of another shape.
    pub fn load(path: &Path) -> Result<Self, TrainingError> {
        let bytes = std::fs::read(path)
            .map_err(|source| TrainingError::File { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes, path)
    }

    /// The same of bytes; `path` is for messages.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, TrainingError> {
        let mut tensors = read_tensors(bytes, path)?;
        let incomplete =
            |name: &str| TrainingError::Incomplete { path: path.to_owned(), name: name.to_owned() };
        let codec = tensors.remove(CODEC).filter(|(shape, _)| shape[..] == [TEXT_DIM, CODE_DIM]);
        let (_, codec) = codec.ok_or_else(|| incomplete(CODEC))?;
        for spec in TENSORS {
            let found = tensors.get(spec.name).filter(|(shape, _)| shape[..] == *spec.shape);
            found.ok_or_else(|| incomplete(spec.name))?;
        }
        let values = tensors.values().flat_map(|(_, values)| values).chain(&codec);
        if values.into_iter().any(|x| !x.is_finite()) {
            return Err(incomplete("finite values"));
        }
        Ok(Self { tensors, codec })
    }

    /// Writes the base.
    ///
    /// # Errors
    /// [`TrainingError::Durable`].
    pub fn save(&self, path: &Path) -> Result<(), TrainingError> {
        let mut arrays: Vec<(String, Vec<usize>, &[f32])> = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| (name.clone(), shape.clone(), values.as_slice()))
            .collect();
        arrays.push((CODEC.to_owned(), vec![TEXT_DIM, CODE_DIM], &self.codec));
        Ok(vitrine_durable::write(path, &serialise(&arrays, HashMap::new(), path)?)?)
    }

    /// The arrays that the training of a shop with these [`odds_bought_again`] starts
    /// from; codes are those of the texts.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn params(
        &self,
        n_items: usize,
        text: &TextBasis,
        bought_again: f32,
    ) -> Result<Params, TrainingError> {
        let codec = Tensor::from_slice(&self.codec, (TEXT_DIM, CODE_DIM), &Device::Cpu)?;
        let codec = text.basis.t()?.matmul(&codec)?.flatten_all()?.to_vec1()?;
        let mut params = Params::new(n_items, codec, 0);
        params.take(&self.tensors);
        params.values_mut(SCORE_INPUTS).into_iter().for_each(|inputs| {
            fold(&mut inputs[2 * CODE_DIM * HIDDEN1..], HIDDEN1, bought_again);
        });
        params.values_mut("score.lin").into_iter().for_each(|line| fold(line, 1, bought_again));
        Ok(params)
    }
}

/// Trains a base on several shops at once: the logs and lists of each, with the items
/// of all as one catalogue. What happened in the last four weeks of each is left out,
/// as everywhere. `None` when stopped.
///
/// # Errors
/// As [`crate::train()`].
pub fn train_base(
    shops: &[PreparedData<'_>],
    config: &Config,
    control: &mut Control<'_>,
) -> Result<Option<Base>, TrainingError> {
    let mut union = Union::default();
    let mut samples = Vec::new();
    for data in shops {
        let until = Windows::ending_at(data.log.last_seconds().unwrap_or(0)).test.start_seconds;
        control.stage(Stage::FittingTeacher);
        // Of each shop as many logs, in one round.
        let sizes = TeacherConfig::new(config.seed);
        let drawn = Teacher::fit(data, until, &sizes, control.stop)
            .and_then(|teacher| ranking_moments::draw(data, &teacher, until, (config, 1), control));
        let drawn = match drawn {
            Err(TrainingError::Stopped) => return Ok(None),
            drawn => drawn?,
        };
        let bought_again = odds_bought_again(&data.log.truncated(until));
        samples.extend(drawn.into_iter().map(|mut sample| {
            // One shop says nothing of how shops differ.
            if shops.len() > 1 {
                tell(&mut sample, bought_again);
            }
            union.shifted(sample)
        }));
        union.add(data, until);
    }
    if samples.is_empty() {
        return Err(TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 });
    }
    let n_items = union.n_items();
    let text = TextBasis::new(&union.vectors, n_items)?;
    // Nothing is learned of a card but what its text says.
    let n_buyers = vec![0; n_items];
    let mut params = Params::new(n_items, text.initial.clone(), config.seed);
    let fingerprint = union.fingerprint(config, &samples);
    if config.n_entries > 0 {
        control.stage(Stage::Pretraining);
        let log = union.log()?;
        let pretraining = Pretraining {
            log: &log,
            text: &text,
            n_buyers: &n_buyers,
            n_entries: config.n_entries,
            seed: config.seed,
            from_base: false,
        };
        if pretraining.run(&mut params, control)?.is_none() {
            return Ok(None);
        }
    }
    control.stage(Stage::Distilling);
    let material = Material { samples: &samples, text: &text, n_buyers: &n_buyers };
    let distil_config = DistilConfig::from(config);
    let Some(params) = distil(material, &distil_config, params, &fingerprint, control)? else {
        return Ok(None);
    };
    let codec = text.expand(params.values(CODEC))?;
    Ok(Some(Base { tensors: params.tensors(), codec }))
}

#[cfg(test)]
mod tests {
    use vitrine_student::features::{EVER_BOUGHT, SERVER_SCORE};

    use super::*;

    #[test]
    fn the_scalar_of_the_shop_is_folded_into_ever_bought() {
        let mut base = Base::pretrained().expect("it ships");
        for (name, width) in [("score.s", HIDDEN1), ("score.lin", 1)] {
            let (_, values) = base.tensors.get_mut(name).expect("a tensor");
            values[SERVER_SCORE * width..][..width].fill(2.0);
        }
        let text = TextBasis::new(&[0.05; 3 * TEXT_DIM], 3).expect("three texts");
        let params = |odds| base.params(3, &text, odds).expect("a base").tensors();
        let (never, often) = (params(0.0), params(0.5));
        for (name, width) in [("score.s", HIDDEN1), ("score.lin", 1)] {
            let differences: Vec<f32> =
                often[name].1.iter().zip(&never[name].1).map(|(a, b)| a - b).collect();
            for (i, row) in differences.chunks(width).enumerate() {
                let expected = if i == EVER_BOUGHT { 1.0 } else { 0.0 };
                assert!(row.iter().all(|d| (d - expected).abs() < 1e-5), "{name} {i}: {row:?}");
            }
            assert!(often[name].1[SERVER_SCORE * width..][..width].iter().all(|w| *w == 0.0));
        }
    }

    #[test]
    fn the_base_that_ships_is_whole_and_small_and_a_damaged_one_is_refused() {
        assert!(Base::pretrained().is_ok());
        let bytes = include_bytes!("../../base/pretrained.safetensors");
        assert!(bytes.len() <= 1 << 20, "a base is at most 1 MiB");
        let path = Path::new("a base");
        for n in [0, 7, 8, 100, bytes.len() - 1] {
            assert!(Base::from_bytes(&bytes[..n], path).is_err(), "{n} bytes of it");
        }
    }
}
