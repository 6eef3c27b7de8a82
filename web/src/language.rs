//! In which language the page speaks: as the shopper has chosen, else as the browser prefers.
//! All texts are in the program, so no request tells which.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::Settings;
use vitrine_words::shop::t;
use vitrine_words::{InterfaceLanguage, LANGUAGES};

use crate::{format::language_words, front, motion, state::Shop};

/// Name of the element that takes the focus when the page was drawn anew.
const ELEMENT: &str = "language";

/// Reads what the browser prefers, once.
pub fn follow_browser() {
    vitrine_words::set_regional(tags_of_browser());
}

fn tags_of_browser() -> Vec<String> {
    let tags = window().navigator().languages();
    tags.iter().filter_map(|tag| tag.as_string()).collect()
}

/// The language of a choice; without one what the browser prefers of those that there are.
pub fn wanted(choice: Option<&str>) -> InterfaceLanguage {
    let of_browser = || {
        let tags = tags_of_browser();
        vitrine_words::preferred(tags.iter().map(String::as_str))
    };
    choice.and_then(vitrine_words::of_tag).unwrap_or_else(of_browser)
}

/// Takes a language into use for what is drawn from now on; whether it was another.
pub fn take_up(language: InterfaceLanguage) -> bool {
    if let Some(root) = document().document_element() {
        // What cannot be set is read as English, as the page says.
        let _ = root.set_attribute("lang", language.tag);
    }
    let is_other = vitrine_words::current() != language;
    vitrine_words::set_current(language);
    is_other
}

/// Takes up the language of the settings in the Shop, with its message of a broken page, which has to be
/// there before the page breaks. Whether it is another than before.
pub fn take_up_in_shop(settings: &Settings) -> bool {
    let is_other = take_up(wanted(settings.language.as_deref()));
    let texts = [
        ("#fatal h1", t!("fatal.heading")),
        ("#fatal p", t!("fatal.words")),
        ("#fatal-reload", t!("fatal.reload")),
    ];
    put_texts(&texts);
    is_other
}

thread_local! {
    static DRAW: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Says how the page is drawn from the start.
pub fn draw_by(draw: Box<dyn Fn()>) {
    DRAW.set(Some(draw));
}

/// Draws the page from the start.
pub fn draw_anew() {
    DRAW.with_borrow(|draw| {
        if let Some(draw) = draw {
            draw();
        }
    });
}

/// Puts texts into what the page itself has.
pub fn put_texts(texts: &[(&str, &str)]) {
    for (selector, text) in texts {
        if let Some(element) = document().query_selector(selector).ok().flatten() {
            element.set_text_content(Some(text));
        }
    }
}

/// The choice of the Shop.
#[component]
pub fn LanguageSelect() -> impl IntoView {
    let shop = Shop::here();
    let choose = Callback::new(move |tag: Option<&'static str>| {
        spawn_local(async move {
            shop.session().set_language(tag).await;
            // What the server drew is in the shop's own language.
            front::forget_tiles();
            shop.changed();
            request_animation_frame(|| motion::focus_id(ELEMENT));
        });
    });
    let chosen = shop.status.with_untracked(|status| status.settings.language.clone());
    view! {
        <LanguageChoice follow=t!("language.follow") chosen=chosen choose=choose/>
    }
}

/// A select with all languages, each by its own name, and what the browser prefers.
#[component]
pub fn LanguageChoice(
    /// What following the browser is called.
    follow: &'static str,
    /// Tag of the choice; `None` where there is none.
    chosen: Option<String>,
    choose: Callback<Option<&'static str>>,
) -> impl IntoView {
    let chosen = chosen.as_deref().and_then(vitrine_words::of_tag);
    let picked = move |event: web_sys::Event| {
        let tag = event_target_value(&event);
        let language = LANGUAGES.iter().find(|language| language.tag == tag);
        choose.run(language.map(|language| language.tag));
    };
    let option = move |language: InterfaceLanguage| {
        view! {
            <option value=language.tag lang=language.tag selected=chosen == Some(language)>
                {language.name}
            </option>
        }
    };
    view! {
        <label>
            {language_words()} " "
            <select id=ELEMENT data-testid="language" on:change=picked>
                <option value="" selected=chosen.is_none()>{follow}</option>
                {LANGUAGES.iter().copied().map(option).collect_view()}
            </select>
        </label>
    }
}
