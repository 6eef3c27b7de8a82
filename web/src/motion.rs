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
///
/// Only tiles that are on the screen glide: what nobody sees takes no time, however long the
/// feed is.
pub fn reorder(change: impl FnOnce()) {
    let focused = document().active_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    let before = if wants_motion() { places() } else { Vec::new() };
    change();
    request_animation_frame(move || {
        // All places are read before anything moves: each read after a move would lay the
        // whole page out again.
        let moves: Vec<Move> = before.into_iter().filter_map(Move::of).collect();
        moves.iter().for_each(Move::glide);
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

/// The tiles on the screen. The list is read from top to bottom, and found by halving where
/// the screen begins: a long feed costs as much as a short one.
fn places() -> Vec<Place> {
    let Ok(list) = document().query_selector_all(GLIDERS) else { return Vec::new() };
    let element = |i: u32| list.item(i)?.dyn_into::<Element>().ok();
    let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
    let is_above = |i: u32| element(i).is_some_and(|e| e.get_bounding_client_rect().bottom() < 0.0);
    let (mut first, mut end) = (0, list.length());
    while first < end {
        let middle = first + (end - first) / 2;
        if is_above(middle) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    let place = |i: u32| {
        let element = element(i)?;
        let bounds = element.get_bounding_client_rect();
        (bounds.top() < height).then(|| Place { x: bounds.x(), y: bounds.y(), element })
    };
    (first..list.length()).map_while(place).collect()
}

/// An element that is elsewhere now.
struct Move {
    element: Element,
    dx: f64,
    dy: f64,
}

impl Move {
    /// From where an element was; `None` when it is gone or has stayed.
    fn of(from: Place) -> Option<Self> {
        let Place { element, x, y } = from;
        let now = element.is_connected().then(|| element.get_bounding_client_rect())?;
        let (dx, dy) = (x - now.x(), y - now.y());
        (dx != 0.0 || dy != 0.0).then_some(Self { element, dx, dy })
    }

    /// Shows the element at its old place, then lets it move to where it is.
    fn glide(&self) {
        let Self { element, dx, dy } = self;
        let frames = js_sys::Object::new();
        let transforms = [format!("translate({dx}px, {dy}px)"), "none".to_owned()];
        let transforms = transforms.iter().map(|t| JsValue::from_str(t)).collect::<js_sys::Array>();
        // A plain object takes any key.
        let _ = js_sys::Reflect::set(&frames, &"transform".into(), &transforms);
        let _ = js_sys::Reflect::set(&frames, &"easing".into(), &"cubic-bezier(.2,.8,.2,1)".into());
        // Still called unstable by web-sys, though browsers have had it for years.
        let animate = js_sys::Reflect::get(element, &"animate".into());
        if let Some(animate) = animate.ok().and_then(|a| a.dyn_into::<js_sys::Function>().ok()) {
            let _ = animate.call2(element, &frames, &JsValue::from_f64(GLIDE_MS));
        }
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
