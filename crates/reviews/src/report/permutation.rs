//! The permutation test of two means.

/// Of how many values the chance is computed exactly; of more, both groups are large enough for an
/// expansion of the normal distribution.
const EXACT_MAX: u32 = 100;
/// From here on Stirling's series has all digits of a double.
const SERIES_FROM: u32 = 20;

/// How often a mean as low as that of `recent`, or lower, comes out where `recent` is drawn at random from
/// the values of both groups: the one-sided p-value of the hypothesis that nothing changed. With two
/// values it is Fisher's exact test.
///
/// # Shapes
/// `recent` and `before` \[n values\]: how many times each value, of equal distance, occurs.
///
/// # Source
/// Pitman, "Significance tests which may be applied to samples from any populations" (1937).
pub(super) fn probability_of_lower_mean<const N: usize>(recent: [u32; N], before: [u32; N]) -> f64 {
    let [n_recent, n_before] = [recent, before].map(|counts| counts.iter().sum::<u32>());
    if n_recent == 0 || n_before == 0 {
        return 1.0;
    }
    let chance = if n_recent <= EXACT_MAX {
        exact(recent, before)
    } else if n_before <= EXACT_MAX {
        // Where the mean of the one is low, that of the other is high.
        let (mut recent, mut before) = (recent, before);
        recent.reverse();
        before.reverse();
        exact(before, recent)
    } else {
        approximate(recent, before)
    };
    chance.clamp(0.0, 1.0)
}

fn sum<const N: usize>(counts: [u32; N]) -> usize {
    counts.iter().enumerate().map(|(value, n)| value * *n as usize).sum()
}

/// By counting: how probable each number and sum of the lowest values is, value by value.
fn exact<const N: usize>(drawn: [u32; N], rest: [u32; N]) -> f64 {
    let n_drawn = drawn.iter().sum::<u32>();
    let sum_max = sum(drawn);
    let mut n_left: u32 = drawn.iter().chain(&rest).sum();
    let width = sum_max + 1;
    // Probability of having drawn so many values with such a sum; higher sums are of no interest.
    let mut probabilities = vec![0.0; (n_drawn as usize + 1) * width];
    probabilities[0] = 1.0;
    for value in 0..N {
        let n_of_value = drawn[value] + rest[value];
        let mut next = vec![0.0; probabilities.len()];
        for n in 0..=n_drawn {
            let from = &probabilities[n as usize * width..][..width];
            if from.iter().all(|chance| *chance == 0.0) {
                continue;
            }
            let n_wanted = n_drawn - n;
            let n_least = (n_wanted + n_of_value).saturating_sub(n_left);
            for n_more in n_least..=n_wanted.min(n_of_value) {
                let chance = hypergeometric(n_more, n_of_value, n_wanted, n_left);
                let shift = value * n_more as usize;
                let to = &mut next[(n + n_more) as usize * width..][..width];
                let shifted = to.iter_mut().skip(shift);
                shifted.zip(from).for_each(|(to, from)| *to += chance * from);
            }
        }
        probabilities = next;
        n_left -= n_of_value;
    }
    probabilities[n_drawn as usize * width..].iter().sum()
}

/// Probability that `n` of `n_drawn` values, drawn from `n_all`, are among `n_special`.
fn hypergeometric(n: u32, n_special: u32, n_drawn: u32, n_all: u32) -> f64 {
    let choices = ln_choices(n_special, n) + ln_choices(n_all - n_special, n_drawn - n);
    (choices - ln_choices(n_all, n_drawn)).exp()
}

fn ln_choices(n: u32, k: u32) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

