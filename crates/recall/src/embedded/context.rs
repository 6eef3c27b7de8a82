//! Which correction of a word its neighbours in the query agree with.

use super::query::Terms;
use super::vocabulary::Near;

/// Shortest word that says by itself what it should be: shorter ones that nobody
/// has may be names, and become the nearest word only where others agree, or where
/// they are alone and that word is not rare.
const SURE_CHARS_MIN: usize = 7;
/// A word of one item in so many is rare.
const RARE_ONE_IN: u32 = 5_000;
/// A word of one item in so many, or more, agrees with anything.
const COMMON_ONE_IN: u32 = 10;
/// Words this short are corrected only to what titles have with a word beside them.
const SHORT_CHARS: usize = 3;
/// Words that a misspelt one may stand for.
const CORRECTIONS_MAX: usize = 3;

/// The other words of a query.
pub(super) struct Context<'a, T> {
    pub index: &'a T,
    /// Stems of the others that items have, and of those right beside it.
    pub others: Vec<String>,
    pub beside: Vec<String>,
}

impl<T: Terms> Context<'_, T> {
    /// Of the nearest words, the likeliest first, those that the others agree with:
    /// some item is named by both. Where nobody agrees, a long word stands for the
    /// nearest all the same, and a short one for nothing unless it is alone.
    pub(super) fn choose<'w>(
        &self,
        typed: &str,
        nearest: Vec<Near<'w>>,
        stem: impl Fn(&str) -> String,
    ) -> Vec<&'w str> {
        let n_chars = typed.chars().count();
        let is_short = n_chars <= SHORT_CHARS;
        let others = if is_short { &self.beside } else { &self.others };
        let says_something =
            |other: &&String| self.index.n_with(other) * COMMON_ONE_IN <= self.index.n_items();
        let others: Vec<&String> = others.iter().filter(says_something).collect();
        let n_agreeing = |near: &Near<'_>| {
            let own = stem(near.word);
            others.iter().filter(|other| self.index.name_an_item(&own, other)).count()
        };
        let agreeing: Vec<usize> = nearest.iter().map(n_agreeing).collect();
        let best = agreeing.iter().copied().max().unwrap_or(0);
        let is_rare = |near: &Near<'_>| near.n_items * RARE_ONE_IN < self.index.n_items();
        let stands = |near: &Near<'_>, n_agreeing: usize| match best {
            0 if n_chars >= SURE_CHARS_MIN => true,
            0 => others.is_empty() && !is_short && !is_rare(near),
            _ => n_agreeing == best,
        };
        let chosen = nearest.into_iter().zip(agreeing).filter(|(near, n)| stands(near, *n));
        chosen.map(|(near, _)| near.word).take(CORRECTIONS_MAX).collect()
    }
}
