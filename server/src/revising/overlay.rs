//! Which card each pushed product is on, and what that card is now.
//!
//! The version that is served has the products of its import. A change that was pushed
//! after that import began counts over it; an older one counts only for products that the
//! import does not have, so that a feed's newer word on a product stands. What somebody hid
//! stays hidden, whatever a feed says.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use vitrine_catalogue::{ProductFacts, ProductState, Stamped};
use vitrine_domain::{Availability, Item, ItemId, ListPrice, PriceTerms, Sale, Variant};
use vitrine_wire::OfferRow;
use vitrine_wire::shard::{OFFER_LABEL_CHARS_MAX, OfferAmount, VARIANTS_MAX};

use super::upkeep::PushedSize;
use crate::pushed::product::{card_of, list_price_of, sale_of};

/// An offer without an end is shown for so long; each revision of its card makes it longer.
const OFFER_SECONDS: i64 = 365 * 24 * 3_600;

/// Pushed products over the cards of a version.
pub struct Overlay {
    /// Cards of the import, by ascending id.
    base: Vec<Item>,
    /// Card of each sku of the import.
    base_at: HashMap<Box<str>, ItemId>,
    /// What the import has on offer, by sku.
    offers: HashMap<Box<str>, OfferRow>,
    /// Record of the log before which the import speaks.
    until: u64,
    /// ISO 4217 code of the standard prices.
    currency: String,
    /// The shop's price lists.
    prices: PriceTerms,
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
    /// Over an import with its offers, whose feed was read when the log had `until` records.
    pub fn new(base: Vec<Item>, offers: &[OfferRow], until: u64) -> Self {
        debug_assert!(base.is_sorted_by_key(|item| item.id));
        let skus = |item: &Item| {
            let id = item.id;
            item.variants
                .iter()
                .map(move |variant| (variant.sku.as_str().into(), id))
                .collect::<Vec<_>>()
        };
        let base_at = base.iter().flat_map(skus).collect();
        let mut overlay = Self {
            base,
            base_at,
            offers: HashMap::new(),
            until,
            currency: String::new(),
            prices: PriceTerms::default(),
            pushed: HashMap::new(),
            n_changed: 0,
            joined: HashMap::new(),
        };
        for offer in offers {
            let Some(item) = overlay.imported(offer.id) else { continue };
            let places = item.variants.iter().take(VARIANTS_MAX).enumerate();
            let offered = places.filter(|(place, _)| offer.variants >> place & 1 == 1);
            let skus: Vec<Box<str>> =
                offered.map(|(_, variant)| variant.sku.as_str().into()).collect();
            overlay.offers.extend(skus.into_iter().map(|sku| (sku, offer.clone())));
        }
        overlay
    }

    /// This overlay in a shop of that currency, with those price lists.
    pub fn with_prices(self, currency: &str, prices: &PriceTerms) -> Self {
        Self { currency: currency.to_owned(), prices: prices.clone(), ..self }
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
        let unless_hidden = |id: Option<ItemId>| id.filter(|_| !state.is_hidden.value);
        match &state.facts.value {
            // Nothing but patches since: the import's product, if it has one.
            _ if !self.counts(&state.facts, base) => (None, unless_hidden(base)),
            Some(facts) => match card_of(state, facts, &self.prices) {
                Ok(card) => {
                    let id = unless_hidden(Some(card.id));
                    (Some(card), id)
                }
                Err(error) => {
                    tracing::warn!(sku = &*state.sku, "a pushed product is not listed: {error:#}");
                    (None, None)
                }
            },
            None => (None, None),
        }
    }

    /// Whether what was pushed counts over the import: it was set, and after the import's
    /// feed was read, or the import does not have the product.
    fn counts<T>(&self, register: &Stamped<T>, base: Option<ItemId>) -> bool {
        register.revision > 0 && (register.number > self.until || base.is_none())
    }

