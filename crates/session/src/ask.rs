//! Questions about a product, answered on the device from what is written of it.

use vitrine_assistant::{Lexicon, ProductAnswer};
use vitrine_domain::ItemId;

use crate::product_texts::with_written;
use crate::session::Session;

impl Session {
    /// Whether anything is written of a card besides its title: whether [`Session::ask`] may find an
    /// answer.
    pub fn has_texts(&self, id: ItemId) -> bool {
        let Some(pair) = self.active() else { return false };
        let details = pair.catalogue.details(id);
        let reviews = pair.catalogue.reviews(id);
        !details.description.is_empty()
            || !details.characteristics.is_empty()
            || reviews.is_some_and(|row| !row.quotes.is_empty())
    }

    /// What is written of a card says to a question: its title, characteristics, description and the
    /// sentences of reviews that are published, word for word. Sends nothing, and what is asked is in no
    /// log. `None` for a card that is not here. Of a question at most
    /// [`QUERY_CHARS_MAX`](vitrine_domain::limits::QUERY_CHARS_MAX) characters are read.
    pub fn ask(&self, id: ItemId, question: &str) -> Option<ProductAnswer> {
        let pair = self.active()?;
        let index = pair.catalogue.index_of(id)?;
        let lexicon = self.inner.lexicon.get_or_init(Lexicon::new);
        Some(with_written(&pair, index, |written| written.answer(lexicon, question)))
    }
}
