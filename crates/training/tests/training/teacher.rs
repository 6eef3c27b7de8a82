//! The teacher of a small shop.

use std::sync::atomic::AtomicBool;

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_evaluation::top_k;
use vitrine_ranking::PastPurchase;
use vitrine_training::next::Scorer;
use vitrine_training::teacher::parts::PartKind;
use vitrine_training::teacher::{Teacher, TeacherConfig};
use vitrine_training::{PreparedData, TrainingError};

use crate::shop::{N_ITEMS, N_WEEKS, Shop, WEEK_SECONDS};

const UNTIL: i64 = (N_WEEKS - 4) * WEEK_SECONDS;

pub fn config() -> TeacherConfig {
    let mut config = TeacherConfig::new(1);
    config.parts.repeat.n_networks = 1;
    config.parts.repeat.batch = 256;
    config
}

pub fn fitted(data: &PreparedData<'_>) -> Teacher {
    Teacher::fit(data, UNTIL, &config(), &AtomicBool::new(false)).expect("enough data")
}

/// What the first shoppers bought before the horizon.
fn histories<'a>(data: &'a PreparedData<'_>) -> Vec<&'a [PastPurchase]> {
    let mut histories: Vec<_> = (0..12).map(|n| data.log.before(n, UNTIL)).collect();
    histories.extend([&data.log.of(0)[..3], &[]]);
    histories
}

fn scores(teacher: &Teacher, data: &PreparedData<'_>) -> Vec<f32> {
    teacher.score(&histories(data), UNTIL).expect("scores")
}

#[test]
fn the_parts_of_a_shop_that_buys_again_rank_better_together_than_the_linear_features() {
    let shop = Shop::new(5);
    let data = shop.prepared();
    let teacher = fitted(&data);
    let kinds = teacher.kinds();
    for kind in [PartKind::Repeat, PartKind::TifuKnn, PartKind::Features, PartKind::Ease] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let linear = vitrine_training::fit_features(&data, UNTIL, 1).expect("enough data");
    let mut found = [0, 0];
    for n in 0..data.log.n_shoppers() {
        let history = data.log.before(n, UNTIL);
        let bought = data.log.between(n, UNTIL, UNTIL + WINDOW_SECONDS);
        let fused = teacher.score_one(history, UNTIL).expect("scores");
        for (found, scores) in found.iter_mut().zip([fused, linear.score(history, UNTIL)]) {
            let top = top_k(&scores, 10);
            *found += top.iter().filter(|i| bought.iter().any(|b| b.item_idx == **i)).count();
        }
    }
    let [fused, linear] = found;
    assert!(fused * 100 >= linear * 97 && fused > 300, "{fused} found, {linear} by the features");
}

#[test]
fn what_each_part_adds_adds_up_to_the_score() {
    let shop = Shop::new(1);
    let data = shop.prepared();
    let teacher = fitted(&data);
    for history in histories(&data) {
        let scores = teacher.score_one(history, UNTIL).expect("scores");
        let before = history.iter().map(|entry| entry.item_idx).take(2);
        for item in before.chain([0, 77, 159]) {
            let explained = teacher.explain(history, UNTIL, item).expect("explained");
            assert_eq!(explained.terms.len(), teacher.kinds().len());
            let sum: f32 = explained.terms.iter().map(|term| term.value).sum();
            let (sum, score) = (explained.constant + sum, scores[item as usize]);
            assert!((sum - score).abs() < 1e-3 * score.abs().max(1.0), "{sum} for {score}");
            assert!(explained.terms.is_sorted_by(|a, b| a.value >= b.value));
        }
    }
}

#[test]
fn a_saved_teacher_comes_back_and_a_damaged_or_mixed_one_does_not() {
    let shop = Shop::new(1);
    let data = shop.prepared();
    let teacher = fitted(&data);
    let folder = tempfile::tempdir().expect("a folder");
    teacher.save(folder.path()).expect("written");
    let read = Teacher::load(folder.path()).expect("as saved");
    assert_eq!((read.items(), read.kinds()), (teacher.items(), teacher.kinds()));
    // Rows of 160 items are kept whole; texts are rounded.
    let (before, after) = (scores(&teacher, &data), scores(&read, &data));
    let furthest = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(furthest < 0.05, "{furthest}");
    // What was read is saved as it is.
    let again = tempfile::tempdir().expect("a folder");
    read.save(again.path()).expect("written");
    let again_read = Teacher::load(again.path()).expect("as saved");
    assert_eq!(scores(&again_read, &data), after);

    let part = folder.path().join("teacher-item-knn.bin");
    std::fs::write(&part, b"something else").expect("written");
    assert!(Teacher::load(folder.path()).is_err());
    std::fs::remove_file(&part).expect("removed");
    assert!(Teacher::load(folder.path()).is_err());
    assert!(Teacher::load(&folder.path().join("nothing")).is_err());
}

