//! Whether the device learns from what is bought, and what its guard says of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::Learning;
use vitrine_words::shop::{n, t};

use crate::state::Shop;

/// The switch, with what was learned.
#[component]
pub fn LearningSetting() -> impl IntoView {
    let shop = Shop::here();
    let learns = move || shop.status.read().settings.learns;
    let toggle = move |_| {
        let to = !learns();
        spawn_local(async move {
            shop.session().set_learning(to).await;
            shop.changed();
            let said = if to { t!("learning.on") } else { t!("learning.off") };
            shop.announcement.set(said.to_owned());
        });
    };
    let state = move || match shop.status.read().learning {
        Some(learning) => verdict(learning),
        None if learns() => t!("learning.starts").to_owned(),
        None => t!("learning.is_off").to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="learning">
            <h2 id="learning">{t!("learning.heading")}</h2>
            <p class="muted">
                {t!("learning.words")}
            </p>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    data-testid="learn"
                    data-on=move || learns().to_string()
                    on:click=toggle
                >
                    {move || if learns() { t!("learning.stop") } else { t!("learning.start") }}
                </button>
            </div>
            <p class="muted small" data-testid="learned">{state}</p>
        </section>
    }
}

/// What the guard says.
fn verdict(Learning { n_events, n_events_min, speaks }: Learning) -> String {
    if speaks {
        n!("learning.used", n_events)
    } else if n_events < n_events_min {
        n!("learning.waits", n_events, n_min = n_events_min)
    } else {
        n!("learning.unused", n_events)
    }
}
