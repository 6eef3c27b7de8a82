//! Handing over to a person of the shop: exactly the lines that are ticked, by the shopper's own
//! mail program, at an address of the shop's, or to the page that hosts the shop.

use leptos::prelude::*;
use vitrine_session::{HandOverDraft, HandOverPart};
use vitrine_words::shop::t;
use web_sys::{CustomEvent, CustomEventInit};

/// Attribute of the page's root: `mailto:` or `https://` with `{text}` in the place of what is told.
const ADDRESS_ATTRIBUTE: &str = "data-contact";
/// Told to the page, with the text, when the shopper wants a person; whoever calls `preventDefault`
/// takes it over.
const WANTED: &str = "vitrine-contact";
/// Mail programs cut longer addresses.
const ADDRESS_CHARS_MAX: usize = 1_900;

/// The lines, each to be ticked, and the way to a person.
#[component]
pub fn Contact(draft: HandOverDraft) -> impl IntoView {
    let ticked = RwSignal::new(vec![false; draft.lines.len()]);
    let is_told = RwSignal::new(false);
    let draft = StoredValue::new(draft);
    let text = move || draft.with_value(|draft| draft.text(&ticked.read()));
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
        if is_taken(&text()) {
            event.prevent_default();
            is_told.set(true);
        }
    };
    let has_way = template().is_some();
    view! {
        <div class="contact" data-testid="contact">
            <p>{if has_way { t!("contact.lead") } else { t!("contact.no_way") }}</p>
            <ul class="plain">{lines}</ul>
            <pre class="told" data-testid="contact-text">{text}</pre>
            {has_way
                .then(|| {
                    view! {
                        <a
                            class="button primary"
                            data-testid="contact-send"
                            target="_blank"
                            rel="noreferrer noopener"
                            href=move || address(&text())
                            on:click=tell
                        >
                            {t!("contact.send")}
                        </a>
                    }
                })}
            <p role="status" hidden=move || !is_told.get()>{t!("contact.told")}</p>
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

/// The address with what is told.
fn address(text: &str) -> String {
    let template = template().unwrap_or_default();
    let text: String = text.chars().take(ADDRESS_CHARS_MAX).collect();
    template.replace("{text}", &String::from(js_sys::encode_uri_component(&text)))
}

/// Asks the page; whether it takes the text over.
fn is_taken(text: &str) -> bool {
    let init = CustomEventInit::new();
    init.set_cancelable(true);
    init.set_detail(&text.into());
    let event = CustomEvent::new_with_event_init_dict(WANTED, &init);
    event.is_ok_and(|event| document().dispatch_event(&event).is_ok_and(|goes_on| !goes_on))
}
