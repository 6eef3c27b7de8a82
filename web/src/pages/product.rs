//! A product: pictures, sizes, price, *Why this?*, related items.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_domain::{EventKind, ItemId, Positives};
use vitrine_session::{ItemCard, RelatedBy, VariantView};
use vitrine_words::shop::t;

use crate::{
    format, front,
    pages::{
        ask::Ask, details::Details, larger::gallery, reviews::Reviews, variants::VariantList,
        wishes::WishButton,
    },
    placed::placed_words,
    price_list::TaxNote,
    router::Route,
    state::Shop,
    tile::{
        Price, TileGrid, money, now_ms, obstacle_words, offer, offer_words, rating, unit_price,
    },
    why::ask_words,
};

/// Related items shown of each sort.
const N_RELATED: usize = 6;

/// The page of one product. Opening it is an event; it asks the server nothing.
#[component]
pub fn ProductPage(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    let card = Memo::new(move |_| {
        shop.revision.track();
        shop.session().item(id)
    });
    // Logged once, as soon as it is known what was opened.
    let known = Memo::new(move |_| card.read().is_some());
    // What is only drawn anew was opened before.
    let was_opened = shop.is_redrawn() && known.get_untracked();
    Effect::new(move || {
        if known.get() && !was_opened {
            shop.record(EventKind::ViewItem, id);
        }
    });
    view! {
        <a class="back" href=Route::Feed.href() on:click=go_back>{t!("product.back")}</a>
        <Show when=move || known.get() fallback=move || view! { <NotHere id=id/> }>
            {move || card.get().map(|card| view! { <Product card=card/> })}
            <RelatedItems id=id/>
        </Show>
    }
}

/// Back to where the shopper came from, when that was in this shop.
fn go_back(event: web_sys::MouseEvent) {
    let Ok(history) = window().history() else { return };
    let came_from_here = history.length().is_ok_and(|n| n > 1)
        && history.state().is_ok_and(|state| state.as_f64().is_some_and(|n| n > 1.0));
    if came_from_here {
        event.prevent_default();
        // A history that cannot go back leaves the page where it is.
        let _ = history.back();
    }
}

#[component]
fn NotHere(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    let waiting = move || match front::arrived(&Route::Item(id)) {
        Some(content) => view! { <div inner_html=content></div> }.into_any(),
        None => view! {
            <h1 tabindex="-1">{t!("frame.product")}</h1>
            <p class="muted" role="status">{t!("product.fetching")}</p>
        }
        .into_any(),
    };
    // What has arrived is put together in pieces, and known after that.
    let coming = move || {
        let has_arrived = shop.progress.get().is_some_and(|progress| progress.is_complete());
        !has_arrived || !shop.status.read().is_complete
    };
    view! {
        <Show
            when=coming
            fallback=|| {
                view! {
                    <h1 tabindex="-1">{t!("frame.product")}</h1>
                    <div class="empty" data-testid="no-item">
                        <h2>{t!("product.not_here")}</h2>
                        <p class="muted">{t!("product.taken_off")}</p>
                        <a class="button primary" href=Route::Feed.href()>{t!("look_around")}</a>
                    </div>
                }
            }
        >
            {waiting}
        </Show>
    }
}

