//! Which cards read alike: nearest text vectors.

use rayon::prelude::*;

use crate::neighbours::best;
use crate::{Neighbours, RankingError};

/// Width of a text vector.
pub const TEXT_DIM: usize = 384;
/// Texts below this cosine are not alike.
pub const COSINE_MIN: f32 = 0.3;
const ROWS_AT_ONCE: usize = 8;

/// For each card the `k` cards with the most similar vectors, by cosine.
///
/// # Shapes
/// `vectors` \[n, 384\], unit length.
///
/// # Errors
/// [`RankingError::Vectors`] when they are not `n_items` rows.
pub fn neighbours(vectors: &[f32], n_items: usize, k: usize) -> Result<Neighbours, RankingError> {
    check(vectors, n_items)?;
    let blocks: Vec<Vec<Vec<(u32, f32)>>> = vectors
        .par_chunks(ROWS_AT_ONCE * TEXT_DIM)
        .enumerate()
        .map(|(block, rows)| nearest_of_rows(vectors, rows, (block * ROWS_AT_ONCE) as u32, k))
        .collect();
    Ok(Neighbours::from_lists(blocks.into_iter().flatten().collect()))
}

pub(crate) fn check(vectors: &[f32], n_items: usize) -> Result<(), RankingError> {
    let n_values = vectors.len();
    if n_values == n_items * TEXT_DIM {
        Ok(())
    } else {
        Err(RankingError::Vectors { n_values, n_items, dim: TEXT_DIM })
    }
}

/// Several rows share each pass over the vectors, which come from memory.
fn nearest_of_rows(vectors: &[f32], rows: &[f32], first: u32, k: usize) -> Vec<Vec<(u32, f32)>> {
    let n_rows = rows.len() / TEXT_DIM;
    let mut lists = vec![Vec::new(); n_rows];
    for (other, vector) in vectors.chunks_exact(TEXT_DIM).enumerate() {
        for (r, row) in rows.chunks_exact(TEXT_DIM).enumerate() {
            let cosine = dot(row, vector);
            if cosine >= COSINE_MIN && first as usize + r != other {
                lists[r].push((other as u32, cosine));
            }
        }
    }
    lists.into_iter().map(|list| best(list, k)).collect()
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
        let lists = neighbours(&vectors, n, 4).expect("rows fit");
        let mut of_10: Vec<u32> = lists.of(10).map(|(item, _)| item).collect();
        of_10.sort_unstable();
        assert_eq!(of_10, [8, 9, 11, 12]);
        let far = neighbours(&vectors, n, n).expect("rows fit");
        // cos 72.5° is just above 0.3: 18 steps away, not 19.
        assert!(far.of(0).any(|(item, _)| item == 18) && !far.of(0).any(|(item, _)| item == 19));
        assert!(neighbours(&vectors, n + 1, 4).is_err());
    }
}
