//! Whether the shopper agreed to be remembered. Without that nothing is written down about them,
//! and what was written down before is not used.

use vitrine_domain::Event;

use crate::DeviceEvent;
use crate::basket::{self, Line};
use crate::session::Session;
use crate::sponsored_day::SponsoredDay;
use crate::state::State;

/// Where a tab keeps its basket while nothing may be written down.
const KEPT_BASKET: &str = "basket";

impl State {
    /// Whether the shopper agreed, or need not be asked.
    pub fn has_consent(&self) -> bool {
        self.settings.consent.unwrap_or(!self.consent_required)
    }

    /// Whether what the shopper does may be written down.
    pub fn may_record(&self) -> bool {
        self.has_consent() && !self.settings.paused
    }

    /// What the basket follows from, oldest first: without consent, what was done in this
    /// tab alone.
    pub fn for_basket(&self) -> impl Iterator<Item = &DeviceEvent> {
        let mut logged = self.log.events.iter().filter(|_| self.has_consent()).peekable();
        let mut unlogged = self.log.unlogged.iter().peekable();
        // Each list is in the order in which things were done; between them the clock decides.
        std::iter::from_fn(move || match (logged.peek(), unlogged.peek()) {
            (Some(log), Some(tab)) if log.at_ms > tab.at_ms => unlogged.next(),
            (Some(_), _) => logged.next(),
            (None, _) => unlogged.next(),
        })
    }

    /// The events that may be ranked by, oldest first.
    pub fn ranked(&self) -> impl Iterator<Item = Event> {
        self.log.ranked().filter(|_| self.has_consent())
    }
}

impl Session {
    /// Asks for consent first: until [`Session::set_consent`], in this or an earlier visit, no
    /// event, opinion, request or search is kept on the device, and the basket lasts as long
    /// as the tab. Call it right after [`Session::open`]; it holds in this tab and is not kept.
    pub fn require_consent(&self) {
        self.inner.state.borrow_mut().consent_required = true;
        if !self.inner.state.borrow().has_consent() {
            self.inner.replies.forget();
            self.inner.state.borrow_mut().sponsored = SponsoredDay::default();
            self.take_up_kept_basket();
            self.derive_anew();
        }
    }

    /// Has the basket of this tab that was kept without consent, as after a reload.
    pub(crate) fn take_up_kept_basket(&self) {
        let mut state = self.inner.state.borrow_mut();
        if state.has_consent() || !state.log.unlogged.is_empty() {
            return;
        }
        let kept = self.inner.adapters.tab.kept(KEPT_BASKET);
        // What cannot be read is an empty basket.
        let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
        state.log.unlogged = kept.unwrap_or_default();
    }

    /// Keeps what the basket follows from as long as the tab is open, where nothing else keeps
    /// it. A tab without room keeps it until it is loaded again.
    pub(crate) fn keep_basket(&self) {
        let (tab, state) = (&self.inner.adapters.tab, self.inner.state.borrow());
        if state.has_consent() || state.log.unlogged.is_empty() {
            return tab.forget(KEPT_BASKET);
        }
        if let Ok(text) = serde_json::to_string(&state.log.unlogged) {
            let _ = tab.keep(KEPT_BASKET, &text);
        }
    }

    /// The shopper's answer, for all tabs of this device. Takes effect at once; kept on the
    /// device, and can be changed as often as they like. A *no* stops recording and the use of
    /// what was recorded; [`Session::delete_all`] deletes that.
    pub async fn set_consent(&self, granted: bool) {
        let _in_order = self.inner.log_lock.lock().await;
        let basket = self.lines();
        self.inner.state.borrow_mut().settings.consent = Some(granted);
        // Before what it allows.
        self.store_settings().await;
        self.take_answer(basket).await;
    }

    /// Does what follows from an answer, in this tab or in another, that is in the settings;
    /// `basket` is what this tab showed before it. Whoever calls it holds the lock of the log.
    pub(crate) async fn take_answer(&self, mut basket: Vec<Line>) {
        let has_consent = self.inner.state.borrow().has_consent();
        if !has_consent {
            self.inner.replies.forget();
        }
        self.derive_anew();
        if has_consent {
            // What lay in the basket before the question is not lost by the answer.
            let logged = basket::lines(self.inner.state.borrow().log.events.iter());
            for line in logged {
                match basket.iter_mut().find(|other| other.is_of(line.item, line.sku())) {
                    Some(other) => other.quantity = other.quantity.max(line.quantity),
                    None => basket.push(line),
                }
            }
        }
        self.carry_basket(basket).await;
    }
}