fn ln_factorial(n: u32) -> f64 {
    if n < SERIES_FROM {
        return (2..=n).map(|factor| f64::from(factor).ln()).sum();
    }
    let x = f64::from(n);
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1_260.0 * x.powi(5));
    (x + 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

/// By mean, variance and skewness of a sum of values that are drawn without replacement.
///
/// # Source
/// Robinson, "An asymptotic expansion for samples from a finite population" (1978).
fn approximate<const N: usize>(drawn: [u32; N], rest: [u32; N]) -> f64 {
    let n_drawn: f64 = drawn.iter().map(|n| f64::from(*n)).sum();
    let both = || drawn.iter().zip(&rest).map(|(a, b)| f64::from(*a) + f64::from(*b)).enumerate();
    let n_all: f64 = both().map(|(_, n)| n).sum();
    let mean = both().map(|(value, n)| value as f64 * n).sum::<f64>() / n_all;
    let moment = |power: i32| {
        both().map(|(value, n)| (value as f64 - mean).powi(power) * n).sum::<f64>() / n_all
    };
    let variance = moment(2);
    if variance == 0.0 {
        return 1.0;
    }
    let n_rest = n_all - n_drawn;
    let spread = (variance * n_drawn * n_rest / (n_all - 1.0)).sqrt();
    let skewness = moment(3) / variance.powf(1.5) * (n_rest - n_drawn) * (n_all - 1.0).sqrt()
        / ((n_all - 2.0) * (n_drawn * n_rest).sqrt());
    // Sums are whole: half of one more belongs to this one.
    let z = (sum(drawn) as f64 + 0.5 - n_drawn * mean) / spread;
    let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    // Where lower sums are less probable than a normal one's, that is not counted.
    normal_below(z) + (-skewness / 6.0 * (z * z - 1.0) * density).max(0.0)
}

/// Probability of a standard normal value below `z`, to seven digits.
///
/// # Source
/// Press et al., "Numerical recipes in C" (1992), 6.2, `erfcc`.
fn normal_below(z: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let series = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let tail = 0.5 * t * (series - x * x).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::*;

    fn near(got: f64, expected: f64, digits: f64) {
        assert!((got - expected).abs() <= digits, "{got}, not {expected}");
    }

    #[test]
    fn two_values_are_fishers_exact_test() {
        // The lady tasting tea: 1 of 4 right guesses fewer or as many, of 8 cups.
        near(probability_of_lower_mean([3, 1], [1, 3]), 17.0 / 70.0, 1e-12);
        near(probability_of_lower_mean([4, 0], [0, 4]), 1.0 / 70.0, 1e-12);
        near(probability_of_lower_mean([0, 4], [4, 0]), 1.0, 1e-12);
        assert_eq!(probability_of_lower_mean([0, 0], [3, 4]), 1.0);
    }

    #[test]
    fn three_draws_from_six_are_counted_by_hand() {
        // Of 20 ways to draw three of 0, 0, 1, 2, 3, 4 the sum is at most 3 in five.
        near(probability_of_lower_mean([1, 1, 1, 0, 0], [1, 0, 0, 1, 1]), 5.0 / 20.0, 1e-12);
    }

    #[test]
    fn large_groups_agree_with_the_normal_distribution() {
        let (recent, before) = ([20, 10, 10, 20, 40], [100, 60, 80, 200, 560]);
        let (exact, approximate) = (exact(recent, before), approximate(recent, before));
        assert!(exact < 1e-3 && (exact / approximate).ln().abs() < 0.2, "{exact} {approximate}");
        near(normal_below(-1.959_964), 0.025, 1e-7);
        near(normal_below(1.0), 0.841_344_75, 1e-7);
        near(ln_factorial(20), 2_432_902_008_176_640_000f64.ln(), 1e-12);
    }

    proptest! {
        #[test]
        fn either_group_may_be_drawn(recent in prop::array::uniform5(0u32..6), before in prop::array::uniform5(0u32..6)) {
            let [mut r, mut b] = [recent, before];
            r.reverse();
            b.reverse();
            let has_both = recent.iter().sum::<u32>() > 0 && before.iter().sum::<u32>() > 0;
            let gap = exact(recent, before) - exact(b, r);
            prop_assert!(!has_both || gap.abs() < 1e-9, "{gap}");
        }
    }
}
