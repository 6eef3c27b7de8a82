//! What a feed or a push says of a product, as the checks take it and cards are made of it.

use vitrine_domain::{Product, Rating, Sale, UnitMeasure};
use vitrine_ingest::{FeedListPrice, RawProduct};
use vitrine_quality::{GivenListPrice, Merchant, ProductRow};
use vitrine_wire::shard::UNIT_CHARS_MAX;

/// A product of a feed, or one that was pushed, as the checks take it.
pub fn listed_row(raw: RawProduct) -> ProductRow {
    ProductRow {
        excluded: false,
        price_minor: raw.price_minor,
        list_prices: list_prices(&raw),
        product: Product {
            price_minor: None,
            sale: sale(&raw),
            list_prices: Vec::new(),
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

/// Prices in price lists; a sale is when the product's is.
fn list_prices(raw: &RawProduct) -> Vec<GivenListPrice> {
    let interval = raw.sale_interval;
    let sale = |price: i64| {
        Some(Sale {
            price_minor: u32::try_from(price).ok()?,
            from_seconds: interval.and_then(|interval| interval.starts_seconds),
            until_seconds: interval.and_then(|interval| interval.ends_seconds),
        })
    };
    let given = |price: &FeedListPrice| GivenListPrice {
        list: price.list,
        price_minor: price.price_minor,
        sale: price.sale_price_minor.and_then(sale),
    };
    raw.list_prices.iter().map(given).collect()
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
