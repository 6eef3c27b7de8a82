use vitrine_student::{ItemTable, N_SCALARS, Ranker, Shopper, features, reference};

use crate::shop::shop;

#[test]
fn scores_are_those_of_the_reference_for_any_number_of_candidates() {
    let mut shop = shop(41, 90);
    let log = shop.log(80);
    let shopper = Shopper::from_log(&shop.weights, &log);
    let now_ms = log[79].at_ms + 5_000_000;
    let u = reference::state(&shop.weights, &log).unwrap();
    let mut ranker = Ranker::new();
    for n in [0u32, 1, 2, 3, 4, 5, 63, 90] {
        let candidates: Vec<u32> = (0..n).rev().collect();
        let server: Vec<f32> = candidates.iter().map(|i| *i as f32 / 90.0).collect();
        let mut scalars = vec![0.0; candidates.len() * N_SCALARS];
        features::dynamic(&shop.table, &shopper, now_ms, &candidates, Some(&server), &mut scalars);
        let scores =
            ranker.rank(&shop.weights, &shop.table, &shopper, now_ms, &candidates, Some(&server));
        assert_eq!(scores.len(), candidates.len());
        for ((score, index), s) in scores.iter().zip(&candidates).zip(scalars.chunks(N_SCALARS)) {
            let expected = reference::score(&shop.weights, &u, shop.table.code(*index), s);
            let error = (f64::from(*score) - expected).abs();
            assert!(error < 1e-4 * (1.0 + expected.abs()), "{score} for {expected}");
        }
    }
}

#[test]
fn a_score_does_not_depend_on_the_other_candidates() {
    let mut shop = shop(42, 40);
    let log = shop.log(30);
    let shopper = Shopper::from_log(&shop.weights, &log);
    let all: Vec<u32> = (0..40).collect();
    let rank =
        |rows: &[u32]| Ranker::new().rank(&shop.weights, &shop.table, &shopper, 0, rows, None);
    let together = rank(&all);
    for row in all {
        assert_eq!(rank(&[row])[0], together[row as usize]);
    }
}

#[test]
fn without_a_log_the_server_or_popularity_decides() {
    let shop = shop(43, 10);
    let rank = |server: Option<&[f32]>| {
        Ranker::new().rank(&shop.weights, &shop.table, &Shopper::new(), 0, &[3, 4], server)
    };
    assert_eq!(rank(Some(&[0.25, 0.5])), [0.25, 0.5]);
    let n_buyers = shop.table.n_buyers();
    assert_eq!(rank(None), [n_buyers[3] as f32, n_buyers[4] as f32]);
}

#[test]
fn sorting_puts_the_best_first_and_ties_by_id() {
    let shop = shop(45, 5);
    let (rows, scores) =
        vitrine_student::score::sorted(&shop.table, &[4, 3, 2, 1], &[0.5, f32::NAN, 0.5, 2.0]);
    assert_eq!(rows, [1, 2, 4, 3]);
    assert_eq!(scores[..3], [2.0, 0.5, 0.5]);
}

#[test]
fn upserting_one_by_one_gives_the_table_built_at_once() {
    let shop = shop(44, 30);
    let mut table = ItemTable::new(shop.table.scale());
    let mut old = shop.rows[7];
    old.code = [1; 64];
    old.n_buyers = 0;
    let first = table.upsert(&shop.weights, &old);
    table.popularity_is_up_to_date();
    for row in &shop.rows {
        table.upsert(&shop.weights, row);
    }
    assert_eq!(table.n_items(), 30);
    assert_eq!(table.index_of(old.id), Some(first));
    for row in &shop.rows {
        let (a, b) = (table.index_of(row.id).unwrap(), shop.table.index_of(row.id).unwrap());
        assert_eq!(table.code(a), shop.table.code(b));
        assert_eq!(table.static_scalars(a), shop.table.static_scalars(b));
        let pre = |table: &ItemTable, i: u32| table.pre()[i as usize * 64..][..64].to_vec();
        assert_eq!(pre(&table, a), pre(&shop.table, b));
    }
}

trait PopularityCheck {
    fn popularity_is_up_to_date(&self);
}

impl PopularityCheck for ItemTable {
    /// Forces the cached order, so that a later change must renew it.
    fn popularity_is_up_to_date(&self) {
        assert_eq!(vitrine_student::popularity_order(self).len(), self.n_items());
    }
}
