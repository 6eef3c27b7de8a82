//! Products with equal readable text become one card with variants.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use vitrine_domain::{Availability, Item, ItemId, Product, Variant, limits, published_count};

use crate::listing::Listing;
use crate::places::PlaceNames;
use crate::products::shown;
use crate::titles::{Titles, Vocabulary, readable_size};
use crate::{LogSales, QualityError, Reason, Rejection, Sales};

/// Products kept so far, with their raw texts stored once.
#[derive(Default)]
pub(crate) struct Groups {
    by_text: HashMap<Texts, u32>,
    texts: Vec<Texts>,
    /// What else the products of each group say, where they say anything.
    more: HashMap<u32, Item>,
    products: Vec<Listed>,
}

/// Raw texts that decide the card of a product.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Texts {
    department: String,
    category: String,
    title: String,
    brand: String,
}

/// One product: its group of equal raw texts and its variant.
struct Listed {
    group: u32,
    variant: Variant,
}

impl Groups {
    pub(crate) fn n_products(&self) -> u32 {
        self.products.len() as u32
    }

    pub(crate) fn push(&mut self, product: Product) {
        let Product { sku, title, department, category, brand, .. } = product;
        let more = Item {
            description: product.description,
            attributes: product.attributes,
            characteristics: product.characteristics,
            link: product.link,
            image_links: product.image_links,
            rating: product.rating,
            listed_at_seconds: product.listed_at_seconds,
            ..Item::default()
        };
        let texts = Texts { department, category, title, brand };
        let next = self.texts.len() as u32;
        let group = match self.by_text.entry(texts) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.texts.push(new.key().clone());
                *new.insert(next)
            }
        };
        if more != Item::default() {
            complete(self.more.entry(group).or_default(), more);
        }
        self.products.push(Listed {
            group,
            variant: Variant {
                sku,
                size: readable_size(&product.size),
                manufacturer: product.manufacturer,
                price_minor: product.price_minor.unwrap_or(0),
                sale: product.sale,
                list_prices: product.list_prices,
                unit: product.unit,
                availability: product.availability,
                stock: product.stock,
                gtin: product.gtin,
            },
        });
    }
}

/// Gives a card what it does not say yet. Of each fact it has what the first of its
/// products says.
fn complete(item: &mut Item, more: Item) {
    let texts = [
        (&mut item.description, more.description),
        (&mut item.attributes, more.attributes),
        (&mut item.link, more.link),
    ];
    for (own, other) in texts {
        if own.is_empty() {
            *own = other;
        }
    }
    if item.characteristics.is_empty() {
        item.characteristics = more.characteristics;
    }
    if item.image_links.is_empty() {
        item.image_links = more.image_links;
    }
    item.rating = item.rating.or(more.rating);
    item.listed_at_seconds = item.listed_at_seconds.or(more.listed_at_seconds);
}

/// Where a sku went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariantRef {
    /// Index into [`Cards::items`].
    pub card: u32,
    /// Index into the card's variants.
    pub variant: u32,
}

/// Cards with ids and texts; variants, prices and their order come with [`Catalogue::finish`].
pub struct Catalogue {
    items: Vec<Item>,
    products: Vec<Listed>,
    /// Card of each product.
    card_of_product: Vec<u32>,
    listings: HashMap<Box<str>, Listing>,
    places: PlaceNames,
}

/// The finished cards.
#[derive(Debug, Default)]
pub struct Cards {
    /// Cards, by ascending id.
    pub items: Vec<Item>,
    /// Where each listed sku went.
    pub sku_index: HashMap<Box<str>, VariantRef>,
    /// What the feed calls their departments and categories.
    pub places: PlaceNames,
}

/// The id of a card: the first eight bytes, little-endian, of the BLAKE3 hash
/// of its text.
pub(crate) fn item_id(text: &str) -> ItemId {
    let hash = blake3::hash(text.as_bytes());
    let first = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    ItemId(u64::from_le_bytes(*first))
}

