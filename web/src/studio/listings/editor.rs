//! One product: its present texts beside the draft, and what is published in their place.

use leptos::prelude::*;
use vitrine_domain::limits::TEXT_CHARS_MAX;
use vitrine_studio_api::{PoorListing, PresentTexts, WRITTEN_TITLE_CHARS_MAX, WrittenField};
use vitrine_words::studio::t;

use super::claims::{MarkedText, OpenClaims};
use super::facts::DraftWithSources;
use super::words::undrafted_words;
use super::writing::{Writing, WritingNotice};
use crate::studio::failure::{Asked, FailureNotice};

/// The editor of a listing.
#[component]
pub fn Editor(listing: PoorListing) -> impl IntoView {
    let writing = Writing::new(&listing);
    let item = listing.item;
    let draft = match listing.draft {
        Some(draft) => view! { <DraftWithSources item=item draft=draft/> }.into_any(),
        None => view! { <p>{undrafted_words(listing.no_draft)}</p> }.into_any(),
    };
    view! {
        <div class="listing-editor" data-testid="listing-editor">
            <section class="listing-side">
                <h3>{t!("listings.present")}</h3>
                {move || view! { <Present texts=writing.present.get()/> }}
            </section>
            <section class="listing-side">
                <h3>{t!("listings.draft")}</h3>
                {draft}
            </section>
            <form
                class="listing-form"
                on:submit=move |event: web_sys::SubmitEvent| {
                    event.prevent_default();
                    writing.publish();
                }
            >
                <h3>{t!("listings.write")}</h3>
                <Starts writing=writing/>
                <TitleField writing=writing/>
                <DescriptionField writing=writing/>
                <Claims writing=writing/>
                <Publish writing=writing/>
            </form>
        </div>
    }
}

#[component]
fn Present(texts: PresentTexts) -> impl IntoView {
    let shown = |text: String| match text.trim() {
        "" => view! { <span class="muted">{t!("listings.no_text")}</span> }.into_any(),
        _ => view! { <span>{text}</span> }.into_any(),
    };
    view! {
        <p class="listing-heading" data-testid="present-title">{shown(texts.title.text)}</p>
        <p class="listing-text" data-testid="present-description">
            {shown(texts.description.text)}
        </p>
    }
}

/// What the fields begin with.
#[component]
fn Starts(writing: Writing) -> impl IntoView {
    let take_draft = writing.draft.with_value(Option::is_some).then(|| {
        view! {
            <button
                type="button"
                class="link-button"
                data-testid="take-draft"
                on:click=move |_| writing.take_draft()
            >
                {t!("listings.take_draft")}
            </button>
        }
    });
    view! {
        <p class="listing-starts">
            {take_draft}
            <button
                type="button"
                class="link-button"
                data-testid="take-present"
                on:click=move |_| writing.take_present()
            >
                {t!("listings.take_present")}
            </button>
        </p>
    }
}

#[component]
fn TitleField(writing: Writing) -> impl IntoView {
    let id = format!("title-{}", writing.item.0);
    view! {
        <div>
            <label class="field-label" for=id.clone()>{t!("listings.title")}</label>
            <input
                id=id
                class="field"
                type="text"
                prop:value=move || writing.title.get()
                data-testid="edit-title"
                on:input=move |event| {
                    writing.title.set(event_target_value(&event));
                    writing.edited();
                }
            />
            <Length text=writing.title max=WRITTEN_TITLE_CHARS_MAX/>
            <Marked writing=writing field=WrittenField::Title/>
        </div>
    }
}

#[component]
fn DescriptionField(writing: Writing) -> impl IntoView {
    let id = format!("description-{}", writing.item.0);
    view! {
        <div>
            <label class="field-label" for=id.clone()>{t!("listings.description")}</label>
            <textarea
                id=id
                class="field listing-area"
                rows="8"
                prop:value=move || writing.description.get()
                data-testid="edit-description"
                on:input=move |event| {
                    writing.description.set(event_target_value(&event));
                    writing.edited();
                }
            ></textarea>
            <Length text=writing.description max=TEXT_CHARS_MAX/>
            <Marked writing=writing field=WrittenField::Description/>
        </div>
    }
}

#[component]
fn Length(text: RwSignal<String>, max: usize) -> impl IntoView {
    let n_chars = move || text.read().trim().chars().count();
    view! {
        <p class="muted small" class:wrong=move || { n_chars() > max }>
            {move || t!("listings.length", n = n_chars(), max = max)}
        </p>
    }
}

/// The checked text of a field with its open claims marked.
#[component]
fn Marked(writing: Writing, field: WrittenField) -> impl IntoView {
    move || {
        let checked = writing.checked.read();
        let checked = checked.answer()?;
        let text = match field {
            WrittenField::Title => checked.title.clone(),
            WrittenField::Description => checked.description.clone(),
        };
        let claims = checked.open.clone();
        Some(view! { <MarkedText text=text claims=claims field=field/> })
    }
}

/// How the check goes, and what it found.
#[component]
fn Claims(writing: Writing) -> impl IntoView {
    let state = move || match writing.checked.get() {
        Asked::Not => ().into_any(),
        Asked::Asking => {
            view! { <p class="muted small" role="status">{t!("listings.checking")}</p> }.into_any()
        }
        Asked::Failed(failure) => view! {
            <FailureNotice failure=failure/>
            <button type="button" class="button" on:click=move |_| writing.check()>
                {t!("listings.again")}
            </button>
        }
        .into_any(),
        Asked::Answered(checked) if checked.open.is_empty() => view! {
            <p class="small" role="status" data-testid="all-supported">
                {t!("listings.supported")}
            </p>
        }
        .into_any(),
        Asked::Answered(checked) => {
            view! { <OpenClaims claims=checked.open confirmed=writing.confirmed/> }.into_any()
        }
    };
    view! { <div data-testid="claims">{state}</div> }
}

/// The button, with the reason while it does nothing, and what came of it.
#[component]
fn Publish(writing: Writing) -> impl IntoView {
    let id = format!("publish-why-{}", writing.item.0);
    let label = move || match writing.busy.get() {
        true => t!("listings.publishing"),
        false => t!("listings.publish"),
    };
    let notice = move || {
        let (words, is_error) = match writing.notice.get()? {
            WritingNotice::Published => (t!("listings.published"), false),
            WritingNotice::TakenBack => (t!("listings.taken_back"), false),
            WritingNotice::Conflict => (t!("listings.conflict"), true),
        };
        Some(view! {
            <p class="notice" class:error=is_error role="status" data-testid="listing-notice">
                {words}
            </p>
        })
    };
    let take_back = move || {
        let edit = writing.published.get()?;
        Some(view! {
            <button
                type="button"
                class="button"
                disabled=writing.busy
                data-testid="take-back-here"
                on:click=move |_| writing.take_back(edit)
            >
                {t!("listings.take_back")}
            </button>
        })
    };
    view! {
        <div class="listing-publish">
            <button
                type="submit"
                class="button primary"
                disabled=move || writing.obstacle().is_some()
                aria-describedby=id.clone()
                data-testid="publish-listing"
            >
                {label}
            </button>
            {take_back}
            <p class="muted small" id=id data-testid="publish-why">
                {move || writing.obstacle().unwrap_or_default()}
            </p>
        </div>
        {notice}
        {move || writing.failure.get().map(|failure| view! { <FailureNotice failure=failure/> })}
    }
}
