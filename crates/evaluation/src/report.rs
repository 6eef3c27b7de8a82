//! Reports: per model and segment, with intervals; and the gate's verdict.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use vitrine_domain::Positives;

use crate::bootstrap::{Interval, difference_interval, mean_interval, ratio_interval};
use crate::outputs::OutputReport;
use crate::{Coverage, Curve, EvaluationError, Segment, TargetRanks, Targets, curve};

/// Depth of the headline metrics.
pub const TOP: usize = 10;
/// Depth of candidate recall.
pub const RECALL_DEPTH: usize = 500;
/// Resamples of every interval.
pub const N_RESAMPLES: usize = 1_000;
/// The gate: the lower bound of served student / teacher must reach this.
pub const RATIO_LOWER_MIN: f64 = 0.90;

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
                    Segment::All | Segment::Repeat | Segment::LittleHistory => whole.clone(),
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
            n_shoppers: ndcg.len(),
            ndcg_at_10: interval(&ndcg)?,
            hit_rate_at_10: interval(&of(|outcome| outcome.hit_rate))?,
            recall_at_500: mean(&of(|outcome| outcome.recall)),
            mean_reciprocal_rank: mean(&of(|outcome| outcome.reciprocal_rank)),
        })
    }
}

/// Figures of one model in one segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentReport {
    /// Which targets or shoppers.
    pub segment: Segment,
    /// Shoppers with at least one target.
    pub n_shoppers: usize,
    /// Mean with 95 % bootstrap interval over shoppers.
    pub ndcg_at_10: Interval,
    /// Mean with 95 % bootstrap interval over shoppers.
    pub hit_rate_at_10: Interval,
    /// Share of targets among the first 500.
    pub recall_at_500: f64,
    /// Mean reciprocal rank of the first target.
    pub mean_reciprocal_rank: f64,
}

/// Figures of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Name of the model.
    pub name: String,
    /// By segment; one that no shopper belongs to is left out.
    pub segments: Vec<SegmentReport>,
    /// Share of the catalogue in anyone's top ten.
    pub coverage_at_10: f64,
    /// Mean time to rank for one shopper.
    pub ms_per_shopper: f64,
}

/// One condition of the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateCheck {
    /// What is asked, in words.
    pub condition: String,
    /// Paired estimate: a difference of NDCG@10, or a ratio.
    pub estimate: Interval,
    /// What must be exceeded (differences: by the mean) or reached (ratio: by the lower bound).
    pub threshold: f64,
    /// Whether it holds.
    pub passed: bool,
}

/// Whether the model may be published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// All checks hold.
    pub passed: bool,
    /// The checks.
    pub checks: Vec<GateCheck>,
}

/// The names under which the gate finds what it compares.
#[derive(Clone, Copy, Debug)]
pub struct GateNames<'a> {
    /// Baseline by overall purchases.
    pub popularity: &'a str,
    /// Baseline by co-occurrence.
    pub item_knn: &'a str,
    /// Baseline by the shopper's own counts.
    pub personal_frequency: &'a str,
    /// The server's ranker.
    pub teacher: &'a str,
    /// The shipped student over the served path.
    pub served: &'a str,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// One entry a model, baselines first.
    pub models: Vec<ModelReport>,
    /// The verdict.
    pub gate: Gate,
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

impl Report {
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
        let (curves, outputs) = (Vec::new(), Vec::new());
        let positives = Positives::default();
        Ok(Self { models, gate, n_items, seed, positives, curves, outputs })
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
                "gate {}: {} ({:.4} [{:.4}, {:.4}], threshold {:.2})",
                if check.passed { "pass" } else { "FAIL" },
                check.condition,
                check.estimate.mean,
                check.estimate.lower,
                check.estimate.upper,
                check.threshold
            );
        }
        let _ = writeln!(text, "gate: {}", if self.gate.passed { "passed" } else { "failed" });
        text.push_str(&curve::table(&self.curves));
        for output in &self.outputs {
            let _ = writeln!(text, "\n{output}");
        }
        text
    }
}

fn judge(runs: &[ModelRun], names: GateNames<'_>, seed: u64) -> Result<Gate, EvaluationError> {
    let ndcg = |name: &str, segment: Segment| {
        runs.iter()
            .find(|run| run.name == name)
            .map(|run| run.ndcg(segment))
            .ok_or_else(|| EvaluationError::MissingModel { name: name.to_owned() })
    };
    let beats = |baseline: &str, segment: Segment| -> Result<GateCheck, EvaluationError> {
        let (teacher, other) = (ndcg(names.teacher, segment)?, ndcg(baseline, segment)?);
        let estimate = difference_interval(&teacher, &other, seed, N_RESAMPLES)?;
        Ok(GateCheck {
            condition: format!("teacher beats {baseline} on {} purchases", segment.title()),
            estimate,
            threshold: 0.0,
            passed: estimate.mean > 0.0,
        })
    };
    let (served, teacher) = (ndcg(names.served, Segment::All)?, ndcg(names.teacher, Segment::All)?);
    let estimate = ratio_interval(&served, &teacher, seed, N_RESAMPLES)?;
    let ratio = GateCheck {
        condition: "served student / teacher on all purchases, lower bound".to_owned(),
        estimate,
        threshold: RATIO_LOWER_MIN,
        passed: estimate.lower >= RATIO_LOWER_MIN,
    };
    let checks = vec![
        beats(names.item_knn, Segment::All)?,
        beats(names.personal_frequency, Segment::All)?,
        beats(names.popularity, Segment::New)?,
        ratio,
    ];
    Ok(Gate { passed: checks.iter().all(|check| check.passed), checks })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: GateNames<'_> = GateNames {
        popularity: "popularity",
        item_knn: "item-knn",
        personal_frequency: "personal",
        teacher: "teacher",
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

    fn report(teacher: usize, served: usize) -> Report {
        let runs = [
            run("popularity", 9),
            run("item-knn", 8),
            run("personal", 5),
            run("teacher", teacher),
            run("served", served),
        ];
        Report::new(&runs, NAMES, 40, 1).expect("complete")
    }

    #[test]
    fn a_good_student_of_a_good_teacher_passes() {
        assert!(report(2, 2).gate.passed);
    }

    #[test]
    fn a_poor_teacher_or_a_poor_student_fails() {
        assert!(!report(6, 6).gate.passed);
        let poor_student = report(2, 6).gate;
        assert!(!poor_student.passed);
        assert_eq!(poor_student.checks.iter().filter(|check| !check.passed).count(), 1);
    }

    #[test]
    fn a_missing_model_is_an_error() {
        let error = Report::new(&[run("teacher", 1)], NAMES, 40, 1);
        assert!(matches!(error, Err(EvaluationError::MissingModel { .. })));
    }

    #[test]
    fn the_table_and_the_json_say_the_same() {
        let report = report(2, 2);
        let again: Report =
            serde_json::from_str(&serde_json::to_string(&report).expect("json")).expect("report");
        assert_eq!(again.models.len(), report.models.len());
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
