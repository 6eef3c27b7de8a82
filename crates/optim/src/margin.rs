//! A linear classifier of many sparse inputs: the squared hinge with a ridge.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;

/// Rows of a matrix that is mostly zero, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseRows {
    /// Where each row begins in the other two, and where the last one ends. `[n + 1]`
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Default for SparseRows {
    fn default() -> Self {
        Self::new()
    }
}

impl SparseRows {
    /// No rows yet.
    pub fn new() -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// Adds a row of columns with their values.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One row.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (u32, f32)> {
        let range = self.starts[i]..self.starts[i + 1];
        self.columns[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }
}

/// How long, and how closely, a classifier is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarginConfig {
    /// What a unit of loss costs against half the squared norm of the weights.
    pub cost: f32,
    /// Most passes over the rows.
    pub n_passes_max: usize,
    /// The last pass is the one in which projected gradients differ by no more.
    pub tolerance: f32,
    /// Of the order of rows.
    pub seed: u64,
}

/// A weight for each column and one for a constant input of 1.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearMargin {
    /// `[n_columns]`
    pub weights: Vec<f32>,
    /// Of the constant.
    pub bias: f32,
}

impl LinearMargin {
    /// Above 0 for what looks like the rows that were labelled true.
    pub fn margin(&self, row: impl IntoIterator<Item = (u32, f32)>) -> f32 {
        let sum: f32 = row.into_iter().map(|(i, x)| self.weights[i as usize] * x).sum();
        sum + self.bias
    }

    /// Minimises ½ |w|² + cost · Σ max(0, 1 − y · margin)², the bias being a weight, by coordinate
    /// descent in the dual. `None` when cancelled between two passes.
    ///
    /// # Shapes
    /// `rows` `[n, n_columns]`, `labels` `[n]`.
    ///
    /// # Panics
    /// When there is not a label for each row, or a column is `n_columns` or more.
    ///
    /// # Source
    /// Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for
    /// large-scale linear SVM" (ICML 2008), algorithm 1 with L2 loss, without shrinking.
    pub fn fit(
        rows: &SparseRows,
        labels: &[bool],
        n_columns: usize,
        config: MarginConfig,
        cancel: &AtomicBool,
    ) -> Option<Self> {
        assert_eq!(rows.len(), labels.len(), "a label for each row");
        let diagonal = 0.5 / config.cost;
        let square = |i| rows.row(i).map(|(_, x)| x * x).sum::<f32>() + 1.0 + diagonal;
        let curvatures: Vec<f32> = (0..rows.len()).map(square).collect();
        let mut duals = vec![0.0_f32; rows.len()];
        let mut fitted = Self { weights: vec![0.0; n_columns], bias: 0.0 };
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let mut rng = SmallRng::seed_from_u64(config.seed);
        for _ in 0..config.n_passes_max {
            if cancel.load(Ordering::Relaxed) {
                return None;
            }
            order.shuffle(&mut rng);
            let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
            for &i in &order {
                let sign = if labels[i] { 1.0 } else { -1.0 };
                let dual = duals[i];
                let gradient = sign * fitted.margin(rows.row(i)) - 1.0 + diagonal * dual;
                let projected = if dual == 0.0 { gradient.min(0.0) } else { gradient };
                (least, most) = (least.min(projected), most.max(projected));
                if projected == 0.0 {
                    continue;
                }
                duals[i] = (dual - gradient / curvatures[i]).max(0.0);
                let by = (duals[i] - dual) * sign;
                rows.row(i).for_each(|(column, x)| fitted.weights[column as usize] += by * x);
                fitted.bias += by;
            }
            if most - least <= config.tolerance {
                break;
            }
        }
        Some(fitted)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: MarginConfig =
        MarginConfig { cost: 0.7, n_passes_max: 3_000, tolerance: 1e-5, seed: 3 };
    static GO_ON: AtomicBool = AtomicBool::new(false);

    fn rows(points: &[([f32; 2], bool)]) -> (SparseRows, Vec<bool>) {
        let mut rows = SparseRows::new();
        points.iter().for_each(|([x, y], _)| rows.push([(0, *x), (1, *y)]));
        (rows, points.iter().map(|point| point.1).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The primal function is smooth, so its gradient vanishes at the minimum.
        #[test]
        fn the_gradient_vanishes_where_it_stops(
            points in prop::collection::vec(
                ((-2.0f32..2.0, -2.0f32..2.0).prop_map(|(x, y)| [x, y]), any::<bool>()), 1..30),
        ) {
            let (rows, labels) = rows(&points);
            let found = LinearMargin::fit(&rows, &labels, 2, CONFIG, &GO_ON).unwrap();
            let mut gradient = [found.weights[0], found.weights[1], found.bias];
            for (i, label) in labels.iter().enumerate() {
                let sign = if *label { 1.0 } else { -1.0 };
                let short = (1.0 - sign * found.margin(rows.row(i))).max(0.0);
                let by = -2.0 * CONFIG.cost * sign * short;
                rows.row(i).for_each(|(column, x)| gradient[column as usize] += by * x);
                gradient[2] += by;
            }
            prop_assert!(gradient.iter().all(|g| g.abs() < 2e-2), "{gradient:?}");
        }
    }

    #[test]
    fn a_seed_decides_the_bits_and_a_stop_leaves_nothing() {
        let points = [([1.0, 0.0], true), ([0.0, 1.0], false), ([0.9, 0.3], true)];
        let (rows, labels) = rows(&points);
        let fit = |cancel: &AtomicBool| LinearMargin::fit(&rows, &labels, 2, CONFIG, cancel);
        assert_eq!(fit(&GO_ON), fit(&GO_ON));
        assert_eq!(fit(&AtomicBool::new(true)), None);
        let fitted = fit(&GO_ON).unwrap();
        assert!(fitted.margin([(0, 1.0)]) > 0.0 && fitted.margin([(1, 1.0)]) < 0.0);
        assert_eq!(rows.len(), 3);
        assert!(SparseRows::new().is_empty());
    }
}
