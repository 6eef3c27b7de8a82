//! The forward pass of BERT-like networks on the CPU.
//!
//! Products run on 16-bit numbers, by the widest kernel that the machine has; what lies
//! between them is f32. Texts of a batch lie one behind the other, whatever their lengths, so
//! there is no padding and no attention mask.
//!
//! | kernel | numbers | products a cycle and unit |
//! |---|---|---|
//! | AMX | bfloat16 | 512 |
//! | AVX-512 VNNI | integers of 12 and 13 bits | 32 |
//! | AVX2 | the same, same bits | 16 |
//! | portable | the same, same bits | as the compiler finds |

#[cfg(target_arch = "x86_64")]
mod amx;
mod kernel;
mod matrix;
mod network;
mod portable;
mod steps;
mod trial;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use kernel::Kernel;
pub(crate) use matrix::DIM_STEP;
use matrix::{Entry, Rows};
pub(crate) use network::Network;
pub(crate) use steps::erf;

#[cfg(test)]
mod tests {
    use super::matrix::Entry;
    use super::{Kernel, portable, trial};

    pub(super) fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
        let largest = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs() / largest;
            assert!(error <= tolerance, "{found} for {expected}");
        }
    }

    #[test]
    fn every_integer_kernel_gives_the_bits_of_the_portable_one() {
        let n_rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 33];
        for (n_in, n_out) in [(64, 64), (128, 192), (384, 64)] {
            let matrix = trial::matrix(n_in, n_out, Entry::Integer);
            for n_rows in n_rows {
                let rows = trial::rows(n_rows, n_in, Entry::Integer);
                let mut expected = vec![0.0; Kernel::n_out_rows(n_rows) * n_out];
                portable::multiply(&rows, &matrix, &mut expected);
                for kernel in Kernel::available().filter(|k| k.entry() == Entry::Integer) {
                    let mut found = vec![0.0; expected.len()];
                    kernel.multiply(&rows, &matrix, &mut found);
                    assert_eq!(found, expected, "{} on {n_rows} rows", kernel.name());
                }
            }
        }
    }

    #[test]
    fn both_kinds_of_numbers_are_near_the_exact_product() {
        let (n_rows, n_in, n_out) = (5, 128, 64);
        let wave = |at: usize, f: f64| ((at as f64 * f).sin() * 1.5) as f32;
        let x: Vec<f32> = (0..n_rows * n_in).map(|at| wave(at, 0.7)).collect();
        let w: Vec<f32> = (0..n_out * n_in).map(|at| wave(at, 0.31)).collect();
        let exact = |row: usize, out: usize| -> f32 {
            let pairs = x[row * n_in..][..n_in].iter().zip(&w[out * n_in..][..n_in]);
            pairs.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum::<f64>() as f32
        };
        let expected: Vec<f32> =
            (0..n_rows * n_out).map(|at| exact(at / n_out, at % n_out)).collect();
        for (entry, tolerance) in [(Entry::Integer, 1e-2), (Entry::Bfloat16, 5e-2)] {
            let matrix = super::matrix::PackedMatrix::new(&w, n_in, entry);
            let mut rows = super::Rows::new(entry);
            rows.reset(n_rows, n_in);
            for (row, values) in x.chunks_exact(n_in).enumerate() {
                rows.set(row, values);
            }
            let mut found = vec![0.0; Kernel::n_out_rows(n_rows) * n_out];
            portable::multiply(&rows, &matrix, &mut found);
            assert_near(&found[..n_rows * n_out], &expected, tolerance);
        }
    }
}
