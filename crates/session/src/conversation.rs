//! Conversations: what a shopper wants over several turns, found, asked back and compared on the
//! device. Nothing of one is sent, logged or stored; it ends with the tab.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_assistant::{
    ComparisonTable, DialogueContext, DialogueTurn, Lexicon, ProductShelf, ProductTexts, ShelfCard,
    ShopperRequest, SplitFacet, SplitOption, ToSearch, TurnReply, WishKind, WrittenCard, compare,
    read_request,
};
use vitrine_domain::{ItemId, Page, Query};

use crate::doubt;
use crate::finder::Finder;
use crate::pair::Pair;
use crate::price_lists::ShownPrices;
use crate::product_texts::shelf_card;
use crate::session::Session;

/// Candidates that a turn reads. Of each the texts are read anew; a phone has time for no more.
const CANDIDATES: u32 = 120;

/// What the device has synced, as a conversation looks for it.
struct DeviceShelf<'a> {
    pair: &'a Pair,
    finder: &'a Finder,
    lexicon: &'a Lexicon,
    shown: ShownPrices,
    now_ms: i64,
    /// What hits do not say of themselves where it was asked.
    doubts: RefCell<BTreeMap<ItemId, Vec<String>>>,
}

impl DeviceShelf<'_> {
    fn read(
        &self,
        id: ItemId,
        texts: impl FnOnce(&WrittenCard<'_>) -> ProductTexts,
    ) -> Option<ShelfCard> {
        let index = self.pair.catalogue.index_of(id)?;
        let card = self.shown.card(self.pair.catalogue.card(index));
        let price_minor = card.lowest_price(self.now_ms).minor;
        Some(shelf_card(self.pair, index, price_minor, texts))
    }
}

impl ProductShelf for DeviceShelf<'_> {
    fn find(&self, search: &ToSearch) -> Vec<ShelfCard> {
        let query = Query {
            text: search.text.clone(),
            filters: search.filters.clone(),
            page: Page { offset: 0, limit: CANDIDATES },
            ..Query::default()
        };
        // What no search could hold finds nothing.
        let Ok(answer) = self.finder.search(&query) else { return Vec::new() };
        let mut doubts = self.doubts.borrow_mut();
        doubts.clear();
        let hits = answer.reply.hits.into_iter().map(|hit| {
            if !hit.unconfirmed.is_empty() {
                doubts.insert(hit.item, hit.unconfirmed);
            }
            hit.item
        });
        // Without a word nobody asked for what the shop keeps from being recommended.
        let is_asked = |id: &ItemId| {
            let index = self.pair.catalogue.index_of(*id);
            !search.text.is_empty() || index.is_some_and(|index| !self.pair.is_restricted(index))
        };
        hits.filter(is_asked).filter_map(|id| self.card(id)).collect()
    }

    fn card(&self, id: ItemId) -> Option<ShelfCard> {
        self.read(id, |written| written.digest(self.lexicon))
    }

    fn whole_card(&self, id: ItemId) -> Option<ShelfCard> {
        self.read(id, |written| written.texts())
    }
}

impl Session {
    /// Whether a text of a search box is a question rather than something to look for, so that the
    /// assistant answers it here and nothing is sent. What is in a title is looked for: "How to
    /// train your dragon". Of 4,604 searches of a shop of games seven are read as questions, all of them
    /// titles (docs/assistant.md).
    pub fn is_question(&self, text: &str) -> bool {
        let lexicon = self.inner.lexicon.get_or_init(Lexicon::new);
        let wanted = text.trim().to_lowercase();
        // Before anything is synced no title is known; a question stays here all the same.
        let is_title = || {
            self.active().is_some_and(|pair| {
                let mut cards = pair.catalogue.rows().cards.iter();
                cards.any(|card| card.title.to_lowercase().contains(&wanted))
            })
        };
        matches!(read_request(lexicon, text), ShopperRequest::Ask(_)) && !is_title()
    }

