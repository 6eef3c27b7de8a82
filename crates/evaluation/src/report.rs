//! Reports: per model and segment, with intervals; and the gate's verdict.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use vitrine_domain::Positives;
use vitrine_studio_api::{Gate, Interval, ModelReport, Segment, SegmentReport};

use crate::bootstrap::{difference_interval, mean_interval, ratio_interval};
use crate::gate::{GateNames, judge};
use crate::outputs::OutputReport;
use crate::{Coverage, Curve, EvaluationError, TargetRanks, Targets, curve};

/// Depth of the headline metrics.
pub const TOP: usize = 10;
/// Depth of candidate recall.
pub const RECALL_DEPTH: usize = 500;
/// Resamples of every interval.
pub const N_RESAMPLES: usize = 1_000;

/// What one model did for one shopper in one segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShopperOutcome {
    /// NDCG@10.
    pub ndcg: f64,
    /// HR@10.
    pub hit_rate: f64,
    /// Recall@500 of the whole ranking.
    pub recall: f64,
    /// Reciprocal rank of the first target.
    pub reciprocal_rank: f64,
}

/// Collects one model's outcomes, shopper by shopper, the same shoppers in the
/// same order for every model of a report.
#[derive(Clone, Debug)]
pub struct ModelRun {
    name: String,
    /// By segment: one entry per shopper, `None` where the segment has no target.
    outcomes: Vec<Vec<Option<ShopperOutcome>>>,
    coverage: Coverage,
    seconds: f64,
}

impl ModelRun {
    /// An empty run.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcomes: vec![Vec::new(); Segment::EACH.len()],
            coverage: Coverage::default(),
            seconds: 0.0,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds one shopper: `rank` finds the ranks of any target list in the model's
    /// ranking, `shown` is its top ten, `n_history` the number of past events.
    pub fn add(
        &mut self,
        targets: &Targets,
        n_history: usize,
        shown: &[u32],
        rank: impl Fn(&[u32]) -> TargetRanks,
    ) {
        for (slot, segment) in self.outcomes.iter_mut().zip(Segment::EACH) {
            let wanted = targets.of(segment, n_history);
            slot.push((!wanted.is_empty()).then(|| {
                let whole = rank(wanted);
                let ranks = match segment {
                    Segment::New => whole.without(&rank(&targets.bought_before)),
                    Segment::All
                    | Segment::Repeat
                    | Segment::LittleHistory
                    | Segment::WithoutPast => whole.clone(),
                };
                ShopperOutcome {
                    ndcg: ranks.ndcg(TOP),
                    hit_rate: ranks.hit_rate(TOP),
                    recall: whole.recall(RECALL_DEPTH),
                    reciprocal_rank: ranks.reciprocal_rank(),
                }
            }));
        }
        self.coverage.add(shown);
    }

    /// Adds time spent on ranking (not on measuring).
    pub fn add_seconds(&mut self, seconds: f64) {
        self.seconds += seconds;
    }

    /// Appends the shoppers of another part of the same run.
    pub fn extend(&mut self, part: Self) {
        for (slot, more) in self.outcomes.iter_mut().zip(part.outcomes) {
            slot.extend(more);
        }
        self.coverage.merge(part.coverage);
        self.seconds += part.seconds;
    }

    /// NDCG@10 of the shoppers that have targets in a segment, in order.
    ///
    /// # Shapes
    /// → \[n_shoppers with targets in the segment\].
    pub fn ndcg(&self, segment: Segment) -> Vec<f64> {
        self.present(segment).map(|outcome| outcome.ndcg).collect()
    }

    fn present(&self, segment: Segment) -> impl Iterator<Item = ShopperOutcome> + '_ {
        self.outcomes[segment as usize].iter().filter_map(|outcome| *outcome)
    }

    fn summary(&self, n_items: usize, seed: u64) -> ModelReport {
        let segments = Segment::EACH.into_iter().filter_map(|s| self.segment(s, seed)).collect();
        let n = self.outcomes[0].len().max(1) as f64;
        ModelReport {
            name: self.name.clone(),
            segments,
            coverage_at_10: self.coverage.share(n_items),
            ms_per_shopper: 1e3 * self.seconds / n,
        }
    }

    fn segment(&self, segment: Segment, seed: u64) -> Option<SegmentReport> {
        let of = |pick: fn(ShopperOutcome) -> f64| -> Vec<f64> {
            self.present(segment).map(pick).collect()
        };
        let interval = |values: &[f64]| mean_interval(values, seed, N_RESAMPLES).ok();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let ndcg = of(|outcome| outcome.ndcg);
        Some(SegmentReport {
            segment,
            n_shoppers: ndcg.len() as u64,
            ndcg_at_10: interval(&ndcg)?,
            hit_rate_at_10: interval(&of(|outcome| outcome.hit_rate))?,
            recall_at_500: mean(&of(|outcome| outcome.recall)),
            mean_reciprocal_rank: mean(&of(|outcome| outcome.reciprocal_rank)),
        })
    }
}