impl Catalogue {
    pub(crate) fn build(
        groups: Groups,
        listings: HashMap<Box<str>, Listing>,
    ) -> Result<Self, QualityError> {
        let Groups { by_text, texts, mut more, products } = groups;
        drop(by_text);
        let titles = Titles::new(learn(&texts));
        let mut items: Vec<Item> = Vec::new();
        let mut card_by_id: HashMap<ItemId, u32> = HashMap::new();
        let mut card_of_group = Vec::with_capacity(texts.len());
        let mut places = PlaceNames::default();
        for (group, texts) in texts.into_iter().enumerate() {
            let item = card(&titles, &texts);
            places.add(&texts.department, &item.department);
            places.add(&texts.category, &item.category);
            let next = items.len() as u32;
            let card = *card_by_id.entry(item.id).or_insert(next);
            card_of_group.push(card);
            if card == next {
                items.push(item);
            } else {
                refuse_collision(&items[card as usize], &item)?;
            }
            if let Some(more) = more.remove(&(group as u32)) {
                complete(&mut items[card as usize], more);
            }
        }
        if items.len() > limits::ITEMS_MAX {
            return Err(QualityError::TooManyItems { max: limits::ITEMS_MAX });
        }
        let place = sort_by_id(&mut items);
        let card_of_product = products
            .iter()
            .map(|product| place[card_of_group[product.group as usize] as usize])
            .collect();
        Ok(Self { items, products, card_of_product, listings, places })
    }

    /// How many cards there are.
    pub fn n_cards(&self) -> usize {
        self.items.len()
    }

    /// How many products were kept.
    pub fn n_products(&self) -> usize {
        self.products.len()
    }

    /// The number of a product that is listed.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn kept(&self, sku: &str) -> Result<u32, Rejection> {
        let (reason, why) = match self.listings.get(sku) {
            Some(Listing::Kept(product)) => return Ok(*product),
            Some(Listing::Excluded) => {
                (Reason::ExcludedProduct, "is left out by a rule of the mapping")
            }
            Some(Listing::Rejected) => (Reason::RejectedProduct, "is itself in quarantine"),
            None => (Reason::UnknownProduct, "is not in the product feed"),
        };
        Err(Rejection::new(reason, format!("sku {} {why}", shown(sku))))
    }

    pub(crate) fn item_of_product(&self, product: u32) -> ItemId {
        self.card_of_product(product).id
    }

    pub(crate) fn card_of_product(&self, product: u32) -> &Item {
        &self.items[self.card_of_product[product as usize] as usize]
    }

    pub(crate) fn card_of_id(&self, id: ItemId) -> Option<&Item> {
        self.items.binary_search_by_key(&id, |item| item.id).ok().map(|at| &self.items[at])
    }

    /// Settles variants: those that most shoppers bought first (by published counts, so
    /// that a variant of few buyers stands where the feed has it), then priced before
    /// unpriced, then as in the feed. A variant that the feed gives no price gets the
    /// median of what its recent buyers paid, if they are enough; the card's price is
    /// that of its first variant.
    ///
    /// `sales` comes from
    /// [`InteractionPass::into_sales`](crate::InteractionPass::into_sales); the default
    /// when there is no log.
    pub fn finish(self, sales: &LogSales) -> Cards {
        let Self { mut items, products, card_of_product, places, .. } = self;
        let mut order: Vec<u32> = (0..products.len() as u32).collect();
        let paid = |product: u32| sales.prices.get(product as usize).map_or(0, Sales::price_minor);
        let price = |product: u32| match products[product as usize].variant.price_minor {
            0 => paid(product),
            given => given,
        };
        let n_buyers = |product: u32| sales.n_buyers.get(product as usize).copied().unwrap_or(0);
        order.sort_by_cached_key(|&product| {
            let bought = std::cmp::Reverse(published_count(n_buyers(product)));
            (card_of_product[product as usize], bought, price(product) == 0, product)
        });
        let prices: Vec<u32> = order.iter().map(|&product| price(product)).collect();
        let mut products: Vec<Option<Listed>> = products.into_iter().map(Some).collect();
        let mut sku_index = HashMap::with_capacity(products.len());
        for (product, price_minor) in order.into_iter().zip(prices) {
            let card = card_of_product[product as usize];
            let item = &mut items[card as usize];
            let listed = products[product as usize].take().expect("each product comes once");
            let at = VariantRef { card, variant: item.variants.len() as u32 };
            sku_index.insert(listed.variant.sku.as_str().into(), at);
            if item.variants.is_empty() {
                item.price_minor = price_minor;
                item.availability = listed.variant.availability;
            }
            if listed.variant.availability == Availability::InStock {
                item.availability = Availability::InStock;
            }
            item.variants.push(Variant { price_minor, ..listed.variant });
        }
        Cards { items, sku_index, places }
    }
}

