//! Text similarity of cards: nearest text vectors.

use rayon::prelude::*;

use crate::neighbours::best;
use crate::{Neighbours, RankingError};

/// Width of a text vector.
pub const TEXT_DIM: usize = 384;
/// Texts below this cosine are not alike.
pub const COSINE_MIN: f32 = 0.3;
/// Rows of one block of cosines: bounds memory.
const ROWS_AT_ONCE: usize = 256;

/// For each card the `k` cards with the most similar vectors, by cosine.
///
/// `cosines(from, to)` are those of the rows `from..to` with all rows; a caller
/// with a fast matrix product brings it along, others take [`cosines`].
///
/// # Shapes
/// `cosines(from, to)` gives \[to − from, n_items\].
pub fn neighbours(
    n_items: usize,
    k: usize,
    cosines: impl Fn(usize, usize) -> Vec<f32> + Sync,
) -> Neighbours {
    let n_blocks = n_items.div_ceil(ROWS_AT_ONCE);
    let blocks: Vec<Vec<Vec<(u32, f32)>>> = (0..n_blocks)
        .into_par_iter()
        .map(|block| {
            let from = block * ROWS_AT_ONCE;
            let to = n_items.min(from + ROWS_AT_ONCE);
            let rows = cosines(from, to);
            (from..to).zip(rows.chunks_exact(n_items)).map(|(i, row)| nearest(i, row, k)).collect()
        })
        .collect();
    Neighbours::from_lists(blocks.into_iter().flatten().collect())
}

fn nearest(item: usize, cosines: &[f32], k: usize) -> Vec<(u32, f32)> {
    let alike = |(other, cosine): &(usize, &f32)| **cosine >= COSINE_MIN && *other != item;
    let list = cosines.iter().enumerate().filter(alike);
    best(list.map(|(other, cosine)| (other as u32, *cosine)).collect(), k)
}

/// Cosines of the rows `from..to` with all rows of unit vectors, \[to − from, n\].
///
/// # Shapes
/// `vectors` \[n, 384\], unit length.
pub fn cosines(vectors: &[f32], from: usize, to: usize) -> Vec<f32> {
    let rows = vectors[from * TEXT_DIM..to * TEXT_DIM].chunks_exact(TEXT_DIM);
    rows.flat_map(|row| vectors.chunks_exact(TEXT_DIM).map(move |vector| dot(row, vector)))
        .collect()
}

/// Checks that vectors are `n_items` rows of 384.
///
/// # Shapes
/// `vectors`: \[n_items, 384\].
///
/// # Errors
/// [`RankingError::Vectors`].
pub fn check(vectors: &[f32], n_items: usize) -> Result<(), RankingError> {
    let n_values = vectors.len();
    if n_values == n_items * TEXT_DIM {
        Ok(())
    } else {
        Err(RankingError::Vectors { n_values, n_items, dim: TEXT_DIM })
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for ((sum, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_those_of_a_full_comparison() {
        let n = 21;
        let mut vectors = vec![0.0; n * TEXT_DIM];
        for i in 0..n {
            // Angle i · 4°, so that cosines fall with the distance of the index.
            let angle = i as f32 * 4f32.to_radians();
            (vectors[i * TEXT_DIM], vectors[i * TEXT_DIM + 200]) = (angle.cos(), angle.sin());
        }
        let lists = neighbours(n, 4, |from, to| cosines(&vectors, from, to));
        let mut of_10: Vec<u32> = lists.of(10).map(|(item, _)| item).collect();
        of_10.sort_unstable();
        assert_eq!(of_10, [8, 9, 11, 12]);
        let far = neighbours(n, n, |from, to| cosines(&vectors, from, to));
        // cos 72.5° is just above 0.3: 18 steps away, not 19.
        assert!(far.of(0).any(|(item, _)| item == 18) && !far.of(0).any(|(item, _)| item == 19));
        assert!(check(&vectors, n).is_ok() && check(&vectors, n + 1).is_err());
    }
}
