//! How the shop read the words: conditions one can take back, words it took for
//! others, and what it did not insist on.

use leptos::prelude::*;
use vitrine_domain::{Filters, Query, ReadFilter};
use vitrine_session::{SearchNoteKind, SearchResults};
use vitrine_words::shop::t;

use crate::{format, router::Route, state::Shop};

/// Everything that was understood otherwise than typed.
#[component]
pub fn Understood(query: Query, first: Memo<Option<SearchResults>>) -> impl IntoView {
    let shop = Shop::here();
    let notes = move || {
        let first = first.read();
        let notes = first.as_ref().map(SearchResults::notes).unwrap_or_default();
        notes
            .into_iter()
            .map(|note| {
                // It is the least of what one must know.
                let is_synonyms = note.kind == SearchNoteKind::Synonyms;
                let class = if is_synonyms { "muted" } else { "notice" };
                view! { <p class=class data-testid=note.kind.name()>{note.words}</p> }
            })
            .collect_view()
    };
    let asked = query.clone();
    let chips = move || {
        let read = first.read().as_ref().map(|first| first.filters_read.clone());
        let chips = chips(&query, &read.unwrap_or_default(), &shop.currency_standard());
        (!chips.is_empty()).then(|| {
            let words = quoted_instead(&query, first.read().as_ref());
            view! {
                <ul class="chips read" aria-label=t!("search.conditions") data-testid="read-filters">
                    {chips.into_iter().map(chip).collect_view()}
                    {words.map(|query| view! {
                        <li class="plain">
                            <a href=Route::Search(query).href()>{t!("search.words_instead")}</a>
                        </li>
                    })}
                </ul>
            }
        })
    };
    let offer = move || {
        let first = first.read();
        let offer = first.as_ref().and_then(|first| category_offer(&asked, first));
        offer.map(|CategoryOffer { name, n_items, query }| {
            view! {
                <ul class="chips read" aria-label=t!("search.a_category") data-testid="intent">
                    <li class="plain muted">{t!("search.looking_for")}</li>
                    <li>
                        <a href=Route::Search(query).href()>
                            {name} <span class="muted">{format::number(n_items.into())}</span>
                        </a>
                    </li>
                </ul>
            }
        })
    };
    view! { <div class="understood">{notes}{chips}{offer}</div> }
}

/// A category that the words are likely after.
struct CategoryOffer {
    name: String,
    /// Results in it.
    n_items: u32,
    /// The search in it.
    query: Query,
}

/// Least probability of a category that is offered. It is calibrated: of five
/// such offers, about three are right.
const CATEGORY_CHANCE_MIN: f32 = 0.6;

/// `None` unless it is likely, would leave some of the results but not all, and is
/// about where most of them are: a category may be too small to have been learned.
fn category_offer(query: &Query, first: &SearchResults) -> Option<CategoryOffer> {
    let likeliest = first.intent.as_ref()?.categories.first()?;
    let facets = first.facets.as_ref()?;
    let found = facets.categories.iter().find(|facet| facet.name == likeliest.category)?;
    let filters = &query.filters;
    let most = facets.categories.iter().map(|facet| facet.n_items).max().unwrap_or(0);
    let is_open =
        filters.categories.is_empty() && facets.categories.len() > 1 && 2 * found.n_items >= most;
    (is_open && likeliest.chance >= CATEGORY_CHANCE_MIN).then(|| {
        let mut query = query.clone();
        query.filters.categories.push(found.name.clone());
        CategoryOffer { name: found.name.clone(), n_items: found.n_items, query }
    })
}

/// A condition in words, and the search without it.
pub struct Chip {
    pub words: String,
    pub without: Query,
}

/// A condition with a cross that takes it back.
pub fn chip(chip: Chip) -> impl IntoView {
    let label = t!("search.remove", words = chip.words);
    view! {
        <li>
            <a href=Route::Search(chip.without).href() aria-label=label>
                {chip.words} <span aria-hidden="true">"×"</span>
            </a>
        </li>
    }
}

/// The conditions that were read from words.
fn chips(query: &Query, read: &[ReadFilter], currency: &str) -> Vec<Chip> {
    let of_text = read.iter().map(|filter| Chip {
        words: filter_words(&filter.filters, currency),
        without: Query { text: replaced(&query.text, &filter.typed, " "), ..query.clone() },
    });
    of_text.collect()
}

/// The search for the very words that were read as conditions.
fn quoted_instead(query: &Query, first: Option<&SearchResults>) -> Option<Query> {
    let read = &first?.filters_read;
    let quote = |text: String, filter: &ReadFilter| {
        replaced(&text, &filter.typed, &format!(" \"{}\" ", filter.typed))
    };
    let text = read.iter().fold(query.text.clone(), quote);
    (!read.is_empty()).then(|| Query { text, ..query.clone() })
}

/// A text with its first `typed` replaced, and single spaces.
fn replaced(text: &str, typed: &str, by: &str) -> String {
    text.replacen(typed, by, 1).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn filter_words(filters: &Filters, currency: &str) -> String {
    let brands = &filters.brands_excluded;
    let without = (!brands.is_empty()).then(|| t!("search.not", name = brands.join(", ")));
    let free_of = (!filters.free_of.is_empty())
        .then(|| t!("search.free_of", names = filters.free_of.join(", ")));
    let parts = [price_words(filters, currency), without, free_of];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// "up to $19.99", "$5.00 – $10.00"; `None` without a bound.
pub fn price_words(filters: &Filters, currency: &str) -> Option<String> {
    let price = |minor: u32| format::price(minor.into(), currency);
    Some(match (filters.price_minor_min, filters.price_minor_max) {
        (Some(min), Some(max)) => format!("{} – {}", price(min), price(max)),
        (Some(min), None) => t!("search.price_from", price = price(min)),
        (None, Some(max)) => t!("search.price_to", price = price(max)),
        (None, None) => return None,
    })
}
