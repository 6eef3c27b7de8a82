//! The order of what no rule places.

use std::collections::HashMap;

use vitrine_domain::sorting::sort_by;

use crate::compiled::CompiledRules;
use crate::diversity::Diversity;
use crate::facts::CardFacts;
use crate::rule::RuleId;

use super::sift::Sifted;
use super::{Candidate, RuleTouch};

/// Most that boosts, or burials, of several rules come to together, in hundredths of the
/// list's spread.
pub const SHARE_MAX_HUNDREDTHS: i32 = 200;

/// A candidate, with the rule that gave it its place and how.
pub(super) type Touched = (u32, (RuleId, RuleTouch));

/// What rules moved by its score, and which rule.
pub(super) fn moved(rest: &[u32], sifted: &Sifted, rules: &CompiledRules) -> Vec<Touched> {
    let of_card = |at: &u32| {
        let verdict = sifted.verdict(*at);
        let rule = verdict.moved_by()?;
        let how = if verdict.shift > 0 { RuleTouch::Boosted } else { RuleTouch::Buried };
        Some((*at, (rules.rule(rule).id, how)))
    };
    rest.iter().filter_map(of_card).collect()
}

/// Sorts candidates by their scores, moved by rules; ties by id.
pub(super) fn sort_by_score(rest: &mut [u32], candidates: &[Candidate], scores: &[f64]) {
    sort_by(rest, |a, b| {
        let (a, b) = (*a as usize, *b as usize);
        scores[b].total_cmp(&scores[a]).then_with(|| candidates[a].id.cmp(&candidates[b].id))
    });
}

/// The score of each candidate, moved by rules: by shares of the spread of `rest`. What has no
/// finite score sinks.
pub(super) fn scores(rest: &[u32], candidates: &[Candidate], sifted: &Sifted) -> Vec<f64> {
    let raw = |at: u32| candidates[at as usize].score.map(f64::from).filter(|s| s.is_finite());
    let spread = spread(rest.iter().filter_map(|at| raw(*at)).collect());
    let moved = |at: u32| {
        let shift = sifted.verdict(at).shift;
        let share = shift.clamp(-SHARE_MAX_HUNDREDTHS, SHARE_MAX_HUNDREDTHS);
        raw(at).map_or(f64::NEG_INFINITY, |score| score + f64::from(share) / 100.0 * spread)
    };
    (0..candidates.len() as u32).map(moved).collect()
}

/// Spreads the categories of sorted candidates. Returns those that stand later than by their
/// score, too: they were over the quota.
pub(super) fn spread_out(
    rest: &[u32],
    candidates: &[Candidate],
    quota: Diversity,
    cards: &dyn CardFacts,
) -> (Vec<u32>, Vec<u32>) {
    let spread = quota.spread(&groups(rest, candidates, cards));
    let late = (0..).zip(&spread).filter(|(place, from)| place > *from);
    let late = late.map(|(_, from)| rest[*from as usize]).collect();
    (spread.into_iter().map(|from| rest[from as usize]).collect(), late)
}

/// How far the best score is from the middle one; from the lowest where those are the same,
/// and 1 where all are.
fn spread(mut scores: Vec<f64>) -> f64 {
    sort_by(&mut scores, |a, b| b.total_cmp(a));
    let (Some(best), Some(lowest)) = (scores.first(), scores.last()) else { return 1.0 };
    let middle = scores[scores.len() / 2];
    let found = [best - middle, best - lowest].into_iter().find(|distance| *distance > 0.0);
    found.unwrap_or(1.0)
}

/// Department and category of each, as numbers.
fn groups(rest: &[u32], candidates: &[Candidate], cards: &dyn CardFacts) -> Vec<(u32, u32)> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut number = |name| {
        let next = known.len() as u32;
        *known.entry(name).or_insert(next)
    };
    let mut groups = Vec::with_capacity(rest.len());
    for at in rest {
        let index = candidates[*at as usize].card.index;
        groups.push((number(cards.department(index)), number(cards.category(index))));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_from_best_to_middle() {
        assert_eq!(spread(vec![1.0, 9.0, 5.0, 4.0, -900.0]), 5.0);
        assert_eq!(spread(vec![3.0, 3.0, 3.0, 1.0]), 2.0);
        assert_eq!(spread(vec![3.0; 4]), 1.0);
        assert_eq!(spread(Vec::new()), 1.0);
    }
}
