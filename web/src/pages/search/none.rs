//! Where nothing is found: advice, and the nearest categories with what most people buy
//! of them. All of it is worked out on the device.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_domain::{Filters, ItemId, Query};
use vitrine_session::{ItemCard, NearCategory, QueryIntent, doubt};
use vitrine_words::shop::{around, t};

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
            <h2>{t!("nothing.heading")}</h2>
            <p class="muted">{t!("nothing.help")}</p>
            <ul>
                <li>{t!("nothing.general")}</li>
                <li>{t!("nothing.spelling")}</li>
                {filtered.then(|| view! { <li>{t!("nothing.filters")}</li> })}
            </ul>
            <p>
                {if filtered {
                    view! { <a class="button primary" href=unfiltered>{t!("nothing.unfiltered")}</a> }
                } else {
                    view! { <a class="button primary" href=Route::Feed.href()>{t!("look_around")}</a> }
                }}
            </p>
        </div>
        {move || near.get().into_iter().map(|near| view! { <Near near=near/> }).collect_view()}
    }
}

#[component]
fn Near(near: NearCategory) -> impl IntoView {
    let NearCategory { name, tiles } = near;
    let label = t!("carousel.popular_in", name = name);
    let (before, behind) = around!("carousel.popular_in");
    let doubts = tiles.iter().filter_map(|tile| {
        let unconfirmed = &tile.found.as_ref()?.unconfirmed;
        (!unconfirmed.is_empty()).then(|| (tile.card.id, doubt(unconfirmed)))
    });
    let warnings: HashMap<ItemId, String> = doubts.collect();
    let cards: Vec<ItemCard> = tiles.into_iter().map(|tile| tile.card).collect();
    view! {
        <section class="near" data-testid="near-category">
            <h2>{before}<a href=Route::category(name.clone()).href()>{name.clone()}</a>{behind}</h2>
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
