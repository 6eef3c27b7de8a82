//! From the tiles that the server drew to the program's own: what was typed and what was
//! put into the basket before it ran (`web/front.js`) is not lost, and the tiles stay until
//! there are others.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::{ItemId, Query};
use vitrine_session::{Session, Status};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlInputElement, UrlSearchParams};

use crate::{router::Route, state::Shop};

/// What tells that something was put into the basket, and where this tab keeps it: ids of
/// cards, with blanks between.
const EARLY: &str = "vitrine-early";
/// Whether this browser has a log, so that popular products are not shown first.
const KNOWN: &str = "vitrine-known";
/// The language that was chosen, for what is drawn before the program runs.
const LANGUAGE: &str = "vitrine-language";
/// Whether it shows other prices than the standard ones, which the server draws.
const OTHER_PRICES: &str = "vitrine-other-prices";

/// Begin of a search's fragment, and the word in it that says that it was sent before the program ran.
const SEARCH: &str = "#/search?";
const SENT: &str = "sent";

thread_local! {
    static TILES: RefCell<Option<String>> = const { RefCell::new(None) };
    static ARRIVED: RefCell<Option<(Route, String)>> = const { RefCell::new(None) };
}

/// What was typed into the search box so far, and whether one still types.
pub struct Typed {
    text: String,
    has_focus: bool,
}

/// Reads the page that the server drew, before it goes.
pub fn take_over() -> Option<Typed> {
    let part = |selector: &str| document().query_selector(selector).ok().flatten();
    if let Some(tiles) = part("main[data-front] > .grid") {
        let starters = part("main[data-front] > .starters");
        let starters = starters.map_or_else(String::new, |starters| starters.outer_html());
        TILES.set(Some(starters + &tiles.outer_html()));
    }
    if let Some(content) = part("main[data-front] [data-arrived]") {
        let route = Route::parse(&window().location().hash().unwrap_or_default());
        ARRIVED.set(Some((route, content.inner_html())));
    }
    let input = search_box()?;
    let has_focus = document().active_element().is_some_and(|element| element == **input);
    Some(Typed { text: input.value(), has_focus })
}

/// What was sent before the program ran becomes a search, or a question to the assistant, which is
/// returned. Nothing was asked of the server yet.
pub fn take_question(session: &Session) -> Option<String> {
    let fragment = window().location().hash().ok()?;
    let sent = UrlSearchParams::new_with_str(fragment.strip_prefix(SEARCH)?).ok()?;
    if !sent.has(SENT) {
        return None;
    }
    let text = sent.get("q").unwrap_or_default();
    let is_question = session.is_question(&text);
    let route = match is_question {
        true => Route::Assistant,
        false => Route::Search(Query { text: text.clone(), ..Query::default() }),
    };
    let history = window().history().ok()?;
    history.replace_state_with_url(&JsValue::NULL, "", Some(&route.href())).ok()?;
    is_question.then_some(text)
}

impl Typed {
    /// Puts it into the program's own search box.
    pub fn restore(self) {
        let Some(input) = search_box() else { return };
        if !self.text.is_empty() {
            input.set_value(&self.text);
        }
        if self.has_focus {
            // An element that was just drawn takes the focus.
            let _ = input.focus();
        }
    }
}

fn search_box() -> Option<HtmlInputElement> {
    document().get_element_by_id("search")?.dyn_into().ok()
}

/// The tiles that the server drew, with the newcomer's choice above them, if it did.
pub fn tiles() -> Option<String> {
    TILES.with_borrow(Clone::clone)
}

/// What the server drew for the address by which this page was reached, while that is what the
/// shopper is to see.
pub fn arrived(route: &Route) -> Option<String> {
    ARRIVED.with_borrow(|arrived| {
        arrived.as_ref().filter(|(of, _)| of == route).map(|(_, content)| content.clone())
    })
}

/// Shows them no more: other prices were chosen than they have.
pub fn forget_tiles() {
    TILES.set(None);
}

/// Puts what was chosen early into the basket once its products are known, and whatever is
/// chosen on the tiles that the server drew from then on.
pub fn follow(shop: Shop) {
    Effect::new(move || {
        shop.follow_catalogue();
        spawn_local(take_up(shop));
    });
    let handle = window_event_listener_untyped(EARLY, move |_| spawn_local(take_up(shop)));
    on_cleanup(move || handle.remove());
}

/// Puts what was chosen early into the basket, as far as its products are known.
pub async fn take_up(shop: Shop) {
    let Ok(Some(storage)) = window().session_storage() else { return };
    let Ok(Some(early)) = storage.get_item(EARLY) else { return };
    // What stays would be put in twice.
    if storage.remove_item(EARLY).is_err() {
        return;
    }
    let early = early.split_whitespace().filter_map(|id| id.parse::<ItemId>().ok());
    let cards: Vec<_> = early.map(|id| (id, shop.session().item(id))).collect();
    // What is not known may come with the rest of the catalogue.
    let waiting: Vec<String> =
        cards.iter().filter(|(_, card)| card.is_none()).map(|(id, _)| id.to_string()).collect();
    if !waiting.is_empty() && !shop.status.read_untracked().is_complete {
        // A tab that keeps nothing loses these alone.
        let _ = storage.set_item(EARLY, &waiting.join(" "));
    }
    let known: Vec<_> = cards.into_iter().filter_map(|(_, card)| card).collect();
    known.iter().for_each(|card| shop.show_adding(card.id));
    for card in &known {
        shop.put_into_basket(card.id, None, &card.title).await;
    }
    if !known.is_empty() {
        shop.changed();
    }
}

/// Notes for the next visit whether the tiles that the server draws are for this shopper.
pub fn note(status: &Status) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let has_log = status.n_events > 0 && status.has_consent;
    let marks = [
        (KNOWN, has_log || status.settings.starters_answered),
        (OTHER_PRICES, status.price_list.is_some()),
    ];
    // Without it the page begins in the language that the browser prefers.
    let _ = match &status.settings.language {
        Some(tag) => storage.set_item(LANGUAGE, tag),
        None => storage.remove_item(LANGUAGE),
    };
    for (mark, holds) in marks {
        // Without it the next visit begins with popular products, or their standard prices.
        let _ = match holds {
            true => storage.set_item(mark, ""),
            false => storage.remove_item(mark),
        };
    }
}
