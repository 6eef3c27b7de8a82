//! The way in: nothing of the Studio is drawn before the server takes the token.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_browser::studio::StudioClient;
use vitrine_session::Session;
use vitrine_studio_api::StudioReport;
use vitrine_words::studio::t;

use super::failure::{Asked, Failure, FailureNotice};
use super::frame::Frame;
use super::language::StudioLanguage;
use super::route::View;
use super::state::Studio;
use crate::icons::Mark;

/// Where the tab keeps the token until it is closed.
const TOKEN_KEY: &str = "vitrine-studio-token";

/// What opens the Studio.
type Entry = (StudioClient, StudioReport);

/// What opens the Studio, and what was opened: it stays when the page is drawn anew.
#[derive(Clone, Copy)]
pub(crate) struct StudioEntry {
    session: StoredValue<Session, LocalStorage>,
    view: ReadSignal<View>,
    entry: RwSignal<Asked<Entry>>,
    studio: StoredValue<Option<Studio>>,
    /// What the Studio has asked for may be answered after it was locked, so its state belongs
    /// to the page and not to the part that is drawn.
    page: StoredValue<Option<Owner>>,
}

impl StudioEntry {
    /// With a session without a shopper.
    pub fn new(session: Session, view: ReadSignal<View>) -> Self {
        let entry = RwSignal::new(Asked::<Entry>::default());
        if let Some(token) = kept_token() {
            enter(entry, token);
        }
        Self {
            session: StoredValue::new_local(session),
            view,
            entry,
            studio: StoredValue::new(None),
            page: StoredValue::new(Owner::current()),
        }
    }

    /// The Studio of the token that the server took.
    fn open(self) -> Option<Studio> {
        if let Some(studio) = self.studio.get_value() {
            return Some(studio);
        }
        let (client, report) = self.entry.get_untracked().answer().cloned()?;
        let new = || Studio::new(self.session.get_value(), client, report, self.view);
        let studio = match self.page.get_value() {
            Some(page) => page.with(new),
            None => new(),
        };
        self.studio.set_value(Some(studio));
        Some(studio)
    }
}

/// The gate, then the Studio.
#[component]
pub fn StudioPage(entry: StudioEntry) -> impl IntoView {
    document().set_title(t!("frame.studio"));
    let asked = entry.entry;
    let lock = Callback::new(move |()| {
        keep_token(None);
        entry.studio.set_value(None);
        asked.set(Asked::Not);
    });
    let is_open = Memo::new(move |_| asked.read().answer().is_some());
    let open = move || entry.open().map(|studio| view! { <Frame studio=studio lock=lock/> });
    view! {
        <Show when=move || is_open.get() fallback=move || view! { <Gate entry=asked/> }>
            {open()}
        </Show>
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
