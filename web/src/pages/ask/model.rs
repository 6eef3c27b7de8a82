//! The shop's language model on a product's page: the switch that allows it, and what it said.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::{CitedOrigin, CitedText, ModelAnswer, ModelSentence, SessionError};
use vitrine_words::shop::t;

use crate::state::Shop;

/// Status of a server whose model has no place free.
const BUSY: u16 = 503;

/// What the model said to a question, so far.
#[derive(Clone)]
pub enum ModelSaid {
    /// Nothing yet.
    Waiting,
    /// Sentences, with the texts that say them.
    Answered(ModelAnswer),
    /// Nothing, and why.
    Failed(String),
}

/// Whether questions go to the model: the shop offers one, and the shopper has allowed it.
pub fn is_asked(shop: Shop) -> bool {
    let status = shop.status.read();
    status.has_language_model && status.settings.language_model
}

/// Allows questions to the model, or no longer does.
pub fn allow(shop: Shop, to: bool) {
    spawn_local(async move {
        shop.session().set_language_model(to).await;
        shop.changed();
        let said = if to { t!("language_model.on") } else { t!("language_model.off") };
        shop.announcement.set(said.to_owned());
    });
}

/// Puts a question to the model, where it may be asked.
pub fn ask(shop: Shop, id: ItemId, question: &str) -> Option<ArcRwSignal<ModelSaid>> {
    if !untrack(|| is_asked(shop)) {
        return None;
    }
    let said = ArcRwSignal::new(ModelSaid::Waiting);
    let (to, question) = (said.clone(), question.to_owned());
    spawn_local(async move {
        let answered = shop.session().ask_model(id, &question).await;
        to.set(match answered {
            Ok(answer) => ModelSaid::Answered(answer),
            Err(error) => ModelSaid::Failed(words(&error)),
        });
    });
    Some(said)
}

fn words(error: &SessionError) -> String {
    match error {
        SessionError::Status { status: BUSY, .. } => t!("ask.model_busy").to_owned(),
        SessionError::Status { .. } | SessionError::Wire { .. } => {
            t!("ask.model_failed").to_owned()
        }
        error => t!("ask.model_error", error = error.words()),
    }
}

/// The switch, with what it sends; nothing in a shop without a model.
#[component]
pub fn ModelSwitch() -> impl IntoView {
    let shop = Shop::here();
    view! {
        <Show when=move || shop.status.read().has_language_model>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="ask-model"
                    aria-describedby="ask-model-words"
                    prop:checked=move || shop.status.read().settings.language_model
                    on:change=move |event| allow(shop, event_target_checked(&event))
                />
                <span>{t!("ask.model")}</span>
            </label>
            <p class="muted small" id="ask-model-words">{t!("language_model.words")}</p>
        </Show>
    }
}

/// What the model said: below what the texts say, and told apart from it.
pub fn said_by_model(said: ArcRwSignal<ModelSaid>) -> impl IntoView {
    move || match said.get() {
        ModelSaid::Waiting => {
            let words = t!("ask.model_waiting");
            view! { <p class="muted small" data-testid="model-waiting">{words}</p> }.into_any()
        }
        ModelSaid::Failed(words) => {
            view! { <p class="notice error" data-testid="model-failed">{words}</p> }.into_any()
        }
        ModelSaid::Answered(answer) if answer.sentences.is_empty() => {
            let words = t!("ask.model_unsaid");
            view! { <p class="muted small" data-testid="model-unsaid">{words}</p> }.into_any()
        }
        ModelSaid::Answered(answer) => view! {
            <div class="answer" data-testid="model-answer">
                <p class="muted small">{t!("ask.model_mark")}</p>
                {answer.sentences.into_iter().map(said_with_texts).collect_view()}
            </div>
        }
        .into_any(),
    }
}

fn said_with_texts(ModelSentence { text, cited }: ModelSentence) -> impl IntoView {
    view! {
        <p>{text}</p>
        <details>
            <summary class="muted small">{t!("ask.model_texts")}</summary>
            {cited.into_iter().map(cited_text).collect_view()}
        </details>
    }
}

fn cited_text(CitedText { origin, name, text }: CitedText) -> impl IntoView {
    let from = match origin {
        CitedOrigin::Title => t!("ask.from_title").to_owned(),
        CitedOrigin::Attribute => name,
        CitedOrigin::Description => t!("ask.from_description").to_owned(),
        CitedOrigin::Review => t!("ask.from_review").to_owned(),
    };
    view! {
        <blockquote class="quote">
            <p>{text}</p>
            <footer class="muted small">{from}</footer>
        </blockquote>
    }
}
