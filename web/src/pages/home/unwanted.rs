//! Cards that the shopper does not want to see: how that is taken back.

use leptos::prelude::*;
use vitrine_session::UnwantedCard;

use super::signals::interested_again;
use crate::{format, router::Route, state::Shop, toast::Toast};

/// Says what was left out just now, with a way back. It stays until the next page.
#[component]
pub fn UndoToast() -> impl IntoView {
    let shop = Shop::here();
    let words = Signal::derive(move || {
        let card = shop.home.unwanted.get();
        card.map(|card| format!("{} is left out from now on.", card.title))
    });
    let undo = Callback::new(move |()| {
        if let Some(card) = shop.home.unwanted.get_untracked() {
            interested_again(shop, card);
        }
    });
    view! { <Toast words=words undo=undo testid="undo-toast" undo_testid="undo"/> }
}

/// All of them, on the privacy page.
#[component]
pub fn UnwantedList() -> impl IntoView {
    let shop = Shop::here();
    let cards = Memo::new(move |_| {
        shop.revision.track();
        shop.session().unwanted()
    });
    let row = move |of: UnwantedCard| {
        let card = of.card.clone();
        let label = format!("Show again: {}", card.title);
        view! {
            <li data-testid="unwanted">
                <a href=Route::Item(card.id).href()>{card.title.clone()}</a>
                <span class="muted small">{format::moment(of.since_ms)}</span>
                <button
                    type="button"
                    class="link-button"
                    aria-label=label
                    on:click=move |_| interested_again(shop, card.clone())
                >
                    "Show again"
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !cards.read().is_empty()>
            <section class="card" aria-labelledby="unwanted" data-testid="unwanted-list">
                <h2 id="unwanted">"Not interested"</h2>
                <p class="muted">
                    "Left out of the feed and of the rows above it, on this device. A search still finds them."
                </p>
                <ul class="unwanted">
                    {move || cards.get().into_iter().map(row).collect_view()}
                </ul>
            </section>
        </Show>
    }
}
