//! The state that a log of changes folds to.
//!
//! A product is a handful of registers, each with the revision that set it. A change
//! offers its values to the registers that it names, and a register takes a value of a
//! higher revision only. The highest revision wins whatever the order of arrival, so a
//! patch that overtakes an older upsert keeps its price, and the upsert still brings the
//! title.
//!
//! Source: Shapiro et al., A comprehensive study of convergent and commutative replicated
//! data types, 2011, section 3.2.1 (last-writer-wins register).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vitrine_domain::Availability;

use crate::change::{ChangeAction, ProductChange, ProductPatch};
use crate::limits;
use crate::list_prices::ListPrices;
use crate::named_prices::NamedPrices;
use crate::price::{Price, SalePrice};
use crate::product::{ProductFacts, ProductTerms, RunningOffer};
use crate::register::{RegisterTally, Stamped};

/// What is known of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductState {
    /// The shop's identifier.
    pub sku: Arc<str>,
    /// Number of the record that changed it last.
    pub number: u64,
    /// What describes it; `None` when only patches have come so far, and after a deletion.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub facts: Stamped<Option<Arc<ProductFacts>>>,
    /// The title that a patch gave it; see [`Self::patched_title`].
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub title: Stamped<Option<Arc<str>>>,
    /// The description that a patch gave it, `None` when it took it away; see
    /// [`Self::patched_description`].
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub description: Stamped<Option<Arc<str>>>,
    /// Price of a piece.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub price: Stamped<Option<Price>>,
    /// A lower price, perhaps for a time.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub sale_price: Stamped<Option<SalePrice>>,
    /// Prices of a piece in the shop's price lists.
    #[serde(default, skip_serializing_if = "ListPrices::is_unset")]
    pub list_prices: ListPrices,
    /// Whether it can be bought, as the shop says it.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub availability: Stamped<Option<Availability>>,
    /// Pieces that are there.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub stock: Stamped<Option<u32>>,
    /// The promotion that it is in.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub offer: Stamped<Option<RunningOffer>>,
    /// Whether it is kept and shown to nobody.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    pub is_hidden: Stamped<bool>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum ChangeOutcome {
    /// It is durable and in the state.
    Applied,
    /// It is durable, and shows once the product's upsert has come.
    Waiting,
    /// The same revision of this product said the same before.
    Duplicate,
    /// Newer revisions have set all that it names.
    Stale,
    /// The judge stopped it; nothing is changed.
    Quarantined(String),
    /// It cannot be; nothing is changed.
    Invalid(String),
}

impl ProductState {
    /// A product of which nothing is known.
    fn unknown(sku: &str) -> Self {
        Self {
            sku: sku.into(),
            number: 0,
            facts: Stamped::default(),
            title: Stamped::default(),
            description: Stamped::default(),
            price: Stamped::default(),
            sale_price: Stamped::default(),
            list_prices: ListPrices::default(),
            availability: Stamped::default(),
            stock: Stamped::default(),
            offer: Stamped::default(),
            is_hidden: Stamped::default(),
        }
    }

    /// The state after record `number`, which set what has no number yet.
    pub(crate) fn numbered(mut self, number: u64) -> Self {
        self.number = number;
        self.facts.note(number);
        self.title.note(number);
        self.description.note(number);
        self.price.note(number);
        self.sale_price.note(number);
        self.list_prices.note(number);
        self.availability.note(number);
        self.stock.note(number);
        self.offer.note(number);
        self.is_hidden.note(number);
        self
    }

    /// The highest revision that set anything.
    pub fn revision(&self) -> u64 {
        [
            self.facts.revision,
            self.title.revision,
            self.description.revision,
            self.price.revision,
            self.sale_price.revision,
            self.list_prices.revision(),
            self.availability.revision,
            self.stock.revision,
            self.offer.revision,
            self.is_hidden.revision,
        ]
        .into_iter()
        .fold(0, u64::max)
    }

    /// The title of a patch, unless newer facts came with a title of their own.
    pub fn patched_title(&self) -> Option<&Stamped<Option<Arc<str>>>> {
        let is_newest = self.title.revision > self.facts.revision;
        (is_newest && self.title.value.is_some()).then_some(&self.title)
    }

    /// The description of a patch, unless newer facts came; one without a value takes it away.
    pub fn patched_description(&self) -> Option<&Stamped<Option<Arc<str>>>> {
        (self.description.revision > self.facts.revision).then_some(&self.description)
    }

    /// Whether shoppers may see it: it was upserted, and is neither hidden nor deleted.
    pub fn is_listed(&self) -> bool {
        self.facts.value.is_some() && !self.is_hidden.value
    }

    /// Whether it can be bought: what the shop says, or else whether pieces are there.
    pub fn availability(&self) -> Availability {
        match (self.availability.value, self.stock.value) {
            (Some(availability), _) => availability,
            (None, Some(0)) => Availability::OutOfStock,
            (None, _) => Availability::InStock,
        }
    }

    /// The price at a moment, in seconds since 1970-01-01 UTC.
    pub fn price_at(&self, now_seconds: i64) -> Option<Price> {
        let holds = |sale: &SalePrice| {
            let within = |p: crate::SalePeriod| {
                p.starts_seconds <= now_seconds && now_seconds < p.ends_seconds
            };
            sale.period.is_none_or(within)
        };
        let sale = self.sale_price.value.filter(holds).map(|sale| sale.price);
        sale.or(self.price.value)
    }

