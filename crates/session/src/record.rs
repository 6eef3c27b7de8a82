//! Writing to the log: storage first, then memory, then what is derived.

use std::cmp::Ordering;
use std::rc::Rc;

use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_wire::ReviewRow;

use crate::basket::{self, Line, basket, named};
use crate::log::{DeviceEvent, KeptCard, encode_entry};
use crate::pair::Pair;
use crate::session::Session;
use crate::{
    Basket, BasketLine, Change, ItemCard, ItemDetails, PhotoSize, Recorded, StoreName, VariantView,
};

/// Most pieces of one line.
pub const PIECES_MAX: u32 = 999;

impl Session {
    /// Logs what the shopper did with an item, now, on this device. Sends
    /// nothing. The next feed follows it. What is done with the basket is done
    /// with the usual size of the item, and whether it can be bought is not asked: pages use
    /// [`Session::put_into_basket`].
    pub async fn record(&self, kind: EventKind, item: ItemId) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let variant = match kind {
            EventKind::ViewItem => None,
            _ => self.variant(item, None),
        };
        self.log(vec![self.event(kind, item, variant)]).await
    }

    /// Logs what the shopper did in a shop that keeps the basket itself: whether it can be
    /// bought is that shop's to know and not asked here. `sku` names the variant, else it is
    /// the usual one. Of a view the pieces do not count; taking out `None` takes out all of
    /// them, and for the rest `None` is one.
    pub async fn record_pieces(
        &self,
        kind: EventKind,
        item: ItemId,
        sku: Option<&str>,
        pieces: Option<u32>,
    ) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let pieces = pieces.map(|pieces| pieces.clamp(1, PIECES_MAX));
        let variant = self.variant(item, sku);
        let event = match kind {
            EventKind::ViewItem => Some(self.event(kind, item, None)),
            EventKind::AddToCart => {
                let pieces = pieces.filter(|pieces| *pieces > 1);
                Some(DeviceEvent { pieces, ..self.event(kind, item, variant) })
            }
            EventKind::Purchase => {
                let pieces = Some(pieces.unwrap_or(1));
                Some(DeviceEvent { pieces, ..self.event(kind, item, variant) })
            }
            EventKind::RemoveFromCart => {
                let named = variant.as_ref().map(|variant| variant.sku.as_str());
                let line = self.lines().into_iter().find(|line| line.is_of(item, named));
                line.map(|line| {
                    let pieces = pieces.unwrap_or(line.quantity);
                    self.fewer(line, pieces)
                })
            }
        };
        self.log(event.into_iter().collect()).await
    }

    /// Puts one piece of an item into the basket: of the variant with this sku,
    /// or of the usual one. What cannot be bought ([`Session::obstacle`]) is not put in.
    pub async fn put_into_basket(&self, item: ItemId, sku: Option<&str>) -> Recorded {
        self.put_pieces(item, sku, 1).await
    }

    /// Puts so many pieces of an item into the basket, likewise.
    pub(crate) async fn put_pieces(
        &self,
        item: ItemId,
        sku: Option<&str>,
        pieces: u32,
    ) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        if let Some(obstacle) = self.item(item).and_then(|card| self.obstacle(&card, sku)) {
            return Recorded::NotForSale(obstacle);
        }
        let event = self.event(EventKind::AddToCart, item, self.variant(item, sku));
        let pieces = Some(pieces).filter(|pieces| *pieces != 1);
        self.log(vec![DeviceEvent { pieces, ..event }]).await
    }

    /// Gives a line of the basket another number of pieces; 0 takes it out. A line is named
    /// as [`crate::BasketLine::sku`] has it. Returns `None` when there is no such line, or it
    /// has that many. What cannot be bought gets no more pieces.
    pub async fn set_pieces(
        &self,
        item: ItemId,
        sku: Option<&str>,
        pieces: u32,
    ) -> Option<Recorded> {
        let _in_order = self.inner.log_lock.lock().await;
        let line = self.lines().into_iter().find(|line| line.is_of(item, sku))?;
        let (had, pieces) = (line.quantity, pieces.min(PIECES_MAX));
        let event = match pieces.cmp(&had) {
            Ordering::Equal => return None,
            Ordering::Less => self.fewer(line, had - pieces),
            Ordering::Greater => {
                if let Some(obstacle) = self.item(item).and_then(|card| self.obstacle(&card, sku)) {
                    return Some(Recorded::NotForSale(obstacle));
                }
                let event = self.event(EventKind::AddToCart, item, line.variant);
                DeviceEvent { pieces: Some(pieces - had).filter(|more| *more > 1), ..event }
            }
        };
        Some(self.log(vec![event]).await)
    }

    /// Puts back what was taken out, as it was, whether it can be bought or not; what was put in
    /// again meanwhile counts.
    pub async fn put_back(&self, line: &BasketLine) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let lines = self.lines();
        let there = lines.iter().find(|other| other.is_of(line.card.id, line.sku()));
        let missing = line.quantity.saturating_sub(there.map_or(0, |line| line.quantity));
        let event = self.event(EventKind::AddToCart, line.card.id, line.variant.clone());
        let events = (missing > 0).then_some(DeviceEvent { pieces: Some(missing), ..event });
        self.log(events.into_iter().collect()).await
    }

    /// Takes pieces of a line out of the basket; `None` is all of them. A line
    /// is named as [`crate::BasketLine::sku`] has it. Returns `None` when there
    /// is no such line.
    pub async fn take_out_of_basket(
        &self,
        item: ItemId,
        sku: Option<&str>,
        pieces: Option<u32>,
    ) -> Option<Recorded> {
        let _in_order = self.inner.log_lock.lock().await;
        let line = self.lines().into_iter().find(|line| line.is_of(item, sku))?;
        let pieces = pieces.unwrap_or(line.quantity);
        Some(self.log(vec![self.fewer(line, pieces)]).await)
    }

    /// Takes so many pieces of a line out, or all.
    fn fewer(&self, line: Line, pieces: u32) -> DeviceEvent {
        let event = self.event(EventKind::RemoveFromCart, line.item, line.variant);
        DeviceEvent { pieces: Some(pieces).filter(|pieces| *pieces < line.quantity), ..event }
    }

    /// Buys what is in the basket, in this tab and in others, as far as it can be bought; the
    /// rest stays in it. Returns how many lines were bought.
    pub async fn buy_basket(&self) -> usize {
        self.catch_up(Change::Log).await;
        let _in_order = self.inner.log_lock.lock().await;
        let blocked = self.basket().lines.into_iter().filter(|line| line.obstacle.is_some());
        let blocked: Vec<BasketLine> = blocked.collect();
        let mut lines = self.lines();
        lines.retain(|line| !blocked.iter().any(|of| line.is_of(of.card.id, of.sku())));
        self.buy(lines).await
    }

    /// Buys lines; how many. Whoever calls it holds the lock of the log.
    pub(crate) async fn buy(&self, lines: Vec<Line>) -> usize {
        let n_lines = lines.len();
        let bought = |line: Line| DeviceEvent {
            pieces: Some(line.quantity),
            ..self.event(EventKind::Purchase, line.item, line.variant)
        };
        self.log(lines.into_iter().map(bought).collect()).await;
        n_lines
    }

    /// An event of this moment.
    fn event(&self, kind: EventKind, item: ItemId, variant: Option<VariantView>) -> DeviceEvent {
        let at_ms = self.inner.adapters.clock.now_ms();
        DeviceEvent { variant, ..Event { kind, item, at_ms }.into() }
    }

    /// The variant that a sku, or none, stands for.
    fn variant(&self, item: ItemId, sku: Option<&str>) -> Option<VariantView> {
        let card = self.inner.state.borrow().item(item);
        named(&self.lines(), item, card.as_ref(), sku)
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        basket::lines(self.inner.state.borrow().for_basket())
    }

    /// Has the basket lie as it did before recording began or ended: its lines are written
    /// down, not what was done to them meanwhile. Whoever calls it holds the lock of the log.
    pub(crate) async fn carry_basket(&self, basket: Vec<Line>) {
        self.inner.state.borrow_mut().log.unlogged.clear();
        let had = self.lines();
        let n_of = |lines: &[Line], of: &Line| {
            let same = lines.iter().find(|line| line.is_of(of.item, of.sku()));
            same.map_or(0, |line| line.quantity)
        };
        let mut events = Vec::new();
        for line in &had {
            let surplus = line.quantity.saturating_sub(n_of(&basket, line));
            events.extend((surplus > 0).then(|| self.fewer(line.clone(), surplus)));
        }
        for line in basket {
            let more = line.quantity.saturating_sub(n_of(&had, &line));
            let event = self.event(EventKind::AddToCart, line.item, line.variant);
            events.extend((more > 0).then_some(DeviceEvent { pieces: Some(more), ..event }));
        }
        self.log(events).await;
        self.keep_basket();
    }

    /// Writes events down, all or none; whoever calls it holds the lock of the log.
    async fn log(&self, events: Vec<DeviceEvent>) -> Recorded {
        if events.is_empty() {
            return Recorded::Logged;
        }
        if !self.inner.state.borrow().may_record() {
            let of_basket = events.into_iter().filter(|event| event.kind != EventKind::ViewItem);
            self.inner.state.borrow_mut().log.unlogged.extend(of_basket);
            self.keep_basket();
            return Recorded::Paused;
        }
        for event in &events {
            self.keep_card(event.item).await;
        }
        let encoded: Result<Vec<_>, _> = events.iter().map(encode_entry).collect();
        let stored = match encoded {
            Ok(entries) => self.inner.adapters.storage.append(StoreName::Events, &entries).await,
            Err(error) => Err(error),
        };
        self.note_write(&stored);
        for event in events {
            let mut state = self.inner.state.borrow_mut();
            state.derive(&event);
            state.log.push(event, stored.is_ok());
        }
        if stored.is_err() {
            return Recorded::InMemoryOnly;
        }
        self.inner.adapters.tab.tell(Change::Log);
        Recorded::Logged
    }

    /// Keeps card and code of an item that is about to be logged.
    pub(crate) async fn keep_card(&self, item: ItemId) {
        let kept = {
            let state = self.inner.state.borrow();
            if state.log.kept.contains_key(&item) {
                return;
            }
            let from_pair = state.pairs.active().and_then(|pair| kept_from(pair, item));
            from_pair.or_else(|| Some(state.found.get(item)?.kept.clone()))
        };
        if let Some(kept) = kept {
            self.put_kept(kept).await;
        }
    }

    /// Keeps the cards of all logged items that a new pair lists under another
    /// base than the kept code's.
    pub(crate) async fn keep_cards(&self, pair: &Rc<Pair>) {
        // Nothing is written back that is being deleted.
        let _in_order = self.inner.log_lock.lock().await;
        if !self.inner.state.borrow().has_consent() {
            return;
        }
        let base = pair.base();
        let stale: Vec<KeptCard> = {
            let state = self.inner.state.borrow();
            let is_current = |item: &ItemId| {
                state.log.kept.get(item).is_some_and(|kept| kept.base == base || base.is_none())
            };
            let items = state.log.items_kept();
            items.iter().filter(|i| !is_current(i)).filter_map(|i| kept_from(pair, *i)).collect()
        };
        for kept in stale {
            self.put_kept(kept).await;
        }
    }

    async fn put_kept(&self, kept: KeptCard) {
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            let key = kept.card.id.to_string();
            let put = self.inner.adapters.storage.put(StoreName::Cards, &key, &bytes).await;
            self.note_write(&put);
        }
        self.inner.state.borrow_mut().log.kept.insert(kept.card.id, kept);
    }

    /// The log, oldest first.
    pub fn history(&self) -> Vec<DeviceEvent> {
        self.inner.state.borrow().log.events.clone()
    }

    /// The basket, as the log tells it.
    pub fn basket(&self) -> Basket {
        let now_ms = self.inner.adapters.clock.now_ms();
        let (lines, state) = (self.lines(), self.inner.state.borrow());
        let terms = (&state.shown_prices(), state.counter());
        basket(lines, |item| state.item(item), terms, now_ms)
    }

    /// A card: from the pinned catalogue, else from the last search replies, else
    /// as the shopper's own history remembers it.
    pub fn item(&self, id: ItemId) -> Option<ItemCard> {
        let state = self.inner.state.borrow();
        state.item(id).map(|card| state.shown_prices().card(card))
    }

    /// A picture in WebP, in the size asked for or the other one; `None` while it is not
    /// on the device. Sends nothing.
    pub fn photo(&self, id: u32, size: PhotoSize) -> Option<Vec<u8>> {
        let other = match size {
            PhotoSize::Small => PhotoSize::Large,
            PhotoSize::Large => PhotoSize::Small,
        };
        let photos = self.inner.photos.borrow();
        photos.find(id, size).or_else(|| photos.find(id, other)).map(<[u8]>::to_vec)
    }

    /// What only the page of a card shows; empty while it is not on the device.
    pub fn details(&self, id: ItemId) -> ItemDetails {
        self.active().map_or_else(ItemDetails::default, |pair| pair.catalogue.details(id))
    }

    /// What buyers wrote of a card; `None` where nothing is known, or not yet. Sends nothing.
    pub fn reviews(&self, id: ItemId) -> Option<ReviewRow> {
        self.active()?.catalogue.reviews(id).cloned()
    }
}

fn kept_from(pair: &Pair, item: ItemId) -> Option<KeptCard> {
    let card = pair.card_of(item)?;
    let code = pair.code_of(item).map_or_else(Vec::new, <[i8]>::to_vec);
    Some(KeptCard { card, base: pair.base(), code })
}
