//! A search as the persona sees it, beside the order in which the server sent it.

use std::sync::Arc;

use leptos::prelude::*;
use vitrine_session::SearchOrder;

use super::failure::{Asked, FailureNotice};
use super::order::OrderColumn;
use super::state::{Found, Places, Studio};
use crate::{badge::RankingBadge, format, search_form::SearchForm};

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
                <h1 tabindex="-1">"A search, twice"</h1>
                <p role="status" data-testid="search-note">{move || note(&studio.found.read())}</p>
            </div>
            <RankingBadge status=studio.status/>
        </div>
        <div class="studio-search">
            <SearchForm
                id="studio-search"
                label="Search as this persona"
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
        Asked::Not => {
            "The server finds, the page orders. The teacher takes no part in searches.".to_owned()
        }
        Asked::Asking => "Searching…".to_owned(),
        Asked::Failed(_) => "The search did not work.".to_owned(),
        Asked::Answered(found) => format!(
            "{}, of which the page orders the first {}. The teacher takes no part in searches.",
            format::counted(found.server.n_total as usize, "result", "results"),
            found.server.tiles.len()
        ),
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
                heading="Student"
                testid="search-student"
                note=Signal::derive(move || student_note(&studio.found.read()))
                tiles=Signal::derive(student)
                places=places
                why=why
            />
            <OrderColumn
                heading="Server"
                testid="search-server"
                note="As found, by words and meaning: what a shopper without a history sees."
                    .to_owned()
                tiles=Signal::derive(server)
            />
        </div>
    }
}

fn student_note(found: &Asked<Found>) -> String {
    let words = match found.answer().map(|found| (found.student.order, found.student.offline)) {
        None => "",
        Some((_, true)) => "The server did not answer: found among the titles in this page.",
        Some((SearchOrder::Personal, _)) => {
            "The same results, ordered in this page for this persona."
        }
        Some((SearchOrder::Server, _)) => {
            "Not reordered: the persona has done nothing yet, or the model is not here."
        }
        Some((SearchOrder::Device, _)) => "Found among the titles in this page.",
    };
    words.to_owned()
}
