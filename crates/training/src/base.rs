//! A student without a shop: what carries over from the shops it was trained on to
//! one that is new. Items are read by their texts alone, so that it knows every
//! catalogue.
//!
//! Whether people buy a thing again differs most between shops. So a base of several
//! shops sees one scalar more, in the place of the server's score, which no sample has:
//! the shop's [`share_bought_again`] for a card that was bought before. A shop that
//! starts from the base knows its own share, so that the scalar's weights are added to
//! those of "ever bought" ([`fold`]), and what ships is a student like any other.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use candle_core::{Device, Tensor};

use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
use vitrine_evaluation::Windows;
use vitrine_ranking::PurchaseLog;
use vitrine_ranking::text::TEXT_DIM;
use vitrine_student::features::{EVER_BOUGHT, SERVER_SCORE};
use vitrine_student::layout::{HIDDEN1, TENSORS};
use vitrine_student::weights::TensorMap;
use vitrine_student::{CODE_DIM, N_SCALARS};

use crate::checkpoint::{serialise, write_atomic};
use crate::codec::TextBasis;
use crate::control::{Control, Stage};
use crate::distil::{DistilConfig, Material, distil};
use crate::model::read_tensors;
use crate::params::{CODEC, Params, SCORE_INPUTS};
use crate::pretrain::Pretraining;
use crate::samples::{self, Sample};
use crate::snapshots::Snapshots;
use crate::train::Config;
use crate::{Prepared, TrainingError, fit_teacher};

/// A log that has less, or more, of what is taken again says no more than this.
const SHARE_MIN: f32 = 0.005;

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
        let bytes = include_bytes!("../base/online-retail.safetensors");
        Self::from_bytes(bytes, Path::new("base/online-retail.safetensors"))
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
    /// [`TrainingError::File`].
    pub fn save(&self, path: &Path) -> Result<(), TrainingError> {
        let mut arrays: Vec<(String, Vec<usize>, &[f32])> = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| (name.clone(), shape.clone(), values.as_slice()))
            .collect();
        arrays.push((CODEC.to_owned(), vec![TEXT_DIM, CODE_DIM], &self.codec));
        write_atomic(path, &serialise(&arrays, HashMap::new(), path)?)
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

/// ln of the odds that what shoppers take after their first basket is something that they
/// had taken before, / 5: a score is a logarithm of odds, too. About −1 where nothing is
/// taken twice.
pub fn odds_bought_again(log: &PurchaseLog) -> f32 {
    let share = share_bought_again(log).clamp(SHARE_MIN, 1.0 - SHARE_MIN);
    (share / (1.0 - share)).ln() / 5.0
}

fn share_bought_again(log: &PurchaseLog) -> f32 {
    let (mut n_again, mut n) = (0usize, 0usize);
    for shopper in 0..log.n_shoppers() {
        let entries = log.of(shopper);
        let later = entries.iter().position(|entry| entry.basket != entries[0].basket);
        let mut taken: HashSet<u32> = HashSet::new();
        for (i, entry) in entries.iter().enumerate() {
            let is_new = taken.insert(entry.item_idx);
            if later.is_some_and(|later| i >= later) {
                (n, n_again) = (n + 1, n_again + usize::from(!is_new));
            }
        }
    }
    n_again as f32 / n.max(1) as f32
}

/// Adds the weights of the shop's scalar, times its value, to those of "ever bought".
///
/// # Shapes
/// `weights` \[16, width\].
fn fold(weights: &mut [f32], width: usize, bought_again: f32) {
    for i in 0..width {
        let of_shop = std::mem::take(&mut weights[SERVER_SCORE * width + i]);
        weights[EVER_BOUGHT * width + i] += bought_again * of_shop;
    }
}

/// Fills in the shop's scalar.
fn tell(sample: &mut Sample, bought_again: f32) {
    for scalars in sample.scalars.chunks_exact_mut(N_SCALARS) {
        scalars[SERVER_SCORE] = bought_again * scalars[EVER_BOUGHT];
    }
}

