//! *Your profile*: what the device has learned, in words, each line with a way to take it back.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_session::{ProfileLine, ProfilePart};

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
            let label = format!("Forget {}", part.name);
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
            <h2 id="profile">"Your profile"</h2>
            <Show
                when=move || !lines.read().is_empty()
                fallback=|| {
                    view! {
                        <p class="muted">
                            "Nothing yet: what you buy here has to say the same thing a few times before this browser takes it for a habit."
                        </p>
                    }
                }
            >
                <p class="muted">
                    "What this browser has learned from your log. It is worked out here, and nobody else has it."
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
    let title = move || asked.get().map(|part| format!("Forget {}?", part.name));
    let words = move || {
        asked.get().map(|part| {
            let n = format::counted(part.n_events, "entry", "entries");
            format!("{n} of your log will be deleted, for good: there is no copy anywhere else.")
        })
    };
    let forget = move |_| {
        let Some(part) = asked.get_untracked() else { return };
        asked.set(None);
        spawn_local(async move {
            let done = shop.session().forget_about(&part.subject).await;
            if done.is_ok() {
                shop.announcement.set(format!("{} is forgotten.", part.name));
            }
            failure.set(done.err().map(|error| error.to_string()));
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
                    "Keep it"
                </button>
                <button
                    type="button"
                    class="button danger"
                    data-testid="forget-confirm"
                    on:click=forget
                >
                    "Forget"
                </button>
            </div>
        </dialog>
    }
}
