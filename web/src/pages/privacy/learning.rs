//! Whether the device learns from what is bought, and what its guard says of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::Learning;

use crate::{format, state::Shop};

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
            let said = if to { "Learning is on." } else { "Learning is off." };
            shop.announcement.set(said.to_owned());
        });
    };
    let state = move || match shop.status.read().learning {
        Some(learning) => verdict(learning),
        None if learns() => "Starts once the model has loaded.".to_owned(),
        None => "Off: your log is read by the same model as everybody's.".to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="learning">
            <h2 id="learning">"Learning from what you buy"</h2>
            <p class="muted">
                "This device adjusts the model to you, a little with each purchase. That stays here, is made of your log alone, and is undone when you switch it off."
            </p>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    data-testid="learn"
                    data-on=move || learns().to_string()
                    on:click=toggle
                >
                    {move || if learns() { "Stop learning" } else { "Start learning" }}
                </button>
            </div>
            <p class="muted small" data-testid="learned">{state}</p>
        </section>
    }
}

/// What the guard says.
fn verdict(Learning { n_events, n_events_min, speaks }: Learning) -> String {
    let learned =
        format!("Learned from {}.", format::counted(n_events as usize, "purchase", "purchases"));
    if speaks {
        format!("{learned} Of late it predicted you better than the model alone, so it is used.")
    } else if n_events < n_events_min {
        format!("{learned} It is used from {n_events_min} on, if it then predicts you better.")
    } else {
        format!(
            "{learned} Of late it predicted you no better than the model alone, so it is not used."
        )
    }
}
