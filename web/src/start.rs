//! From an empty page to the shop, or to the Studio: open the session, draw, then sync.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::{Adapters, BackendChoice, Session, Settings};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, UrlSearchParams};

use crate::{
    app::App,
    checkout, consent, fatal, front, language, offline, price_list,
    router::{self, Route},
    state::Shop,
    studio::{StudioEntry, StudioPage, View, begin_language},
    tile::now_ms,
};

/// How often a tab that is seen asks for the manifest, whatever the shopper does there.
const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// Opens the shop.
pub fn shop() {
    start(async {
        language::follow_browser();
        // What is said where the session does not open.
        language::take_up_in_shop(&Settings::default());
        let Some(session) = open(vitrine_browser::adapters().await).await else { return };
        language::take_up_in_shop(&session.status().settings);
        consent::require(&session);
        let syncing = session.clone();
        wasm_bindgen_futures::spawn_local(async move { drop(syncing.sync_head().await) });
        // It is on its way while the page is drawn.
        vitrine_browser::turn().await;
        let typed = front::take_over();
        let question = front::take_question(&session);
        let open = move || {
            let shop = Shop::new(session, router::follow(Route::parse));
            front::follow(shop);
            if let Some(question) = question {
                shop.conversation.say(shop, question);
            }
            consent::follow(shop);
            checkout::follow(shop);
            spawn_local(keep_in_step(shop));
            shop
        };
        draw(open, |shop| view! { <App shop=shop /> });
        if let Some(typed) = typed {
            // The search box shows the words of the address first.
            request_animation_frame(move || typed.restore());
        }
    });
}

/// Opens the Studio. Its session keeps nothing: the shopper of this browser is none of
/// its business.
pub fn studio() {
    start(async {
        language::follow_browser();
        begin_language();
        let adapters = vitrine_browser::adapters_in_memory("the Studio keeps nothing");
        let Some(session) = open(adapters).await else { return };
        let open = move || StudioEntry::new(session, router::follow(View::parse));
        draw(open, |entry| view! { <StudioPage entry=entry/> });
    });
}

/// Runs what draws the page.
fn start(page: impl Future<Output = ()> + 'static) {
    fatal::install_hook();
    // The framework's own executor starts only when something is mounted.
    wasm_bindgen_futures::spawn_local(page);
}

/// Draws what is opened once, and draws it anew whenever the language changes: texts are read as
/// they are drawn.
fn draw<S: Copy + 'static, V: IntoView + 'static>(
    open: impl FnOnce() -> S + 'static,
    page: fn(S) -> V,
) {
    let Some(app) = document().get_element_by_id("app") else {
        return fatal::show();
    };
    app.set_inner_html("");
    let app: HtmlElement = app.unchecked_into();
    let opened = Rc::new(Cell::new(None));
    let slot = Rc::clone(&opened);
    // What is opened lives as long as the page does, and has signals of its own.
    mount_to(app.clone(), move || slot.set(Some(open()))).forget();
    let Some(state) = opened.get() else { return };
    let drawn = Cell::new(None);
    language::draw_by(Box::new(move || {
        drop(drawn.take());
        drawn.set(Some(mount_to(app.clone(), move || page(state))));
    }));
    language::draw_anew();
}

/// Goes on from the head, and syncs from time to time. The shell is kept once the catalogue is
/// here, so that it does not compete with it.
async fn keep_in_step(shop: Shop) {
    let asked_ms = StoredValue::new(now_ms());
    shop.sync_rest(shop.session().has_synced().await).await;
    // What could not be synced may still be ranked.
    shop.choose_backend().await;
    offline::keep_shell();
    let sync = move || {
        asked_ms.set_value(now_ms());
        spawn_local(shop.sync());
    };
    // A page that nobody looks at asks nothing; once somebody does, it asks if it is time.
    let is_seen = || !document().hidden();
    let is_due = move || now_ms() - asked_ms.get_value() >= SYNC_INTERVAL.as_millis() as i64;
    set_interval(
        move || {
            if is_seen() {
                sync()
            }
        },
        SYNC_INTERVAL,
    );
    // They live as long as the page does.
    drop(window_event_listener_untyped("visibilitychange", move |_| {
        if is_seen() && is_due() {
            sync();
        }
    }));
    drop(window_event_listener_untyped("online", move |_| sync()));
}

/// The session of a page; the message that it broke when there is none.
async fn open(adapters: Adapters) -> Option<Session> {
    match Session::open(adapters, Settings::default()).await {
        Ok(session) => {
            session.preset_price_list(price_list::preset().as_deref());
            if let Some(choice) = backend_of_address() {
                session.set_backend(choice).await;
            }
            Some(session)
        }
        Err(error) => {
            fatal::note("the session did not open", &error);
            fatal::show();
            None
        }
    }
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
