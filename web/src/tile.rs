//! A product as it appears in every list.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_browser::format::decimal;
use vitrine_domain::{ItemId, OfferAmount};
use vitrine_session::{ItemCard, Obstacle, Offer, PhotoSize, VariantView};
use vitrine_words::common::{around, n, t};

use crate::{
    format,
    icons::{CROSS, Icon, PACKAGE, PLUS},
    pace,
    photos::{Photos, blurred},
    router::Route,
    state::Shop,
    why::WhyButton,
};

/// Background tints of the style sheet.
const N_TINTS: u32 = 8;

/// The product's main picture, or its blur; without one its pictogram, or a neutral one, on
/// the tint of its department. Decoration: the title beside it says what it is.
pub fn picture(card: &ItemCard, size: PhotoSize) -> AnyView {
    if let Some(id) = card.photos.first() {
        return photo(*id, &card.placeholder, size).into_any();
    }
    // A picture that is beyond what everyone fetches is known by its blur.
    if let Some(blur) = blurred(&card.placeholder) {
        return view! { <div class="picture photo beyond" style:background-image=blur></div> }
            .into_any();
    }
    let bytes = card.department.bytes();
    let hash = bytes.fold(0u32, |h, byte| h.wrapping_mul(31).wrapping_add(byte.into()));
    let shapes = match &card.picture {
        Some(picture) => {
            let body = picture.body.clone();
            view! { <svg viewBox="0 0 32 32" aria-hidden="true" inner_html=body></svg> }.into_any()
        }
        None => view! { <Icon shapes=PACKAGE/> }.into_any(),
    };
    let class = format!("picture tint-{}", hash % N_TINTS);
    view! { <div class=class class:neutral=card.picture.is_none()>{shapes}</div> }.into_any()
}

/// One picture of the shop's own; its blur until it is on the device.
pub fn photo(id: u32, placeholder: &[u8], size: PhotoSize) -> impl IntoView + use<> {
    let photos: Photos = expect_context();
    let url = move || photos.url(id, size);
    let blur = if untrack(url).is_none() { blurred(placeholder) } else { None };
    let background = move || if url().is_some() { None } else { blur.clone() };
    view! {
        <div
            class="picture photo"
            class:waiting=move || url().is_none()
            style:background-image=background
        >
            <img src=url alt=""/>
        </div>
    }
}

/// Code of all prices on the page. Whatever draws prices provides it.
#[derive(Clone, Copy)]
pub struct Currency(pub Signal<String>);

/// Whether the shop has prices at all: where it has none, none is missing. Without it, it has.
#[derive(Clone, Copy)]
pub struct HasPrices(pub Signal<bool>);

/// A price, or that there is none, in a shop that has prices.
#[component]
pub fn Price(#[prop(into)] minor: u64) -> impl IntoView {
    let Currency(currency) = expect_context();
    let has_prices = use_context::<HasPrices>();
    let has_prices = move || has_prices.is_none_or(|HasPrices(has)| has.get());
    view! {
        <span class="price" class:none=minor == 0>
            {move || match minor {
                0 => has_prices().then(|| t!("obstacle.not_priced").to_owned()),
                _ => Some(format::price(minor, &currency.read())),
            }}
        </span>
    }
}

/// What a piece costs: the lowest price where variants differ, the unit's price where it is
/// known, and during a sale the price that it had before.
#[component]
pub fn CardPrice(card: ItemCard) -> impl IntoView {
    let lowest = card.lowest_price(now_ms());
    let is_lowest = |of: &&VariantView| of.price_at(now_ms()) == lowest.minor;
    let variant = card.variants.iter().find(is_lowest);
    let before = variant.map_or(card.price_minor, |variant| variant.price_minor);
    let is_sale = lowest.minor < before;
    let unit = variant.and_then(unit_price);
    let (before_price, behind_price) = if lowest.is_from { around!("tile.from") } else { ("", "") };
    view! {
        <span class="prices" class:sale=is_sale>
            {before_price}
            <Price minor=lowest.minor/>
            {behind_price}
            <s>{is_sale.then(|| money(before.into()))}</s>
            <small class="unit-price">{unit}</small>
        </span>
    }
}

