//! Asking before anything is recorded, where the page that hosts the shop wants that: by an
//! attribute of its root, and by an event with which a consent tool of its own answers.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::Session;
use vitrine_words::shop::t;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use crate::{router::Route, state::Shop};

/// Attribute of the page's root that has the shopper asked, with the value `required`.
const ATTRIBUTE: &str = "data-consent";
/// Event of the document whose `detail.granted` is the shopper's answer.
const EVENT: &str = "vitrine-consent";

/// Has the session wait for consent where the page asks for that.
pub fn require(session: &Session) {
    let root = document().document_element();
    if root.and_then(|root| root.get_attribute(ATTRIBUTE)).as_deref() == Some("required") {
        session.require_consent();
    }
}

/// Hears the answer of the page that hosts the shop, for as long as the page lives.
pub fn follow(shop: Shop) {
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let read = |of: &JsValue, key: &str| js_sys::Reflect::get(of, &JsValue::from_str(key));
        let granted = read(&event, "detail").and_then(|detail| read(&detail, "granted"));
        if let Some(granted) = granted.ok().and_then(|granted| granted.as_bool()) {
            answer(shop, granted);
        }
    });
    // Fails for no event that a document has.
    let _ = document().add_event_listener_with_callback(EVENT, heard.as_ref().unchecked_ref());
    heard.forget();
}

fn answer(shop: Shop, granted: bool) {
    spawn_local(async move {
        shop.session().set_consent(granted).await;
        shop.home.draw_carousels_anew();
        shop.changed();
        let said = if granted { t!("said.recording") } else { t!("said.nothing_recorded") };
        shop.announcement.set(said.to_owned());
    });
}

/// The question, until it is answered.
#[component]
pub fn ConsentBanner() -> impl IntoView {
    let shop = Shop::here();
    view! {
        <Show when=move || shop.status.read().asks_consent>
            <section class="banner" aria-label=t!("consent.label") data-testid="consent-banner">
                <span>
                    {t!("consent.ask")}
                    <a href=Route::Privacy.href()>{t!("consent.more")}</a>
                </span>
                <button
                    type="button"
                    class="button"
                    data-testid="consent-yes"
                    on:click=move |_| answer(shop, true)
                >
                    {t!("consent.agree")}
                </button>
                <button
                    type="button"
                    class="button"
                    data-testid="consent-no"
                    on:click=move |_| answer(shop, false)
                >
                    {t!("consent.no")}
                </button>
            </section>
        </Show>
    }
}

/// The answer, and how it is changed; nothing where nobody asks and nobody has answered.
#[component]
pub fn ConsentSetting() -> impl IntoView {
    let shop = Shop::here();
    let granted = move || shop.status.read().has_consent;
    let is_shown = move || {
        let status = shop.status.read();
        status.asks_consent || status.settings.consent.is_some()
    };
    view! {
        <Show when=is_shown>
            <section class="card" aria-labelledby="consent" data-testid="consent">
                <h2 id="consent">{t!("consent.label")}</h2>
                <p class="muted">
                    {move || if granted() {
                        t!("consent.given")
                    } else {
                        t!("consent.refused")
                    }}
                </p>
                <button
                    type="button"
                    class="button"
                    data-testid="consent-switch"
                    aria-pressed=move || granted().to_string()
                    on:click=move |_| answer(shop, !granted())
                >
                    {move || if granted() { t!("consent.withdraw") } else { t!("consent.agree") }}
                </button>
            </section>
        </Show>
    }
}
