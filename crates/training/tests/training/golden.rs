//! The candle forward is the student's forward: on its golden file.

use std::sync::Arc;

use candle_core::{Device, Tensor};

use vitrine_student::{N_SCALARS, features, golden, window};
use vitrine_training::batch::{Batch, Events};
use vitrine_training::codec::RANK;
use vitrine_training::leaves::Leaves;
use vitrine_training::ops::AttentionWindow;
use vitrine_training::params::{Params, SCORE_INPUTS};

fn indices(values: Vec<u32>) -> Tensor {
    let n = values.len();
    Tensor::from_vec(values, n, &Device::Cpu).expect("a vector")
}

#[test]
fn candle_agrees_with_the_golden_scores() {
    let input = golden::input();
    let tensor = |name: &str| input.weights.tensor(name).expect("in the layout");
    let mut params = Params::new(1, vec![0.0; RANK * 64], 1);
    for param in params.list_mut() {
        if param.name == SCORE_INPUTS {
            param.values = ["score.c", "score.p", "score.s"].map(tensor).concat();
        } else if let Some(values) = input.weights.tensor(&param.name) {
            param.values = values.to_vec();
        }
    }
    let scale = input.weights.code_scale();
    let codes: Vec<f32> = input.table.codes().iter().map(|q| f32::from(*q) * scale).collect();
    let leaves = Leaves::new(&params, &codes).expect("leaves");

    let log = input.shopper.log();
    let events = &log[window::start(log.len())..];
    let times: Vec<i64> = events.iter().map(|event| event.at_ms).collect();
    let n = events.len() as u32;
    let mut scalars = vec![0.0; input.candidates.len() * N_SCALARS];
    let (table, shopper) = (&input.table, &input.shopper);
    features::dynamic(table, shopper, input.now_ms, &input.candidates, None, &mut scalars);
    let row = |event: &vitrine_student::LogEntry| table.index_of(event.item).expect("listed");
    let nothing: Arc<[f32]> = Arc::new([]);
    let batch = Batch {
        events: Events {
            items: indices(events.iter().map(row).collect()),
            kinds: indices(events.iter().map(|event| event.kind as u32).collect()),
            gaps: indices(window::gap_buckets(&times).into_iter().map(|gap| gap as u32).collect()),
            rows: (0..n).map(|last| AttentionWindow { first: 0, last }).collect(),
        },
        cut_rows: indices(vec![n - 1]),
        cuts: Arc::new([AttentionWindow { first: 0, last: n - 1 }]),
        candidates: indices(input.candidates.clone()),
        scalars: scalars.into(),
        taught: Arc::clone(&nothing),
        bought: Arc::clone(&nothing),
        offsets: Arc::clone(&nothing),
        new_taught: Arc::clone(&nothing),
        new_bought: Arc::clone(&nothing),
        new_offsets: Arc::clone(&nothing),
        pool: indices(vec![0]),
        retrieval_targets: Arc::clone(&nothing),
        retrieval_offsets: nothing,
    };
    let u = leaves.states(&batch).expect("states");
    let codes = Tensor::from_vec(codes, (table.n_items(), 64), &Device::Cpu).expect("codes");
    let codes = codes.index_select(&batch.candidates, 0).expect("rows");
    let scores =
        leaves.scores(&u, &codes, &batch.scalars).expect("scores").flatten_all().expect("flat");
    // The constant of all scores is not learned and not part of the graph.
    let constant = tensor("score.b3")[0];
    let scores: Vec<f32> =
        scores.to_vec1::<f32>().expect("values").iter().map(|score| score + constant).collect();
    golden::compare(&scores, &input.expected, golden::DIFFERENCE_MAX).expect("within tolerance");
}
