//! How many stars words stand for.

/// Probabilities of one to five stars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StarDistribution([f32; 5]);

impl StarDistribution {
    /// From the probabilities of at least two, three, four and five stars; those that rise are cut
    /// down to the ones before them.
    ///
    /// # Source
    /// Frank and Hall, "A simple approach to ordinal classification" (ECML 2001).
    pub(crate) fn of_at_least(at_least: [f32; 4]) -> Self {
        let mut share = [0.0; 5];
        let mut before = 1.0_f32;
        for (i, p) in at_least.into_iter().enumerate() {
            let p = p.clamp(0.0, before);
            share[i] = before - p;
            before = p;
        }
        share[4] = before;
        Self(share)
    }

    /// Of one star first; together 1.
    pub fn probabilities(&self) -> [f32; 5] {
        self.0
    }

    /// Expected stars, 1 to 5: least squared error.
    pub fn mean(&self) -> f32 {
        self.0.iter().zip(1_u8..).map(|(p, stars)| p * f32::from(stars)).sum()
    }

    /// The median: of all numbers, fractions too, the one with the least expected absolute error.
    pub fn median(&self) -> u8 {
        let mut below = 0.0;
        for (p, stars) in self.0.iter().zip(1_u8..) {
            below += p;
            if below >= 0.5 {
                return stars;
            }
        }
        5
    }

    /// Probability of at most so many stars.
    pub fn at_most(&self, stars: u8) -> f32 {
        self.0.iter().take(usize::from(stars)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    proptest! {
        #[test]
        fn no_number_has_a_smaller_expected_error_than_the_median(
            a in 0f32..1.0, b in 0f32..1.0, c in 0f32..1.0, d in 0f32..1.0, other in 1f32..5.0,
        ) {
            let stars = StarDistribution::of_at_least([a, b, c, d]);
            let error = |told: f32| -> f32 {
                stars.probabilities().iter().zip(1u8..).map(|(p, s)| p * (told - f32::from(s)).abs()).sum()
            };
            prop_assert!(error(f32::from(stars.median())) <= error(other) + 1e-5);
            prop_assert!((stars.probabilities().iter().sum::<f32>() - 1.0).abs() < 1e-5);
            prop_assert!((1.0..=5.0001).contains(&stars.mean()) && stars.at_most(5) > 0.999);
        }
    }
}
