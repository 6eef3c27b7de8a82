//! Which items the device ranks for the feed.
//!
//! A fixed part from the log, from popularity and from neighbours, then the best of an exact
//! scan of all codes. Deterministic, without duplicates.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::limits::STARTER_CARDS;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use crate::kernels::{self, Accumulate};
use crate::layout::CODE_DIM;
use crate::{ItemTable, Shopper, Weights, counting, scan};

/// Most items of the log, the most recently touched first.
pub const HISTORY_MAX: usize = 150;
/// Most items by popularity overall.
pub const POPULAR_MAX: usize = 50;
/// Most items by popularity in the shopper's departments.
pub const DEPARTMENT_POPULAR_MAX: usize = 100;
/// Departments that share them evenly, those of most interest first.
pub const DEPARTMENTS_MAX: usize = 5;

/// Most neighbours of what was touched lately.
pub const NEIGHBOURS_MAX: usize = 100;
/// Most cards without a past, the nearest by the scan: nothing else would find them.
pub const WITHOUT_PAST_MAX: usize = 20;

/// By how much of its buyers a card counts for more whose category a newcomer has chosen, less an
/// eighth for each category that they chose ([`choice_factor`]). Chosen on validation by `vitrine-lab newcomers`.
pub const CHOICE_BONUS: f64 = 0.3;

/// Orders by popularity, made once a table.
#[derive(Clone, Debug)]
pub(crate) struct PopularityIndex {
    order: Vec<u32>,
    by_department: BTreeMap<u16, Vec<u32>>,
    /// Rows that no buyers are published of, ascending.
    without_past: Vec<u32>,
}

impl PopularityIndex {
    pub(crate) fn build(table: &ItemTable) -> Self {
        let mut order: Vec<u32> = (0..table.n_items() as u32).collect();
        sort_by_key(&mut order, |index| {
            let i = *index as usize;
            (std::cmp::Reverse(table.n_buyers()[i]), table.ids()[i])
        });
        let mut by_department: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        for index in &order {
            let rows = by_department.entry(table.departments()[*index as usize]).or_default();
            if rows.len() < DEPARTMENT_POPULAR_MAX {
                rows.push(*index);
            }
        }
        let has_no_past = |row: &u32| table.n_buyers()[*row as usize] == 0;
        let without_past = (0..table.n_items() as u32).filter(has_no_past).collect();
        Self { order, by_department, without_past }
    }
}

/// All rows, most buyers first, ties by id.
pub fn popularity_order(table: &ItemTable) -> Vec<u32> {
    table.popularity().order.clone()
}

/// The first card of each department, in the order of `cards`: what a newcomer chooses from,
/// given the most popular cards first.
pub fn first_of_departments<T>(
    cards: impl Iterator<Item = T>,
    department: impl Fn(&T) -> u16,
) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    cards.filter(move |card| seen.insert(department(card)))
}

/// How many times its buyers a card of a chosen category counts for. The more categories were
/// chosen, the less that says, down to nothing for as many as are offered at most.
pub fn choice_factor(bonus: f64, n_chosen: usize) -> f64 {
    let n_offered = *STARTER_CARDS.end();
    1.0 + bonus * n_offered.saturating_sub(n_chosen) as f64 / n_offered as f64
}

/// The order of popularity for somebody of whom nothing is known but which cards they chose: a card
/// of their categories (`is_chosen`) counts as if it had `factor` times its buyers. `popular` has
/// the most bought first.
pub fn popular_with_choice(
    popular: impl Iterator<Item = u32>,
    n_buyers: impl Fn(u32) -> u32,
    is_chosen: impl Fn(u32) -> bool,
    factor: f64,
) -> Vec<u32> {
    let (chosen, others): (Vec<u32>, Vec<u32>) = popular.partition(|row| is_chosen(*row));
    let mut rows = Vec::with_capacity(chosen.len() + others.len());
    let mut others = others.into_iter().peekable();
    for row in chosen {
        let n_counted = f64::from(n_buyers(row)) * factor;
        while let Some(other) = others.next_if(|other| f64::from(n_buyers(*other)) > n_counted) {
            rows.push(other);
        }
        rows.push(row);
    }
    rows.extend(others);
    rows
}

/// A set of rows with the order in which they were added.
struct Chosen {
    rows: Vec<u32>,
    bits: Vec<u64>,
}

impl Chosen {
    fn new(n_items: usize) -> Self {
        Self { rows: Vec::new(), bits: vec![0; n_items.div_ceil(64)] }
    }

