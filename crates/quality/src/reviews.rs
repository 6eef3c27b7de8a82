//! The pass over reviews: each row by itself.

use std::collections::HashMap;

use vitrine_domain::{Item, ItemId};

use crate::cards::Catalogue;
use crate::products::shown;
use crate::{FUTURE_SECONDS_MAX, Reason, Rejection, Unreadable};

/// Longest review, its heading included, in characters.
pub const REVIEW_CHARS_MAX: usize = 10_000;

const DAY_SECONDS: i64 = 86_400;

/// A review as read, before checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewLine {
    /// Of which product.
    pub sku: String,
    /// Stars that were given, 1 to 5.
    pub rating: Option<f64>,
    /// Its heading.
    pub title: String,
    /// What it says.
    pub text: String,
    /// How many found it helpful.
    pub helpful: Option<f64>,
    /// When it was written, in seconds since 1970-01-01 UTC; `None` where no more than the day is known.
    pub written_seconds: Option<i64>,
    /// On which day, as its author has it, in days since 1970-01-01.
    pub written_day: Option<i64>,
    /// Whether its author bought the product.
    pub is_verified: bool,
    /// Who wrote it.
    pub author: String,
}

/// A review that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReview {
    /// The card.
    pub item: ItemId,
    /// The product that it names.
    pub sku: String,
    /// 1 to 5.
    pub stars: u8,
    /// Its heading; may be empty.
    pub title: String,
    /// What it says; may be empty.
    pub text: String,
    /// How many found it helpful.
    pub n_helpful: u32,
    /// When it was written, in seconds since 1970-01-01 UTC; `None` where no more than the day is known.
    pub written_seconds: Option<i64>,
    /// On which day, as its author has it, in days since 1970-01-01.
    pub written_day: Option<i64>,
    /// Whether its author bought the product.
    pub is_verified: bool,
    /// Who wrote it; may be empty. It is for the import alone.
    pub author: String,
}

/// The products that reviews may be of.
pub trait ReviewedProducts {
    /// The card of a product.
    ///
    /// # Errors
    /// Why the product is not listed.
    fn card_of_sku(&self, sku: &str) -> Result<&Item, Rejection>;

    /// A card by its id.
    fn card(&self, id: ItemId) -> Option<&Item>;
}

/// Cards that are published already, with their products.
pub struct PublishedProducts<'a> {
    by_sku: HashMap<&'a str, &'a Item>,
    by_id: HashMap<ItemId, &'a Item>,
}

impl<'a> PublishedProducts<'a> {
    /// Of the cards of a catalogue.
    pub fn of(items: &'a [Item]) -> Self {
        let variants = items.iter().flat_map(|item| item.variants.iter().map(move |of| (of, item)));
        Self {
            by_sku: variants.map(|(variant, item)| (variant.sku.as_str(), item)).collect(),
            by_id: items.iter().map(|item| (item.id, item)).collect(),
        }
    }
}

impl ReviewedProducts for PublishedProducts<'_> {
    fn card_of_sku(&self, sku: &str) -> Result<&Item, Rejection> {
        self.by_sku.get(sku).copied().ok_or_else(|| {
            let message = format!("sku {} is no product of the catalogue", shown(sku));
            Rejection::new(Reason::UnknownProduct, message)
        })
    }

    fn card(&self, id: ItemId) -> Option<&Item> {
        self.by_id.get(&id).copied()
    }
}

impl ReviewedProducts for Catalogue {
    fn card_of_sku(&self, sku: &str) -> Result<&Item, Rejection> {
        self.kept(sku).map(|product| self.card_of_product(product))
    }

    fn card(&self, id: ItemId) -> Option<&Item> {
        self.card_of_id(id)
    }
}

/// Checks reviews one by one.
pub struct ReviewPass<'a> {
    products: &'a dyn ReviewedProducts,
    future_from_seconds: i64,
}

impl<'a> ReviewPass<'a> {
    /// Over the products of a catalogue, at a moment in seconds since 1970-01-01 UTC.
    pub fn new(products: &'a dyn ReviewedProducts, now_seconds: i64) -> Self {
        Self { products, future_from_seconds: now_seconds.saturating_add(FUTURE_SECONDS_MAX) }
    }