/// What a unit of a variant costs now, where the shop gives a measure and a price.
pub fn unit_price(variant: &VariantView) -> Option<String> {
    let now = Some(variant.price_at(now_ms())).filter(|now| *now > 0)?;
    let unit = variant.unit.as_ref()?;
    Some(format!("{} / {}", money(unit.price_minor(now)), unit.per))
}

/// Why something cannot be bought, in words.
pub fn obstacle_words(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Gone => t!("obstacle.gone"),
        Obstacle::SoldOut => t!("obstacle.sold_out"),
        Obstacle::NotPriced => t!("obstacle.not_priced"),
    }
}

/// The same within a line of other facts.
pub fn obstacle_words_within(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Gone => t!("obstacle.gone_within"),
        Obstacle::SoldOut => t!("obstacle.sold_out_within"),
        Obstacle::NotPriced => t!("obstacle.not_priced_within"),
    }
}

/// An amount in words, for what is drawn once.
pub fn money(minor: u64) -> String {
    let Currency(currency) = expect_context();
    format::price(minor, &currency.read_untracked())
}

/// This moment, in milliseconds since 1970-01-01 UTC.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Mean rating and how many rated, where the shop publishes that.
pub fn rating(card: &ItemCard) -> impl IntoView + use<> {
    let text = card.rating.map(|rating| {
        let mean = f64::from((rating.hundredths + 5) / 10) / 10.0;
        format!("★ {} ({})", decimal(mean, 1), rating.n)
    });
    view! { <span class="rating">{text}</span> }
}

/// Brand, size and how many sizes there are, as far as they are known.
pub fn detail(card: &ItemCard) -> String {
    let sizes =
        if card.n_variants > 1 { n!("options", card.n_variants) } else { card.size.clone() };
    format::joined([card.brand.as_str(), sizes.as_str()])
}

/// The card's offer, if it has one that still runs.
pub fn offer(card: &ItemCard) -> Option<Offer> {
    card.offer.clone().filter(|offer| offer.is_on(now_ms()))
}

/// Sizes that an offer names before it counts the others.
const OFFER_SIZES_MAX: usize = 2;
/// Characters of an offer that a tile has room for in one line.
const TILE_OFFER_CHARS_MAX: usize = 22;

/// What an offer of a card is called, by how much it is cheaper where the shop says it, and
/// for which variants where it is not for all.
pub fn offer_words(card: &ItemCard, offer: &Offer) -> String {
    let words = offer_amount_words(offer);
    let sizes = card.sizes_on_offer();
    let (named, more) = sizes.split_at(sizes.len().min(OFFER_SIZES_MAX));
    let named = named.join(", ");
    match more.len() {
        0 => format::joined([words.as_str(), named.as_str()]),
        n => t!("offer.more", words = words, named = named, n = n),
    }
}

fn offer_amount_words(offer: &Offer) -> String {
    let label = &offer.label;
    match offer.amount {
        OfferAmount::Unsaid => label.clone(),
        OfferAmount::Percent(percent) => t!("offer.percent", label = label, percent = percent),
        OfferAmount::Minor(minor) => {
            t!("offer.amount", label = label, amount = money(minor.into()))
        }
    }
}

/// What a tile says of an offer: names of variants that would cover its picture are left to
/// the product's page.
fn tile_offer_words(card: &ItemCard, offer: &Offer) -> String {
    let words = offer_words(card, offer);
    match words.chars().count() > TILE_OFFER_CHARS_MAX {
        true => format::joined([offer_amount_words(offer).as_str(), t!("offer.some")]),
        false => words,
    }
}

