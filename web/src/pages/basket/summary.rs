//! What the basket costs, and the way to the checkout.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::{
    checkout::{self, HandOver},
    format, motion,
    price_list::TaxNote,
    state::Shop,
    tile::Price,
};

#[component]
pub fn Summary(notice: RwSignal<String>) -> impl IntoView {
    let shop = Shop::here();
    let total = move || shop.basket.read().total_minor;
    let n_pieces = move || shop.basket.read().n_pieces_buyable;
    let pieces = move || format::counted(n_pieces() as usize, "piece", "pieces");
    view! {
        <section class="card" aria-labelledby="sum">
            <h2 id="sum">"Summary"</h2>
            <p class="sum">
                <span>{pieces}</span>
                {move || view! { <Price minor=total()/> }}
                <TaxNote/>
            </p>
            <button
                type="button"
                class="button primary"
                data-testid="buy"
                disabled=move || n_pieces() == 0
                on:click=move |_| buy(shop, notice)
            >
                {if checkout::template().is_some() { "To checkout" } else { "Buy" }}
            </button>
            <p class="muted small" data-testid="checkout-note">{note()}</p>
        </section>
    }
}

/// What the button does, before it is pressed.
fn note() -> String {
    let to = match (checkout::template(), checkout::host()) {
        (None, _) => {
            return "This is a demo shop: nothing is ordered, paid or sent. Buying only writes a \
                    line into the log on this device, so that the shop can learn what you like."
                .to_owned();
        }
        (_, Some(host)) => format!("Opens {host}"),
        _ => "Opens the shop's own checkout".to_owned(),
    };
    format!(
        "{to} and tells it what is in your basket: sizes and numbers, nothing else that this browser knows."
    )
}

fn buy(shop: Shop, notice: RwSignal<String>) {
    spawn_local(async move {
        notice.set(match checkout::hand_over(&shop.session()).await {
            HandOver::Taken => "The shop's checkout has your basket.".to_owned(),
            HandOver::Leaving => "Opening the shop's checkout…".to_owned(),
            HandOver::Unanswered => {
                "The shop's checkout did not answer. Your basket stays; try again.".to_owned()
            }
            HandOver::Failed(error) => format!("Your basket stays: {error}."),
            HandOver::Demo => {
                let n_lines = shop.session().buy_basket().await;
                shop.changed();
                motion::focus_heading();
                format!(
                    "Noted on this device: you bought {}. Nothing was ordered; this is a demo shop.",
                    format::counted(n_lines, "product", "products"),
                )
            }
        });
    });
}
