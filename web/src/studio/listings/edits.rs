//! What was published in the Studio, and the way back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_studio_api::{ReplacedText, WrittenEdit, WrittenEdits};
use vitrine_words::studio::t;

use super::{ListingState, day_of};
use crate::studio::failure::{Asked, Failure, FailureNotice};
use crate::studio::state::Studio;

/// Characters of a text that stand for it where it is named.
const NAME_CHARS_MAX: usize = 60;

/// The list, asked for anew when something was published.
#[component]
pub fn EditList() -> impl IntoView {
    let studio = Studio::here();
    let state = expect_context::<ListingState>();
    let edits = RwSignal::new(Asked::<WrittenEdits>::Not);
    Effect::new(move |_| {
        state.changes.track();
        spawn_local(async move {
            let answer = studio.client().listing_edits().await;
            edits.try_set(Asked::of(answer));
        });
    });
    let shown = move || match edits.get() {
        Asked::Not | Asked::Asking => ().into_any(),
        Asked::Failed(failure) => view! { <FailureNotice failure=failure/> }.into_any(),
        Asked::Answered(edits) if edits.edits.is_empty() => {
            view! { <p class="muted">{t!("listings.no_edits")}</p> }.into_any()
        }
        Asked::Answered(edits) => {
            let rows = edits.edits.into_iter().map(|edit| view! { <Edit edit=edit/> });
            view! { <ul class="listings" data-testid="edits">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section aria-labelledby="listing-edits">
            <h2 id="listing-edits" class="report-heading">{t!("listings.edits")}</h2>
            {shown}
        </section>
    }
}

/// What stands for an edit: the title that its product has, or the beginning of its text.
fn name_of(studio: Studio, edit: &WrittenEdit) -> String {
    let card = studio.item(edit.item).map(|card| card.title);
    let text = [&edit.title, &edit.description].into_iter().flatten().next();
    let name = card.or_else(|| text.map(|text| text.after.clone())).unwrap_or_default();
    name.chars().take(NAME_CHARS_MAX).collect()
}

#[component]
fn Edit(edit: WrittenEdit) -> impl IntoView {
    let studio = Studio::here();
    let state = expect_context::<ListingState>();
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let (item, number) = (edit.item, edit.edit);
    let take_back = move |_| {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = studio.client().take_back_listing(item, number).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    studio.announcement.set(t!("listings.taken_back").to_owned());
                    state.changes.try_update(|changes| *changes += 1);
                }
                Err(error) => drop(failure.try_set(Some(error.into()))),
            }
        });
    };
    let (name, day) = (name_of(studio, &edit), day_of(edit.at_seconds));
    let label = t!("listings.take_back_of", title = name, day = day);
    let note = edit.takes_back.map(|_| t!("listings.edit_took_back"));
    let claims: Vec<&str> = edit.confirmed.iter().map(|claim| claim.text.as_str()).collect();
    let by_person =
        (!claims.is_empty()).then(|| t!("listings.by_person", claims = claims.join(" · ")));
    let texts = [edit.title, edit.description].into_iter().flatten();
    view! {
        <li class="listing" data-testid="edit" data-edit=number.to_string()>
            <p><strong>{name}</strong> " · " {day} {note.map(|note| format!(" · {note}"))}</p>
            {texts.map(|text| view! { <Replaced text=text/> }).collect_view()}
            {by_person.map(|words| view! { <p class="small">{words}</p> })}
            {if edit.stands {
                view! {
                    <button
                        type="button"
                        class="button"
                        aria-label=label
                        disabled=busy
                        data-testid="take-back"
                        on:click=take_back
                    >
                        {t!("listings.take_back")}
                    </button>
                }
                .into_any()
            } else {
                view! { <p class="muted small">{t!("listings.gone")}</p> }.into_any()
            }}
            {move || failure.get().map(|failure| view! { <FailureNotice failure=failure/> })}
        </li>
    }
}

/// A text and what it took the place of.
#[component]
fn Replaced(text: ReplacedText) -> impl IntoView {
    let shown = |text: String| match text.is_empty() {
        true => t!("listings.no_text").to_owned(),
        false => text,
    };
    view! {
        <dl class="replaced">
            <dt>{t!("listings.before")}</dt>
            <dd class="listing-text">{shown(text.before)}</dd>
            <dt>{t!("listings.after")}</dt>
            <dd class="listing-text">{shown(text.after)}</dd>
        </dl>
    }
}
