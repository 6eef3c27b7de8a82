//! The device as a whole.

use std::cell::Cell;
use std::rc::Rc;

use vitrine_domain::pace::Unpaced;
use vitrine_student::{ItemTable, Ranker, Shopper, Weights, candidates, golden, score};

use crate::{
    BackendReason, BackendSetting, Choice, Counters, Device, MonotonicClock, RankingBackend,
};

/// A clock that advances by a millisecond with every look.
pub(crate) fn clock() -> MonotonicClock {
    let time_ms = Cell::new(0.0);
    Rc::new(move || time_ms.replace(time_ms.get() + 1.0))
}

fn expected(
    weights: &Weights,
    table: &ItemTable,
    shopper: &Shopper,
    now_ms: i64,
    n: usize,
) -> (Vec<u32>, Vec<f32>) {
    let rows = candidates::feed(table, weights, shopper, n);
    let scores = Ranker::new().rank(weights, table, shopper, now_ms, &rows, None);
    score::sorted(table, &rows, &scores)
}

#[test]
fn the_cpu_ranks_at_once_and_says_so() {
    let golden = golden::input();
    let (weights, table, shopper) = (&golden.weights, &golden.table, &golden.shopper);
    let mut device = Device::cpu(clock());
    pollster::block_on(device.upload(weights, table, &Unpaced));
    let ranking = pollster::block_on(device.rank_feed(weights, table, shopper, golden.now_ms, 500));
    let (items, scores) = expected(weights, table, shopper, golden.now_ms, 500);
    assert_eq!((ranking.items, ranking.scores), (items, scores));
    assert_eq!((ranking.backend, ranking.elapsed_ms), (RankingBackend::Cpu, 1.0));
    assert_eq!(device.choice(), &Choice::cpu(BackendReason::Forced));
    assert_eq!(device.counters(), Counters::default());
}

#[test]
fn an_empty_log_gives_the_popularity_order() {
    let golden = golden::input();
    let mut device = Device::cpu(clock());
    let nobody = Shopper::new();
    let feed = device.rank_feed(&golden.weights, &golden.table, &nobody, 0, 500);
    let popular = vitrine_student::popularity_order(&golden.table);
    assert_eq!(pollster::block_on(feed).items, popular[..500]);
}

#[test]
fn the_faster_backend_is_chosen_unless_one_is_forced() {
    let choose = |setting, gpu_ms, cpu_ms| {
        let choice = Choice::measured(setting, gpu_ms, cpu_ms);
        assert_eq!((choice.gpu_ms, choice.cpu_ms), (Some(gpu_ms), Some(cpu_ms)));
        (choice.backend, choice.reason)
    };
    assert_eq!(
        choose(BackendSetting::Auto, 1.0, 2.0),
        (RankingBackend::Gpu, BackendReason::Faster)
    );
    assert_eq!(
        choose(BackendSetting::Auto, 2.0, 1.0),
        (RankingBackend::Cpu, BackendReason::Faster)
    );
    assert_eq!(
        choose(BackendSetting::ForceGpu, 2.0, 1.0),
        (RankingBackend::Gpu, BackendReason::Forced)
    );
    assert_eq!(
        choose(BackendSetting::ForceCpu, 1.0, 2.0),
        (RankingBackend::Cpu, BackendReason::Forced)
    );
}

#[cfg(not(gpu))]
#[test]
fn without_a_gpu_path_every_setting_ranks_on_the_cpu() {
    for setting in [BackendSetting::Auto, BackendSetting::ForceGpu] {
        let device = pollster::block_on(Device::request(setting, clock()));
        assert_eq!(device.choice(), &Choice::cpu(BackendReason::NotBuilt));
        assert!(device.gpu_name().is_none());
    }
}

#[cfg(gpu)]
mod with_gpu {
    use super::*;

    #[test]
    #[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
    fn a_forced_gpu_ranks_like_the_cpu_in_one_submit_three_dispatches_one_readback() {
        let golden = golden::input();
        let (weights, table, shopper) = (&golden.weights, &golden.table, &golden.shopper);
        let mut device = pollster::block_on(Device::request(BackendSetting::ForceGpu, clock()));
        pollster::block_on(device.upload(weights, table, &Unpaced));
        let choice = device.choice().clone();
        assert_eq!((choice.backend, choice.reason), (RankingBackend::Gpu, BackendReason::Forced));
        assert!(choice.gpu_ms.is_some() && choice.cpu_ms.is_some());
        for n in [1, 7, 300, 500] {
            let before = device.counters();
            let ranking =
                pollster::block_on(device.rank_feed(weights, table, shopper, golden.now_ms, n));
            let after = device.counters();
            assert_eq!(ranking.backend, RankingBackend::Gpu);
            assert_eq!(after.n_submits - before.n_submits, 1);
            assert!(after.n_dispatches - before.n_dispatches <= 3);
            assert_eq!(after.n_readbacks - before.n_readbacks, 1);
            let (items, scores) = expected(weights, table, shopper, golden.now_ms, n);
            same_order(&ranking.items, &ranking.scores, &items, &scores);
        }
    }

    /// The same items, in the same order but for ties of 1e-3.
    fn same_order(items: &[u32], scores: &[f32], expected: &[u32], expected_scores: &[f32]) {
        assert_eq!(items.len(), expected.len());
        let score_of = |item: &u32| {
            expected_scores[expected.iter().position(|e| e == item).expect("a candidate")]
        };
        for (i, (item, score)) in items.iter().zip(scores).enumerate() {
            assert!((score - score_of(item)).abs() <= 1e-3, "item {item}");
            assert!((score_of(item) - expected_scores[i]).abs() <= 1e-3, "place {i}");
        }
    }

    #[test]
    #[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
    fn a_lost_gpu_gives_way_to_the_cpu_with_a_reason() {
        let golden = golden::input();
        let (weights, table, shopper) = (&golden.weights, &golden.table, &golden.shopper);
        let mut device = pollster::block_on(Device::request(BackendSetting::ForceGpu, clock()));
        pollster::block_on(device.upload(weights, table, &Unpaced));
        device.gpu_mut().expect("a GPU").lose();
        let ranking =
            pollster::block_on(device.rank_feed(weights, table, shopper, golden.now_ms, 500));
        assert_eq!(ranking.backend, RankingBackend::Cpu);
        let (items, _) = expected(weights, table, shopper, golden.now_ms, 500);
        assert_eq!(ranking.items, items);
        assert_eq!(device.choice().backend, RankingBackend::Cpu);
        assert!(
            matches!(device.choice().reason, BackendReason::Failed { .. }),
            "{:?}",
            device.choice()
        );
    }
}
