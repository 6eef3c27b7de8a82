//! The language of the Studio: a choice of this browser's, beside what the Shop's shopper chose.

use leptos::prelude::*;
use vitrine_words::studio::t;

use crate::language::{LanguageChoice, draw_anew, put_texts, take_up, wanted};

/// Where the browser keeps the choice.
const KEY: &str = "vitrine-studio-language";

/// Takes the language up, before anything is drawn.
pub fn begin() {
    take_up(wanted(kept().as_deref()));
    put_texts(&[
        ("#fatal h1", t!("fatal.heading")),
        ("#fatal p", t!("fatal.words")),
        ("#fatal-reload", t!("fatal.reload")),
    ]);
}

/// The choice.
#[component]
pub fn StudioLanguage() -> impl IntoView {
    let choose = Callback::new(move |tag: Option<&'static str>| {
        keep(tag);
        begin();
        // The element whose event this is goes with the page.
        request_animation_frame(draw_anew);
    });
    view! { <LanguageChoice follow=t!("frame.follow") chosen=kept() choose=choose/> }
}

fn kept() -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(KEY).ok().flatten()
}

/// Where the browser keeps nothing, the choice lasts as long as the page.
fn keep(tag: Option<&str>) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let _ = match tag {
        Some(tag) => storage.set_item(KEY, tag),
        None => storage.remove_item(KEY),
    };
}
