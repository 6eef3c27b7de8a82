//! What the shop's own systems push: the logs of changes, of orders and of reviews in the data
//! folder, and the judge of changes.
//!
//! One server has the logs of a data folder. A second one serves what is published and
//! takes nothing.

pub mod product;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use vitrine_catalogue::{
    CatalogueError, ChangeAction, ChangeLog, Judge, Judgement, LogConfig, LoggedReview, OrderLine,
    OrderLog, Price, PriceGuard, ProductChange, ProductState, Pseudonymise, ReviewLog,
    apply_change, read_order_lines, read_products, read_reviews,
};
use vitrine_domain::{PriceListInfo, PriceTerms};
use vitrine_quality::{Pseudonyms, QualityError};
use vitrine_wire::{CardListPrices, CatalogueRows};

use self::product::card_of;
use crate::clock::now_seconds;

/// The key of pseudonyms, in quarantines and in the logs of orders and reviews, in the data folder.
pub const PSEUDONYM_KEY_FILE: &str = "pseudonym.key";
/// Folder of the log of changes in the data folder.
pub const CHANGES_FOLDER: &str = "changes";
/// Folder of the log of orders in the data folder.
pub const ORDERS_FOLDER: &str = "orders";
/// Folder of the log of reviews in the data folder.
pub const REVIEWS_FOLDER: &str = "reviews";
/// How many times its price before a product may cost, and the other way round; a price
/// beyond it is quarantined. A sale halves a price, a slip of the decimal point or cents for
/// dollars makes it 100 times as high.
pub const PRICE_RATIO_MAX: u32 = 20;

/// Why the logs cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PushedError {
    /// A log is damaged or another server has it, or the disk refuses.
    #[error(transparent)]
    Log(#[from] CatalogueError),
    /// The key of the pseudonyms cannot be read or made.
    #[error(transparent)]
    Pseudonyms(#[from] QualityError),
}

impl PushedError {
    /// Whether another server has the logs.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Log(CatalogueError::InUse { .. }))
    }
}

/// The logs of one data folder.
pub struct Pushed {
    /// Changes of products.
    pub changes: Arc<ChangeLog>,
    /// Lines of orders.
    pub orders: OrderLog,
    /// Reviews.
    pub reviews: ReviewLog,
    pseudonyms: Arc<Pseudonyms>,
    known: Arc<KnownShop>,
}

/// What the judge knows of the published catalogue, once there is one.
#[derive(Default)]
struct KnownShop(RwLock<Option<PublishedPrices>>);

struct PublishedPrices {
    currency: String,
    lists: Vec<PriceListInfo>,
    /// Record of the log before which the published catalogue speaks.
    until: u64,
    /// In minor units, by sku; 0 = not priced.
    prices: HashMap<Box<str>, u32>,
    /// Prices in the lists, by sku: place of the list, and minor units of its currency.
    list_prices: HashMap<Box<str>, Vec<(u8, u32)>>,
}

impl PublishedPrices {
    fn price(&self, sku: &str) -> Option<Price> {
        let minor = self.prices.get(sku).filter(|minor| **minor > 0)?;
        Price::new(*minor, &self.currency).ok()
    }

    fn list_price(&self, sku: &str, key: &str) -> Option<Price> {
        let place = self.lists.iter().position(|list| list.key == key)?;
        let prices = self.list_prices.get(sku)?;
        let (_, minor) = prices.iter().find(|(list, _)| usize::from(*list) == place)?;
        Price::new(*minor, &self.lists[place].currency).ok()
    }
}

impl Pushed {
    /// Opens the logs of a data folder, or makes them.
    ///
    /// # Errors
    /// [`PushedError`]; nothing is locked then.
    pub fn open(data_dir: &Path) -> Result<Self, PushedError> {
        Self::open_with(data_dir, &LogConfig::new(Arc::new(now_seconds)))
    }

