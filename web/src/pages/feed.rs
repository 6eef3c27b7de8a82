//! *For you*, *Popular now*, and the same of one department.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_session::{Feed, FeedOrder, FeedReason, ItemCard, Status};
use vitrine_words::shop::{n, t};

use crate::{
    badge::{RankingBadge, SyncProgress},
    format::fetching_words,
    front,
    pages::home::{Carousels, Starters, UndoToast, not_interested},
    pages::wishes::WishNews,
    placed::{RuleBanners, placed_words},
    router::Route,
    state::{FEED_STEP, Shop},
    tile::{SkeletonGrid, TileGrid},
};

/// The front page.
#[component]
pub fn FeedPage() -> impl IntoView {
    let shop = Shop::here();
    shop.home.begin_visit();
    shop.refresh_feed();
    // Tiles that are there already, as the server draws a newcomer's, are not pushed down.
    let is_steady = move || {
        let status = shop.status.read();
        front::tiles().is_some() && status.n_events == 0 && !status.settings.starters_answered
    };
    let has_carousels = move || !shop.home.carousels.read().is_empty() && !is_steady();
    let cards = Memo::new(move |_| match &*shop.feed.read() {
        Some(feed) => feed.tiles.iter().map(|tile| tile.card.clone()).collect(),
        None => Vec::new(),
    });
    let placed = Signal::derive(move || match &*shop.feed.read() {
        Some(feed) => {
            placed_words(feed.tiles.iter().map(|tile| (tile.card.id, tile.placed.as_ref())))
        }
        None => HashMap::new(),
    });
    let banners = Signal::derive(move || match &*shop.feed.read() {
        Some(feed) => feed.banners.clone(),
        None => Vec::new(),
    });
    let is_personal =
        move || shop.feed.read().as_ref().is_some_and(|feed| feed.order == FeedOrder::Personal);
    let heading = Signal::derive(move || {
        let words = if is_personal() { t!("feed.personal") } else { t!("feed.popular") };
        words.to_owned()
    });
    let everything = move || match is_personal() {
        true => t!("feed.everything_personal"),
        false => t!("feed.everything_popular"),
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1" data-testid="feed-heading">{heading}</h1>
                <p role="status" data-testid="feed-note">
                    {move || note(shop.feed.read().as_ref(), &shop.status.read())}
                </p>
            </div>
            <RankingBadge status=shop.status/>
        </div>
        <SyncProgress progress=shop.progress/>
        <Departments/>
        <Show when=move || !cards.read().is_empty() fallback=|| view! { <NothingYet/> }>
            <WishNews/>
            <Starters/>
            <Show when=has_carousels>
                <Carousels/>
                <h2 class="feed-head">{everything}</h2>
            </Show>
            <RuleBanners banners=banners/>
            <TileGrid
                cards=cards
                testid="feed"
                label=heading
                placed=placed
                dismiss=Callback::new(move |card: ItemCard| not_interested(shop, card))
            />
            <ShowMore/>
        </Show>
        <UndoToast/>
    }
}

/// Says what put the tiles in their order, and what would make it personal.
fn note(feed: Option<&Feed>, status: &Status) -> String {
    let Some(feed) = feed else { return fetching_words().to_owned() };
    match &feed.reason {
        None => n!("feed.note", status.n_events),
        Some(FeedReason::NotSynced) => fetching_words().to_owned(),
        Some(FeedReason::EmptyLog) if status.has_choice => t!("feed.choice").to_owned(),
        Some(FeedReason::EmptyLog) => t!("feed.newcomer").to_owned(),
        Some(FeedReason::NoModel) => t!("feed.no_model").to_owned(),
    }
}

#[component]
fn Departments() -> impl IntoView {
    let shop = Shop::here();
    view! {
        <Show when=move || !shop.departments.read().is_empty()>
            <nav aria-label=t!("feed.departments")>
                <ul class="chips">
                    <For each=move || shop.departments.get() key=|facet| facet.name.clone() let:facet>
                        <li>
                            <a
                                href=Route::department(facet.name.clone()).href()
                                data-testid="department"
                            >
                                {facet.name.clone()}
                            </a>
                        </li>
                    </For>
                </ul>
            </nav>
        </Show>
    }
}

/// While the catalogue may still come, the tiles that the server drew, or skeletons; else
/// what to do about it.
#[component]
fn NothingYet() -> impl IntoView {
    let shop = Shop::here();
    let hopeless = move || {
        let status = shop.status.read();
        status.pinned.is_none() && status.sync_error.is_some()
    };
    let waiting = || match front::tiles() {
        Some(tiles) => view! { <div inner_html=tiles></div> }.into_any(),
        None => view! { <SkeletonGrid n=18/> }.into_any(),
    };
    view! {
        <Show when=hopeless fallback=waiting>
            <div class="empty" role="alert" data-testid="no-catalogue">
                <h2>{t!("feed.no_catalogue")}</h2>
                <p class="muted">{move || shop.status.read().sync_error.clone()}</p>
                <button
                    type="button"
                    class="button primary"
                    on:click=move |_| leptos::task::spawn_local(shop.sync())
                >
                    {t!("banner.again")}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn ShowMore() -> impl IntoView {
    let shop = Shop::here();
    let more = move || shop.feed.read().as_ref().is_some_and(|feed| feed.has_more);
    view! {
        <Show when=more>
            <p class="more">
                <button
                    type="button"
                    class="button"
                    on:click=move |_| {
                        shop.feed_limit.update(|limit| *limit += FEED_STEP);
                        shop.refresh_feed();
                    }
                >
                    {t!("feed.more")}
                </button>
            </p>
        </Show>
    }
}
