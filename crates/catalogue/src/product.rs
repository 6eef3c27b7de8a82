//! What is known of a product, by the names of the Google Merchant feed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitrine_domain::limits::TEXT_CHARS_MAX;
use vitrine_domain::{Availability, OfferAmount};

use crate::error::ChangeError;
use crate::limits;
use crate::moment;
use crate::price::{Price, SalePrice};

/// What describes a product and rarely changes. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProductFacts {
    /// Title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Free text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Address of its page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// Address of its picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_link: String,
    /// Addresses of further pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_image_link: Vec<String>,
    /// Brand.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brand: String,
    /// Global trade item number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gtin: String,
    /// Maker.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manufacturer: String,
    /// The shop's own path of categories, `Food > Dairy > Milk`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub product_type: String,
    /// What its variants share.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub item_group_id: String,
    /// Whether it was used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ProductCondition>,
    /// For whom by age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_group: Option<AgeGroup>,
    /// For whom by gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<ProductGender>,
    /// Colour.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub color: String,
    /// Size or package.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub size: String,
    /// Material.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub material: String,
    /// Content of a package, for the price by unit (`750 ml`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit_pricing_measure: String,
    /// Of how much the price by unit is told (`100 ml`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit_pricing_base_measure: String,
    /// Mean rating, 0 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f32>,
    /// Ratings that the mean is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating_count: Option<u32>,
    /// When it was first listed, in seconds since 1970-01-01 UTC; text in JSON.
    #[serde(with = "moment", skip_serializing_if = "Option::is_none")]
    pub published_at: Option<i64>,
    /// Further attributes by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Whether a product was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductCondition {
    /// Never used.
    New,
    /// Used and restored.
    Refurbished,
    /// Used.
    Used,
}

/// For whom a product is, by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeGroup {
    /// Up to 3 months.
    Newborn,
    /// 3 to 12 months.
    Infant,
    /// 1 to 5 years.
    Toddler,
    /// 5 to 13 years.
    Kids,
    /// Teenagers and older.
    Adult,
}

/// For whom a product is, by gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductGender {
    /// Men.
    Male,
    /// Women.
    Female,
    /// Everybody.
    Unisex,
}

/// What a product costs and whether it is there: what changes often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProductTerms {
    /// Price of a piece.
    pub price: Option<Price>,
    /// A lower price, perhaps for a time.
    pub sale_price: Option<SalePrice>,
    /// Whether it can be bought; `None` = as the stock says.
    pub availability: Option<Availability>,
    /// Pieces that are there; `None` = not counted.
    pub stock: Option<u32>,
}

/// A promotion that a product is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunningOffer {
    /// What the page shows.
    pub label: String,
    /// When it ends, in seconds since 1970-01-01 UTC; text in JSON, `None` = when it is
    /// taken back.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// By how much a piece is cheaper, where the shop says it as money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_off: Option<Price>,
    /// By how many percent it is cheaper, 1 to 100, where the shop says it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_off: Option<u8>,
}

impl RunningOffer {
    /// Checks the length of the label, and that the amount is one, and not two.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    pub fn validate(&self) -> Result<(), ChangeError> {
        within("offer", &self.label, TEXT_CHARS_MAX)?;
        if self.price_off.is_some() && self.percent_off.is_some() {
            return Err(ChangeError::TwoAmounts);
        }
        if self.price_off.is_some_and(|price| price.minor == 0) {
            let (min, max) = (1, u64::from(u32::MAX));
            return Err(ChangeError::OutOfRange { field: "price_off", min, max });
        }
        match self.percent_off {
            Some(percent) if !(1..=100).contains(&percent) => {
                Err(ChangeError::OutOfRange { field: "percent_off", min: 1, max: 100 })
            }
            _ => Ok(()),
        }
    }

    /// By how much it is cheaper.
    pub fn amount(&self) -> OfferAmount {
        match (self.price_off, self.percent_off) {
            (Some(price), _) => OfferAmount::Minor(price.minor),
            (None, Some(percent)) => OfferAmount::Percent(percent),
            (None, None) => OfferAmount::Unsaid,
        }
    }
}

impl ProductFacts {
    /// Parts of the category path, the top first.
    pub fn product_type_path(&self) -> impl Iterator<Item = &str> {
        self.product_type.split('>').map(str::trim).filter(|part| !part.is_empty())
    }

    /// Checks lengths and ranges.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    pub fn validate(&self) -> Result<(), ChangeError> {
        if self.title.trim().is_empty() && self.product_type_path().next().is_none() {
            return Err(ChangeError::Missing { field: "title" });
        }
        for (field, text) in [
            ("title", &self.title),
            ("description", &self.description),
            ("brand", &self.brand),
            ("gtin", &self.gtin),
            ("manufacturer", &self.manufacturer),
            ("product_type", &self.product_type),
            ("item_group_id", &self.item_group_id),
            ("color", &self.color),
            ("size", &self.size),
            ("material", &self.material),
            ("unit_pricing_measure", &self.unit_pricing_measure),
            ("unit_pricing_base_measure", &self.unit_pricing_base_measure),
        ] {
            within(field, text, TEXT_CHARS_MAX)?;
        }
        address("link", &self.link)?;
        address("image_link", &self.image_link)?;
        let images = &self.additional_image_link;
        at_most("additional_image_link", images.len(), limits::ADDITIONAL_IMAGES_MAX)?;
        images.iter().try_for_each(|link| address("additional_image_link", link))?;
        at_most("attributes", self.attributes.len(), limits::ATTRIBUTES_MAX)?;
        for (name, value) in &self.attributes {
            within("attributes", name, limits::ATTRIBUTE_NAME_CHARS_MAX)?;
            within("attributes", value, TEXT_CHARS_MAX)?;
        }
        match self.rating {
            Some(rating) if !(0.0..=limits::RATING_MAX).contains(&rating) => {
                Err(ChangeError::OutOfRange { field: "rating", min: 0, max: 5 })
            }
            _ => Ok(()),
        }
    }
}

/// Checks the length of a text.
pub(crate) fn within(field: &'static str, text: &str, max: usize) -> Result<(), ChangeError> {
    // No text has more characters than bytes.
    if text.len() <= max {
        return Ok(());
    }
    at_most(field, text.chars().count(), max)
}

fn at_most(field: &'static str, n: usize, max: usize) -> Result<(), ChangeError> {
    if n > max { Err(ChangeError::TooLong { field, max }) } else { Ok(()) }
}

fn address(field: &'static str, link: &str) -> Result<(), ChangeError> {
    within(field, link, limits::LINK_CHARS_MAX)?;
    if link.is_empty() || link.starts_with("https://") || link.starts_with("http://") {
        Ok(())
    } else {
        Err(ChangeError::NotALink { field })
    }
}
