//! Principal directions of vectors.

/// Rounds of the iteration: directions good to code by need not be exact eigenvectors.
const ITERATIONS: usize = 12;
/// Part of its length that a direction must keep beside the ones before it.
const INDEPENDENT_MIN: f64 = 1e-5;

/// Directions in which vectors differ most, strongest first.
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalDirections {
    /// Middle of the vectors. \[dim\]
    pub mean: Vec<f32>,
    /// Orthonormal rows; zero where the vectors have fewer directions. \[n_directions, dim\]
    pub directions: Vec<f32>,
    /// Standard deviation of the vectors along each. \[n_directions\]
    pub deviations: Vec<f64>,
}

/// The `n_directions` strongest directions of centred rows. The same rows give the same bits.
///
/// # Shapes
/// `rows` \[n, dim\].
///
/// # Panics
/// When `dim` is 0.
///
/// # Source
/// Subspace iteration: Golub and Van Loan, Matrix computations, 8.2.4.
pub fn principal_directions(rows: &[f32], dim: usize, n_directions: usize) -> PrincipalDirections {
    let n = rows.len() / dim;
    let mut mean = vec![0.0f64; dim];
    for row in rows.chunks_exact(dim) {
        mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x) / n as f64);
    }
    let mean: Vec<f32> = mean.into_iter().map(|x| x as f32).collect();
    let centred: Vec<f32> =
        rows.chunks_exact(dim).flat_map(|row| row.iter().zip(&mean).map(|(x, m)| x - m)).collect();
    let mut basis = start(n_directions * dim);
    orthonormalise(&mut basis, dim);
    for _ in 0..ITERATIONS {
        let mut next = vec![0.0f32; basis.len()];
        for row in centred.chunks_exact(dim) {
            for (direction, next) in basis.chunks_exact(dim).zip(next.chunks_exact_mut(dim)) {
                let along = dot(direction, row);
                next.iter_mut().zip(row).for_each(|(sum, x)| *sum += along * x);
            }
        }
        basis = next;
        orthonormalise(&mut basis, dim);
    }
    let deviation = |direction: &[f32]| {
        let along = centred.chunks_exact(dim).map(|row| f64::from(dot(direction, row)));
        (along.map(|x| x * x).sum::<f64>() / n.max(1) as f64).sqrt()
    };
    let deviations = basis.chunks_exact(dim).map(deviation).collect();
    PrincipalDirections { mean, directions: basis, deviations }
}

/// In eight lanes, which the compiler makes vectors of.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        lanes.iter_mut().zip(a.iter().zip(b)).for_each(|(lane, (a, b))| *lane += a * b);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// A fixed, generic start: any that is not orthogonal to the answer will do.
fn start(n: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

/// Gram–Schmidt over rows, in f64, twice for stability. A row that depends on those before it
/// becomes zero.
fn orthonormalise(basis: &mut [f32], dim: usize) {
    let mut rows: Vec<Vec<f64>> =
        basis.chunks_exact(dim).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for at in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(at);
        let row = &mut rest[0];
        let before = dot(row, row).sqrt();
        for other in done.iter().chain(done.iter()) {
            let overlap = dot(other, row);
            row.iter_mut().zip(other).for_each(|(x, y)| *x -= overlap * y);
        }
        let norm = dot(row, row).sqrt();
        let factor = if norm > before * INDEPENDENT_MIN { norm.recip() } else { 0.0 };
        row.iter_mut().for_each(|x| *x *= factor);
    }
    for (out, row) in basis.chunks_exact_mut(dim).zip(rows) {
        out.iter_mut().zip(row).for_each(|(out, x)| *out = x as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIM: usize = 20;

    /// Vectors about a middle whose spread falls from dimension to dimension.
    fn sloped(n: usize) -> Vec<f32> {
        let spread = |row: &[f32]| -> Vec<f32> {
            row.iter().zip(0..).map(|(x, i)| 0.7 + x * 0.5f32.powi(i)).collect()
        };
        start(n * DIM).chunks_exact(DIM).flat_map(spread).collect()
    }

    #[test]
    fn the_directions_are_orthonormal_and_strongest_first() {
        let found = principal_directions(&sloped(900), DIM, 6);
        for (i, a) in found.directions.chunks_exact(DIM).enumerate() {
            for (j, b) in found.directions.chunks_exact(DIM).enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(a, b) - expected).abs() < 1e-4, "{i} {j}");
            }
            assert!(a[i].abs() > 0.99, "dimension {i} is the {i}th direction");
        }
        assert!(found.deviations.is_sorted_by(|a, b| a > b), "{:?}", found.deviations);
        // A number spread evenly over 1 deviates by 1/√12.
        assert!((found.deviations[0] - 12f64.sqrt().recip()).abs() < 0.02);
    }

    #[test]
    fn few_or_equal_vectors_give_finite_directions() {
        for rows in [Vec::new(), sloped(1), sloped(3), sloped(1).repeat(9)] {
            let found = principal_directions(&rows, DIM, 6);
            assert_eq!(found.directions.len(), 6 * DIM);
            assert!(found.directions.iter().all(|x| x.is_finite()));
            assert!(found.deviations.iter().all(|x| x.is_finite()));
        }
    }
}
