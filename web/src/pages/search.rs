//! Search results with their filters. The server is asked for them once for each search, with
//! the words and filters, unless the shopper searches in private.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::limits::RESULT_DEPTH_MAX;
use vitrine_domain::{Filters, ItemId, Query, Sort};
use vitrine_session::{ItemCard, RuleBanner, SearchOrder, SearchResults, Session, doubt};
use vitrine_words::shop::t;

mod chosen;
mod filters;
mod none;
mod understood;

use self::chosen::Chosen;
use self::filters::{Filtering, SortChoice};
use self::none::NoResults;
use self::understood::Understood;
use crate::{
    badge::RankingBadge,
    format::{self, sorted_by},
    front,
    placed::{RuleBanners, placed_words},
    router::Route,
    state::Shop,
    telltale,
    tile::{SkeletonGrid, TileGrid},
    why::Why,
};

/// What is known of a search so far.
#[derive(Clone, Default, PartialEq)]
struct Found {
    /// One answer a page, in order.
    pages: Vec<SearchResults>,
    /// Why the last question was not answered.
    failure: Option<String>,
    asking: bool,
}

impl Found {
    fn n_total(&self) -> usize {
        self.pages.first().map_or(0, |page| page.n_total as usize)
    }

    fn n_shown(&self) -> usize {
        self.pages.iter().map(|page| page.tiles.len()).sum()
    }

    /// The results as the catalogue on the device has them by now: what was found
    /// before it came has neither picture nor sizes.
    fn cards(&self, session: &Session) -> Vec<ItemCard> {
        let tiles = self.pages.iter().flat_map(|page| &page.tiles);
        tiles.map(|tile| session.item(tile.card.id).unwrap_or_else(|| tile.card.clone())).collect()
    }

    /// What must be known of results before they are bought.
    fn warnings(&self) -> HashMap<ItemId, String> {
        let tiles = self.pages.iter().flat_map(|page| &page.tiles);
        let doubts = tiles.filter_map(|tile| {
            let unconfirmed = &tile.found.as_ref()?.unconfirmed;
            (!unconfirmed.is_empty()).then(|| (tile.card.id, doubt(unconfirmed)))
        });
        doubts.collect()
    }

    /// Why the shop wants results where they are.
    fn placed(&self) -> HashMap<ItemId, String> {
        let tiles = self.pages.iter().flat_map(|page| &page.tiles);
        placed_words(tiles.map(|tile| (tile.card.id, tile.placed.as_ref())))
    }

    /// What the shop says above them.
    fn banners(&self) -> Vec<RuleBanner> {
        self.pages.first().map_or_else(Vec::new, |page| page.banners.clone())
    }

    fn is_empty_handed(&self) -> bool {
        !self.pages.is_empty() && self.n_shown() == 0
    }

    fn has_more(&self) -> bool {
        let shown = self.n_shown();
        shown > 0 && shown < self.n_total().min(RESULT_DEPTH_MAX as usize)
    }
}

/// Asks for the next page of results.
fn ask(shop: Shop, found: RwSignal<Found>, mut query: Query) {
    query.page.offset = found.read_untracked().n_shown() as u32;
    // What is counted does not depend on the page.
    query.facets = query.page.offset == 0;
    // Always, so that a request does not tell who wanted to know.
    query.explain = true;
    found.update(|found| found.asking = true);
    spawn_local(async move {
        let answer = shop.search(query).await;
        // The page may have been left while the answer was on its way.
        found.try_update(|found| {
            found.asking = false;
            found.failure = answer.as_ref().err().map(|error| error.words());
            let _ = answer.as_ref().map(telltale::search);
            found.pages.extend(answer);
        });
    });
}