/// How the served ranker compares with one that only counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Name of the other.
    pub baseline: String,
    /// Paired difference of NDCG@10 on all purchases.
    pub difference: Interval,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationReport {
    /// One entry a model, baselines first.
    pub models: Vec<ModelReport>,
    /// The verdict.
    pub gate: Gate,
    /// Name of the ranker that was judged.
    #[serde(default)]
    pub served: String,
    /// It minus each of the baselines that only count, and minus others that are compared.
    #[serde(default)]
    pub against: Vec<Against>,
    /// Served student / teacher on all purchases, paired; `None` without a teacher.
    #[serde(default)]
    pub of_teacher: Option<Interval>,
    /// What was published or why nothing was, in one sentence; empty before that is decided.
    #[serde(default)]
    pub published: String,
    /// Items that were ranked.
    pub n_items: usize,
    /// Seed of the intervals.
    pub seed: u64,
    /// What was learned from and asked for: where it is clicks, all that is said of
    /// purchases is meant of them.
    #[serde(default)]
    pub positives: Positives,
    /// How the served student and baselines grow with what they know of a shopper;
    /// empty when that was not measured.
    #[serde(default)]
    pub curves: Vec<Curve>,
    /// The outputs of the served student as a yes or no; empty when not measured.
    #[serde(default)]
    pub outputs: Vec<OutputReport>,
}

impl EvaluationReport {
    /// Summarises runs and judges them.
    ///
    /// # Errors
    /// [`EvaluationError::MissingModel`] if a model of the gate was not run;
    /// [`EvaluationError::Unpaired`] if runs are of different shoppers;
    /// [`EvaluationError::Empty`] without shoppers.
    pub fn new(
        runs: &[ModelRun],
        names: GateNames<'_>,
        n_items: usize,
        seed: u64,
    ) -> Result<Self, EvaluationError> {
        let gate = judge(runs, names, seed)?;
        let models = runs.iter().map(|run| run.summary(n_items, seed)).collect();
        let all = |name: &str| find(runs, name).map(|run| run.ndcg(Segment::All));
        let ratio = |teacher| -> Result<Interval, EvaluationError> {
            ratio_interval(&all(names.served)?, &all(teacher)?, seed, N_RESAMPLES)
        };
        let against = |name: &&str| -> Result<Against, EvaluationError> {
            let (served, other) = (all(names.served)?, all(name)?);
            let difference = difference_interval(&served, &other, seed, N_RESAMPLES)?;
            Ok(Against { baseline: (*name).to_owned(), difference })
        };
        Ok(Self {
            models,
            gate,
            served: names.served.to_owned(),
            against: names
                .baselines
                .iter()
                .chain(names.compared)
                .map(against)
                .collect::<Result<_, _>>()?,
            of_teacher: names.teacher.map(ratio).transpose()?,
            published: String::new(),
            n_items,
            seed,
            positives: Positives::default(),
            curves: Vec::new(),
            outputs: Vec::new(),
        })
    }

    /// The report as a text table.
    pub fn table(&self) -> String {
        let mut text = String::new();
        if !self.positives.are_purchases() {
            text.push_str(
                "the log has almost no purchases: learned from clicks, and clicks are what is \
                 called purchases here\n",
            );
        }
        let _ = writeln!(
            text,
            "{:<22} {:<15} {:>6}  {:<20} {:<20} {:>6} {:>6}",
            "model", "purchases", "n", "NDCG@10", "HR@10", "R@500", "MRR"
        );
        for model in &self.models {
            for row in &model.segments {
                let cell = |i: Interval| format!("{:.3} [{:.3}, {:.3}]", i.mean, i.lower, i.upper);
                let _ = writeln!(
                    text,
                    "{:<22} {:<15} {:>6}  {:<20} {:<20} {:>6.3} {:>6.3}",
                    model.name,
                    row.segment.title(),
                    row.n_shoppers,
                    cell(row.ndcg_at_10),
                    cell(row.hit_rate_at_10),
                    row.recall_at_500,
                    row.mean_reciprocal_rank
                );
            }
            let _ = writeln!(
                text,
                "{:<22} coverage of {} items {:.3}, {:.2} ms a shopper",
                "", self.n_items, model.coverage_at_10, model.ms_per_shopper
            );
        }
        for check in &self.gate.checks {
            let _ = writeln!(
                text,
                "gate {}: {} ({:+.4} [{:+.4}, {:+.4}])",
                if check.passed { "pass" } else { "FAIL" },
                check.condition,
                check.estimate.mean,
                check.estimate.lower,
                check.estimate.upper
            );
        }
        let _ = writeln!(text, "gate: {}", if self.gate.passed { "passed" } else { "failed" });
        if let Some(ratio) = self.of_teacher {
            let Interval { mean, lower, upper } = ratio;
            let _ = writeln!(text, "student / teacher: {mean:.3} [{lower:.3}, {upper:.3}]");
        }
        if !self.published.is_empty() {
            let _ = writeln!(text, "{}", self.published);
        }
        text.push_str(&curve::table(&self.curves));
        for output in &self.outputs {
            let _ = writeln!(text, "\n{output}");
        }
        text
    }
}

