//! What narrows and orders the results, with what each choice would leave.

use leptos::{html, prelude::*};
use vitrine_domain::{Facet, Facets, Filters, PriceRange, Query, Sort};
use vitrine_words::shop::{n, t};

use super::understood;
use crate::{
    format::{self, sorted_by},
    motion,
    router::Route,
    state::{Filtered, Shop},
};

/// Screens on which the filters are in a drawer; the style sheet has the same bound.
const NARROW: &str = "(max-width: 719.98px)";
/// Values of a facet that are shown before all are asked for.
const OPTIONS_SHOWN: usize = 6;

/// The filters: beside the results, or on a narrow screen in a drawer over them.
#[component]
pub fn Filtering(
    query: Query,
    facets: Memo<Option<Facets>>,
    /// Results with these filters, once that is known.
    n_total: Signal<Option<u32>>,
) -> impl IntoView {
    let is_narrow = || {
        let media = window().match_media(NARROW);
        media.ok().flatten().is_some_and(|media| media.matches())
    };
    let shop = Shop::here();
    let narrow = RwSignal::new(is_narrow());
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if narrow.get_untracked() != is_narrow() {
            // A drawer that leaves the page does not say that it closes.
            shop.filtering.update_value(|filtering| filtering.is_open = false);
            narrow.set(is_narrow());
        }
    });
    on_cleanup(move || resized.remove());
    focus_changed();
    move || match narrow.get() {
        true => view! { <Drawer query=query.clone() facets=facets n_total=n_total/> }.into_any(),
        false => view! { <FilterForm query=query.clone() facets=facets/> }.into_any(),
    }
}

/// Gives the focus back to the field whose change led to this page.
fn focus_changed() {
    let shop = Shop::here();
    if shop.filtering.with_value(|filtering| filtering.changed.is_some()) {
        request_animation_frame(move || {
            let changed = shop.filtering.try_update_value(|filtering| filtering.changed.take());
            changed.flatten().inspect(|(id, _)| motion::focus_id(id));
        });
    }
}

/// The name of the field of one value.
fn option_id(testid: &str, name: &str) -> String {
    format!("{testid}-{}", name.replace(char::is_whitespace, "_"))
}

/// A sheet over the results. Each change shows at once what it leaves; the dialog of the
/// browser holds the focus and closes at Escape.
#[component]
fn Drawer(
    query: Query,
    facets: Memo<Option<Facets>>,
    n_total: Signal<Option<u32>>,
) -> impl IntoView {
    let shop = Shop::here();
    let dialog = NodeRef::<html::Dialog>::new();
    let button = NodeRef::<html::Button>::new();
    // Fails only when it is already open.
    let open = move || drop(dialog.get_untracked().map(|dialog| dialog.show_modal()));
    Effect::new(move || {
        // A change of the filters is a page of its own, with the drawer still open.
        if dialog.get().is_some() && shop.filtering.with_value(|filtering| filtering.is_open) {
            open();
        }
    });
    let close = move |_| drop(dialog.get_untracked().inspect(|dialog| dialog.close()));
    let closed = move |_| {
        shop.filtering.set_value(Filtered::default());
        drop(button.get_untracked().map(|button| button.focus()));
    };
    let opened = move |_| {
        shop.filtering.update_value(|filtering| filtering.is_open = true);
        open();
    };
    let n = move || match n_total.get() {
        Some(n) => n!("filter.show_n", n),
        None => t!("filter.show").to_owned(),
    };
    view! {
        <div class="filters-bar">
            <button
                type="button"
                class="button"
                node_ref=button
                aria-haspopup="dialog"
                data-testid="filters-open"
                on:click=opened
            >
                {t!("filter.heading")}
            </button>
            <dialog
                class="drawer"
                node_ref=dialog
                aria-labelledby="filters-title"
                data-testid="filters-drawer"
                on:close=closed
            >
                <h2 id="filters-title">{t!("filter.heading")}</h2>
                <FilterForm query=query facets=facets/>
                <div class="drawer-foot" aria-live="polite">
                    <button
                        type="button"
                        class="button primary"
                        data-testid="filters-show"
                        on:click=close
                    >
                        {n}
                    </button>
                </div>
            </dialog>
        </div>
    }
}