    /// A card as it is now; `None` when nothing is listed on it.
    pub fn card(&self, id: ItemId) -> Option<Item> {
        let base = self.imported(id);
        let joined = self.joined.get(&id).map_or(&[][..], Vec::as_slice);
        let joined = joined.iter().filter_map(|sku| self.pushed.get(sku)?.own.as_ref());
        let of_base = base.map_or(&[][..], |item| &item.variants);
        let own = of_base.iter().filter_map(|v| self.pushed.get(v.sku.as_str())?.own.as_ref());
        let pushed: Vec<&Item> = own.filter(|item| item.id == id).chain(joined.clone()).collect();
        let mut card = base.or(pushed.first().copied())?.clone();
        complete(&mut card, &pushed);
        let states = self.states_on(of_base, joined.clone(), id);
        patch_texts(&mut card, &states, |register| self.counts(register, base.map(|_| id)));
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

    /// What was pushed of the products on a card: those of the import, and those that joined.
    fn states_on<'a>(
        &'a self,
        of_base: &[Variant],
        joined: impl Iterator<Item = &'a Item>,
        id: ItemId,
    ) -> Vec<&'a ProductState> {
        let joined = joined.flat_map(|item| &item.variants);
        let skus = of_base.iter().map(|variant| variant.sku.as_str());
        let pushed = skus.chain(joined.map(|variant| variant.sku.as_str()));
        let on_card = pushed.filter_map(|sku| self.pushed.get(sku));
        on_card.filter(|pushed| pushed.at == Some(id)).map(|pushed| &*pushed.state).collect()
    }

    /// A variant of the import as it is now; `None` when it is on this card no more.
    fn variant(&self, variant: &Variant, id: ItemId) -> Option<Variant> {
        let Some(pushed) = self.pushed.get(variant.sku.as_str()) else {
            return Some(variant.clone());
        };
        if pushed.at != Some(id) {
            return None;
        }
        if let Some(own) = pushed.own.as_ref().and_then(|own| own.variants.first()) {
            return Some(own.clone());
        }
        let (state, mut variant) = (&*pushed.state, variant.clone());
        let has_price = self.counts(&state.price, Some(id));
        let has_stock = self.counts(&state.stock, Some(id));
        if has_price {
            variant.price_minor = state.price.value.map_or(0, |price| price.minor);
        }
        let lower = |sale: &Sale| sale.price_minor < variant.price_minor;
        variant.sale = match self.counts(&state.sale_price, Some(id)) {
            true => sale_of(state, variant.price_minor),
            false => variant.sale.filter(lower),
        };
        for (list, info) in (0..).zip(&self.prices.lists) {
            let pushed = state.list_prices.get(&info.key);
            if self.counts(&pushed, Some(id)) {
                set_list_price(&mut variant.list_prices, list, list_price_of(&pushed, info));
            }
        }
        if has_stock {
            variant.stock = state.stock.value;
        }
        if has_stock || self.counts(&state.availability, Some(id)) {
            variant.availability = state.availability();
        }
        Some(variant)
    }

    /// A card as the import had it.
    pub fn imported(&self, id: ItemId) -> Option<&Item> {
        let at = self.base.binary_search_by_key(&id, |item| item.id).ok()?;
        self.base.get(at)
    }

    /// The offer of a card as it is now: that of the first of its variants that is in one,
    /// with all that are in one of the same label; it says an amount where theirs is the same.
    pub fn offer(&self, card: &Item, now_seconds: i64) -> Option<OfferRow> {
        let mut found: Option<OfferRow> = None;
        for (place, variant) in card.variants.iter().take(VARIANTS_MAX).enumerate() {
            let offer = self.offer_of(&variant.sku, now_seconds);
            let Some(offer) = offer.filter(|offer| offer.until_seconds > now_seconds) else {
                continue;
            };
            match &mut found {
                Some(found) if found.label == offer.label => {
                    found.variants |= 1 << place;
                    found.amount = found.amount.common(offer.amount);
                }
                Some(_) => {}
                none => *none = Some(OfferRow { id: card.id, variants: 1 << place, ..offer }),
            }
        }
        found
    }

    fn offer_of(&self, sku: &str, now_seconds: i64) -> Option<OfferRow> {
        let state = self.pushed.get(sku).map(|pushed| &*pushed.state);
        let base = self.base_at.get(sku).copied();
        let Some(state) = state.filter(|state| self.counts(&state.offer, base)) else {
            return self.offers.get(sku).cloned();
        };
        let offer = state.offer.value.as_ref()?;
        let label: String = offer.label.chars().take(OFFER_LABEL_CHARS_MAX).collect();
        (!label.is_empty()).then(|| OfferRow {
            id: ItemId(0),
            label,
            amount: match offer.price_off {
                Some(off) if off.currency() != self.currency => OfferAmount::Unsaid,
                _ => offer.amount(),
            },
            until_seconds: offer.until.unwrap_or(now_seconds + OFFER_SECONDS),
            variants: 0,
        })
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

/// Puts a price into a list, with the sale that it had where that is still lower; `None` takes
/// it out.
fn set_list_price(prices: &mut Vec<ListPrice>, list: u8, price_minor: Option<u32>) {
    let place = prices.binary_search_by_key(&list, |price| price.list);
    match (place, price_minor) {
        (Ok(at), Some(price_minor)) => {
            let sale = prices[at].sale.filter(|sale| sale.price_minor < price_minor);
            prices[at] = ListPrice { list, price_minor, sale };
        }
        (Err(at), Some(price_minor)) => {
            prices.insert(at, ListPrice { list, price_minor, sale: None });
        }
        (Ok(at), None) => {
            prices.remove(at);
        }
        (Err(_), None) => {}
    }
}

/// Gives a card what was pushed of its texts: of each, what the first of its products says
/// that says anything. Title, brand and categories are what makes it the card that it is.
fn complete(card: &mut Item, pushed: &[&Item]) {
    fn first<T: Clone>(
        pushed: &[&Item],
        of: impl Fn(&Item) -> &T,
        says: impl Fn(&T) -> bool,
    ) -> Option<T> {
        pushed.iter().map(|item| of(item)).find(|value| says(value)).cloned()
    }
    let text = |of: fn(&Item) -> &String| first(pushed, of, |text: &String| !text.is_empty());
    let texts = [
        (&mut card.description, text(|item| &item.description)),
        (&mut card.attributes, text(|item| &item.attributes)),
        (&mut card.link, text(|item| &item.link)),
    ];
    for (own, said) in texts {
        if let Some(said) = said {
            *own = said;
        }
    }
    if let Some(said) = first(pushed, |item| &item.characteristics, |list| !list.is_empty()) {
        card.characteristics = said;
    }
    if let Some(said) = first(pushed, |item| &item.image_links, |list| !list.is_empty()) {
        card.image_links = said;
    }
    card.rating = pushed.iter().find_map(|item| item.rating).or(card.rating);
    let listed = pushed.iter().find_map(|item| item.listed_at_seconds);
    card.listed_at_seconds = listed.or(card.listed_at_seconds);
}

/// Gives a card the newest title and description that patches gave one of its products. Facts that
/// were pushed later have the newer word. The card stays what it is: its id follows from the
/// title that its facts have.
fn patch_texts(
    card: &mut Item,
    states: &[&ProductState],
    counts: impl Fn(&Stamped<Option<Arc<str>>>) -> bool,
) {
    type Said = Stamped<Option<Arc<str>>>;
    let newest = |of: fn(&ProductState) -> Option<&Said>, says: fn(&ProductFacts) -> bool| {
        let patches = states.iter().filter_map(|state| of(state)).filter(|said| counts(said));
        let patch = patches.max_by_key(|said| said.number)?;
        let is_over = |state: &&ProductState| {
            let facts = state.facts.value.as_deref();
            state.facts.number > patch.number && facts.is_some_and(says)
        };
        (!states.iter().copied().any(|state| is_over(&state))).then_some(patch)
    };
    let title = newest(ProductState::patched_title, |facts| !facts.title.trim().is_empty());
    if let Some(title) = title.and_then(|said| said.value.as_deref()) {
        card.title = title.trim().to_owned();
    }
    let description =
        newest(ProductState::patched_description, |facts| !facts.description.is_empty());
    if let Some(said) = description {
        card.description = said.value.as_deref().unwrap_or_default().trim().to_owned();
    }
}

#[cfg(test)]
mod tests {
    use vitrine_catalogue::{ChangeLog, ChangeRequest, Judgement, LogConfig, ProductChange};
    use vitrine_domain::PriceListInfo;

    use super::*;

    fn item(id: u64, skus: &[&str]) -> Item {
        let variant =
            |sku: &&str| Variant { sku: (*sku).to_owned(), price_minor: 100, ..Variant::default() };
        let variants = skus.iter().map(variant).collect();
        Item {
            id: ItemId(id),
            title: format!("T{id}"),
            price_minor: 100,
            variants,
            ..Item::default()
        }
    }

    /// States after these changes, and the cards that they touch.
    fn pushed(overlay: &mut Overlay, lines: &[&str]) -> BTreeSet<ItemId> {
        let dir = tempfile::tempdir().unwrap();
        let config = LogConfig::new(Arc::new(|| 0));
        let log = ChangeLog::open(dir.path(), config, Box::new(|_, _| Judgement::Accept)).unwrap();
        let change = |line: &&str| ProductChange::from_line(line.as_bytes()).unwrap();
        let changes = lines.iter().map(change).collect();
        log.submit(ChangeRequest { changes, key: None }).unwrap();
        let mut touched = BTreeSet::new();
        for state in log.changed_since(0, 100) {
            overlay.take(&state, &mut touched);
        }
        touched
    }

    #[test]
    fn an_offer_stays_with_its_variant_when_others_go() {
        let offer = OfferRow {
            id: ItemId(1),
            label: "Coupon".to_owned(),
            amount: OfferAmount::default(),
            until_seconds: 1_000,
            variants: 0b10,
        };
        let mut overlay = Overlay::new(vec![item(1, &["a", "b", "c"])], &[offer], 0);
        let row = |overlay: &Overlay| overlay.offer(&overlay.card(ItemId(1)).unwrap(), 500);
        assert_eq!(row(&overlay).unwrap().variants, 0b10);
        pushed(&mut overlay, &[r#"{"op": "hide", "sku": "a"}"#]);
        assert_eq!(row(&overlay).unwrap().variants, 0b01, "b is the first now");
        pushed(&mut overlay, &[r#"{"op": "hide", "sku": "b"}"#]);
        assert_eq!(row(&overlay), None, "c never was in it");
        assert_eq!(overlay.offer(&item(1, &["b"]), 1_000), None, "it is over");
    }

    #[test]
    fn an_amount_is_that_of_all_variants_or_none() {
        let terms = PriceTerms::default();
        let base = vec![item(1, &["a", "b"])];
        let mut overlay = Overlay::new(base, &[], 0).with_prices("EUR", &terms);
        let amount = |overlay: &Overlay| {
            overlay.offer(&overlay.card(ItemId(1)).unwrap(), 0).map(|row| row.amount)
        };
        let offer = |sku: &str, amount: &str| {
            format!(r#"{{"op": "patch", "sku": "{sku}", "offer": {{"label": "x", {amount}}}}}"#)
        };
        let half = r#""price_off": "0.50 EUR""#;
        pushed(&mut overlay, &[&offer("a", half), &offer("b", half)]);
        assert_eq!(amount(&overlay), Some(OfferAmount::Minor(50)));
        pushed(&mut overlay, &[&offer("b", r#""percent_off": 5"#)]);
        assert_eq!(amount(&overlay), Some(OfferAmount::Unsaid));
        let yen = r#""price_off": "50 JPY""#;
        pushed(&mut overlay, &[&offer("a", yen), &offer("b", yen)]);
        assert_eq!(amount(&overlay), Some(OfferAmount::Unsaid), "the shop's prices are in euros");
    }

    #[test]
    fn a_pushed_price_of_a_list_leaves_the_others_and_a_sale_that_is_still_lower() {
        let list = |key: &str| PriceListInfo {
            key: key.into(),
            currency: "EUR".into(),
            ..PriceListInfo::default()
        };
        let terms = PriceTerms { tax_included: None, lists: vec![list("a"), list("b")] };
        let sale = Some(Sale { price_minor: 60, ..Sale::default() });
        let of = |list, price_minor, sale| ListPrice { list, price_minor, sale };
        let mut base = item(1, &["s"]);
        base.variants[0].list_prices = vec![of(0, 80, sale), of(1, 90, None)];
        let mut overlay = Overlay::new(vec![base], &[], 0).with_prices("EUR", &terms);
        let prices = |overlay: &Overlay| {
            let card = overlay.card(ItemId(1)).unwrap();
            card.variants.into_iter().flat_map(|variant| variant.list_prices).collect::<Vec<_>>()
        };
        pushed(&mut overlay, &[r#"{"op": "patch", "sku": "s", "prices": {"a": "0.70 EUR"}}"#]);
        assert_eq!(prices(&overlay), [of(0, 70, sale), of(1, 90, None)]);
        let lines =
            r#"{"op": "patch", "sku": "s", "revision": 5, "prices": {"a": "0.50 EUR", "b": null}}"#;
        pushed(&mut overlay, &[lines]);
        assert_eq!(prices(&overlay), [of(0, 50, None)]);
    }

    #[test]
    fn a_card_without_variants_is_none_and_a_moved_variant_is_on_one_card_alone() {
        let mut overlay = Overlay::new(vec![item(1, &["a"]), item(2, &["b"])], &[], 0);
        let line = r#"{"op": "upsert", "sku": "a", "title": "Another", "price": "2.00 EUR"}"#;
        let touched = pushed(&mut overlay, &[line]);
        assert_eq!(overlay.card(ItemId(1)), None);
        let other = touched.into_iter().find(|id| *id != ItemId(1)).unwrap();
        assert_eq!(overlay.card(other).unwrap().variants[0].price_minor, 200);
        let ids: Vec<ItemId> = overlay.cards().iter().map(|card| card.id).collect();
        assert_eq!(ids.len(), 2, "{ids:?}");
        assert_eq!(overlay.size().n_new_cards, 1);
    }

    #[test]
    fn one_variant_that_says_nothing_leaves_what_the_card_says() {
        let base = Item { description: "Of the feed".to_owned(), ..item(1, &["a", "b"]) };
        let title = base.title.clone();
        let mut overlay = Overlay::new(vec![base], &[], 0);
        let line = format!(r#"{{"op": "upsert", "sku": "b", "title": "{title}"}}"#);
        let touched = pushed(&mut overlay, &[&line]);
        for card in touched.into_iter().filter_map(|id| overlay.card(id)) {
            let is_base = card.id == ItemId(1);
            assert_eq!(card.description.is_empty(), !is_base, "{card:?}");
        }
    }

    #[test]
    fn patched_texts_are_on_the_card_which_stays_the_same() {
        let base = Item { description: "Of the feed".to_owned(), ..item(1, &["a", "b"]) };
        let mut overlay = Overlay::new(vec![base], &[], 0);
        let line = r#"{"op": "patch", "sku": "b", "title": "Better", "description": "Longer"}"#;
        let touched = pushed(&mut overlay, &[line]);
        assert_eq!(touched, BTreeSet::from([ItemId(1)]));
        let card = overlay.card(ItemId(1)).unwrap();
        assert_eq!((card.title.as_str(), card.description.as_str()), ("Better", "Longer"));
        assert_eq!(card.variants.len(), 2, "it is not split");
        let line = r#"{"op": "patch", "sku": "b", "revision": 9, "description": null}"#;
        pushed(&mut overlay, &[line]);
        assert_eq!(overlay.card(ItemId(1)).unwrap().description, "");
    }

    #[test]
    fn the_newer_word_of_a_feed_stands_over_patched_texts() {
        let mut overlay = Overlay::new(vec![item(1, &["a"])], &[], 5);
        pushed(&mut overlay, &[r#"{"op": "patch", "sku": "a", "title": "Better"}"#]);
        assert_eq!(overlay.card(ItemId(1)).unwrap().title, "T1");
    }
}
