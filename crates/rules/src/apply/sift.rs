//! What is left out, and how far the others are moved.

use crate::compiled::{CompiledRules, EffectWork};
use crate::keys::KeyedCard;
use crate::rule::RuleId;

use super::Candidate;

const NONE: u32 = u32::MAX;

/// What rules say of each candidate.
pub(super) struct Sifted {
    verdicts: Vec<CardVerdict>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CardVerdict {
    /// Place of the rule that leaves it out.
    pub hidden_by: Option<u32>,
    /// Hundredths of the spread by which it is moved.
    pub shift: i32,
    /// Place of the rule that moves it most, and by how much, up and down.
    up: Option<(i32, u32)>,
    down: Option<(i32, u32)>,
}

impl Sifted {
    pub fn verdict(&self, candidate: u32) -> &CardVerdict {
        &self.verdicts[candidate as usize]
    }

    pub fn is_kept(&self, candidate: u32) -> bool {
        self.verdict(candidate).hidden_by.is_none()
    }

    /// Indexes of cards of the list that are left out, with the rule.
    pub fn hidden_of(&self, candidates: &[Candidate], rules: &CompiledRules) -> Vec<(u32, RuleId)> {
        let of_list = candidates.iter().zip(&self.verdicts).filter(|(c, _)| c.score.is_some());
        of_list
            .filter_map(|(candidate, verdict)| {
                let rule = verdict.hidden_by?;
                Some((candidate.card.index, rules.rule(rule).id))
            })
            .collect()
    }
}

impl CardVerdict {
    /// Place of the rule that had most part in where it was moved.
    pub fn moved_by(&self) -> Option<u32> {
        let most = if self.shift > 0 { self.up } else { self.down };
        most.filter(|_| self.shift != 0).map(|(_, rule)| rule)
    }

    fn shift(&mut self, hundredths: i32, rule: u32) {
        self.shift += hundredths;
        let most = if hundredths > 0 { &mut self.up } else { &mut self.down };
        let size = hundredths.abs();
        // Rules come in no order here: of equal ones the first counts.
        let is_more = most.is_none_or(|(other, of)| size > other || size == other && rule < of);
        if is_more {
            *most = Some((size, rule));
        }
    }
}

/// Effects of rules that hold, found by what cards have.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// First link of each key.
    heads: Vec<u32>,
    /// Place of an effect, and the next link of the same key.
    links: Vec<(u32, u32)>,
    /// Effects that name nothing, such as those on prices alone.
    unnamed: Vec<u32>,
    /// What leaves out all that does not meet it.
    only: Vec<u32>,
}

impl Effects {
    pub fn of(rules: &CompiledRules, holding: &[u32], with_shifts: bool) -> Self {
        let mut effects = Self {
            heads: vec![NONE; rules.keys.n()],
            links: Vec::new(),
            unnamed: Vec::new(),
            only: Vec::new(),
        };
        for place in holding.iter().flat_map(|rule| rules.effects_of(*rule)) {
            let effect = &rules.effects[place as usize];
            match effect.work {
                EffectWork::Only { .. } => effects.only.push(place),
                EffectWork::Shift(_) if !with_shifts => {}
                _ => effects.link(place, effect.target.any_of()),
            }
        }
        effects
    }

    fn link(&mut self, place: u32, keys: &[u32]) {
        if keys.is_empty() {
            self.unnamed.push(place);
        }
        for key in keys {
            let head = &mut self.heads[*key as usize];
            let next = std::mem::replace(head, self.links.len() as u32);
            self.links.push((place, next));
        }
    }

    fn under(&self, key: u32) -> impl Iterator<Item = u32> {
        let first = self.heads.get(key as usize).copied().unwrap_or(NONE);
        let link = |at: u32| self.links.get(at as usize).copied();
        std::iter::successors(link(first), move |(_, next)| link(*next)).map(|(place, _)| place)
    }

    /// What rules say of a card.
    pub fn verdict(&self, rules: &CompiledRules, card: &KeyedCard) -> CardVerdict {
        let mut verdict = CardVerdict::default();
        for place in &self.only {
            let effect = &rules.effects[*place as usize];
            if !is_let_in(&effect.work, card) || !effect.target.is_met(card) {
                return CardVerdict { hidden_by: Some(effect.rule), ..CardVerdict::default() };
            }
        }
        let named = [card.item, card.category, card.brand, card.department];
        let named = named.into_iter().flat_map(|key| self.under(key));
        for place in named.chain(self.unnamed.iter().copied()) {
            let effect = &rules.effects[place as usize];
            if !effect.target.is_met(card) {
                continue;
            }
            match effect.work {
                EffectWork::Shift(up) if up > 0 && !card.is_available => {}
                EffectWork::Shift(hundredths) => verdict.shift(hundredths, effect.rule),
                EffectWork::Hide => {
                    let first = verdict.hidden_by.map_or(effect.rule, |by| by.min(effect.rule));
                    verdict.hidden_by = Some(first);
                }
                EffectWork::Only { .. } => {}
            }
        }
        verdict
    }
}

fn is_let_in(work: &EffectWork, card: &KeyedCard) -> bool {
    match work {
        EffectWork::Only { brands_excluded, available_only } => {
            (!available_only || card.is_available)
                && brands_excluded.binary_search(&card.brand).is_err()
        }
        _ => true,
    }
}

/// What rules say of candidates.
pub(super) fn sift(candidates: &[Candidate], rules: &CompiledRules, effects: &Effects) -> Sifted {
    let verdicts = candidates.iter().map(|c| effects.verdict(rules, &c.card)).collect();
    Sifted { verdicts }
}