    fn contains(&self, row: u32) -> bool {
        self.bits[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Whether it was new.
    fn add(&mut self, row: u32) -> bool {
        let new = !self.contains(row);
        if new {
            self.bits[row as usize / 64] |= 1 << (row % 64);
            self.rows.push(row);
        }
        new
    }
}

/// The part of the candidates that needs no scan of all codes: at most `n`.
///
/// # Panics
/// When the shopper's log is empty or not encoded to its end.
pub fn fixed(table: &ItemTable, weights: &Weights, shopper: &Shopper, n: usize) -> Vec<u32> {
    choose_fixed(table, &state_query(weights, shopper), shopper, n).rows
}

fn choose_fixed(table: &ItemTable, query: &[i8], shopper: &Shopper, n: usize) -> Chosen {
    let mut chosen = Chosen::new(table.n_items());
    let history = shopper.history();
    for item in history.most_recent(HISTORY_MAX) {
        if let Some(row) = table.index_of(item.item) {
            chosen.add(row);
        }
    }
    let popularity = table.popularity();
    let mut departments: Vec<(u16, f64)> = history.department_shares().collect();
    sort_by(&mut departments, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    departments.truncate(DEPARTMENTS_MAX);
    for row in popularity.order.iter().take(POPULAR_MAX) {
        chosen.add(*row);
    }
    for (department, _) in &departments {
        let rows = popularity.by_department.get(department).map_or(&[][..], Vec::as_slice);
        for row in rows.iter().take(DEPARTMENT_POPULAR_MAX / departments.len()) {
            chosen.add(*row);
        }
    }
    for row in neighbours(table, shopper) {
        chosen.add(row);
    }
    let without_past = table.popularity().without_past.iter().copied();
    let others = without_past.filter(|row| !chosen.contains(*row));
    let nearest = scan::rows_top_k(table.codes(), query, WITHOUT_PAST_MAX, others);
    for (row, _) in nearest {
        chosen.add(row);
    }
    chosen.rows.truncate(n);
    chosen
}

/// What the same shoppers bought as what was touched lately, the strongest first.
fn neighbours(table: &ItemTable, shopper: &Shopper) -> Vec<u32> {
    let sums = counting::neighbour_sums(table, shopper);
    let mut rows: Vec<(u32, f32)> = sums.into_iter().map(|(row, [_, slow])| (row, slow)).collect();
    sort_by(&mut rows, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows.into_iter().take(NEIGHBOURS_MAX).map(|(row, _)| row).collect()
}

/// The scan's query: u·W_r, rounded to i8.
///
/// # Shapes
/// `u` `[64]` → `[64]`.
pub fn query(weights: &Weights, u: &[f32; CODE_DIM]) -> Vec<i8> {
    let mut r = [0.0; CODE_DIM];
    kernels::gemm(u, &weights.retrieve, &mut r, (CODE_DIM, CODE_DIM), Accumulate::No);
    scan::quantise(&r)
}

fn state_query(weights: &Weights, shopper: &Shopper) -> Vec<i8> {
    query(weights, shopper.state_u().expect("the log is encoded before candidates are drawn"))
}

/// At most `n` candidates of the feed: [`fixed`], then the best of the scan.
///
/// Without a log: the `n` most popular.
///
/// # Panics
/// When the shopper's log is not encoded to its end.
pub fn feed(table: &ItemTable, weights: &Weights, shopper: &Shopper, n: usize) -> Vec<u32> {
    if shopper.log().is_empty() {
        return table.popularity().order.iter().take(n).copied().collect();
    }
    let query = state_query(weights, shopper);
    let chosen = choose_fixed(table, &query, shopper, n);
    let n_scanned = n - chosen.rows.len();
    let best =
        scan::scan_top_k(table.codes(), CODE_DIM, &query, n_scanned, |row| chosen.contains(row));
    let mut rows = chosen.rows;
    rows.extend(best.into_iter().map(|(row, _)| row));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_moves_cards_as_far_as_the_factor_and_keeps_the_order_among_its_own() {
        let n_buyers = [100, 90, 80, 70, 60, 0, 0];
        let order = |chosen: &[u32], factor| {
            let n_buyers = |row: u32| n_buyers[row as usize];
            popular_with_choice(0..7, n_buyers, |row| chosen.contains(&row), factor)
        };
        assert_eq!(order(&[], 2.0), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(order(&[2, 4, 6], 1.0), [0, 1, 2, 3, 4, 6, 5], "first among equals alone");
        assert_eq!(order(&[2, 4], 1.25), [2, 0, 1, 4, 3, 5, 6]);
        assert_eq!(order(&[2, 4], 10.0), [2, 4, 0, 1, 3, 5, 6]);
        assert_eq!(order(&[6], 10.0), [0, 1, 2, 3, 4, 6, 5], "nothing is made of no buyers");
    }

    #[test]
    fn a_choice_of_everything_says_nothing() {
        let factors: Vec<f64> = (1..=9).map(|n_chosen| choice_factor(0.8, n_chosen)).collect();
        assert!((factors[0] - 1.7).abs() < 1e-9, "{factors:?}");
        assert!(factors[..8].is_sorted_by(|a, b| a > b), "{factors:?}");
        assert_eq!(factors[7..], [1.0, 1.0]);
    }
}
