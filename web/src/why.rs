//! *Why this?*: the past events that moved an item up, in a dialog.

use leptos::{html, prelude::*};
use vitrine_session::Reason;

use crate::{format, router::Route, state::Shop, tile::PictureView};

/// The dialog; open while the shop has a question to answer.
#[component]
pub fn WhyDialog() -> impl IntoView {
    let shop = Shop::here();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (shop.why.read().is_some(), dialog.open()) {
            // Fails only when it is already open.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // A click on the backdrop is a click on the dialog itself.
    let backdrop = move |event: web_sys::MouseEvent| {
        if event.target() == event.current_target() {
            shop.why.set(None);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            data-testid="why-popover"
            aria-labelledby="why-title"
            on:close=move |_| shop.why.set(None)
            on:click=backdrop
        >
            {move || shop.why.get().map(|why| view! { <Answer title=why.title reasons=why.reasons/> })}
        </dialog>
    }
}

#[component]
fn Answer(title: String, reasons: Vec<Reason>) -> impl IntoView {
    let shop = Shop::here();
    let none = reasons.is_empty();
    view! {
        <div>
            <h2 id="why-title">"Why this?"</h2>
            <p class="muted">{title}</p>
            {none.then(|| view! { <p data-testid="why-none">{move || shop.why_without_reasons()}</p> })}
            <ul class="reasons">
                {reasons.into_iter().map(|reason| view! { <ReasonView reason=reason/> }).collect_view()}
            </ul>
            <div class="actions">
                <a class="link-button" href=Route::Privacy.href() on:click=move |_| shop.why.set(None)>
                    "What this browser knows"
                </a>
                <button type="button" class="button" on:click=move |_| shop.why.set(None)>
                    "Close"
                </button>
            </div>
        </div>
    }
}

#[component]
fn ReasonView(reason: Reason) -> impl IntoView {
    let words = format::reason(&reason.card.title, &reason.counts, reason.last_at_ms);
    let share = format!("{:.0} % of what moved it up", reason.share * 100.0);
    view! {
        <li class="reason" data-testid="why-reason">
            <PictureView picture=reason.card.picture.clone() department=reason.card.department.clone()/>
            <div>
                <p>{words}</p>
                <p class="muted small">{share}</p>
            </div>
        </li>
    }
}
