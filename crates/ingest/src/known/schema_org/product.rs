//! From a `Product` or `ProductGroup` to the fields of the Merchant feed.

use serde_json::Value;

use super::offer;
use crate::html::plain_text;
use crate::known::{first, set, set_all};
use crate::objects::{Object, texts_at};

/// Types that are a product.
const PRODUCTS: &[&str] = &["product", "productgroup", "individualproduct", "productmodel", "book"];
/// Properties of a group that its variants have, too, unless they say otherwise.
const SHARED: &[&str] = &[
    "name",
    "description",
    "brand",
    "manufacturer",
    "category",
    "image",
    "url",
    "aggregateRating",
    "color",
    "material",
    "pattern",
    "size",
    "audience",
    "itemCondition",
    "releaseDate",
    "offers",
];
/// Names of a product's trade number.
const GTINS: &[&str] = &["gtin", "gtin13", "gtin14", "gtin12", "gtin8"];
/// What tells a product apart, in the order of preference.
const IDS: &[&str] =
    &["sku", "productID", "mpn", "gtin", "gtin13", "gtin12", "gtin8", "@id", "url"];
/// Best and worst rating where a product names none.
const RATINGS: (f64, f64) = (1.0, 5.0);

/// Whether a node's `@type` is a product or a group of them.
pub(super) fn is_product(object: &Object) -> bool {
    types(object).iter().any(|of| PRODUCTS.contains(&of.as_str()))
}

fn types(object: &Object) -> Vec<String> {
    let bare = |text: String| text.rsplit(['/', ':']).next().unwrap_or("").to_lowercase();
    texts_at(object, "@type").into_iter().map(bare).collect()
}

/// The products of a node: itself, or the variants of a group.
pub(super) fn objects(node: &Object) -> Vec<Object> {
    let variants: Vec<&Object> = match node.get("hasVariant") {
        Some(Value::Array(variants)) => variants.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(variant)) => vec![variant],
        _ => return vec![fields(node, &group_of(node))],
    };
    let group = own_group(node);
    let of_group = |variant: &Object| {
        let mut whole = variant.clone();
        for name in SHARED {
            if let (false, Some(value)) = (whole.contains_key(*name), node.get(*name)) {
                whole.insert((*name).to_owned(), value.clone());
            }
        }
        fields(&whole, &group)
    };
    variants.into_iter().map(of_group).collect()
}

fn own_group(node: &Object) -> String {
    ["productGroupID", "sku", "@id"]
        .iter()
        .map(|name| first(node, name))
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

/// The group that a product names.
fn group_of(node: &Object) -> String {
    let named = ["inProductGroupWithID", "isVariantOf.productGroupID", "isVariantOf.@id"];
    named.iter().map(|name| first(node, name)).find(|id| !id.is_empty()).unwrap_or_default()
}

fn fields(node: &Object, group: &str) -> Object {
    let mut to = Object::new();
    let any = |names: &[&str]| {
        names.iter().map(|name| first(node, name)).find(|text| !text.is_empty()).unwrap_or_default()
    };
    set(&mut to, "id", &any(IDS));
    set(&mut to, "item_group_id", group);
    set(&mut to, "title", &plain_text(&any(&["name"])));
    set(&mut to, "description", &plain_text(&any(&["description"])));
    set(&mut to, "brand", &any(&["brand.name", "brand"]));
    set(&mut to, "manufacturer", &any(&["manufacturer.name", "manufacturer"]));
    set(&mut to, "product_type", &category(node));
    set(&mut to, "link", &any(&["url", "offers.url"]));
    set(&mut to, "gtin", &any(GTINS));
    for name in ["color", "material", "pattern"] {
        set(&mut to, name, &any(&[name]));
    }
    set(&mut to, "size", &any(&["size.name", "size.value", "size"]));
    set(&mut to, "condition", &any(&["itemCondition", "offers.itemCondition"]));
    set(&mut to, "gender", &any(&["audience.suggestedGender"]));
    set(&mut to, "published_at", &any(&["releaseDate", "datePublished"]));
    let mut images = images(node.get("image"));
    if !images.is_empty() {
        set(&mut to, "image_link", &images.remove(0));
    }
    set_all(&mut to, "additional_image_link", images);
    rating(node, &mut to);
    offer::fields(node.get("offers"), &mut to);
    to
}

/// A category as a path: "A > B", or the levels of a list of texts.
fn category(node: &Object) -> String {
    let named = texts_at(node, "category.name");
    let levels = if named.is_empty() { texts_at(node, "category") } else { named };
    levels.join(" > ").replace('/', " > ")
}

/// Addresses of pictures: texts, or `ImageObject`s.
fn images(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(address)) => vec![address.trim().to_owned()],
        Some(Value::Array(values)) => values.iter().flat_map(|value| images(Some(value))).collect(),
        Some(Value::Object(object)) => {
            let address = ["contentUrl", "url", "@id"].map(|name| first(object, name));
            address.into_iter().find(|address| !address.is_empty()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The mean rating on a scale of one to five, and how many rated.
fn rating(node: &Object, to: &mut Object) {
    let number = |name: &str| first(node, name).replace(',', ".").parse::<f64>().ok();
    let counts = ["aggregateRating.ratingCount", "aggregateRating.reviewCount"];
    if let Some(count) = counts.iter().map(|name| first(node, name)).find(|text| !text.is_empty()) {
        set(to, "rating_count", &count);
    }
    let written = first(node, "aggregateRating.ratingValue");
    let worst = number("aggregateRating.worstRating").unwrap_or(RATINGS.0);
    let best = number("aggregateRating.bestRating").unwrap_or(RATINGS.1);
    match number("aggregateRating.ratingValue") {
        Some(value) if (worst, best) != RATINGS && best > worst => {
            let share = (value - worst) / (best - worst);
            let rating = RATINGS.0 + share * (RATINGS.1 - RATINGS.0);
            to.insert("rating".to_owned(), Value::from(rating));
        }
        Some(value) => {
            to.insert("rating".to_owned(), Value::from(value));
        }
        None => set(to, "rating", &written),
    }
}
