//! What the shopper said of cards, and how it is taken back.

use leptos::prelude::*;
use vitrine_session::{CardSince, ItemCard, Session};
use vitrine_words::shop::t;

use super::signals::{choose_no_more, interested_again};
use crate::{format, router::Route, state::Shop, toast::Toast};

/// Says what was left out just now, with a way back. It stays until the next page.
#[component]
pub fn UndoToast() -> impl IntoView {
    let shop = Shop::here();
    let words = Signal::derive(move || {
        let card = shop.home.unwanted.get();
        card.map(|card| t!("opinion.left_out", title = card.title))
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
    view! {
        <CardList
            id="unwanted"
            heading=t!("opinion.unwanted")
            note=t!("opinion.unwanted_note")
            action=t!("opinion.show_again")
            cards=Session::unwanted
            undo=interested_again
        />
    }
}

/// What a newcomer chose, on the privacy page.
#[component]
pub fn ChosenList() -> impl IntoView {
    view! {
        <CardList
            id="chosen"
            heading=t!("opinion.chosen")
            note=t!("opinion.chosen_note")
            action=t!("opinion.remove")
            cards=Session::chosen
            undo=choose_no_more
        />
    }
}

/// Cards of which the shopper has said something, each with a button that takes it back.
#[component]
fn CardList(
    id: &'static str,
    heading: &'static str,
    note: &'static str,
    action: &'static str,
    cards: fn(&Session) -> Vec<CardSince>,
    undo: fn(Shop, ItemCard),
) -> impl IntoView {
    let shop = Shop::here();
    let cards = Memo::new(move |_| {
        shop.revision.track();
        cards(&shop.session())
    });
    let row = move |of: CardSince| {
        let card = of.card.clone();
        let label = t!("opinion.undo_of", action = action, title = card.title);
        view! {
            <li data-testid=id>
                <a href=Route::Item(card.id).href()>{card.title.clone()}</a>
                <span class="muted small">{format::moment(of.since_ms)}</span>
                <button
                    type="button"
                    class="link-button"
                    aria-label=label
                    on:click=move |_| undo(shop, card.clone())
                >
                    {action}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !cards.read().is_empty()>
            <section class="card" aria-labelledby=id data-testid=format!("{id}-list")>
                <h2 id=id>{heading}</h2>
                <p class="muted">{note}</p>
                <ul class="unwanted">
                    {move || cards.get().into_iter().map(row).collect_view()}
                </ul>
            </section>
        </Show>
    }
}
