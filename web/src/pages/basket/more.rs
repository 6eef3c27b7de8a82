//! Beside the basket: what may be missing, and what was bought last.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::{ForgottenBecause, ForgottenCard};
use vitrine_words::shop::{n, t};

use crate::{
    format,
    state::Shop,
    tile::{TileView, money},
};

/// A few cards, each with the reason why it is asked about.
#[component]
pub fn Forgotten() -> impl IntoView {
    let shop = Shop::here();
    let cards = Memo::new(move |_| {
        shop.revision.track();
        shop.session().forgotten()
    });
    let tile = |of: ForgottenCard| {
        let because = match &of.because {
            ForgottenBecause::Due { last_at_ms } => {
                t!("basket.regularly", day = format::day(*last_at_ms))
            }
            ForgottenBecause::GoesWith { title } => t!("basket.goes_with", title = title),
        };
        view! {
            <li>
                <TileView card=of.card nested=true/>
                <p class="muted small" data-testid="forgotten-because">{because}</p>
            </li>
        }
    };
    view! {
        <Show when=move || !cards.read().is_empty()>
            <section class="section" aria-labelledby="forgotten" data-testid="forgotten">
                <h2 id="forgotten">{t!("basket.forgotten")}</h2>
                <ul class="row">
                    <For each=move || cards.get() key=|of| of.card.id children=tile/>
                </ul>
            </section>
        </Show>
    }
}

/// What was bought last, to be put in again; nothing where that cannot be.
#[component]
pub fn OrderAgain() -> impl IntoView {
    let shop = Shop::here();
    let last = Memo::new(move |_| {
        shop.revision.track();
        shop.session().last_basket()
    });
    let again = move |_| {
        spawn_local(async move {
            shop.session().refill_basket().await;
            shop.changed();
        });
    };
    let draw = move || {
        let last = last.get()?;
        let can_buy = || last.lines.iter().filter(|line| line.obstacle.is_none());
        let (n_lines, n_all) = (can_buy().count(), last.lines.len());
        let total: u64 = can_buy().map(|line| line.total_minor()).sum();
        let part = match n_lines {
            0 => return None,
            n if n == n_all => n!("basket.products", n),
            n => t!("basket.part", n = n, all = n_all),
        };
        let price = if total > 0 { money(total) } else { String::new() };
        let titles: Vec<String> = can_buy().map(|line| line.card.title.clone()).collect();
        Some(view! {
            <section class="card" aria-labelledby="again" data-testid="last-basket">
                <h2 id="again">{t!("basket.last")}</h2>
                <p>{titles.join(", ")}</p>
                <p class="muted small">
                    {t!(
                        "basket.bought_on",
                        day = format::day(last.at_ms),
                        what = format::joined([&part, &price]),
                    )}
                </p>
                <button type="button" class="button" data-testid="order-again" on:click=again>
                    {t!("basket.again")}
                </button>
            </section>
        })
    };
    view! { {draw} }
}