    /// The same on a disk and with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(data_dir: &Path, config: &LogConfig) -> Result<Self, PushedError> {
        let known = Arc::new(KnownShop::default());
        let judge = judge(Arc::clone(&known));
        let changes = ChangeLog::open(&data_dir.join(CHANGES_FOLDER), config.clone(), judge)?;
        let pseudonyms = Arc::new(Pseudonyms::open(&data_dir.join(PSEUDONYM_KEY_FILE))?);
        let pseudonymise = || -> Pseudonymise {
            let pseudonyms = Arc::clone(&pseudonyms);
            Box::new(move |identifier| pseudonyms.of(identifier))
        };
        let orders = data_dir.join(ORDERS_FOLDER);
        let orders = OrderLog::open(&orders, config.clone(), pseudonymise())?;
        let reviews = data_dir.join(REVIEWS_FOLDER);
        let reviews = ReviewLog::open(&reviews, config.clone(), pseudonymise())?;
        Ok(Self { changes: Arc::new(changes), orders, reviews, pseudonyms, known })
    }

    /// What stands for the body of a push, and tells nobody without the shop's key what was in it.
    pub fn mark(&self, body: &[u8]) -> String {
        self.pseudonyms.of(&blake3::hash(body).to_hex())
    }

    /// Whether the published catalogue has a product.
    pub fn is_published(&self, sku: &str) -> bool {
        let known = self.known.0.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().is_some_and(|known| known.prices.contains_key(sku))
    }

    /// Judges by a published catalogue from now on: prices in another currency and in lists
    /// that it does not have are refused, and a product's first pushed prices are compared with the published ones.
    pub fn judge_by(
        &self,
        (currency, terms): (&str, &PriceTerms),
        until: u64,
        rows: &CatalogueRows,
    ) {
        let prices = rows.cards.iter().flat_map(|card| {
            let prices = rows.price(card.id).map_or(&[][..], |row| &row.variant_prices_minor);
            card.variants
                .iter()
                .zip(prices)
                .map(|(variant, price)| (variant.sku.as_str().into(), *price))
        });
        let list_prices = rows.cards.iter().flat_map(|card| {
            let row = rows.list_prices(card.id);
            row.into_iter().flat_map(|row| {
                card.variants.iter().enumerate().map(|(place, variant)| {
                    let of_list = |list: &CardListPrices| {
                        Some((list.list, row.price_of(list.list, place)?.0))
                    };
                    let prices = row.lists.iter().filter_map(of_list).collect();
                    (variant.sku.as_str().into(), prices)
                })
            })
        });
        let known = PublishedPrices {
            currency: currency.to_owned(),
            lists: terms.lists.clone(),
            until,
            prices: prices.collect(),
            list_prices: list_prices.collect(),
        };
        *self.known.0.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

/// What was pushed until now, as an import reads it, a server beside it or not.
#[derive(Default)]
pub struct PushedSoFar {
    /// Number of the last record of the log of changes.
    pub number: u64,
    /// Every product that was ever pushed.
    pub products: Vec<Arc<ProductState>>,
    /// Every order line, in the order in which they came.
    pub orders: Vec<OrderLine>,
    /// Every review as it was pushed last, in the order in which they came first.
    pub reviews: Vec<LoggedReview>,
}

impl PushedSoFar {
    /// Reads the logs of a data folder; empty where nothing was pushed.
    ///
    /// # Errors
    /// A log is damaged, or the disk refuses.
    pub fn read(data_dir: &Path) -> Result<Self, CatalogueError> {
        let (number, products) = read_products(&data_dir.join(CHANGES_FOLDER))?;
        let orders = read_order_lines(&data_dir.join(ORDERS_FOLDER))?;
        let reviews = read_reviews(&data_dir.join(REVIEWS_FOLDER))?;
        Ok(Self { number, products, orders, reviews })
    }

    /// Number of the last record of the log of changes.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn number(data_dir: &Path) -> Result<u64, CatalogueError> {
        Ok(read_products(&data_dir.join(CHANGES_FOLDER))?.0)
    }
}

