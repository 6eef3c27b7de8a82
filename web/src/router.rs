//! Routes live in the URL's fragment, so that no server ever learns which
//! product somebody looks at. One signal follows `hashchange`.

use std::cell::RefCell;

use leptos::prelude::*;
use vitrine_domain::{ItemId, Query, Sort};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{ScrollRestoration, UrlSearchParams};

/// Where the shopper is.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// The feed.
    Feed,
    /// Search results.
    Search(Query),
    /// A product page.
    Item(ItemId),
    /// The basket.
    Basket,
    /// The wish list.
    Wishes,
    /// A conversation.
    Assistant,
    /// A search with a picture.
    ByPicture,
    /// What is known, where, and how to be rid of it.
    Privacy,
    /// Nothing lives there.
    Unknown,
}

impl Route {
    /// Reads a fragment, with or without its `#`.
    pub fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_start_matches('/');
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path.split_once('/').unwrap_or((path, "")) {
            ("", "") => Self::Feed,
            ("basket", "") => Self::Basket,
            ("wishes", "") => Self::Wishes,
            ("assistant", "") => Self::Assistant,
            ("picture", "") => Self::ByPicture,
            ("privacy", "") => Self::Privacy,
            ("search", "") => Self::Search(read_query(query)),
            ("item", id) => id.parse().map_or(Self::Unknown, Self::Item),
            _ => Self::Unknown,
        }
    }

    /// The link to it.
    pub fn href(&self) -> String {
        match self {
            Self::Feed | Self::Unknown => "#/".to_owned(),
            Self::Search(query) => format!("#/search?{}", write_query(query)),
            Self::Item(id) => format!("#/item/{id}"),
            Self::Basket => "#/basket".to_owned(),
            Self::Wishes => "#/wishes".to_owned(),
            Self::Assistant => "#/assistant".to_owned(),
            Self::ByPicture => "#/picture".to_owned(),
            Self::Privacy => "#/privacy".to_owned(),
        }
    }

    /// Everything in one department.
    pub fn department(name: String) -> Self {
        let mut query = Query::default();
        query.filters.departments.push(name);
        Self::Search(query)
    }

    /// Everything in one category.
    pub fn category(name: String) -> Self {
        let mut query = Query::default();
        query.filters.categories.push(name);
        Self::Search(query)
    }

    /// Goes there, as if a link had been followed.
    pub fn go(&self) {
        // Setting a fragment cannot fail; a browser that says otherwise has no page to show.
        let _ = window().location().set_hash(&self.href());
    }
}

fn read_query(text: &str) -> Query {
    let mut query = Query::default();
    let Ok(params) = UrlSearchParams::new_with_str(text) else { return query };
    let many = |key| params.get_all(key).iter().filter_map(|v| v.as_string()).collect();
    query.text = params.get("q").unwrap_or_default();
    query.filters.departments = many("department");
    query.filters.categories = many("category");
    query.filters.brands = many("brand");
    query.filters.brands_excluded = many("not");
    query.filters.price_minor_min = params.get("min").and_then(|v| v.parse().ok());
    query.filters.price_minor_max = params.get("max").and_then(|v| v.parse().ok());
    query.filters.available_only = params.has("available");
    let stars = params.get("stars").and_then(|v| v.parse().ok());
    query.filters.stars_min = stars.filter(|stars| (1..=5).contains(stars));
    let sort = params.get("sort").unwrap_or_default();
    query.sort = Sort::ALL.into_iter().find(|known| known.name() == sort).unwrap_or_default();
    query
}

fn write_query(query: &Query) -> String {
    let Ok(params) = UrlSearchParams::new() else { return String::new() };
    params.append("q", &query.text);
    query.filters.departments.iter().for_each(|name| params.append("department", name));
    query.filters.categories.iter().for_each(|name| params.append("category", name));
    query.filters.brands.iter().for_each(|name| params.append("brand", name));
    query.filters.brands_excluded.iter().for_each(|name| params.append("not", name));
    for (key, price) in
        [("min", query.filters.price_minor_min), ("max", query.filters.price_minor_max)]
    {
        if let Some(price) = price {
            params.append(key, &price.to_string());
        }
    }
    if query.filters.available_only {
        params.append("available", "1");
    }
    if let Some(stars) = query.filters.stars_min {
        params.append("stars", &stars.to_string());
    }
    if query.sort != Sort::default() {
        params.append("sort", query.sort.name());
    }
    params.to_string().into()
}

/// One entry of the tab's history, numbered in `history.state`.
#[derive(Default)]
struct Visits {
    current: usize,
    /// Where each entry was scrolled to when it was left.
    scroll_y: Vec<f64>,
}

thread_local! {
    static VISITS: RefCell<Visits> = RefCell::new(Visits { current: 0, scroll_y: vec![0.0] });
}

/// Follows the fragment, as `parse` reads it, for as long as the page lives.
pub fn follow<T: Send + Sync + 'static>(parse: fn(&str) -> T) -> ReadSignal<T> {
    let here = move || parse(&window().location().hash().unwrap_or_default());
    let (route, set_route) = signal(here());
    if let Ok(history) = window().history() {
        // A browser that will not leave scrolling to us scrolls well enough itself.
        let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
    }
    number_entry();
    // It lives as long as the page does.
    let listener = Closure::<dyn FnMut()>::new(move || {
        VISITS.with_borrow_mut(|visits| {
            let left = visits.current;
            visits.scroll_y[left] = window().scroll_y().unwrap_or(0.0);
        });
        number_entry();
        set_route.set(here());
    });
    window().set_onhashchange(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    route
}

/// Gives a new history entry the next number; recognises one visited before.
fn number_entry() {
    let Ok(history) = window().history() else { return };
    let known = history.state().ok().and_then(|state| state.as_f64()).map(|n| n as usize);
    VISITS.with_borrow_mut(|visits| match known.filter(|n| *n < visits.scroll_y.len()) {
        Some(n) => visits.current = n,
        None => {
            visits.scroll_y.push(0.0);
            visits.current = visits.scroll_y.len() - 1;
            let number = JsValue::from_f64(visits.current as f64);
            // Without the number, going back starts at the top: no harm.
            let _ = history.replace_state(&number, "");
        }
    });
}

/// Scrolls to where this entry was left, or to the top of a new one.
pub fn restore_scroll() {
    let y = VISITS.with_borrow(|visits| visits.scroll_y[visits.current]);
    window().scroll_to_with_x_and_y(0.0, y);
}
