//! What the persona did, the newest first, each to be taken back.

use leptos::prelude::*;
use vitrine_domain::Event;
use vitrine_session::PhotoSize;

use super::state::Studio;
use crate::{format, tile::picture};

/// The list; nothing when there is nothing in it.
#[component]
pub fn EventList() -> impl IntoView {
    let studio = Studio::here();
    let rows = move || {
        // Titles come with the catalogue.
        studio.server.track();
        let events = studio.shopper.read().events.clone();
        let rows = events.into_iter().enumerate().rev();
        rows.map(|(place, event)| view! { <EventRow place=place event=event/> }).collect_view()
    };
    let is_empty = move || studio.shopper.read().events.is_empty();
    view! {
        <div
            class="events"
            tabindex="0"
            role="region"
            aria-label="What the persona did"
            hidden=is_empty
        >
            <ol data-testid="events">{rows}</ol>
        </div>
    }
}

#[component]
fn EventRow(place: usize, event: Event) -> impl IntoView {
    let studio = Studio::here();
    let card = studio.item(event.item).unwrap_or_default();
    let is_known = card.id == event.item;
    let title = if is_known { card.title.clone() } else { "A product no longer listed".to_owned() };
    let words = format!("{} {}", format::did(event.kind), format::day(event.at_ms));
    let label = format!("Remove: {words}, {title}");
    let remove = move |_| {
        studio.change(|shopper| {
            shopper.events.remove(place);
        });
        studio.announcement.set("Removed.".to_owned());
    };
    view! {
        <li class="event" data-testid="event" data-item=event.item.to_string()>
            {picture(&card, PhotoSize::Small)}
            <div>
                <p class="ranked-title">{title}</p>
                <p class="muted small">{words}</p>
            </div>
            <button type="button" class="remove" aria-label=label data-testid="remove" on:click=remove>
                "×"
            </button>
        </li>
    }
}
