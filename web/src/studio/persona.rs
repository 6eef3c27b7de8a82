//! Who looks at the shop: drawn from the order log by number, or composed.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_browser::studio::StudioError;
use vitrine_words::studio::{n, t};

use super::composer::Composer;
use super::events::EventList;
use super::failure::{Failure, FailureNotice};
use super::shopper::{Origin, Shopper};
use super::state::Studio;
use crate::format;

/// A number without a shopper is skipped this often.
const DRAWS_MAX: u32 = 8;

/// The panel beside the orders.
#[component]
pub fn PersonaPanel() -> impl IntoView {
    let studio = Studio::here();
    let clear = move |_| {
        studio.change(|shopper| *shopper = Shopper::default());
        studio.announcement.set(t!("persona.cleared").to_owned());
    };
    // Only a phone, where the orders are below, can close it.
    let closed = RwSignal::new(true);
    let is_blank = move || *studio.shopper.read() == Shopper::default();
    view! {
        <section class="card persona" aria-labelledby="persona" data-testid="persona">
            <div class="persona-head">
                <h2 id="persona">{t!("persona.heading")}</h2>
                <button
                    type="button"
                    class="link-button"
                    data-testid="clear"
                    disabled=is_blank
                    on:click=clear
                >
                    {t!("persona.anew")}
                </button>
            </div>
            <p class="muted small" role="status" data-testid="persona-note">
                {move || note(&studio.shopper.read())}
            </p>
            <EventList/>
            <button
                type="button"
                class="button persona-toggle"
                aria-expanded=move || (!closed.get()).to_string()
                on:click=move |_| closed.update(|closed| *closed = !*closed)
            >
                {t!("persona.choose")}
            </button>
            <div class="persona-form" class:closed=closed>
                <Draw/>
                <Composer/>
            </div>
        </section>
    }
}

fn note(shopper: &Shopper) -> String {
    let events = n!("persona.events", shopper.events.len());
    match (shopper.origin, shopper.now_ms) {
        (Origin::Drawn { shopper }, Some(now_ms)) => {
            let day = format::day(now_ms);
            t!("persona.drawn_at", shopper = shopper, events = events, day = day)
        }
        (Origin::Drawn { shopper }, None) => {
            t!("persona.drawn", shopper = shopper, events = events)
        }
        (Origin::Composed, _) if shopper.events.is_empty() => t!("persona.nobody").to_owned(),
        (Origin::Composed, _) => t!("persona.composed", events = events),
    }
}

/// Draws by number, or by chance.
#[component]
fn Draw() -> impl IntoView {
    let studio = Studio::here();
    let input = NodeRef::<html::Input>::new();
    let failure = RwSignal::new(None::<Failure>);
    let asking = RwSignal::new(false);
    let draw = move |wanted: Option<u32>| {
        asking.set(true);
        failure.set(None);
        spawn_local(async move {
            match drawn(studio, wanted).await {
                Ok(shopper) => {
                    // The panel may be gone by now.
                    let input = input.try_get_untracked().flatten();
                    if let (Some(input), Origin::Drawn { shopper }) = (input, shopper.origin) {
                        input.set_value(&shopper.to_string());
                    }
                    studio.change(|persona| *persona = shopper);
                }
                Err(error) => failure.set(Some(error.into())),
            }
            asking.set(false);
        });
    };
    let by_number = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let number = input.get().and_then(|input| input.value().trim().parse().ok());
        draw(Some(number.unwrap_or(u32::MAX)));
    };
    let last = move || studio.report.read().n_shoppers.saturating_sub(1).to_string();
    view! {
        <form class="draw" on:submit=by_number>
            <label class="field-label" for="shopper">
                {move || t!("persona.from_log", last = last())}
            </label>
            <div class="draw-row">
                <input
                    id="shopper"
                    class="field"
                    type="number"
                    min="0"
                    max=last
                    required
                    inputmode="numeric"
                    node_ref=input
                    data-testid="shopper"
                />
                <button type="submit" class="button" disabled=asking data-testid="draw">
                    {t!("persona.draw")}
                </button>
                <button
                    type="button"
                    class="button"
                    disabled=asking
                    data-testid="draw-random"
                    on:click=move |_| draw(None)
                >
                    {t!("persona.random")}
                </button>
            </div>
            {move || failure.get().map(|failure| view! { <FailureNotice failure=failure/> })}
        </form>
    }
}

/// The shopper of that number; without one, of a number by chance.
async fn drawn(studio: Studio, wanted: Option<u32>) -> Result<Shopper, StudioError> {
    let n_shoppers = f64::from(studio.report.read_untracked().n_shoppers);
    let mut n_left = DRAWS_MAX;
    loop {
        let number = wanted.unwrap_or_else(|| (js_sys::Math::random() * n_shoppers) as u32);
        n_left -= 1;
        match studio.client().persona(number).await {
            Ok(persona) => return Ok(Shopper::drawn(number, persona.events)),
            // Numbers of shoppers all of whose lines were left out at import.
            Err(StudioError::Refused(refusal))
                if wanted.is_none() && n_left > 0 && refusal.code == "no_such_shopper" => {}
            Err(error) => return Err(error),
        }
    }
}
