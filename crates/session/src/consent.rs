//! Whether the shopper agreed to be remembered. Without that nothing is written down about them,
//! and what was written down before is not used.

use vitrine_domain::Event;

use crate::session::Session;
use crate::state::State;

impl State {
    /// Whether the shopper agreed, or need not be asked.
    pub fn has_consent(&self) -> bool {
        self.settings.consent.unwrap_or(!self.consent_required)
    }

    /// Whether what the shopper does may be written down.
    pub fn may_record(&self) -> bool {
        self.has_consent() && !self.settings.paused
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
            self.derive_anew();
        }
    }

    /// The shopper's answer, for all tabs of this device. Takes effect at once; kept on the
    /// device, and can be changed as often as they like. A *no* stops recording and the use of
    /// what was recorded; [`Session::delete_all`] deletes that.
    pub async fn set_consent(&self, granted: bool) {
        self.inner.state.borrow_mut().settings.consent = Some(granted);
        if !granted {
            self.inner.replies.forget();
        }
        self.derive_anew();
        self.store_settings().await;
    }
}
