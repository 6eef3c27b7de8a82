//! *Your profile*: what the device has learned, in words, each line with a way to take it back.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_session::{ProfileLine, ProfilePart};
use vitrine_words::shop::{n, t};

use crate::{format, state::Shop};

/// The lines; says so when there are none yet.
#[component]
pub fn Profile() -> impl IntoView {
    let shop = Shop::here();
    let lines = Memo::new(move |_| {
        shop.revision.track();
        shop.session().profile()
    });
    let asked = RwSignal::new(None::<ProfilePart>);
    let failure = RwSignal::new(None::<String>);
    let row = move |line: ProfileLine| {
        let words = line.words(|minor| format::price(minor.into(), &shop.currency_standard()));
        let forget = move |part: ProfilePart| {
            let label = t!("profile.forget_of", name = part.name);
            view! {
                <button
                    type="button"
                    class="link-button"
                    data-testid="profile-forget"
                    on:click=move |_| asked.set(Some(part.clone()))
                >
                    {label}
                </button>
            }
        };
        view! {
            <li data-testid="profile-line">
                <span>{words}</span>
                {line.parts.into_iter().map(forget).collect_view()}
            </li>
        }
    };
    view! {
        <section class="card whole" aria-labelledby="profile" data-testid="profile">
            <h2 id="profile">{t!("profile.heading")}</h2>
            <Show
                when=move || !lines.read().is_empty()
                fallback=|| {
                    view! {
                        <p class="muted">
                            {t!("profile.nothing")}
                        </p>
                    }
                }
            >
                <p class="muted">
                    {t!("profile.words")}
                </p>
                <ul class="unwanted">{move || lines.get().into_iter().map(row).collect_view()}</ul>
            </Show>
            <p class="notice error" role="alert" hidden=move || failure.read().is_none()>
                {move || failure.get()}
            </p>
            <ConfirmForget asked=asked failure=failure/>
        </section>
    }
}

#[component]
fn ConfirmForget(
    asked: RwSignal<Option<ProfilePart>>,
    failure: RwSignal<Option<String>>,
) -> impl IntoView {
    let shop = Shop::here();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (asked.read().is_some(), dialog.open()) {
            // Fails only when it is already open.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let title = move || asked.get().map(|part| t!("profile.forget_ask", name = part.name));
    let words = move || asked.get().map(|part| n!("profile.entries", part.n_events));
    let forget = move |_| {
        let Some(part) = asked.get_untracked() else { return };
        asked.set(None);
        spawn_local(async move {
            let done = shop.session().forget_about(&part.subject).await;
            if done.is_ok() {
                shop.announcement.set(t!("profile.forgotten", name = part.name));
            }
            failure.set(done.err().map(|error| error.words()));
            shop.changed();
        });
    };
    view! {
        <dialog
            node_ref=dialog
            aria-labelledby="forget-title"
            data-testid="forget-dialog"
            on:close=move |_| asked.set(None)
        >
            <h2 id="forget-title">{title}</h2>
            <p>{words}</p>
            <div class="actions">
                <button type="button" class="button" on:click=move |_| asked.set(None)>
                    {t!("privacy.keep")}
                </button>
                <button
                    type="button"
                    class="button danger"
                    data-testid="forget-confirm"
                    on:click=forget
                >
                    {t!("profile.forget")}
                </button>
            </div>
        </dialog>
    }
}
