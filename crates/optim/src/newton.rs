//! Newton's method for a convex function of few variables.

use thiserror::Error;

/// A function at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivatives {
    /// Its value.
    pub value: f64,
    /// Its gradient, `[n]`.
    pub gradient: Vec<f64>,
    /// Its Hessian, `[n · n]`, symmetric.
    pub hessian: Vec<f64>,
}

impl Derivatives {
    /// All zero: where a sum begins.
    pub fn zeros(n: usize) -> Self {
        Self { value: 0.0, gradient: vec![0.0; n], hessian: vec![0.0; n * n] }
    }

    /// Adds those of another function of the same variables.
    pub fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += b);
        self.hessian.iter_mut().zip(&other.hessian).for_each(|(a, b)| *a += b);
    }

    /// Adds ½ ridge · |at − centre|².
    pub fn add_ridge(&mut self, ridge: f64, at: &[f64], centre: &[f64]) {
        for (i, (at, centre)) in at.iter().zip(centre).enumerate() {
            let away = at - centre;
            self.value += 0.5 * ridge * away * away;
            self.gradient[i] += ridge * away;
            self.hessian[i * self.gradient.len() + i] += ridge;
        }
    }
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewtonConfig {
    /// Most steps.
    pub n_steps_max: usize,
    /// A step that gains less than this part of the value is the last.
    pub gain_min: f64,
    /// So is a step that moves no variable by so much.
    pub step_min: f64,
}

/// The Hessian has no inverse: the function is not strictly convex there, or not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the Hessian is not positive definite: row {row}")]
pub struct NotPositiveDefinite {
    /// Row of the elimination that failed.
    pub row: usize,
}

/// Where a convex function is least, from `start`. A step that does not go down is halved
/// until it does, so that it converges from anywhere.
///
/// # Shapes
/// `start` `[n]` → `[n]`.
///
/// # Errors
/// [`NotPositiveDefinite`].
///
/// # Source
/// Boyd and Vandenberghe, Convex optimization (2004), 9.5, with a line search by halves.
pub fn newton(
    start: Vec<f64>,
    config: NewtonConfig,
    at: impl Fn(&[f64]) -> Derivatives,
) -> Result<Vec<f64>, NotPositiveDefinite> {
    let mut point = start;
    let mut here = at(&point);
    for _ in 0..config.n_steps_max {
        let mut step = solve(here.hessian.clone(), here.gradient.clone())?;
        let is_small = |step: &[f64]| step.iter().all(|x| x.abs() < config.step_min);
        let (next, there) = loop {
            let next: Vec<f64> = point.iter().zip(&step).map(|(x, step)| x - step).collect();
            let there = at(&next);
            if there.value < here.value {
                break (next, there);
            }
            if is_small(&step) {
                return Ok(point);
            }
            step.iter_mut().for_each(|x| *x *= 0.5);
        };
        let gained = here.value - there.value;
        (point, here) = (next, there);
        if gained < config.gain_min * here.value.abs() || is_small(&step) {
            break;
        }
    }
    Ok(point)
}

/// Solves a linear system by elimination with pivots.
///
/// # Shapes
/// `matrix` `[n · n]`, `right` `[n]` → `[n]`.
///
/// # Errors
/// [`NotPositiveDefinite`] when a pivot is 0 or not finite.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Result<Vec<f64>, NotPositiveDefinite> {
    let n = right.len();
    for column in 0..n {
        let largest = |a: &usize, b: &usize| {
            matrix[a * n + column].abs().total_cmp(&matrix[b * n + column].abs())
        };
        let pivot = (column..n).max_by(largest).unwrap_or(column);
        (0..n).for_each(|i| matrix.swap(column * n + i, pivot * n + i));
        right.swap(column, pivot);
        let diagonal = matrix[column * n + column];
        if diagonal == 0.0 || !diagonal.is_finite() {
            return Err(NotPositiveDefinite { row: column });
        }
        for row in column + 1..n {
            let factor = matrix[row * n + column] / diagonal;
            for i in column..n {
                matrix[row * n + i] -= factor * matrix[column * n + i];
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|i| matrix[row * n + i] * right[i]).sum();
        right[row] = (right[row] - known) / matrix[row * n + row];
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: NewtonConfig = NewtonConfig { n_steps_max: 60, gain_min: 0.0, step_min: 1e-9 };

    /// −ln of the likelihood of a logistic regression with a ridge.
    fn logistic(rows: &[([f64; 3], bool)], ridge: f64, weights: &[f64]) -> Derivatives {
        let mut sum = Derivatives::zeros(3);
        for (row, label) in rows {
            let odds: f64 = row.iter().zip(weights).map(|(x, w)| x * w).sum();
            let (p, truth) = (1.0 / (1.0 + (-odds).exp()), f64::from(u8::from(*label)));
            sum.value += odds.max(0.0) + (-odds.abs()).exp().ln_1p() - truth * odds;
            for (i, x) in row.iter().enumerate() {
                sum.gradient[i] += (p - truth) * x;
                for (j, y) in row.iter().enumerate() {
                    sum.hessian[i * 3 + j] += p * (1.0 - p) * x * y;
                }
            }
        }
        sum.add_ridge(ridge, weights, &[0.0; 3]);
        sum
    }

    proptest! {
        /// From anywhere, also where a whole step would overshoot.
        #[test]
        fn the_gradient_of_a_logistic_regression_vanishes_at_the_optimum(
            rows in prop::collection::vec(
                ((-2.0f64..2.0, -2.0f64..2.0).prop_map(|(x, y)| [1.0, x, y]), any::<bool>()), 1..40),
            start in prop::collection::vec(-30.0f64..30.0, 3),
        ) {
            let found = newton(start, CONFIG, |weights| logistic(&rows, 1e-2, weights)).expect("convex");
            let at = logistic(&rows, 1e-2, &found);
            prop_assert!(at.gradient.iter().all(|g| g.abs() < 1e-6), "{:?}", at.gradient);
            let near = |i: usize, by: f64| {
                let mut near = found.clone();
                near[i] += by;
                logistic(&rows, 1e-2, &near).value
            };
            for i in 0..3 {
                prop_assert!(near(i, 1e-2) > at.value && near(i, -1e-2) > at.value);
            }
        }

        #[test]
        fn elimination_solves_a_positive_definite_system(
            rows in prop::collection::vec(prop::collection::vec(-1.0f64..1.0, 4), 4),
            right in prop::collection::vec(-5.0f64..5.0, 4),
        ) {
            // A·Aᵀ + I.
            let matrix: Vec<f64> = (0..16).map(|at| {
                let (i, j) = (at / 4, at % 4);
                let product: f64 = rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum();
                product + if i == j { 1.0 } else { 0.0 }
            }).collect();
            let found = solve(matrix.clone(), right.clone()).expect("positive definite");
            for (row, right) in matrix.chunks(4).zip(right) {
                let product: f64 = row.iter().zip(&found).map(|(a, x)| a * x).sum();
                prop_assert!((product - right).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_is_flat_or_not_finite_is_refused() {
        let flat = |_: &[f64]| Derivatives::zeros(2);
        assert_eq!(newton(vec![0.0; 2], CONFIG, flat), Err(NotPositiveDefinite { row: 0 }));
        let broken =
            |_: &[f64]| Derivatives { hessian: vec![f64::NAN; 4], ..Derivatives::zeros(2) };
        assert_eq!(newton(vec![0.0; 2], CONFIG, broken), Err(NotPositiveDefinite { row: 0 }));
    }
}
