//! Registers the service worker that keeps the app shell for offline reloads.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::fatal;

/// Registers it. Without one (a private window, an insecure origin) the shop
/// works, but a reload needs the network.
pub fn keep_shell() {
    let navigator = window().navigator();
    let supported = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    if !supported {
        return;
    }
    let registered = navigator.service_worker().register("/sw.js");
    spawn_local(async move {
        if let Err(error) = JsFuture::from(registered).await {
            fatal::note("no offline reload", &error);
        }
    });
}
