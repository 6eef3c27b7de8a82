//! The pass over the product feed: checks, then cards.

use std::collections::HashMap;

use vitrine_domain::{ListPrice, Product, Sale, limits};

use crate::cards::{Catalogue, Groups};
use crate::listing::Listing;
use crate::{QualityError, Reason, Rejection, Unreadable};

/// A product as read, before checks. `product.price_minor` is ignored: the
/// price as given may be nonsense and is in `price_minor`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductRow {
    /// The product; texts as the feed has them.
    pub product: Product,
    /// Price of a piece in minor units, as given.
    pub price_minor: Option<i64>,
    /// Its prices in the shop's price lists, as given, by ascending list;
    /// `product.list_prices` is ignored.
    pub list_prices: Vec<GivenListPrice>,
    /// Whether a rule of the mapping leaves it out.
    pub excluded: bool,
    /// Fields that are checked and not shown.
    pub merchant: Merchant,
}

/// A price in a price list as given: it may be nonsense, even negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenListPrice {
    /// Place of the list among those of the shop.
    pub list: u8,
    /// In minor units of the list's currency.
    pub price_minor: i64,
    /// A lower price for a time.
    pub sale: Option<Sale>,
}

/// Fields of the Merchant product feed that only the checks look at; as the feed
/// has them, empty when it has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merchant {
    /// Global trade item number (EAN, UPC).
    pub gtin: String,
    /// Address of the product's page.
    pub link: String,
    /// Address of its picture.
    pub image_link: String,
    /// When it can be bought.
    pub availability_date: String,
    /// When it stops being listed.
    pub expiration_date: String,
}

/// Checks products one by one and collects those kept.
///
/// Memory grows with the number of distinct products, not with the feed's text:
/// equal texts are stored once.
#[derive(Default)]
pub struct ProductPass {
    listings: HashMap<Box<str>, Listing>,
    groups: Groups,
}

impl ProductPass {
    /// A pass that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks a row and, when it is good, lists the product.
    ///
    /// # Errors
    /// The reason for which the row belongs into quarantine.
    pub fn push(&mut self, row: Result<ProductRow, Unreadable>) -> Result<(), Rejection> {
        let ProductRow { mut product, price_minor, list_prices, excluded, .. } = row?;
        if product.sku.is_empty() {
            return Err(Rejection::new(Reason::EmptyId, "the product has no sku"));
        }
        if matches!(self.listings.get(product.sku.as_str()), Some(Listing::Kept(_))) {
            let message = format!("sku {} was listed before", shown(&product.sku));
            return Err(Rejection::new(Reason::DuplicateId, message));
        }
        let checked = check_texts(&product)
            .and_then(|()| Ok((checked_price(price_minor)?, checked_list_prices(&list_prices)?)));
        let verdict = match checked {
            Ok(_) if excluded => {
                let message = "a rule of the mapping leaves this product out";
                Err(Rejection::new(Reason::Excluded, message))
            }
            other => other,
        };
        let listing = match &verdict {
            Ok((price, of_lists)) => {
                product.price_minor = *price;
                product.list_prices.clone_from(of_lists);
                Listing::Kept(self.groups.n_products())
            }
            Err(rejection) if rejection.reason == Reason::Excluded => Listing::Excluded,
            Err(_) => Listing::Rejected,
        };
        // The id of an over-long sku is not worth remembering.
        if product.sku.len() <= limits::TEXT_CHARS_MAX * 4 {
            self.listings.insert(product.sku.as_str().into(), listing);
        }
        verdict?;
        self.groups.push(product);
        Ok(())
    }

    /// Whether a row of this sku has come, kept or not.
    pub fn has_seen(&self, sku: &str) -> bool {
        self.listings.contains_key(sku)
    }

    /// Makes cards of the products that were kept.
    ///
    /// # Errors
    /// [`QualityError::IdCollision`] when two texts have one id,
    /// [`QualityError::TooManyItems`] beyond `limits::ITEMS_MAX` cards.
    pub fn finish(self) -> Result<Catalogue, QualityError> {
        Catalogue::build(self.groups, self.listings)
    }
}

fn check_texts(product: &Product) -> Result<(), Rejection> {
    let texts = [
        ("sku", &product.sku),
        ("title", &product.title),
        ("description", &product.description),
        ("attributes", &product.attributes),
        ("department", &product.department),
        ("category", &product.category),
        ("brand", &product.brand),
        ("manufacturer", &product.manufacturer),
        ("size", &product.size),
    ];
    for (name, text) in texts {
        let n_chars = text.chars().count();
        if n_chars > limits::TEXT_CHARS_MAX {
            let max = limits::TEXT_CHARS_MAX;
            let message = format!("{name} has {n_chars} characters, {max} are allowed");
            return Err(Rejection::new(Reason::TextTooLong, message));
        }
    }
    let texts = [&product.title, &product.category, &product.department];
    if texts.into_iter().all(|text| crate::titles::says_nothing(text)) {
        let message = "neither title, category nor department says what it is";
        return Err(Rejection::new(Reason::NoText, message));
    }
    Ok(())
}

/// A positive price that fits, or none.
pub(crate) fn checked_price(price_minor: Option<i64>) -> Result<Option<u32>, Rejection> {
    let Some(price) = price_minor else { return Ok(None) };
    let reason = match u32::try_from(price) {
        Ok(0) => Reason::ZeroPrice,
        Ok(price) => return Ok(Some(price)),
        Err(_) if price < 0 => Reason::NegativePrice,
        Err(_) => Reason::OutOfRange,
    };
    Err(Rejection::new(reason, format!("the price is {price} minor units")))
}

/// Positive prices that fit, with those sales that are lower.
fn checked_list_prices(given: &[GivenListPrice]) -> Result<Vec<ListPrice>, Rejection> {
    let checked = |given: &GivenListPrice| {
        let price_minor = checked_price(Some(given.price_minor)).map_err(|of_price| {
            let message = format!("in price list {}, {}", given.list + 1, of_price.message);
            Rejection::new(of_price.reason, message)
        })?;
        let Some(price_minor) = price_minor else { return Ok(None) };
        let sale = given.sale.filter(|sale| (1..price_minor).contains(&sale.price_minor));
        Ok(Some(ListPrice { list: given.list, price_minor, sale }))
    };
    given.iter().filter_map(|given| checked(given).transpose()).collect()
}

/// At most 60 characters, for messages.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
