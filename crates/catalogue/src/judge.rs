//! Whether a change that could be applied should be.

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

    fn is_jump(&self, old: Price, new: Price) -> bool {
        if old.currency() != new.currency() {
            return false;
        }
        let (low, high) = (old.minor.min(new.minor), old.minor.max(new.minor));
        low > 0 && u64::from(high) > u64::from(low) * u64::from(self.ratio_max)
    }
}
