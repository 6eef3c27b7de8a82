//! Where the rows that are checked come from; read several times over.

use std::path::Path;

use anyhow::Result;
use vitrine_domain::{Product, Rating, Sale, UnitMeasure};
use vitrine_ingest::{
    Mapping, RawInteraction, RawProduct, RowError, open_interactions, open_products,
};
use vitrine_quality::{InteractionRow, Merchant, ProductRow};
use vitrine_wire::shard::UNIT_CHARS_MAX;

/// A row, or why it cannot be read.
pub type Read<T> = Result<T, String>;
/// Called with the line and the row, one by one.
pub type Visit<'v, T> = &'v mut dyn FnMut(u64, Read<T>) -> Result<()>;

/// A feed and a log that can be read from the beginning again and again.
pub trait Rows {
    /// Digits after the point of a major unit of the currency.
    fn currency_decimals(&self) -> u32;

    /// Visits the products in order.
    ///
    /// # Errors
    /// The file cannot be read, or the visitor's.
    fn products(&self, visit: Visit<'_, ProductRow>) -> Result<()>;

    /// Whether there is a log.
    fn has_lines(&self) -> bool;

    /// Visits the lines of the log in order; none without a log.
    ///
    /// # Errors
    /// The file cannot be read, or the visitor's.
    fn lines(&self, visit: Visit<'_, InteractionRow>) -> Result<()>;
}

/// The files of a shop.
pub struct Files<'a> {
    pub products: &'a Path,
    pub interactions: Option<&'a Path>,
    pub mapping: &'a Mapping,
}

impl Rows for Files<'_> {
    fn currency_decimals(&self) -> u32 {
        self.mapping.currency_decimals
    }

    fn products(&self, visit: Visit<'_, ProductRow>) -> Result<()> {
        for row in open_products(self.products, self.mapping)? {
            let row = row?;
            let record = row.record.map(|raw| product_row(self.mapping, raw));
            visit(row.line, record.map_err(|error: RowError| error.to_string()))?;
        }
        Ok(())
    }

    fn has_lines(&self) -> bool {
        self.interactions.is_some()
    }

    fn lines(&self, visit: Visit<'_, InteractionRow>) -> Result<()> {
        let Some(path) = self.interactions else { return Ok(()) };
        for row in open_interactions(path, self.mapping)? {
            let row = row?;
            let record = row.record.map(interaction_row);
            visit(row.line, record.map_err(|error| line_problem(&error, self.mapping)))?;
        }
        Ok(())
    }
}

/// Why a line of the log cannot be read; without what stands there where that may say who
/// it was.
pub fn line_problem(error: &RowError, mapping: &Mapping) -> String {
    let of_people = mapping
        .interactions
        .iter()
        .flat_map(|columns| [Some(&columns.shopper), columns.basket.as_ref()])
        .flatten();
    // Where no column is named, the text is that of the whole row.
    let is_personal = error.column.is_empty() || of_people.into_iter().any(|c| *c == error.column);
    if is_personal { error.without_text() } else { error.to_string() }
}

/// A product of the feed as the checks take it.
pub fn product_row(mapping: &Mapping, raw: RawProduct) -> ProductRow {
    ProductRow { excluded: mapping.excludes(&raw), ..listed_row(raw) }
}

/// The same of a product that no rule leaves out.
pub fn listed_row(raw: RawProduct) -> ProductRow {
    ProductRow {
        excluded: false,
        price_minor: raw.price_minor,
        product: Product {
            price_minor: None,
            sale: sale(&raw),
            unit: unit(&raw),
            availability: raw.availability,
            stock: raw.stock,
            gtin: raw.gtin.clone(),
            characteristics: characteristics(&raw),
            link: raw.link.clone(),
            image_links: image_links(&raw),
            rating: rating(&raw),
            listed_at_seconds: raw.published_at_seconds,
            sku: raw.sku,
            title: raw.title,
            description: raw.description,
            attributes: raw.attributes,
            department: raw.department,
            category: raw.category,
            brand: raw.brand,
            manufacturer: raw.manufacturer,
            size: raw.size,
        },
        merchant: Merchant {
            gtin: raw.gtin,
            link: raw.link,
            image_link: raw.image_link,
            availability_date: raw.availability_date,
            expiration_date: raw.expiration_date,
        },
    }
}

