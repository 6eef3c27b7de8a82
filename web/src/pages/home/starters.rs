//! A newcomer's choice: what they like of eight departments, or nothing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::{ItemCard, PhotoSize};
use vitrine_words::shop::t;

use crate::{motion, state::Shop, tile::picture};

/// The choice; nothing once it was made, or where there is a log.
#[component]
pub fn Starters() -> impl IntoView {
    let shop = Shop::here();
    let cards = RwSignal::new(Vec::<ItemCard>::new());
    // In the order of taps.
    let chosen = RwSignal::new(Vec::<ItemId>::new());
    Effect::new(move || {
        shop.follow_catalogue();
        // Drawn once: while the shopper chooses, the cards stay as they are.
        let has_feed = shop.feed.read().as_ref().is_some_and(|feed| !feed.tiles.is_empty());
        if has_feed && cards.read_untracked().is_empty() {
            let starters = shop.session().starters();
            if !starters.is_empty() {
                cards.set(starters);
            }
        }
    });
    let answer = move |_| {
        let likes = chosen.get_untracked();
        chosen.set(Vec::new());
        spawn_local(async move {
            shop.session().answer_starters(&likes).await;
            cards.set(Vec::new());
            shop.home.draw_carousels_anew();
            shop.changed();
            motion::focus_heading();
        });
    };
    view! {
        <Show when=move || !cards.read().is_empty()>
            <section class="card starters" aria-labelledby="starters" data-testid="starters">
                <h2 id="starters">{t!("starters.heading")}</h2>
                <p class="muted small">
                    {t!("starters.words")}
                </p>
                <ul>
                    <For each=move || cards.get() key=|card| card.id let:card>
                        <li><StarterButton card=card chosen=chosen/></li>
                    </For>
                </ul>
                <button
                    type="button"
                    class="button"
                    class:primary=move || !chosen.read().is_empty()
                    data-testid="starters-answer"
                    on:click=answer
                >
                    {move || if chosen.read().is_empty() {
                        t!("starters.skip")
                    } else {
                        t!("starters.show")
                    }}
                </button>
            </section>
        </Show>
    }
}

#[component]
fn StarterButton(card: ItemCard, chosen: RwSignal<Vec<ItemId>>) -> impl IntoView {
    let id = card.id;
    let is_chosen = move || chosen.read().contains(&id);
    let toggle = move |_| {
        chosen.update(|chosen| {
            let place = chosen.iter().position(|other| *other == id);
            match place {
                Some(place) => drop(chosen.remove(place)),
                None => chosen.push(id),
            }
        });
    };
    view! {
        <button
            type="button"
            class="starter"
            data-testid="starter"
            data-item=id.to_string()
            aria-pressed=move || is_chosen().to_string()
            on:click=toggle
        >
            {picture(&card, PhotoSize::Small)}
            <span>{card.title.clone()}</span>
        </button>
    }
}
