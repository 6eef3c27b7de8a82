//! Gradients beside finite differences, on made-up models of every kind.

#[path = "../../tests/made_up/mod.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod made_up;

use candle_core::{Device, Tensor, Var};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::AdapterTarget;
use super::contrast::{Batch, contrast};
use super::network::{Beside, BesideAll, FrozenNetwork};
use crate::config::ModelConfig;
use crate::weights::{Weights, read_weight_file};

const RANK: usize = 2;
const STEP: f32 = 5e-3;

/// Numbers of every product of both layers, A and B.
fn drawn(config: &ModelConfig) -> Vec<(usize, AdapterTarget, Vec<f32>, Vec<f32>)> {
    let mut rng = SmallRng::seed_from_u64(7);
    let mut numbers =
        |n: usize| -> Vec<f32> { (0..n).map(|_| rng.random_range(-0.1..0.1)).collect() };
    let products = (0..2).flat_map(|layer| AdapterTarget::ALL.map(|target| (layer, target)));
    products
        .map(|(layer, target)| {
            let (n_in, n_out) = target.shape(config.dim(), config.n_inner());
            (layer, target, numbers(RANK * n_in), numbers(RANK * n_out))
        })
        .collect()
}

#[test]
fn gradients_are_those_of_finite_differences() {
    for kind in &made_up::KINDS {
        let dir = kind.write();
        let bytes = read_weight_file(dir.path(), "model.safetensors").unwrap();
        let (config, _) = ModelConfig::read(dir.path()).unwrap();
        let network = FrozenNetwork::load(&config, &Weights::open(&bytes).unwrap()).unwrap();
        let (ids, lengths) = ([2, 4, 3, 2, 6, 7, 8, 9, 3, 2, 5, 1, 3], [3, 6, 4]);
        let dim = config.n_kept();
        let mut rng = SmallRng::seed_from_u64(9);
        let toward: Vec<f32> = (0..3 * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
        let toward = Tensor::from_slice(&toward, (3, dim), &Device::Cpu).unwrap();
        let value = |numbers: &[(usize, AdapterTarget, Vec<f32>, Vec<f32>)]| {
            let var = |values: &[f32], shape| {
                Var::from_tensor(&Tensor::from_slice(values, shape, &Device::Cpu).unwrap()).unwrap()
            };
            let all: Vec<Beside> = numbers
                .iter()
                .map(|(layer, target, a, b)| Beside {
                    layer: *layer,
                    target: *target,
                    a: var(a, (RANK, a.len() / RANK)),
                    b: var(b, (b.len() / RANK, RANK)),
                })
                .collect();
            let beside = BesideAll { all: &all, scale: 2.0 };
            let unit = network.forward(&ids, &lengths, &beside).unwrap();
            let value = (unit * &toward).unwrap().sum_all().unwrap();
            (value, all)
        };
        let mut numbers = drawn(&config);
        let (loss, vars) = value(&numbers);
        let gradients = loss.backward().unwrap();
        for (at, var) in vars.iter().enumerate() {
            let gradient = |var: &Var| -> Vec<f32> {
                gradients.get(var).unwrap().flatten_all().unwrap().to_vec1().unwrap()
            };
            let (of_a, of_b) = (gradient(&var.a), gradient(&var.b));
            let what = (kind.hidden, var.layer, var.target);
            // Along the gradient itself, where a difference is largest.
            let along = |numbers: &mut [(usize, AdapterTarget, Vec<f32>, Vec<f32>)], by: f32| {
                let (_, _, a, b) = &mut numbers[at];
                a.iter_mut().zip(&of_a).for_each(|(x, g)| *x += by * g);
                b.iter_mut().zip(&of_b).for_each(|(x, g)| *x += by * g);
            };
            let squared: f32 = of_a.iter().chain(&of_b).map(|g| g * g).sum();
            assert!(squared > 0.0, "{what:?}");
            let step = STEP / squared.sqrt();
            let scalar = |numbers: &[_]| value(numbers).0.to_scalar::<f32>().unwrap();
            along(&mut numbers, step);
            let above = scalar(&numbers);
            along(&mut numbers, -2.0 * step);
            let below = scalar(&numbers);
            along(&mut numbers, step);
            let (found, expected) = ((above - below) / (2.0 * step), squared);
            let error = (found - expected).abs() / expected;
            assert!(error < 0.03, "{what:?}: {found} for {expected}");
        }
    }
}

#[test]
fn the_loss_has_the_gradient_of_finite_differences_and_leaves_out_what_is_not_wrong() {
    let dim = 3;
    let unit = |x: [f32; 3]| x;
    let queries = [unit([0.6, 0.8, 0.0]), unit([0.0, 0.6, 0.8])].concat();
    let passages =
        [[0.8, 0.6, 0.0], [0.0, 0.8, 0.6], [0.6, 0.0, 0.8], [1.0, 0.0, 0.0]].map(unit).concat();
    let told = |queries: &[f32], passages: &[f32]| {
        let is_wrong: &dyn Fn(usize, usize) -> bool = &|query, passage| (query, passage) != (0, 2);
        contrast(&Batch { queries, passages, dim, is_wrong, temperature: 0.3 })
    };
    let here = told(&queries, &passages);
    assert_eq!(here.probabilities[2], 0.0, "it is not wrong for the first query");
    assert!(here.probabilities[4 + 2] > 0.0);
    let step = 1e-3;
    for at in 0..queries.len() {
        let moved = |by: f32| {
            let mut queries = queries.clone();
            queries[at] += by;
            told(&queries, &passages).loss
        };
        let found = (moved(step) - moved(-step)) / (2.0 * step);
        assert!((found - here.of_queries[at]).abs() < 2e-3, "query {at}: {found}");
    }
    for at in 0..passages.len() {
        let moved = |by: f32| {
            let mut passages = passages.clone();
            passages[at] += by;
            told(&queries, &passages).loss
        };
        let found = (moved(step) - moved(-step)) / (2.0 * step);
        assert!((found - here.of_passages[at]).abs() < 2e-3, "passage {at}: {found}");
    }
}