/// One tile: picture, title, brand and size, price, quick add, *Why this?*
#[component]
pub fn TileView(
    card: ItemCard,
    /// Whether the list is a part of a page: its tiles have headings of a lower
    /// level, and no *Why this?*, since nothing there is ranked for the shopper.
    #[prop(optional)]
    nested: bool,
    /// What must be known before it is bought; empty for nothing.
    #[prop(optional, into)]
    warning: Signal<String>,
    /// Why the shop wants it here, and who paid for that; empty where neither.
    #[prop(optional, into)]
    placed: String,
    /// Who answers *Why this?*; without it the feed does.
    #[prop(optional_no_strip)]
    ask_why: Option<Callback<ItemId>>,
    /// Who leaves the card out from now on; without it nobody can be asked to.
    #[prop(optional_no_strip)]
    dismiss: Option<Callback<ItemCard>>,
) -> impl IntoView {
    let id = card.id;
    let shop = Shop::here();
    let ask_why = ask_why.unwrap_or_else(|| Callback::new(move |id| shop.ask_why(id)));
    let detail = detail(&card);
    view! {
        <article
            class="tile"
            data-testid="tile"
            data-item=id.to_string()
            data-department=card.department.clone()
        >
            <a href=Route::Item(id).href()>
                {picture(&card, PhotoSize::Large)}
                {offer(&card)
                    .map(|offer| {
                        view! { <span class="offer">{tile_offer_words(&card, &offer)}</span> }
                    })}
                <div class="tile-text">
                    {if nested {
                        view! { <h3 class="tile-title">{card.title.clone()}</h3> }.into_any()
                    } else {
                        view! { <h2 class="tile-title">{card.title.clone()}</h2> }.into_any()
                    }}
                    <p class="tile-detail">{detail}</p>
                    {(!placed.is_empty())
                        .then(|| view! { <p class="muted small" data-testid="tile-placed">{placed}</p> })}
                    {rating(&card)}
                    <Show when=move || !warning.read().is_empty()>
                        <p class="tile-warning" data-testid="tile-warning">{warning}</p>
                    </Show>
                </div>
            </a>
            {dismiss.map(|dismiss| view! { <DismissButton card=card.clone() dismiss=dismiss/> })}
            <div class="tile-foot">
                <div class="tile-buy">
                    <CardPrice card=card.clone()/>
                    {(!nested).then(|| view! { <WhyButton card=card.clone() ask=ask_why/> })}
                </div>
                <TileAction card=card.clone()/>
            </div>
        </article>
    }
}

#[component]
fn DismissButton(card: ItemCard, dismiss: Callback<ItemCard>) -> impl IntoView {
    let label = t!("tile.dismiss", title = card.title);
    view! {
        <button
            type="button"
            class="dismiss"
            data-testid="dismiss"
            title=t!("tile.dismiss_title")
            aria-label=label
            on:click=move |_| dismiss.run(card.clone())
        >
            <Icon shapes=CROSS/>
        </button>
    }
}

/// Puts the usual variant into the basket; leads to the others where only they can be bought;
/// nothing in a shop without prices, whose tiles are opened.
#[component]
fn TileAction(card: ItemCard) -> impl IntoView {
    let shop = Shop::here();
    if !shop.status.read_untracked().has_prices {
        return ().into_any();
    }
    let session = shop.session();
    let Some(obstacle) = session.obstacle(&card, None) else {
        return view! { <AddButton card=card/> }.into_any();
    };
    let can_buy = |of: &VariantView| session.obstacle(&card, Some(&of.sku)).is_none();
    match obstacle {
        _ if card.variants.iter().any(can_buy) => {
            let label = t!("tile.choose_option", title = card.title);
            view! {
                <a class="small" href=Route::Item(card.id).href() aria-label=label>
                    {t!("tile.options")}
                </a>
            }
            .into_any()
        }
        // The price beside it says so.
        Obstacle::NotPriced => ().into_any(),
        _ => view! { <span class="muted small">{obstacle_words(obstacle)}</span> }.into_any(),
    }
}

/// The usual variant in words, where there are others: what the + of the tile puts in.
fn usual_words(card: &ItemCard) -> String {
    let Some(usual) = card.variants.first().filter(|_| card.n_variants > 1) else {
        return String::new();
    };
    let price = money(usual.price_at(now_ms()).into());
    format::joined([usual.size.as_str(), price.as_str()])
}

