//! The basket: what is in it, how it is bought, and what may be missing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::{BasketLine, PIECES_MAX, PhotoSize};
use vitrine_words::shop::t;
use web_sys::HtmlInputElement;

mod more;
mod summary;

use self::{
    more::{Forgotten, OrderAgain},
    summary::Summary,
};

use crate::{
    format, motion,
    router::Route,
    state::Shop,
    tile::{Price, obstacle_words, picture, unit_price},
    toast::Toast,
};

/// The basket page.
#[component]
pub fn BasketPage() -> impl IntoView {
    let shop = Shop::here();
    let notice = RwSignal::new(String::new());
    let removed = RwSignal::new(None::<BasketLine>);
    let words = Signal::derive(move || {
        let line = removed.get();
        line.map(|line| t!("basket.out", title = line.card.title))
    });
    let undo = Callback::new(move |()| {
        let Some(line) = removed.get_untracked() else { return };
        removed.set(None);
        spawn_local(async move {
            shop.session().put_back(&line).await;
            shop.announcement.set(t!("basket.back", title = line.card.title));
            shop.changed();
            // The button that had the focus is gone; the line is drawn with the next frame.
            let name = line_id(line.card.id, line.sku());
            request_animation_frame(move || motion::focus_id(&name));
        });
    });
    let empty = move || shop.basket.read().lines.is_empty();
    view! {
        <div class="page-head">
            <h1 tabindex="-1">{t!("frame.basket")}</h1>
        </div>
        <div aria-live="polite">
            <Show when=move || !notice.read().is_empty()>
                <p class="notice" data-testid="bought">{notice}</p>
            </Show>
        </div>
        <Show
            when=move || !empty()
            fallback=|| view! { <EmptyBasket/> }
        >
            <div class="basket">
                <Lines removed=removed/>
                <Summary notice=notice/>
            </div>
            <Forgotten/>
        </Show>
        <Toast words=words undo=undo testid="removed-toast" undo_testid="undo-remove"/>
    }
}

#[component]
fn EmptyBasket() -> impl IntoView {
    view! {
        <div class="empty" data-testid="basket-empty">
            <h2>{t!("basket.empty")}</h2>
            <p class="muted">{t!("basket.empty_hint")}</p>
            <a class="button primary" href=Route::Feed.href()>{t!("look_around")}</a>
        </div>
        <OrderAgain/>
    }
}

#[component]
fn Lines(removed: RwSignal<Option<BasketLine>>) -> impl IntoView {
    let shop = Shop::here();
    let keys = move || -> Vec<Key> {
        let key = |line: &BasketLine| (line.card.id, line.sku().map(str::to_owned));
        shop.basket.read().lines.iter().map(key).collect()
    };
    view! {
        <ul data-testid="basket">
            <For each=keys key=Key::clone let:key>
                <Line key=key removed=removed/>
            </For>
        </ul>
    }
}

/// What names a line: its card and its size.
type Key = (ItemId, Option<String>);

#[component]
fn Line(key: Key, removed: RwSignal<Option<BasketLine>>) -> impl IntoView {
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
    move || {
        shown.get().map(|line| view! { <LineView line=line quantity=quantity removed=removed/> })
    }
}

