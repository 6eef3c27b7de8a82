//! Whether searches are answered on the device alone.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_words::shop::t;

use crate::state::Shop;

/// The switch, with whether searches go by meaning yet.
#[component]
pub fn PrivateSearchSetting() -> impl IntoView {
    let shop = Shop::here();
    let is_on = move || shop.status.read().settings.private_search;
    let toggle = move |_| {
        let to = !is_on();
        spawn_local(async move {
            shop.session().set_private(to).await;
            shop.changed();
            let said = if to { t!("private_search.on") } else { t!("private_search.off") };
            shop.announcement.set(said.to_owned());
            shop.search_otherwise();
        });
    };
    let state = move || {
        let status = shop.status.read();
        match (status.settings.private_search, status.has_meaning, status.offers_meaning) {
            (false, ..) => t!("private_search.is_off"),
            (true, true, _) => t!("private_search.ready"),
            (true, false, true) => t!("private_search.coming"),
            (true, false, false) => t!("private_search.by_words"),
        }
    };
    view! {
        <section class="card" aria-labelledby="private-search">
            <h2 id="private-search">{t!("private_search.heading")}</h2>
            <p class="muted">
                {t!("private_search.words")}
            </p>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    data-testid="private-search"
                    data-on=move || is_on().to_string()
                    data-meaning=move || shop.status.read().has_meaning.to_string()
                    on:click=toggle
                >
                    {move || if is_on() { t!("private_search.stop") } else { t!("private_search.start") }}
                </button>
            </div>
            <p class="muted small" data-testid="private-search-state">{state}</p>
        </section>
    }
}