fn judge(known: Arc<KnownShop>) -> Judge {
    Box::new(move |change, before| -> Judgement {
        let known = known.0.read().unwrap_or_else(PoisonError::into_inner);
        let currency = known.as_ref().map(|known| known.currency.clone());
        let is_newer = |before: &&ProductState| {
            known.as_ref().is_none_or(|known| before.price.number > known.until)
        };
        let sku = change.sku.as_str();
        let published = known.as_ref().and_then(|known| known.price(sku));
        let in_list = |key: &str| known.as_ref().and_then(|known| known.list_price(sku, key));
        let lists = known.as_ref().map_or_else(Vec::new, |known| known.lists.clone());
        let guard = PriceGuard { currency, lists, ratio_max: PRICE_RATIO_MAX };
        let since = known.as_ref().map_or(0, |known| known.until);
        match guard.judge(change, before.filter(is_newer), published) {
            Judgement::Accept => {}
            stopped => return stopped,
        }
        match guard.judge_lists(change, before, since, in_list) {
            Judgement::Accept => listable(change, before),
            stopped => stopped,
        }
    })
}

/// Stops a product that an import would not list, for the same reasons.
fn listable(change: &ProductChange, before: Option<&ProductState>) -> Judgement {
    let price = match &change.action {
        ChangeAction::Upsert(product) => product.terms.price,
        ChangeAction::Patch(patch) => patch.price.flatten(),
        _ => None,
    };
    if price.is_some_and(|price| price.minor == 0) {
        let why = "the price is 0: null says that there is none, hide takes a product away";
        return Judgement::Refuse(why.to_owned());
    }
    let title = match &change.action {
        ChangeAction::Patch(patch) => patch.title.as_deref(),
        _ => None,
    };
    if title.is_some_and(|title| !title.contains(char::is_alphanumeric)) {
        return Judgement::Quarantine("the title has no letter and no digit".to_owned());
    }
    let ChangeAction::Upsert(product) = &change.action else { return Judgement::Accept };
    let (Some(after), _) = apply_change(before, change) else { return Judgement::Accept };
    // In which lists it has which price does not matter to whether it can be listed.
    match card_of(&after, &product.facts, &PriceTerms::default()) {
        Ok(_) => Judgement::Accept,
        Err(why) => Judgement::Quarantine(format!("it cannot be listed: {why:#}")),
    }
}

#[cfg(test)]
mod tests {
    use vitrine_catalogue::{ChangeOutcome, ChangeRequest};
    use vitrine_domain::ItemId;
    use vitrine_wire::{Card, PriceListRow, PriceRow, VariantRow};

    use super::*;

    fn outcome(pushed: &Pushed, line: &str) -> ChangeOutcome {
        let changes = vec![ProductChange::from_line(line.as_bytes()).unwrap()];
        let receipt = pushed.changes.submit(ChangeRequest { changes, key: None });
        receipt.unwrap().outcomes.remove(0)
    }

    #[test]
    fn a_data_folder_has_one_server_that_takes_pushes() {
        let dir = tempfile::tempdir().unwrap();
        let first = Pushed::open(dir.path()).unwrap();
        let Err(error) = Pushed::open(dir.path()) else { panic!("the first one has it") };
        assert!(error.is_in_use() && error.to_string().contains("in use"), "{error}");
        drop(first);
        assert!(Pushed::open(dir.path()).is_ok(), "it is free again");
    }

