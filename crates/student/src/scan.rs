//! Exact scan of i8 codes: the k best dot products with a query, ties by index.
//!
//! The server's recall and the browser's feed use the same kernel.

use crate::kernels;

/// Rows scored before the best are picked out; their scores stay in cache.
const BLOCK_ROWS: usize = 1024;

/// Exact dot product of two rows of the same length.
///
/// # Shapes
/// `a`, `b`: \[n\].
pub fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    assert_eq!(a.len(), b.len(), "rows of the same length");
    kernels::scalar::dot_i8(a, b)
}

/// Rounds a query to i8: symmetric, the largest absolute value becomes 127,
/// half away from zero. A query of zeros stays zero.
///
/// # Shapes
/// \[n\] → \[n\].
pub fn quantise(query: &[f32]) -> Vec<i8> {
    let largest = query.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return vec![0; query.len()];
    }
    let factor = 127.0 / largest;
    query.iter().map(|value| (value * factor).round().clamp(-127.0, 127.0) as i8).collect()
}

/// The k rows with the largest dot products that `skip` does not refuse, best
/// first, ties by lower row.
///
/// `skip` is asked only about rows that would make it into the result.
///
/// # Shapes
/// `codes` `[n, dim]`, `query` `[dim]`; dim a multiple of 16, at most 65,536.
///
/// # Panics
/// When the lengths do not fit.
pub fn scan_top_k(
    codes: &[i8],
    dim: usize,
    query: &[i8],
    k: usize,
    skip: impl Fn(u32) -> bool,
) -> Vec<(u32, i32)> {
    assert_eq!(query.len(), dim, "the query has the codes' dimension");
    let mut best = TopK::new(k);
    let mut scores = [0; BLOCK_ROWS];
    for (block, codes) in codes.chunks(BLOCK_ROWS * dim).enumerate() {
        let scores = &mut scores[..codes.len() / dim];
        kernels::scores_i8(codes, query, scores);
        best.offer(scores, (block * BLOCK_ROWS) as u32, &skip);
    }
    best.into_sorted()
}

/// The k of some rows, which ascend, with the largest dot products, best first, ties by
/// lower row.
///
/// # Shapes
/// `codes` `[n, query.len()]`.
///
/// # Panics
/// When a row is not among the codes.
pub fn rows_top_k(
    codes: &[i8],
    query: &[i8],
    k: usize,
    rows: impl Iterator<Item = u32>,
) -> Vec<(u32, i32)> {
    let mut best = TopK::new(k);
    for row in rows {
        let code = &codes[row as usize * query.len()..][..query.len()];
        let mut score = [0];
        kernels::scores_i8(code, query, &mut score);
        best.offer(&score, row, &|_| false);
    }
    best.into_sorted()
}

/// Keeps the k largest scores of a stream with increasing rows.
///
/// Candidates gather unsorted up to twice k; then the worse half goes and its
/// best score becomes the bar. A score equal to the bar at a later row loses
/// against what is kept, so the bar is strict.
struct TopK {
    k: usize,
    /// Score and row packed so that smaller is better.
    keys: Vec<u64>,
    bar: i32,
}

fn pack(score: i32, row: u32) -> u64 {
    // Flipping all but the sign bit of the two's complement reverses its order.
    (u64::from(!((score as u32) ^ 0x8000_0000)) << 32) | u64::from(row)
}

fn unpack(key: u64) -> (u32, i32) {
    (key as u32, (!((key >> 32) as u32) ^ 0x8000_0000) as i32)
}

impl TopK {
    fn new(k: usize) -> Self {
        Self { k, keys: Vec::new(), bar: i32::MIN }
    }

    fn offer(&mut self, scores: &[i32], first_row: u32, skip: &impl Fn(u32) -> bool) {
        if self.k == 0 {
            return;
        }
        for (i, score) in scores.iter().enumerate() {
            let below = *score <= self.bar && self.keys.len() >= self.k;
            let row = first_row + i as u32;
            if below || skip(row) {
                continue;
            }
            self.keys.push(pack(*score, row));
            if self.keys.len() >= 2 * self.k + 64 {
                self.shrink();
            }
        }
    }

    fn shrink(&mut self) {
        if self.keys.len() <= self.k {
            return;
        }
        self.keys.select_nth_unstable(self.k - 1);
        self.keys.truncate(self.k);
        self.bar = unpack(self.keys[self.k - 1]).1;
    }

    fn into_sorted(mut self) -> Vec<(u32, i32)> {
        self.shrink();
        self.keys.sort_unstable();
        self.keys.into_iter().map(unpack).collect()
    }
}