/// A sale price that can be one: above 0 and below the price.
fn sale(raw: &RawProduct) -> Option<Sale> {
    let price_minor = u32::try_from(raw.sale_price_minor?).ok().filter(|price| *price > 0)?;
    let is_lower = raw.price_minor.is_some_and(|price| i64::from(price_minor) < price);
    is_lower.then_some(Sale {
        price_minor,
        from_seconds: raw.sale_interval.and_then(|interval| interval.starts_seconds),
        until_seconds: raw.sale_interval.and_then(|interval| interval.ends_seconds),
    })
}

/// What one piece holds, where the feed says it together with a base of the same sort.
fn unit(raw: &RawProduct) -> Option<UnitMeasure> {
    const ONE: i64 = 1_000_000;
    let measure = raw.unit_pricing_measure?;
    let base = raw.unit_pricing_base_measure?;
    let share = u32::try_from(measure.price_of(base, ONE)?).ok().filter(|share| *share > 0)?;
    let per = base.to_string();
    // "1 kg" is said as "kg".
    let per = per.strip_prefix("1 ").map_or(per.clone(), str::to_owned);
    (per.chars().count() <= UNIT_CHARS_MAX).then_some(UnitMeasure { per, share_millionths: share })
}

/// A mean of 1 to 5 stars by somebody.
fn rating(raw: &RawProduct) -> Option<Rating> {
    let (mean, n) = (raw.rating?, raw.rating_count.unwrap_or(0));
    let is_one = (1.0..=5.0).contains(&mean) && n > 0;
    is_one.then_some(Rating { hundredths: (mean * 100.0).round() as u16, n })
}

/// The main picture first, each once.
fn image_links(raw: &RawProduct) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for link in [&raw.image_link].into_iter().chain(&raw.additional_image_links) {
        if !link.is_empty() && !links.contains(link) {
            links.push(link.clone());
        }
    }
    links
}

/// The attributes that have a name of their own in the Merchant product feed, as people
/// read them.
fn characteristics(raw: &RawProduct) -> Vec<(String, String)> {
    let words = [
        ("Color", raw.color.clone()),
        ("Material", raw.material.clone()),
        ("Pattern", raw.pattern.clone()),
        ("Condition", raw.condition.map_or_else(String::new, |word| word.word().to_owned())),
        ("Age group", raw.age_group.map_or_else(String::new, |word| word.word().to_owned())),
        ("Gender", raw.gender.map_or_else(String::new, |word| word.word().to_owned())),
    ];
    let said = words.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A line of the log as the checks take it.
pub fn interaction_row(raw: RawInteraction) -> InteractionRow {
    InteractionRow {
        shopper: raw.shopper,
        sku: raw.sku,
        basket: raw.basket,
        kind: raw.kind,
        at_seconds: raw.at_seconds,
        quantity: raw.quantity,
        price_minor: raw.price_minor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_of_a_line_names_nobody() {
        let mapping = Mapping::journey();
        let columns = mapping.interactions.clone().expect("a log");
        let error = |column: &str| RowError {
            column: column.to_owned(),
            text: "household-4711".to_owned(),
            problem: vitrine_ingest::Problem::NotUtf8,
        };
        for column in ["", &columns.shopper, columns.basket.as_ref().expect("baskets")] {
            let message = line_problem(&error(column), &mapping);
            assert!(!message.contains("4711"), "{message}");
        }
        let message = line_problem(&error(&columns.sku), &mapping);
        assert!(message.contains("4711"), "what is no one's is shown: {message}");
    }
}
