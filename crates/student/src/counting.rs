//! What counting says of candidates: neighbours of what was touched lately, how often and
//! how lately a card was bought; and of a card without a past, how near it is in code to
//! what was touched. The last layer weighs it beside the network.

use vitrine_domain::{EventKind, ItemId};

use crate::history::IdMap;
use crate::layout::N_SCALARS;
use crate::{ItemTable, LogEntry, Shopper, math};

/// Inputs that every candidate has.
pub const N_SHARED: usize = 8;
/// Inputs that only cards have which the shopper bought before.
pub const N_REPEAT: usize = 8;
/// Inputs that only cards have which too few bought for a count.
pub const N_WITHOUT_PAST: usize = 3;
/// Length of a row of inputs: those of every candidate, then those of its group.
pub const N_INPUTS: usize = N_SHARED + N_REPEAT;

/// Which weights of the last layer are a candidate's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CandidateGroup {
    /// Others bought it, the shopper did not.
    New = 0,
    /// The shopper bought it before.
    Repeat = 1,
    /// No buyers are published of it: it is new, or hardly bought.
    WithoutPast = 2,
}

/// The group of a card of the table for a shopper.
///
/// # Panics
/// When the row is not in the table.
pub fn group(table: &ItemTable, shopper: &Shopper, row: u32) -> CandidateGroup {
    let history = shopper.history().item(table.ids()[row as usize]);
    match (history, table.n_buyers()[row as usize]) {
        (Some(history), _) if history.n_purchases > 0 => CandidateGroup::Repeat,
        (_, 0) => CandidateGroup::WithoutPast,
        _ => CandidateGroup::New,
    }
}

/// What the last layer looks at, in order; the first [`N_SHARED`] exist for every
/// candidate, the next for cards bought before ([`CandidateGroup::Repeat`]), the last for cards
/// without a past ([`CandidateGroup::WithoutPast`]), in whose rows they follow the shared ones.
pub const INPUT_NAMES: [&str; N_INPUTS + N_WITHOUT_PAST] = [
    "network",
    "neighbours of the last visits",
    "neighbours of the history",
    "bought in the same baskets",
    "popularity",
    "recent popularity",
    "department share",
    "category share",
    "bought before",
    "purchases",
    "purchases, half-life 30 days",
    "recency, 7 days",
    "recency, 60 days",
    "share of the usual interval",
    "share of the last visits",
    "due again",
    "without a past",
    "nearest code",
    "nearness of codes",
];

/// Events within this time of the first one are one visit.
const VISIT_MS: i64 = 600_000;
/// Newest visits that are read; an older one would weigh less than 1 %.
const VISITS_MAX: usize = 44;
/// Newest events that are read.
const EVENTS_MAX: usize = 400;
/// How much of its weight a visit keeps with each newer one: fast, slow.
const VISIT_DECAYS: [f32; 2] = [0.7, 0.95];
/// Decay of a card's own purchases by visit.
const OWN_DECAY: f32 = 0.9;
/// Newest cards that one without a past is compared with.
const COMPARED_MAX: usize = 20;
/// How much of its weight each of them keeps of that of the one after it.
const COMPARED_DECAY: f32 = 0.9;
/// x ↦ ln(1 + 100 x) / ln 101 spreads small similarities.
const SPREAD: f32 = 100.0;

/// The newest events with their age in visits, newest first; what was taken out of the
/// basket does not count.
fn by_visit(shopper: &Shopper) -> impl Iterator<Item = (usize, &LogEntry)> {
    let mut visit = 0;
    let mut newest_ms = None;
    let newest = shopper.log().iter().rev().take(EVENTS_MAX);
    let aged = newest.map(move |entry| {
        let newest = *newest_ms.get_or_insert(entry.at_ms);
        if newest - entry.at_ms > VISIT_MS {
            visit += 1;
            newest_ms = Some(entry.at_ms);
        }
        (visit, entry)
    });
    aged.take_while(|(visit, _)| *visit < VISITS_MAX)
        .filter(|(_, entry)| entry.kind != EventKind::RemoveFromCart)
}

