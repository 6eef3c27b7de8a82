//! Questions about a product, answered on the device, and where the shopper has allowed it by the
//! shop's language model, too.

mod model;

use leptos::prelude::*;
use vitrine_domain::{ItemId, limits::QUERY_CHARS_MAX};
use vitrine_session::{AnswerVerdict, ProductAnswer, Quote, TextOrigin};
use vitrine_words::shop::t;

use crate::{router::Route, state::Shop};

pub use model::allow;
use model::{ModelSaid, ModelSwitch, is_asked, said_by_model};

/// Questions that stay on the page.
const ASKED_MAX: usize = 8;

/// A question, what the texts say to it, and what the model says, if it was asked.
#[derive(Clone)]
struct AskedHere {
    question: String,
    answer: ProductAnswer,
    model: Option<ArcRwSignal<ModelSaid>>,
}

/// A field for questions, where the shop says more of a product than its tile; nothing where every
/// answer would be that it doesn't.
#[component]
pub fn Ask(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    let has_texts = Memo::new(move |_| {
        shop.follow_catalogue();
        shop.session().has_texts(id)
    });
    view! { <Show when=move || has_texts.get()><Asking id=id/></Show> }
}

/// The field, and what was asked since the page was opened, the newest first. Nothing of it is
/// kept, and nothing is sent unless the model may be asked.
#[component]
fn Asking(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(Vec::<AskedHere>::new());
    let ask = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let question = typed.get_untracked().trim().to_owned();
        if question.is_empty() {
            return;
        }
        if let Some(answer) = shop.session().ask(id, &question) {
            let model = model::ask(shop, id, &question);
            asked.update(|asked| {
                asked.insert(0, AskedHere { question, answer, model });
                asked.truncate(ASKED_MAX);
            });
            typed.set(String::new());
        }
    };
    view! {
        <section class="section ask" data-testid="ask" aria-label=t!("ask.heading")>
            <h2>{t!("ask.heading")}</h2>
            <form on:submit=ask>
                <input
                    class="field"
                    data-testid="ask-field"
                    aria-label=t!("ask.heading")
                    placeholder=t!("ask.example")
                    maxlength=QUERY_CHARS_MAX.to_string()
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                />
                <button type="submit" class="button" data-testid="ask-send">{t!("ask.send")}</button>
            </form>
            <p class="muted small">
                {move || if is_asked(shop) { t!("ask.note_model") } else { t!("ask.note") }} " "
                <a href=Route::Assistant.href() data-testid="ask-more" on:click=move |_| shop.session().speak_of(id)>
                    {t!("ask.more")}
                </a>
            </p>
            <ModelSwitch/>
            <div aria-live="polite" data-testid="answers">
                {move || asked.get().into_iter().map(answered).collect_view()}
            </div>
        </section>
    }
}

fn answered(AskedHere { question, answer, model }: AskedHere) -> impl IntoView {
    view! {
        <p class="muted small">{t!("ask.asked", question = question)}</p>
        {said_of(answer)}
        {model.map(said_by_model)}
    }
}

/// What is said to a question, with the texts that say it.
pub fn said_of(answer: ProductAnswer) -> impl IntoView {
    let (said, verdict) = match answer.verdict {
        AnswerVerdict::Yes => (t!("ask.yes"), "yes"),
        AnswerVerdict::No => (t!("ask.no"), "no"),
        AnswerVerdict::Quoted => ("", "quoted"),
        AnswerVerdict::Disputed => (t!("ask.disputed"), "disputed"),
        AnswerVerdict::Unsaid => (t!("ask.unsaid"), "unsaid"),
    };
    view! {
        <div class="answer" data-testid="answer" data-verdict=verdict>
            <p hidden=said.is_empty()><strong>{said}</strong></p>
            {answer.quotes.into_iter().map(quoted).collect_view()}
        </div>
    }
}

/// A text as it was written, what of it answers, and where it stands.
fn quoted(quote: Quote) -> impl IntoView {
    let from = match quote.origin {
        TextOrigin::Title => t!("ask.from_title").to_owned(),
        TextOrigin::Attribute => quote.name,
        TextOrigin::Description => t!("ask.from_description").to_owned(),
        TextOrigin::Review => t!("ask.from_review").to_owned(),
    };
    let (start, end) = (quote.span.start, quote.span.end);
    let part = |range: Option<&str>| range.unwrap_or_default().to_owned();
    let (before, text, after) = (
        part(quote.text.get(..start)),
        part(quote.text.get(start..end)),
        part(quote.text.get(end..)),
    );
    view! {
        <blockquote class="quote">
            <p>{before}<mark>{text}</mark>{after}</p>
            <footer class="muted small">{from}</footer>
        </blockquote>
    }
}