/// The run of a model.
///
/// # Errors
/// [`EvaluationError::MissingModel`].
pub(crate) fn find<'a>(runs: &'a [ModelRun], name: &str) -> Result<&'a ModelRun, EvaluationError> {
    runs.iter()
        .find(|run| run.name == name)
        .ok_or_else(|| EvaluationError::MissingModel { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use vitrine_studio_api::GateReport;

    use super::*;

    const NAMES: GateNames<'_> = GateNames {
        popularity: "popularity",
        baselines: &["popularity", "item-knn", "personal"],
        compared: &[],
        before: None,
        teacher: Some("teacher"),
        served: "served",
    };

    /// 60 shoppers with one new and one repeat target; `rank` of both.
    fn run(name: &str, rank: usize) -> ModelRun {
        let mut run = ModelRun::new(name);
        for shopper in 0..60usize {
            let targets = Targets::split([0], [0, 1]);
            let mut scores = vec![0.0; 40];
            let at = rank + shopper % 3;
            (0..at).for_each(|item| scores[item + 2] = 3.0);
            (scores[0], scores[1]) = (2.0, 1.0);
            run.add(&targets, shopper, &[2, 3], |wanted| TargetRanks::of_scores(&scores, wanted));
        }
        run
    }

    fn report(teacher: usize, served: usize) -> EvaluationReport {
        let runs = [
            run("popularity", 9),
            run("item-knn", 8),
            run("personal", 5),
            run("teacher", teacher),
            run("served", served),
        ];
        EvaluationReport::new(&runs, NAMES, 40, 1).expect("complete")
    }

    #[test]
    fn a_good_student_passes_and_a_poor_one_fails() {
        assert!(report(2, 2).gate.passed);
        let poor = report(2, 6);
        assert!(!poor.gate.passed);
        let failed: Vec<_> = poor.gate.checks.iter().filter(|check| !check.passed).collect();
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert!(failed[0].condition.contains("personal"));
        let ratio = poor.of_teacher.expect("a teacher was run");
        assert!(ratio.upper < 1.0, "{ratio:?}");
    }

    #[test]
    fn a_missing_model_is_an_error() {
        let error = EvaluationReport::new(&[run("teacher", 1)], NAMES, 40, 1);
        assert!(matches!(error, Err(EvaluationError::MissingModel { .. })));
    }

    #[test]
    fn the_table_and_the_json_say_the_same() {
        let report = report(2, 2);
        let again: EvaluationReport =
            serde_json::from_str(&serde_json::to_string(&report).expect("json")).expect("report");
        assert_eq!(again.models.len(), report.models.len());
        let shown: GateReport =
            serde_json::from_str(&serde_json::to_string(&report).expect("json")).expect("shown");
        // The last digit of a number may be lost on the way.
        let rows = |models: &[ModelReport]| -> Vec<(String, Vec<Segment>)> {
            let segments = |model: &ModelReport| model.segments.iter().map(|s| s.segment).collect();
            models.iter().map(|model| (model.name.clone(), segments(model))).collect()
        };
        assert_eq!(rows(&shown.models), rows(&report.models));
        assert_eq!((shown.gate.passed, shown.gate.checks.len()), (true, report.gate.checks.len()));
        assert!(report.table().contains("student / teacher: 1.000"));
        assert!(report.table().contains("gate: passed"));
        assert!(report.table().contains("little history"));
    }

    #[test]
    fn parts_of_a_run_add_up() {
        let (mut left, right) = (run("teacher", 2), run("teacher", 4));
        left.extend(right);
        assert_eq!(left.ndcg(Segment::New).len(), 120);
    }
}
