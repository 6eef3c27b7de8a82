//! Vectors of texts, as plain numbers.

/// Unit vectors of texts, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Vectors<'a> {
    /// Numbers a vector.
    pub dim: usize,
    /// \[n, dim\]
    pub rows: &'a [f32],
}

impl Vectors<'_> {
    /// Inner product of two rows.
    pub(crate) fn cosine(&self, a: usize, b: usize) -> f32 {
        let row = |idx: usize| self.rows[idx * self.dim..][..self.dim].chunks_exact(8);
        let mut sums = [0.0_f32; 8];
        for (a, b) in row(a).zip(row(b)) {
            for lane in 0..8 {
                sums[lane] += a[lane] * b[lane];
            }
        }
        sums.iter().sum()
    }
}
