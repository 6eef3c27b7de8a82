//! Fits the last layer of a student on the newest window of the shop's log that its
//! network has not seen: some shoppers' purchases of that window are held out from
//! everything else that is learned.
//!
//! What is compared is what a device would have compared: the candidates that it would
//! have drawn then, with the counts and lists that would have been published then, after
//! the whole log and after a log that forgot all but its newest events. The
//! weights of cards without a past are fitted once more with a tenth of the items taken for
//! new, so that there are choices of them in every shop; how often such a card is bought at
//! all is then fitted where none is.

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::{Popularity, neighbour_lists, related_lists};
use vitrine_student::counting::{CandidateGroup, Inputs, N_INPUTS, N_SHARED};
use vitrine_student::last_layer::{BY_GROUP, LastLayer, LinearLayer, N_LINEAR};
use vitrine_student::{
    ItemTable, LogEntry, N_SCALARS, Ranker, Shopper, Weights, candidates, features,
};

use crate::as_new::AsNew;
use crate::logit::{self, ChoiceSet, Pull, Sizes};
use crate::snapshots::item_table;
use crate::{PreparedData, TrainedModel, TrainingError};

/// Held out in any case, if there are so many.
const SHOPPERS_MIN: usize = 400;
/// Held out at most.
const SHOPPERS_MAX: usize = 2_000;
/// Events that a forgetful log remembers, at most.
const REMEMBERED_MAX: usize = 8;
/// Where the weights of the network are among those of a linear layer.
const NETWORK_WEIGHTS: [usize; 3] = [0, BY_GROUP[0], BY_GROUP[0] + BY_GROUP[1]];
/// What every card without a past is given, among the weights of a linear layer.
const WITHOUT_PAST_BIAS: usize = BY_GROUP[0] + BY_GROUP[1] + N_SHARED;
/// Pull of each weight towards where it starts, in choices.
const PULL: f64 = 1.0;

/// The shoppers whose purchases of the newest window teach the last layer alone.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// First second of the window.
    pub from_seconds: i64,
    /// First second after it.
    pub until_seconds: i64,
    /// Numbers in the log, ascending.
    pub shoppers: Vec<usize>,
}

impl HeldOut {
    /// Draws some of those who bought in the four weeks before `until_seconds` and before
    /// them: of a small shop all, of a large one at most half, and so many as it takes to
    /// fit a few numbers.
    pub fn draw(data: &PreparedData<'_>, until_seconds: i64, seed: u64) -> Self {
        let from_seconds = until_seconds - WINDOW_SECONDS;
        let has_chosen = |n: &usize| {
            let is_known = !data.log.before(*n, from_seconds).is_empty();
            is_known && !data.log.between(*n, from_seconds, until_seconds).is_empty()
        };
        let all: Vec<usize> = (0..data.log.n_shoppers()).filter(has_chosen).collect();
        let n = all.len().min((all.len() / 2).clamp(SHOPPERS_MIN, SHOPPERS_MAX));
        let mut rng = SmallRng::seed_from_u64(seed ^ 0x1a57);
        let mut shoppers: Vec<usize> =
            index::sample(&mut rng, all.len(), n).into_iter().map(|i| all[i]).collect();
        shoppers.sort_unstable();
        Self { from_seconds, until_seconds, shoppers }
    }

    /// The material without what is held out.
    pub fn rest<'a>(&self, data: &PreparedData<'a>) -> PreparedData<'a> {
        let keep = |n: usize| match self.shoppers.binary_search(&n) {
            Ok(_) => data.log.before(n, self.from_seconds).len(),
            Err(_) => data.log.of(n).len(),
        };
        // Everyone held out has bought before, so that the shoppers keep their numbers.
        PreparedData { log: data.log.heads(keep), ..data.clone() }
    }
}

/// The last layers that may ship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastLayers {
    /// Over the network and what counting says.
    pub full: LastLayer,
    /// Over what counting says alone.
    pub counting: LastLayer,
    /// Choices that both were fitted on.
    pub n_choices: usize,
}

/// Fits both last layers of a trained network.
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] for features that are not finite.
pub fn fit(
    data: &PreparedData<'_>,
    held: &HeldOut,
    model: &TrainedModel,
    seed: u64,
) -> Result<LastLayers, TrainingError> {
    let weights = model.packed.weights().with_last_layer(None);
    let choices = |as_new: Option<&AsNew>| -> Vec<ChoiceSet> {
        let table = table_at(data, held.from_seconds, model, &weights, as_new);
        let moment = Moment { data, held, weights: &weights, table: &table };
        held.shoppers.par_iter().flat_map_iter(|n| moment.choices(*n, seed)).collect()
    };
    let (some_new, as_it_was) = (choices(Some(&AsNew::draw(data.n_items(), seed))), choices(None));
    let is_without_past = |i: usize| i % N_LINEAR >= NETWORK_WEIGHTS[2];
    let fit = |start: &LastLayer, is_free: fn(usize) -> bool| {
        let fitted = fit_layer(&as_it_was, start, is_free)?;
        let fitted = fit_layer(&some_new, &fitted, |i| is_free(i) && is_without_past(i))?;
        fit_layer(&as_it_was, &fitted, |i| i % N_LINEAR == WITHOUT_PAST_BIAS)
    };
    // The first input of each group is the network's score.
    let counts = |i: usize| !NETWORK_WEIGHTS.contains(&(i % N_LINEAR));
    let without = LastLayer { long: LinearLayer::ZERO, short: LinearLayer::ZERO };
    Ok(LastLayers {
        full: fit(&LastLayer::NETWORK, |_| true)?,
        counting: fit(&without, counts)?,
        n_choices: as_it_was.len(),
    })
}

