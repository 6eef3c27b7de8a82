//! What a tab keeps over its reloads: texts in memory, and sealed in `sessionStorage`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Storage;

use crate::sealing_keys::{Place, SealingKeys};

/// Begins every key, since the origin may have other scripts.
const PREFIX: &str = "vitrine-tab-";
/// Began the keys of an earlier release, which did not seal.
const PREFIX_PLAIN: &str = "vitrine-reply-";
/// What a text is bound to beside its key.
const STORE: &str = "tab";
/// Most bytes of all texts, less than what browsers give a tab (some five million characters).
const BYTES_MAX: usize = 2 << 20;

/// Where sealed texts lie as long as the tab.
#[derive(Debug)]
pub(crate) enum StoredTexts {
    /// Texts last until the page is loaded again.
    Nowhere,
    /// In the `sessionStorage` of this page.
    InStorage(Storage),
    /// With the page that has started this worker, which is told of each change.
    WithPage(Function),
}

/// The texts of one tab.
#[derive(Debug)]
pub(crate) struct TabTexts {
    stored: StoredTexts,
    keys: Rc<SealingKeys>,
    texts: RefCell<BTreeMap<String, KeptText>>,
    /// How many texts were kept so far.
    n_kept: Cell<u64>,
}

#[derive(Debug)]
struct KeptText {
    text: String,
    /// Tells it from others that were kept under its key.
    number: u64,
}

impl StoredTexts {
    /// What an earlier page of the tab has kept, by key.
    pub fn kept(&self) -> BTreeMap<String, String> {
        let Self::InStorage(storage) = self else { return BTreeMap::new() };
        let n_stored = storage.length().unwrap_or(0);
        let names = (0..n_stored).filter_map(|at| storage.key(at).ok().flatten());
        let (plain, names): (Vec<String>, Vec<String>) =
            names.partition(|name| name.starts_with(PREFIX_PLAIN));
        for name in plain {
            let _ = storage.remove_item(&name);
        }
        let of = |name: String| {
            let sealed = storage.get_item(&name).ok().flatten()?;
            Some((name.strip_prefix(PREFIX)?.to_owned(), sealed))
        };
        names.into_iter().filter_map(of).collect()
    }

    /// Where there is no room for it, a text lasts until the page is loaded again.
    fn set(&self, key: &str, sealed: &str) {
        match self {
            Self::Nowhere => {}
            Self::InStorage(storage) => {
                let name = format!("{PREFIX}{key}");
                if storage.set_item(&name, sealed).is_err() {
                    // An older text would be taken for this one.
                    let _ = storage.remove_item(&name);
                }
            }
            Self::WithPage(tell) => {
                let _ = tell.call2(&JsValue::UNDEFINED, &key.into(), &sealed.into());
            }
        }
    }

    /// Fails only where nothing was kept.
    fn remove(&self, key: &str) {
        match self {
            Self::Nowhere => {}
            Self::InStorage(storage) => {
                let _ = storage.remove_item(&format!("{PREFIX}{key}"));
            }
            Self::WithPage(tell) => {
                let _ = tell.call1(&JsValue::UNDEFINED, &key.into());
            }
        }
    }
}

impl TabTexts {
    /// `kept` are the texts that an earlier page of the tab has kept, sealed, by key.
    pub async fn open(
        keys: Rc<SealingKeys>,
        stored: StoredTexts,
        kept: BTreeMap<String, String>,
    ) -> Self {
        let found: Vec<(String, Vec<u8>)> =
            kept.into_iter().map(|(key, sealed)| (key, as_bytes(&sealed))).collect();
        let sealed = found.iter().map(|(key, bytes)| (place(key), bytes.as_slice()));
        // What cannot be opened is forgotten.
        let opened = keys.open(sealed).await.unwrap_or_default();
        let texts = Self {
            stored,
            keys: Rc::clone(&keys),
            texts: RefCell::default(),
            n_kept: Cell::new(0),
        };
        for ((key, _), values) in found.iter().zip(opened) {
            let text = values.and_then(|mut values| String::from_utf8(values.pop()?).ok());
            match text {
                Some(text) => drop(texts.insert(key, text)),
                None => texts.stored.remove(key),
            }
        }
        texts
    }

    pub fn find(&self, key: &str) -> Option<String> {
        self.texts.borrow().get(key).map(|kept| kept.text.clone())
    }

    /// Keeps a text: at once for this page, and for the next once it is sealed. Returns false
    /// where there is no room for it.
    pub fn keep(self: &Rc<Self>, key: &str, text: &str) -> bool {
        let Some(number) = self.hold(key, text) else { return false };
        let (here, key, text) = (Rc::clone(self), key.to_owned(), text.to_owned());
        spawn_local(async move { here.store(&key, &text, number).await });
        true
    }

    /// Keeps a text likewise, and is over when it is sealed and stored.
    pub async fn keep_stored(&self, key: &str, text: &str) -> bool {
        let Some(number) = self.hold(key, text) else { return false };
        self.store(key, text, number).await;
        true
    }

    /// Keeps a text for this page; its number, or `None` where there is no room for it.
    fn hold(&self, key: &str, text: &str) -> Option<u64> {
        let others: usize = {
            let texts = self.texts.borrow();
            texts.iter().filter(|(of, _)| *of != key).map(|(_, kept)| kept.text.len()).sum()
        };
        if matches!(self.stored, StoredTexts::Nowhere) || others + text.len() > BYTES_MAX {
            self.forget(key);
            return None;
        }
        Some(self.insert(key, text.to_owned()))
    }

    /// Stores a text for the next page, unless it was forgotten, or another was kept, while it
    /// was sealed.
    async fn store(&self, key: &str, text: &str, number: u64) {
        let Ok(sealed) = self.keys.seal(place(key), &[text.as_bytes()]).await else { return };
        let is_current = self.texts.borrow().get(key).is_some_and(|of| of.number == number);
        if is_current {
            self.stored.set(key, &as_text(&sealed));
        }
    }

    pub fn forget(&self, key: &str) {
        self.texts.borrow_mut().remove(key);
        self.stored.remove(key);
    }

    fn insert(&self, key: &str, text: String) -> u64 {
        let number = self.n_kept.get();
        self.n_kept.set(number + 1);
        self.texts.borrow_mut().insert(key.to_owned(), KeptText { text, number });
        number
    }
}

fn place(key: &str) -> Place<'_> {
    Place { store: STORE, name: key }
}

/// Bytes as a text of as many characters: the first 256 of Unicode.
fn as_text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Undoes [`as_text`]; what is no byte makes it unreadable.
fn as_bytes(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(character).unwrap_or_default()).collect()
}
