//! Statistics that a few wild values do not move.

/// Middle and spread of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Robust {
    pub median: f64,
    /// Standard deviation of a normal sample with this median absolute deviation.
    pub sigma: f64,
}

/// From the median absolute deviation to the standard deviation of a normal sample.
const MAD_TO_SIGMA: f64 = 1.4826;

impl Robust {
    /// Of a sample that is not empty; the spread is at least `sigma_min`.
    pub(crate) fn of(values: &mut [f64], sigma_min: f64) -> Self {
        let median = median(values);
        let mut deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        let sigma = (MAD_TO_SIGMA * self::median(&mut deviations)).max(sigma_min);
        Self { median, sigma }
    }

    pub(crate) fn z(&self, value: f64) -> f64 {
        (value - self.median) / self.sigma
    }
}

/// The middle value, the mean of two; 0 of nothing.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}
