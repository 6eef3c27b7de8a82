//! Several outputs of the served student, judged: what is viewed, put into the basket,
//! bought. The shop's log has purchases alone, so views and cart events are SIMULATED
//! by shoppers with known propensities; purchases are those of the log.

use std::sync::atomic::AtomicBool;

use anyhow::Result;
use vitrine_evaluation::outputs::{Labelled, OutputReport};
use vitrine_evaluation::simulation::{Impression, Pool, browse, estimated_propensities};
use vitrine_training::outputs::{Example, Label, N_INPUTS, N_OUTPUTS, Outputs};

/// Passes over what was shown.
const PASSES: usize = 6;
/// Least propensity that a label is divided by: what is looked at more rarely would
/// count too much.
const PROPENSITY_MIN: f64 = 0.1;
const PURCHASE: usize = 2;
const NAMES: [&str; N_OUTPUTS] =
    ["view, SIMULATED", "cart, SIMULATED", "purchase of what is shown, learned with both"];

/// What one shopper may be shown.
pub struct Shelf {
    /// As the simulation needs it.
    pub pool: Pool,
    /// Inputs of each of its items.
    pub inputs: Vec<[f32; N_INPUTS]>,
}

/// Learns on every other shopper, judges on the others; the purchase also by itself, so
/// that what learning together brings can be seen.
///
/// # Errors
/// Nothing was clicked or bought by one of the halves, or a loss diverges.
pub fn reports(shelves: &[Shelf], seed: u64) -> Result<Vec<OutputReport>> {
    let pools: Vec<Pool> = shelves.iter().map(|shelf| shelf.pool.clone()).collect();
    let shown = browse(&pools, seed);
    let of_learners: Vec<Impression> =
        shown.iter().filter(|one| one.pool.is_multiple_of(2)).copied().collect();
    let propensities = estimated_propensities(&of_learners);
    let examples: Vec<Example> =
        shown.iter().map(|one| example(one, shelves, &propensities)).collect();
    let learned_from: Vec<Example> = examples
        .iter()
        .zip(&shown)
        .filter(|(_, one)| one.pool.is_multiple_of(2))
        .map(|(example, _)| example.clone())
        .collect();
    let stop = AtomicBool::new(false);
    let together = Outputs::fit(&learned_from, PASSES, seed, &stop)?;
    let purchases_alone: Vec<Example> = learned_from
        .iter()
        .map(|example| {
            let labels = [None, None, example.labels[PURCHASE]];
            Example { labels, ..example.clone() }
        })
        .collect();
    let alone = Outputs::fit(&purchases_alone, PASSES, seed, &stop)?;
    let mut reports = Vec::new();
    for (output, name) in NAMES.iter().enumerate() {
        reports.push(judge(name, &together, output, &examples, &shown)?);
    }
    reports.push(judge("the same, learned alone", &alone, PURCHASE, &examples, &shown)?);
    Ok(reports)
}

fn example(one: &Impression, shelves: &[Shelf], propensities: &[f64]) -> Example {
    let shelf = &shelves[one.pool];
    let propensity = propensities.get(one.place).copied().unwrap_or(0.0).max(PROPENSITY_MIN) as f32;
    let placed = |happened| Some(Label { happened, propensity });
    let bought = Label { happened: shelf.pool.bought[one.item], propensity: 1.0 };
    let labels = [placed(one.clicked), placed(one.carted), Some(bought)];
    Example { inputs: shelf.inputs[one.item], labels }
}

/// What was learned on the even shoppers, calibrated on them, judged on the odd ones by
/// what happened to what they were shown.
fn judge(
    name: &str,
    outputs: &Outputs,
    output: usize,
    examples: &[Example],
    shown: &[Impression],
) -> Result<OutputReport> {
    let mut halves = [Labelled::default(), Labelled::default()];
    for (example, one) in examples.iter().zip(shown) {
        let Some(label) = example.labels[output] else { continue };
        let half = &mut halves[one.pool % 2];
        // It happens if the place is looked at, too.
        half.scores.push(outputs.chances(&example.inputs)[output] * label.propensity);
        half.labels.push(label.happened);
    }
    Ok(OutputReport::new(name, &halves[0], &halves[1])?)
}
