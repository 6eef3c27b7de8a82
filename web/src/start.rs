//! From an empty page to a shop, or to the Studio: open the session, draw, then sync.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::{Adapters, BackendChoice, Session, SessionError, Settings};
use wasm_bindgen::JsCast;
use web_sys::UrlSearchParams;

use crate::{
    app::App,
    fatal, offline, price_list,
    router::{self, Route},
    state::Shop,
    studio::{StudioPage, View},
};

/// Where the Studio is; everything else is the shop.
const STUDIO_PATH: &str = "/studio";

/// How often an open tab asks for the manifest, whatever the shopper does.
const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// Opens what the address names.
pub async fn page() {
    let studio = window().location().pathname().is_ok_and(|path| path == STUDIO_PATH);
    let adapters = if studio {
        vitrine_browser::adapters_in_memory("the Studio keeps nothing")
    } else {
        vitrine_browser::adapters().await
    };
    let session = match open(adapters).await {
        Ok(session) => session,
        Err(error) => {
            fatal::note("the session did not open", &error);
            return fatal::show();
        }
    };
    if studio {
        draw(move || view! { <StudioPage session=session view=router::follow(View::parse)/> });
    } else {
        draw(move || {
            let shop = Shop::new(session, router::follow(Route::parse));
            spawn_local(keep_in_step(shop));
            view! { <App shop=shop /> }
        });
    }
}

fn draw<V: IntoView + 'static>(page: impl FnOnce() -> V + 'static) {
    let Some(app) = document().get_element_by_id("app") else {
        return fatal::show();
    };
    app.set_inner_html("");
    mount_to(app.unchecked_into(), page).forget();
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

async fn open(adapters: Adapters) -> Result<Session, SessionError> {
    let session = Session::open(adapters, Settings::default()).await?;
    session.preset_price_list(price_list::preset().as_deref());
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
