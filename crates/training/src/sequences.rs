//! Training logs: what a shopper's device would hold at some moment of the year,
//! and the moments (cuts) at which it would have to rank.
//!
//! Where the shop's log has views and basket events, they are where they were. Where it
//! has purchases only, a part of the logs gets **simulated** views (some followed by a
//! cart event) shortly before a basket, to teach the student what a click means: of cards
//! of that basket, of others of their categories, or of any. Nothing of these is reported
//! as measured behaviour. Where clicks are all there is, they take the place of purchases,
//! and nothing is simulated.
//! A part of the logs forgets its beginning, so that short logs are learned too, and a
//! part all but its last few events: a newcomer's.

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use vitrine_domain::EventKind;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::PastPurchase;
use vitrine_student::{LogEntry, window};

use crate::non_purchases::NonPurchase;
use crate::{PreparedData, snapshots::Snapshots};

/// Most cuts of one sequence.
pub const CUTS_MAX: usize = 4;
const VIEWS_SHARE: f64 = 0.3;
const FORGETFUL_SHARE: f64 = 0.25;
/// Baskets that a forgetful log remembers, at most.
const REMEMBERED_MAX: usize = 8;
const NEWCOMERS_SHARE: f64 = 0.4;
/// Events of a newcomer's log, at most.
const NEWCOMER_EVENTS_MAX: usize = 8;
/// After a basket nothing is asked for so long.
const PAUSE_SECONDS: i64 = 60;
/// Gaps between baskets, counted from the newest, that may have a cut after a view.
const VIEWED_GAPS: usize = 5;

/// One moment at which the device has to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// Events of the log that have happened.
    pub n_events: usize,
    /// Purchases behind them (those the log remembers): `[from, to)` of the shopper's.
    pub purchases: (usize, usize),
    /// The moment.
    pub now_seconds: i64,
    /// Cards of the next basket.
    pub next_basket: Vec<u32>,
    /// Cards bought in the four weeks after the moment, distinct, ascending.
    pub targets: Vec<u32>,
    /// A view lies right before.
    pub after_views: bool,
}

/// A log and the cuts in its last window.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Whose: the number in the purchase log.
    pub shopper: usize,
    /// Events, oldest first, and the card of each.
    pub log: Vec<LogEntry>,
    /// Index of each event's card.
    pub items: Vec<u32>,
    /// First event of the window that all cuts share.
    pub start: usize,
    /// At least one, ascending.
    pub cuts: Vec<Cut>,
}

/// Makes one sequence from a seed; `None` when the shopper that the seed picks
/// has no usable moment.
pub fn sequence(data: &PreparedData<'_>, snapshots: &Snapshots, seed: u64) -> Option<Sequence> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let shopper = rng.random_range(0..data.log.n_shoppers());
    let purchases = data.log.of(shopper);
    let baskets = baskets(purchases);
    let at = |basket: usize| purchases[baskets[basket].0].at_seconds;
    let (first, last) = (snapshots.first_now_seconds(), snapshots.last_now_seconds());
    let usable: Vec<usize> =
        (0..baskets.len()).filter(|b| (first..last).contains(&at(*b))).collect();
    let newest = *usable.choose(&mut rng)?;
    let oldest = if rng.random_bool(FORGETFUL_SHARE) {
        // One past the newest: a log of views only.
        (newest + 1).saturating_sub(rng.random_range(0..=REMEMBERED_MAX))
    } else {
        0
    };
    let may_view = data.log.positives().are_purchases();
    let views = may_view && (oldest > newest || rng.random_bool(VIEWS_SHARE));
    let mut builder = Builder::new(data, snapshots, shopper, &baskets);
    if oldest == 0 {
        let first_at = purchases[baskets[0].0].at_seconds;
        builder.push_non_purchases(data.non_purchases.between(shopper, i64::MIN, first_at));
    }
    if oldest > newest {
        builder.gap(&mut rng, newest, oldest, views);
    }
    for basket in oldest..=newest {
        builder.basket(basket);
        let viewed = views && newest - basket < VIEWED_GAPS && rng.random_bool(0.6);
        builder.gap(&mut rng, basket, oldest, viewed);
    }
    builder.finish(&mut rng)
}

