//! From an empty page to a shop: open the session, draw, then sync.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::{BackendChoice, Session, SessionError, Settings};
use wasm_bindgen::JsCast;
use web_sys::UrlSearchParams;

use crate::{app::App, fatal, offline, router, state::Shop};

/// How often an open tab asks for the manifest, whatever the shopper does.
const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// Opens the shop and keeps it in step with the server.
pub async fn shop() {
    let session = match open().await {
        Ok(session) => session,
        Err(error) => {
            fatal::note("the session did not open", &error);
            return fatal::show();
        }
    };
    let Some(app) = document().get_element_by_id("app") else {
        return fatal::show();
    };
    app.set_inner_html("");
    let draw = move || {
        let shop = Shop::new(session, router::follow());
        spawn_local(keep_in_step(shop));
        view! { <App shop=shop /> }
    };
    mount_to(app.unchecked_into(), draw).forget();
}

/// Syncs now and from time to time. The shell is kept once the catalogue is
/// here, so that it does not compete with it.
async fn keep_in_step(shop: Shop) {
    shop.sync().await;
    // What could not be synced may still be ranked.
    shop.choose_backend().await;
    offline::keep_shell();
    set_interval(move || spawn_local(shop.sync()), SYNC_INTERVAL);
}

async fn open() -> Result<Session, SessionError> {
    let session = Session::open(vitrine_browser::adapters().await, Settings::default()).await?;
    if let Some(choice) = backend_of_address() {
        session.set_backend(choice).await;
    }
    Ok(session)
}

/// `?backend=gpu`, `cpu` or `auto` in the address overrides the setting.
fn backend_of_address() -> Option<BackendChoice> {
    let search = window().location().search().ok()?;
    match UrlSearchParams::new_with_str(&search).ok()?.get("backend")?.as_str() {
        "gpu" => Some(BackendChoice::Gpu),
        "cpu" => Some(BackendChoice::Cpu),
        "auto" => Some(BackendChoice::Auto),
        _ => None,
    }
}