/// By row: Σ decay^visit · similarity over the published neighbours of the newest events,
/// by a fast and by a slow decay; rows that nothing is a neighbour of are left out.
pub(crate) fn neighbour_sums(table: &ItemTable, shopper: &Shopper) -> IdMap<u32, [f32; 2]> {
    let mut sums: IdMap<u32, [f32; 2]> = IdMap::default();
    for (visit, entry) in by_visit(shopper) {
        let Some(row) = table.index_of(entry.item) else { continue };
        let weights = VISIT_DECAYS.map(|decay| power(decay, visit));
        for (other, strength) in table.neighbours(row) {
            // Strengths are published as square roots.
            let similarity = (f32::from(*strength) / 255.0).powi(2);
            let sums = sums.entry(*other).or_default();
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * similarity);
        }
    }
    sums
}

/// The inputs of the last layer for some candidates of one shopper.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// `[n, 16]`, see [`INPUT_NAMES`]; what the group of a card does not have is 0.
    pub rows: Vec<f32>,
    /// Group of each candidate, `[n]`.
    pub groups: Vec<CandidateGroup>,
    /// How short the log is: 1 / √events, and 1 without any.
    pub shortness: f32,
}

impl Inputs {
    /// Reads what is known of `candidates` (rows of the table) at `now_ms`.
    ///
    /// # Shapes
    /// `network` `[n]`: scores of the network; `scalars` `[n, 16]`: those of
    /// [`crate::features::dynamic`].
    ///
    /// # Panics
    /// When a length does not fit or a candidate is not in the table.
    pub fn new(
        table: &ItemTable,
        shopper: &Shopper,
        now_ms: i64,
        candidates: &[u32],
        scalars: &[f32],
        network: &[f32],
    ) -> Self {
        assert_eq!((network.len(), scalars.len()), (candidates.len(), network.len() * N_SCALARS));
        let neighbours = neighbour_sums(table, shopper);
        let own = own_visits(shopper);
        let newest = Newest::of(table, shopper);
        let mut rows = vec![0.0; candidates.len() * N_INPUTS];
        let mut groups = Vec::with_capacity(candidates.len());
        let read = candidates.iter().zip(scalars.chunks_exact(N_SCALARS)).zip(network);
        for (out, ((row, scalars), network)) in rows.chunks_exact_mut(N_INPUTS).zip(read) {
            let [fast, slow] = neighbours.get(row).copied().unwrap_or_default().map(spread);
            let [popular, recent] = [scalars[0], scalars[1]];
            let [basket, department, category] = [scalars[15], scalars[11], scalars[12]];
            out[..N_SHARED].copy_from_slice(&[
                *network, fast, slow, basket, popular, recent, department, category,
            ]);
            let item = table.ids()[*row as usize];
            let group = group(table, shopper, *row);
            groups.push(group);
            if group == CandidateGroup::WithoutPast {
                let [nearest, near] = newest.nearness(table.code(*row));
                out[N_SHARED..][..N_WITHOUT_PAST].copy_from_slice(&[1.0, nearest, near]);
            }
            let history = shopper.history().item(item).filter(|_| group == CandidateGroup::Repeat);
            let Some(history) = history else { continue };
            let visits = own.get(&item).copied().unwrap_or_default();
            out[N_SHARED..].copy_from_slice(&[
                1.0,
                scalars[3],
                scalars[4],
                scalars[5],
                scalars[6],
                scalars[8],
                math::ln_1p(f64::from(visits)) as f32,
                history.due(now_ms) as f32,
            ]);
        }
        let n_events = shopper.log().len().max(1) as f64;
        Self { rows, groups, shortness: n_events.sqrt().recip() as f32 }
    }

