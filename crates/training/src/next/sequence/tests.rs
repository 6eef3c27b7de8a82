//! The transformer on sequences that count up by one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_evaluation::top_k;
use vitrine_ranking::PurchaseLog;
use vitrine_ranking::text::TEXT_DIM;

use super::*;
use crate::codec::TextBasis;
use crate::next::leak_tests::SMALL;
use crate::next::{Split, Task};

const N_ITEMS: usize = 40;

fn log() -> PurchaseLog {
    let mut rng = SmallRng::seed_from_u64(5);
    let sequences: Vec<Vec<u32>> = (0..300)
        .map(|_| {
            let first = rng.random_range(0..N_ITEMS as u32);
            (0..rng.random_range(4..20)).map(|i| (first + i) % N_ITEMS as u32).collect()
        })
        .collect();
    PurchaseLog::of_sequences(N_ITEMS, &sequences).expect("in range")
}

/// Trains; stops by itself during pass `stop_in`, if one is given.
fn train(
    checkpoint: Option<&Path>,
    stop_in: Option<usize>,
) -> Result<(SequenceModel, Vec<Epoch>), TrainingError> {
    let task = Task::leave_one_out(&log(), Split::Validation);
    let stop = AtomicBool::new(stop_in == Some(0));
    let mut epochs = Vec::new();
    let mut progress = |epoch: Epoch| {
        epochs.push(epoch);
        stop.store(stop_in == Some(epoch.epoch), Ordering::Relaxed);
    };
    let mut control = FitControl { stop: &stop, progress: &mut progress, checkpoint };
    let (model, _) = fit(&task, None, SMALL, &mut control)?;
    Ok((model, epochs))
}

#[test]
fn it_learns_to_count_and_one_seed_gives_one_result() {
    let (model, epochs) = train(None, None).expect("trained");
    let best = epochs.last().expect("passes").best_ndcg;
    assert!(best > 0.8, "validation NDCG@10 {best}");
    assert!(epochs.last().expect("passes").loss < epochs[0].loss);
    let log = PurchaseLog::of_sequences(N_ITEMS, &[vec![3, 4, 5, 6, 7, 8, 9]]).expect("in range");
    let scores = model.score(&[log.of(0), &[]], 0).expect("shapes fit");
    assert_eq!(top_k(&scores[..N_ITEMS], 1), [10]);
    assert!(scores[N_ITEMS..].iter().all(|score| score.is_finite()), "an empty history is ranked");
    let (again, _) = train(None, None).expect("trained");
    assert_eq!(again.items, model.items);
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sequence.safetensors");
    assert!(matches!(train(Some(&path), Some(2)), Err(TrainingError::Stopped)));
    let (resumed, epochs) = train(Some(&path), None).expect("trained");
    assert_eq!(epochs[0].epoch, 3, "two passes were kept");
    let (whole, _) = train(None, None).expect("trained");
    assert_eq!(resumed.items, whole.items);
    let (_, epochs) = train(Some(&path), None).expect("finished");
    assert!(epochs.is_empty(), "a finished run is not repeated");
}

#[test]
fn a_new_item_is_ranked_by_its_text() {
    // Item i reads like a point on a circle; item 40 was never taken and reads
    // nearly like item 10.
    let n_items = N_ITEMS + 1;
    let mut vectors = vec![0.0; n_items * TEXT_DIM];
    for item in 0..n_items {
        let turn = if item == N_ITEMS { 10.05 } else { item as f32 };
        let angle = turn / N_ITEMS as f32 * std::f32::consts::TAU;
        for k in 0..8 {
            let at = item * TEXT_DIM + 2 * k;
            let (sin, cos) = (angle * (k + 1) as f32).sin_cos();
            (vectors[at], vectors[at + 1]) = (sin / 8f32.sqrt(), cos / 8f32.sqrt());
        }
    }
    let text = TextBasis::new(&vectors, n_items).expect("vectors");
    let log = log();
    let sequences: Vec<Vec<u32>> = (0..log.n_shoppers())
        .map(|n| log.of(n).iter().map(|entry| entry.item_idx).collect())
        .collect();
    let log = PurchaseLog::of_sequences(n_items, &sequences).expect("in range");
    let task = Task::leave_one_out(&log, Split::Validation);
    let stop = AtomicBool::new(false);
    let mut control = FitControl { stop: &stop, progress: &mut |_| {}, checkpoint: None };
    let (model, _) = fit(&task, Some(&text), SMALL, &mut control).expect("trained");
    let probe = PurchaseLog::of_sequences(n_items, &[vec![5, 6, 7, 8, 9]]).expect("in range");
    let scores = model.score(&[probe.of(0)], 0).expect("shapes fit");
    assert!(top_k(&scores, 6).contains(&(N_ITEMS as u32)), "{:?}", top_k(&scores, 6));
}
