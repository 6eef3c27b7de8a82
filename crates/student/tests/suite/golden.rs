//! Scores of the student as it is and as it ships, and its scalars:
//! `VITRINE_BLESS=1 cargo test -p vitrine-student golden`.

#[path = "../../../../tests/golden_numbers.rs"]
mod golden_numbers;

use std::path::Path;

use vitrine_student::golden;
use vitrine_student::{ItemTable, N_SCALARS, PackedStudent, Ranker, Shopper, Weights, features};

/// The golden input under other weights.
fn scores(input: &golden::Golden, weights: &Weights) -> Vec<f32> {
    let mut table: ItemTable = input.table.clone();
    table.refresh(weights);
    let shopper = Shopper::from_log(weights, input.shopper.log());
    Ranker::new().rank(weights, &table, &shopper, input.now_ms, &input.candidates, None)
}

#[test]
fn scores_and_scalars_are_what_they_were() {
    let input = golden::input();
    let packed = PackedStudent::pack(&input.weights).unwrap();
    let bytes = packed.to_bytes();
    // FNV-1a: the shipped bytes are the same to the last.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut scalars = vec![0.0; input.candidates.len() * N_SCALARS];
    let (table, shopper) = (&input.table, &input.shopper);
    features::dynamic(table, shopper, input.now_ms, &input.candidates, None, &mut scalars);
    let mut lines = vec![
        golden_numbers::line("packed-bytes", [bytes.len() as u64, hash]),
        golden_numbers::line("f32", scores(&input, &input.weights)),
        golden_numbers::line("packed", scores(&input, &packed.weights())),
    ];
    let candidates = input.candidates.iter().zip(scalars.chunks_exact(N_SCALARS));
    lines.extend(candidates.map(|(row, scalars)| golden_numbers::line(&row.to_string(), scalars)));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/shipped.txt");
    golden_numbers::check_within(&path, golden_numbers::DIFFERENCE_MAX, &lines);
}