#[test]
fn what_thinning_costs_is_little() {
    let shop = Shop::new(1);
    let data = shop.prepared();
    let teacher = fitted(&data);
    let overlap = |n_kept: usize| {
        let thinned = teacher.thinned(n_kept).expect("thinned");
        let top = |scores: &[f32]| -> Vec<Vec<u32>> {
            scores.chunks_exact(N_ITEMS).map(|scores| top_k(scores, 10)).collect()
        };
        let (before, after) = (top(&scores(&teacher, &data)), top(&scores(&thinned, &data)));
        let shared = before
            .iter()
            .zip(&after)
            .map(|(before, after)| before.iter().filter(|item| after.contains(item)).count());
        shared.sum::<usize>() as f64 / (10 * before.len()) as f64
    };
    // A quarter and an eighth of each row: of the first ten nearly all stay.
    let (quarter, eighth) = (overlap(40), overlap(20));
    assert!(quarter > 0.9 && eighth > 0.75, "{quarter} {eighth}");
}

#[test]
fn nothing_after_the_horizon_is_looked_at() {
    let shop = Shop::new(1);
    let altered = shop.altered_from(UNTIL);
    let [real, other] = [&shop, &altered].map(|shop| {
        let data = shop.prepared();
        scores(&fitted(&data), &data)
    });
    assert_eq!(real, other);
    // The same change where it may be seen is seen.
    let altered = shop.altered_from(UNTIL - WINDOW_SECONDS);
    let data = altered.prepared();
    let past = shop.prepared();
    assert_ne!(scores(&fitted(&data), &past), real);
}

#[test]
fn an_earlier_teacher_knows_only_what_came_before_its_moment() {
    let shop = Shop::new(2);
    let data = shop.prepared();
    let teacher = fitted(&data);
    let moment = UNTIL - 2 * WINDOW_SECONDS;
    let altered = shop.altered_from(moment);
    let altered = altered.prepared();
    let stop = AtomicBool::new(false);
    let probes: Vec<&[PastPurchase]> = (0..8).map(|n| data.log.before(n, moment)).collect();
    let at = |data: &PreparedData<'_>, moment| {
        let teacher = teacher.at(data, moment, &config(), &stop).expect("fits");
        teacher.score(&probes, moment).expect("scores")
    };
    assert_eq!(at(&data, moment), at(&altered, moment));
    assert_ne!(at(&data, UNTIL), at(&altered, UNTIL), "a leak would be noticed");
}

#[test]
fn one_seed_gives_one_teacher_on_one_thread_and_on_several_and_a_stop_is_heard() {
    let shop = Shop::new(1);
    let data = shop.prepared();
    let several = scores(&fitted(&data), &data);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    assert_eq!(pool.install(|| scores(&fitted(&data), &data)), several);
    let stopped = Teacher::fit(&data, UNTIL, &config(), &AtomicBool::new(true));
    assert!(matches!(stopped, Err(TrainingError::Stopped)));
}

#[test]
fn a_shop_where_nobody_buys_again_has_other_parts() {
    let mut shop = Shop::new(1);
    let mut seen = std::collections::HashSet::new();
    shop.interactions.retain(|line| seen.insert((line.shopper, line.item)));
    // No texts either: all are alike.
    let first = shop.vectors[..384].to_vec();
    shop.vectors.chunks_exact_mut(384).for_each(|vector| vector.copy_from_slice(&first));
    let data = shop.prepared();
    let kinds = fitted(&data).kinds();
    for kind in [PartKind::Repeat, PartKind::TifuKnn, PartKind::Titles] {
        assert!(!kinds.contains(&kind), "{kinds:?}");
    }
    assert!(kinds.contains(&PartKind::Transition) && kinds.contains(&PartKind::ItemKnn));
}
