//! Weights and activations in the order and the numbers that the kernels read.
//!
//! Both are 16 bits wide and read in pairs along the inner dimension, whether they are
//! integers or bfloat16; so all kernels share one order.
//!
//! # Source
//! Row-wise and column-wise scales: Dettmers et al., "LLM.int8()", 2022, with more bits.

/// Outputs of one panel of a weight matrix.
pub(crate) const PANEL: usize = 16;
/// All dimensions of a product are multiples of this.
pub(crate) const DIM_STEP: usize = 64;
/// Largest integer of an activation: 12 bits with its sign.
const ROW_MAX: f32 = 2_047.0;
/// Largest integer of a weight.
const WEIGHT_MAX: f32 = 4_095.0;
/// Largest sum of the absolute integers of one output's weights: with activations of at
/// most [`ROW_MAX`], no sum of products leaves an `i32`.
const WEIGHT_SUM_MAX: f32 = i32::MAX as f32 / ROW_MAX * 0.999;

/// What the 16 bits of an entry are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    /// An integer, with one scale for each row of activations and each output of weights.
    /// Products and sums are exact, so every kernel gives the same bits.
    Integer,
    /// The upper half of an f32.
    Bfloat16,
}

/// As wide as a vector register and a line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line(pub [u16; 32]);

/// A weight matrix \[n_in, n_out\].
///
/// Lines are \[n_out / 16, n_in / 2\]; a line has, for each of 16 outputs, the weights of
/// two neighbouring inputs. That is what both `vpdpwssd` and `tdpbf16ps` multiply.
pub(crate) struct PackedMatrix {
    pub lines: Vec<Line>,
    /// What an integer of an output stands for. \[n_out\]; 1 for bfloat16.
    pub scales: Vec<f32>,
    pub n_in: usize,
    pub n_out: usize,
    pub entry: Entry,
}

impl PackedMatrix {
    /// # Shapes
    /// `weights`: \[n_out, n_in\], as models store them; both multiples of [`DIM_STEP`].
    pub(crate) fn new(weights: &[f32], n_in: usize, entry: Entry) -> Self {
        let n_out = weights.len() / n_in;
        let scales: Vec<f32> = weights.chunks_exact(n_in).map(|row| scale(row, entry)).collect();
        let mut lines = Vec::with_capacity(n_out / PANEL * n_in / 2);
        for panel in 0..n_out / PANEL {
            for pair in 0..n_in / 2 {
                let mut line = Line([0; 32]);
                for (at, bits) in line.0.iter_mut().enumerate() {
                    let output = panel * PANEL + at / 2;
                    let weight = weights[output * n_in + pair * 2 + at % 2];
                    *bits = match entry {
                        Entry::Integer => integer(weight, scales[output].recip()),
                        Entry::Bfloat16 => bfloat16(weight),
                    };
                }
                lines.push(line);
            }
        }
        Self { lines, scales, n_in, n_out, entry }
    }

    /// Lines of one panel.
    pub(crate) fn n_pairs(&self) -> usize {
        self.n_in / 2
    }
}

/// Activations \[n_rows, dim\] as the kernels read them, reused from product to product.
pub(crate) struct Rows {
    entry: Entry,
    /// \[n_rows rounded up to 16, dim / 32\]
    pub lines: Vec<Line>,
    /// What an integer of a row stands for. \[n_rows\]; 1 for bfloat16.
    pub scales: Vec<f32>,
    pub n_rows: usize,
    pub dim: usize,
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(entry: Entry) -> Self {
        Self { entry, lines: Vec::new(), scales: Vec::new(), n_rows: 0, dim: 0 }
    }

    /// Makes room for rows, whose lines are then written by [`Self::set`].
    pub(crate) fn reset(&mut self, n_rows: usize, dim: usize) {
        let n_lines = n_rows.next_multiple_of(PANEL) * dim / 32;
        // What is left of earlier rows lies behind the last row and is not read into a result.
        self.lines.resize(n_lines.max(self.lines.len()), Line([0; 32]));
        self.scales.clear();
        self.scales.resize(n_rows, 1.0);
        (self.n_rows, self.dim) = (n_rows, dim);
    }

