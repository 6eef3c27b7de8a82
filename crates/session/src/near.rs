//! What to show where a search found nothing: the nearest categories, and what most
//! people buy of them.

use std::collections::BTreeMap;

use vitrine_domain::Query;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use crate::judge::Judge;
use crate::lexical;
use crate::pair::Pair;
use crate::price_lists::ShownPrices;
use crate::session::Session;
use crate::{FoundBecause, QueryIntent, Tile};

/// Categories shown.
pub const NEAR_CATEGORIES_MAX: usize = 3;
/// Cards shown of each.
pub const NEAR_CARDS_MAX: usize = 4;

/// A category near to a search that found nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct NearCategory {
    /// Its name, to filter by.
    pub name: String,
    /// What can be bought of it now, most buyers first; at most [`NEAR_CARDS_MAX`].
    pub tiles: Vec<Tile>,
}

impl Session {
    /// The categories nearest to a search, from the synced cards. Sends nothing.
    ///
    /// Nearest are those of the cards that have the most of its words, a letter wrong
    /// included; where no card has any, those that the server thinks likely, else those
    /// that most people buy of. Filters are not asked for, since nothing meets them; but
    /// what says that it has what must be absent is not shown here either.
    pub fn near(&self, query: &Query, intent: Option<&QueryIntent>) -> Vec<NearCategory> {
        let Some(pair) = self.active() else { return Vec::new() };
        let read = pair.conditions().read(&query.text);
        let all = read.filters.iter().fold(query.filters.clone(), |all, of| all.and(&of.filters));
        let free_of = all.free_of;
        let mut names = by_words(&pair, &read.text);
        if names.is_empty() {
            let likely = intent.iter().flat_map(|intent| &intent.categories);
            names = likely.map(|of| of.category.clone()).collect();
        }
        names.extend(by_buyers(&pair));
        let shown = self.inner.state.borrow().shown_prices();
        let mut near: Vec<NearCategory> = Vec::new();
        for name in names {
            if near.len() < NEAR_CATEGORIES_MAX && near.iter().all(|other| other.name != name) {
                let tiles = popular(&pair, &shown, &name, &free_of);
                near.extend((!tiles.is_empty()).then_some(NearCategory { name, tiles }));
            }
        }
        near
    }
}

/// Categories by the words of a search: those of the cards that have the most of them,
/// of these the ones with the most such cards.
fn by_words(pair: &Pair, text: &str) -> Vec<String> {
    let words = lexical::wanted(text);
    let n_spellings = u32::BITS as usize / words.len().max(1);
    let spelt = |(place, word): (usize, &String)| {
        let spellings = pair.suggester().spellings(word).into_iter().take(n_spellings);
        spellings.map(|start| (place, start)).collect::<Vec<_>>()
    };
    let (places, starts): (Vec<usize>, Vec<String>) =
        words.iter().enumerate().flat_map(spelt).unzip();
    let mut fits: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (index, bits) in (0u32..).zip(lexical::matched(&pair.catalogue, &starts)) {
        let has = (0..places.len()).filter(|bit| bits >> bit & 1 == 1).map(|bit| places[bit]);
        // They ascend, so that spellings of one word are neighbours.
        let mut has: Vec<usize> = has.collect();
        has.dedup();
        let name = pair.catalogue.category(index);
        if !has.is_empty() && !name.is_empty() {
            let (n_words, n_cards) = fits.entry(name).or_default();
            match has.len().cmp(n_words) {
                std::cmp::Ordering::Greater => (*n_words, *n_cards) = (has.len(), 1),
                std::cmp::Ordering::Equal => *n_cards += 1,
                std::cmp::Ordering::Less => {}
            }
        }
    }
    let mut names: Vec<_> = fits.into_iter().collect();
    sort_by(&mut names, |(a, fit), (b, other)| other.cmp(fit).then_with(|| a.cmp(b)));
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Categories by their buyers, most first.
fn by_buyers(pair: &Pair) -> Vec<String> {
    let mut buyers: BTreeMap<&str, u64> = BTreeMap::new();
    for index in 0..pair.catalogue.n_items() {
        let name = pair.catalogue.category(index);
        // Nobody asked for these.
        if !name.is_empty() && !pair.is_restricted(index) {
            *buyers.entry(name).or_default() += u64::from(pair.catalogue.price(index).n_buyers);
        }
    }
    let mut names: Vec<_> = buyers.into_iter().collect();
    sort_by(&mut names, |(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// What most people buy of a category, as far as it may be shown; what says that it is
/// free of what must be absent comes first.
fn popular(pair: &Pair, shown: &ShownPrices, name: &str, free_of: &[String]) -> Vec<Tile> {
    let catalogue = &pair.catalogue;
    let judge = Judge::new(catalogue, free_of);
    let is_of = |index: &u32| {
        catalogue.category(*index) == name
            && catalogue.is_available(*index)
            && !pair.is_restricted(*index)
    };
    let mut found: Vec<(u32, Vec<String>)> = (0..catalogue.n_items())
        .filter(is_of)
        .filter_map(|index| Some((index, judge.unconfirmed(index)?)))
        .collect();
    sort_by(&mut found, |(a, _), (b, _)| catalogue.by_popularity(*a, *b));
    sort_by_key(&mut found, |(_, unconfirmed)| unconfirmed.len());
    found.truncate(NEAR_CARDS_MAX);
    let tile = |(index, unconfirmed)| {
        let card = shown.card(catalogue.card(index));
        let found = FoundBecause { unconfirmed, ..FoundBecause::default() };
        Tile { card, score: None, found: Some(found), placed: None }
    };
    found.into_iter().map(tile).collect()
}
