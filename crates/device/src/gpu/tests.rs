//! Kernels against their CPU twins, structs against naga's view of them.

use std::collections::BTreeSet;
use std::mem::offset_of;

use vitrine_student::golden::{self, Generator};
use vitrine_student::{CODE_DIM, CatalogueScale, ItemRow, Ranker, candidates, kernels, scan};

use super::layout::{FoldedBlock, Params, RankingBlock, WeightBlock};
use super::*;
use crate::BackendReason;

type StructLayout = (&'static str, usize, &'static [(&'static str, usize)]);
const NAGA: &[StructLayout] = include!(concat!(env!("OUT_DIR"), "/layouts.rs"));

impl Gpu {
    /// Loses the device as a driver would.
    pub fn lose(&mut self) {
        self.device.destroy();
    }

    /// The scan scores of the last ranking.
    fn scan_scores(&self) -> Vec<i32> {
        let scores = &self.buffers.as_ref().expect("uploaded").scan_scores;
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: scores.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(scores, 0, &staging, 0, scores.size());
        self.queue.submit([encoder.finish()]);
        staging.slice(..).map_async(wgpu::MapMode::Read, |result| result.expect("mapped"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("polled");
        let view = staging.slice(..).get_mapped_range().expect("mapped");
        bytemuck::pod_collect_to_vec(&view)
    }
}

#[test]
fn structs_lie_where_naga_puts_them() {
    let ours: [StructLayout; 3] = [
        (
            "Params",
            size_of::<Params>(),
            &[
                ("n_items", offset_of!(Params, n_items)),
                ("n_fixed", offset_of!(Params, n_fixed)),
                ("n_scanned", offset_of!(Params, n_scanned)),
                ("n_candidates", offset_of!(Params, n_candidates)),
                ("query", offset_of!(Params, query)),
            ],
        ),
        (
            "Weights",
            size_of::<WeightBlock>(),
            &[
                ("folded", offset_of!(FoldedBlock, folded)),
                ("user", offset_of!(FoldedBlock, user)),
                ("scalars", offset_of!(WeightBlock, scalars)),
                ("layer2", offset_of!(WeightBlock, layer2)),
                ("bias2", offset_of!(WeightBlock, bias2)),
                ("layer3", offset_of!(WeightBlock, layer3)),
                ("linear", offset_of!(WeightBlock, linear)),
                ("bias3", offset_of!(WeightBlock, bias3)),
            ],
        ),
        (
            "Ranking",
            size_of::<RankingBlock>(),
            &[
                ("rows", offset_of!(RankingBlock, rows)),
                ("scores", offset_of!(RankingBlock, scores)),
            ],
        ),
    ];
    assert_eq!(NAGA.iter().collect::<BTreeSet<_>>(), ours.iter().collect::<BTreeSet<_>>());
    assert_eq!(offset_of!(WeightBlock, shopper), 0);
}

struct Shop {
    weights: Weights,
    table: ItemTable,
    shopper: Shopper,
}

/// Few distinct codes make many ties.
fn shop(seed: u32, n_items: u64, n_codes: u64) -> Shop {
    let mut generator = Generator::new(seed);
    let weights = generator.weights();
    let mut rows: Vec<ItemRow> = (0..n_items).map(|id| generator.row(id)).collect();
    for i in 0..rows.len() {
        rows[i].code = rows[i % n_codes as usize].code;
    }
    let scale = CatalogueScale::of(&rows, 500);
    let table = ItemTable::from_rows(&weights, scale, rows.clone());
    let log: Vec<_> = (0..20).map(|i| generator.event(&rows, i * 4_000_000)).collect();
    let shopper = Shopper::from_log(&weights, &log);
    Shop { weights, table, shopper }
}

#[test]
#[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
fn kernels_agree_with_their_twins_on_ragged_shapes() {
    let mut gpu = pollster::block_on(Gpu::request()).expect("VITRINE_GPU promises one");
    let shapes = [
        (1, 1, 0, 1),
        (2, 2, 1, 1),
        (31, 7, 3, 20),
        (32, 32, 0, 32),
        (33, 5, 2, 31),
        (255, 9, 4, 251),
        (256, 3, 0, 256),
        (257, 257, 5, 100),
        (700, 4, 12, 500),
        (1_025, 1_025, 1, 511),
        (5_000, 40, 100, 400),
        (65_536, 1_000, 150, 350),
    ];
    for (seed, (n_items, n_codes, n_fixed, n_scanned)) in (100..).zip(shapes) {
        let Shop { weights, table, shopper } = shop(seed, n_items, n_codes);
        // Spread out, so that they sit in many words of the mask.
        let step = (n_items as usize / (n_fixed + 1)).max(1);
        let fixed: Vec<u32> = (0..n_fixed).map(|i| (i * step) as u32).collect();
        gpu.upload(&weights, &table);
        let now_ms = 200_000_000;
        let (weights, table, shopper) = (&weights, &table, &shopper);
        let job = Job { weights, table, shopper, now_ms, fixed: &fixed, n_scanned };
        let (rows, scores) = pollster::block_on(gpu.rank(job)).expect("ranked");

        let query = candidates::query(weights, shopper.state_u().expect("encoded"));
        let mut products = vec![0; n_items as usize];
        kernels::scores_i8(table.codes(), &query, &mut products);
        fixed.iter().for_each(|row| products[*row as usize] = i32::MIN);
        assert_eq!(gpu.scan_scores(), products, "catalogue_scan, {n_items} items");

        let skip = |row: u32| fixed.contains(&row);
        let best = scan::scan_top_k(table.codes(), CODE_DIM, &query, n_scanned, skip);
        let expected: Vec<u32> =
            fixed.iter().copied().chain(best.into_iter().map(|(row, _)| row)).collect();
        assert_eq!(rows, expected, "top_k, {n_items} items");

        let expected = Ranker::new().rank(weights, table, shopper, now_ms, &rows, None);
        for (score, expected) in scores.iter().zip(expected) {
            let error = (score - expected).abs();
            assert!(error <= 1e-4 * (1.0 + expected.abs()), "{score} for {expected}");
        }
    }
}

#[test]
#[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
fn the_self_check_passes_and_leaves_nothing_behind() {
    let mut gpu = pollster::block_on(Gpu::request()).expect("VITRINE_GPU promises one");
    pollster::block_on(gpu.self_check()).expect("right results");
    assert!(gpu.buffers.is_none());
    let counters = Counters { n_submits: 2, n_dispatches: 4, n_readbacks: 2 };
    assert_eq!(gpu.counters(), counters);
}

#[test]
#[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
fn the_self_check_notices_a_wrong_score() {
    let mut gpu = pollster::block_on(Gpu::request()).expect("VITRINE_GPU promises one");
    let mut golden = golden::input();
    golden.expected[199] += 0.01;
    let Err(BackendReason::SelfCheckScores { difference_max }) =
        pollster::block_on(gpu.check_against(&golden))
    else {
        panic!("a wrong score went unnoticed");
    };
    assert!((difference_max - 0.01).abs() < 1e-4, "{difference_max}");
}
