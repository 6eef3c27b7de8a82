//! Graded relevance: how good one ranked list is, by judgments.

/// A judged or unjudged place of a ranking.
pub type Grade = Option<u8>;

/// Normalised discounted cumulative gain of the first `k` places, gain
/// 2^grade − 1; unjudged places gain nothing. `None` when nothing judged is
/// relevant, so that there is nothing to find.
///
/// # Shapes
/// `ranking`: grades in ranked order; `judged`: all judged grades of the query.
///
/// # Source
/// Burges et al., "Learning to rank using gradient descent", ICML 2005.
pub fn ndcg(ranking: &[Grade], judged: &[u8], k: usize) -> Option<f64> {
    let mut ideal = judged.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = gain(ideal.into_iter().map(Some), k);
    (ideal > 0.0).then(|| gain(ranking.iter().copied(), k) / ideal)
}

/// Share of the first `k` places that somebody judged; a shorter ranking has
/// its missing places unjudged.
pub fn judged_share(ranking: &[Grade], k: usize) -> f64 {
    ranking.iter().take(k).flatten().count() as f64 / k as f64
}

fn gain(grades: impl Iterator<Item = Grade>, k: usize) -> f64 {
    let value = |(place, grade): (usize, Grade)| {
        let gain = f64::from(grade.unwrap_or(0)).exp2() - 1.0;
        gain / (place as f64 + 2.0).log2()
    };
    grades.take(k).enumerate().map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worked_example() {
        let judged = [3, 0, 1, 2];
        let ranking = [Some(1), None, Some(3), Some(0)];
        let expected = (1.0 + 7.0 / 2.0) / (7.0 + 3.0 / 3f64.log2() + 1.0 / 2.0);
        assert!((ndcg(&ranking, &judged, 10).expect("relevant") - expected).abs() < 1e-12);
        assert!(
            (ndcg(&ranking, &judged, 2).expect("relevant") - 1.0 / (7.0 + 3.0 / 3f64.log2())).abs()
                < 1e-12
        );
        assert_eq!(judged_share(&ranking, 10), 0.3);
        assert_eq!(judged_share(&ranking, 2), 0.5);
    }

    #[test]
    fn the_ideal_order_is_worth_one_and_no_relevance_nothing() {
        assert_eq!(ndcg(&[Some(3), Some(2), None], &[2, 3, 0], 10), Some(1.0));
        assert_eq!(ndcg(&[Some(0)], &[0, 0], 10), None);
        assert_eq!(ndcg(&[], &[1], 10), Some(0.0));
    }
}
