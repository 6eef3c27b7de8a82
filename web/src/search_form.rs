//! The box to search in, on whichever page.

use leptos::{html, prelude::*};
use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::icons::{Icon, SEARCH};

/// A text field with a button. An empty search is none.
#[component]
pub fn SearchForm(
    id: &'static str,
    /// What is searched; the placeholder too.
    label: &'static str,
    testid: &'static str,
    /// What the field shows until somebody types.
    text: Signal<String>,
    search: Callback<String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = input.get().map(|input| input.value()).unwrap_or_default();
        if !text.trim().is_empty() {
            search.run(text.trim().to_owned());
        }
    };
    view! {
        <form class="search-form" role="search" aria-label=label action="/" on:submit=submit>
            <label class="visually-hidden" for=id>{label}</label>
            <input
                id=id
                type="search"
                node_ref=input
                placeholder=label
                autocomplete="off"
                enterkeyhint="search"
                maxlength=QUERY_CHARS_MAX.to_string()
                data-testid=testid
                prop:value=text
            />
            <button type="submit" aria-label="Search" data-testid=format!("{testid}-submit")>
                <Icon shapes=SEARCH/>
            </button>
        </form>
    }
}
