//! The way in: nothing of the Studio is drawn before the server takes the token.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_browser::studio::StudioClient;
use vitrine_session::Session;
use vitrine_studio_api::StudioReport;
use vitrine_words::studio::t;

use super::failure::{Asked, Failure, FailureNotice};
use super::frame::Frame;
use super::language::{self, StudioLanguage};
use super::route::View;
use super::state::Studio;
use crate::icons::Mark;

/// Where the tab keeps the token until it is closed.
const TOKEN_KEY: &str = "vitrine-studio-token";

/// What opens the Studio.
type Entry = (StudioClient, StudioReport);

/// The gate, then the Studio.
#[component]
pub fn StudioPage(
    /// A session without a shopper.
    session: Session,
    view: ReadSignal<View>,
) -> impl IntoView {
    let entry = RwSignal::new(Asked::<Entry>::default());
    if let Some(token) = kept_token() {
        enter(entry, token);
    }
    document().set_title(t!("frame.studio"));
    let session = StoredValue::new_local(session);
    let lock = Callback::new(move |()| {
        keep_token(None);
        entry.set(Asked::Not);
    });
    let is_open = Memo::new(move |_| entry.read().answer().is_some());
    // What the Studio has asked for may be answered after it was locked, so its
    // state belongs to the page and not to the part that is drawn.
    let page = Owner::current();
    // It is drawn anew in another language, and made once a token.
    let studio = StoredValue::new(None::<Studio>);
    let open = move || {
        let (client, report) = entry.get_untracked().answer().cloned()?;
        let new = || Studio::new(session.get_value(), client, report, view);
        let made = studio.get_value().unwrap_or_else(|| match &page {
            Some(page) => page.with(new),
            None => new(),
        });
        studio.set_value(Some(made));
        Some(view! { <Frame studio=made lock=lock/> })
    };
    let language = language::provide();
    move || {
        language.track();
        match is_open.get() {
            true => open().into_any(),
            false => {
                studio.set_value(None);
                view! { <Gate entry=entry/> }.into_any()
            }
        }
    }
}

/// Tries a token; keeps it for the tab if the server takes it.
fn enter(entry: RwSignal<Asked<Entry>>, token: String) {
    entry.set(Asked::Asking);
    spawn_local(async move {
        let client = StudioClient::new(token.clone());
        let answer = Asked::of(client.report().await.map(|report| (client, report)));
        match &answer {
            Asked::Answered(_) => keep_token(Some(&token)),
            Asked::Failed(failure) if failure.is_token => keep_token(None),
            _ => {}
        }
        entry.set(answer);
    });
}

#[component]
fn Gate(entry: RwSignal<Asked<Entry>>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let asking = move || matches!(*entry.read(), Asked::Asking);
    let failure = move || {
        let failure = entry.read().failure().cloned();
        failure.map(|failure| view! { <FailureNotice failure=failure/> })
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let token = input.get().map(|input| input.value()).unwrap_or_default();
        let token = token.trim().to_owned();
        if token.is_empty() {
            return;
        }
        // A header cannot carry anything else, so no server can have such a token.
        if token.bytes().all(|byte| byte.is_ascii_graphic()) {
            enter(entry, token);
        } else {
            entry.set(Asked::Failed(Failure {
                what: t!("gate.not_a_token").to_owned(),
                advice: t!("gate.token_advice"),
                is_token: true,
            }));
        }
    };
    // The field takes the focus: there is nothing else to do here.
    Effect::new(move || {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    view! {
        <main id="main" class="studio-gate">
            <div class="brand"><Mark/><span>"Vitrine Studio"</span></div>
            <h1 tabindex="-1">{t!("gate.team")}</h1>
            <p class="muted">
                {t!("gate.words")}
            </p>
            <form class="card" on:submit=submit>
                <label class="field-label" for="token">{t!("gate.token")}</label>
                <input
                    id="token"
                    class="field"
                    type="password"
                    node_ref=input
                    autocomplete="off"
                    spellcheck="false"
                    required
                    data-testid="token"
                />
                <button
                    type="submit"
                    class="button primary"
                    disabled=asking
                    data-testid="enter"
                >
                    {move || if asking() { t!("gate.asking") } else { t!("gate.open") }}
                </button>
            </form>
            {failure}
            <p class="small">
                <a href="/">{t!("frame.shop")}</a>
            </p>
            <p class="small"><StudioLanguage/></p>
        </main>
    }
}

fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn kept_token() -> Option<String> {
    tab_storage()?.get_item(TOKEN_KEY).ok().flatten()
}

/// Where the browser keeps nothing for the tab, a reload asks again.
fn keep_token(token: Option<&str>) {
    let Some(storage) = tab_storage() else { return };
    let _ = match token {
        Some(token) => storage.set_item(TOKEN_KEY, token),
        None => storage.remove_item(TOKEN_KEY),
    };
}
