//! Places that rules fix.

use vitrine_domain::sorting::sort_by;

use crate::action::RuleAction;
use crate::compiled::{CompiledRules, Wish};
use crate::facts::ListContext;
use crate::keys::NO_KEY;
use crate::limits::{RULE_PLACES_MAX, SPONSORED_PER_PAGE_MAX};
use crate::rule::RuleId;

use super::sift::Sifted;
use super::{Candidate, RuleTouch};

/// A wish that is granted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub candidate: u32,
    wish: Wish,
    /// Its place in the list, from 0; `None` on another page than those of the list.
    place: Option<usize>,
}

impl Granted {
    /// The rule, and what it did.
    pub fn touch(&self, rules: &CompiledRules) -> (RuleId, RuleTouch) {
        let rule = rules.rule(self.wish.rule);
        let how = match &rule.then[self.wish.action as usize] {
            RuleAction::Sponsored { paid_by, .. } => {
                RuleTouch::Sponsored { paid_by: paid_by.clone() }
            }
            _ => RuleTouch::Pinned,
        };
        (rule.id, how)
    }
}

/// A page: `None` for one before the list, else how many pages behind its start.
type PageOfList = Option<usize>;

/// What rules have of one page.
#[derive(Clone, Copy, Default)]
struct PageTally {
    /// Of pages before the list the place of their first card tells them apart.
    page: (PageOfList, usize),
    n: usize,
    n_sponsored: usize,
}

/// Wishes that are granted, pins before sponsored cards. Which those are depends on neither
/// the order of the list nor on whether a card that a rule names is in it, so that the result
/// of arranging grants the same.
pub(super) fn accepted(
    candidates: &[Candidate],
    sifted: &Sifted,
    rules: &CompiledRules,
    holding: &[u32],
    context: &ListContext<'_>,
) -> Vec<Granted> {
    let wishes = || holding.iter().flat_map(|rule| rules.wishes_of(*rule));
    let mut found: Vec<(u32, u32)> = candidates
        .iter()
        .zip(0..)
        .filter(|(candidate, _)| candidate.card.item != NO_KEY)
        .map(|(candidate, at)| (candidate.card.item, at))
        .collect();
    sort_by(&mut found, Ord::cmp);
    let candidate_of = |wish: &Wish| {
        let at = found.partition_point(|(item, _)| *item < wish.item);
        found.get(at).filter(|(item, _)| *item == wish.item).map(|(_, candidate)| *candidate)
    };
    let mut is_named = vec![false; candidates.len()];
    for candidate in wishes().filter_map(candidate_of) {
        is_named[candidate as usize] = true;
    }
    let n_unnamed = (0..candidates.len())
        .filter(|at| !is_named[*at] && candidates[*at].score.is_some())
        .filter(|at| sifted.is_kept(*at as u32))
        .count();

    let page_places = context.page_places.max(1);
    let first_place = context.first_place;
    let most = RULE_PLACES_MAX.min(page_places.div_ceil(2));
    let mut granted: Vec<Granted> = Vec::new();
    let mut pages: Vec<PageTally> = Vec::new();
    let mut n_sponsored = 0;
    let pins = wishes().filter(|wish| !wish.is_sponsored);
    for wish in pins.chain(wishes().filter(|wish| wish.is_sponsored)) {
        let place = wish.place.checked_sub(first_place);
        let page = match place {
            Some(place) => (Some(place / page_places), 0),
            None => (None, wish.place / page_places),
        };
        let tally = pages.iter().position(|tally| tally.page == page).unwrap_or_else(|| {
            pages.push(PageTally { page, ..PageTally::default() });
            pages.len() - 1
        });
        let tally = &mut pages[tally];
        let has_room = tally.n < most
            && page.0.is_none_or(|page| page * page_places <= n_unnamed + context.n_after)
            && (!wish.is_sponsored || tally.n_sponsored < SPONSORED_PER_PAGE_MAX);
        // A list that goes on has no other page than its first.
        let is_here = page.0.is_some_and(|page| page == 0 || context.n_after == 0);
        let has_room = has_room && (is_here || context.pages_have_extras);
        let is_seen = |at: u32| context.sponsored_seen.contains(&candidates[at as usize].id);
        let may_be_shown =
            |at: u32| !wish.is_sponsored || n_sponsored < context.sponsored_left || is_seen(at);
        let candidate = candidate_of(wish).filter(|at| {
            let is_new = granted.iter().all(|earlier| earlier.candidate != *at);
            let is_for_sale = candidates[*at as usize].card.is_available;
            is_new && sifted.is_kept(*at) && is_for_sale && may_be_shown(*at)
        });
        let Some(candidate) = candidate.filter(|_| has_room) else { continue };
        tally.n += 1;
        tally.n_sponsored += usize::from(wish.is_sponsored);
        n_sponsored += usize::from(wish.is_sponsored && is_here && !is_seen(candidate));
        let place = place.filter(|_| is_here);
        granted.push(Granted { candidate, wish: *wish, place });
    }
    granted
}

/// The list with the granted wishes at their places, the rest in its order around them.
pub(super) fn merged(rest: Vec<u32>, granted: &[Granted], page_places: usize) -> Vec<u32> {
    let here = || granted.iter().filter_map(|wish| Some((wish.candidate, wish.place?)));
    let n = rest.len() + here().count();
    let page_places = page_places.max(1);
    let mut order: Vec<Option<u32>> = vec![None; n];
    for (candidate, place) in here() {
        let start = place / page_places * page_places;
        let end = (start + page_places).min(n);
        let wanted = place.min(n - 1);
        // A page has more places than it has wishes, so that one of them is free.
        let free = (wanted..end).chain((start..wanted).rev()).find(|place| order[*place].is_none());
        if let Some(place) = free {
            order[place] = Some(candidate);
        }
    }
    let mut rest = rest.into_iter();
    order.into_iter().filter_map(|placed| placed.or_else(|| rest.next())).collect()
}
