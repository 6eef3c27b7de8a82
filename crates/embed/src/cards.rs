//! Cards as a page has them.

use serde::Serialize;
use vitrine_domain::ItemId;
use vitrine_session::{CardPicture, ItemCard, PhotoSize, Session, variant_labels};

use crate::Platform;

/// How many bits of an identifier a page has. JavaScript counts exactly up to 2^53; that two
/// of a million cards share these bits happens to one catalogue in twenty thousand.
const ID_BITS: u32 = 53;

/// The number by which a page knows a card: the same at every visit, since identifiers are.
pub(crate) fn number(item: ItemId) -> u64 {
    item.0 & ((1 << ID_BITS) - 1)
}

/// A card, with prices in minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostCard {
    /// Its number.
    pub id: u64,
    /// Identifier of its usual variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Readable title.
    pub title: String,
    /// Brand.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brand: String,
    /// Department.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// Category.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Lowest price of what is in stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<u32>,
    /// ISO 4217 code.
    pub currency: String,
    /// Whether other variants cost more.
    pub from_price: bool,
    /// Address of its page in the shop.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// Address of its picture, which is on the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Whether it can be bought now.
    pub available: bool,
    /// Mean of its ratings, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f32>,
    /// Why it is shown here, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Its published variants, the most bought first.
    pub variants: Vec<HostVariant>,
}

/// A variant of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostVariant {
    /// The shop's identifier.
    pub sku: String,
    /// Words that tell it from the card's other variants.
    pub label: String,
    /// What a piece costs now, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<u32>,
    /// Whether it can be bought now.
    pub available: bool,
}

/// What all cards of an answer have in common.
pub(crate) struct CardWriter<'a> {
    pub session: &'a Session,
    pub platform: &'a Platform,
    pub currency: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
}

impl CardWriter<'_> {
    pub fn card(&self, card: &ItemCard, reasons: Vec<String>) -> HostCard {
        let lowest = card.lowest_price(self.now_ms);
        let can_be_bought = |sku: Option<&str>| self.session.obstacle(card, sku).is_none();
        let labels = variant_labels(&card.variants);
        let variants = card.variants.iter().zip(labels).map(|(variant, label)| HostVariant {
            sku: variant.sku.clone(),
            label,
            price: priced(variant.price_at(self.now_ms)),
            available: can_be_bought(Some(&variant.sku)),
        });
        let variants: Vec<HostVariant> = variants.collect();
        HostCard {
            id: number(card.id),
            sku: variants.first().map(|variant| variant.sku.clone()),
            title: card.title.clone(),
            brand: card.brand.clone(),
            department: card.department.clone(),
            category: card.category.clone(),
            price: priced(lowest.minor),
            currency: self.currency.clone(),
            from_price: lowest.is_from,
            link: self.session.details(card.id).link,
            picture: self.picture(card, PhotoSize::Large),
            available: can_be_bought(None) || variants.iter().any(|variant| variant.available),
            rating: card.rating.map(|rating| f32::from(rating.hundredths) / 100.0),
            reasons,
            variants,
        }
    }

    /// The main picture of the shop's own, else the pictogram; of those on the device.
    pub fn picture(&self, card: &ItemCard, size: PhotoSize) -> Option<String> {
        let photo = card.photos.first();
        let photo = photo.and_then(|id| (self.platform.photo)(self.session, *id, size));
        photo.or_else(|| card.picture.as_deref().map(pictogram))
    }
}

fn priced(minor: u32) -> Option<u32> {
    (minor > 0).then_some(minor)
}

/// A pictogram as an address that holds it.
fn pictogram(picture: &CardPicture) -> String {
    let start = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">";
    let mut address = String::from("data:image/svg+xml,");
    for byte in [start, &picture.body, "</svg>"].iter().flat_map(|part| part.bytes()) {
        if byte.is_ascii_alphanumeric() || b" -_.!~*'()=:/;,".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_card_is_one_that_javascript_has() {
        assert_eq!(number(ItemId(7)), 7);
        assert_eq!(number(ItemId(u64::MAX)), (1 << 53) - 1);
        assert_eq!(number(ItemId(u64::MAX)) as f64 as u64, number(ItemId(u64::MAX)));
    }

    #[test]
    fn a_pictogram_is_an_address_without_what_addresses_cannot_have() {
        let body = "<path fill=\"#fff\" d='M0 0'/>".to_owned();
        let address = pictogram(&CardPicture { name: "milk".to_owned(), body });
        assert!(address.starts_with("data:image/svg+xml,%3Csvg xmlns=%22http://"), "{address}");
        assert!(address.contains("fill=%22%23fff%22") && !address.contains('#'), "{address}");
    }
}
