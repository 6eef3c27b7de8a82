//! Which of the shown products a shopper speaks of.

use vitrine_domain::ItemId;

use crate::lexicon::{Lexicon, Role, Term};
use crate::text::tokens;

use super::shelf::ProductShelf;

/// Products that "these" means at most.
pub(super) const REFERRED_MAX: usize = 3;

/// The products that a text names by their place ("the second one", "these two") or by words of
/// their titles that no other shown one has; none where it names none.
pub(super) fn referred(
    lexicon: &Lexicon,
    text: &str,
    shown: &[ItemId],
    shelf: &dyn ProductShelf,
) -> Vec<ItemId> {
    let tokens = tokens(text);
    let has = |role| lexicon.has_role(&tokens, role);
    if has(Role::Both) {
        return shown.iter().take(2).copied().collect();
    }
    let ordinals = [(Role::First, Some(0)), (Role::Second, Some(1)), (Role::Third, Some(2))];
    let last = (Role::Last, shown.len().checked_sub(1));
    let places = ordinals.into_iter().chain([last]).filter(|(role, _)| has(*role));
    let by_place: Vec<ItemId> =
        places.filter_map(|(_, place)| shown.get(place?).copied()).collect();
    if !by_place.is_empty() {
        return by_place;
    }
    let terms = lexicon.terms(&tokens);
    let named = by_title(
        lexicon,
        &terms.into_iter().map(|placed| placed.term).collect::<Vec<_>>(),
        shown,
        shelf,
    );
    if named.is_empty() && has(Role::AllShown) {
        return shown.iter().take(REFERRED_MAX).copied().collect();
    }
    named
}

/// Shown products whose titles or brands have words of the text that not all of them have.
fn by_title(
    lexicon: &Lexicon,
    terms: &[Term],
    shown: &[ItemId],
    shelf: &dyn ProductShelf,
) -> Vec<ItemId> {
    let words = |id: &ItemId| -> Vec<Term> {
        let Some(card) = shelf.card(*id) else { return Vec::new() };
        let tokens = tokens(&format!("{} {}", card.title, card.brand));
        lexicon.terms(&tokens).into_iter().map(|placed| placed.term).collect()
    };
    let titles: Vec<Vec<Term>> = shown.iter().map(words).collect();
    let telling = |term: &&Term| {
        let n_with = titles.iter().filter(|title| title.contains(term)).count();
        matches!(term, Term::Word(_)) && n_with > 0 && n_with < titles.len().max(2)
    };
    let telling: Vec<&Term> = terms.iter().filter(telling).collect();
    let n_of = |title: &Vec<Term>| telling.iter().filter(|term| title.contains(term)).count();
    let most = titles.iter().map(n_of).max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    let named = shown.iter().zip(&titles).filter(|(_, title)| n_of(title) == most);
    let named: Vec<ItemId> = named.map(|(id, _)| *id).collect();
    // Words that most of them have single none out.
    if named.len() > REFERRED_MAX { Vec::new() } else { named }
}
