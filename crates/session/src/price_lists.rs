//! Which prices are shown: the standard ones, or those of a price list that the shopper, or
//! the page that hosts the shop, has picked. Everything is on the device anyway: a choice
//! sends nothing, and rankings go by the standard prices whatever is shown.

use std::rc::Rc;

use vitrine_domain::{Manifest, OfferAmount, PriceListInfo};

use crate::pair::Pair;
use crate::session::Session;
use crate::state::State;
use crate::{ItemCard, PriceListChoice, VariantView};

/// The prices that cards are shown with. Cards and variants come to it with standard prices,
/// which is what the device keeps.
pub(crate) struct ShownPrices(Option<ListInUse>);

struct ListInUse {
    pair: Rc<Pair>,
    list: u8,
    /// Whether what the list does not price costs what it does without a list: standard
    /// prices are in the same currency and say the same of tax.
    keeps_standard: bool,
}

impl State {
    /// Place and description of the list in use; `None` with standard prices.
    pub fn price_list<'a>(&self, manifest: &'a Manifest) -> Option<(u8, &'a PriceListInfo)> {
        let key = match &self.settings.price_list {
            PriceListChoice::Preset => self.preset_price_list.as_deref()?,
            PriceListChoice::Standard => return None,
            PriceListChoice::List(key) => key,
        };
        let place = manifest.prices.place(key)?;
        Some((place, manifest.prices.lists.get(usize::from(place))?))
    }

    /// The prices that cards are shown with now.
    pub fn shown_prices(&self) -> ShownPrices {
        let in_use = self.pairs.active().and_then(|pair| {
            let manifest = &pair.manifest;
            let (list, info) = self.price_list(manifest)?;
            let keeps_standard = info.currency == manifest.currency
                && info.tax_included == manifest.prices.tax_included;
            // Lists come after what the first feed needs: till then no price is better than
            // that of another list.
            let keeps_standard = keeps_standard && pair.complete;
            Some(ListInUse { pair: Rc::clone(pair), list, keeps_standard })
        });
        ShownPrices(in_use)
    }
}

impl ShownPrices {
    /// Whether they are those that the shop asks of everyone.
    pub fn are_standard(&self) -> bool {
        self.0.is_none()
    }

    /// The card with the prices of the list in use.
    pub fn card(&self, mut card: ItemCard) -> ItemCard {
        let Some(ListInUse { pair, list, keeps_standard }) = &self.0 else { return card };
        let row = pair.catalogue.rows().list_prices(card.id);
        for (place, variant) in card.variants.iter_mut().enumerate() {
            match row.and_then(|row| row.price_of(*list, place)) {
                Some((price_minor, sale)) => {
                    (variant.price_minor, variant.sale) = (price_minor, sale);
                }
                None if *keeps_standard => {}
                None => (variant.price_minor, variant.sale) = (0, None),
            }
        }
        card.price_minor = match card.variants.first() {
            Some(first) => first.price_minor,
            None if *keeps_standard => card.price_minor,
            None => 0,
        };
        if let Some(offer) = card.offer.as_mut().filter(|_| !keeps_standard)
            && matches!(offer.amount, OfferAmount::Minor(_))
        {
            offer.amount = OfferAmount::Unsaid;
        }
        card
    }

    /// A variant that its card does not list any more, as it was last seen.
    pub fn unlisted(&self, mut variant: VariantView) -> VariantView {
        if self.0.as_ref().is_some_and(|list| !list.keeps_standard) {
            (variant.price_minor, variant.sale) = (0, None);
        }
        variant
    }
}

impl Session {
    /// The price lists that the shop publishes, in its order; empty before the first sync.
    pub fn price_lists(&self) -> Vec<PriceListInfo> {
        self.active().map_or_else(Vec::new, |pair| pair.manifest.prices.lists.clone())
    }

    /// The list whose prices are shown; `None` where those are the standard ones.
    pub fn price_list(&self) -> Option<PriceListInfo> {
        let pair = self.active()?;
        let state = self.inner.state.borrow();
        state.price_list(&pair.manifest).map(|(_, list)| list.clone())
    }

    /// Chooses the list with this key, or the standard prices, for all tabs of this device.
    /// Takes effect at once; kept on the device, and sends nothing. A list that the shop does
    /// not publish shows the standard prices until it does.
    pub async fn set_price_list(&self, key: Option<&str>) {
        let choice =
            key.map_or(PriceListChoice::Standard, |key| PriceListChoice::List(key.to_owned()));
        self.inner.state.borrow_mut().settings.price_list = choice;
        self.store_settings().await;
    }

    /// What the page that hosts the shop presets: the list with this key until the shopper
    /// has chosen another, or the standard prices. It holds in this tab and is not kept.
    pub fn preset_price_list(&self, key: Option<&str>) {
        self.inner.state.borrow_mut().preset_price_list = key.map(str::to_owned);
    }
}
