//! One order in a column: ranks, scores, and how far each tile moved from the
//! server's order.

use leptos::prelude::*;
use vitrine_domain::ItemId;
use vitrine_session::{PhotoSize, Tile};
use vitrine_words::studio::{n, t};

use super::state::Places;
use crate::{
    tile::{Price, detail, now_ms, picture},
    why::WhyButton,
};

/// Bones shown while an order is on its way.
const N_BONES: usize = 8;

/// A column. `tiles` is `None` while the order is on its way.
#[component]
pub fn OrderColumn(
    heading: &'static str,
    testid: &'static str,
    #[prop(into)] note: Signal<String>,
    #[prop(into)] tiles: Signal<Option<Vec<Tile>>>,
    /// The server's places, to compare with; without them nothing has moved.
    #[prop(optional, into)]
    places: Option<Signal<Places>>,
    /// Who answers *Why this?*; without it nobody is asked.
    #[prop(optional, into)]
    why: Option<Callback<ItemId>>,
    /// What is shown in place of the tiles, such as a failure.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let rows = move |tiles: Vec<Tile>| {
        let places = places.map(|places| places.get());
        let row = |(i, tile): (usize, Tile)| {
            let rank = i + 1;
            let moved = places.as_ref().map(|places| Move::between(places, tile.card.id, rank));
            view! { <Row tile=tile rank=rank moved=moved why=why/> }
        };
        tiles.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <section class=format!("order-column {testid}") aria-label=heading data-testid=testid>
            <h2>{heading}</h2>
            <p class="muted small">{note}</p>
            {children.map(|children| children())}
            {move || match tiles.get() {
                None => view! { <Bones/> }.into_any(),
                Some(tiles) => view! { <ol class="ranking">{rows(tiles)}</ol> }.into_any(),
            }}
        </section>
    }
}

/// Where a tile is, compared with the server's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Up(usize),
    Down(usize),
    Same,
    /// Beyond what is known of the server's order.
    FromAfar,
}

impl Move {
    fn between(places: &Places, item: ItemId, rank: usize) -> Self {
        match places.get(&item) {
            None => Self::FromAfar,
            Some(&place) if place > rank => Self::Up(place - rank),
            Some(&place) if place < rank => Self::Down(rank - place),
            Some(_) => Self::Same,
        }
    }

    /// Class of the style sheet, sign, and words.
    fn shown(self) -> (&'static str, String, String) {
        match self {
            Self::Up(n) => ("up", format!("▲ {n}"), n!("order.above", n)),
            Self::Down(n) => ("down", format!("▼ {n}"), n!("order.below", n)),
            Self::Same => ("same", "=".to_owned(), t!("order.same").to_owned()),
            Self::FromAfar => ("up", t!("order.new").to_owned(), t!("order.afar").to_owned()),
        }
    }
}

#[component]
fn Row(
    tile: Tile,
    rank: usize,
    moved: Option<Move>,
    why: Option<Callback<ItemId>>,
) -> impl IntoView {
    let Tile { card, score, .. } = tile;
    let moved = moved.map(|moved| {
        let (class, sign, words) = moved.shown();
        let title = words.clone();
        view! {
            <span class=format!("move {class}") title=title data-testid="move">
                <span aria-hidden="true">{sign}</span>
                <span class="visually-hidden">{words}</span>
            </span>
        }
    });
    let shown_score = score.map(|score| {
        view! { <span class="score"><span class="visually-hidden">{t!("order.score")}</span>{format!("{score:.3}")}</span> }
    });
    view! {
        <li
            class="ranked"
            data-testid="ranked"
            data-item=card.id.to_string()
            data-score=score.map(|score| score.to_string())
        >
            <span class="rank" aria-hidden="true">{rank}</span>
            {picture(&card, PhotoSize::Small)}
            <div class="ranked-text">
                {moved}
                <p class="ranked-title">{card.title.clone()}</p>
                <p class="tile-detail">{detail(&card)}</p>
                <p class="ranked-foot">
                    <Price minor=card.price_at(now_ms())/>
                    {shown_score}
                    {why.map(|ask| view! { <WhyButton card=card.clone() ask=ask/> })}
                </p>
            </div>
        </li>
    }
}

#[component]
fn Bones() -> impl IntoView {
    let bone = |_| {
        view! {
            <div class="ranked skeleton">
                <span class="rank"></span>
                <div class="picture"></div>
                <div class="ranked-text"><div class="bone"></div><div class="bone short"></div></div>
            </div>
        }
    };
    view! { <div aria-hidden="true">{(0..N_BONES).map(bone).collect_view()}</div> }
}