/// `[from, to)` of each basket of a shopper.
fn baskets(purchases: &[PastPurchase]) -> Vec<(usize, usize)> {
    let mut from = 0;
    purchases
        .chunk_by(|a, b| a.basket == b.basket)
        .map(|basket| {
            let range = (from, from + basket.len());
            from = range.1;
            range
        })
        .collect()
}

struct Builder<'a, 'd> {
    data: &'a PreparedData<'d>,
    snapshots: &'a Snapshots,
    shopper: usize,
    purchases: &'a [PastPurchase],
    baskets: &'a [(usize, usize)],
    log: Vec<LogEntry>,
    items: Vec<u32>,
    cuts: Vec<Cut>,
}

impl<'a, 'd> Builder<'a, 'd> {
    fn new(
        data: &'a PreparedData<'d>,
        snapshots: &'a Snapshots,
        shopper: usize,
        baskets: &'a [(usize, usize)],
    ) -> Self {
        let purchases = data.log.of(shopper);
        let (log, items, cuts) = (Vec::new(), Vec::new(), Vec::new());
        Self { data, snapshots, shopper, purchases, baskets, log, items, cuts }
    }

    fn push(&mut self, kind: EventKind, item_idx: u32, at_seconds: i64) {
        self.log.push(self.snapshots.cards().entry(item_idx, kind, at_seconds * 1_000));
        self.items.push(item_idx);
    }

    fn basket(&mut self, basket: usize) {
        let (from, to) = self.baskets[basket];
        for entry in &self.purchases[from..to] {
            self.push(self.data.log.positives().logged_as(), entry.item_idx, entry.at_seconds);
        }
    }

    /// What lies between a basket and the next: a cut at some moment of it, or views and
    /// a cut right after one.
    fn gap(&mut self, rng: &mut SmallRng, basket: usize, oldest: usize, viewed: bool) {
        let (_, to) = self.baskets[basket];
        let bought_at = self.purchases[to - 1].at_seconds;
        let after = bought_at + PAUSE_SECONDS;
        let next = self.baskets.get(basket + 1).copied();
        let next_at = next.map(|(from, _)| self.purchases[from].at_seconds);
        let known = if basket < oldest { (to, to) } else { (self.baskets[oldest].0, to) };
        let before = next_at.unwrap_or(after + 14 * DAY_SECONDS).min(after + WINDOW_SECONDS);
        if !self.data.non_purchases.is_empty() {
            let stretch = (bought_at + 1, next_at.unwrap_or(before));
            return self.gap_as_it_was(rng, known, stretch, (after, before), viewed);
        }
        if !viewed {
            if before > after {
                self.cut(known, rng.random_range(after..before), false);
            }
            return;
        }
        let (Some((next_from, next_to)), Some(next_at)) = (next, next_at) else { return };
        let minutes = rng.random_range(2..30) * 60;
        let earliest = after.max(self.snapshots.first_now_seconds());
        if next_at - minutes <= earliest {
            return;
        }
        let mut at_seconds = next_at - minutes;
        let next_basket: Vec<u32> =
            self.purchases[next_from..next_to].iter().map(|entry| entry.item_idx).collect();
        for _ in 0..rng.random_range(1..=5) {
            let Some(item) = self.viewed_item(rng, &next_basket, at_seconds) else { continue };
            self.push(EventKind::ViewItem, item, at_seconds);
            if rng.random_bool(0.2) {
                self.push(EventKind::AddToCart, item, at_seconds);
            }
            at_seconds = (at_seconds + rng.random_range(1..60)).min(next_at - 1);
        }
        self.cut(known, at_seconds.min(next_at - 1), true);
    }

    /// A gap of a log that has views: all of them, with a cut right after one or anywhere
    /// in `cut_in`.
    fn gap_as_it_was(
        &mut self,
        rng: &mut SmallRng,
        known: (usize, usize),
        (from, to): (i64, i64),
        cut_in: (i64, i64),
        viewed: bool,
    ) {
        let events = self.data.non_purchases.between(self.shopper, from, to);
        let late = &events[events.partition_point(|event| event.at_seconds < cut_in.0)..];
        let chosen = late.choose(rng).filter(|_| viewed).map(|event| event.at_seconds);
        let anywhere = || (cut_in.0 < cut_in.1).then(|| rng.random_range(cut_in.0..cut_in.1));
        let now = chosen.or_else(anywhere);
        let is_seen = |event: &NonPurchase| now.is_some_and(|now| event.at_seconds <= now);
        let (seen, later) = events.split_at(events.partition_point(is_seen));
        self.push_non_purchases(seen);
        if let Some(now) = now {
            self.cut(known, now, chosen.is_some());
        }
        self.push_non_purchases(later);
    }

