//! What is held out must not be seen: with other held-out events, every model
//! that was fitted gives the same bits.

use std::sync::atomic::AtomicBool;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
use vitrine_evaluation::protocol::Windows;
use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::linear::{LinearConfig, Precision};
use super::sequence::{Epoch, FitControl, SequenceConfig};
use super::*;
use crate::next::blend::{self, Parts};

const N_ITEMS: usize = 60;
/// Moment of all questions.
const PROBED_AT: i64 = 200 * DAY_SECONDS;

fn sequences(seed: u64) -> Vec<Vec<u32>> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let item = |rng: &mut SmallRng| rng.random_range(0..N_ITEMS as u32);
    (0..80).map(|_| (0..rng.random_range(3..9)).map(|_| item(&mut rng)).collect()).collect()
}

/// A transformer that is quickly trained.
pub(super) const SMALL: SequenceConfig = SequenceConfig {
    seed: 1,
    width: 16,
    head_dim: 8,
    n_blocks: 1,
    dropout: 0.1,
    n_negatives: 20,
    batch: 16,
    rate: 1e-2,
    residual_decay: 0.0,
    length_max: 6,
    n_epochs: 6,
    patience: 6,
};

pub(super) fn control<'a>(
    stop: &'a AtomicBool,
    progress: &'a mut dyn FnMut(Epoch),
) -> FitControl<'a> {
    FitControl { stop, progress, checkpoint: None }
}

/// Every model of this module, fitted on one log.
fn models(fit: &PurchaseLog) -> Vec<(&'static str, Arc<dyn Scorer>)> {
    let linear = LinearConfig { text_weight: 0.0, ..LinearConfig::default() };
    let precision = Precision::fit(fit, None, &linear).expect("few items");
    let (stop, mut progress) = (AtomicBool::new(false), |_| {});
    let transformer = sequence::fit_for(2, fit, None, SMALL, &mut control(&stop, &mut progress));
    let transition = linear::transition(&precision, fit, &linear);
    let repeat =
        RepeatConfig { window_seconds: 7 * DAY_SECONDS, n_networks: 1, ..RepeatConfig::default() };
    let repeat = RepeatModel::fit(fit, &repeat, &stop).expect("enough is bought again");
    let graph = vitrine_graph::Builder::new(N_ITEMS as u32).build().expect("small");
    let propagation = graph::Propagation::new(fit, &graph, 0.2);
    let config = graph::GraphConfig { width: 8, n_passes: 2, ..graph::GraphConfig::default() };
    let embedded = graph::fit(fit, &propagation, None, config, &mut control(&stop, &mut progress));
    vec![
        ("graph", Arc::new(embedded.expect("trained"))),
        ("repeat", Arc::new(repeat)),
        ("ease", Arc::new(linear::ease(precision, &linear))),
        ("transition", Arc::new(transition)),
        ("sequence", Arc::new(transformer.expect("trained"))),
        ("pop-rec", Arc::new(PopRec::fit(fit))),
        ("frequency", Arc::new(PersonalFrequency::fit(fit, Recency::NONE))),
        ("item-knn", Arc::new(ItemKnn::fit(fit, ItemKnnConfig::default()))),
        ("tifu-knn", Arc::new(TifuKnn::fit(fit, TifuKnnConfig::default()))),
        ("two-hop", Arc::new(TwoHop::fit(fit))),
        ("cadence", Arc::new(Cadence::fit(fit))),
        ("local-ease", Arc::new(local::local_ease(fit, &linear).expect("a ridge"))),
    ]
}

/// Scores of all models after the same histories.
fn scores(fit: &PurchaseLog, probes: &[&[PastPurchase]]) -> Vec<(&'static str, Vec<f32>)> {
    let of = |(name, scorer): (&'static str, Arc<dyn Scorer>)| {
        (name, scorer.score(probes, PROBED_AT).expect("shapes fit"))
    };
    models(fit).into_iter().map(of).collect()
}

