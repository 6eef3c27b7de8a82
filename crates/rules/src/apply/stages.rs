//! The way from a ranked list to an arranged one, in stages.

use std::collections::HashMap;
use std::fmt;

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by_key;

use crate::action::RuleAction;
use crate::compiled::CompiledRules;
use crate::diversity::Diversity;
use crate::facts::{CardFacts, ListContext, ListToArrange, RankedCard};
use crate::limits::BANNERS_MAX;
#[cfg(doc)]
use crate::limits::CARDS_NEEDED_MAX;
use crate::rule::RuleId;

use super::places::{self, Granted};
use super::shifts::{self, Touched};
use super::sift::{self, Effects, Sifted};
use super::{ArrangedList, Candidate, RuleTouch, ShownBanner, TouchedCard, page_of, quota};

/// The rules that hold for a list, before anything is done with it.
pub struct HoldingRules<'a> {
    rules: &'a CompiledRules,
    context: ListContext<'a>,
    /// Places of those rules, what comes first first.
    holding: Vec<u32>,
    effects: Effects,
    /// With the rule that gives it, if one does.
    pub(super) quota: Option<(Diversity, Option<RuleId>)>,
}

impl<'a> HoldingRules<'a> {
    /// Asks the rules which of them hold, and the shopper's device for the audiences of those.
    pub fn of(context: &ListContext<'a>, rules: &'a CompiledRules) -> Self {
        let holding = rules.holding(&page_of(context), context.shopper);
        let may_move = !context.is_sorted_by_shopper;
        let by_context = context.diversity.map(|quota| (quota, None));
        let quota = quota(rules, &holding).or(by_context).filter(|_| may_move);
        let effects = match holding.is_empty() {
            true => Effects::default(),
            false => Effects::of(rules, &holding, may_move),
        };
        Self { rules, context: *context, holding, effects, quota }
    }

    /// Whether none holds.
    pub fn is_empty(&self) -> bool {
        self.holding.is_empty()
    }

    /// The quota of a category, of the rule that comes first, else of the context.
    pub fn quota(&self) -> Option<Diversity> {
        self.quota.map(|(quota, _)| quota)
    }

    /// Cards that rules want to place, at most [`CARDS_NEEDED_MAX`]; none where nothing is moved.
    pub fn cards_wanted(&self) -> Vec<ItemId> {
        match self.context.is_sorted_by_shopper {
            true => Vec::new(),
            false => self.rules.cards_placed(self.holding.iter().copied()),
        }
    }

    /// What is said above the list, at most [`BANNERS_MAX`].
    pub fn banners(&self) -> Vec<ShownBanner> {
        let of_rule = |place: &u32| {
            let rule = self.rules.rule(*place);
            rule.then.iter().filter_map(|action| match action {
                RuleAction::Banner { text, link } => {
                    Some(ShownBanner { rule: rule.id, text: text.clone(), link: link.clone() })
                }
                _ => None,
            })
        };
        self.holding.iter().flat_map(of_rule).take(BANNERS_MAX).collect()
    }

    /// The rule that leaves a card out, for cards that no list has.
    pub fn left_out_by(&self, cards: &dyn CardFacts, index: u32) -> Option<RuleId> {
        if self.is_empty() {
            return None;
        }
        let card = self.rules.keys.card(cards, index);
        let rule = self.effects.verdict(self.rules, &card).hidden_by?;
        Some(self.rules.rule(rule).id)
    }

    /// Leaves out, moves scores, and decides which cards are placed where.
    pub fn sift(&'a self, list: ListToArrange<'a>) -> SiftedList<'a> {
        let Self { rules, context, holding, effects, .. } = self;
        let candidates = candidates(list, rules);
        let sifted = sift::sift(&candidates, rules, effects);
        let wanted: &[u32] = if context.is_sorted_by_shopper { &[] } else { holding };
        let granted = places::accepted(&candidates, &sifted, rules, wanted, context);
        let mut is_placed = vec![false; candidates.len()];
        granted.iter().for_each(|wish| is_placed[wish.candidate as usize] = true);
        let mut rest: Vec<u32> = (0..candidates.len() as u32)
            .filter(|at| candidates[*at as usize].score.is_some())
            .filter(|at| sifted.is_kept(*at) && !is_placed[*at as usize])
            .collect();
        let touched = shifts::moved(&rest, &sifted, rules);
        let scores = shifts::scores(&rest, &candidates, &sifted);
        if !touched.is_empty() || self.quota.is_some() {
            shifts::sort_by_score(&mut rest, &candidates, &scores);
        }
        let cards = list.cards;
        SiftedList { of: self, cards, candidates, sifted, granted, rest, scores, touched }
    }
}

