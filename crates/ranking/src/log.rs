//! The shop's log, by shopper and in order: one entry per distinct card and basket.
//!
//! Where almost nobody bought anything, clicks stand in for purchases ([`Positives`]): the
//! entries of the log are then views and basket events, a visit is a basket, and all that
//! is said of purchases and buyers here and elsewhere is meant of them.

use std::sync::Arc;

use std::collections::{HashMap, HashSet};

use vitrine_domain::{Interaction, ItemId, Positives, ShopperId};

use crate::RankingError;

/// A visit ends when nothing is clicked for so long.
///
/// # Source
/// The usual length of a session in web analytics.
const VISIT_GAP_SECONDS: i64 = 30 * 60;

/// One card of one basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastPurchase {
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// The basket; entries of one basket are adjacent.
    pub basket: u32,
    /// Index of the card among the items of the log.
    pub item_idx: u32,
}

/// All purchases by shopper, each shopper's oldest first.
#[derive(Clone, Debug)]
pub struct PurchaseLog {
    positives: Positives,
    n_items: usize,
    /// Ascending.
    shoppers: Vec<u32>,
    starts: Vec<usize>,
    /// Shared, so that a copy of a log costs little.
    entries: Arc<Vec<PastPurchase>>,
    n_unknown: usize,
}

impl PurchaseLog {
    /// Groups and orders purchases of `items`, or clicks where there are almost no purchases;
    /// a card that is twice in one basket counts once. What else there is is left out;
    /// purchases of cards that are not in `items` are counted in [`Self::n_unknown`].
    ///
    /// # Errors
    /// [`RankingError::DuplicateItem`].
    pub fn new(items: &[ItemId], interactions: &[Interaction]) -> Result<Self, RankingError> {
        let mut index = HashMap::with_capacity(items.len());
        for (item_idx, item) in items.iter().enumerate() {
            if index.insert(*item, item_idx as u32).is_some() {
                return Err(RankingError::DuplicateItem { item: *item });
            }
        }
        let positives = Positives::of(interactions);
        let mut n_unknown = 0;
        let mut rows = Vec::with_capacity(interactions.len());
        for row in interactions.iter().filter(|row| positives.include(row.kind)) {
            let Some(item_idx) = index.get(&row.item) else {
                n_unknown += 1;
                continue;
            };
            let entry = PastPurchase {
                at_seconds: row.at_seconds,
                basket: row.basket,
                item_idx: *item_idx,
            };
            rows.push((row.shopper.0, entry));
        }
        rows.sort_unstable();
        match positives {
            Positives::Purchases => {
                rows.dedup_by_key(|(shopper, entry)| (*shopper, entry.basket, entry.item_idx));
            }
            Positives::Clicks => group_by_visit(&mut rows),
        }
        let mut log = Self {
            positives,
            n_items: items.len(),
            shoppers: Vec::new(),
            starts: Vec::new(),
            entries: Arc::new(Vec::with_capacity(rows.len())),
            n_unknown,
        };
        for (shopper, entry) in rows {
            if log.shoppers.last() != Some(&shopper) {
                log.shoppers.push(shopper);
                log.starts.push(log.entries.len());
            }
            Arc::make_mut(&mut log.entries).push(entry);
        }
        log.starts.push(log.entries.len());
        Ok(log)
    }

    /// A log of bare sequences: the n-th entry of a shopper is its n-th basket, at
    /// second n. Repeats stay.
    ///
    /// # Errors
    /// [`RankingError::OutOfRange`].
    pub fn of_sequences(n_items: usize, sequences: &[Vec<u32>]) -> Result<Self, RankingError> {
        let mut log = Self {
            positives: Positives::Purchases,
            n_items,
            shoppers: (0..sequences.len() as u32).collect(),
            starts: vec![0],
            entries: Arc::default(),
            n_unknown: 0,
        };
        for sequence in sequences {
            for (n, &item_idx) in sequence.iter().enumerate() {
                if item_idx as usize >= n_items {
                    return Err(RankingError::OutOfRange { item_idx, n_items });
                }
                Arc::make_mut(&mut log.entries).push(PastPurchase {
                    at_seconds: n as i64,
                    basket: n as u32,
                    item_idx,
                });
            }
            log.starts.push(log.entries.len());
        }
        Ok(log)
    }

    /// What its entries are.
    pub fn positives(&self) -> Positives {
        self.positives
    }

    /// How many cards the log's indices run over.
    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// How many shoppers bought anything.
    pub fn n_shoppers(&self) -> usize {
        self.shoppers.len()
    }

    /// The number of a shopper who bought anything.
    pub fn number_of(&self, shopper: ShopperId) -> Option<usize> {
        self.shoppers.binary_search(&shopper.0).ok()
    }

