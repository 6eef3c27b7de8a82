//! The kernels against sums written down plainly, on random shapes with ragged tails.

use proptest::prelude::*;
use vitrine_vision::kernels::{DepthwiseShape, Finish, PANEL, depthwise, product};

/// Numbers that follow from a seed, between −1 and 1.
fn random(seed: u32, n: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn finished(sum: f32, at: usize, finish: Finish<'_>) -> f32 {
    let value = sum * finish.scales[at] + finish.biases[at];
    if finish.is_rectified { value.clamp(0.0, 6.0) } else { value }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn products_are_sums_in_order(
        seed in any::<u32>(),
        rows in 1usize..11,
        k in 1usize..40,
        n_panels in 1usize..4,
        is_rectified in any::<bool>(),
    ) {
        let n = n_panels * PANEL;
        let (x, weights) = (random(seed, rows * k), random(seed ^ 1, k * n));
        let (scales, biases) = (random(seed ^ 2, n), random(seed ^ 3, n));
        let finish = Finish { scales: &scales, biases: &biases, is_rectified };
        let panels: Vec<f32> = (0..n_panels)
            .flat_map(|p| (0..k).map(move |t| (p, t)))
            .flat_map(|(p, t)| weights[t * n + p * PANEL..][..PANEL].to_vec())
            .collect();
        let mut y = vec![f32::NAN; rows * n];
        product(&x, &panels, &mut y, k, finish);
        for (at, y) in y.iter().enumerate() {
            let (row, column) = (at / n, at % n);
            let sum = (0..k).fold(0.0, |sum, t| sum + x[row * k + t] * weights[t * n + column]);
            prop_assert_eq!(*y, finished(sum, column, finish));
        }
    }

    #[test]
    fn depthwise_sums_leave_out_what_is_outside(
        seed in any::<u32>(),
        side_in in 1usize..14,
        kernel in prop::sample::select(vec![3usize, 5]),
        stride in 1usize..3,
        n_panels in 1usize..3,
    ) {
        let n = n_panels * PANEL;
        let side_out = side_in.div_ceil(stride);
        let padding_before = ((side_out - 1) * stride + kernel).saturating_sub(side_in) / 2;
        let shape = DepthwiseShape { n, kernel, stride, padding_before, side_in, side_out };
        let x = random(seed, side_in * side_in * n);
        let weights = random(seed ^ 1, kernel * kernel * n);
        let (scales, biases) = (random(seed ^ 2, n), random(seed ^ 3, n));
        let finish = Finish { scales: &scales, biases: &biases, is_rectified: true };
        let mut y = vec![f32::NAN; side_out * side_out * n];
        depthwise(&x, &weights, &mut y, shape, finish);
        for (at, y) in y.iter().enumerate() {
            let (pixel, channel) = (at / n, at % n);
            let mut sum = 0.0;
            for position in 0..kernel * kernel {
                let row = pixel / side_out * stride + position / kernel;
                let column = pixel % side_out * stride + position % kernel;
                let is_in = |at: usize| (padding_before..side_in + padding_before).contains(&at);
                if is_in(row) && is_in(column) {
                    let from = (row - padding_before) * side_in + column - padding_before;
                    sum += x[from * n + channel] * weights[position * n + channel];
                }
            }
            prop_assert_eq!(*y, finished(sum, channel, finish));
        }
    }
}
