//! The basket: what is in it, and a checkout that orders nothing.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::BasketLine;

use crate::{
    format, motion,
    router::Route,
    state::Shop,
    tile::{PictureView, Price},
};

/// The basket page.
#[component]
pub fn BasketPage() -> impl IntoView {
    let shop = Shop::here();
    let bought = RwSignal::new(0_u32);
    let empty = move || shop.basket.read().lines.is_empty();
    view! {
        <div class="page-head">
            <h1 tabindex="-1">"Basket"</h1>
        </div>
        <div aria-live="polite">
            <Show when=move || { bought.get() > 0 }>
                <p class="notice" data-testid="bought">
                    {move || {
                        format!(
                            "Noted on this device: you bought {}. Nothing was ordered; this is a demo shop.",
                            format::counted(bought.get() as usize, "product", "products"),
                        )
                    }}
                </p>
            </Show>
        </div>
        <Show
            when=move || !empty()
            fallback=|| view! { <EmptyBasket/> }
        >
            <div class="basket">
                <Lines/>
                <Summary bought=bought/>
            </div>
        </Show>
    }
}

#[component]
fn EmptyBasket() -> impl IntoView {
    view! {
        <div class="empty" data-testid="basket-empty">
            <h2>"Nothing in here"</h2>
            <p class="muted">"Add something with the + on its tile."</p>
            <a class="button primary" href=Route::Feed.href()>"Look around"</a>
        </div>
    }
}

/// Lines in a steady order: fewer of one thing is logged as none and some
/// again, which would put it last.
#[component]
fn Lines() -> impl IntoView {
    let shop = Shop::here();
    let places = StoredValue::new(Vec::<ItemId>::new());
    let lines = move || {
        let mut lines = shop.basket.get().lines;
        places.update_value(|places| {
            for line in &lines {
                if !places.contains(&line.card.id) {
                    places.push(line.card.id);
                }
            }
            lines.sort_by_key(|line| places.iter().position(|id| *id == line.card.id));
        });
        lines
    };
    view! {
        <ul data-testid="basket">
            <For each=lines key=|line| line.card.id let:line>
                <Line line=line/>
            </For>
        </ul>
    }
}

#[component]
fn Line(line: BasketLine) -> impl IntoView {
    let shop = Shop::here();
    let card = line.card;
    let (id, title) = (card.id, card.title.clone());
    let quantity = Memo::new(move |_| shop.quantity(id));
    let added = title.clone();
    let (brand, usual_size) = (card.brand.clone(), card.size.clone());
    let priced = card.clone();
    let size = move || {
        let size = shop.sizes.read().get(&id).map_or(usual_size.clone(), |size| size.size.clone());
        format::joined([brand.as_str(), size.as_str()])
    };
    let total = move || shop.price_minor(&priced) * u64::from(quantity.get());
    view! {
        <li class="line" data-testid="basket-line" data-item=id.to_string()>
            <PictureView picture=card.picture.clone() department=card.department.clone()/>
            <div>
                <h2>
                    <a href=Route::Item(id).href()>{title.clone()}</a>
                </h2>
                <p class="muted small">{size}</p>
                <button
                    type="button"
                    class="link-button small"
                    aria-label=format!("Remove {title}")
                    on:click=move |_| set_quantity(shop, id, 0)
                >
                    "Remove"
                </button>
            </div>
            <div class="stepper">
                <button
                    type="button"
                    aria-label=format!("One {title} less")
                    on:click=move |_| set_quantity(shop, id, shop.quantity(id) - 1)
                >
                    "−"
                </button>
                <output aria-label=format!("Pieces of {title}")>{quantity}</output>
                <button
                    type="button"
                    aria-label=format!("One {title} more")
                    on:click=move |_| shop.add_to_basket(id, &added)
                >
                    "+"
                </button>
            </div>
            <p class="line-total">{move || view! { <Price minor=total()/> }}</p>
        </li>
    }
}

/// Leaves fewer of an item. The log knows *put in* and *took out*, not numbers:
/// one less is all out and the rest in again.
fn set_quantity(shop: Shop, id: ItemId, left: u32) {
    spawn_local(async move {
        let session = shop.session();
        session.record(EventKind::RemoveFromCart, id).await;
        for _ in 0..left {
            session.record(EventKind::AddToCart, id).await;
        }
        shop.changed();
        if left == 0 {
            shop.choose_size(id, None);
            // The button that had the focus is gone.
            motion::focus_heading();
        }
    });
}

#[component]
fn Summary(bought: RwSignal<u32>) -> impl IntoView {
    let shop = Shop::here();
    let buy = move |_| {
        let lines = shop.basket.get_untracked().lines;
        spawn_local(async move {
            let session = shop.session();
            for line in &lines {
                session.record(EventKind::Purchase, line.card.id).await;
            }
            bought.set(lines.len() as u32);
            shop.sizes.update(HashMap::clear);
            shop.changed();
            motion::focus_heading();
        });
    };
    let total = move || {
        let basket = shop.basket.read();
        let line = |line: &BasketLine| shop.price_minor(&line.card) * u64::from(line.quantity);
        basket.lines.iter().map(line).sum::<u64>()
    };
    let pieces = move || format::counted(shop.basket.read().n_pieces as usize, "piece", "pieces");
    view! {
        <section class="card" aria-labelledby="sum">
            <h2 id="sum">"Summary"</h2>
            <p class="sum">
                <span>{pieces}</span>
                {move || view! { <Price minor=total()/> }}
            </p>
            <button type="button" class="button primary" data-testid="buy" on:click=buy>
                "Buy"
            </button>
            <p class="muted small">
                "This is a demo shop: nothing is ordered, paid or sent. Buying only writes a line into the log on this device, so that the shop can learn what you like."
            </p>
        </section>
    }
}
