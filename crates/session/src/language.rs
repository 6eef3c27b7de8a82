//! In which language the page speaks, where the shopper has chosen one. A choice sends nothing,
//! and no ranking depends on it.

use crate::session::Session;

impl Session {
    /// Chooses the language of a tag ("zh-Hans"), or `None` for what the browser prefers, for all
    /// tabs of this device. Kept on the device.
    pub async fn set_language(&self, tag: Option<&str>) {
        self.inner.state.borrow_mut().settings.language = tag.map(str::to_owned);
        self.store_settings().await;
    }
}
