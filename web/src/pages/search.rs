//! Search results with their filters. The only page that asks the server
//! anything: the words and filters, once for each search.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::limits::RESULT_DEPTH_MAX;
use vitrine_domain::{Filters, Query};
use vitrine_session::{ItemCard, SearchOrder, SearchResults};

use crate::{
    badge::RankingBadge,
    format,
    router::Route,
    state::Shop,
    tile::{SkeletonGrid, TileGrid},
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

    fn cards(&self) -> Vec<ItemCard> {
        let tiles = self.pages.iter().flat_map(|page| &page.tiles);
        tiles.map(|tile| tile.card.clone()).collect()
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
    found.update(|found| found.asking = true);
    spawn_local(async move {
        let answer = shop.search(query).await;
        // The page may have been left while the answer was on its way.
        found.try_update(|found| {
            found.asking = false;
            found.failure = answer.as_ref().err().map(ToString::to_string);
            found.pages.extend(answer);
        });
    });
}

/// The results of one search.
#[component]
pub fn SearchPage(query: Query) -> impl IntoView {
    let shop = Shop::here();
    let found = RwSignal::new(Found::default());
    ask(shop, found, query.clone());
    let cards = Memo::new(move |_| found.read().cards());
    let heading = search_heading(&query);
    let label = format!("Results for {heading}");
    let failure = move || {
        found.get().failure.map(|words| view! { <p class="notice error" role="alert">{words}</p> })
    };
    let (advice, next) = (query.clone(), query.clone());
    let none =
        move || found.read().is_empty_handed().then(|| view! { <NoResults query=advice.clone()/> });
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{heading}</h1>
                <p role="status" data-testid="result-count">{move || summary(&found.read())}</p>
            </div>
            <RankingBadge status=shop.status/>
        </div>
        <div class="search-page">
            <FilterForm query=query/>
            <div data-testid="search-results" data-order=move || order(&found.read())>
                <Show when=move || found.read().asking && found.read().pages.is_empty()>
                    <SkeletonGrid n=12/>
                </Show>
                {failure}
                {move || corrections(&found.read())}
                {none}
                <TileGrid cards=cards testid="results" label=label/>
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
                "Show more"
            </button>
        </p>
    }
}

/// The words searched for, else the department looked through.
pub fn search_heading(query: &Query) -> String {
    match (query.text.trim(), query.filters.departments.as_slice()) {
        ("", [department]) => department.clone(),
        ("", _) => "Search".to_owned(),
        (text, _) => format!("“{text}”"),
    }
}

fn order(found: &Found) -> Option<&'static str> {
    found.pages.first().map(|page| match page.order {
        SearchOrder::Personal => "personal",
        SearchOrder::Server => "server",
        SearchOrder::Offline => "offline",
    })
}

/// "38 results, in your order".
fn summary(found: &Found) -> String {
    let Some(first) = found.pages.first() else {
        return if found.asking { "Searching…" } else { "The search did not work." }.to_owned();
    };
    let how = match (first.order, first.offline) {
        (_, true) => "found on this device, because the shop cannot be reached",
        (SearchOrder::Personal, _) => "in your order, worked out on this device",
        (SearchOrder::Server, _) => "in the shop's order",
        (SearchOrder::Offline, _) => "found on this device",
    };
    let n = format::counted(found.n_total(), "result", "results");
    if found.is_empty_handed() { n } else { format!("{n}, {how}") }
}

/// "No product has “hedphones”: these are for “headphones”."
fn corrections(found: &Found) -> Option<impl IntoView + use<>> {
    let corrections = &found.pages.first()?.corrections;
    let quoted = |words: Vec<&String>| {
        words.into_iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ")
    };
    let typed = quoted(corrections.iter().map(|correction| &correction.typed).collect());
    let used = quoted(corrections.iter().map(|correction| &correction.used).collect());
    (!corrections.is_empty()).then(|| {
        view! {
            <p class="notice" data-testid="corrections">
                {format!("No product has {typed}: these are for {used}.")}
            </p>
        }
    })
}

#[component]
fn NoResults(query: Query) -> impl IntoView {
    let filtered = query.filters != Filters::default();
    let unfiltered = Route::Search(Query { text: query.text, ..Query::default() }).href();
    view! {
        <div class="empty" data-testid="no-results">
            <h2>"Nothing matches"</h2>
            <p class="muted">"What may help:"</p>
            <ul>
                <li>"fewer or more general words: “tea” rather than “green jasmine tea bags”"</li>
                <li>"another spelling, or the singular"</li>
                {filtered.then(|| view! { <li>"fewer filters"</li> })}
            </ul>
            <p>
                {if filtered {
                    view! { <a class="button primary" href=unfiltered>"Search without filters"</a> }
                } else {
                    view! { <a class="button primary" href=Route::Feed.href()>"Look around"</a> }
                }}
            </p>
        </div>
    }
}

