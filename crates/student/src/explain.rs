//! Why an item is where it is: exact leave-one-out over the log.

use vitrine_domain::ItemId;
use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::sorting::sort_by;

use crate::history::ItemHistory;
use crate::layout::CODE_DIM;
use crate::{ItemTable, LogEntry, Ranker, Shopper, Weights, scan};

/// Distinct logged cards that are tried; the cost grows with them.
pub const TRIED_MAX: usize = 40;
/// Reasons that are given.
pub const REASONS_MAX: usize = 3;

/// A logged card that moved a score up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreReason {
    /// The logged card.
    pub item: ItemId,
    /// By how much the score falls when its events are taken out of the log.
    pub contribution: f32,
    /// How often it was viewed.
    pub n_views: u32,
    /// How often it was put into the basket.
    pub n_carts: u32,
    /// How often it was bought.
    pub n_purchases: u32,
    /// When it was last touched, milliseconds since 1970-01-01 UTC.
    pub last_at_ms: i64,
    /// Index in the log of that event.
    pub last_event: u32,
}

/// The question: which past events moved this item's score?
#[derive(Clone, Copy, Debug)]
pub struct Why {
    /// Row of the item.
    pub index: u32,
    /// Time of the ranking, milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
    /// The server's score of the item, if it came from a search.
    pub server_score: Option<f32>,
}

/// The (at most 3) logged cards without whose events the item would score
/// lower, strongest first.
///
/// Exact: for each card the log without it is encoded and the item scored
/// anew. Of long logs the [`TRIED_MAX`] cards are tried whose codes are most
/// like the item's, the item itself first. The log that remains empty has the
/// state 0.
pub fn why(
    weights: &Weights,
    table: &ItemTable,
    shopper: &Shopper,
    question: Why,
) -> Vec<ScoreReason> {
    at_once(why_paced(weights, table, shopper, question, &Unpaced))
}

/// The same logged cards as of [`why`], found in pieces.
pub async fn why_paced(
    weights: &Weights,
    table: &ItemTable,
    shopper: &Shopper,
    question: Why,
    pace: &dyn Pace,
) -> Vec<ScoreReason> {
    let mut ranker = Ranker::new();
    let full = score_one(&mut ranker, weights, table, shopper, question);
    let mut reasons: Vec<ScoreReason> = Vec::new();
    for item in most_alike(table, shopper, question.index) {
        pace.breathe().await;
        let rest: Vec<LogEntry> =
            shopper.log().iter().filter(|entry| entry.item != item).copied().collect();
        let without = Shopper::from_log(weights, &rest);
        let contribution = full - score_one(&mut ranker, weights, table, &without, question);
        if contribution > 0.0 {
            reasons.push(reason(shopper, item, contribution));
        }
    }
    sort_by(&mut reasons, |a, b| {
        b.contribution.total_cmp(&a.contribution).then(b.last_event.cmp(&a.last_event))
    });
    reasons.truncate(REASONS_MAX);
    reasons
}

fn score_one(
    ranker: &mut Ranker,
    weights: &Weights,
    table: &ItemTable,
    shopper: &Shopper,
    question: Why,
) -> f32 {
    let u = shopper.state_u().copied().unwrap_or([0.0; CODE_DIM]);
    let server_score = question.server_score.map(|score| [score]);
    let server_score = server_score.as_ref().map(<[f32; 1]>::as_slice);
    let candidates = [question.index];
    let state = (shopper, &u);
    ranker.rank_with_state(weights, table, state, question.now_ms, &candidates, server_score)[0]
}

/// Distinct logged cards, those most like the item first.
fn most_alike(table: &ItemTable, shopper: &Shopper, index: u32) -> Vec<ItemId> {
    let code = table.code(index);
    let own = table.ids()[index as usize];
    let likeness = |item: &ItemHistory| {
        let entry = &shopper.log()[item.last_event as usize];
        (item.item == own, scan::dot_i8(&entry.code, code), item.last_event)
    };
    let items = shopper.history().items();
    let mut items: Vec<_> = items.iter().map(|item| (likeness(item), item.item)).collect();
    sort_by(&mut items, |a, b| b.0.cmp(&a.0));
    items.into_iter().take(TRIED_MAX).map(|(_, item)| item).collect()
}

fn reason(shopper: &Shopper, item: ItemId, contribution: f32) -> ScoreReason {
    let history = shopper.history().item(item).expect("the item comes from the log");
    ScoreReason {
        item,
        contribution,
        n_views: history.n_views,
        n_carts: history.n_carts,
        n_purchases: history.n_purchases,
        last_at_ms: history.last_at_ms,
        last_event: history.last_event,
    }
}
