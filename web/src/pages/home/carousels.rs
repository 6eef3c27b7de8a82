//! Rows of cards above the feed, each with the reason why they are there.

use leptos::{html, prelude::*};
use vitrine_session::{Carousel, CarouselKind, ItemCard};
use vitrine_words::shop::t;

use super::signals::not_interested;
use crate::{
    icons::{Icon, NEXT, PREVIOUS},
    placed::placed_words,
    state::Shop,
    tile::TileGrid,
};

/// Share of its width by which a button moves a row.
const SCROLL_SHARE: f64 = 0.85;

/// All carousels of the visit.
#[component]
pub fn Carousels() -> impl IntoView {
    let shop = Shop::here();
    // A carousel is drawn anew only when what it is about changed: its tiles come and go by
    // themselves.
    let places = Memo::new(move |_| {
        let carousels = shop.home.carousels.read();
        carousels.iter().map(|carousel| carousel.kind.clone()).collect::<Vec<_>>()
    });
    view! {
        <For
            each=move || places.get()
            key=|kind| test_id(kind)
            children=move |kind| view! { <CarouselView kind=kind/> }
        />
    }
}

/// Which kind of carousel it is, for tests and as the name of its heading.
fn test_id(kind: &CarouselKind) -> &'static str {
    match kind {
        CarouselKind::BuyAgain => "buy-again",
        CarouselKind::BecauseOf { .. } => "because-of",
        CarouselKind::BecauseOfChoice { .. } => "because-of-choice",
        CarouselKind::OnOffer => "on-offer",
        CarouselKind::ListedLately => "listed-lately",
        CarouselKind::HardlyBought => "hardly-bought",
        CarouselKind::PopularIn { .. } => "popular-in",
        CarouselKind::RecentlyViewed => "recently-viewed",
    }
}

fn heading(kind: &CarouselKind) -> String {
    match kind {
        CarouselKind::BuyAgain => t!("carousel.buy_again").to_owned(),
        CarouselKind::BecauseOf { looked_at } => t!("carousel.looked_at", title = looked_at.title),
        CarouselKind::BecauseOfChoice { chosen } => t!("carousel.chose", title = chosen.title),
        CarouselKind::OnOffer => t!("carousel.on_offer").to_owned(),
        CarouselKind::ListedLately | CarouselKind::HardlyBought => t!("carousel.new").to_owned(),
        CarouselKind::PopularIn { department } => t!("carousel.popular_in", name = department),
        CarouselKind::RecentlyViewed => t!("carousel.recent").to_owned(),
    }
}

fn reason(kind: &CarouselKind) -> &'static str {
    match kind {
        CarouselKind::BuyAgain => t!("carousel.buy_again_why"),
        CarouselKind::BecauseOf { .. } | CarouselKind::BecauseOfChoice { .. } => {
            t!("carousel.instead_why")
        }
        CarouselKind::OnOffer => t!("carousel.on_offer_why"),
        CarouselKind::ListedLately => t!("carousel.listed_lately_why"),
        CarouselKind::HardlyBought => t!("carousel.hardly_bought_why"),
        CarouselKind::PopularIn { .. } => t!("carousel.popular_in_why"),
        CarouselKind::RecentlyViewed => t!("carousel.recent_why"),
    }
}

#[component]
fn CarouselView(kind: CarouselKind) -> impl IntoView {
    let shop = Shop::here();
    let (id, heading, reason) = (test_id(&kind), heading(&kind), reason(&kind));
    let cards = Memo::new(move |_| {
        let carousels = shop.home.carousels.read();
        let own = carousels.iter().find(|carousel: &&Carousel| test_id(&carousel.kind) == id);
        own.map_or_else(Vec::new, |carousel| carousel.cards.clone())
    });
    let placed = Signal::derive(move || {
        let carousels = shop.home.carousels.read();
        let own = carousels.iter().find(|carousel: &&Carousel| test_id(&carousel.kind) == id);
        let of = own.into_iter().flat_map(|carousel| &carousel.placed);
        placed_words(of.map(|(id, placed)| (*id, Some(placed))))
    });
    let section = NodeRef::<html::Section>::new();
    let scroll = move |direction: f64| {
        let row = section.get().and_then(|section| section.query_selector(".row").ok().flatten());
        if let Some(row) = row {
            let width = f64::from(row.client_width());
            row.scroll_by_with_x_and_y(direction * SCROLL_SHARE * width, 0.0);
        }
    };
    let forth = t!("carousel.forth", heading = heading);
    let back = t!("carousel.back", heading = heading);
    view! {
        <section
            class="carousel"
            node_ref=section
            aria-labelledby=id
            data-testid="carousel"
            data-carousel=id
        >
            <div class="carousel-head">
                <div>
                    <h2 id=id>{heading.clone()}</h2>
                    <p class="muted small" data-testid="carousel-reason">{reason}</p>
                </div>
                <div class="carousel-moves">
                    <button
                        type="button"
                        class="round"
                        aria-label=back
                        on:click=move |_| scroll(-1.0)
                    >
                        <Icon shapes=PREVIOUS/>
                    </button>
                    <button
                        type="button"
                        class="round"
                        aria-label=forth
                        on:click=move |_| scroll(1.0)
                    >
                        <Icon shapes=NEXT/>
                    </button>
                </div>
            </div>
            <TileGrid
                cards=cards
                testid="carousel-cards"
                label=heading
                nested=true
                placed=placed
                dismiss=Callback::new(move |card: ItemCard| not_interested(shop, card))
            />
        </section>
    }
}
