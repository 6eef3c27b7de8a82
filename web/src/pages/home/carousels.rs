//! Rows of cards above the feed, each with the reason why they are there.

use leptos::{html, prelude::*};
use vitrine_session::{Carousel, CarouselKind, ItemCard};

use super::signals::not_interested;
use crate::{
    icons::{Icon, NEXT, PREVIOUS},
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
        CarouselKind::BuyAgain => "Buy it again".to_owned(),
        CarouselKind::BecauseOf { looked_at } => {
            format!("Because you looked at {}", looked_at.title)
        }
        CarouselKind::BecauseOfChoice { chosen } => format!("Because you chose {}", chosen.title),
        CarouselKind::OnOffer => "On offer".to_owned(),
        CarouselKind::ListedLately | CarouselKind::HardlyBought => "New for you".to_owned(),
        CarouselKind::PopularIn { department } => format!("Popular in {department}"),
        CarouselKind::RecentlyViewed => "Recently viewed".to_owned(),
    }
}

fn reason(kind: &CarouselKind) -> &'static str {
    match kind {
        CarouselKind::BuyAgain => "You buy these from time to time, and it is about that time.",
        CarouselKind::BecauseOf { .. } | CarouselKind::BecauseOfChoice { .. } => {
            "Can be taken in its place, or is much like it."
        }
        CarouselKind::OnOffer => "Cheaper for now. Those that suit you come first.",
        CarouselKind::ListedLately => "In the shop since a month at most.",
        CarouselKind::HardlyBought => "Hardly anyone has bought these yet.",
        CarouselKind::PopularIn { .. } => "What most people buy where you shop most.",
        CarouselKind::RecentlyViewed => "What you looked at last. Only this browser knows.",
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
    let section = NodeRef::<html::Section>::new();
    let scroll = move |direction: f64| {
        let row = section.get().and_then(|section| section.query_selector(".row").ok().flatten());
        if let Some(row) = row {
            let width = f64::from(row.client_width());
            row.scroll_by_with_x_and_y(direction * SCROLL_SHARE * width, 0.0);
        }
    };
    let forth = format!("More of: {heading}");
    let back = format!("Back in: {heading}");
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
                dismiss=Callback::new(move |card: ItemCard| not_interested(shop, card))
            />
        </section>
    }
}