    /// How many candidates there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The inputs of one candidate.
    ///
    /// # Shapes
    /// Returns `[16]`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.rows[i * N_INPUTS..][..N_INPUTS]
    }
}

/// The newest cards of a log, as what has no past is compared with them.
struct Newest<'a> {
    /// Codes, the newest first.
    codes: Vec<&'a [i8]>,
}

impl<'a> Newest<'a> {
    fn of(table: &'a ItemTable, shopper: &Shopper) -> Self {
        let rows = shopper.history().most_recent(COMPARED_MAX);
        let rows = rows.into_iter().filter_map(|item| table.index_of(item.item));
        Self { codes: rows.map(|row| table.code(row)).collect() }
    }

    /// Cosine of a code with the nearest of them, and their mean, newer ones counting more;
    /// 0 without any.
    fn nearness(&self, code: &[i8]) -> [f32; 2] {
        let (mut nearest, mut sum, mut weights, mut weight) = (f32::NEG_INFINITY, 0.0, 0.0, 1.0);
        for other in &self.codes {
            let cosine = cosine(code, other);
            nearest = nearest.max(cosine);
            sum += weight * cosine;
            weights += weight;
            weight *= COMPARED_DECAY;
        }
        if self.codes.is_empty() { [0.0; 2] } else { [nearest, sum / weights] }
    }
}

/// Cosine of two codes; 0 where one is zero.
fn cosine(a: &[i8], b: &[i8]) -> f32 {
    let product = |a: &[i8], b: &[i8]| -> i32 {
        a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    };
    let (aa, bb) = (product(a, a), product(b, b));
    if aa == 0 || bb == 0 { 0.0 } else { product(a, b) as f32 / (aa as f32 * bb as f32).sqrt() }
}

/// Σ decay^visit over the purchases of each card.
fn own_visits(shopper: &Shopper) -> IdMap<ItemId, f32> {
    let mut sums: IdMap<ItemId, f32> = IdMap::default();
    let purchases = by_visit(shopper).filter(|(_, entry)| entry.kind == EventKind::Purchase);
    for (visit, entry) in purchases {
        *sums.entry(entry.item).or_default() += power(OWN_DECAY, visit);
    }
    sums
}

/// base^n by multiplication: the same bits on every platform.
fn power(base: f32, n: usize) -> f32 {
    (0..n).fold(1.0, |product, _| product * base)
}

