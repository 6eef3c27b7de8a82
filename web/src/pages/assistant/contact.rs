//! Handing over to a person of the shop: exactly the lines that are ticked, by the shopper's own
//! mail program, at an address of the shop's, or to the page that hosts the shop.

use leptos::prelude::*;
use vitrine_session::{HandOverDraft, HandOverPart};
use vitrine_words::shop::t;
use web_sys::{CustomEvent, CustomEventInit};

use crate::router::Route;

/// Attribute of the page's root: `mailto:` or `https://` with `{text}` in the place of what is told.
const ADDRESS_ATTRIBUTE: &str = "data-contact";
/// Told to the page, with the text, when the shopper wants a person; whoever calls `preventDefault`
/// takes it over.
const WANTED: &str = "vitrine-contact";
/// Longest address with what is told: systems and mail programs cut longer ones.
const ADDRESS_CHARS_MAX: usize = 2_000;
/// Stands where a line was cut to fit.
const CUT: &str = "…";

/// The lines, each to be ticked, and the way to a person.
#[component]
pub fn Contact(draft: HandOverDraft) -> impl IntoView {
    let ticked = RwSignal::new(vec![false; draft.lines.len()]);
    let outcome = RwSignal::new("");
    let template = template();
    let has_way = template.is_some();
    let template = StoredValue::new(template.unwrap_or_default());
    let draft = StoredValue::new(draft);
    // What is shown is what is told, cut or not.
    let told = Memo::new(move |_| {
        let text = draft.with_value(|draft| draft.text(&ticked.read()));
        template.with_value(|template| fitting(template, &text))
    });
    let line = move |(place, part, words): (usize, HandOverPart, String)| {
        let about = match part {
            HandOverPart::Wish => t!("contact.wish"),
            HandOverPart::Product => t!("contact.product"),
            HandOverPart::Question => t!("contact.question"),
        };
        view! {
            <li>
                <label>
                    <input
                        type="checkbox"
                        data-testid="contact-line"
                        prop:checked=move || ticked.read()[place]
                        on:change=move |event| ticked.update(|all| all[place] = event_target_checked(&event))
                    />
                    {about}
                    ": "
                    {words}
                </label>
            </li>
        }
    };
    let lines = draft.with_value(|draft| {
        let lines = draft.lines.iter().enumerate();
        lines.map(|(place, of)| line((place, of.part, of.text.clone()))).collect_view()
    });
    let tell = move |event: web_sys::MouseEvent| {
        let is_listened_to = is_taken(&told.read_untracked().text);
        if is_listened_to || template.with_value(String::is_empty) {
            event.prevent_default();
        }
        outcome.set(match is_listened_to {
            true => t!("contact.told"),
            false if template.with_value(String::is_empty) => t!("contact.not_taken"),
            false => "",
        });
    };
    view! {
        <div class="contact" data-testid="contact">
            <p>{if has_way { t!("contact.lead") } else { t!("contact.no_way") }}</p>
            <ul class="plain">{lines}</ul>
            <pre class="told" data-testid="contact-text">{move || told.read().text.clone()}</pre>
            <p class="muted" role="status" hidden=move || !told.read().is_cut>{t!("contact.cut")}</p>
            {has_way
                .then(|| {
                    view! {
                        <a
                            class="button primary"
                            data-testid="contact-send"
                            target="_blank"
                            rel="noreferrer noopener"
                            href=move || template.with_value(|template| address(template, &told.read().text))
                            on:click=tell
                        >
                            {t!("contact.send")}
                        </a>
                    }
                })}
            <p role="status" data-testid="contact-outcome">{outcome}</p>
        </div>
    }
}

/// How a person is reached; empty where the page listens instead.
fn template() -> Option<String> {
    let template = document().document_element()?.get_attribute(ADDRESS_ATTRIBUTE)?;
    let is_way =
        template.is_empty() || template.starts_with("mailto:") || template.starts_with("https://");
    is_way.then_some(template)
}

/// What is told.
#[derive(Clone, PartialEq)]
struct Told {
    text: String,
    /// Whether it is the beginning of what was ticked.
    is_cut: bool,
}

/// As much of a text as an address takes; all of it where there is none.
fn fitting(template: &str, text: &str) -> Told {
    let fits = |text: &str| address(template, text).len() <= ADDRESS_CHARS_MAX;
    if template.is_empty() || fits(text) {
        return Told { text: text.to_owned(), is_cut: false };
    }
    let cut = |end: usize| text[..end].to_owned() + CUT;
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let n = ends.partition_point(|end| fits(&cut(*end)));
    Told { text: ends[..n].last().map_or_else(String::new, |end| cut(*end)), is_cut: true }
}

/// The address with what is told; the page itself where there is none, which is not left.
fn address(template: &str, text: &str) -> String {
    if template.is_empty() {
        return Route::Assistant.href();
    }
    template.replace("{text}", &String::from(js_sys::encode_uri_component(text)))
}

/// Asks the page; whether it takes the text over.
fn is_taken(text: &str) -> bool {
    let init = CustomEventInit::new();
    init.set_cancelable(true);
    init.set_detail(&text.into());
    let event = CustomEvent::new_with_event_init_dict(WANTED, &init);
    event.is_ok_and(|event| document().dispatch_event(&event).is_ok_and(|goes_on| !goes_on))
}
