//! The tab: `sessionStorage` for what outlives a reload, a `BroadcastChannel`
//! between the tabs of the shop. Neither leaves the browser. A worker has no
//! `sessionStorage`: the page that started it keeps the texts and hears of each change.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;
use js_sys::Function;
use vitrine_session::{Change, Heard, Tab};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Document, MessageEvent, VisibilityState};

use crate::globals;
use crate::sealing_keys::SealingKeys;
use crate::tab_texts::{StoredTexts, TabTexts};

const CHANNEL: &str = "vitrine";
/// A tab that comes to the front may have slept while others told something.
const WAKE_EVENT: &str = "visibilitychange";

/// This tab, from a page or from a worker of it. Where the browser has no `BroadcastChannel`, other tabs are heard
/// of only when this one comes to the front; where it has no `sessionStorage`,
/// nothing outlives a reload.
pub struct BrowserTab {
    channel: Option<BroadcastChannel>,
    texts: Rc<TabTexts>,
    listener: RefCell<Option<Listener>>,
}

/// Closures that the browser calls, taken off when they are dropped.
struct Listener {
    channel: Option<BroadcastChannel>,
    document: Option<Document>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    on_wake: Closure<dyn FnMut()>,
}

impl BrowserTab {
    /// The tab whose page this script runs in, with the texts that it kept before a reload; they
    /// are sealed with `keys`.
    pub(crate) async fn open(keys: Rc<SealingKeys>) -> Self {
        let storage = globals::property("sessionStorage");
        let stored = storage.map_or(StoredTexts::Nowhere, StoredTexts::InStorage);
        let kept = stored.kept();
        Self::keeping(TabTexts::open(keys, stored, kept).await)
    }

    /// The tab whose page has started this worker. `kept` are the texts that the page has,
    /// sealed, by key; `tell` is called with a key and its new text, or with the key alone where
    /// it is forgotten. When the tab comes to the front, the page has to say so.
    pub(crate) async fn of_worker(
        keys: Rc<SealingKeys>,
        kept: BTreeMap<String, String>,
        tell: Function,
    ) -> Self {
        Self::keeping(TabTexts::open(keys, StoredTexts::WithPage(tell), kept).await)
    }

    fn keeping(texts: TabTexts) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        Self { channel, texts: Rc::new(texts), listener: RefCell::new(None) }
    }
}

#[async_trait(?Send)]
impl Tab for BrowserTab {
    fn tell(&self, change: Change) {
        if let Some(channel) = &self.channel {
            // A channel that is closed has nobody to tell.
            let _ = channel.post_message(&JsValue::from_str(name(change)));
        }
    }

    fn listen(&self, heard: Heard) {
        // The earlier one is taken off before the new one is put on.
        *self.listener.borrow_mut() = None;
        let woken = heard.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(change) = message.data().as_string().as_deref().and_then(change) {
                heard(change);
            }
        });
        // A worker has none.
        let document: Option<Document> = globals::property("document");
        let seen = document.clone();
        let on_wake = Closure::<dyn FnMut()>::new(move || {
            let state = seen.as_ref().map(Document::visibility_state);
            if state == Some(VisibilityState::Visible) {
                woken(Change::Log);
                woken(Change::Settings);
            }
        });
        if let Some(channel) = &self.channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        if let Some(document) = &document {
            // Fails for no event that a document has.
            let _ = document
                .add_event_listener_with_callback(WAKE_EVENT, on_wake.as_ref().unchecked_ref());
        }
        let channel = self.channel.clone();
        let listener = Listener { channel, document, _on_message: on_message, on_wake };
        *self.listener.borrow_mut() = Some(listener);
    }

    fn kept(&self, key: &str) -> Option<String> {
        self.texts.find(key)
    }

    fn keep(&self, key: &str, text: &str) -> bool {
        self.texts.keep(key, text)
    }

    async fn keep_stored(&self, key: &str, text: &str) -> bool {
        self.texts.keep_stored(key, text).await
    }

    fn forget(&self, key: &str) {
        self.texts.forget(key);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.set_onmessage(None);
        }
        if let Some(document) = &self.document {
            let _ = document.remove_event_listener_with_callback(
                WAKE_EVENT,
                self.on_wake.as_ref().unchecked_ref(),
            );
        }
    }
}

fn name(change: Change) -> &'static str {
    match change {
        Change::Log => "log",
        Change::Settings => "settings",
        Change::Deleted => "deleted",
    }
}

/// `None` for what another release of the shop, or another script, says.
fn change(name: &str) -> Option<Change> {
    let all = [Change::Log, Change::Settings, Change::Deleted];
    all.into_iter().find(|change| self::name(*change) == name)
}