#[component]
fn LineView(
    line: BasketLine,
    quantity: Memo<u32>,
    removed: RwSignal<Option<BasketLine>>,
) -> impl IntoView {
    let shop = Shop::here();
    let size = format::joined([line.card.brand.as_str(), line.size()]);
    let price = u64::from(line.price_minor);
    let total = move || price * u64::from(quantity.get());
    let obstacle = line.obstacle;
    let usual = || line.card.variants.first();
    let stock = line.variant.as_ref().or_else(usual).cloned();
    let unit = stock.as_ref().filter(|_| obstacle.is_none()).and_then(unit_price);
    let n_most = stock.as_ref().and_then(|of| of.stock).unwrap_or(PIECES_MAX);
    let is_most = move || obstacle.is_some() || n_most <= quantity.get();
    let said = move || match obstacle {
        Some(obstacle) => Some(t!("basket.not_in_total", obstacle = obstacle_words(obstacle))),
        None => stock.as_ref()?.n_left(quantity.get()).map(|n| t!("basket.left", n = n)),
    };
    let sku = line.sku().map(str::to_owned);
    let link_name = line_id(line.card.id, line.sku());
    let (id, title) = (line.card.id, line.card.title.clone());
    // Two sizes of one card are told apart by their names, too.
    let name = format::joined([title.as_str(), size.as_str()]);
    let pictured = picture(&line.card, PhotoSize::Small);
    let (more, added) = (sku.clone(), title.clone());
    // A step is a step, however fast they follow one another.
    let take_out = Callback::new({
        let line = line.clone();
        move |pieces: Option<u32>| {
            let line = BasketLine { quantity: quantity.get_untracked(), ..line.clone() };
            spawn_local(async move {
                shop.session().take_out_of_basket(line.card.id, line.sku(), pieces).await;
                changed(shop, line, removed);
            });
        }
    });
    let set = move |pieces: u32| {
        let line = BasketLine { quantity: quantity.get_untracked(), ..line.clone() };
        spawn_local(async move {
            shop.session().set_pieces(line.card.id, line.sku(), pieces).await;
            changed(shop, line, removed);
        });
    };
    let typed = move |event: web_sys::Event| {
        let had = quantity.get_untracked();
        let most = if obstacle.is_some() { had } else { n_most };
        // What is no number changes nothing, and more than there are cannot be had.
        let pieces = event_target_value(&event).trim().parse().map_or(had, |n: u32| n.min(most));
        event_target::<HtmlInputElement>(&event).set_value(&pieces.to_string());
        if pieces != had {
            set(pieces);
        }
    };
    view! {
        <li
            class="line"
            class:blocked=obstacle.is_some()
            data-testid="basket-line"
            data-item=id.to_string()
            data-sku=sku
            data-quantity=quantity
        >
            {pictured}
            <div>
                <h2>
                    <a id=link_name href=Route::Item(id).href()>{title}</a>
                </h2>
                <p class="muted small">{size}</p>
                <p class="muted small" data-testid="line-unit-price">{unit}</p>
                <p class="small line-note" data-testid="line-note">{said}</p>
                <button
                    type="button"
                    class="link-button small"
                    data-testid="remove"
                    aria-label=t!("basket.remove_of", name = name)
                    on:click=move |_| take_out.run(None)
                >
                    {t!("basket.remove")}
                </button>
            </div>
            <div class="stepper">
                <button
                    type="button"
                    data-testid="less"
                    aria-label=t!("basket.less", name = name)
                    on:click=move |_| take_out.run(Some(1))
                >
                    "−"
                </button>
                <input
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    data-testid="quantity"
                    aria-label=t!("basket.pieces_of", name = name)
                    prop:value=move || quantity.get().to_string()
                    on:change=typed
                />
                <button
                    type="button"
                    data-testid="more"
                    aria-label=t!("basket.more", name = name)
                    disabled=is_most
                    on:click=move |_| shop.add_to_basket(id, more.clone(), &added)
                >
                    "+"
                </button>
            </div>
            <p class="line-total">
                {move || obstacle.is_none().then(|| view! { <Price minor=total()/> })}
            </p>
        </li>
    }
}

/// The name of the element that takes the focus when a line comes back.
fn line_id(item: ItemId, sku: Option<&str>) -> String {
    format!("line-{item}-{}", sku.unwrap_or_default().replace(char::is_whitespace, "_"))
}

/// Shows what became of a line; one that is gone can be brought back as it was.
fn changed(shop: Shop, was: BasketLine, removed: RwSignal<Option<BasketLine>>) {
    shop.changed();
    // Pressed twice, it was gone already.
    let is_gone = untrack(|| shop.line(was.card.id, was.sku())).is_none();
    if is_gone && was.quantity > 0 {
        removed.set(Some(was));
    }
}
