//! What happens to the page while a list is put in another order: the keyboard
//! stays where it is, and tiles glide to their new places.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FocusOptions, HtmlElement};

/// How long a tile takes to its new place.
const GLIDE_MS: f64 = 320.0;
/// What glides.
const GLIDERS: &str = "[data-testid=feed] > li";

/// Runs `change`, which reorders the feed. An element that had the focus gets
/// it back when it was only moved (a moved element loses the focus).
pub fn reorder(change: impl FnOnce()) {
    let focused = document().active_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    let before = if wants_motion() { places() } else { Vec::new() };
    change();
    request_animation_frame(move || {
        before.iter().for_each(glide);
        let Some(focused) = focused.filter(|element| element.is_connected()) else { return };
        if document().active_element().is_none_or(|now| now.tag_name() == "BODY") {
            focus(&focused);
        }
    });
}

/// An element and where it is on the screen, in pixels.
struct Place {
    element: Element,
    x: f64,
    y: f64,
}

fn wants_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: no-preference)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

fn places() -> Vec<Place> {
    let Ok(list) = document().query_selector_all(GLIDERS) else { return Vec::new() };
    let elements = (0..list.length()).filter_map(|i| list.item(i)?.dyn_into::<Element>().ok());
    elements
        .map(|element| {
            let bounds = element.get_bounding_client_rect();
            Place { element, x: bounds.x(), y: bounds.y() }
        })
        .collect()
}

/// Shows an element at its old place, then lets it move to where it is.
fn glide(from: &Place) {
    if !from.element.is_connected() {
        return;
    }
    let now = from.element.get_bounding_client_rect();
    let (dx, dy) = (from.x - now.x(), from.y - now.y());
    if dx == 0.0 && dy == 0.0 {
        return;
    }
    let frames = js_sys::Object::new();
    let transforms = [format!("translate({dx}px, {dy}px)"), "none".to_owned()];
    let transforms = transforms.iter().map(|t| JsValue::from_str(t)).collect::<js_sys::Array>();
    // A plain object takes any key.
    let _ = js_sys::Reflect::set(&frames, &"transform".into(), &transforms);
    let _ = js_sys::Reflect::set(&frames, &"easing".into(), &"cubic-bezier(.2,.8,.2,1)".into());
    // Still called unstable by web-sys, though browsers have had it for years.
    let animate = js_sys::Reflect::get(&from.element, &"animate".into());
    if let Some(animate) = animate.ok().and_then(|a| a.dyn_into::<js_sys::Function>().ok()) {
        let _ = animate.call2(&from.element, &frames, &JsValue::from_f64(GLIDE_MS));
    }
}

/// Moves the focus to the page's heading, so that a screen reader reads it.
pub fn focus_heading() {
    request_animation_frame(|| focus_first("main h1"));
}

/// Moves the focus to the element of a name; to the page's heading where there is none.
pub fn focus_id(id: &str) {
    match document().get_element_by_id(id).and_then(|element| element.dyn_into().ok()) {
        Some(element) => focus(&element),
        None => focus_first("main h1"),
    }
}

/// Moves the focus past the header.
pub fn focus_main() {
    focus_first("main");
}

fn focus_first(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        focus(&element);
    }
}

fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that refuses the focus leaves it where it was.
    let _ = element.focus_with_options(&options);
}
