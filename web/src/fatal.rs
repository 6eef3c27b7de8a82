//! When the page itself breaks: say so in words, log what happened, and leave the
//! header and the address as they are.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Document, Element};

thread_local! {
    /// Loads the page again. Made while all is well: nothing is to be made after
    /// a panic.
    static RELOAD: Closure<dyn FnMut()> = Closure::new(reload);
    static IS_SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// Shows the message of the index page in place of the page's own at a panic.
pub fn install_hook() {
    RELOAD.with(|_| ());
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show();
    }));
}

/// Shows the message in place of the page, below the header. Its button loads
/// the page again at the address where it broke, the header's links at theirs.
/// Uses nothing of the framework, which may be what broke.
pub fn show() {
    if IS_SHOWN.replace(true) {
        return;
    }
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    // There is nobody left to tell about a failure here.
    if let Some(message) = document.get_element_by_id("fatal") {
        let _ = message.remove_attribute("hidden");
    }
    // Hidden alone, an open dialog would go on taking every click.
    each(&document, "dialog", &Element::remove);
    each(&document, "#app > :not(header)", &|part| drop(part.set_attribute("hidden", "")));
    RELOAD.with(|reload| {
        let reload = reload.as_ref().unchecked_ref();
        window.set_onhashchange(Some(reload));
        if let Some(button) = document.get_element_by_id("fatal-reload") {
            let _ = button.add_event_listener_with_callback("click", reload);
        }
    });
}

fn each(document: &Document, selector: &str, change: &dyn Fn(&Element)) {
    let Ok(parts) = document.query_selector_all(selector) else { return };
    let parts = (0..parts.length()).filter_map(|n| parts.item(n)?.dyn_into().ok());
    parts.for_each(|part: Element| change(&part));
}

fn reload() {
    let _ = web_sys::window().map(|window| window.location().reload());
}

/// Logs a failure that the page survives.
pub fn note(what: &str, error: &dyn std::fmt::Debug) {
    leptos::logging::error!("{what}: {error:?}");
}
