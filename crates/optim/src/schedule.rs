//! How a learning rate changes over a run.

/// How the rate falls from its peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fall {
    /// In a straight line, to 0 after the last step.
    Linear,
    /// As half a cosine, to a part of the peak.
    Cosine {
        /// That part.
        last_share: f32,
    },
}

/// A rate by step, from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Highest rate.
    pub peak: f32,
    /// Steps of the run.
    pub n_steps: usize,
    /// Steps over which the rate rises in a straight line; 0: none.
    pub n_warm_up: usize,
    /// How it falls.
    pub fall: Fall,
}

impl Schedule {
    /// From the peak in a straight line to 0.
    pub fn linear(peak: f32, n_steps: usize) -> Self {
        Self { peak, n_steps, n_warm_up: 0, fall: Fall::Linear }
    }

    /// The rate of a step.
    ///
    /// # Source
    /// Loshchilov and Hutter, SGDR (2017), for the cosine, once and without restarts.
    pub fn rate(&self, step: usize) -> f32 {
        let warm = ((step + 1) as f32 / self.n_warm_up.max(1) as f32).min(1.0);
        let done = step as f32 / self.n_steps as f32;
        self.peak
            * warm
            * match self.fall {
                Fall::Linear => 1.0 - done,
                Fall::Cosine { last_share } => {
                    let cosine = 0.5 * (1.0 + (std::f32::consts::PI * done).cos());
                    last_share + (1.0 - last_share) * cosine
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(schedule: Schedule) -> Vec<f32> {
        (0..schedule.n_steps).map(|step| schedule.rate(step)).collect()
    }

    #[test]
    fn a_linear_rate_falls_from_the_peak_by_equal_steps() {
        let rates = rates(Schedule::linear(0.5, 10));
        assert_eq!(rates[0], 0.5);
        assert!(rates.windows(2).all(|pair| (pair[0] - pair[1] - 0.05).abs() < 1e-6), "{rates:?}");
    }

    #[test]
    fn a_warm_cosine_rises_then_falls_to_its_last_share() {
        let fall = Fall::Cosine { last_share: 0.1 };
        let rates = rates(Schedule { peak: 2.0, n_steps: 1_000, n_warm_up: 50, fall });
        assert!((rates[0] - 2.0 / 50.0).abs() < 1e-3);
        assert!(rates[..50].is_sorted(), "it rises while it warms up");
        assert!(rates[49..].is_sorted_by(|a, b| a >= b), "and falls from then on");
        let middle = 2.0 * (0.1 + 0.9 * 0.5);
        assert!((rates[500] - middle).abs() < 1e-3, "{}", rates[500]);
        assert!((rates[999] - 0.2).abs() < 1e-3, "{}", rates[999]);
    }
}