/// The results of one search.
#[component]
pub fn SearchPage(query: Query) -> impl IntoView {
    let shop = Shop::here();
    let found = RwSignal::new(Found::default());
    match query.filters.inverted_prices() {
        Some((min, max)) => {
            let price = |minor: u32| format::price(minor.into(), &shop.currency_standard());
            let words = t!("search.no_price", min = price(min), max = price(max));
            found.update(|found| found.failure = Some(words));
        }
        None => ask(shop, found, query.clone()),
    }
    let cards = Memo::new(move |_| {
        shop.follow_catalogue();
        found.read().cards(&shop.session())
    });
    let warnings = Memo::new(move |_| found.read().warnings());
    let heading = search_heading(&query);
    let label = t!("search.results_for", heading = heading);
    let failure = move || {
        found.get().failure.map(|words| view! { <p class="notice error" role="alert">{words}</p> })
    };
    let facets = Memo::new(move |_| found.read().pages.first()?.facets.clone());
    let first = Memo::new(move |_| found.read().pages.first().cloned());
    let sort = query.sort;
    let ask_why = Callback::new(move |id| {
        let is_there = |page: &&SearchResults| page.tiles.iter().any(|tile| tile.card.id == id);
        let page = found.with_untracked(|found| found.pages.iter().find(is_there).cloned());
        spawn_local(async move {
            if let Some(page) = page {
                let session = shop.session();
                shop.show_why(Why::of_result(&session, &page, sort, id)).await;
            }
        });
    });
    let (advice, next, asked) = (query.clone(), query.clone(), query.clone());
    let none = move || {
        let first = first.read();
        let intent = first.as_ref().and_then(|first| first.intent.clone());
        found
            .read()
            .is_empty_handed()
            .then(|| view! { <NoResults query=advice.clone() intent=intent/> })
    };
    let here = query.clone();
    let waiting = move || match front::arrived(&Route::Search(here.clone())) {
        Some(content) => view! { <div inner_html=content></div> }.into_any(),
        None => view! { <SkeletonGrid n=12/> }.into_any(),
    };
    let n_total = Signal::derive(move || first.read().as_ref().map(|first| first.n_total));
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{heading}</h1>
                <p role="status" data-testid="result-count">
                    {move || summary(&found.read(), sort)}
                </p>
            </div>
            <Show when=move || !found.read().is_empty_handed()>
                <RankingBadge status=shop.status/>
            </Show>
        </div>
        <div class="search-page">
            <Filtering query=query.clone() facets=facets n_total=n_total/>
            <div data-testid="search-results" data-order=move || order(&found.read())>
                <Show when=move || found.read().asking && found.read().pages.is_empty()>
                    {waiting.clone()}
                </Show>
                {failure}
                <Chosen query=query.clone()/>
                <div class="found-head">
                    <Understood query=asked first=first/>
                    <Show when=move || { found.read().n_shown() > 1 }>
                        <SortChoice query=query.clone()/>
                    </Show>
                </div>
                {none}
                <RuleBanners banners=Signal::derive(move || found.read().banners())/>
                <TileGrid
                    cards=cards
                    testid="results"
                    label=label
                    ask_why=ask_why
                    warnings=warnings
                    placed=Signal::derive(move || found.read().placed())
                />
                <Show when=move || found.read().has_more()>
                    <MoreResults found=found query=next.clone()/>
                </Show>
            </div>
        </div>
    }
}

#[component]
fn MoreResults(found: RwSignal<Found>, query: Query) -> impl IntoView {
    let shop = Shop::here();
    view! {
        <p class="more">
            <button
                type="button"
                class="button"
                data-testid="more-results"
                disabled=move || found.read().asking
                on:click=move |_| ask(shop, found, query.clone())
            >
                {t!("feed.more")}
            </button>
        </p>
    }
}

/// The words searched for, else the one category or department looked through.
pub fn search_heading(query: &Query) -> String {
    let Filters { departments, categories, .. } = &query.filters;
    match (query.text.trim(), departments.as_slice(), categories.as_slice()) {
        ("", _, [name]) | ("", [name], []) => name.clone(),
        ("", ..) => t!("search.heading").to_owned(),
        (text, ..) => t!("search.quote", text = text),
    }
}

fn order(found: &Found) -> Option<&'static str> {
    found.pages.first().map(|page| match page.order {
        SearchOrder::Personal => "personal",
        SearchOrder::Server => "server",
        SearchOrder::Device => "device",
    })
}

/// "38 results, in your order".
fn summary(found: &Found, sort: Sort) -> String {
    let Some(first) = found.pages.first() else {
        return format::search_words(found.asking).to_owned();
    };
    let how = match (first.order, first.offline) {
        _ if first.private => t!("search.private"),
        (_, false) if sort != Sort::Relevance => sorted_by(sort),
        (_, true) => t!("search.unreachable"),
        (SearchOrder::Personal, _) => t!("search.personal"),
        (SearchOrder::Server, _) => t!("search.server"),
        (SearchOrder::Device, _) => t!("search.device"),
    };
    let results = format::results(found.n_total());
    match found.is_empty_handed() {
        true => results,
        false => t!("search.summary", results = results, how = how),
    }
}