    /// Writes one row of `dim` values.
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, values: &[f32]) {
        let n_lines = self.dim / 32;
        let lines = &mut self.lines[row * n_lines..][..n_lines];
        let values = values.as_chunks::<32>().0;
        match self.entry {
            Entry::Integer => {
                let largest = largest(values.as_flattened());
                self.scales[row] = largest / ROW_MAX;
                let factor = if largest > 0.0 { ROW_MAX / largest } else { 0.0 };
                for (line, values) in lines.iter_mut().zip(values) {
                    // `map` of an array would be called, and not be inlined here.
                    for (bits, value) in line.0.iter_mut().zip(values) {
                        *bits = integer(*value, factor);
                    }
                }
            }
            Entry::Bfloat16 => {
                for (line, values) in lines.iter_mut().zip(values) {
                    for (bits, value) in line.0.iter_mut().zip(values) {
                        *bits = bfloat16(*value);
                    }
                }
            }
        }
    }
}

/// The largest absolute value, in 16 independent parts, which the compiler turns into
/// vector instructions.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let mut parts = [0.0f32; 16];
    for chunk in values.as_chunks::<16>().0 {
        for (part, value) in parts.iter_mut().zip(chunk) {
            let value = value.abs();
            *part = if value > *part { value } else { *part };
        }
    }
    parts.into_iter().fold(0.0, f32::max)
}

/// What an integer of these weights of one output stands for.
fn scale(weights: &[f32], entry: Entry) -> f32 {
    if entry == Entry::Bfloat16 {
        return 1.0;
    }
    let (mut largest, mut sum) = (f32::MIN_POSITIVE, 0.0);
    for weight in weights {
        largest = weight.abs().max(largest);
        sum += weight.abs();
    }
    // Rounding can add a half to each.
    let sum_max = WEIGHT_SUM_MAX - weights.len() as f32 / 2.0;
    (largest / WEIGHT_MAX).max(sum / sum_max)
}

/// The nearest integer to `value` · `factor`, which is less than 2¹⁵.
#[inline(always)]
fn integer(value: f32, factor: f32) -> u16 {
    // Adding this rounds to the nearest integer, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    (value * factor + ROUND).to_bits() as u16
}

/// The nearest bfloat16, and of two that are as near the even one.
#[inline(always)]
fn bfloat16(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_products_never_overflow() {
        for n_in in [64, 1_536, 4_096] {
            for weight in [1.0, -3.5e-6, 4.0e8] {
                let matrix =
                    PackedMatrix::new(&vec![weight; n_in * DIM_STEP], n_in, Entry::Integer);
                let integers = matrix.lines.iter().flat_map(|line| line.0);
                let sum: i64 =
                    integers.map(|bits| i64::from((bits as i16).unsigned_abs())).sum::<i64>()
                        / DIM_STEP as i64;
                assert!(sum * ROW_MAX as i64 <= i64::from(i32::MAX), "{n_in} × {weight}: {sum}");
                assert!(sum > 0);
            }
        }
    }

    #[test]
    fn values_survive_their_integers() {
        let values: Vec<f32> = (0..64).map(|i| (i as f32 - 31.0) * 0.37).collect();
        let mut rows = Rows::new(Entry::Integer);
        rows.reset(2, 64);
        rows.set(0, &values);
        rows.set(1, &[0.0; 64]);
        for (value, bits) in values.iter().zip(rows.lines.iter().flat_map(|line| line.0)) {
            let found = f32::from(bits as i16) * rows.scales[0];
            assert!((value - found).abs() <= rows.scales[0] * 0.51, "{value} became {found}");
        }
        assert_eq!(rows.scales[1], 0.0);
        assert!(rows.lines[2].0.iter().all(|bits| *bits == 0));
    }

    #[test]
    fn bfloat16_rounds_to_nearest_even() {
        let near = |value: f32| f32::from_bits(u32::from(bfloat16(value)) << 16);
        assert_eq!(near(1.0), 1.0);
        assert_eq!(near(-2.5), -2.5);
        assert_eq!(near(1.0 + 1.0 / 256.0), 1.0, "between two, the even one");
        assert_eq!(near(1.0 + 3.0 / 256.0), 1.0 + 4.0 / 256.0, "between two, the even one");
    }
}
