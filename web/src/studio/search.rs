//! A search as the persona sees it, beside the order in which the server sent it.

use std::sync::Arc;

use leptos::prelude::*;
use vitrine_session::SearchOrder;
use vitrine_words::studio::{n, t};

use super::failure::{Asked, FailureNotice};
use super::order::OrderColumn;
use super::state::{Found, Places, Studio};
use crate::{badge::RankingBadge, format::search_words, search_form::SearchForm};

/// The view.
#[component]
pub fn SearchView() -> impl IntoView {
    let studio = Studio::here();
    let text =
        move || studio.found.read().answer().map(|found| found.text.clone()).unwrap_or_default();
    let failure = move || {
        let failure = studio.found.read().failure().cloned();
        failure.map(|failure| view! { <FailureNotice failure=failure/> })
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{t!("search.heading")}</h1>
                <p role="status" data-testid="search-note">{move || note(&studio.found.read())}</p>
            </div>
            <RankingBadge status=studio.status/>
        </div>
        <div class="studio-search">
            <SearchForm
                id="studio-search"
                label=t!("search.as_persona")
                testid="studio-search"
                text=Signal::derive(text)
                search=Callback::new(move |text| studio.search(text))
            />
        </div>
        {failure}
        <Show when=move || matches!(*studio.found.read(), Asked::Asking | Asked::Answered(_))>
            <Results/>
        </Show>
    }
}

fn note(found: &Asked<Found>) -> String {
    match found {
        Asked::Not => t!("search.not_yet").to_owned(),
        Asked::Asking => search_words(true).to_owned(),
        Asked::Failed(_) => search_words(false).to_owned(),
        Asked::Answered(found) => {
            n!("search.found", found.server.n_total, first = found.server.tiles.len())
        }
    }
}

#[component]
fn Results() -> impl IntoView {
    let studio = Studio::here();
    let places = Signal::derive(move || {
        let found = studio.found.read();
        let tiles = found.answer().map_or(&[][..], |found| &found.server.tiles);
        let place = |(i, tile): (usize, &vitrine_session::Tile)| (tile.card.id, i + 1);
        Places::from(Arc::new(tiles.iter().enumerate().map(place).collect()))
    });
    let student = move || studio.found.read().answer().map(|found| found.student.tiles.clone());
    let server = move || studio.found.read().answer().map(|found| found.server.tiles.clone());
    let why = Callback::new(move |id| studio.ask_why(id));
    view! {
        <div class="orders two" data-testid="search-orders">
            <OrderColumn
                heading=t!("order.student")
                testid="search-student"
                note=Signal::derive(move || student_note(&studio.found.read()))
                tiles=Signal::derive(student)
                places=places
                why=why
            />
            <OrderColumn
                heading=t!("order.server")
                testid="search-server"
                note=t!("search.server_note").to_owned()
                tiles=Signal::derive(server)
            />
        </div>
    }
}

fn student_note(found: &Asked<Found>) -> String {
    let words = match found.answer().map(|found| (found.student.order, found.student.offline)) {
        None => "",
        Some((_, true)) => t!("search.offline"),
        Some((SearchOrder::Personal, _)) => t!("search.personal"),
        Some((SearchOrder::Server, _)) => t!("search.not_reordered"),
        Some((SearchOrder::Device, _)) => t!("search.titles"),
    };
    words.to_owned()
}