    /// What is said to what a shopper types. `None` while nothing is synced, and, as of every turn,
    /// where the conversation was ended meanwhile.
    pub async fn converse(&self, text: &str) -> Option<DialogueTurn> {
        self.turn(|dialogue, with| Some(dialogue.hear(text, with))).await
    }

    /// Takes an answer of the question that was asked last. `None` where that question is about
    /// something else or has no such answer: it was answered already.
    pub async fn choose_answer(
        &self,
        facet: &SplitFacet,
        option: &SplitOption,
    ) -> Option<DialogueTurn> {
        self.turn(|dialogue, with| dialogue.choose(facet, option, with)).await
    }

    /// Takes back a wish, by its place in [`Session::conversation_wishes`]; what is found then.
    pub async fn drop_conversation_wish(&self, place: usize) -> Option<TurnReply> {
        self.turn(|dialogue, with| {
            dialogue.drop_wish(place);
            Some(dialogue.candidates(with))
        })
        .await
    }

    /// What the shopper wants so far, the oldest wish first.
    pub fn conversation_wishes(&self) -> Vec<(WishKind, String)> {
        let dialogue = self.inner.dialogue.borrow();
        dialogue.wishes().map(|(kind, typed)| (kind, typed.to_owned())).collect()
    }

    /// What a candidate that was found last does not say of itself where it was asked: whether it is
    /// free of peanuts. Empty where it says all.
    pub fn conversation_doubt(&self, id: ItemId) -> String {
        self.inner.doubts.borrow().get(&id).map_or_else(String::new, |names| doubt(names))
    }

    /// From now on "it" means this product.
    pub fn speak_of(&self, id: ItemId) {
        self.inner.dialogue.borrow_mut().look_at(id);
    }

    /// Forgets the conversation. A turn that is under way does not come to it any more.
    pub fn end_conversation(&self) {
        let n_ended = &self.inner.n_conversations_ended;
        n_ended.set(n_ended.get() + 1);
        self.inner.dialogue.take();
        self.inner.doubts.take();
    }

    /// Two to four products side by side; `None` where fewer are here. Sends nothing.
    pub fn compare(&self, ids: &[ItemId]) -> Option<ComparisonTable> {
        let pair = self.active()?;
        let shown = self.inner.state.borrow().shown_prices();
        let lexicon = self.inner.lexicon.get_or_init(Lexicon::new);
        let now_ms = self.inner.adapters.clock.now_ms();
        let card = |id: &ItemId| {
            let index = pair.catalogue.index_of(*id)?;
            let card = shown.card(pair.catalogue.card(index));
            let price_minor = card.lowest_price(now_ms).minor;
            Some(shelf_card(&pair, index, price_minor, |written| written.texts()))
        };
        let cards: Vec<ShelfCard> = ids.iter().filter_map(card).collect();
        (cards.len() > 1).then(|| compare(&cards, lexicon))
    }

    async fn turn<T>(
        &self,
        take: impl FnOnce(&mut vitrine_assistant::Dialogue, &DialogueContext<'_>) -> Option<T>,
    ) -> Option<T> {
        let n_ended = self.inner.n_conversations_ended.get();
        let pair = self.active()?;
        let finder: Rc<Finder> = self.finder(&pair).await?;
        self.pace().breathe().await;
        // From here on nothing else has its turn. What was ended meanwhile does not go on.
        if self.inner.n_conversations_ended.get() != n_ended {
            return None;
        }
        let lexicon = self.inner.lexicon.get_or_init(Lexicon::new);
        let shown = self.inner.state.borrow().shown_prices();
        let now_ms = self.inner.adapters.clock.now_ms();
        let doubts = RefCell::new(self.inner.doubts.take());
        let shelf = DeviceShelf { pair: &pair, finder: &finder, lexicon, shown, now_ms, doubts };
        let with = DialogueContext { lexicon, conditions: pair.conditions(), shelf: &shelf };
        let taken = take(&mut self.inner.dialogue.borrow_mut(), &with);
        *self.inner.doubts.borrow_mut() = shelf.doubts.into_inner();
        taken
    }
}