impl fmt::Debug for HoldingRules<'_> {
    /// Without what the device knows: which rules hold may follow from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoldingRules").field("context", &self.context).finish_non_exhaustive()
    }
}

/// A list of which rules have left out what they leave out, and moved the scores of the rest.
pub struct SiftedList<'a> {
    of: &'a HoldingRules<'a>,
    cards: &'a dyn CardFacts,
    candidates: Vec<Candidate>,
    sifted: Sifted,
    granted: Vec<Granted>,
    /// What no rule places, in its order.
    rest: Vec<u32>,
    /// Of each candidate, moved.
    scores: Vec<f64>,
    touched: Vec<Touched>,
}

impl SiftedList<'_> {
    /// What no rule places, with its score. Where rules move any of it, best first, with the
    /// moved scores; else as it is in the list.
    pub fn ranked(&self) -> Vec<RankedCard> {
        let ranked = |at: &u32| {
            let Candidate { card, score, .. } = &self.candidates[*at as usize];
            let moved = self.scores[*at as usize] as f32;
            let is_moved = self.sifted.verdict(*at).shift != 0;
            let score = if is_moved { moved } else { score.unwrap_or(f32::NEG_INFINITY) };
            RankedCard { index: card.index, score }
        };
        self.rest.iter().map(ranked).collect()
    }

    /// Says that a card stands later because there were enough of its category, which counts
    /// only where a rule gives the quota.
    pub fn note_spread(&mut self, index: u32) {
        let Some((_, Some(rule))) = self.of.quota else { return };
        let at = self.rest.iter().find(|at| self.candidates[**at as usize].card.index == index);
        let Some(at) = at.copied() else { return };
        self.touched.retain(|(candidate, _)| *candidate != at);
        self.touched.push((at, (rule, RuleTouch::SpreadOut)));
    }

    /// Puts pinned and sponsored cards at their places among the others, which stand in `order`,
    /// an order of all of [`Self::ranked`] by index.
    pub fn place(mut self, order: &[u32]) -> ArrangedList {
        let of_index: HashMap<u32, u32> =
            self.rest.iter().map(|at| (self.candidates[*at as usize].card.index, *at)).collect();
        self.rest = order.iter().filter_map(|index| of_index.get(index).copied()).collect();
        self.finished()
    }

    /// The list with the quota, where there is one, and no other step in between.
    pub(super) fn arranged(mut self) -> ArrangedList {
        if let Some((quota, by)) = self.of.quota {
            let (rest, late) = shifts::spread_out(&self.rest, &self.candidates, quota, self.cards);
            self.rest = rest;
            if let Some(by) = by {
                self.touched.retain(|(candidate, _)| !late.contains(candidate));
                self.touched.extend(late.into_iter().map(|at| (at, (by, RuleTouch::SpreadOut))));
            }
        }
        self.finished()
    }

    fn finished(self) -> ArrangedList {
        let Self { of, candidates, sifted, granted, rest, mut touched, .. } = self;
        let mut arranged = ArrangedList {
            hidden: sifted.hidden_of(&candidates, of.rules),
            banners: of.banners(),
            ..ArrangedList::default()
        };
        touched.extend(granted.iter().map(|wish| (wish.candidate, wish.touch(of.rules))));
        sort_by_key(&mut touched, |(candidate, _)| *candidate);
        for at in places::merged(rest, &granted, of.context.page_places) {
            let index = candidates[at as usize].card.index;
            arranged.order.push(index);
            let found = touched.binary_search_by_key(&at, |(candidate, _)| *candidate);
            if let Ok(found) = found {
                let (rule, how) = touched[found].1.clone();
                arranged.touched.push(TouchedCard { index, rule, how });
            }
        }
        arranged
    }
}

impl fmt::Debug for SiftedList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiftedList").field("ranked", &self.ranked()).finish_non_exhaustive()
    }
}

/// The list, then what is not in it.
fn candidates(list: ListToArrange<'_>, rules: &CompiledRules) -> Vec<Candidate> {
    let candidate = |index: u32, score: Option<f32>| Candidate {
        card: rules.keys.card(list.cards, index),
        id: list.cards.id(index),
        score,
    };
    let ranked = list.ranked.iter().map(|ranked| candidate(ranked.index, Some(ranked.score)));
    let mut candidates: Vec<Candidate> = ranked.collect();
    for index in list.extras {
        if candidates.iter().all(|known| known.card.index != *index) {
            candidates.push(candidate(*index, None));
        }
    }
    candidates
}