/// The layer that makes choices likeliest, as far as its weights are free.
fn fit_layer(
    choices: &[ChoiceSet],
    start: &LastLayer,
    is_free: impl Fn(usize) -> bool,
) -> Result<LastLayer, TrainingError> {
    let centre = [start.long.values(), start.short.values()].concat();
    let centre: Vec<f64> = centre.into_iter().map(f64::from).collect();
    let pull = Pull { centre: &centre, strength: PULL };
    let sizes = Sizes { n_features: N_INPUTS, by_group: &BY_GROUP };
    logit::fit(choices, sizes, &pull, is_free).map(|weights| layer(&weights))
}

fn layer(weights: &[f64]) -> LastLayer {
    let half = |from: usize| {
        let values: [f32; N_LINEAR] = std::array::from_fn(|i| weights[from + i] as f32);
        LinearLayer::from_values(&values)
    };
    LastLayer { long: half(0), short: half(N_LINEAR) }
}

/// The catalogue as a device would have had it at a moment, under the trained codes.
fn table_at(
    data: &PreparedData<'_>,
    at_seconds: i64,
    model: &TrainedModel,
    weights: &Weights,
    as_new: Option<&AsNew>,
) -> ItemTable {
    let (past, ids) = (data.log.truncated(at_seconds), &data.ids);
    let mut popularity = Popularity::new(&past, at_seconds);
    let mut lists = [related_lists(&past, ids), neighbour_lists(&past, ids)];
    let codes = match as_new {
        None => model.codes_for(ids, data.vectors),
        Some(as_new) => {
            as_new.clear_buyers(&mut popularity);
            lists.iter_mut().for_each(|lists| as_new.clear_lists(ids, lists));
            as_new.without_residuals(ids, model).codes_for(ids, data.vectors)
        }
    };
    item_table(data, &popularity, (&lists[0], &lists[1]), &codes, weights)
}

struct Moment<'a, 'd> {
    data: &'a PreparedData<'d>,
    held: &'a HeldOut,
    weights: &'a Weights,
    table: &'a ItemTable,
}

impl Moment<'_, '_> {
    /// What the `n`th shopper chose, after all their events and after a few.
    fn choices(&self, n: usize, seed: u64) -> Vec<ChoiceSet> {
        let mut rng = SmallRng::seed_from_u64(seed ^ (n as u64).wrapping_mul(0x9e37_79b9));
        let log = self.log(n);
        let few = rng.random_range(1..=REMEMBERED_MAX);
        let newest = (log.len() > few).then(|| &log[log.len() - few..]);
        let logs = [Some(&log[..]), newest].into_iter().flatten();
        logs.flat_map(|log| self.choices_after(n, log)).collect()
    }

    /// What was chosen of all candidates, and what of those that were new to the shopper:
    /// what people buy again would drown the order of what they have not bought yet.
    fn choices_after(&self, n: usize, log: &[LogEntry]) -> Vec<ChoiceSet> {
        let HeldOut { from_seconds, until_seconds, .. } = *self.held;
        let within = self.data.log.between(n, from_seconds, until_seconds);
        let shopper = Shopper::from_log(self.weights, log);
        let rows = candidates::feed(self.table, self.weights, &shopper, FEED_CANDIDATES_MAX);
        let is_target = |row: &u32| within.iter().any(|entry| entry.item_idx == *row);
        let now_ms = from_seconds * 1_000;
        let (weights, table) = (self.weights, self.table);
        let network = Ranker::new().rank(weights, table, &shopper, now_ms, &rows, None);
        let mut scalars = vec![0.0; rows.len() * N_SCALARS];
        features::dynamic(table, &shopper, now_ms, &rows, None, &mut scalars);
        let inputs = Inputs::new(table, &shopper, now_ms, &rows, &scalars, &network);
        let is_target: Vec<bool> = rows.iter().map(is_target).collect();
        let all = choice(&inputs, &is_target, |_| true);
        let is_repeat = |i: usize| inputs.groups[i] == CandidateGroup::Repeat;
        let has_repeats = inputs.groups.contains(&CandidateGroup::Repeat);
        let new = has_repeats.then(|| choice(&inputs, &is_target, |i| !is_repeat(i)));
        [all, new.flatten()].into_iter().flatten().collect()
    }

    /// All that the device of the `n`th shopper would have held when the window began.
    fn log(&self, n: usize) -> Vec<LogEntry> {
        let events = self.data.events_before(n, self.held.from_seconds);
        events.iter().filter_map(|event| self.table.entry_of(event)).collect()
    }
}

/// A choice among some of the candidates; `None` where it says nothing.
fn choice(
    inputs: &Inputs,
    is_target: &[bool],
    is_asked: impl Fn(usize) -> bool,
) -> Option<ChoiceSet> {
    let asked: Vec<usize> = (0..inputs.len()).filter(|i| is_asked(*i)).collect();
    let n_targets = asked.iter().filter(|i| is_target[**i]).count();
    if n_targets == 0 || n_targets == asked.len() {
        return None;
    }
    let share = 1.0 / n_targets as f32;
    Some(ChoiceSet {
        shortness: inputs.shortness,
        rows: asked.iter().flat_map(|i| inputs.row(*i)).copied().collect(),
        groups: asked.iter().map(|i| inputs.groups[*i] as u8).collect(),
        targets: asked.iter().map(|i| if is_target[*i] { share } else { 0.0 }).collect(),
        log_weights: vec![0.0; asked.len()],
    })
}
