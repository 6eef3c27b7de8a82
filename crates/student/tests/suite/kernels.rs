use vitrine_student::golden::Generator;
use vitrine_student::kernels::{self, Accumulate, scalar};

fn values(generator: &mut Generator, n: usize) -> Vec<f32> {
    (0..n).map(|_| generator.unit() * 2.0 - 1.0).collect()
}

#[test]
fn products_agree_bit_for_bit_with_the_scalar_twin_and_with_f64() {
    let mut generator = Generator::new(11);
    for (k, n) in [(64, 64), (64, 256), (256, 64), (64, 32), (3, 64)] {
        for rows in [1, 2, 3, 4, 5, 7, 8, 13, 64] {
            let (x, w) = (values(&mut generator, rows * k), values(&mut generator, k * n));
            let start = values(&mut generator, rows * n);
            for accumulate in [Accumulate::No, Accumulate::Yes] {
                let (mut fast, mut plain) = (start.clone(), start.clone());
                kernels::gemm(&x, &w, &mut fast, (k, n), accumulate);
                scalar::gemm(&x, &w, &mut plain, (k, n), accumulate);
                assert_eq!(fast, plain, "{rows}×{k}×{n}");
                for (i, value) in fast.iter().enumerate() {
                    let (r, c) = (i / n, i % n);
                    let exact: f64 =
                        (0..k).map(|t| f64::from(x[r * k + t]) * f64::from(w[t * n + c])).sum();
                    let base = if accumulate == Accumulate::Yes { start[i] } else { 0.0 };
                    let error = (f64::from(*value) - exact - f64::from(base)).abs();
                    assert!(error < 1e-4, "{rows}×{k}×{n}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_company() {
    let mut generator = Generator::new(12);
    let (x, w) = (values(&mut generator, 7 * 64), values(&mut generator, 64 * 64));
    let mut together = vec![0.0; 7 * 64];
    kernels::gemm(&x, &w, &mut together, (64, 64), Accumulate::No);
    for (row, expected) in x.chunks_exact(64).zip(together.chunks_exact(64)) {
        let mut alone = vec![0.0; 64];
        kernels::gemm(row, &w, &mut alone, (64, 64), Accumulate::No);
        assert_eq!(alone, expected);
    }
}

#[test]
fn attention_agrees_with_its_twin_and_weighs_up_to_one() {
    let mut generator = Generator::new(13);
    for n in [1, 2, 3, 17, 64] {
        let query = values(&mut generator, 64);
        let keys = values(&mut generator, n * 64);
        let (mut fast, mut plain) = (vec![0.0; 64], vec![0.0; 64]);
        let random = values(&mut generator, n * 64);
        kernels::attend(&query, &keys, &random, &mut fast);
        scalar::attend(&query, &keys, &random, &mut plain);
        assert_eq!(fast, plain);
        kernels::attend(&query, &keys, &vec![1.0; n * 64], &mut fast);
        assert!(fast.iter().all(|value| (value - 1.0).abs() < 1e-5), "{fast:?}");
    }
}

#[test]
fn relu_leaves_nothing_negative_and_nothing_that_is_not_a_number() {
    let mut x = [-1.0, 2.0, -0.0, f32::NAN, f32::NEG_INFINITY, 0.5, f32::INFINITY];
    kernels::relu(&mut x);
    assert_eq!(
        x.map(f32::to_bits),
        [0.0, 2.0, 0.0, 0.0, 0.0, 0.5, f32::INFINITY].map(f32::to_bits)
    );
}

#[test]
fn softmax_is_that_of_f64_for_every_tail() {
    let mut generator = Generator::new(16);
    for n in 1..=64 {
        let logits: Vec<f32> = values(&mut generator, n).iter().map(|value| value * 30.0).collect();
        let mut found = logits.clone();
        scalar::softmax(&mut found);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = logits.iter().map(|v| f64::from(v - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        for (found, power) in found.iter().zip(powers) {
            assert!((f64::from(*found) - power / sum).abs() < 1e-6, "{n} logits: {found}");
        }
    }
}

#[test]
fn layer_norm_has_mean_bias_and_deviation_gain() {
    let x = values(&mut Generator::new(14), 64);
    let mut out = vec![0.0; 64];
    kernels::layer_norm(&x, &[2.0; 64], &[0.5; 64], &mut out);
    let mean = out.iter().sum::<f32>() / 64.0;
    let variance = out.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 64.0;
    assert!((mean - 0.5).abs() < 1e-5 && (variance - 4.0).abs() < 1e-2, "{mean} {variance}");
}

#[test]
fn integer_scores_are_exact_at_the_extremes_and_for_every_tail() {
    let mut generator = Generator::new(15);
    for dim in [16, 32, 48, 64, 112, 128, 384, 400] {
        for n in [0, 1, 2, 3, 4, 5, 9, 33] {
            let mut codes: Vec<i8> =
                (0..n * dim).map(|_| (generator.below(256) as i32 - 128) as i8).collect();
            if n > 1 {
                codes[..dim].fill(-128);
                codes[dim..2 * dim].fill(127);
            }
            let random: Vec<i8> =
                (0..dim).map(|_| (generator.below(256) as i32 - 128) as i8).collect();
            for query in [random, vec![-128; dim], vec![127; dim]] {
                let mut scores = vec![0; n];
                kernels::scores_i8(&codes, &query, &mut scores);
                for (row, score) in codes.chunks_exact(dim).zip(scores) {
                    let exact: i64 =
                        row.iter().zip(&query).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum();
                    assert_eq!(i64::from(score), exact, "dim {dim}, {n} rows");
                }
            }
        }
    }
}
