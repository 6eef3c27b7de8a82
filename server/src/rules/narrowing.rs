//! What searches find once rules for everyone have left cards out.
//!
//! The index is narrowed, not the reply: so pages, counts and facets fit together, and a search
//! that finds nothing asks for less of the shopper's conditions, never of the shop's.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use vitrine_domain::ItemId;
use vitrine_recall::{EmbeddedRecall, RecallError};
use vitrine_rules::{HoldingRules, ListContext, RuleId, leaving_out};
use vitrine_wire::CatalogueRows;

use super::cards::ServedCards;
use super::served::ServedRules;

/// Indexes that are kept for the next search.
const KEPT_MAX: usize = 16;
/// How long: what is on offer ends with the clock.
const KEPT: Duration = Duration::from_secs(60);

/// Indexes of one revision, each narrowed by some rules when a search first needs it.
#[derive(Default)]
pub struct NarrowedIndexes {
    /// The newest last.
    kept: Mutex<Vec<NarrowedIndex>>,
}

/// What rules leave cards out of.
#[derive(Clone, Copy)]
pub struct WholeIndex<'a> {
    /// The index.
    pub recall: &'a EmbeddedRecall,
    /// Its cards.
    pub rows: &'a RwLock<CatalogueRows>,
    /// The rules.
    pub rules: &'a ServedRules,
}

struct NarrowedIndex {
    rules: Vec<RuleId>,
    made: Instant,
    index: Arc<EmbeddedRecall>,
}

impl NarrowedIndexes {
    /// The index of what rules leave to a search; `None` where none leaves anything out.
    ///
    /// # Errors
    /// None of a sound index.
    pub fn of(
        &self,
        whole: WholeIndex<'_>,
        context: &ListContext<'_>,
    ) -> Result<Option<Arc<EmbeddedRecall>>, RecallError> {
        let rules = leaving_out(context, &whole.rules.compiled);
        if rules.is_empty() {
            return Ok(None);
        }
        if let Some(index) = self.kept(&rules) {
            return Ok(Some(index));
        }
        // Two searches may make the same one: neither waits for the other.
        let kept = left(whole, context);
        let index = Arc::new(whole.recall.narrowed(|item| kept.contains(&item))?);
        let made = NarrowedIndex { rules, made: Instant::now(), index: Arc::clone(&index) };
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|old| old.rules != made.rules);
        let n_over = (all.len() + 1).saturating_sub(KEPT_MAX);
        all.drain(..n_over);
        all.push(made);
        Ok(Some(index))
    }

    fn kept(&self, rules: &[RuleId]) -> Option<Arc<EmbeddedRecall>> {
        let all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|kept| kept.rules == rules && kept.made.elapsed() < KEPT)?;
        Some(Arc::clone(&found.index))
    }
}

/// The cards that rules do not leave out.
fn left(whole: WholeIndex<'_>, context: &ListContext<'_>) -> HashSet<ItemId> {
    let rows = whole.rows.read().unwrap_or_else(PoisonError::into_inner);
    let cards = ServedCards::new(&rows, context.now_seconds);
    let holding = HoldingRules::of(context, &whole.rules.compiled);
    let all = (0..).zip(&rows.cards);
    let kept = all.filter(|(index, _)| holding.left_out_by(&cards, *index).is_none());
    kept.map(|(_, card)| card.id).collect()
}