#[component]
fn Product(card: ItemCard) -> impl IntoView {
    let shop = Shop::here();
    let (id, title) = (card.id, card.title.clone());
    let (heading, wish) = (title.clone(), title.clone());
    let all = StoredValue::new(card.clone());
    let obstacle_of =
        move |sku: Option<&str>| all.with_value(|card| shop.session().obstacle(card, sku));
    // The variant that is in the basket already, else the most bought that can be bought.
    let was_chosen = {
        let basket = shop.basket.read_untracked();
        let line = basket.lines.iter().find(|line| line.card.id == id);
        let mut variants = card.variants.iter();
        line.and_then(|line| variants.position(|of| Some(of.sku.as_str()) == line.sku()))
    };
    let can_buy = |of: &VariantView| obstacle_of(Some(&of.sku)).is_none();
    let chosen = was_chosen.or_else(|| card.variants.iter().position(can_buy));
    let chosen = RwSignal::new(chosen.unwrap_or(0));
    let variant = move || all.with_value(|card| card.variants.get(chosen.get()).cloned());
    let add = move |_| shop.add_to_basket(id, variant().map(|variant| variant.sku), &title);
    let obstacle =
        Memo::new(move |_| obstacle_of(variant().as_ref().map(|variant| variant.sku.as_str())));
    let price_minor = card.price_minor;
    // What is in the basket without a size is of the usual one.
    let quantity = Memo::new(move |_| {
        let of = |sku: Option<&str>| shop.line(id, sku).map_or(0, |line| line.quantity);
        let named = variant().map_or(0, |variant| of(Some(&variant.sku)));
        named + if chosen.get() == 0 { of(None) } else { 0 }
    });
    // More than there are cannot be had.
    let is_all = move || {
        let stock = variant().and_then(|variant| variant.stock);
        stock.is_some_and(|n| quantity.get() >= n)
    };
    let crumbs = [card.department.clone(), card.category.clone(), card.brand.clone()];
    let bought = buyers(&card, shop.status.read_untracked().positives);
    let department = card.department.clone();
    let rated = rating(&card);
    let pictures = gallery(&card);
    let unlisted = (!card.listed).then(|| t!("product.unlisted"));
    view! {
        <article class="product" data-testid="product" data-item=id.to_string()>
            {pictures}
            <div>
                <ul class="crumbs" aria-label=t!("product.where")>
                    <li>
                        <a href=Route::department(department.clone()).href()>
                            {department.clone()}
                        </a>
                    </li>
                    {crumbs[1..]
                        .iter()
                        .filter(|crumb| !crumb.is_empty())
                        .map(|crumb| view! { <li>{crumb.clone()}</li> })
                        .collect_view()}
                </ul>
                <h1 tabindex="-1">{heading}</h1>
                {rated}
                <p class="product-price" data-testid="price">
                    {move || prices(variant(), price_minor)}
                    <TaxNote/>
                </p>
                <p class="muted small" data-testid="stock">
                    {move || {
                        let left = variant().and_then(|of| of.n_left(quantity.get().max(1)));
                        left.map(|n| t!("product.only_left", n = n))
                    }}
                </p>
                <p class="offer-line" data-testid="offer">
                    {move || card.offer.as_ref().map(|_| offer_line(&card, variant()))}
                </p>
                <p class="muted small">{bought}</p>
                <VariantList card=all.get_value() chosen=chosen/>
                <div class="actions">
                    <button
                        type="button"
                        class="button primary"
                        data-testid="add-to-basket"
                        disabled=move || obstacle.get().is_some() || is_all()
                        on:click=add
                    >
                        {move || match (obstacle.get(), quantity.get()) {
                            (Some(obstacle), _) => obstacle_words(obstacle).to_owned(),
                            (None, 0) => t!("product.add").to_owned(),
                            (None, n) if is_all() => t!("product.all_in", n = n),
                            (None, n) => t!("product.add_more", n = n),
                        }}
                    </button>
                    <button
                        type="button"
                        class="button"
                        data-testid="why"
                        aria-haspopup="dialog"
                        on:click=move |_| shop.ask_why(id)
                    >
                        {ask_words()}
                    </button>
                    <WishButton id=id title=wish/>
                </div>
                <p class="muted small">{unlisted}</p>
            </div>
        </article>
        <Details id=id/>
        <Reviews id=id/>
        <Ask id=id/>
    }
}

