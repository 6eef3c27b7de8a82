//! How models compare, and whether one may be published.

use serde::{Deserialize, Serialize};

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate on the whole sample.
    pub mean: f64,
    /// 2.5th percentile of the resamples.
    pub lower: f64,
    /// 97.5th percentile of the resamples.
    pub upper: f64,
}

/// One condition of the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateCheck {
    /// What is asked, in words.
    pub condition: String,
    /// Paired difference of NDCG@10.
    pub estimate: Interval,
    /// What the bound that the condition names must exceed or reach.
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

/// Which of a shopper's targets, or which shoppers, a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Every distinct card bought in the window.
    All,
    /// Those bought before the cut, too.
    Repeat,
    /// Those never bought before by that shopper, ranked among such cards: what
    /// was bought before is taken out of the ranking, or it would fill its head.
    New,
    /// All targets of the shoppers with little history.
    LittleHistory,
    /// Those that nobody had bought before, ranked among all.
    WithoutPast,
}

impl Segment {
    /// All segments in the order of a report.
    pub const EACH: [Self; 5] =
        [Self::All, Self::Repeat, Self::New, Self::LittleHistory, Self::WithoutPast];

    /// Heading in a table.
    pub fn title(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Repeat => "repeat",
            Self::New => "new",
            Self::LittleHistory => "little history",
            Self::WithoutPast => "without a past",
        }
    }
}

/// Figures of one model in one segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentReport {
    /// Which targets or shoppers.
    pub segment: Segment,
    /// Shoppers with at least one target.
    pub n_shoppers: u64,
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
    /// Mean time to rank for one shopper, milliseconds.
    pub ms_per_shopper: f64,
}

/// The part of a stored model report that the Studio shows; the rest is skipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// One entry a model, baselines first.
    pub models: Vec<ModelReport>,
    /// The verdict.
    pub gate: Gate,
    /// Items that were ranked.
    pub n_items: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report as the first trainings stored it: no name of what is served, no curves.
    const FIRST_FORMAT: &str = r#"{
        "models": [{
            "name": "served",
            "segments": [{
                "segment": "little_history",
                "n_shoppers": 7,
                "ndcg_at_10": {"mean": 0.5, "lower": 0.4, "upper": 0.6},
                "hit_rate_at_10": {"mean": 0.7, "lower": 0.6, "upper": 0.8},
                "recall_at_500": 0.9,
                "mean_reciprocal_rank": 0.3
            }],
            "coverage_at_10": 0.25,
            "ms_per_shopper": 1.5
        }],
        "gate": {
            "passed": true,
            "checks": [{
                "condition": "served is not worse than popularity",
                "estimate": {"mean": 0.1, "lower": 0.0, "upper": 0.2},
                "threshold": 0.0,
                "passed": true
            }]
        },
        "n_items": 40,
        "seed": 1
    }"#;

    #[test]
    fn a_report_of_the_first_format_is_still_read() {
        let report: GateReport = serde_json::from_str(FIRST_FORMAT).expect("a report");
        let segment = &report.models[0].segments[0];
        assert_eq!((segment.segment, segment.n_shoppers), (Segment::LittleHistory, 7));
        assert!(report.gate.passed && report.gate.checks[0].passed);
        assert_eq!(report.n_items, 40);
        // What is written has the fields in the order in which they always were.
        let again = serde_json::to_string(&report.models[0].segments[0]).expect("json");
        assert!(
            again.starts_with(r#"{"segment":"little_history","n_shoppers":7,"ndcg_at_10":{"mean""#),
            "{again}"
        );
    }
}
