//! What the persona did, the newest first, each to be taken back.

use leptos::prelude::*;
use vitrine_domain::{Event, EventKind};
use vitrine_session::PhotoSize;
use vitrine_words::studio::t;

use super::state::Studio;
use crate::{format, tile::picture};

/// What was done, in the past tense.
pub fn did(kind: EventKind) -> &'static str {
    match kind {
        EventKind::ViewItem => t!("did.looked"),
        EventKind::AddToCart => t!("did.put"),
        EventKind::RemoveFromCart => t!("did.took"),
        EventKind::Purchase => t!("did.bought"),
    }
}

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
            aria-label=t!("event.label")
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
    let title = if is_known { card.title.clone() } else { t!("event.gone").to_owned() };
    let words = t!("event.when", did = did(event.kind), day = format::day(event.at_ms));
    let label = t!("event.remove", event = words, title = title);
    let remove = move |_| {
        studio.change(|shopper| {
            shopper.events.remove(place);
        });
        studio.announcement.set(t!("event.removed").to_owned());
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
