//! Where nothing is found: advice, and the nearest categories with what most people buy
//! of them. All of it is worked out on the device.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_domain::{Filters, ItemId, Query};
use vitrine_session::{ItemCard, NearCategory, QueryIntent, doubt};

use crate::{router::Route, state::Shop, tile::TileGrid};

/// What may help.
#[component]
pub fn NoResults(query: Query, intent: Option<QueryIntent>) -> impl IntoView {
    let shop = Shop::here();
    let filtered = query.filters != Filters::default();
    let unfiltered = Route::Search(Query { text: query.text.clone(), ..Query::default() }).href();
    let near = Memo::new(move |_| {
        shop.follow_catalogue();
        shop.session().near(&query, intent.as_ref())
    });
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
        {move || near.get().into_iter().map(|near| view! { <Near near=near/> }).collect_view()}
    }
}

#[component]
fn Near(near: NearCategory) -> impl IntoView {
    let NearCategory { name, tiles } = near;
    let label = format!("Popular in {name}");
    let doubts = tiles.iter().filter_map(|tile| {
        let unconfirmed = &tile.found.as_ref()?.unconfirmed;
        (!unconfirmed.is_empty()).then(|| (tile.card.id, doubt(unconfirmed)))
    });
    let warnings: HashMap<ItemId, String> = doubts.collect();
    let cards: Vec<ItemCard> = tiles.into_iter().map(|tile| tile.card).collect();
    view! {
        <section class="near" data-testid="near-category">
            <h2>"Popular in " <a href=Route::category(name.clone()).href()>{name.clone()}</a></h2>
            <TileGrid
                cards=Signal::stored(cards)
                testid="near"
                label=label
                nested=true
                warnings=Signal::stored(warnings)
            />
        </section>
    }
}
