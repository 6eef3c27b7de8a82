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

/// Sorts candidates by their scores, moved by rules, then spreads categories. What is neither
/// moved nor spread keeps the order that it has.
pub(super) fn ordered(
    mut rest: Vec<u32>,
    candidates: &[Candidate],
    sifted: &Sifted,
    quota: Option<(Diversity, Option<RuleId>)>,
    cards: &dyn CardFacts,
    rules: &CompiledRules,
) -> (Vec<u32>, Vec<Touched>) {
    let mut touched: Vec<Touched> = Vec::new();
    for at in &rest {
        let verdict = sifted.verdict(*at);
        if let Some(rule) = verdict.moved_by() {
            let how = if verdict.shift > 0 { RuleTouch::Boosted } else { RuleTouch::Buried };
            touched.push((*at, (rules.rule(rule).id, how)));
        }
    }
    if !touched.is_empty() || quota.is_some() {
        sort_by_score(&mut rest, candidates, sifted);
    }
    let Some((quota, by)) = quota else { return (rest, touched) };
    let categories = groups(&rest, candidates, cards);
    let spread = quota.spread(&categories);
    if let Some(by) = by {
        // What stands later than by its score was over the quota.
        let late = (0..).zip(&spread).filter(|(place, from)| place > *from);
        for (_, from) in late {
            let at = rest[*from as usize];
            touched.retain(|(candidate, _)| *candidate != at);
            touched.push((at, (by, RuleTouch::SpreadOut)));
        }
    }
    (spread.into_iter().map(|from| rest[from as usize]).collect(), touched)
}

fn sort_by_score(rest: &mut [u32], candidates: &[Candidate], sifted: &Sifted) {
    let raw = |at: u32| candidates[at as usize].score.map(f64::from).filter(|s| s.is_finite());
    let spread = spread(rest.iter().filter_map(|at| raw(*at)).collect());
    let moved: Vec<f64> = (0..candidates.len() as u32)
        .map(|at| {
            let shift = sifted.verdict(at).shift;
            let share = shift.clamp(-SHARE_MAX_HUNDREDTHS, SHARE_MAX_HUNDREDTHS);
            raw(at).map_or(f64::NEG_INFINITY, |score| score + f64::from(share) / 100.0 * spread)
        })
        .collect();
    sort_by(rest, |a, b| {
        let (a, b) = (*a as usize, *b as usize);
        moved[b].total_cmp(&moved[a]).then_with(|| candidates[a].id.cmp(&candidates[b].id))
    });
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