/// Each change is a new search with its own address.
#[component]
fn FilterForm(query: Query) -> impl IntoView {
    let shop = Shop::here();
    let query = StoredValue::new(query);
    let closed = RwSignal::new(query.with_value(|q| q.filters == Filters::default()));
    let change = move |edit: &dyn Fn(&mut Filters)| {
        let mut query = query.get_value();
        edit(&mut query.filters);
        Route::Search(query).go();
    };
    let departments = move || shop.departments.get().into_iter().map(|facet| facet.name).collect();
    let brands = move || shop.brands.get().into_iter().map(|facet| facet.name).collect();
    let department = query.with_value(|q| q.filters.departments.first().cloned());
    let brand = query.with_value(|q| q.filters.brands.first().cloned());
    let available = query.with_value(|q| q.filters.available_only);
    view! {
        <form
            class="filters"
            class:closed=closed
            aria-label="Filters"
            data-testid="filters"
            on:submit=|event| event.prevent_default()
        >
            <button
                type="button"
                class="button filters-toggle"
                aria-expanded=move || (!closed.get()).to_string()
                on:click=move |_| closed.update(|closed| *closed = !*closed)
            >
                "Filters"
            </button>
            <Choice
                label="Department"
                testid="filter-department"
                options=Signal::derive(departments)
                current=department
                choose=move |value| change(&|f| f.departments = value.iter().cloned().collect())
            />
            <Choice
                label="Brand"
                testid="filter-brand"
                options=Signal::derive(brands)
                current=brand
                choose=move |value| change(&|f| f.brands = value.iter().cloned().collect())
            />
            <PriceRange query=query/>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="filter-available"
                    prop:checked=available
                    on:change=move |_| change(&|f| f.available_only = !available)
                />
                "Only what can be bought now"
            </label>
        </form>
    }
}

#[component]
fn Choice(
    label: &'static str,
    testid: &'static str,
    options: Signal<Vec<String>>,
    current: Option<String>,
    choose: impl Fn(Option<String>) + Send + 'static,
) -> impl IntoView {
    let current = StoredValue::new(current);
    // What is chosen stays choosable, even where the list does not know it.
    let all = move || {
        let mut all = options.get();
        let chosen = current.get_value();
        all.extend(chosen.filter(|chosen| !options.read().contains(chosen)));
        all
    };
    view! {
        <div>
            <label class="field-label" for=testid>{label}</label>
            <select
                id=testid
                class="field"
                data-testid=testid
                on:change=move |event| {
                    choose(Some(event_target_value(&event)).filter(|value| !value.is_empty()));
                }
            >
                <option value="">"Any"</option>
                {move || {
                    all()
                        .into_iter()
                        .map(|name| {
                            let selected = current.with_value(|c| c.as_ref() == Some(&name));
                            view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </div>
    }
}

/// Prices are typed in the currency's major unit and travel in its minor one.
#[component]
fn PriceRange(query: StoredValue<Query>) -> impl IntoView {
    let shop = Shop::here();
    let major = move |minor: Option<u32>| {
        minor
            .map(|minor| (f64::from(minor) / format::minor_per_major(&shop.currency())).to_string())
    };
    let minor = move |text: &str| {
        let major: f64 = text.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
        Some((major * format::minor_per_major(&shop.currency())).round() as u32)
    };
    let filters = query.with_value(|q| q.filters.clone());
    let set = move |is_min: bool| {
        move |event: web_sys::Event| {
            let mut query = query.get_value();
            let value = minor(&event_target_value(&event));
            if is_min {
                query.filters.price_minor_min = value;
            } else {
                query.filters.price_minor_max = value;
            }
            Route::Search(query).go();
        }
    };
    view! {
        <fieldset>
            <legend>{move || format!("Price ({})", shop.currency())}</legend>
            <div class="range">
                <input
                    class="field"
                    type="number"
                    min="0"
                    step="any"
                    inputmode="decimal"
                    aria-label="Price from"
                    placeholder="from"
                    data-testid="filter-price-min"
                    prop:value=major(filters.price_minor_min).unwrap_or_default()
                    on:change=set(true)
                />
                <span aria-hidden="true">"–"</span>
                <input
                    class="field"
                    type="number"
                    min="0"
                    step="any"
                    inputmode="decimal"
                    aria-label="Price to"
                    placeholder="to"
                    data-testid="filter-price-max"
                    prop:value=major(filters.price_minor_max).unwrap_or_default()
                    on:change=set(false)
                />
            </div>
        </fieldset>
    }
}
