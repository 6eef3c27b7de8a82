//! Gradients against central differences.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_student::layout::N_SCALARS;

use super::*;

fn random(rng: &mut SmallRng, n: usize) -> Vec<f32> {
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// Checks d(Σ w·f(inputs)) for random w, at a dozen random places of each input.
fn check(seed: u64, shapes: &[(usize, usize)], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let mut rng = SmallRng::seed_from_u64(seed);
    let inputs: Vec<Vec<f32>> =
        shapes.iter().map(|(rows, width)| random(&mut rng, rows * width)).collect();
    let vars: Vec<Var> = inputs
        .iter()
        .zip(shapes)
        .map(|(values, shape)| {
            Var::from_slice(values, *shape, &Device::Cpu).expect("values fit the shape")
        })
        .collect();
    let out = f(&vars.iter().map(|v| v.as_tensor().clone()).collect::<Vec<_>>()).expect("forward");
    let weights = random(&mut rng, out.elem_count());
    let weigh = |out: &Tensor| {
        let weights = Tensor::from_slice(&weights, out.shape(), &Device::Cpu)?;
        out.mul(&weights)?.sum_all()
    };
    let grads = weigh(&out).expect("sum").backward().expect("backward");
    let value = |inputs: &[Vec<f32>]| -> f64 {
        let tensors: Vec<Tensor> = inputs
            .iter()
            .zip(shapes)
            .map(|(v, shape)| Tensor::from_slice(v, *shape, &Device::Cpu).expect("fits"))
            .collect();
        let out = f(&tensors).expect("forward").flatten_all().expect("flat");
        let out = out.to_vec1::<f32>().expect("values");
        out.iter().zip(&weights).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum()
    };
    for (i, var) in vars.iter().enumerate() {
        let grad = grads.get(var).expect("a gradient").flatten_all().expect("flat");
        let grad = grad.to_vec1::<f32>().expect("values");
        for _ in 0..12 {
            let at = rng.random_range(0..grad.len());
            let step = 2e-2;
            let (mut up, mut down) = (inputs.clone(), inputs.clone());
            up[i][at] += step;
            down[i][at] -= step;
            let expected = (value(&up) - value(&down)) / (2.0 * f64::from(step));
            let error = (f64::from(grad[at]) - expected).abs();
            let allowed = 0.02 * expected.abs() + 0.02;
            assert!(error < allowed, "input {i} at {at}: {} for {expected}", grad[at]);
        }
    }
}

#[test]
fn gradient_of_layer_norm() {
    check(1, &[(5, 64), (1, 64), (1, 64)], |t| {
        layer_norm(&t[0], &t[1].squeeze(0)?, &t[2].squeeze(0)?)
    });
}

#[test]
fn gradient_of_attention() {
    let queries: Arc<[AttentionWindow]> = [(0, 0), (0, 3), (4, 6), (4, 4)]
        .map(|(first, last)| AttentionWindow { first, last })
        .into();
    check(2, &[(4, 64), (7, 64), (7, 64)], |t| {
        attention(&t[0], &t[1], &t[2], Arc::clone(&queries), 16)
    });
}

#[test]
fn attention_is_the_mean_of_values_when_keys_are_alike() {
    let ones = Tensor::ones((2, 64), candle_core::DType::F32, &Device::Cpu).expect("ones");
    let values: Vec<f32> = (0..128).map(|i| if i < 64 { 1.0 } else { 3.0 }).collect();
    let v = Tensor::from_vec(values, (2, 64), &Device::Cpu).expect("fits");
    let queries =
        [AttentionWindow { first: 0, last: 0 }, AttentionWindow { first: 0, last: 1 }].into();
    let out = attention(&ones, &ones, &v, queries, 16).expect("forward");
    let out = out.to_vec2::<f32>().expect("rows");
    assert!((out[0][5] - 1.0).abs() < 1e-6 && (out[1][5] - 2.0).abs() < 1e-6);
}

#[test]
fn gradients_of_the_head() {
    check(3, &[(6, 8), (2, 8)], |t| add_rows(&t[0], &t[1]));
    // Away from the kink: differences straddle it otherwise.
    check(4, &[(6, 8), (3, 8)], |t| add_rows_relu(&(&t[0] * 0.1)?, &((&t[1] * 0.01)? + 0.5)?));
    let scalars: Arc<[f32]> = vec![0.5; 6 * N_SCALARS].into();
    check(5, &[(2, 64), (6, 64)], |t| score_inputs(&t[0], &t[1], Arc::clone(&scalars)));
    check(6, &[(2, 12), (6, 12)], |t| group_dot(&t[0], &t[1]));
}

#[test]
fn gradient_of_sampled_softmax() {
    let sampled =
        || Sampled { targets: vec![7, 3].into(), sampled: vec![1, 3, 5].into(), offset: 0.5 };
    check(8, &[(2, 1), (2, 3)], |t| sampled_softmax(&t[0], &t[1], sampled()));
    // Item 3 stands among the sampled, and is the target of the second row.
    let zeros = |shape: (usize, usize)| {
        Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).expect("zeros")
    };
    let loss = sampled_softmax(&zeros((2, 1)), &zeros((2, 3)), sampled()).expect("forward");
    let e = 0.5f32.exp();
    let expected = (1.0 + 3.0 * e).ln() + (1.0 + 2.0 * e).ln();
    assert!((loss.to_vec1::<f32>().expect("one")[0] - expected).abs() < 1e-5);
}

