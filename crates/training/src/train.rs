//! The whole run: log → teacher → samples → student.

use std::collections::BTreeMap;

use vitrine_domain::{ItemId, limits};
use vitrine_evaluation::Windows;
use vitrine_ranking::Popularity;
use vitrine_student::{CODE_DIM, Weights};

use crate::base::{Base, odds_bought_again};
use crate::codec::{TextBasis, code_scale};
use crate::config::{Config, FORMAT};
use crate::control::{Control, Stage, TrainingProgress};
use crate::distil::{DistilConfig, Material, distil};
use crate::last_layer::{self, HeldOut, LastLayers};
use crate::params::{CODEC, Params, RESIDUAL};
use crate::pretrain::Pretraining;
use crate::ranking_moments;
use crate::teacher::{Teacher, TeacherConfig};
use crate::{PreparedData, TrainedModel, TrainingData, TrainingError};

/// Rounds of drawing logs: where people buy seldom, most have no moment that can be asked
/// about.
const ROUNDS_MAX: u64 = 5;

/// What a finished run gives.
#[derive(Clone)]
pub struct Trained {
    /// The server's ranker; `None` where too few shoppers bought to fit one.
    pub teacher: Option<Teacher>,
    /// The student and its codec.
    pub model: TrainedModel,
    /// The same network, its scores left out: what counting alone gives.
    pub counting: TrainedModel,
    /// What neither has seen begins here.
    pub until_seconds: i64,
}

/// How a run ended.
#[derive(Clone)]
pub enum Outcome {
    /// With a model.
    Finished(Box<Trained>),
    /// It was stopped; started again with the same data, configuration and
    /// checkpoint it goes on.
    Stopped,
}

/// Trains teacher and student; the student from `base`, or from random weights.
///
/// # Errors
/// When the data do not fit together or are too few, when the loss diverges, or
/// when the checkpoint cannot be read or written.
pub fn train(
    data: TrainingData<'_>,
    config: &Config,
    base: Option<&Base>,
    control: &mut Control<'_>,
) -> Result<Outcome, TrainingError> {
    control.stage(Stage::Indexing);
    let prepared = PreparedData::new(data)?;
    train_prepared(&prepared, config, base, control)
}

/// The same with material that is indexed already.
///
/// # Errors
/// As [`train`].
pub fn train_prepared(
    data: &PreparedData<'_>,
    config: &Config,
    base: Option<&Base>,
    control: &mut Control<'_>,
) -> Result<Outcome, TrainingError> {
    let last = data.log.last_seconds().unwrap_or(0);
    let until = config.until_seconds.unwrap_or(Windows::ending_at(last).test.start_seconds);
    let held = HeldOut::draw(data, until, config.seed);
    let rest = held.rest(data);
    let taught = teacher(data, config, until, control).and_then(|teacher| {
        let samples = match &teacher {
            // Of what is not held out.
            Some(teacher) if config.n_steps > 0 => {
                ranking_moments::draw(&rest, teacher, until, (config, ROUNDS_MAX), control)?
            }
            _ => Vec::new(),
        };
        Ok((teacher, samples))
    });
    let (teacher, samples) = match taught {
        Err(TrainingError::Stopped) => return Ok(Outcome::Stopped),
        taught => taught?,
    };
    if control.stopped() {
        return Ok(Outcome::Stopped);
    }
    let text = TextBasis::new(data.vectors, data.n_items())?;
    let popularity = Popularity::new(&data.log, until);
    let mut params = match base {
        Some(base) => {
            let bought_again = odds_bought_again(&data.log.truncated(until));
            base.params(data.n_items(), &text, bought_again)?
        }
        None => Params::new(data.n_items(), text.initial.clone(), config.seed),
    };
    let fingerprint = fingerprint(data, config, until, &params);
    if config.n_entries > 0 && teacher.is_some() {
        control.stage(Stage::Pretraining);
        let pretraining = Pretraining {
            log: &rest.log.truncated(until),
            text: &text,
            n_buyers: &popularity.n_buyers,
            n_entries: config.n_entries,
            seed: config.seed,
            from_base: base.is_some(),
        };
        if pretraining.run(&mut params, control)?.is_none() {
            return Ok(Outcome::Stopped);
        }
    }
    if !samples.is_empty() {
        control.stage(Stage::Distilling);
        let material = Material { samples: &samples, text: &text, n_buyers: &popularity.n_buyers };
        let distil_config = DistilConfig::from(config);
        match distil(material, &distil_config, params, &fingerprint, control)? {
            Some(distilled) => params = distilled,
            None => return Ok(Outcome::Stopped),
        }
    }
    control.stage(Stage::Packing);
    let network = pack(data, &text, &popularity.n_buyers, &params)?;
    control.stage(Stage::FittingLastLayer);
    let LastLayers { full, counting, n_choices } =
        last_layer::fit(data, &held, &network, config.seed)?;
    (control.progress)(TrainingProgress::LastLayer { n_choices });
    let model = network.clone().with_last_layer(full)?;
    let counting = network.with_last_layer(counting)?;
    let trained = Trained { teacher, model, counting, until_seconds: until };
    Ok(Outcome::Finished(Box::new(trained)))
}