    /// How many purchases of unknown cards were left out.
    pub fn n_unknown(&self) -> usize {
        self.n_unknown
    }

    /// Every entry.
    pub fn entries(&self) -> &[PastPurchase] {
        &self.entries
    }

    /// Time of the newest purchase.
    pub fn last_seconds(&self) -> Option<i64> {
        self.entries.iter().map(|entry| entry.at_seconds).max()
    }

    /// All purchases of the `n`th shopper, oldest first.
    pub fn of(&self, n: usize) -> &[PastPurchase] {
        &self.entries[self.starts[n]..self.starts[n + 1]]
    }

    /// The purchases of the `n`th shopper before a moment.
    pub fn before(&self, n: usize, cut_seconds: i64) -> &[PastPurchase] {
        let all = self.of(n);
        &all[..all.partition_point(|entry| entry.at_seconds < cut_seconds)]
    }

    /// The purchases of the `n`th shopper in a half-open stretch of time.
    pub fn between(&self, n: usize, from_seconds: i64, to_seconds: i64) -> &[PastPurchase] {
        let until = self.before(n, to_seconds);
        &until[self.before(n, from_seconds).len().min(until.len())..]
    }

    /// A log of only what happened before a moment: a model fitted on it cannot
    /// have seen anything later.
    pub fn truncated(&self, cut_seconds: i64) -> Self {
        self.heads(|n| self.before(n, cut_seconds).len())
    }

    /// The same log with more shoppers, numbered behind those that it has; each one's
    /// entries oldest first.
    ///
    /// # Errors
    /// [`RankingError::OutOfRange`].
    pub fn with_shoppers(mut self, more: &[Vec<PastPurchase>]) -> Result<Self, RankingError> {
        let n_items = self.n_items;
        let first = self.shoppers.iter().max().map_or(0, |most| most + 1);
        for (number, entries) in (first..).zip(more.iter().filter(|more| !more.is_empty())) {
            if let Some(entry) = entries.iter().find(|entry| entry.item_idx as usize >= n_items) {
                return Err(RankingError::OutOfRange { item_idx: entry.item_idx, n_items });
            }
            self.shoppers.push(number);
            Arc::make_mut(&mut self.entries).extend_from_slice(entries);
            self.starts.push(self.entries.len());
        }
        Ok(self)
    }

    /// A log of only the first `keep(n)` entries of the `n`th shopper; shoppers
    /// of whom nothing is kept are left out.
    pub fn heads(&self, keep: impl Fn(usize) -> usize) -> Self {
        let mut log = Self {
            positives: self.positives,
            n_items: self.n_items,
            shoppers: Vec::new(),
            starts: Vec::new(),
            entries: Arc::default(),
            n_unknown: self.n_unknown,
        };
        for n in 0..self.n_shoppers() {
            let all = self.of(n);
            let kept = &all[..keep(n).min(all.len())];
            if !kept.is_empty() {
                log.shoppers.push(self.shoppers[n]);
                log.starts.push(log.entries.len());
                Arc::make_mut(&mut log.entries).extend_from_slice(kept);
            }
        }
        log.starts.push(log.entries.len());
        log
    }
}

/// Makes a basket of each visit of a shopper, with the first click of each card. Many logs
/// of clicks have no visits, or number each line.
///
/// # Shapes
/// `rows` of shopper and entry, sorted.
fn group_by_visit(rows: &mut Vec<(u32, PastPurchase)>) {
    let mut seen = HashSet::new();
    let (mut visit, mut last) = (0, None);
    rows.retain_mut(|(shopper, entry)| {
        let goes_on = last.is_some_and(|(of, at_seconds)| {
            of == *shopper && entry.at_seconds - at_seconds <= VISIT_GAP_SECONDS
        });
        if !goes_on {
            visit += u32::from(last.is_some());
            seen.clear();
        }
        last = Some((*shopper, entry.at_seconds));
        entry.basket = visit;
        seen.insert(entry.item_idx)
    });
}

#[cfg(test)]
mod tests {
    use vitrine_domain::EventKind;

    use super::*;

    fn line(shopper: u32, item: u64, basket: u32, at_seconds: i64) -> Interaction {
        let kind = EventKind::Purchase;
        let (shopper, item) = (ShopperId(shopper), ItemId(item));
        Interaction { shopper, item, kind, at_seconds, basket, quantity: 1, price_minor: 1 }
    }