#[test]
fn leave_one_out_shows_no_model_a_validation_or_test_item() {
    let original = sequences(1);
    let mut altered = original.clone();
    for sequence in &mut altered {
        let n = sequence.len();
        // Others are held out, and so that none stays the same.
        sequence[n - 2..].iter_mut().for_each(|item| *item = (*item + 7) % N_ITEMS as u32);
    }
    let log = |sequences: &[Vec<u32>]| PurchaseLog::of_sequences(N_ITEMS, sequences).expect("ok");
    let (original, altered) = (log(&original), log(&altered));
    let probes: Vec<&[PastPurchase]> = (0..20).map(|n| &original.of(n)[..1]).collect();
    for split in [Split::Validation, Split::Test] {
        let fit = |log: &PurchaseLog| Task::leave_one_out(log, split).fit;
        assert_eq!(scores(&fit(&original), &probes), scores(&fit(&altered), &probes));
    }
    // The same change where it may be seen does change every model.
    let whole = (scores(&original, &probes), scores(&altered, &probes));
    for ((name, a), (_, b)) in whole.0.iter().zip(&whole.1) {
        assert_ne!(a, b, "{name} would not have noticed a leak");
    }
}

#[test]
fn a_time_split_shows_no_model_anything_of_its_window() {
    let lines = |later_by: u64| -> Vec<Interaction> {
        let mut rng = SmallRng::seed_from_u64(2);
        (0..1_000)
            .map(|n| {
                let day = rng.random_range(0..112i64);
                let item = rng.random_range(0..N_ITEMS as u64);
                // The windows are days 56 to 111.
                let item = if day >= 56 { (item + later_by) % N_ITEMS as u64 } else { item };
                Interaction {
                    shopper: ShopperId(n % 40),
                    item: ItemId(item),
                    kind: EventKind::Purchase,
                    at_seconds: day * DAY_SECONDS,
                    basket: n,
                    quantity: 1,
                    price_minor: 1,
                }
            })
            .collect()
    };
    let ids: Vec<ItemId> = (0..N_ITEMS as u64).map(ItemId).collect();
    let log = |later_by| PurchaseLog::new(&ids, &lines(later_by)).expect("distinct");
    let (original, altered) = (log(0), log(7));
    let validation = Windows::ending_at(112 * DAY_SECONDS - 1).validation;
    let probes: Vec<&[PastPurchase]> = (0..20).map(|n| &original.of(n)[..2]).collect();
    let fit = |log: &PurchaseLog| Task::time_split(log, validation, TargetRule::NextBasket).fit;
    assert_eq!(scores(&fit(&original), &probes), scores(&fit(&altered), &probes));
    assert_ne!(scores(&original, &probes), scores(&altered, &probes));
}

/// Validation items may choose when training stops and how parts are weighed; test
/// items may not.
#[test]
fn what_is_chosen_on_validation_does_not_know_the_test_items() {
    let original = sequences(3);
    let mut altered = original.clone();
    for sequence in &mut altered {
        let last = sequence.len() - 1;
        sequence[last] = (sequence[last] + 7) % N_ITEMS as u32;
    }
    let chosen = |sequences: &[Vec<u32>]| {
        let log = PurchaseLog::of_sequences(N_ITEMS, sequences).expect("in range");
        let task = Task::leave_one_out(&log, Split::Validation);
        let (stop, mut progress) = (AtomicBool::new(false), |_| {});
        let (transformer, n_epochs) =
            sequence::fit(&task, None, SMALL, &mut control(&stop, &mut progress)).expect("trained");
        let parts: Vec<fusion::Part> = vec![
            ("pop-rec".to_owned(), Arc::new(PopRec::fit(&task.fit))),
            ("sequence".to_owned(), Arc::new(transformer)),
        ];
        let parts = Parts { fused: parts, repeat: None };
        let make = |_, _: &Task| Ok::<_, crate::TrainingError>(parts.clone());
        let tasks = std::slice::from_ref(&task);
        let fusion = blend::learn(tasks, (1, &AtomicBool::new(false)), make, |_, _| true)
            .expect("some found");
        let scores = fusion.score(&[&log.of(0)[..1], &[]], PROBED_AT).expect("shapes fit");
        (n_epochs, fusion.fusion().part_weights(), scores)
    };
    assert_eq!(chosen(&original), chosen(&altered));
}