/// The teacher; `None` where nothing is to be learned from one, and of a very small shop, of
/// which only the last layer is fitted.
fn teacher(
    data: &PreparedData<'_>,
    config: &Config,
    until_seconds: i64,
    control: &mut Control<'_>,
) -> Result<Option<Teacher>, TrainingError> {
    if config.n_entries == 0 && config.n_steps == 0 {
        return Ok(None);
    }
    control.stage(Stage::FittingTeacher);
    match Teacher::fit(data, until_seconds, &TeacherConfig::new(config.seed), control.stop) {
        Err(TrainingError::TooLittleData { .. }) => Ok(None),
        teacher => teacher.map(Some),
    }
}

fn pack(
    data: &PreparedData<'_>,
    text: &TextBasis,
    n_buyers: &[u32],
    params: &Params,
) -> Result<TrainedModel, TrainingError> {
    let codec = text.expand(params.values(CODEC))?;
    let rows = params.values(RESIDUAL).as_chunks::<CODE_DIM>().0;
    let residuals = published_residuals(&data.ids, n_buyers, rows);
    let codes = crate::codec::codes(data.vectors, &codec, |i| residuals.get(&data.ids[i]));
    let weights = Weights::from_tensors(&params.tensors(), code_scale(&codes))?;
    TrainedModel::new(weights, codec, residuals)
}

/// The residuals that ship: of cards that enough shoppers bought.
///
/// # Shapes
/// `n_buyers` \[ids.len()\], `rows` \[ids.len(), 64\].
fn published_residuals(
    ids: &[ItemId],
    n_buyers: &[u32],
    rows: &[[f32; CODE_DIM]],
) -> BTreeMap<ItemId, [f32; CODE_DIM]> {
    let rows = ids.iter().zip(n_buyers).zip(rows);
    let enough = rows.filter(|((_, n_buyers), _)| **n_buyers >= limits::BUYERS_MIN);
    enough.map(|((id, _), row)| (*id, *row)).collect()
}

/// Names a run: a checkpoint of another is not gone on with.
fn fingerprint(data: &PreparedData<'_>, config: &Config, until: i64, start: &Params) -> String {
    let mut hasher = blake3::Hasher::new();
    let positives = data.log.positives();
    hasher.update(format!("{FORMAT} {config:?} {until} {positives:?}").as_bytes());
    for param in start.list() {
        hasher.update(&crate::checkpoint::bytes_of(&param.values));
    }
    for id in &data.ids {
        hasher.update(&id.0.to_le_bytes());
    }
    hasher.update(&crate::checkpoint::bytes_of(data.vectors));
    for n in 0..data.log.n_shoppers() {
        for entry in data.log.before(n, until) {
            hasher.update(&entry.at_seconds.to_le_bytes());
            hasher.update(&entry.item_idx.to_le_bytes());
        }
        for event in data.non_purchases.between(n, i64::MIN, until) {
            hasher.update(&event.at_seconds.to_le_bytes());
            hasher.update(&event.item_idx.to_le_bytes());
            hasher.update(&[event.kind as u8]);
        }
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_needs_five_buyers() {
        let ids = [ItemId(1), ItemId(2)];
        let shipped = published_residuals(&ids, &[4, 5], &[[1.0; CODE_DIM], [2.0; CODE_DIM]]);
        assert_eq!(shipped, BTreeMap::from([(ItemId(2), [2.0; CODE_DIM])]));
    }
}
