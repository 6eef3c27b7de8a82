//! Adam over slices.

/// Decay rates of the moments.
///
/// # Source
/// Kingma and Ba, Adam: a method for stochastic optimization (2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Of the mean of gradients.
    pub beta1: f32,
    /// Of the mean of their squares: the smaller, the fewer steps it remembers.
    pub beta2: f32,
    /// Keeps the step finite where gradients have been 0.
    pub epsilon: f32,
}

impl Adam {
    /// With the usual decay of the mean of gradients, 0.9.
    pub const fn new(beta2: f32) -> Self {
        Self { beta1: 0.9, beta2, epsilon: 1e-8 }
    }

    /// Moves `values` one step down their gradient.
    ///
    /// # Shapes
    /// `values`, `gradient` and both moments `[n]`.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn update(&self, step: Update, values: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        let Moments { first, second } = moments;
        let n = values.len();
        let fits = gradient.len() == n && first.len() == n && second.len() == n;
        assert!(fits, "a gradient and two moments for each value");
        let correct1 = 1.0 - self.beta1.powi(step.number as i32);
        let correct2 = 1.0 - self.beta2.powi(step.number as i32);
        let rate = step.rate * correct2.sqrt() / correct1;
        let moments = first.iter_mut().zip(second);
        for ((value, g), (m, v)) in values.iter_mut().zip(gradient).zip(moments) {
            *m = self.beta1 * *m + (1.0 - self.beta1) * g;
            *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
            *value -= rate * *m / (v.sqrt() + self.epsilon) + step.decay * *value;
        }
    }
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Which step, from 1: moments start at 0, and early ones are corrected for it.
    pub number: u32,
    /// Learning rate.
    pub rate: f32,
    /// Part by which each value shrinks besides, decoupled from its gradient.
    pub decay: f32,
}

/// Running means of gradients and of their squares; 0 before the first step.
#[derive(Debug)]
pub struct Moments<'a> {
    /// Of gradients.
    pub first: &'a mut [f32],
    /// Of squares.
    pub second: &'a mut [f32],
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Schedule;

    const N_STEPS: usize = 4_000;

    /// Runs to the end of a linear schedule.
    fn minimised(start: Vec<f32>, decay: f32, gradient: impl Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
        let (adam, schedule) = (Adam::new(0.99), Schedule::linear(0.1, N_STEPS));
        let mut values = start;
        let (mut first, mut second) = (vec![0.0; values.len()], vec![0.0; values.len()]);
        for step in 0..N_STEPS {
            let gradient = gradient(&values);
            let update = Update { number: step as u32 + 1, rate: schedule.rate(step), decay };
            let moments = Moments { first: &mut first, second: &mut second };
            adam.update(update, &mut values, &gradient, moments);
        }
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// ½ xᵀ(D + uuᵀ)x − bᵀx has its minimum where the gradient vanishes.
        #[test]
        fn a_convex_quadratic_is_minimised(
            rows in prop::collection::vec((0.5f32..4.0, -1.0f32..1.0, -2.0f32..2.0, -3.0f32..3.0), 1..6),
        ) {
            let gradient = |x: &[f32]| -> Vec<f32> {
                let product: f32 = rows.iter().zip(x).map(|((_, u, _, _), x)| u * x).sum();
                rows.iter().zip(x).map(|((d, u, b, _), x)| d * x + u * product - b).collect()
            };
            let start = rows.iter().map(|row| row.3).collect();
            let found = minimised(start, 0.0, gradient);
            let left = gradient(&found).into_iter().fold(0.0f32, |most, g| most.max(g.abs()));
            prop_assert!(left < 1e-2, "{left} of the gradient is left at {found:?}");
        }
    }

    #[test]
    fn the_first_step_is_as_long_as_the_rate_whatever_the_gradient() {
        for gradient in [1e-3, 1.0, 1e3] {
            let (mut value, mut first, mut second) = ([1.0], [0.0], [0.0]);
            let moments = Moments { first: &mut first, second: &mut second };
            let update = Update { number: 1, rate: 0.25, decay: 0.0 };
            Adam::new(0.999).update(update, &mut value, &[gradient], moments);
            assert!((value[0] - 0.75).abs() < 1e-4, "{}", value[0]);
        }
    }

    #[test]
    fn decay_shrinks_what_no_gradient_holds() {
        let found = minimised(vec![2.0], 1e-2, |_| vec![0.0]);
        assert!(found[0].abs() < 1e-6, "{}", found[0]);
    }
}