/// Trains a base on several shops at once: the logs and lists of each, with the items
/// of all as one catalogue. What happened in the last four weeks of each is left out,
/// as everywhere. `None` when stopped.
///
/// # Errors
/// As [`crate::train()`].
pub fn train_base(
    shops: &[Prepared<'_>],
    config: &Config,
    control: &mut Control<'_>,
) -> Result<Option<Base>, TrainingError> {
    let mut union = Union::default();
    let mut samples = Vec::new();
    for data in shops {
        let until = Windows::ending_at(data.log.last_seconds().unwrap_or(0)).test.start_seconds;
        control.stage(Stage::FittingTeacher);
        let teacher = fit_teacher(data, until, config.seed)?;
        control.stage(Stage::CountingSnapshots);
        let snapshots = Snapshots::build(data, &teacher.weights, until)?;
        control.stage(Stage::DrawingSamples);
        let drawn = samples::draw(data, &snapshots, config.n_sequences, config.seed, control.stop);
        if control.stopped() {
            return Ok(None);
        }
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
    let fingerprint = union.fingerprint(config);
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

/// The catalogues and logs of several shops as one.
#[derive(Default)]
struct Union {
    /// \[n_items · 384\]
    vectors: Vec<f32>,
    lines: Vec<Interaction>,
    n_shoppers: u32,
}

impl Union {
    fn n_items(&self) -> usize {
        self.vectors.len() / TEXT_DIM
    }

    fn add(&mut self, data: &Prepared<'_>, until_seconds: i64) {
        let from = self.n_items() as u64;
        for shopper in 0..data.log.n_shoppers() {
            let entries = data.log.before(shopper, until_seconds);
            self.lines.extend(entries.iter().map(|entry| Interaction {
                shopper: ShopperId(self.n_shoppers + shopper as u32),
                item: ItemId(from + u64::from(entry.item_idx)),
                kind: EventKind::Purchase,
                at_seconds: entry.at_seconds,
                basket: entry.basket,
                quantity: 1,
                price_minor: 0,
            }));
        }
        self.n_shoppers += data.log.n_shoppers() as u32;
        self.vectors.extend_from_slice(data.vectors);
    }

    /// A sample of the shop that is added next.
    fn shifted(&self, mut sample: Sample) -> Sample {
        let from = self.n_items() as u32;
        sample.items.iter_mut().chain(&mut sample.candidates).for_each(|item| *item += from);
        sample
    }

    fn log(&self) -> Result<PurchaseLog, TrainingError> {
        let ids: Vec<ItemId> = (0..self.n_items() as u64).map(ItemId).collect();
        Ok(PurchaseLog::new(&ids, &self.lines)?)
    }

    /// Names a run: a checkpoint of another is not gone on with.
    fn fingerprint(&self, config: &Config) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("base {config:?}").as_bytes());
        hasher.update(&crate::checkpoint::bytes_of(&self.vectors));
        for line in &self.lines {
            hasher.update(&line.item.0.to_le_bytes());
            hasher.update(&line.at_seconds.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scalar_of_the_shop_is_folded_into_ever_bought() {
        let mut base = Base::pretrained().expect("it ships");
        for (name, width) in [("score.s", HIDDEN1), ("score.lin", 1)] {
            let (_, values) = base.tensors.get_mut(name).expect("a tensor");
            values[SERVER_SCORE * width..][..width].fill(2.0);
        }
        let text = TextBasis::new(&[0.05; 3 * TEXT_DIM], 3).expect("three texts");
        let params = |share| base.params(3, &text, share).expect("a base").tensors();
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
    fn what_is_bought_again_is_counted_after_the_first_basket() {
        let ids: Vec<ItemId> = (0..3).map(ItemId).collect();
        let line = |shopper, item, basket| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(item),
            kind: EventKind::Purchase,
            at_seconds: i64::from(basket),
            basket,
            quantity: 1,
            price_minor: 0,
        };
        let log = |lines: &[Interaction]| PurchaseLog::new(&ids, lines).expect("a log");
        assert_eq!(share_bought_again(&log(&[])), 0.0);
        assert_eq!(share_bought_again(&log(&[line(1, 0, 1), line(1, 1, 1)])), 0.0, "no second");
        let lines = [line(1, 0, 1), line(1, 0, 2), line(1, 1, 2), line(1, 1, 3), line(2, 2, 4)];
        assert_eq!(share_bought_again(&log(&lines)), 2.0 / 3.0);
        assert!((odds_bought_again(&log(&lines)) - 2f32.ln() / 5.0).abs() < 1e-6);
        assert!((odds_bought_again(&log(&[])) + 1.06).abs() < 0.01);
    }

    #[test]
    fn the_base_that_ships_is_whole_and_small_and_a_damaged_one_is_refused() {
        assert!(Base::pretrained().is_ok());
        let bytes = include_bytes!("../base/online-retail.safetensors");
        assert!(bytes.len() <= 1 << 20, "a base is at most 1 MiB");
        let path = Path::new("a base");
        for n in [0, 7, 8, 100, bytes.len() - 1] {
            assert!(Base::from_bytes(&bytes[..n], path).is_err(), "{n} bytes of it");
        }
    }
}
