use proptest::prelude::*;
use vitrine_student::golden::Generator;
use vitrine_student::scan::{dot_i8, quantise, scan_top_k};

fn naive(
    codes: &[i8],
    dim: usize,
    query: &[i8],
    k: usize,
    skip: impl Fn(u32) -> bool,
) -> Vec<(u32, i32)> {
    let mut all: Vec<(u32, i32)> = codes
        .chunks_exact(dim)
        .enumerate()
        .map(|(i, row)| (i as u32, dot_i8(row, query)))
        .filter(|(i, _)| !skip(*i))
        .collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(k);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]
    #[test]
    fn the_scan_finds_what_sorting_everything_finds(
        seed: u32, n in 0usize..3_000, k in 0usize..200, values in 1u32..100, modulus in 1u32..9,
    ) {
        let mut generator = Generator::new(seed);
        // Few distinct values make many ties.
        let mut code = |_| (generator.below(values) as i32 - values as i32 / 2) as i8;
        let codes: Vec<i8> = (0..n * 16).map(&mut code).collect();
        let query: Vec<i8> = (0..16).map(&mut code).collect();
        let skip = |row: u32| row % modulus == 1;
        prop_assert_eq!(
            scan_top_k(&codes, 16, &query, k, skip),
            naive(&codes, 16, &query, k, skip)
        );
    }

    #[test]
    fn quantising_keeps_direction_and_bounds(values in proptest::collection::vec(-1e3f32..1e3, 1..100)) {
        let q = quantise(&values);
        let largest = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        prop_assume!(largest > 1e-3);
        prop_assert_eq!(q.iter().map(|v| v.unsigned_abs()).max(), Some(127));
        for (v, q) in values.iter().zip(q) {
            prop_assert!((v - f32::from(q) * largest / 127.0).abs() <= 0.51 * largest / 127.0);
        }
    }
}

#[test]
fn a_query_of_zeros_or_of_nothing_finite_gives_zeros() {
    assert_eq!(quantise(&[0.0; 4]), [0; 4]);
    assert_eq!(quantise(&[f32::INFINITY, 1.0]), [0; 2]);
    let best = scan_top_k(&[1; 64], 16, &[0; 16], 3, |_| false);
    assert_eq!(best, [(0, 0), (1, 0), (2, 0)]);
}
