//! The basket: what is in it, and a checkout that orders nothing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::{BasketLine, PhotoSize};

use crate::{
    format, motion,
    price_list::TaxNote,
    router::Route,
    state::Shop,
    tile::{Price, picture},
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

#[component]
fn Lines() -> impl IntoView {
    let shop = Shop::here();
    let keys = move || -> Vec<Key> {
        let key = |line: &BasketLine| (line.card.id, line.sku().map(str::to_owned));
        shop.basket.read().lines.iter().map(key).collect()
    };
    view! {
        <ul data-testid="basket">
            <For each=keys key=Key::clone let:key>
                <Line key=key/>
            </For>
        </ul>
    }
}

/// What names a line: its card and its size.
type Key = (ItemId, Option<String>);

#[component]
fn Line(key: Key) -> impl IntoView {
    let shop = Shop::here();
    let key = StoredValue::new(key);
    let line = move || key.with_value(|(id, sku)| shop.line(*id, sku.as_deref()));
    let quantity = Memo::new(move |_| line().map_or(0, |line| line.quantity));
    // Drawn anew when the catalogue has other words or prices, not at each piece:
    // the button that was pressed keeps the focus.
    let shown = Memo::new(move |last: Option<&Option<BasketLine>>| {
        let now = line().map(|line| BasketLine { quantity: 1, ..line });
        // The line stays drawn for a moment after it has left the basket.
        now.or_else(|| last.cloned().flatten())
    });
    move || shown.get().map(|line| view! { <LineView line=line quantity=quantity/> })
}

#[component]
fn LineView(line: BasketLine, quantity: Memo<u32>) -> impl IntoView {
    let shop = Shop::here();
    let size = format::joined([line.card.brand.as_str(), line.size()]);
    let price = u64::from(line.price_minor);
    let total = move || price * u64::from(quantity.get());
    let sku = line.sku().map(str::to_owned);
    let card = line.card;
    let (id, title) = (card.id, card.title.clone());
    // Two sizes of one card are told apart by their names, too.
    let name = format::joined([title.as_str(), size.as_str()]);
    let (all, less, more) = (sku.clone(), sku.clone(), sku.clone());
    let added = title.clone();
    view! {
        <li
            class="line"
            data-testid="basket-line"
            data-item=id.to_string()
            data-sku=sku
            data-quantity=quantity
        >
            {picture(&card, PhotoSize::Small)}
            <div>
                <h2>
                    <a href=Route::Item(id).href()>{title}</a>
                </h2>
                <p class="muted small">{size}</p>
                <button
                    type="button"
                    class="link-button small"
                    data-testid="remove"
                    aria-label=format!("Remove {name}")
                    on:click=move |_| take_out(shop, id, all.clone(), None)
                >
                    "Remove"
                </button>
            </div>
            <div class="stepper">
                <button
                    type="button"
                    data-testid="less"
                    aria-label=format!("One {name} less")
                    on:click=move |_| take_out(shop, id, less.clone(), Some(1))
                >
                    "−"
                </button>
                <output aria-label=format!("Pieces of {name}")>{quantity}</output>
                <button
                    type="button"
                    data-testid="more"
                    aria-label=format!("One {name} more")
                    on:click=move |_| shop.add_to_basket(id, more.clone(), &added)
                >
                    "+"
                </button>
            </div>
            <p class="line-total">{move || view! { <Price minor=total()/> }}</p>
        </li>
    }
}

/// Leaves fewer of a line, or none.
fn take_out(shop: Shop, id: ItemId, sku: Option<String>, pieces: Option<u32>) {
    spawn_local(async move {
        shop.session().take_out_of_basket(id, sku.as_deref(), pieces).await;
        shop.changed();
        if untrack(|| shop.line(id, sku.as_deref())).is_none() {
            // The button that had the focus is gone.
            motion::focus_heading();
        }
    });
}

#[component]
fn Summary(bought: RwSignal<u32>) -> impl IntoView {
    let shop = Shop::here();
    let buy = move |_| {
        spawn_local(async move {
            let n_lines = shop.session().buy_basket().await;
            bought.set(n_lines as u32);
            shop.changed();
            motion::focus_heading();
        });
    };
    let total = move || shop.basket.read().total_minor;
    let pieces = move || format::counted(shop.basket.read().n_pieces as usize, "piece", "pieces");
    view! {
        <section class="card" aria-labelledby="sum">
            <h2 id="sum">"Summary"</h2>
            <p class="sum">
                <span>{pieces}</span>
                {move || view! { <Price minor=total()/> }}
                <TaxNote/>
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
