//! Reads what a shopper would pay, wherever it stands.

use vitrine_conditions::Conditions;
use vitrine_domain::Filters;

use crate::lexicon::{Lexicon, Role};
use crate::quantities::{PlacedQuantity, QuantityBound};
use crate::text::{Token, TokenKind, tokens};

use super::wishes::{Wish, WishTest};

/// Words between "budget" or "not" and the most that is meant: "don't want to spend more than".
const BUDGET_REACH: usize = 4;
/// How a search is told a most.
const MOST: &str = "up to";

/// What is left of a clause once the conditions of a search are taken out, and these.
///
/// In a conversation a price may stand anywhere ("a tent under 200 for two"), where a search
/// takes it at the end only; so the beginning up to each number is read, too.
pub(super) fn with_conditions(
    lexicon: &Lexicon,
    conditions: &Conditions,
    clause: &str,
) -> (String, Vec<Wish>) {
    let wish = |filter: vitrine_domain::ReadFilter| Wish {
        typed: filter.typed,
        words: String::new(),
        test: WishTest::Filters(filter.filters),
    };
    let tokens = tokens(clause);
    let measures = lexicon.quantities(&tokens);
    let is_measure = |at: usize| {
        measures.iter().any(|m| m.quantity.dimension.is_some() && (m.start..m.end).contains(&at))
    };
    let has_measure = (0..tokens.len()).any(is_measure);
    let whole = conditions.read(clause);
    let is_price =
        |filters: &Filters| filters.price_minor_min.is_some() || filters.price_minor_max.is_some();
    let has_price = whole.filters.iter().any(|filter| is_price(&filter.filters));
    // "Under 2 kg" is no price.
    if has_price && !has_measure {
        return (whole.text, whole.filters.into_iter().map(wish).collect());
    }
    for at in (0..tokens.len()).rev() {
        if tokens[at].kind != TokenKind::Number || is_measure(at) {
            continue;
        }
        let end = tokens[at].span.end;
        let read = conditions.read(&clause[..end]);
        let price = read.filters.into_iter().find(|filter| is_price(&filter.filters));
        if let Some(price) = price.filter(|price| clause[..end].ends_with(&price.typed)) {
            let start = end - price.typed.len();
            let rest = format!("{} {}", &clause[..start], &clause[end..]);
            let (rest, mut more) = with_conditions(lexicon, conditions, &rest);
            more.insert(0, wish(price));
            return (rest, more);
        }
    }
    let others = whole.filters.iter().filter(|filter| !is_price(&filter.filters));
    let others: Vec<_> = others.cloned().collect();
    match has_price {
        true => (clause.to_owned(), others.into_iter().map(wish).collect()),
        false => (whole.text, others.into_iter().map(wish).collect()),
    }
}

/// What is left of a clause once a most is taken out that no search would read: "my budget is 90",
/// "90 max", "don't want to spend more than 90".
pub(super) fn with_budget(
    lexicon: &Lexicon,
    conditions: &Conditions,
    clause: &str,
) -> (String, Option<Wish>) {
    let tokens = tokens(clause);
    for placed in lexicon.quantities(&tokens) {
        let Some(most) = most(lexicon, &tokens, &placed) else { continue };
        let digits = &clause[tokens[most.number].span.clone()];
        let read = conditions.read(&format!("{MOST} {digits}")).filters.into_iter().next();
        let Some(read) = read.filter(|read| read.filters.price_minor_max.is_some()) else {
            continue;
        };
        let span = tokens[most.start].span.start..tokens[placed.end - 1].span.end;
        let typed = clause[span.clone()].to_owned();
        let rest = format!("{} {}", &clause[..span.start], &clause[span.end..]);
        let test = WishTest::Filters(read.filters);
        return (rest, Some(Wish { typed, words: String::new(), test }));
    }
    (clause.to_owned(), None)
}

/// A most that a shopper would pay.
struct MostPaid {
    /// The token with the number.
    number: usize,
    /// The first token that says so.
    start: usize,
}

/// The most that is meant by a number, if it is one.
fn most(lexicon: &Lexicon, tokens: &[Token], placed: &PlacedQuantity) -> Option<MostPaid> {
    use QuantityBound::{Above, AtLeast, AtMost, Below, Exactly};
    let has = |role, before: usize| {
        let from = before.saturating_sub(BUDGET_REACH);
        (from..before).find(|at| lexicon.role_at(tokens, *at, role).is_some())
    };
    let number = (placed.start..placed.end).find(|at| tokens[*at].kind == TokenKind::Number)?;
    let is_bound_behind = number == placed.start && number + 1 < placed.end;
    let denial = has(Role::Exclude, placed.start).or_else(|| has(Role::Negation, placed.start));
    let budget = has(Role::Budget, placed.start);
    let is_most = match placed.quantity.bound {
        _ if placed.quantity.dimension.is_some() => false,
        Above | AtLeast => denial.is_some(),
        AtMost | Below => budget.is_some() || is_bound_behind,
        Exactly => budget.is_some(),
    };
    let start = [denial, budget].into_iter().flatten().fold(placed.start, usize::min);
    is_most.then_some(MostPaid { number, start })
}