    /// The review on its card.
    ///
    /// # Errors
    /// The reason for which the row belongs into quarantine.
    pub fn push(&self, row: Result<ReviewLine, Unreadable>) -> Result<KeptReview, Rejection> {
        let row = row?;
        if row.sku.is_empty() {
            return Err(Rejection::new(Reason::EmptyId, "the review names no product"));
        }
        let item = self.products.card_of_sku(&row.sku)?.id;
        let Some(rating) = row.rating else {
            return Err(Rejection::new(Reason::OutOfRange, "the review has no rating"));
        };
        let stars = stars(rating)?;
        let (title, text) = (row.title.trim(), row.text.trim());
        let n_chars = title.chars().count() + text.chars().count();
        if n_chars > REVIEW_CHARS_MAX {
            let message = format!("{n_chars} characters, at most {REVIEW_CHARS_MAX} are read");
            return Err(Rejection::new(Reason::TextTooLong, message));
        }
        let begins = row.written_day.map(|day| day.saturating_mul(DAY_SECONDS));
        if row.written_seconds.or(begins).is_some_and(|at| at >= self.future_from_seconds) {
            return Err(Rejection::new(Reason::FutureTime, "it is to be written yet"));
        }
        Ok(KeptReview {
            item,
            sku: row.sku,
            stars,
            title: title.to_owned(),
            text: text.to_owned(),
            n_helpful: row.helpful.map_or(0, |n| n.clamp(0.0, f64::from(u32::MAX)) as u32),
            written_seconds: row.written_seconds,
            written_day: row.written_day,
            is_verified: row.is_verified,
            author: row.author,
        })
    }
}

/// Whole stars; halves go up.
fn stars(rating: f64) -> Result<u8, Rejection> {
    let whole = (rating + 0.5).floor();
    if (1.0..=5.0).contains(&whole) && (0.75..=5.0).contains(&rating) {
        return Ok(whole as u8);
    }
    Err(Rejection::new(Reason::OutOfRange, format!("a rating of {rating} is not from 1 to 5")))
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{Product, Variant};

    use super::*;
    use crate::{ProductPass, ProductRow};

    const NOW: i64 = 1_700_000_000;

    fn catalogue() -> Catalogue {
        let mut pass = ProductPass::new();
        for (sku, size) in [("7", "1 l"), ("8", "2 l")] {
            let (sku, title) = (sku.into(), "Milk".into());
            let product = Product { sku, title, size: size.into(), ..Product::default() };
            pass.push(Ok(ProductRow { product, ..ProductRow::default() })).expect("kept");
        }
        pass.finish().expect("a catalogue")
    }

    fn line(sku: &str, rating: Option<f64>, text: &str) -> ReviewLine {
        ReviewLine { sku: sku.into(), rating, text: text.into(), ..ReviewLine::default() }
    }

    #[test]
    fn reviews_of_each_size_are_those_of_the_card() {
        let catalogue = catalogue();
        let pass = ReviewPass::new(&catalogue, NOW);
        let kept = ["7", "8"].map(|sku| pass.push(Ok(line(sku, Some(4.5), " Good. "))));
        let [first, second] = kept.map(|kept| kept.expect("kept"));
        assert_eq!(first.item, second.item);
        assert_eq!((first.stars, first.text.as_str()), (5, "Good."));
        let alone = pass.push(Ok(line("7", Some(2.0), ""))).expect("stars without words");
        assert_eq!((alone.stars, alone.n_helpful), (2, 0));
    }

    #[test]
    fn published_cards_have_reviews_of_their_products() {
        let variant = |sku: &str| Variant { sku: sku.into(), ..Variant::default() };
        let variants = vec![variant("7"), variant("8")];
        let items = [Item { id: ItemId(3), variants, ..Item::default() }];
        let products = PublishedProducts::of(&items);
        let pass = ReviewPass::new(&products, NOW);
        for sku in ["7", "8"] {
            assert_eq!(pass.push(Ok(line(sku, Some(4.0), "x"))).expect("kept").item, ItemId(3));
        }
        let unknown = pass.push(Ok(line("9", Some(4.0), "x"))).expect_err("no such product");
        assert_eq!(unknown.reason, Reason::UnknownProduct);
        assert!(unknown.message.contains('9') && products.card(ItemId(3)).is_some());
    }

    #[test]
    fn each_fault_has_its_reason() {
        let catalogue = catalogue();
        let pass = ReviewPass::new(&catalogue, NOW);
        let long = "好".repeat(REVIEW_CHARS_MAX + 1);
        let late = ReviewLine {
            written_seconds: Some(NOW + FUTURE_SECONDS_MAX),
            ..line("7", Some(5.0), "x")
        };
        let late_day = ReviewLine {
            written_day: Some((NOW + FUTURE_SECONDS_MAX) / DAY_SECONDS + 1),
            ..line("7", Some(5.0), "x")
        };
        for (row, reason) in [
            (line("", Some(5.0), "x"), Reason::EmptyId),
            (line("9", Some(5.0), "x"), Reason::UnknownProduct),
            (line("7", None, "fine"), Reason::OutOfRange),
            (line("7", Some(0.0), "x"), Reason::OutOfRange),
            (line("7", Some(5.4), "x"), Reason::OutOfRange),
            (line("7", Some(f64::NAN), "x"), Reason::OutOfRange),
            (line("7", Some(5.0), &long), Reason::TextTooLong),
            (late, Reason::FutureTime),
            (late_day, Reason::FutureTime),
        ] {
            let shown = format!("{row:.60?}");
            assert_eq!(pass.push(Ok(row)).expect_err(&shown).reason, reason, "{shown}");
        }
        let exactly = "好".repeat(REVIEW_CHARS_MAX);
        pass.push(Ok(line("7", Some(1.0), &exactly))).expect("the longest");
    }
}