/// Each change is a new search with its own address.
#[component]
fn FilterForm(query: Query, facets: Memo<Option<Facets>>) -> impl IntoView {
    let shop = Shop::here();
    let query = StoredValue::new(query);
    let change = move |id: (String, String), edit: &dyn Fn(&mut Filters)| {
        // A field that is taken off the page says once more that it has changed.
        let Some(mut query) = query.try_get_value() else { return };
        edit(&mut query.filters);
        shop.filtering.update_value(|filtering| filtering.changed = Some(id));
        Route::Search(query).go();
    };
    let choice = move |label, testid, of: fn(Facets) -> Vec<Facet>, list: List| {
        let options = Signal::derive(move || facets.get().map(of).unwrap_or_default());
        let chosen = query.with_value(|query| list(&mut query.filters.clone()).clone());
        let toggle = move |name: String| {
            change((option_id(testid, &name), name.clone()), &|filters| {
                let list = list(filters);
                match list.iter().position(|other| *other == name) {
                    Some(place) => drop(list.remove(place)),
                    None => list.push(name.clone()),
                }
            });
        };
        let toggle = Callback::new(toggle);
        view! { <Choice label=label testid=testid options=options chosen=chosen toggle=toggle/> }
    };
    let n_available = move || facets.read().as_ref().map(|facets| facets.n_available);
    let available = query.with_value(|q| q.filters.available_only);
    let flip = move |_| {
        change(("filter-available".to_owned(), String::new()), &|filters| {
            filters.available_only = !available
        });
    };
    let stars_min = query.with_value(|q| q.filters.stars_min);
    let has_ratings = shop.status.with_untracked(|status| status.has_ratings);
    let flip_stars = move |_| {
        change(("filter-stars".to_owned(), String::new()), &|filters| {
            filters.stars_min = if stars_min.is_some() { None } else { Some(STARS_WELL_RATED) }
        });
    };
    view! {
        <form
            class="filters"
            aria-label=t!("filter.heading")
            data-testid="filters"
            on:submit=|event| event.prevent_default()
        >
            {choice(
                t!("filter.department"),
                "filter-department",
                |f| f.departments,
                |f| &mut f.departments,
            )}
            {choice(
                t!("filter.category"),
                "filter-category",
                |f| f.categories,
                |f| &mut f.categories,
            )}
            {choice(t!("filter.brand"), "filter-brand", |f| f.brands, |f| &mut f.brands)}
            <PriceRange query=query facets=facets/>
            <label class="check">
                <input
                    type="checkbox"
                    id="filter-available"
                    data-testid="filter-available"
                    prop:checked=available
                    on:change=flip
                />
                <span>{t!("filter.available")} {move || counted(n_available())}</span>
            </label>
            <label class="check" hidden=!(has_ratings || stars_min.is_some())>
                <input
                    type="checkbox"
                    id="filter-stars"
                    data-testid="filter-stars"
                    prop:checked=stars_min.is_some()
                    on:change=flip_stars
                />
                <span>{t!("filter.stars", n = stars_min.unwrap_or(STARS_WELL_RATED))}</span>
            </label>
        </form>
    }
}

/// Stars that the filter asks for.
const STARS_WELL_RATED: u8 = 4;

/// Where filters have the chosen values of a facet.
type List = fn(&mut Filters) -> &mut Vec<String>;

