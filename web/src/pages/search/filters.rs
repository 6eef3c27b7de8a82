//! What narrows and orders the results, with what each choice would leave.

use leptos::prelude::*;
use vitrine_domain::{Facet, Facets, Filters, PriceRange, Query, Sort};

use super::{sorted_by, understood};
use crate::{format, router::Route, state::Shop};

/// Each change is a new search with its own address.
#[component]
pub fn FilterForm(query: Query, facets: Memo<Option<Facets>>) -> impl IntoView {
    let query = StoredValue::new(query);
    // A category is also chosen beside the results, where it has a chip.
    let others = |q: &Query| Filters { categories: Vec::new(), ..q.filters.clone() };
    let closed = RwSignal::new(query.with_value(|q| others(q) == Filters::default()));
    let change = move |edit: &dyn Fn(&mut Filters)| {
        // A field that is taken off the page says once more that it has changed.
        let Some(mut query) = query.try_get_value() else { return };
        edit(&mut query.filters);
        Route::Search(query).go();
    };
    let of = move |facet: fn(Facets) -> Vec<Facet>| {
        Signal::derive(move || facets.get().map(facet).unwrap_or_default())
    };
    let n_available = move || facets.read().as_ref().map(|facets| facets.n_available);
    let department = query.with_value(|q| q.filters.departments.first().cloned());
    let category = query.with_value(|q| q.filters.categories.first().cloned());
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
                options=of(|facets| facets.departments)
                current=department
                choose=move |value| change(&|f| f.departments = value.iter().cloned().collect())
            />
            <Choice
                label="Category"
                testid="filter-category"
                options=of(|facets| facets.categories)
                current=category
                choose=move |value| change(&|f| f.categories = value.iter().cloned().collect())
            />
            <Choice
                label="Brand"
                testid="filter-brand"
                options=of(|facets| facets.brands)
                current=brand
                choose=move |value| change(&|f| f.brands = value.iter().cloned().collect())
            />
            <PriceRange query=query facets=facets/>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="filter-available"
                    prop:checked=available
                    on:change=move |_| change(&|f| f.available_only = !available)
                />
                <span>"Only what can be bought now" {move || counted(n_available())}</span>
            </label>
        </form>
    }
}

#[component]
fn Choice(
    label: &'static str,
    testid: &'static str,
    options: Signal<Vec<Facet>>,
    current: Option<String>,
    choose: impl Fn(Option<String>) + Send + 'static,
) -> impl IntoView {
    let current = StoredValue::new(current);
    // What is chosen stays choosable, even where nothing has it.
    let all = move || {
        let mut all: Vec<(String, Option<u32>)> =
            options.get().into_iter().map(|facet| (facet.name, Some(facet.n_items))).collect();
        let chosen = current.get_value();
        let is_new = |chosen: &String| all.iter().all(|(name, _)| name != chosen);
        all.extend(chosen.filter(is_new).map(|chosen| (chosen, None)));
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
                        .map(|(name, n_items)| {
                            let selected = current.with_value(|c| c.as_ref() == Some(&name));
                            let words = format!("{name}{}", counted(n_items));
                            view! { <option value=name selected=selected>{words}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </div>
    }
}

/// Prices are typed in the currency's major unit and travel in its minor one.
#[component]
fn PriceRange(query: StoredValue<Query>, facets: Memo<Option<Facets>>) -> impl IntoView {
    let shop = Shop::here();
    let major = move |minor: Option<u32>| {
        minor.map(|minor| {
            (f64::from(minor) / format::minor_per_major(&shop.currency_standard())).to_string()
        })
    };
    let minor = move |text: &str| {
        let major: f64 = text.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
        Some((major * format::minor_per_major(&shop.currency_standard())).round() as u32)
    };
    let filters = query.with_value(|q| q.filters.clone());
    let set = move |is_min: bool| {
        move |event: web_sys::Event| {
            let Some(mut query) = query.try_get_value() else { return };
            let value = minor(&event_target_value(&event));
            if is_min {
                query.filters.price_minor_min = value;
            } else {
                query.filters.price_minor_max = value;
            }
            Route::Search(query).go();
        }
    };
    let bound = |word: &'static str, testid: &'static str, value, is_min| {
        view! {
            <input
                class="field"
                type="number"
                min="0"
                step="any"
                inputmode="decimal"
                aria-label=format!("Price {word}")
                placeholder=word
                data-testid=testid
                prop:value=major(value).unwrap_or_default()
                on:change=set(is_min)
            />
        }
    };
    // The server knows no list that a shopper has picked: it filters by the standard prices.
    let legend = move || {
        let is_other = shop.status.read().price_list.is_some();
        let name = if is_other { "Standard price" } else { "Price" };
        format!("{name} ({})", shop.currency_standard())
    };
    view! {
        <fieldset>
            <legend>{legend}</legend>
            <div class="range">
                {bound("from", "filter-price-min", filters.price_minor_min, true)}
                <span aria-hidden="true">"–"</span>
                {bound("to", "filter-price-max", filters.price_minor_max, false)}
            </div>
            <ul class="ranges" data-testid="price-ranges">
                {move || {
                    let ranges = facets.get().map(|facets| facets.prices).unwrap_or_default();
                    ranges.into_iter().map(|range| price_link(range, query, shop)).collect_view()
                }}
            </ul>
        </fieldset>
    }
}

/// A range of prices with what it holds.
fn price_link(range: PriceRange, query: StoredValue<Query>, shop: Shop) -> impl IntoView {
    let mut chosen = query.get_value();
    chosen.filters.price_minor_min = range.price_minor_min;
    chosen.filters.price_minor_max = range.price_minor_max;
    let is_current = chosen.filters == query.with_value(|query| query.filters.clone());
    let words =
        understood::price_words(&chosen.filters, &shop.currency_standard()).unwrap_or_default();
    view! {
        <li>
            <a href=Route::Search(chosen).href() aria-current=is_current.then_some("true")>
                {words}
            </a>
            <span class="muted">{counted(Some(range.n_items))}</span>
        </li>
    }
}

/// The order of the results; each is a search with its own address.
#[component]
pub fn SortChoice(query: Query) -> impl IntoView {
    let current = query.sort;
    let choose = move |event: web_sys::Event| {
        let name = event_target_value(&event);
        let sort = Sort::ALL.into_iter().find(|sort| sort.name() == name).unwrap_or_default();
        Route::Search(Query { sort, ..query.clone() }).go();
    };
    // A shop that does not say when anything was listed has no newest.
    let has_dates = Shop::here().status.with_untracked(|status| status.has_dates);
    let is_offered = move |sort: &Sort| *sort != Sort::Newest || has_dates || *sort == current;
    let options = Sort::ALL.into_iter().filter(is_offered).map(|sort| {
        let words = format::capitalised(sorted_by(sort));
        view! { <option value=sort.name() selected=sort == current>{words}</option> }
    });
    view! {
        <label class="sort">
            <span>"Sort"</span>
            <select class="field" data-testid="sort" on:change=choose>{options.collect::<Vec<_>>()}</select>
        </label>
    }
}

/// " (38)".
fn counted(n_items: Option<u32>) -> String {
    n_items.map(|n| format!(" ({})", format::number(n.into()))).unwrap_or_default()
}
