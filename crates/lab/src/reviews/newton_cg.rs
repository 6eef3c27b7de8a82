//! Linear models of many sparse inputs to their optimum, for baselines.

use vitrine_optim::SparseRows;

const NEWTON_STEPS_MAX: usize = 25;
const CG_STEPS_MAX: usize = 60;
/// Part of the gradient that each solve leaves,
const CG_TOLERANCE: f64 = 0.05;
/// and part of the first gradient at which it ends.
const GRADIENT_TOLERANCE: f64 = 1e-4;

/// What is minimised, besides ½ ridge · |w|².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// ln(1 + e^−y·z) for targets 0 and 1.
    Logistic,
    /// ½ (z − y)².
    Squared,
}

/// The optimum by Newton's method, each step by conjugate gradients; the constant, which is the last weight,
/// has no ridge.
///
/// # Shapes
/// `rows` \[n, n_columns\], `targets` \[n\] → \[n_columns + 1\].
///
/// # Source
/// Nocedal and Wright, "Numerical optimization" (2006), algorithm 7.1.
pub fn optimum(
    rows: &SparseRows,
    n_columns: usize,
    targets: &[f64],
    loss: Loss,
    ridge: f64,
) -> Vec<f64> {
    let problem = Problem { rows, targets, loss, ridge };
    let mut at = vec![0.0; n_columns + 1];
    let mut first = None;
    for _ in 0..NEWTON_STEPS_MAX {
        let margins = problem.margins(&at);
        let (gradient, curvatures) = problem.derivatives(&at, &margins);
        let norm = dot(&gradient, &gradient).sqrt();
        if norm <= GRADIENT_TOLERANCE * *first.get_or_insert(norm) {
            break;
        }
        let step = problem.solve(&gradient, &curvatures);
        let before = problem.value(&at, &margins);
        let mut scale = 1.0;
        while scale > 1e-6 {
            let next: Vec<f64> = at.iter().zip(&step).map(|(x, d)| x - scale * d).collect();
            if problem.value(&next, &problem.margins(&next)) < before {
                at = next;
                break;
            }
            scale *= 0.5;
        }
    }
    at
}

struct Problem<'a> {
    rows: &'a SparseRows,
    targets: &'a [f64],
    loss: Loss,
    ridge: f64,
}

impl Problem<'_> {
    fn margins(&self, at: &[f64]) -> Vec<f64> {
        (0..self.rows.len()).map(|i| margin(self.rows.row(i), at)).collect()
    }

    fn value(&self, at: &[f64], margins: &[f64]) -> f64 {
        let of = |(z, y): (&f64, &f64)| match self.loss {
            Loss::Logistic => z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z,
            Loss::Squared => 0.5 * (z - y).powi(2),
        };
        let weights = &at[..at.len() - 1];
        0.5 * self.ridge * dot(weights, weights)
            + margins.iter().zip(self.targets).map(of).sum::<f64>()
    }

    fn derivatives(&self, at: &[f64], margins: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut gradient: Vec<f64> = at.iter().map(|w| self.ridge * w).collect();
        if let Some(constant) = gradient.last_mut() {
            *constant = 0.0;
        }
        let mut curvatures = Vec::with_capacity(margins.len());
        for (i, (z, y)) in margins.iter().zip(self.targets).enumerate() {
            let (by, curvature) = match self.loss {
                Loss::Logistic => {
                    let p = 1.0 / (1.0 + (-z).exp());
                    (p - y, p * (1.0 - p))
                }
                Loss::Squared => (z - y, 1.0),
            };
            self.add(i, by, &mut gradient);
            curvatures.push(curvature);
        }
        (gradient, curvatures)
    }

    fn add(&self, i: usize, by: f64, out: &mut [f64]) {
        self.rows.row(i).for_each(|(column, x)| out[column as usize] += by * f64::from(x));
        if let Some(constant) = out.last_mut() {
            *constant += by;
        }
    }

    fn times_hessian(&self, x: &[f64], curvatures: &[f64]) -> Vec<f64> {
        let mut out: Vec<f64> = x.iter().map(|x| self.ridge * x).collect();
        if let Some(constant) = out.last_mut() {
            *constant = 0.0;
        }
        for (i, curvature) in curvatures.iter().enumerate() {
            self.add(i, curvature * margin(self.rows.row(i), x), &mut out);
        }
        out
    }

    fn solve(&self, right: &[f64], curvatures: &[f64]) -> Vec<f64> {
        let mut found = vec![0.0; right.len()];
        let mut residual = right.to_vec();
        let mut direction = residual.clone();
        let mut square = dot(&residual, &residual);
        let end = square * CG_TOLERANCE * CG_TOLERANCE;
        for _ in 0..CG_STEPS_MAX {
            let image = self.times_hessian(&direction, curvatures);
            let by = square / dot(&direction, &image).max(f64::MIN_POSITIVE);
            found.iter_mut().zip(&direction).for_each(|(x, d)| *x += by * d);
            residual.iter_mut().zip(&image).for_each(|(r, a)| *r -= by * a);
            let next = dot(&residual, &residual);
            if next <= end {
                break;
            }
            let keep = next / square;
            direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + keep * *d);
            square = next;
        }
        found
    }
}

/// What weights, the constant last, say of a row.
pub fn margin(row: impl Iterator<Item = (u32, f32)>, weights: &[f64]) -> f64 {
    let sum: f64 = row.map(|(column, x)| weights[column as usize] * f64::from(x)).sum();
    sum + weights.last().copied().unwrap_or(0.0)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optima_of_worked_examples() {
        let mut rows = SparseRows::new();
        [[(0, 1.0)], [(0, 2.0)], [(0, 4.0)]].into_iter().for_each(|row| rows.push(row));
        // y = 1 + 2 x without a ridge.
        let line = optimum(&rows, 1, &[3.0, 5.0, 9.0], Loss::Squared, 0.0);
        assert!((line[0] - 2.0).abs() < 1e-3 && (line[1] - 1.0).abs() < 1e-3, "{line:?}");
        let found = optimum(&rows, 1, &[0.0, 1.0, 1.0], Loss::Logistic, 0.5);
        let p = |x: f64| 1.0 / (1.0 + (-(found[0] * x + found[1])).exp());
        let slope = 0.5 * found[0] + p(1.0) + 2.0 * (p(2.0) - 1.0) + 4.0 * (p(4.0) - 1.0);
        let constant = p(1.0) + p(2.0) + p(4.0) - 2.0;
        assert!(slope.abs() < 1e-3 && constant.abs() < 1e-3, "{slope} {constant}");
    }
}
