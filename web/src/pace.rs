//! What comes after what the shopper waits for: an answer is drawn first, and tiles that are
//! further down are drawn a few at a time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Tiles that are drawn with the page that they are on: those of a phone's first screen.
const TILES_AT_ONCE: u32 = 6;
/// Tiles that are drawn between two turns of the browser.
const TILES_A_TURN: usize = 3;
/// A page that nobody looks at draws nothing, and is not waited for any longer than this.
const DRAWN_MAX: Duration = Duration::from_millis(100);

thread_local! {
    static WAITING: RefCell<VecDeque<RwSignal<bool>>> = const { RefCell::new(VecDeque::new()) };
    /// Tiles that were drawn at once since the browser had its last turn.
    static N_AT_ONCE: Cell<u32> = const { Cell::new(0) };
    static IS_DRAWING: Cell<bool> = const { Cell::new(false) };
}

/// Waits until the browser has drawn what was changed.
pub async fn drawn() {
    let promise = Promise::new(&mut |resolve, _| {
        let by_timer = resolve.clone();
        // Whichever comes second changes nothing.
        request_animation_frame(move || drop(resolve.call0(&JsValue::UNDEFINED)));
        set_timeout(move || drop(by_timer.call0(&JsValue::UNDEFINED)), DRAWN_MAX);
    });
    // It is never refused.
    drop(JsFuture::from(promise).await);
    vitrine_browser::turn().await;
}

/// Whether a tile is to be drawn yet; it changes once, when it is the tile's turn.
pub fn tile_turn() -> Signal<bool> {
    let n_at_once = N_AT_ONCE.get();
    let is_now = n_at_once < TILES_AT_ONCE;
    let turn = RwSignal::new(is_now);
    match is_now {
        true => N_AT_ONCE.set(n_at_once + 1),
        false => WAITING.with_borrow_mut(|waiting| waiting.push_back(turn)),
    }
    if !IS_DRAWING.replace(true) {
        spawn_local(draw_waiting());
    }
    turn.into()
}

/// Waits until no tile has to wait for its turn.
pub async fn all_drawn() {
    while IS_DRAWING.get() {
        drawn().await;
    }
}

async fn draw_waiting() {
    drawn().await;
    N_AT_ONCE.set(0);
    loop {
        let next: Vec<_> = WAITING.with_borrow_mut(|waiting| {
            let n = waiting.len().min(TILES_A_TURN);
            waiting.drain(..n).collect()
        });
        if next.is_empty() {
            break;
        }
        for turn in next {
            // A tile whose page was left has none.
            turn.try_set(true);
        }
        vitrine_browser::turn().await;
    }
    IS_DRAWING.set(false);
}
