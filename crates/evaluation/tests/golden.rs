//! A report on made-up rankings, as it was last blessed:
//! `VITRINE_BLESS=1 cargo test -p vitrine-evaluation --test golden`.

#[path = "../../../tests/golden_numbers.rs"]
mod golden_numbers;

use std::path::Path;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use vitrine_evaluation::Interval;
use vitrine_evaluation::report::TOP;
use vitrine_evaluation::{EvaluationReport, GateNames, ModelRun, TargetRanks, Targets, top_k};

const N_ITEMS: usize = 700;
const N_SHOPPERS: usize = 80;
const NAMES: GateNames<'_> = GateNames {
    popularity: "popularity",
    baselines: &["popularity", "knn", "frequency"],
    compared: &[],
    before: None,
    teacher: Some("teacher"),
    served: "served",
};

/// Shoppers with what they had and what they bought then.
fn shoppers(rng: &mut SmallRng) -> Vec<(usize, Targets)> {
    let shopper = |rng: &mut SmallRng| {
        let mut some = |n: usize| -> Vec<u32> {
            (0..n).map(|_| rng.random_range(0..N_ITEMS as u32)).collect()
        };
        let (history, new) = (some(12), some(3));
        let repeated = history[..4].to_vec();
        let bought = repeated.into_iter().chain(new);
        (history.len(), Targets::split(history.iter().copied(), bought))
    };
    (0..N_SHOPPERS).map(|_| shopper(rng)).collect()
}

/// A model that finds what is bought the better, the larger `skill` is.
fn run(name: &str, skill: f32, shoppers: &[(usize, Targets)], rng: &mut SmallRng) -> ModelRun {
    let mut run = ModelRun::new(name);
    for (n_history, targets) in shoppers {
        // In steps, so that there are ties.
        let mut scores: Vec<f32> =
            (0..N_ITEMS).map(|_| rng.random_range(0..200) as f32 / 100.0).collect();
        targets.all.iter().for_each(|item| scores[*item as usize] += skill);
        run.add(targets, *n_history, &top_k(&scores, TOP), |targets| {
            TargetRanks::of_scores(&scores, targets)
        });
    }
    run
}

fn line(name: &str, interval: Interval) -> String {
    golden_numbers::line(name, [interval.mean, interval.lower, interval.upper])
}

#[test]
fn a_report_is_what_it_was() {
    let mut rng = SmallRng::seed_from_u64(7);
    let shoppers = shoppers(&mut rng);
    let skills =
        [("popularity", 0.1), ("knn", 0.4), ("frequency", 0.7), ("teacher", 1.1), ("served", 1.0)];
    let runs: Vec<ModelRun> =
        skills.iter().map(|(name, skill)| run(name, *skill, &shoppers, &mut rng)).collect();
    let report = EvaluationReport::new(&runs, NAMES, N_ITEMS, 3).expect("every model was run");
    let mut lines = Vec::new();
    for model in &report.models {
        for segment in &model.segments {
            let name = format!("{}-{:?}", model.name, segment.segment);
            lines.push(line(&format!("{name}-ndcg"), segment.ndcg_at_10));
            lines.push(line(&format!("{name}-hit-rate"), segment.hit_rate_at_10));
            let others = [segment.recall_at_500, segment.mean_reciprocal_rank];
            lines.push(golden_numbers::line(&format!("{name}-{}", segment.n_shoppers), others));
        }
        lines.push(golden_numbers::line(&model.name, [model.coverage_at_10]));
    }
    for (n, check) in report.gate.checks.iter().enumerate() {
        lines.push(line(&format!("gate-{n}-{}", check.passed), check.estimate));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/report.txt");
    golden_numbers::check_within(&path, golden_numbers::DIFFERENCE_MAX, &lines);
}
