//! The gate: may this ranker replace what a shop serves now?
//!
//! It asks what a shop asks: is it better than what is served, and not worse than counting?
//! Every answer is a paired test over the same shoppers, so that how sure it has to be
//! follows from how many there are: a small shop is not refused for having few shoppers.

use vitrine_studio_api::{Gate, GateCheck, Interval, Segment};

use crate::EvaluationError;
use crate::bootstrap::difference_interval;
use crate::report::{ModelRun, N_RESAMPLES, find};

/// The names under which the gate finds what it compares.
#[derive(Clone, Copy, Debug)]
pub struct GateNames<'a> {
    /// Most buyers first: what a shop without a model serves.
    pub popularity: &'a str,
    /// Rankers that only count, popularity among them.
    pub baselines: &'a [&'a str],
    /// Rankers that are compared and not asked about, such as one that could not be published.
    pub compared: &'a [&'a str],
    /// The model that is served now, if there is one.
    pub before: Option<&'a str>,
    /// The server's ranker, if one was fitted. Nothing is asked of it.
    pub teacher: Option<&'a str>,
    /// The student as it would ship, over the served path.
    pub served: &'a str,
}

/// Judges the served run.
///
/// # Errors
/// [`EvaluationError::MissingModel`], [`EvaluationError::Unpaired`],
/// [`EvaluationError::Empty`].
pub(crate) fn judge(
    runs: &[ModelRun],
    names: GateNames<'_>,
    seed: u64,
) -> Result<Gate, EvaluationError> {
    let served = find(runs, names.served)?;
    let against = |other: &str, segment: Segment| {
        let other = find(runs, other)?.ndcg(segment);
        difference_interval(&served.ndcg(segment), &other, seed, N_RESAMPLES)
    };
    let mut checks = Vec::new();
    for baseline in names.baselines {
        let condition = format!("not worse than {baseline} on all purchases (upper bound)");
        checks.push(not_worse(condition, against(baseline, Segment::All)?));
    }
    // Where nobody bought anything new, nothing is asked of it.
    if !served.ndcg(Segment::New).is_empty() {
        let condition =
            format!("not worse than {} on new purchases (upper bound)", names.popularity);
        checks.push(not_worse(condition, against(names.popularity, Segment::New)?));
    }
    checks.push(match names.before {
        Some(before) => {
            let condition = "not worse than the model that is served (upper bound)".to_owned();
            not_worse(condition, against(before, Segment::All)?)
        }
        None => {
            let estimate = against(names.popularity, Segment::All)?;
            let condition = format!("better than {}, which is served (mean)", names.popularity);
            GateCheck { condition, estimate, threshold: 0.0, passed: estimate.mean > 0.0 }
        }
    });
    Ok(Gate { passed: checks.iter().all(|check| check.passed), checks })
}

/// Refuses what is significantly worse.
fn not_worse(condition: String, estimate: Interval) -> GateCheck {
    GateCheck { condition, estimate, threshold: 0.0, passed: estimate.upper >= 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TargetRanks, Targets};

    /// `n` shoppers whose one repeated target stands at `rank(shopper)` and whose new one
    /// behind it.
    fn run(name: &str, n: usize, rank: impl Fn(usize) -> usize) -> ModelRun {
        let mut run = ModelRun::new(name);
        for shopper in 0..n {
            let targets = Targets::split([0], [0, 1]);
            let mut scores = vec![0.0; 40];
            (0..rank(shopper)).for_each(|item| scores[item + 2] = 3.0);
            (scores[0], scores[1]) = (2.0, 1.0);
            run.add(&targets, shopper, &[], |wanted| TargetRanks::of_scores(&scores, wanted));
        }
        run
    }

    fn names(before: Option<&'static str>) -> GateNames<'static> {
        GateNames {
            popularity: "popularity",
            baselines: &["popularity", "personal"],
            compared: &[],
            before,
            teacher: None,
            served: "served",
        }
    }

    /// The served student is behind personal frequency for one shopper in three.
    fn gate(n: usize, before: Option<(&'static str, usize)>) -> Gate {
        let mut runs = vec![
            run("popularity", n, |_| 9),
            run("personal", n, |_| 3),
            run("served", n, |shopper| if shopper % 3 == 0 { 6 } else { 2 + shopper % 2 }),
        ];
        runs.extend(before.map(|(name, rank)| run(name, n, |_| rank)));
        judge(&runs, names(before.map(|(name, _)| name)), 1).expect("paired")
    }

    fn failed(gate: &Gate) -> Vec<&str> {
        gate.checks.iter().filter(|c| !c.passed).map(|c| c.condition.as_str()).collect()
    }

    #[test]
    fn the_same_small_loss_refuses_a_large_shop_and_not_a_small_one() {
        assert!(gate(30, None).passed, "{:?}", gate(30, None));
        let large = gate(6_000, None);
        assert_eq!(failed(&large), ["not worse than personal on all purchases (upper bound)"]);
    }

    #[test]
    fn a_model_is_held_against_the_one_that_is_served() {
        assert!(gate(30, Some(("before", 3))).passed);
        let worse = gate(30, Some(("before", 0)));
        assert_eq!(failed(&worse), ["not worse than the model that is served (upper bound)"]);
    }

    #[test]
    fn what_is_no_better_than_popularity_does_not_replace_it() {
        let runs =
            [run("popularity", 20, |_| 9), run("personal", 20, |_| 9), run("served", 20, |_| 9)];
        let gate = judge(&runs, names(None), 1).expect("paired");
        assert_eq!(failed(&gate), ["better than popularity, which is served (mean)"]);
    }
}