/// The values of a facet, any number of which may be chosen. What is chosen comes first and
/// stays choosable, even where nothing has it.
#[component]
fn Choice(
    label: &'static str,
    testid: &'static str,
    options: Signal<Vec<Facet>>,
    chosen: Vec<String>,
    toggle: Callback<String>,
) -> impl IntoView {
    let changed = Shop::here().filtering.with_value(|filtering| filtering.changed.clone());
    let changed = changed.filter(|(id, name)| *id == option_id(testid, name));
    // What was chosen until now stays where it was, so that the focus has a place.
    let mut first = chosen.clone();
    first.extend(changed.map(|(_, name)| name).filter(|name| !chosen.contains(name)));
    let shows_all = RwSignal::new(false);
    let chosen = StoredValue::new(chosen);
    let first = StoredValue::new(first);
    let all = Memo::new(move |_| {
        let facets = options.read();
        let n_items = |name: &String| {
            facets.iter().find(|facet| facet.name == *name).map(|facet| facet.n_items)
        };
        let first = first.get_value();
        let rest = facets.iter().filter(|facet| !first.contains(&facet.name));
        let rest: Vec<_> = rest.map(|facet| (facet.name.clone(), Some(facet.n_items))).collect();
        let first = first.iter().map(|name| (name.clone(), n_items(name)));
        first.chain(rest).collect::<Vec<(String, Option<u32>)>>()
    });
    let n_all = move || all.read().len();
    let shown = move || {
        let n_first = first.with_value(Vec::len);
        let n = if shows_all.get() { n_all() } else { OPTIONS_SHOWN.max(n_first) };
        let option = |(name, n_items): (String, Option<u32>)| {
            let is_chosen = chosen.with_value(|chosen| chosen.contains(&name));
            let id = option_id(testid, &name);
            let words = format!("{name}{}", counted(n_items));
            view! {
                <li>
                    <label class="check">
                        <input
                            type="checkbox"
                            id=id
                            prop:checked=is_chosen
                            on:change=move |_| toggle.run(name.clone())
                        />
                        <span>{words}</span>
                    </label>
                </li>
            }
        };
        all.get().into_iter().take(n).map(option).collect_view()
    };
    let more = move || match shows_all.get() {
        true => t!("filter.fewer").to_owned(),
        false => t!("filter.all", n = n_all()),
    };
    view! {
        <fieldset data-testid=testid hidden=move || n_all() == 0>
            <legend>{label}</legend>
            <ul class="options">{shown}</ul>
            <button
                type="button"
                class="link-button"
                aria-expanded=move || shows_all.get().to_string()
                hidden=move || n_all() <= OPTIONS_SHOWN
                on:click=move |_| shows_all.update(|all| *all = !*all)
            >
                {more}
            </button>
        </fieldset>
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
            let id = if is_min { "filter-price-min" } else { "filter-price-max" };
            shop.filtering
                .update_value(|filtering| filtering.changed = Some((id.to_owned(), String::new())));
            Route::Search(query).go();
        }
    };
    let bound = |word: &'static str, testid: &'static str, value, is_min| {
        view! {
            <input
                class="field"
                id=testid
                type="number"
                min="0"
                step="any"
                inputmode="decimal"
                aria-label=t!("filter.price_bound", bound = word)
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
        match is_other {
            true => t!("filter.price_standard", currency = shop.currency_standard()),
            false => t!("filter.price", currency = shop.currency_standard()),
        }
    };
    view! {
        <fieldset>
            <legend>{legend}</legend>
            <div class="range">
                {bound(t!("filter.price_from"), "filter-price-min", filters.price_minor_min, true)}
                <span aria-hidden="true">"–"</span>
                {bound(t!("filter.price_to"), "filter-price-max", filters.price_minor_max, false)}
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
    // A shop that does not say when anything was listed has no newest, one without ratings no best
    // rated.
    let (has_dates, has_ratings) =
        Shop::here().status.with_untracked(|status| (status.has_dates, status.has_ratings));
    let is_offered = move |sort: &Sort| match sort {
        Sort::Newest => has_dates || *sort == current,
        Sort::Rating => has_ratings || *sort == current,
        _ => true,
    };
    let options = Sort::ALL.into_iter().filter(is_offered).map(|sort| {
        let words = format::capitalised(sorted_by(sort));
        view! { <option value=sort.name() selected=sort == current>{words}</option> }
    });
    view! {
        <label class="sort">
            <span>{t!("search.sort")}</span>
            <select class="field" data-testid="sort" on:change=choose>{options.collect::<Vec<_>>()}</select>
        </label>
    }
}

/// " (38)".
fn counted(n_items: Option<u32>) -> String {
    n_items.map(|n| t!("filter.count", n = format::number(n.into()))).unwrap_or_default()
}
