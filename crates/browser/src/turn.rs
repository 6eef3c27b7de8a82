//! The browser's turn between two pieces of long work.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Lets the browser do what waits: input, drawing, answers of the network.
///
/// By `scheduler.yield()`, which comes back before tasks that wait for less; where the
/// browser has none, by a timer.
pub async fn turn() {
    let waited = JsFuture::from(yielded().unwrap_or_else(timer)).await;
    // A page that is being left may refuse; the work goes on.
    drop(waited);
}

fn yielded() -> Option<Promise> {
    let scheduler = Reflect::get(&js_sys::global(), &"scheduler".into()).ok()?;
    let function: Function = Reflect::get(&scheduler, &"yield".into()).ok()?.dyn_into().ok()?;
    function.call0(&scheduler).ok()?.dyn_into().ok()
}

fn timer() -> Promise {
    Promise::new(&mut |resolve, _| {
        let global = js_sys::global();
        let set_timeout = Reflect::get(&global, &"setTimeout".into());
        let set_timeout = set_timeout.ok().and_then(|f| f.dyn_into::<Function>().ok());
        let started = set_timeout.map(|f| f.call1(&global, &resolve));
        if !matches!(started, Some(Ok(_))) {
            // Without timers nobody waits for anything.
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
        }
    })
}