    #[test]
    fn prices_are_judged_by_the_currency_once_it_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let pushed = Pushed::open(dir.path()).unwrap();
        let price = |sku: &str, price: &str| {
            outcome(&pushed, &format!(r#"{{"op": "patch", "sku": "{sku}", "price": "{price}"}}"#))
        };
        assert_eq!(price("a", "3.49 USD"), ChangeOutcome::Waiting);
        assert_eq!(price("b", "3.49 EUR"), ChangeOutcome::Waiting);
        let jump = price("a", "349 USD");
        assert!(matches!(jump, ChangeOutcome::Quarantined(why) if why.contains("349.00 USD")));
        pushed.judge_by(("USD", &PriceTerms::default()), 0, &CatalogueRows::default());
        let other = price("b", "3.59 EUR");
        let ChangeOutcome::Invalid(why) = other else { panic!("{other:?}") };
        assert!(why.contains("3.59 EUR") && why.contains("USD"), "{why}");
        assert_eq!(price("b", "3.59 USD"), ChangeOutcome::Waiting, "currencies are not compared");
    }

    #[test]
    fn a_first_price_is_held_against_the_published_one() {
        let dir = tempfile::tempdir().unwrap();
        let pushed = Pushed::open(dir.path()).unwrap();
        let variant = VariantRow { sku: "milk".to_owned(), ..VariantRow::default() };
        let card = Card { id: ItemId(1), variants: vec![variant], ..Card::default() };
        let price =
            PriceRow { id: ItemId(1), variant_prices_minor: vec![349], ..PriceRow::default() };
        let (cards, prices) = (vec![card], vec![price]);
        pushed.judge_by(
            ("USD", &PriceTerms::default()),
            0,
            &CatalogueRows { cards, prices, ..CatalogueRows::default() },
        );
        let jump = outcome(&pushed, r#"{"op": "patch", "sku": "milk", "price": "349 USD"}"#);
        assert!(
            matches!(&jump, ChangeOutcome::Quarantined(why) if why.contains("3.49 USD")),
            "{jump:?}"
        );
        let usual = outcome(&pushed, r#"{"op": "patch", "sku": "milk", "price": "2.99 USD"}"#);
        assert_eq!(usual, ChangeOutcome::Waiting);
    }

    #[test]
    fn a_first_price_in_a_list_is_held_against_the_published_one() {
        let dir = tempfile::tempdir().unwrap();
        let pushed = Pushed::open(dir.path()).unwrap();
        let list = |key: &str| PriceListInfo {
            key: key.to_owned(),
            currency: "EUR".to_owned(),
            ..PriceListInfo::default()
        };
        let terms =
            PriceTerms { lists: vec![list("north"), list("south")], ..PriceTerms::default() };
        let variant = |sku: &str| VariantRow { sku: sku.to_owned(), ..VariantRow::default() };
        let variants = vec![variant("milk"), variant("milk-2")];
        let card = Card { id: ItemId(1), variants, ..Card::default() };
        let south = CardListPrices {
            list: 1,
            variant_prices_minor: vec![0, 700],
            ..CardListPrices::default()
        };
        let row = PriceListRow { id: ItemId(1), lists: vec![south] };
        let rows =
            CatalogueRows { cards: vec![card], price_lists: vec![row], ..CatalogueRows::default() };
        pushed.judge_by(("USD", &terms), 0, &rows);
        let price = |sku: &str, list: &str, price: &str| {
            let prices = format!(r#"{{"{list}": "{price}"}}"#);
            let line = format!(r#"{{"op": "patch", "sku": "{sku}", "prices": {prices}}}"#);
            outcome(&pushed, &line)
        };
        let jump = price("milk-2", "south", "700 EUR");
        assert!(
            matches!(&jump, ChangeOutcome::Quarantined(why) if why.contains("7.00 EUR")),
            "{jump:?}"
        );
        assert_eq!(price("milk-2", "south", "6.50 EUR"), ChangeOutcome::Waiting);
        assert_eq!(price("milk-2", "north", "700 EUR"), ChangeOutcome::Waiting, "no price there");
        assert_eq!(price("milk", "south", "700 EUR"), ChangeOutcome::Waiting, "another variant");
    }

    #[test]
    fn what_says_nothing_is_quarantined() {
        let dir = tempfile::tempdir().unwrap();
        let pushed = Pushed::open(dir.path()).unwrap();
        let nothing = outcome(&pushed, r#"{"op": "upsert", "sku": "x", "title": "---"}"#);
        assert!(
            matches!(&nothing, ChangeOutcome::Quarantined(why) if why.contains("title")),
            "{nothing:?}"
        );
        let patched = outcome(&pushed, r#"{"op": "patch", "sku": "x", "title": "---"}"#);
        assert!(
            matches!(&patched, ChangeOutcome::Quarantined(why) if why.contains("title")),
            "{patched:?}"
        );
    }
}