/// What the chosen size costs now, what it cost before a sale, and what a unit of it costs.
fn prices(variant: Option<VariantView>, price_minor: u32) -> impl IntoView {
    let (now, before) = match &variant {
        Some(variant) => (variant.price_at(now_ms()), variant.price_minor),
        None => (price_minor, price_minor),
    };
    let sale = variant.as_ref().and_then(|variant| variant.sale_at(now_ms()));
    let until = sale.and_then(|sale| sale.until_seconds);
    // The last moment is still part of it.
    let until = until.map(|until| t!("product.sale_until", day = format::date(until * 1_000 - 1)));
    let unit = variant.as_ref().and_then(unit_price);
    view! {
        <span class="prices" class:sale=now < before>
            <Price minor=now/>
            <s>{(now < before).then(|| money(before.into()))}</s>
            <small>{until}</small>
        </span>
        <small class="unit-price" data-testid="unit-price">{unit}</small>
    }
}

/// What the offer is, for the size that is chosen; nothing when it has ended.
fn offer_line(card: &ItemCard, variant: Option<VariantView>) -> Option<String> {
    let offer = offer(card)?;
    let label = offer_words(card, &offer);
    let place = card.variants.iter().position(|known| Some(known) == variant.as_ref());
    let is_on = place.is_none_or(|place| offer.variants.contains(&place));
    // The last moment is still part of it.
    let until = format::date(offer.until_ms - 1);
    Some(match is_on {
        true => t!("product.offer_until", label = label, day = until),
        false => t!("product.offer_not_chosen", label = label, day = until),
    })
}

/// How many bought it (or clicked it, in a shop whose log has clicks alone), where enough
/// did for that to be published.
fn buyers(card: &ItemCard, positives: Positives) -> Option<String> {
    (card.n_buyers > 0).then(|| {
        let lately = match card.n_buyers_recent {
            0 => String::new(),
            n => t!("product.lately", n = n),
        };
        match positives {
            Positives::Purchases => t!("product.bought_by", n = card.n_buyers, lately = lately),
            Positives::Clicks => t!("product.looked_by", n = card.n_buyers, lately = lately),
        }
    })
}

#[component]
fn RelatedItems(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    // What is related does not depend on the shopper: only the catalogue changes it.
    let related = Memo::new(move |_| {
        shop.follow_catalogue();
        shop.session().related(id, N_RELATED)
    });
    let alike = Memo::new(move |_| {
        shop.follow_catalogue();
        let related = related.read();
        let mut alike = shop.session().looks_like(id, N_RELATED + related.len());
        alike.retain(|card| related.iter().all(|other| other.card.id != card.id));
        alike.truncate(N_RELATED);
        alike
    });
    let of = move |by: RelatedBy| {
        Memo::new(move |_| {
            let related = related.read();
            let those = related.iter().filter(|related| related.by == by);
            those.map(|related| related.card.clone()).collect::<Vec<_>>()
        })
    };
    let placed = Signal::derive(move || {
        placed_words(
            related.read().iter().map(|related| (related.card.id, related.placed.as_ref())),
        )
    });
    let [together, alternatives, similar] =
        [RelatedBy::BoughtTogether, RelatedBy::Alternative, RelatedBy::Similar].map(of);
    view! {
        <RelatedRow heading=t!("product.together") cards=together testid="related" placed=placed/>
        <RelatedRow heading=t!("product.instead") cards=alternatives testid="alternatives" placed=placed/>
        <RelatedRow heading=t!("product.similar") cards=similar testid="similar" placed=placed/>
        <RelatedRow heading=t!("product.looks_like") cards=alike testid="looks-like"/>
    }
}

#[component]
fn RelatedRow(
    heading: &'static str,
    cards: Memo<Vec<ItemCard>>,
    testid: &'static str,
    #[prop(optional, into)] placed: Signal<HashMap<ItemId, String>>,
) -> impl IntoView {
    view! {
        <Show when=move || !cards.read().is_empty()>
            <section class="section" aria-label=heading>
                <h2>{heading}</h2>
                <TileGrid cards=cards testid=testid label=heading.to_owned() nested=true placed=placed/>
            </section>
        </Show>
    }
}