    fn take(&mut self, action: &ChangeAction, revision: u64) -> RegisterTally {
        let mut tally = RegisterTally::default();
        match action {
            ChangeAction::Upsert(product) => {
                let facts = Some(Arc::new(product.facts.clone()));
                tally.offer(&mut self.facts, revision, facts);
                self.take_terms(product.terms, revision, &mut tally);
                self.list_prices.take_all(&product.list_prices, revision, &mut tally);
            }
            ChangeAction::Patch(patch) => self.take_patch(patch, revision, &mut tally),
            ChangeAction::Hide => tally.offer(&mut self.is_hidden, revision, true),
            ChangeAction::Unhide => tally.offer(&mut self.is_hidden, revision, false),
            ChangeAction::Delete => {
                tally.offer(&mut self.facts, revision, None);
                tally.offer(&mut self.title, revision, None);
                tally.offer(&mut self.description, revision, None);
                self.take_terms(ProductTerms::default(), revision, &mut tally);
                self.list_prices.take_all(&NamedPrices::new(), revision, &mut tally);
                tally.offer(&mut self.offer, revision, None);
                tally.offer(&mut self.is_hidden, revision, false);
            }
        }
        tally
    }

    fn take_terms(&mut self, terms: ProductTerms, revision: u64, tally: &mut RegisterTally) {
        tally.offer(&mut self.price, revision, terms.price);
        tally.offer(&mut self.sale_price, revision, terms.sale_price);
        tally.offer(&mut self.availability, revision, terms.availability);
        tally.offer(&mut self.stock, revision, terms.stock);
    }

    fn take_patch(&mut self, patch: &ProductPatch, revision: u64, tally: &mut RegisterTally) {
        if let Some(title) = &patch.title {
            tally.offer(&mut self.title, revision, Some(title.as_str().into()));
        }
        if let Some(description) = &patch.description {
            tally.offer(&mut self.description, revision, description.as_deref().map(Arc::from));
        }
        if let Some(price) = patch.price {
            tally.offer(&mut self.price, revision, price);
        }
        if let Some(sale_price) = patch.sale_price {
            tally.offer(&mut self.sale_price, revision, sale_price);
        }
        self.list_prices.take(&patch.list_prices, revision, tally);
        if let Some(availability) = patch.availability {
            tally.offer(&mut self.availability, revision, availability);
        }
        if let Some(stock) = patch.stock {
            tally.offer(&mut self.stock, revision, stock);
        }
        if let Some(offer) = &patch.offer {
            tally.offer(&mut self.offer, revision, offer.clone());
        }
    }
}

/// What a change makes of a product, and what became of it; `None` when the product stays
/// as it is. A change without a revision gets the next one, which is in the returned state.
///
/// A function of its arguments alone. Any order of changes with distinct revisions, each
/// any number of times, gives the same product, but for [`ProductState::number`].
pub fn apply_change(
    before: Option<&ProductState>,
    change: &ProductChange,
) -> (Option<ProductState>, ChangeOutcome) {
    let mut after = before.cloned().unwrap_or_else(|| ProductState::unknown(&change.sku));
    let revision = change.revision.unwrap_or_else(|| after.revision() + 1);
    if revision > limits::REVISION_MAX {
        let reason = format!("there is no revision after {}", limits::REVISION_MAX);
        return (None, ChangeOutcome::Invalid(reason));
    }
    let tally = after.take(&change.action, revision);
    if tally.n_conflicts > 0 {
        let reason =
            format!("revision {revision} said something else before: send it with a higher one");
        (None, ChangeOutcome::Invalid(reason))
    } else if tally.n_set > 0 {
        let is_waiting = after.facts.is_unset() && !matches!(change.action, ChangeAction::Hide);
        let outcome = if is_waiting { ChangeOutcome::Waiting } else { ChangeOutcome::Applied };
        (Some(after), outcome)
    } else if tally.n_same > 0 {
        (None, ChangeOutcome::Duplicate)
    } else {
        (None, ChangeOutcome::Stale)
    }
}

/// All products, and in which order they changed last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogueState {
    products: HashMap<Arc<str>, Arc<ProductState>>,
    by_number: BTreeMap<u64, Arc<str>>,
}

impl CatalogueState {
    /// Products that are known, hidden and deleted ones included.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// A product by the shop's identifier.
    pub fn get(&self, sku: &str) -> Option<&Arc<ProductState>> {
        self.products.get(sku)
    }

    /// All products, in no particular order.
    pub fn products(&self) -> impl Iterator<Item = &Arc<ProductState>> {
        self.products.values()
    }

    /// Products that a record after `number` changed, the oldest change first, each as it
    /// is now; at most `n_max`.
    pub fn changed_since(&self, number: u64, n_max: usize) -> Vec<Arc<ProductState>> {
        let after = self.by_number.range(number.saturating_add(1)..);
        after.filter_map(|(_, sku)| self.products.get(sku)).take(n_max).cloned().collect()
    }

    /// Applies the change of record `number`.
    pub fn apply(&mut self, change: &ProductChange, number: u64) -> ChangeOutcome {
        let (after, outcome) = apply_change(self.get(&change.sku).map(AsRef::as_ref), change);
        if let Some(after) = after {
            self.put(Arc::new(after.numbered(number)));
        }
        outcome
    }

    /// Puts a product in the place of what was known of it.
    pub(crate) fn put(&mut self, product: Arc<ProductState>) {
        let sku = Arc::clone(&product.sku);
        self.by_number.insert(product.number, Arc::clone(&sku));
        if let Some(before) = self.products.insert(sku, Arc::clone(&product))
            && before.number != product.number
        {
            self.by_number.remove(&before.number);
        }
    }
}
