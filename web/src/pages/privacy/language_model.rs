//! Whether questions about products may go to the shop's language model.

use leptos::prelude::*;
use vitrine_words::shop::t;

use crate::{pages::ask, state::Shop};

/// The switch, where the shop offers a model, or did when it was allowed.
#[component]
pub fn LanguageModelSetting() -> impl IntoView {
    let shop = Shop::here();
    let is_on = move || shop.status.read().settings.language_model;
    let is_offered = move || shop.status.read().has_language_model;
    let state = move || match (is_on(), is_offered()) {
        (false, _) => t!("language_model.is_off"),
        (true, true) => t!("language_model.is_on"),
        (true, false) => t!("language_model.not_offered"),
    };
    view! {
        <Show when=move || is_offered() || is_on()>
            <section class="card" aria-labelledby="language-model-heading">
                <h2 id="language-model-heading">{t!("language_model.heading")}</h2>
                <p class="muted">{t!("language_model.words")}</p>
                <div class="actions">
                    <button
                        type="button"
                        class="button"
                        data-testid="language-model"
                        data-on=move || is_on().to_string()
                        on:click=move |_| ask::allow(shop, !untrack(is_on))
                    >
                        {move || if is_on() {
                            t!("language_model.stop")
                        } else {
                            t!("language_model.start")
                        }}
                    </button>
                </div>
                <p class="muted small" data-testid="language-model-state">{state}</p>
            </section>
        </Show>
    }
}
