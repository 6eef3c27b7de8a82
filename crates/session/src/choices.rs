//! The variants of a card as a shopper tells them apart: words, lowest price, which are on offer.

use std::collections::BTreeSet;

use vitrine_domain::Availability;
use vitrine_words::session::t;

use crate::{ItemCard, VariantView};

/// The lowest price of a card's variants in stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowestPrice {
    /// Price of one piece in minor units; 0 = not priced.
    pub minor: u32,
    /// Whether others cost more.
    pub is_from: bool,
}

/// Words for each variant, no two alike: the size, the maker where one size has several, and
/// the shop's identifier where even that is the same.
pub fn variant_labels(variants: &[VariantView]) -> Vec<String> {
    let makers = |size: &str| -> BTreeSet<&str> {
        let twins = variants.iter().filter(|variant| variant.size == size);
        twins.map(|variant| variant.manufacturer.as_str()).collect()
    };
    let words = |variant: &VariantView| {
        let one_size = || t!("variant.one_size");
        let size = if variant.size.is_empty() { one_size() } else { variant.size.as_str() };
        match makers(&variant.size).len() > 1 && !variant.manufacturer.is_empty() {
            true => t!("variant.maker", size = size, maker = variant.manufacturer),
            false => size.to_owned(),
        }
    };
    let labels: Vec<String> = variants.iter().map(words).collect();
    let is_alone = |label: &String| labels.iter().filter(|other| *other == label).count() == 1;
    let told_apart = |(label, variant): (&String, &VariantView)| match is_alone(label) {
        true => label.clone(),
        false => t!("variant.number", label = label, sku = variant.sku),
    };
    labels.iter().zip(variants).map(told_apart).collect()
}

impl ItemCard {
    /// The lowest price at a moment (milliseconds since 1970-01-01 UTC) of the published
    /// variants that are priced and in stock; that of the usual one where none is.
    pub fn lowest_price(&self, now_ms: i64) -> LowestPrice {
        let in_stock = self.variants.iter().filter(|variant| {
            variant.availability == Availability::InStock && variant.stock != Some(0)
        });
        let prices = in_stock.map(|variant| variant.price_at(now_ms)).filter(|minor| *minor > 0);
        let prices: BTreeSet<u32> = prices.collect();
        let lowest = prices.first().copied();
        LowestPrice {
            minor: lowest.unwrap_or_else(|| self.price_at(now_ms)),
            is_from: prices.len() > 1,
        }
    }

    /// Sizes of the variants that the card's offer is for; empty where it is for all that are
    /// published, or there is no offer.
    pub fn sizes_on_offer(&self) -> Vec<String> {
        let places = self.offer.as_ref().map_or(&[][..], |offer| &offer.variants);
        let is_on = |place: &usize| places.contains(place);
        if places.is_empty() || (0..self.variants.len()).all(|place| is_on(&place)) {
            return Vec::new();
        }
        let labels = variant_labels(&self.variants);
        let has_off = |size: &str| {
            let twins = self.variants.iter().enumerate().filter(|(_, of)| of.size == size);
            twins.map(|(place, _)| place).any(|place| !is_on(&place))
        };
        // A size of which all are on offer is said once; else it takes more words.
        let mut sizes: Vec<String> = Vec::new();
        for (place, variant) in self.variants.iter().enumerate().filter(|(place, _)| is_on(place)) {
            let is_whole = !variant.size.is_empty() && !has_off(&variant.size);
            let words = if is_whole { &variant.size } else { &labels[place] };
            if !sizes.contains(words) {
                sizes.push(words.clone());
            }
        }
        sizes
    }
}

#[cfg(test)]
mod tests {
    use crate::Offer;

    use super::*;

    fn variant(sku: &str, size: &str, maker: &str, price_minor: u32) -> VariantView {
        VariantView {
            sku: sku.into(),
            size: size.into(),
            manufacturer: maker.into(),
            price_minor,
            ..VariantView::default()
        }
    }

    fn card(variants: &[VariantView]) -> ItemCard {
        ItemCard { variants: variants.to_vec(), ..ItemCard::default() }
    }

    #[test]
    fn no_two_variants_have_the_same_words() {
        let variants = [
            variant("1", "1 pt", "69", 5),
            variant("2", "1 pt", "70", 5),
            variant("3", "1 pt", "70", 6),
            variant("4", "1 gal", "69", 9),
            variant("5", "", "", 9),
        ];
        let expected = [
            "1 pt, maker 69",
            "1 pt, maker 70, no. 2",
            "1 pt, maker 70, no. 3",
            "1 gal",
            "One size",
        ];
        assert_eq!(variant_labels(&variants), expected);
    }

    #[test]
    fn from_is_said_where_prices_differ_among_what_can_be_bought() {
        let lowest = |prices: &[u32], stock: &[Option<u32>]| {
            let variants = prices.iter().zip(stock).enumerate().map(|(n, (price, stock))| {
                VariantView { stock: *stock, ..variant(&n.to_string(), "", "", *price) }
            });
            let LowestPrice { minor, is_from } =
                card(&variants.collect::<Vec<_>>()).lowest_price(0);
            (minor, is_from)
        };
        assert_eq!(lowest(&[500, 300, 300], &[None; 3]), (300, true));
        assert_eq!(lowest(&[300, 300], &[None; 2]), (300, false));
        assert_eq!(lowest(&[500, 0], &[None; 2]), (500, false), "no price is not the lowest");
        assert_eq!(lowest(&[500, 300], &[None, Some(0)]), (500, false), "nor what is sold out");
        assert_eq!(lowest(&[0, 0], &[None; 2]), (0, false));
        assert_eq!(lowest(&[400], &[Some(0)]), (400, false), "the usual one is better than none");
    }

    #[test]
    fn an_offer_names_its_sizes_unless_it_is_for_all() {
        let variants = [
            variant("1", "1 pt", "69", 5),
            variant("2", "1 pt", "70", 5),
            variant("3", "1 gal", "69", 9),
        ];
        let sizes = |places: &[usize]| {
            let offer = Offer { variants: places.to_vec(), ..Offer::default() };
            ItemCard { offer: Some(offer), ..card(&variants) }.sizes_on_offer()
        };
        assert_eq!(sizes(&[0, 1, 2]), [""; 0]);
        assert_eq!(sizes(&[0, 1]), ["1 pt"]);
        assert_eq!(sizes(&[1, 2]), ["1 pt, maker 70", "1 gal"]);
        assert_eq!(card(&variants).sizes_on_offer(), [""; 0]);
    }
}