#[test]
fn a_negative_sum_is_cut_off_and_has_no_gradient() {
    let x = Var::from_slice(&[1.0f32, -3.0], (1, 2), &Device::Cpu).expect("fits");
    let bias = Tensor::ones((1, 2), candle_core::DType::F32, &Device::Cpu).expect("ones");
    let y = add_rows_relu(&x, &bias).expect("forward");
    assert_eq!(y.to_vec2::<f32>().expect("rows"), [[2.0, 0.0]]);
    let grads = y.sum_all().expect("sum").backward().expect("backward");
    let grad = grads.get(&x).expect("a gradient").to_vec2::<f32>().expect("rows");
    assert_eq!(grad, [[1.0, 0.0]]);
}

#[test]
fn gradient_of_the_loss() {
    let targets: Arc<[f32]> = vec![0.2, 0.0, 0.8, 0.0, 0.5, 0.0].into();
    let offsets: Arc<[f32]> = vec![0.0, 1.0, 0.0, 2.0, 0.0, 0.5].into();
    check(7, &[(2, 3)], |t| cross_entropy(&t[0], Arc::clone(&targets), Arc::clone(&offsets)));
    let logits = Tensor::zeros((1, 4), candle_core::DType::F32, &Device::Cpu).expect("zeros");
    let loss = cross_entropy(&logits, vec![1.0, 0.0, 0.0, 0.0].into(), vec![0.0; 4].into());
    let loss = loss.expect("forward").to_vec1::<f32>().expect("one");
    assert!((loss[0] - 4f32.ln()).abs() < 1e-6);
}

#[test]
fn gradient_of_contrast() {
    let targets: Arc<[f32]> = vec![0.2, 0.0, 0.8, 0.0, 0.5, 0.0].into();
    let offsets: Arc<[f32]> = vec![0.0, 1.0, 0.0, 2.0, 0.0, 0.5].into();
    check(8, &[(2, 3)], |t| contrast(&t[0], Arc::clone(&targets), Arc::clone(&offsets)));
    let loss = |logits: [f32; 4], targets: [f32; 4]| {
        let logits = Tensor::from_slice(&logits, (1, 4), &Device::Cpu).expect("four");
        let loss = contrast(&logits, targets.to_vec().into(), vec![0.0; 4].into());
        loss.expect("forward").to_vec1::<f32>().expect("one")[0]
    };
    // Of two that are chosen neither takes anything from the other.
    assert!((loss([0.0; 4], [0.5, 0.5, 0.0, 0.0]) - 3f32.ln()).abs() < 1e-6);
    assert!((loss([0.0, 9.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]) - 3f32.ln()).abs() < 1e-3);
    assert_eq!(loss([0.0; 4], [0.25; 4]), 0.0, "nothing else to choose");
    assert_eq!(loss([0.0; 4], [0.0; 4]), 0.0, "nothing chosen");
}