    #[test]
    fn a_card_counts_once_a_basket_and_views_do_not_count() {
        let mut view = line(4, 10, 3, 5);
        view.kind = EventKind::ViewItem;
        let lines = [
            line(4, 11, 2, 200),
            line(4, 10, 1, 100),
            line(4, 10, 1, 100),
            line(2, 10, 7, 50),
            line(2, 99, 7, 50),
            view,
        ];
        let log = PurchaseLog::new(&[ItemId(10), ItemId(11)], &lines).expect("distinct ids");
        assert_eq!((log.n_shoppers(), log.entries().len(), log.n_unknown()), (2, 3, 1));
        assert_eq!(log.of(1).iter().map(|e| e.item_idx).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(log.before(1, 200).len(), 1);
        assert_eq!(log.between(1, 100, 200).len(), 1);
        assert!(log.between(1, 300, 100).is_empty());
        assert_eq!(log.last_seconds(), Some(200));
    }

    #[test]
    fn without_purchases_visits_are_baskets_of_clicks() {
        let click = |shopper, item, line_number, at_seconds, kind| Interaction {
            kind,
            ..line(shopper, item, line_number, at_seconds)
        };
        let (view, cart, out) =
            (EventKind::ViewItem, EventKind::AddToCart, EventKind::RemoveFromCart);
        let lines = [
            click(9, 10, 0, 100, view),
            click(9, 11, 1, 160, view),
            click(9, 10, 2, 200, cart),
            click(9, 11, 3, 210, out),
            click(9, 10, 4, 2_001, view),
            click(9, 11, 5, 2_100, view),
            click(4, 11, 6, 150, view),
            click(4, 11, 7, 6_000, view),
        ];
        let log = PurchaseLog::new(&[ItemId(10), ItemId(11)], &lines).expect("distinct ids");
        assert_eq!(log.positives(), Positives::Clicks);
        let of = |n: usize| -> Vec<(u32, u32, i64)> {
            log.of(n).iter().map(|e| (e.basket, e.item_idx, e.at_seconds)).collect()
        };
        assert_eq!(of(0), [(0, 1, 150), (1, 1, 6_000)], "shopper 4: two visits");
        assert_eq!(of(1), [(2, 0, 100), (2, 1, 160), (3, 0, 2_001), (3, 1, 2_100)]);
        assert_eq!(log.truncated(1_000).positives(), Positives::Clicks);
        // One in twenty who bought is enough, and then clicks do not count.
        let mut bought = lines.to_vec();
        bought.push(line(9, 11, 8, 7_000));
        let log = PurchaseLog::new(&[ItemId(10), ItemId(11)], &bought).expect("distinct ids");
        assert_eq!((log.positives(), log.entries().len()), (Positives::Purchases, 1));
    }

    #[test]
    fn a_truncated_log_knows_nothing_later() {
        let lines = [line(0, 1, 0, 10), line(0, 1, 1, 20), line(1, 1, 2, 30)];
        let log = PurchaseLog::new(&[ItemId(1)], &lines).expect("distinct ids").truncated(20);
        assert_eq!((log.n_shoppers(), log.last_seconds()), (1, Some(10)));
    }

    #[test]
    fn sequences_keep_their_order_and_their_repeats() {
        let log =
            PurchaseLog::of_sequences(5, &[vec![4, 1, 4], vec![], vec![2]]).expect("in range");
        let items = |n: usize| log.of(n).iter().map(|e| e.item_idx).collect::<Vec<_>>();
        assert_eq!((items(0), items(1), items(2)), (vec![4, 1, 4], vec![], vec![2]));
        let heads = log.heads(|n| log.of(n).len().saturating_sub(1));
        assert_eq!((heads.n_shoppers(), heads.entries().len()), (1, 2));
        let error = PurchaseLog::of_sequences(4, &[vec![4]]);
        assert!(matches!(error, Err(RankingError::OutOfRange { item_idx: 4, n_items: 4 })));
    }

    #[test]
    fn more_shoppers_stand_behind_those_there_are() {
        let log = PurchaseLog::of_sequences(5, &[vec![4, 1], vec![2]]).expect("in range");
        let more = [log.of(0)[..1].to_vec(), vec![]];
        let more = log.clone().with_shoppers(&more).expect("in range");
        assert_eq!((more.n_shoppers(), more.of(1), more.of(2)), (3, log.of(1), &log.of(0)[..1]));
        let wrong = PastPurchase { item_idx: 5, ..log.of(0)[0] };
        assert!(log.with_shoppers(&[vec![wrong]]).is_err());
    }

    #[test]
    fn the_same_id_twice_is_refused() {
        let error = PurchaseLog::new(&[ItemId(1), ItemId(1)], &[]);
        assert!(matches!(error, Err(RankingError::DuplicateItem { item: ItemId(1) })));
    }
}