/// Words of all distinct titles, each title once.
fn learn(texts: &[Texts]) -> Vocabulary {
    let mut titles: Vec<&str> = texts.iter().map(|texts| texts.title.as_str()).collect();
    titles.sort_unstable();
    titles.dedup();
    Vocabulary::learn(titles.into_iter())
}

/// A card without variants.
fn card(titles: &Titles, texts: &Texts) -> Item {
    let readable = titles.readable(&texts.title, &texts.category, &texts.department);
    let mut item = Item {
        title: readable.title,
        department: readable.department,
        category: readable.category,
        brand: texts.brand.clone(),
        ..Item::default()
    };
    item.id = item_id(&item.text());
    item
}

fn refuse_collision(known: &Item, new: &Item) -> Result<(), QualityError> {
    if known.text() == new.text() {
        return Ok(());
    }
    Err(QualityError::IdCollision { id: known.id, first: known.text(), second: new.text() })
}

/// Sorts cards by id, so that their order does not depend on the feed's.
/// Returns the new place of each old index.
fn sort_by_id(items: &mut [Item]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    order.sort_by_key(|&idx| items[idx as usize].id);
    let mut place = vec![0; items.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old as usize] = new as u32;
    }
    items.sort_by_key(|item| item.id);
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(sku: &str, title: &str, size: &str) -> Product {
        Product {
            sku: sku.into(),
            title: title.into(),
            size: size.into(),
            department: "GROCERY".into(),
            brand: "Own brand".into(),
            ..Product::default()
        }
    }

    fn catalogue(products: Vec<Product>) -> Catalogue {
        let mut groups = Groups::default();
        products.into_iter().for_each(|product| groups.push(product));
        Catalogue::build(groups, HashMap::new()).expect("no collision")
    }

    fn none(n_products: usize) -> LogSales {
        let prices = vec![Sales::default(); n_products];
        LogSales { prices, n_buyers: vec![0; n_products] }
    }

    #[test]
    fn equal_texts_share_a_card_and_sales_order_its_variants() {
        let catalogue = catalogue(vec![
            product("1", "HONEY", "12 OZ"),
            product("2", "Honey", "24 OZ"),
            product("3", "JELLY", "8 OZ"),
        ]);
        assert_eq!(catalogue.n_cards(), 2);
        let mut sales = none(3);
        (0..5).for_each(|shopper| sales.prices[1].observe(shopper, 5, 499));
        sales.n_buyers[1] = 5;
        let cards = catalogue.finish(&sales);
        let at = cards.sku_index["2"];
        let honey = &cards.items[at.card as usize];
        assert_eq!((at.variant, honey.title.as_str(), honey.price_minor), (0, "Honey", 499));
        let sizes: Vec<&str> = honey.variants.iter().map(|v| v.size.as_str()).collect();
        assert_eq!(sizes, ["24 oz", "12 oz"]);
        assert_eq!(honey.id, item_id("Honey | Grocery | Own brand"));
    }

    #[test]
    fn a_price_of_the_feed_wins_over_the_log_s() {
        let priced = Product { price_minor: Some(300), ..product("1", "HONEY", "") };
        let mut sales = none(1);
        (0..5).for_each(|shopper| sales.prices[0].observe(shopper, 5, 499));
        assert_eq!(catalogue(vec![priced]).finish(&sales).items[0].price_minor, 300);
    }

    #[test]
    fn a_card_is_available_when_any_variant_is() {
        let gone = Product { availability: Availability::OutOfStock, ..product("1", "HONEY", "") };
        let cards = catalogue(vec![gone.clone(), product("2", "HONEY", "")]).finish(&none(0));
        assert_eq!(cards.items[0].availability, Availability::InStock);
        let cards = catalogue(vec![gone]).finish(&none(0));
        assert_eq!(cards.items[0].availability, Availability::OutOfStock);
    }

    #[test]
    fn two_texts_with_one_id_are_refused() {
        let one = Item { title: "Honey".into(), ..Item::default() };
        let other = Item { title: "Jelly".into(), ..Item::default() };
        assert!(refuse_collision(&one, &one).is_ok());
        assert!(matches!(
            refuse_collision(&one, &other),
            Err(QualityError::IdCollision { first, .. }) if first == "Honey"
        ));
    }
}
