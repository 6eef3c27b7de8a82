//! Many tests at once.

/// Which of many p-values count, so that of those that do at most a share of `rate` is expected to be
/// chance.
///
/// # Source
/// Benjamini and Hochberg, "Controlling the false discovery rate" (1995).
pub(super) fn discoveries(probabilities: &[f64], rate: f64) -> Vec<bool> {
    let mut order: Vec<f64> = probabilities.to_vec();
    order.sort_by(f64::total_cmp);
    let n = order.len() as f64;
    let holds = |(rank, chance): &(usize, &f64)| **chance <= rate * (*rank as f64 + 1.0) / n;
    let last = order.iter().enumerate().rev().find(holds).map(|(_, chance)| *chance);
    probabilities.iter().map(|chance| last.is_some_and(|last| *chance <= last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_chance_carries_those_below_the_line_with_it() {
        assert_eq!(discoveries(&[0.03, 0.9, 0.001, 0.039], 0.05), [false, false, true, false]);
        assert_eq!(discoveries(&[0.03, 0.9, 0.001, 0.0374], 0.05), [true, false, true, true]);
        assert_eq!(discoveries(&[0.06], 0.05), [false]);
        assert!(discoveries(&[], 0.05).is_empty());
    }
}
