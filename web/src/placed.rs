//! What rules of the shop say of lists: why something stands where it does, and banners.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_domain::{ItemId, Query};
use vitrine_session::{PlacedBy, RuleBanner, ShopRoute};

use crate::router::Route;

/// Words for cards that rules put where they are or moved up. What was moved down asks for no
/// explanation on its tile.
pub fn placed_words<'a>(
    placed: impl Iterator<Item = (ItemId, Option<&'a PlacedBy>)>,
) -> HashMap<ItemId, String> {
    let words = |(id, placed): (ItemId, Option<&PlacedBy>)| {
        placed.filter(|placed| placed.is_wanted()).map(|placed| (id, placed.words()))
    };
    placed.filter_map(words).collect()
}

/// What the shop says above a list.
#[component]
pub fn RuleBanners(banners: Signal<Vec<RuleBanner>>) -> impl IntoView {
    let banner = |banner: RuleBanner| match banner.link.map(route) {
        Some(route) => view! { <a href=route.href()>{banner.text}</a> }.into_any(),
        None => view! { <span>{banner.text}</span> }.into_any(),
    };
    move || {
        let banners = banners.get();
        let all = banners.into_iter().map(|of| {
            view! { <p class="notice" data-testid="rule-banner">{banner(of)}</p> }
        });
        all.collect_view()
    }
}

/// Where a rule leads.
fn route(to: ShopRoute) -> Route {
    match to {
        ShopRoute::Home => Route::Feed,
        ShopRoute::Department(name) => Route::department(name),
        ShopRoute::Category(name) => Route::category(name),
        ShopRoute::Brand(name) => {
            let mut query = Query::default();
            query.filters.brands.push(name);
            Route::Search(query)
        }
        ShopRoute::Search(text) => Route::Search(Query { text, ..Query::default() }),
        ShopRoute::Item(id) => Route::Item(id),
    }
}
