//! A small product that a kernel must compute rightly before it is used.

use super::matrix::{Entry, PackedMatrix, Rows};
use super::{Kernel, portable};

const N_ROWS: usize = 19;
const N_IN: usize = 128;
const N_OUT: usize = 64;
/// Sums of bfloat16 in another order differ by this part at most.
const BFLOAT16_TOLERANCE: f32 = 1e-3;

/// Whether a kernel gives what the portable one does: the same bits of integers, nearly the
/// same of bfloat16.
pub(super) fn is_right(kernel: Kernel) -> bool {
    let entry = kernel.entry();
    let rows = rows(N_ROWS, N_IN, entry);
    let matrix = matrix(N_IN, N_OUT, entry);
    let mut expected = vec![0.0; Kernel::n_out_rows(N_ROWS) * N_OUT];
    let mut found = expected.clone();
    portable::multiply(&rows, &matrix, &mut expected);
    kernel.multiply(&rows, &matrix, &mut found);
    let (expected, found) = (&expected[..N_ROWS * N_OUT], &found[..N_ROWS * N_OUT]);
    match entry {
        Entry::Integer => expected == found,
        Entry::Bfloat16 => {
            let largest = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            let is_near = |(a, b): (&f32, &f32)| (a - b).abs() <= largest * BFLOAT16_TOLERANCE;
            expected.iter().zip(found).all(is_near)
        }
    }
}

/// Made-up activations, no two rows alike.
pub(super) fn rows(n_rows: usize, dim: usize, entry: Entry) -> Rows {
    let mut rows = Rows::new(entry);
    rows.reset(n_rows, dim);
    for row in 0..n_rows {
        let values: Vec<f32> = (0..dim).map(|at| wave(row * dim + at, 0.7)).collect();
        rows.set(row, &values);
    }
    rows
}

/// Made-up weights, no two outputs alike.
pub(super) fn matrix(n_in: usize, n_out: usize, entry: Entry) -> PackedMatrix {
    let weights: Vec<f32> = (0..n_in * n_out).map(|at| wave(at, 0.3)).collect();
    PackedMatrix::new(&weights, n_in, entry)
}

fn wave(at: usize, frequency: f32) -> f32 {
    (at as f32 * frequency).sin() + ((at * 7 % 11) as f32 - 5.0) * 0.1
}
