//! Why a result stands where it does in its search, in words.

use leptos::prelude::*;
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ItemId, Sort};
use vitrine_session::{FoundBecause, SearchOrder, SearchResults};
use vitrine_words::common::t;

use crate::format::sorted_by;

/// A page of a search, and one of its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    because: FoundBecause,
    order: SearchOrder,
    sort: Sort,
}

/// Signals of the server that are about words, and those of single fields with
/// where that is.
const WORDS: [&str; 6] = ["title", "brand", "description", "attributes", "all_texts", "coverage"];
const FIELDS: [&str; 4] = ["title", "brand", "description", "attributes"];

/// Where a field's words are, in words.
fn field_words(field: &str) -> &'static str {
    match field {
        "title" => t!("found.title"),
        "brand" => t!("found.brand"),
        "description" => t!("found.description"),
        _ => t!("found.details"),
    }
}

impl Found {
    /// `None` when the item is not among the results.
    pub fn of(results: &SearchResults, sort: Sort, id: ItemId) -> Option<Self> {
        let tile = results.tiles.iter().find(|tile| tile.card.id == id)?;
        Some(Self { because: tile.found.clone()?, order: results.order, sort })
    }

    /// Whether what the shopper did moved it up.
    pub fn is_moved_up(&self) -> bool {
        self.because.place < self.because.place_found
    }

    /// How it came to its place.
    fn place(&self) -> String {
        let FoundBecause { place, place_found, .. } = self.because;
        match self.order {
            _ if self.sort != Sort::Relevance => {
                t!("found.other_order", order = sorted_by(self.sort))
            }
            SearchOrder::Device => t!("found.device", place = place),
            SearchOrder::Personal if place < place_found => {
                t!("found.moved_up", place_found = place_found, place = place)
            }
            SearchOrder::Personal if place > place_found => {
                t!("found.moved_down", place_found = place_found, place = place)
            }
            SearchOrder::Personal | SearchOrder::Server => t!("found.stands", place = place),
        }
    }

    /// What the server's score is made of, the most first, with shares of it.
    fn parts(&self) -> Vec<(String, f32)> {
        let parts = &self.because.parts;
        let named = |name: &str| parts.iter().find(|part| part.signal == name);
        let of = |name: &str| named(name).map_or(0.0, |part| part.contribution);
        let words: f32 = WORDS.into_iter().map(of).sum();
        let mut lines = vec![
            (self.words(named("coverage").map_or(0.0, |part| part.value)), words),
            (t!("found.meaning").to_owned(), of("cosine")),
            (t!("found.popular").to_owned(), of("popularity")),
        ];
        lines.retain(|(_, part)| *part > 0.0);
        sort_by(&mut lines, |a, b| b.1.total_cmp(&a.1));
        let sum: f32 = lines.iter().map(|(_, part)| part).sum();
        lines.iter_mut().for_each(|(_, part)| *part /= sum);
        lines
    }

    /// How many of the words it has, and where most of all.
    fn words(&self, coverage: f32) -> String {
        let part = |name: &str| {
            let parts = &self.because.parts;
            parts.iter().find(|part| part.signal == name).map_or(0.0, |part| part.contribution)
        };
        let (best, field) = FIELDS
            .map(|field| (part(field), field))
            .into_iter()
            .reduce(|a, b| if b.0 > a.0 { b } else { a })
            .unwrap_or_default();
        let place = field_words(field);
        match (coverage, best > 0.0) {
            (0.99.., true) => t!("found.all_words_in", place = place),
            (0.5.., true) => t!("found.most_words_in", place = place),
            (_, true) => t!("found.some_words_in", place = place),
            (0.99.., false) => t!("found.all_words").to_owned(),
            (0.5.., false) => t!("found.most_words").to_owned(),
            (_, false) => t!("found.some_words").to_owned(),
        }
    }
}

#[component]
pub fn FoundView(found: Found) -> impl IntoView {
    let parts = found.parts().into_iter().map(|(words, share)| {
        let percent = format!("{:.0}", share * 100.0);
        view! {
            <li>
                <span>{words}</span>
                <span class="muted small">{format!("{percent} %")}</span>
                <span class="share" aria-hidden="true">
                    <span style:width=format!("{percent}%")></span>
                </span>
            </li>
        }
    });
    view! {
        <p class="found-place" data-testid="why-place">{found.place()}</p>
        <ul class="shares" data-testid="why-parts">{parts.collect_view()}</ul>
    }
}
