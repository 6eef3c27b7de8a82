//! Every event of the log, a page at a time, each with a button that deletes it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::EventKind;
use vitrine_session::DeviceEvent;
use vitrine_words::shop::{around, t};

use crate::{format, router::Route, state::Shop};

/// Events on a page of the list.
const PAGE_EVENTS: usize = 20;

/// The list, the newest first; nothing while the log is empty.
#[component]
pub fn EventList() -> impl IntoView {
    let shop = Shop::here();
    let events = Memo::new(move |_| {
        shop.revision.track();
        let mut events = shop.session().history();
        events.reverse();
        events
    });
    let page = RwSignal::new(0_usize);
    let failure = RwSignal::new(None::<String>);
    let n_pages = move || events.read().len().div_ceil(PAGE_EVENTS).max(1);
    // A page may be gone with what was deleted.
    let here = move || page.get().min(n_pages() - 1);
    let rows = move || {
        let events = events.read();
        let shown = events.iter().skip(here() * PAGE_EVENTS).take(PAGE_EVENTS).cloned();
        shown.map(|event| view! { <EventRow event=event failure=failure/> }).collect_view()
    };
    view! {
        <Show when=move || !events.read().is_empty()>
            <section class="card whole" aria-labelledby="events" data-testid="events">
                <h2 id="events">{t!("log.heading")}</h2>
                <p class="muted small">
                    {t!("log.note")}
                </p>
                <ul class="unwanted">{rows}</ul>
                <p class="notice error" role="alert" hidden=move || failure.read().is_none()>
                    {move || failure.get()}
                </p>
                <div class="actions" hidden=move || n_pages() == 1>
                    <button
                        type="button"
                        class="button"
                        disabled=move || here() == 0
                        on:click=move |_| page.set(here().saturating_sub(1))
                    >
                        {t!("log.newer")}
                    </button>
                    <span>{move || t!("log.page", n = here() + 1, all = n_pages())}</span>
                    <button
                        type="button"
                        class="button"
                        disabled=move || here() + 1 == n_pages()
                        on:click=move |_| page.set(here() + 1)
                    >
                        {t!("log.older")}
                    </button>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn EventRow(event: DeviceEvent, failure: RwSignal<Option<String>>) -> impl IntoView {
    let shop = Shop::here();
    let title = shop.session().item(event.item).map(|card| card.title);
    let title = title.unwrap_or_else(|| t!("log.gone").to_owned());
    let (before, behind) = around_title(event.kind);
    let did = format!("{before}{title}{behind}");
    let label = t!("log.delete_of", did = did, at = format::moment(event.at_ms));
    let (href, at) = (Route::Item(event.item).href(), format::moment(event.at_ms));
    let delete = move |_| {
        let event = event.clone();
        spawn_local(async move {
            let done = shop.session().forget_event(&event).await;
            if done.is_ok() {
                shop.announcement.set(t!("log.deleted").to_owned());
            }
            failure.set(done.err().map(|error| error.words()));
            shop.changed();
        });
    };
    view! {
        <li data-testid="event">
            <span>{before}<a href=href>{title}</a>{behind}</span>
            <span class="muted small">{at}</span>
            <button
                type="button"
                class="link-button"
                aria-label=label
                data-testid="event-delete"
                on:click=delete
            >
                {t!("log.delete")}
            </button>
        </li>
    }
}

/// What was done, before and behind the title of the product.
fn around_title(kind: EventKind) -> (&'static str, &'static str) {
    match kind {
        EventKind::ViewItem => around!("log.looked"),
        EventKind::AddToCart => around!("log.put"),
        EventKind::RemoveFromCart => around!("log.took"),
        EventKind::Purchase => around!("log.bought"),
    }
}
