//! Whether a change that could be applied should be.

use vitrine_domain::PriceListInfo;

use crate::change::{ChangeAction, ProductChange};
use crate::price::Price;
use crate::state::ProductState;

/// What a judge says of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is applied.
    Accept,
    /// It is stopped until somebody has looked at it.
    Quarantine(String),
    /// It cannot be right for this shop.
    Refuse(String),
}

/// Looks at a change and at what is known of its product. It is asked only about changes
/// that would change something, and runs on the writer of the log: it must be quick.
pub type Judge = Box<dyn Fn(&ProductChange, Option<&ProductState>) -> Judgement + Send>;

/// Stops prices that jump, and refuses those in another currency than the shop's.
#[derive(Clone, Debug)]
pub struct PriceGuard {
    /// ISO 4217 code of the shop's currency; `None` while it is not known: then prices in
    /// any are let in, and those in different ones are not compared.
    pub currency: Option<String>,
    /// The shop's price lists; none while its currency is not known.
    pub lists: Vec<PriceListInfo>,
    /// How many times the previous price the new one may be, and the other way round.
    pub ratio_max: u32,
}

impl PriceGuard {
    /// Judges the prices of a change. `published` is the price that shoppers see of a product
    /// of which none was pushed before.
    pub fn judge(
        &self,
        change: &ProductChange,
        before: Option<&ProductState>,
        published: Option<Price>,
    ) -> Judgement {
        let (price, sale) = match &change.action {
            ChangeAction::Upsert(product) => (product.terms.price, product.terms.sale_price),
            ChangeAction::Patch(patch) => (patch.price.flatten(), patch.sale_price.flatten()),
            _ => return Judgement::Accept,
        };
        if let Some(currency) = &self.currency {
            let mut prices = [price, sale.map(|sale| sale.price)].into_iter().flatten();
            if let Some(other) = prices.find(|price| price.currency() != currency) {
                let reason = format!("{other} is not in the shop's currency, {currency}");
                return Judgement::Refuse(reason);
            }
        }
        match (before.and_then(|before| before.price.value).or(published), price) {
            (Some(old), Some(new)) if self.is_jump(old, new) => Judgement::Quarantine(format!(
                "the price goes from {old} to {new}, more than {} times",
                self.ratio_max
            )),
            _ => match (price, sale) {
                (Some(price), Some(sale)) if self.is_jump(price, sale.price) => {
                    Judgement::Quarantine(format!(
                        "the sale price {} is less than one part in {} of {price}",
                        sale.price, self.ratio_max
                    ))
                }
                _ => Judgement::Accept,
            },
        }
    }

    /// Judges the prices in price lists, and the amount of an offer. Each price is compared
    /// with what was pushed `before`, if a record after `since` set it, and else with
    /// `published`, the price that shoppers see in the list of this key.
    pub fn judge_lists(
        &self,
        change: &ProductChange,
        before: Option<&ProductState>,
        since: u64,
        published: impl Fn(&str) -> Option<Price>,
    ) -> Judgement {
        let (prices, offer) = match &change.action {
            ChangeAction::Upsert(product) => (&product.list_prices, None),
            ChangeAction::Patch(patch) => (&patch.list_prices, patch.offer.as_ref()),
            _ => return Judgement::Accept,
        };
        if let (Some(currency), Some(off)) =
            (&self.currency, offer.and_then(|offer| offer.as_ref()?.price_off))
            && off.currency() != currency
        {
            return Judgement::Refuse(format!("{off} is not in the shop's currency, {currency}"));
        }
        for (key, price) in prices {
            if let Some(why) = self.refused(key, *price) {
                return Judgement::Refuse(why);
            }
            let pushed = before.map(|before| before.list_prices.get(key));
            let pushed = pushed.filter(|pushed| pushed.number > since);
            let old = pushed.map_or_else(|| published(key), |pushed| pushed.value);
            if let (Some(old), Some(new)) = (old, *price)
                && self.is_jump(old, new)
            {
                return Judgement::Quarantine(format!(
                    "the price of list {key} goes from {old} to {new}, more than {} times",
                    self.ratio_max
                ));
            }
        }
        Judgement::Accept
    }

    /// Why a list cannot have a price.
    fn refused(&self, key: &str, price: Option<Price>) -> Option<String> {
        if price.is_some_and(|price| price.minor == 0) {
            return Some(format!("the price of list {key} is 0: null says that there is none"));
        }
        self.currency.as_ref()?;
        let Some(list) = self.lists.iter().find(|list| list.key == key) else {
            let keys: Vec<&str> = self.lists.iter().map(|list| list.key.as_str()).collect();
            let known = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
            return Some(format!("the shop has no price list {key}; it has {known}"));
        };
        let other = price.filter(|price| price.currency() != list.currency)?;
        Some(format!("{other} is not in the currency of price list {key}, {}", list.currency))
    }

    fn is_jump(&self, old: Price, new: Price) -> bool {
        if old.currency() != new.currency() {
            return false;
        }
        let (low, high) = (old.minor.min(new.minor), old.minor.max(new.minor));
        low > 0 && u64::from(high) > u64::from(low) * u64::from(self.ratio_max)
    }
}
