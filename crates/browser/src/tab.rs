//! The tab: `sessionStorage` for what outlives a reload, a `BroadcastChannel`
//! between the tabs of the shop. Neither leaves the browser.

use std::cell::RefCell;
use std::rc::Rc;

use vitrine_session::{Change, Heard, Tab};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Document, MessageEvent, VisibilityState};

use crate::sealing_keys::SealingKeys;
use crate::tab_texts::TabTexts;

const CHANNEL: &str = "vitrine";
/// A tab that comes to the front may have slept while others told something.
const WAKE_EVENT: &str = "visibilitychange";

/// This tab. Where the browser has no `BroadcastChannel`, other tabs are heard
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
    /// The tab that this script runs in, with the texts that it kept before a reload; they
    /// are sealed with `keys`.
    pub(crate) async fn open(keys: Rc<SealingKeys>) -> Self {
        Self {
            channel: BroadcastChannel::new(CHANNEL).ok(),
            texts: Rc::new(TabTexts::open(keys).await),
            listener: RefCell::new(None),
        }
    }
}

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
        let document = web_sys::window().and_then(|window| window.document());
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