    fn push_non_purchases(&mut self, events: &[NonPurchase]) {
        events.iter().for_each(|event| self.push(event.kind, event.item_idx, event.at_seconds));
    }

    /// A card of the next basket, another of its category, or any popular one.
    fn viewed_item(&self, rng: &mut SmallRng, next: &[u32], now_seconds: i64) -> Option<u32> {
        let wanted = *next.choose(rng)?;
        let popularity = &self.snapshots.at(now_seconds).popularity;
        let weight = |item: &u32| popularity.n_buyers[*item as usize] + 1;
        match rng.random_range(0..100) {
            0..40 => Some(wanted),
            40..85 => {
                let categories = self.snapshots.cards().categories();
                let category = categories[wanted as usize];
                let all = 0..self.data.n_items() as u32;
                let alike: Vec<u32> = all.filter(|i| categories[*i as usize] == category).collect();
                alike.choose_weighted(rng, weight).ok().copied()
            }
            _ => Some(rng.random_range(0..self.data.n_items() as u32)),
        }
    }

    fn cut(&mut self, purchases: (usize, usize), now_seconds: i64, after_views: bool) {
        let (first, last) = (self.snapshots.first_now_seconds(), self.snapshots.last_now_seconds());
        if self.log.is_empty() || !(first..=last).contains(&now_seconds) {
            return;
        }
        let (log, until) = (&self.data.log, now_seconds + WINDOW_SECONDS);
        let ahead = log.between(self.shopper, now_seconds, until);
        let Some(next) = ahead.first() else { return };
        let item = |entry: &PastPurchase| entry.item_idx;
        let in_next = |entry: &&PastPurchase| entry.basket == next.basket;
        let mut targets: Vec<u32> = ahead.iter().map(item).collect();
        targets.sort_unstable();
        targets.dedup();
        let next_basket = ahead.iter().take_while(in_next).map(item).collect();
        let n_events = self.log.len();
        self.cuts.push(Cut { n_events, purchases, now_seconds, next_basket, targets, after_views });
    }

    /// Leaves the newest `n_events` before the newest cut.
    fn forget_all_but(&mut self, n_events: usize) -> Option<()> {
        let mut cut = self.cuts.pop()?;
        let from = cut.n_events.saturating_sub(n_events);
        self.log = self.log[from..cut.n_events].to_vec();
        self.items = self.items[from..cut.n_events].to_vec();
        let kind = self.data.log.positives().logged_as();
        let n_purchases = self.log.iter().filter(|entry| entry.kind == kind).count();
        cut.n_events = self.log.len();
        cut.purchases.0 = cut.purchases.1 - n_purchases;
        self.cuts = vec![cut];
        Some(())
    }

    /// Keeps the cuts that share the newest cut's window, a few of them; of a newcomer
    /// the newest cut.
    fn finish(mut self, rng: &mut SmallRng) -> Option<Sequence> {
        if rng.random_bool(NEWCOMERS_SHARE) {
            // The fewer events, the more they need to be seen.
            let [a, b] = [(); 2].map(|()| rng.random_range(1..=NEWCOMER_EVENTS_MAX));
            self.forget_all_but(a.min(b))?;
        }
        let start = window::start(self.cuts.last()?.n_events);
        self.cuts.retain(|cut| window::start(cut.n_events) == start);
        while self.cuts.len() > CUTS_MAX {
            self.cuts.remove(rng.random_range(0..self.cuts.len() - 1));
        }
        let n_events = self.cuts.last()?.n_events;
        self.log.truncate(n_events);
        self.items.truncate(n_events);
        let Self { shopper, log, items, cuts, .. } = self;
        Some(Sequence { shopper, log, items, start, cuts })
    }
}
