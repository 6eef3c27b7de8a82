//! Which card each pushed product is on, and what that card is now.
//!
//! The version that is served has the products of its import. A change that was pushed
//! after that import began counts over it; an older one counts only for products that the
//! import does not have, so that a feed's newer word on a product stands. What somebody hid
//! stays hidden, whatever a feed says.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use vitrine_catalogue::ProductState;
use vitrine_domain::{Availability, Item, ItemId, Variant};
use vitrine_wire::OfferRow;
use vitrine_wire::shard::{OFFER_LABEL_CHARS_MAX, OfferAmount, VARIANTS_MAX};

use super::product::{card_of, sale_of};
use super::upkeep::PushedSize;

/// An offer without an end is shown for so long; each revision of its card makes it longer.
const OFFER_SECONDS: i64 = 365 * 24 * 3_600;

/// Pushed products over the cards of a version.
pub struct Overlay {
    /// Cards of the import, by ascending id.
    base: Vec<Item>,
    /// Card of each sku of the import.
    base_at: HashMap<Box<str>, ItemId>,
    /// Record of the log before which the import speaks.
    until: u64,
    /// Pushed products, as they are now.
    pushed: HashMap<Arc<str>, PushedProduct>,
    /// Pushed products on which the log has the newer word.
    n_changed: usize,
    /// Pushed products of each card that the import does not have on it, in order of push.
    joined: HashMap<ItemId, Vec<Arc<str>>>,
}

struct PushedProduct {
    state: Arc<ProductState>,
    /// Card and variant that its own facts make; `None` when only patches have come.
    own: Option<Item>,
    /// The card that it is on; `None` while it is not listed.
    at: Option<ItemId>,
}

impl Overlay {
    /// Over an import, whose feed was read when the log had `until` records.
    pub fn new(base: Vec<Item>, until: u64) -> Self {
        debug_assert!(base.is_sorted_by_key(|item| item.id));
        let skus = |item: &Item| {
            let id = item.id;
            item.variants
                .iter()
                .map(move |variant| (variant.sku.as_str().into(), id))
                .collect::<Vec<_>>()
        };
        let base_at = base.iter().flat_map(skus).collect();
        Self { base, base_at, until, pushed: HashMap::new(), n_changed: 0, joined: HashMap::new() }
    }

    /// Takes what is known of a product now; adds the cards that may be others by it.
    pub fn take(&mut self, state: &Arc<ProductState>, touched: &mut BTreeSet<ItemId>) {
        let base = self.base_at.get(&*state.sku).copied();
        let before = match self.pushed.get(&*state.sku) {
            Some(pushed) => pushed.at,
            None => base,
        };
        let (own, at) = self.place(state, base);
        if before != at {
            if let Some(joined) = before.and_then(|id| self.joined.get_mut(&id)) {
                joined.retain(|sku| *sku != state.sku);
            }
            if let Some(id) = at.filter(|id| base != Some(*id)) {
                self.joined.entry(id).or_default().push(Arc::clone(&state.sku));
            }
        }
        touched.extend(before);
        touched.extend(at);
        let pushed = PushedProduct { state: Arc::clone(state), own, at };
        let before = self.pushed.insert(Arc::clone(&state.sku), pushed);
        let is_newer = |state: &ProductState| state.number > self.until;
        let was_newer = before.is_some_and(|before| is_newer(&before.state));
        self.n_changed += usize::from(is_newer(state) && !was_newer);
    }

    fn place(&self, state: &ProductState, base: Option<ItemId>) -> (Option<Item>, Option<ItemId>) {
        if self.is_superseded(state) {
            return (None, base.filter(|_| !state.is_hidden.value));
        }
        match &state.facts.value {
            Some(facts) => match card_of(state, facts) {
                Ok(card) => {
                    let id = card.id;
                    (Some(card), (!state.is_hidden.value).then_some(id))
                }
                Err(error) => {
                    tracing::warn!(sku = &*state.sku, "a pushed product is not listed: {error:#}");
                    (None, None)
                }
            },
            // Nothing but patches: the import's product, if it has one.
            None if state.facts.revision == 0 => (None, base.filter(|_| !state.is_hidden.value)),
            None => (None, None),
        }
    }

    /// Whether the import has a newer word on the product.
    fn is_superseded(&self, state: &ProductState) -> bool {
        state.number <= self.until && self.base_at.contains_key(&*state.sku)
    }

