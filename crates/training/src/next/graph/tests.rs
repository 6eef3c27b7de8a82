use std::sync::atomic::AtomicBool;

use vitrine_graph::{Builder, Relation};
use vitrine_ranking::PurchaseLog;

use super::*;
use crate::TrainingError;
use crate::next::Scorer;
use crate::next::leak_tests::control;

/// Shoppers take items of one half of the first 20; items 20 and 21 were never taken, and
/// bear the name of either half.
fn shop() -> (PurchaseLog, vitrine_graph::Graph) {
    let sequences: Vec<Vec<u32>> = (0..200u32)
        .map(|n| (0..4).map(|i| (n * 7 + i * 3) % 10 + 10 * (n % 2)).collect())
        .collect();
    let log = PurchaseLog::of_sequences(22, &sequences).expect("in range");
    let mut builder = Builder::new(22);
    // Few of each half have the name, so that it is no name of everything.
    for (item, name) in [(0, "a"), (1, "a"), (20, "a"), (10, "b"), (11, "b"), (21, "b")] {
        builder.named(item, Relation::Category, name).expect("in range");
    }
    (log, builder.build().expect("small"))
}

fn config() -> GraphConfig {
    GraphConfig {
        width: 8,
        n_layers: 1,
        name_share: 0.5,
        batch: 64,
        n_negatives: 20,
        n_passes: 8,
        ..GraphConfig::default()
    }
}

fn fitted(config: GraphConfig) -> GraphModel {
    let (log, graph) = shop();
    let propagation = Propagation::new(&log, &graph, config.name_share);
    let (stop, mut progress) = (AtomicBool::new(false), |_| {});
    fit(&log, &propagation, None, config, &mut control(&stop, &mut progress)).expect("fitted")
}

#[test]
fn neighbours_come_first_and_a_new_item_is_found_by_its_name() {
    let asked = PurchaseLog::of_sequences(22, &[vec![0, 1], vec![10, 11]]).expect("in range");
    for perturbation in [0.0, 0.1] {
        let model = fitted(GraphConfig { perturbation, ..config() });
        let scores = model.score(&[asked.of(0), asked.of(1), &[]], 0).expect("scores");
        let row = |n: usize| &scores[n * 22..][..22];
        let mean = |row: &[f32]| row.iter().sum::<f32>() / row.len() as f32;
        assert!(mean(&row(0)[2..10]) > mean(&row(0)[10..20]) + 0.2, "{:?}", row(0));
        assert!(row(0)[20] > row(0)[21] && row(1)[21] > row(1)[20]);
        assert!(row(2).iter().all(|score| *score == 0.0), "nothing is known of a new shopper");
    }
}

#[test]
fn the_gradient_of_smoothing_is_smoothing() {
    let (log, graph) = shop();
    let smooth = |rows| Propagation::new(&log, &graph, 0.3).smooth(rows, 1, 2);
    let unit = |i: usize| {
        let mut rows = vec![0.0f32; 22];
        rows[i] = 1.0;
        rows
    };
    for (i, j) in [(0, 1), (3, 20), (0, 21), (11, 21), (5, 7)] {
        let there = smooth(unit(i))[j];
        assert!((there - smooth(unit(j))[i]).abs() < 1e-6, "S is symmetric");
    }
    assert!(smooth(unit(0))[20] > 0.0, "a name connects");
    assert_eq!(smooth(unit(0))[21], 0.0, "halves are apart");
    let length = |rows: &[f32]| rows.iter().map(|x| x * x).sum::<f32>();
    let rows: Vec<f32> = (0..22).map(|i| (i as f32 * 1.7).sin()).collect();
    assert!(length(&smooth(rows.clone())) <= length(&rows) + 1e-5, "no row grows");
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_model() {
    let (log, graph) = shop();
    let propagation = Propagation::new(&log, &graph, 0.5);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("graph.safetensors");
    let (stop, mut passes) = (AtomicBool::new(false), 0);
    let mut progress = |_| {
        passes += 1;
        stop.store(passes == 3, std::sync::atomic::Ordering::Relaxed);
    };
    let mut first = control(&stop, &mut progress);
    first.checkpoint = Some(&path);
    let stopped = fit(&log, &propagation, None, config(), &mut first);
    assert!(matches!(stopped, Err(TrainingError::Stopped)));
    let (stop, mut n_passes) = (AtomicBool::new(false), 0);
    let mut progress = |_| n_passes += 1;
    let mut second = control(&stop, &mut progress);
    second.checkpoint = Some(&path);
    let resumed = fit(&log, &propagation, None, config(), &mut second).expect("goes on");
    assert_eq!(n_passes, 5, "three of eight passes were done");
    let ask = |model: &GraphModel| model.score(&[log.of(0)], 0).expect("scores");
    assert_eq!(ask(&resumed), ask(&fitted(config())));
}
