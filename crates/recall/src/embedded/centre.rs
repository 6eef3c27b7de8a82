//! Cosines about the middle: of the items for items, of likely queries for queries.
//!
//! The vectors of one shop's items have much in common, which says nothing of a query, and
//! texts as short as a query's lie elsewhere than those of items.
//!
//! # Source
//! Mu, Viswanath, "All-but-the-Top", ICLR 2018, without the directions; a mean for each kind
//! of text was found here (docs/experiments/search-relevance.md).

#[cfg(feature = "server")]
use crate::TEXT_DIM;

/// The middles of items and queries.
#[cfg(feature = "server")]
pub(super) struct Centre {
    /// \[384\]
    items: Vec<f32>,
    /// \[384\]
    queries: Vec<f32>,
}

/// A query, ready to be compared with rows.
pub(super) struct CentredQuery {
    /// Of length 1, about the middle of queries: of as many numbers as the index asks for.
    vector: Vec<f32>,
    /// Its inner product with the middle of items.
    #[cfg(feature = "server")]
    with_items: f32,
}

#[cfg(feature = "server")]
impl Centre {
    /// `None` where there are no items.
    ///
    /// # Shapes
    /// `parts`: \[n, 384\] each; `queries`: \[384\].
    pub(super) fn new(parts: &[&[f32]], queries: &[f32]) -> Option<Self> {
        let n = parts.iter().map(|part| part.len()).sum::<usize>() / TEXT_DIM;
        if n == 0 {
            return None;
        }
        let mut sum = vec![0.0f64; TEXT_DIM];
        for vector in parts.iter().flat_map(|part| part.chunks_exact(TEXT_DIM)) {
            sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let items = sum.into_iter().map(|sum| (sum / n as f64) as f32).collect();
        Some(Self { items, queries: queries.to_vec() })
    }

    /// 1 / |vector − middle| of each row; 0 for one that lies in the middle. \[n\]
    pub(super) fn inverse_lengths(&self, vectors: &[f32]) -> Vec<f32> {
        vectors.chunks_exact(TEXT_DIM).map(|row| inverse_length(row, &self.items)).collect()
    }

    pub(super) fn query(&self, vector: &[f32]) -> CentredQuery {
        let query = CentredQuery::about(vector, &self.queries);
        CentredQuery { with_items: dot(&query.vector, &self.items), ..query }
    }
}

impl CentredQuery {
    /// Of length 1 about the middle of queries, for rows that are about theirs already.
    pub(super) fn about(vector: &[f32], middle: &[f32]) -> Self {
        let scale = inverse_length(vector, middle);
        let vector = vector.iter().zip(middle).map(|(x, middle)| (x - middle) * scale).collect();
        Self {
            vector,
            #[cfg(feature = "server")]
            with_items: 0.0,
        }
    }

    /// Its direction.
    pub(super) fn vector(&self) -> &[f32] {
        &self.vector
    }

    /// A query where nothing is about a middle.
    #[cfg(feature = "server")]
    pub(super) fn of(vector: &[f32]) -> Self {
        Self { vector: vector.to_vec(), with_items: 0.0 }
    }

    /// The cosine with a row, by the row's [`Centre::inverse_lengths`].
    #[cfg(feature = "server")]
    pub(super) fn cosine(&self, row: &[f32], inverse_length: f32) -> f32 {
        (dot(&self.vector, row) - self.with_items) * inverse_length
    }
}

fn inverse_length(vector: &[f32], middle: &[f32]) -> f32 {
    let squares = vector.iter().zip(middle).map(|(x, middle)| (x - middle) * (x - middle));
    let length = squares.sum::<f32>().sqrt();
    if length > f32::EPSILON { length.recip() } else { 0.0 }
}

/// Inner product in eight independent sums, which the compiler turns into
/// vector instructions.
///
/// # Shapes
/// `a`, `b`: the same length, a multiple of 8.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    fn vector(values: [f32; 3]) -> Vec<f32> {
        let mut vector = vec![0.0; TEXT_DIM];
        vector[..3].copy_from_slice(&values);
        vector
    }

    #[test]
    fn what_all_have_in_common_does_not_count() {
        let items = [[1.0, 0.6, 0.0], [1.0, -0.6, 0.0], [1.0, 0.0, 0.4], [1.0, 0.0, -0.4]];
        let rows: Vec<f32> = items.into_iter().flat_map(vector).collect();
        let centre = Centre::new(&[&rows[..TEXT_DIM], &rows[TEXT_DIM..]], &vector([0.0, 0.0, 0.5]))
            .expect("there are items");
        let query = centre.query(&vector([0.0, 2.0, 0.5]));
        let inverse = centre.inverse_lengths(&rows);
        let cosines: Vec<f32> = rows
            .chunks_exact(TEXT_DIM)
            .zip(&inverse)
            .map(|(row, inverse)| query.cosine(row, *inverse))
            .collect();
        for (found, expected) in cosines.iter().zip([1.0, -1.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-5, "{cosines:?}");
        }
    }

    #[test]
    fn an_item_in_the_middle_and_no_items_are_no_error() {
        let row = vector([0.5, 0.5, 0.0]);
        let centre = Centre::new(&[&row], &row).expect("there is an item");
        assert_eq!(centre.query(&row).cosine(&row, centre.inverse_lengths(&row)[0]), 0.0);
        assert!(Centre::new(&[], &row).is_none());
    }
}