    /// A card as it is now; `None` when nothing is listed on it.
    pub fn card(&self, id: ItemId) -> Option<Item> {
        let base = self.imported(id);
        let joined = self.joined.get(&id).map_or(&[][..], Vec::as_slice);
        let joined = joined.iter().filter_map(|sku| self.pushed.get(sku)?.own.as_ref());
        let of_base = base.map_or(&[][..], |item| &item.variants);
        let own = of_base.iter().filter_map(|v| self.pushed.get(v.sku.as_str())?.own.as_ref());
        let newest = own.filter(|item| item.id == id).chain(joined.clone()).next();
        let mut card = match (base, newest) {
            // What the shop pushed of the card's texts counts; title and the like are the same.
            (Some(base), Some(newest)) => Item {
                description: newest.description.clone(),
                attributes: newest.attributes.clone(),
                characteristics: newest.characteristics.clone(),
                link: newest.link.clone(),
                image_links: newest.image_links.clone(),
                rating: newest.rating,
                listed_at_seconds: newest.listed_at_seconds.or(base.listed_at_seconds),
                ..base.clone()
            },
            (Some(base), None) => base.clone(),
            (None, Some(newest)) => newest.clone(),
            (None, None) => return None,
        };
        let kept = of_base.iter().filter_map(|variant| self.variant(variant, id));
        card.variants = kept.chain(joined.flat_map(|item| item.variants.clone())).collect();
        let first = card.variants.first()?;
        card.price_minor = first.price_minor;
        let is_in_stock = |variant: &Variant| variant.availability == Availability::InStock;
        card.availability = match card.variants.iter().any(is_in_stock) {
            true => Availability::InStock,
            false => Availability::OutOfStock,
        };
        Some(card)
    }

    /// A variant of the import as it is now; `None` when it is on this card no more.
    fn variant(&self, variant: &Variant, id: ItemId) -> Option<Variant> {
        let Some(pushed) = self.pushed.get(variant.sku.as_str()) else {
            return Some(variant.clone());
        };
        if pushed.at != Some(id) {
            return None;
        }
        let state = &*pushed.state;
        match pushed.own.as_ref().and_then(|own| own.variants.first()) {
            Some(own) => return Some(own.clone()),
            None if self.is_superseded(state) => return Some(variant.clone()),
            None => {}
        }
        let mut variant = variant.clone();
        if state.price.revision > 0 {
            variant.price_minor = state.price.value.map_or(0, |price| price.minor);
        }
        if state.sale_price.revision > 0 || state.price.revision > 0 {
            let lower = |sale: &vitrine_domain::Sale| sale.price_minor < variant.price_minor;
            variant.sale = match state.sale_price.revision {
                0 => variant.sale.filter(lower),
                _ => sale_of(state, variant.price_minor),
            };
        }
        if state.availability.revision > 0 || state.stock.revision > 0 {
            variant.availability = state.availability();
        }
        if state.stock.revision > 0 {
            variant.stock = state.stock.value;
        }
        Some(variant)
    }

    /// A card as the import had it.
    pub fn imported(&self, id: ItemId) -> Option<&Item> {
        let at = self.base.binary_search_by_key(&id, |item| item.id).ok()?;
        self.base.get(at)
    }

    /// The offer that was pushed for a card; `None` when none was.
    pub fn offer(&self, card: &Item, now_seconds: i64) -> Option<Option<OfferRow>> {
        let states = card
            .variants
            .iter()
            .take(VARIANTS_MAX)
            .map(|variant| self.pushed.get(variant.sku.as_str()).map(|pushed| &*pushed.state));
        let mut is_pushed = false;
        let mut row: Option<OfferRow> = None;
        for (place, state) in states.enumerate() {
            let Some(state) = state.filter(|state| state.offer.revision > 0) else { continue };
            is_pushed = true;
            let Some(offer) = &state.offer.value else { continue };
            let until_seconds = offer.until.unwrap_or(now_seconds + OFFER_SECONDS);
            let label: String = offer.label.chars().take(OFFER_LABEL_CHARS_MAX).collect();
            if until_seconds <= now_seconds || label.is_empty() {
                continue;
            }
            match &mut row {
                Some(row) if row.label == label => row.variants |= 1 << place,
                Some(_) => {}
                none => {
                    *none = Some(OfferRow {
                        id: card.id,
                        label,
                        amount: OfferAmount::default(),
                        until_seconds,
                        variants: 1 << place,
                    });
                }
            }
        }
        is_pushed.then_some(row)
    }

    /// How much was pushed that the import does not have.
    pub fn size(&self) -> PushedSize {
        let is_new = |(id, joined): (&ItemId, &Vec<Arc<str>>)| {
            usize::from(!joined.is_empty() && self.imported(*id).is_none())
        };
        PushedSize {
            n_new_cards: self.joined.iter().map(is_new).sum(),
            n_changed: self.n_changed,
            n_products: self.base_at.len(),
            is_index_worn: false,
        }
    }

    /// Every card as it is now, by ascending id.
    pub fn cards(&self) -> Vec<Item> {
        let ids: BTreeSet<ItemId> =
            self.base.iter().map(|item| item.id).chain(self.joined.keys().copied()).collect();
        ids.into_iter().filter_map(|id| self.card(id)).collect()
    }
}
