//! The feed in three orders, side by side: the student of this page, the
//! teacher on the server, and what a shopper without a history sees.

use std::collections::HashSet;

use leptos::prelude::*;
use vitrine_session::{Backend, Feed, FeedReason, Tile};
use vitrine_words::studio::{n, t};

use super::failure::FailureNotice;
use super::order::OrderColumn;
use super::state::{Studio, TILES_MAX};
use crate::{
    badge::{RankingBadge, SyncProgress},
    format::fetching_words,
};

/// Tiles of a column at first, and those that are compared.
const TOP: usize = 20;

/// The view.
#[component]
pub fn FeedView() -> impl IntoView {
    let studio = Studio::here();
    let depth = RwSignal::new(TOP);
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{t!("feed.heading")}</h1>
                <p role="status" data-testid="overlap">{move || overlap(studio)}</p>
            </div>
            <RankingBadge status=studio.status/>
        </div>
        <SyncProgress progress=studio.progress/>
        <Columns depth=depth/>
        <Show when=move || depth.get() < TILES_MAX>
            <p class="more">
                <button
                    type="button"
                    class="button"
                    data-testid="more-tiles"
                    on:click=move |_| depth.set(TILES_MAX)
                >
                    {t!("feed.show_all", n = TILES_MAX)}
                </button>
            </p>
        </Show>
    }
}

/// How many of the first tiles two orders share.
fn n_shared(a: &[Tile], b: &[Tile]) -> usize {
    let first: HashSet<_> = a.iter().take(TOP).map(|tile| tile.card.id).collect();
    b.iter().take(TOP).filter(|tile| first.contains(&tile.card.id)).count()
}

fn overlap(studio: Studio) -> String {
    let (student, teacher, server) =
        (studio.student.read(), studio.teacher.read(), studio.server.read());
    let (Some(student), Some(server)) = (student.answer(), server.as_ref()) else {
        return fetching_words().to_owned();
    };
    let with_server = n_shared(&student.tiles, &server.tiles);
    match teacher.answer() {
        Some(teacher) if !teacher.is_empty() => {
            let with_teacher = n_shared(&student.tiles, teacher);
            t!("feed.shares_teacher", top = TOP, teacher = with_teacher, server = with_server)
        }
        _ => t!("feed.shares", top = TOP, server = with_server),
    }
}

/// The columns; on a phone one at a time.
#[component]
fn Columns(depth: RwSignal<usize>) -> impl IntoView {
    let studio = Studio::here();
    let shown = RwSignal::new("student");
    let first = move |tiles: &[Tile]| tiles.iter().take(depth.get()).cloned().collect::<Vec<_>>();
    let student = move || match &*studio.student.read() {
        answered if answered.failure().is_some() => Some(Vec::new()),
        asked => asked.answer().map(|feed| first(&feed.tiles)),
    };
    let teacher = move || match &*studio.teacher.read() {
        answered if answered.failure().is_some() => Some(Vec::new()),
        asked => asked.answer().map(|tiles| first(tiles)),
    };
    let server = move || studio.server.read().as_ref().map(|feed| first(&feed.tiles));
    let student_failed = move || studio.student.read().failure().cloned();
    let teacher_failed = move || studio.teacher.read().failure().cloned();
    let why = Callback::new(move |id| studio.ask_why(id));
    let teacher_why = Callback::new(move |id| studio.ask_teacher_why(id));
    view! {
        <Chooser shown=shown/>
        <div
            class="orders three"
            data-testid="orders"
            data-shown=move || shown.get()
            aria-busy=move || studio.busy.get().to_string()
        >
            <OrderColumn
                heading=t!("order.student")
                testid="student"
                note=Signal::derive(move || student_note(studio))
                tiles=Signal::derive(student)
                places=studio.server_places
                why=why
            >
                {move || student_failed().map(|failure| view! { <FailureNotice failure=failure/> })}
            </OrderColumn>
            <OrderColumn
                heading=t!("order.teacher")
                testid="teacher"
                note=Signal::derive(move || teacher_note(studio))
                tiles=Signal::derive(teacher)
                places=studio.server_places
                why=teacher_why
            >
                {move || teacher_failed().map(|failure| view! { <FailureNotice failure=failure/> })}
            </OrderColumn>
            <OrderColumn
                heading=t!("order.server")
                testid="server"
                note=t!("feed.server_note").to_owned()
                tiles=Signal::derive(server)
            />
        </div>
    }
}

/// Which column a phone shows.
#[component]
fn Chooser(shown: RwSignal<&'static str>) -> impl IntoView {
    let option = move |(code, label): (&'static str, &'static str)| {
        view! {
            <label class="variant">
                <input
                    type="radio"
                    name="order"
                    value=code
                    prop:checked=move || shown.get() == code
                    on:change=move |_| shown.set(code)
                />
                <span>{label}</span>
            </label>
        }
    };
    let options = [
        ("student", t!("order.student")),
        ("teacher", t!("order.teacher")),
        ("server", t!("order.server")),
    ];
    view! {
        <fieldset class="variants order-chooser">
            <legend class="visually-hidden">{t!("order.chooser")}</legend>
            <div class="segments">{options.map(option).collect_view()}</div>
        </fieldset>
    }
}

fn student_note(studio: Studio) -> String {
    let student = studio.student.read();
    let Some(feed) = student.answer() else { return t!("feed.this_page").to_owned() };
    match feed.reason {
        None => ranked_note(feed),
        Some(FeedReason::NotSynced) => fetching_words().to_owned(),
        Some(FeedReason::EmptyLog) => t!("feed.nothing_done").to_owned(),
        Some(FeedReason::NoModel) => t!("feed.no_model").to_owned(),
    }
}

fn ranked_note(feed: &Feed) -> String {
    match feed.backend {
        Backend::Gpu => n!("feed.on_gpu", feed.n_candidates),
        Backend::Cpu => n!("feed.on_cpu", feed.n_candidates),
    }
}

fn teacher_note(studio: Studio) -> String {
    if studio.teacher.read().answer().is_some_and(Vec::is_empty) {
        return t!("feed.no_teacher").to_owned();
    }
    let shopper = studio.shopper.read();
    let n = shopper.n_purchases();
    let from = match (n, shopper.events.len()) {
        (0, _) => t!("feed.no_purchase").to_owned(),
        (n, all) if n == all => n!("feed.purchases", n),
        (n, all) => t!("feed.purchases_of", n = n, all = all),
    };
    t!("feed.from", what = from)
}
