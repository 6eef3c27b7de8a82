//! What the basket costs, and the way to the checkout.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_words::shop::{n, t};

use crate::{
    checkout::{self, HandOver},
    motion,
    price_list::TaxNote,
    state::Shop,
    tile::Price,
};

#[component]
pub fn Summary(notice: RwSignal<String>) -> impl IntoView {
    let shop = Shop::here();
    let total = move || shop.basket.read().total_minor;
    let n_pieces = move || shop.basket.read().n_pieces_buyable;
    let pieces = move || n!("basket.pieces", n_pieces());
    view! {
        <section class="card" aria-labelledby="sum">
            <h2 id="sum">{t!("basket.summary")}</h2>
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
                {if checkout::template().is_some() { t!("basket.checkout") } else { t!("basket.buy") }}
            </button>
            <p class="muted small" data-testid="checkout-note">{note()}</p>
        </section>
    }
}

/// What the button does, before it is pressed.
fn note() -> String {
    match (checkout::template(), checkout::host()) {
        (None, _) => t!("basket.demo_note").to_owned(),
        (_, Some(host)) => t!("basket.opens_host", host = host),
        _ => t!("basket.opens_own").to_owned(),
    }
}

fn buy(shop: Shop, notice: RwSignal<String>) {
    spawn_local(async move {
        notice.set(match checkout::hand_over(&shop.session()).await {
            HandOver::Taken => t!("basket.taken").to_owned(),
            HandOver::Leaving => t!("basket.leaving").to_owned(),
            HandOver::Unanswered => t!("basket.unanswered").to_owned(),
            HandOver::Failed(error) => t!("basket.failed", error = error.words()),
            HandOver::Demo => {
                let n_lines = shop.session().buy_basket().await;
                shop.changed();
                motion::focus_heading();
                n!("basket.noted", n_lines)
            }
        });
    });
}