#[component]
fn AddButton(card: ItemCard) -> impl IntoView {
    let shop = Shop::here();
    let id = card.id;
    let title = card.title.clone();
    let hint = usual_words(&card);
    let usual = if hint.is_empty() { String::new() } else { t!("tile.usual", words = hint) };
    let n = Memo::new(move |_| shop.quantity(id));
    let label = move || match n.get() {
        0 => t!("tile.add", title = card.title, usual = usual),
        n => t!("tile.add_more", title = card.title, n = n),
    };
    view! {
        <button
            type="button"
            class="add"
            class:in-basket=move || { n.get() > 0 }
            data-testid="add"
            title=hint
            aria-label=label
            on:click=move |_| shop.add_to_basket(id, None, &title)
        >
            {move || match n.get() {
                0 => view! { <Icon shapes=PLUS/> }.into_any(),
                n => view! { <span aria-hidden="true">{n}</span> }.into_any(),
            }}
        </button>
    }
}

/// Stands in for tiles that are still to come.
#[component]
pub fn SkeletonGrid(n: usize) -> impl IntoView {
    view! {
        <div class="grid" aria-hidden="true" data-testid="skeleton">
            {(0..n)
                .map(|_| {
                    view! {
                        <div class="tile skeleton">
                            <div class="picture"></div>
                            <div class="tile-text">
                                <div class="bone"></div>
                                <div class="bone short"></div>
                                <div class="bone short"></div>
                            </div>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// A list of tiles that keeps each tile's element when the order changes.
#[component]
pub fn TileGrid(
    #[prop(into)] cards: Signal<Vec<ItemCard>>,
    testid: &'static str,
    #[prop(into)] label: Signal<String>,
    /// Whether it is a row in a part of a page, rather than the page itself.
    #[prop(optional)]
    nested: bool,
    /// What must be known of some of them before they are bought.
    #[prop(optional, into)]
    warnings: Signal<HashMap<ItemId, String>>,
    /// Why the shop wants some of them where they are, and who paid for that.
    #[prop(optional, into)]
    placed: Signal<HashMap<ItemId, String>>,
    /// Who answers *Why this?* It is handed down rather than provided: a context
    /// outlives the page that provides it.
    #[prop(optional, into)]
    ask_why: Option<Callback<ItemId>>,
    /// Who leaves a card out from now on.
    #[prop(optional, into)]
    dismiss: Option<Callback<ItemCard>>,
) -> impl IntoView {
    let warning_of = move |id: ItemId| {
        Signal::derive(move || warnings.read().get(&id).cloned().unwrap_or_default())
    };
    let placed_words =
        move |id: ItemId| placed.with(|placed| placed.get(&id).cloned().unwrap_or_default());
    let shop = Shop::here();
    // A tile is drawn anew only when something on it changed.
    let key = move |card: &ItemCard| {
        let offer = card.offer.as_ref().map(|offer| (offer.until_ms, offer.amount));
        let pictures = (card.picture.is_some(), card.photos.first().copied());
        let lowest = card.lowest_price(now_ms());
        let prices = (card.price_minor, card.price_at(now_ms()), lowest.minor, lowest.is_from);
        let obstacle = shop.session().obstacle(card, None);
        let rating = card.rating.map(|rating| (rating.hundredths, rating.n));
        (card.id, prices, pictures, card.n_variants, obstacle, offer, rating, placed_words(card.id))
    };
    view! {
        <ul class=if nested { "row" } else { "grid" } data-testid=testid aria-label=move || label.get()>
            <For each=move || cards.get() key=key let:card>
                <li>
                    {
                        let turn = pace::tile_turn();
                        let card = StoredValue::new(card);
                        move || match turn.get() {
                            true => {
                                let card = card.get_value();
                                view! {
                                    <TileView
                                        warning=warning_of(card.id)
                                        placed=untrack(|| placed_words(card.id))
                                        card=card
                                        nested=nested
                                        ask_why=ask_why
                                        dismiss=dismiss
                                    />
                                }
                                    .into_any()
                            }
                            false => view! { <div class="tile-to-come"></div> }.into_any(),
                        }
                    }
                </li>
            </For>
        </ul>
    }
}
