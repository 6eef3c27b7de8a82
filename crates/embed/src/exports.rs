//! What the worker's script calls.

use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Function;
use serde::{Deserialize, Serialize};
use vitrine_browser::{format, photo_urls, worker_adapters};
use vitrine_session::{Change, Progress, Session, SessionError, Settings, Status, Versions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::{Engine, EngineError, Platform};

/// How a page starts the engine.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartOptions {
    /// Origin of the server.
    server: String,
    /// Whether the shopper has to be asked before anything is recorded.
    asks_consent: bool,
    /// Key of the price list that is preset.
    #[serde(default)]
    price_list: Option<String>,
    /// Tag of the language of what the engine says, such as reasons.
    #[serde(default)]
    language: Option<String>,
    /// Tags that the browser prefers.
    #[serde(default)]
    locales: Vec<String>,
    /// Texts that earlier pages of this tab have kept.
    kept: BTreeMap<String, String>,
}

/// An error as the page gets it.
#[derive(Serialize)]
struct Failure {
    code: &'static str,
    message: String,
}

/// What a page has to draw anew when it changes.
#[derive(PartialEq)]
struct Shown {
    pinned: Option<Versions>,
    revision: u64,
    n_items_synced: u32,
    is_complete: bool,
    model_ready: bool,
}

impl Shown {
    fn of(status: &Status) -> Self {
        Self {
            pinned: status.pinned,
            revision: status.revision,
            n_items_synced: status.n_items_synced,
            is_complete: status.is_complete,
            model_ready: status.model_ready,
        }
    }
}

/// The engine in a worker. Made of the adapters of a browser.
#[wasm_bindgen]
pub struct WorkerEngine {
    engine: Engine,
    session: Session,
    changed: Function,
}

#[wasm_bindgen]
impl WorkerEngine {
    /// Opens the session on what the device has; sends nothing. `keep` is called with a key
    /// and a text that the page keeps as long as the tab, or with the key alone to forget it;
    /// `changed` when another tab has changed what is on the device.
    ///
    /// # Errors
    /// The options are not those of this release.
    pub async fn open(
        options: String,
        keep: Function,
        changed: Function,
    ) -> Result<WorkerEngine, JsValue> {
        console_error_panic_hook::set_once();
        let options: StartOptions =
            serde_json::from_str(&options).map_err(|error| failure(&EngineError::Call(error)))?;
        // In which language the page speaks is its own choice, and not kept.
        vitrine_words::set_current(vitrine_words::preferred(options.language.as_deref()));
        vitrine_words::set_regional(options.language.into_iter().chain(options.locales).collect());
        let adapters = worker_adapters(&options.server, options.kept, keep).await;
        let clock = Rc::clone(&adapters.clock);
        let opened = Session::open(adapters, Settings::default()).await;
        let session = opened.map_err(|error| failure(&error.into()))?;
        if options.asks_consent {
            session.require_consent();
        }
        session.preset_price_list(options.price_list.as_deref());
        let platform = Platform { price: format::price, day: format::day, photo: photo_urls::url };
        let engine = Engine::new(session.clone(), clock, platform);
        let worker = Self { engine, session, changed };
        let (session, changed) = (worker.session.clone(), worker.changed.clone());
        let heard = move |change| catch_up(session.clone(), changed.clone(), change);
        worker.session.listen(Rc::new(heard));
        Ok(worker)
    }

    /// Whether a feed can be made of what the device has.
    #[wasm_bindgen(js_name = hasCatalogue)]
    pub fn has_catalogue(&self) -> bool {
        self.session.status().pinned.is_some()
    }

    /// Asks for the manifest and fetches what the first feed lacks; whether what is shown
    /// changes.
    ///
    /// # Errors
    /// The server does not answer, or with what cannot be used. What the device has stays.
    #[wasm_bindgen(js_name = syncHead)]
    pub async fn sync_head(&self) -> Result<bool, JsValue> {
        let before = Shown::of(&self.session.status());
        self.done(before, self.session.sync_head().await)
    }

    /// Fetches the rest of what the manifest lists; whether what is shown changes.
    ///
    /// # Errors
    /// As of `syncHead`.
    #[wasm_bindgen(js_name = syncRest)]
    pub async fn sync_rest(&self) -> Result<bool, JsValue> {
        let before = Shown::of(&self.session.status());
        self.done(before, self.session.sync_rest(|_| {}).await)
    }

    /// Answers a call; both are JSON.
    ///
    /// # Errors
    /// What is asked for cannot be had: JSON with `code` and `message`.
    pub async fn call(&self, call: String) -> Result<String, JsValue> {
        let call =
            serde_json::from_str(&call).map_err(|error| failure(&EngineError::Call(error)))?;
        let answer = self.engine.answer(call).await.map_err(|error| failure(&error))?;
        serde_json::to_string(&answer).map_err(|error| failure(&SessionError::from(error).into()))
    }

    /// The tab has come to the front: other tabs may have told something meanwhile.
    pub fn wake(&self) {
        for change in [Change::Log, Change::Settings] {
            catch_up(self.session.clone(), self.changed.clone(), change);
        }
    }

    fn done(&self, before: Shown, synced: Result<Progress, SessionError>) -> Result<bool, JsValue> {
        synced.map_err(|error| failure(&error.into()))?;
        Ok(before != Shown::of(&self.session.status()))
    }
}

/// Reads what another tab has changed, and says so when anything is new.
fn catch_up(session: Session, changed: Function, change: Change) {
    spawn_local(async move {
        if session.catch_up(change).await {
            // The worker's own function, which does not throw.
            let _ = changed.call0(&JsValue::UNDEFINED);
        }
    });
}

fn failure(error: &EngineError) -> JsValue {
    let failure = Failure { code: error.code(), message: error.to_string() };
    JsValue::from_str(&serde_json::to_string(&failure).unwrap_or_default())
}