fn spread(sum: f32) -> f32 {
    (math::ln_1p(f64::from(SPREAD * sum)) / math::ln_1p(f64::from(SPREAD))) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::DAY_MS;
    use crate::{CODE_DIM, CatalogueScale, ItemRow, Weights};

    const MINUTE_MS: i64 = 60_000;

    fn table() -> ItemTable {
        let row = |id: u64| ItemRow {
            id: ItemId(id),
            code: [0; CODE_DIM],
            department: 0,
            category: id as u16,
            price_minor: 0,
            n_buyers: 10 - id as u32,
            n_buyers_recent: 0,
        };
        let rows: Vec<ItemRow> = (0..4).map(row).collect();
        let weights = Weights::zeros(1.0);
        let mut table = ItemTable::from_rows(&weights, CatalogueScale::of(&rows, 0), rows);
        table.set_neighbours(&[
            (ItemId(0), vec![(ItemId(2), 255), (ItemId(9), 255)]),
            (ItemId(1), vec![(ItemId(2), 51), (ItemId(3), 255)]),
        ]);
        table
    }

    fn entry(kind: EventKind, item: u64, at_ms: i64) -> LogEntry {
        let (code, category) = ([0; CODE_DIM], item as u16);
        LogEntry { kind, item: ItemId(item), at_ms, code, department: 0, category }
    }

    fn inputs(log: &[LogEntry], now_ms: i64) -> Inputs {
        let (table, mut shopper) = (table(), Shopper::new());
        log.iter().for_each(|entry| shopper.record(*entry));
        let candidates = [0, 1, 2, 3];
        let mut scalars = vec![0.0; 4 * N_SCALARS];
        crate::features::dynamic(&table, &shopper, now_ms, &candidates, None, &mut scalars);
        Inputs::new(&table, &shopper, now_ms, &candidates, &scalars, &[0.5, 0.0, 0.0, 0.0])
    }

    #[test]
    fn neighbours_count_less_with_every_newer_visit() {
        use EventKind::{Purchase, RemoveFromCart, ViewItem};
        // One purchase of 0, then a visit of two minutes with a look at 1.
        let log = [
            entry(Purchase, 0, 0),
            entry(ViewItem, 1, 60 * MINUTE_MS),
            entry(RemoveFromCart, 0, 62 * MINUTE_MS),
        ];
        let inputs = inputs(&log, 63 * MINUTE_MS);
        let sum = |decay: f32, old: f32, new: f32| spread(new + decay * old);
        assert_eq!(inputs.row(2)[1..3], [sum(0.7, 1.0, 0.04), sum(0.95, 1.0, 0.04)]);
        assert_eq!(inputs.row(3)[1..3], [spread(1.0); 2]);
        assert_eq!(inputs.row(0)[..3], [0.5, 0.0, 0.0]);
        assert!((inputs.shortness - 1.0 / 3f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn only_what_was_bought_is_a_repeat() {
        use EventKind::{Purchase, ViewItem};
        let log = [
            entry(Purchase, 0, 0),
            entry(Purchase, 0, 4 * DAY_MS),
            entry(ViewItem, 1, 4 * DAY_MS + 60 * MINUTE_MS),
        ];
        let inputs = inputs(&log, 8 * DAY_MS);
        use CandidateGroup::{New, Repeat};
        assert_eq!(inputs.groups, [Repeat, New, New, New]);
        assert!(inputs.row(1)[N_SHARED..].iter().all(|x| *x == 0.0));
        let repeat = &inputs.row(0)[N_SHARED..];
        assert_eq!(repeat[0], 1.0);
        // Four days are the usual interval: due today. Both purchases lie behind a look.
        assert!((repeat[7] - 1.0).abs() < 1e-6);
        assert!((repeat[6] - (1.0 + 0.9f32 + 0.81).ln()).abs() < 1e-6);
    }

    #[test]
    fn what_nobody_bought_is_compared_by_code() {
        let row = |id: u64, first: i8, n_buyers| ItemRow {
            id: ItemId(id),
            code: std::array::from_fn(|i| if i == 0 { first } else { i8::from(i == 1) * 4 }),
            department: 0,
            category: 0,
            price_minor: 0,
            n_buyers,
            n_buyers_recent: 0,
        };
        // 0 has the code of 2, which nobody bought; 1 is turned away from it.
        let rows = vec![row(0, 3, 5), row(1, -3, 5), row(2, 3, 0)];
        let table = ItemTable::from_rows(&Weights::zeros(1.0), CatalogueScale::of(&rows, 0), rows);
        let mut shopper = Shopper::new();
        let events = [entry(EventKind::Purchase, 0, 0), entry(EventKind::ViewItem, 1, 1)];
        events.iter().for_each(|entry| shopper.record(*entry));
        let scalars = [0.0; 3 * N_SCALARS];
        let inputs = Inputs::new(&table, &shopper, 2, &[0, 1, 2], &scalars, &[0.0; 3]);
        assert_eq!(
            inputs.groups,
            [CandidateGroup::Repeat, CandidateGroup::New, CandidateGroup::WithoutPast]
        );
        let own = &inputs.row(2)[N_SHARED..];
        // cos = (16 − 9) / 25 with the newest, 1 with the one before it.
        let near = (7.0 / 25.0 + 0.9) / 1.9;
        assert_eq!(own[..2], [1.0, 1.0]);
        assert!((own[2] - near).abs() < 1e-6, "{}", own[2]);
        assert!(own[3..].iter().all(|x| *x == 0.0));
    }
}
