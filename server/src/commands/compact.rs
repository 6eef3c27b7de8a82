//! `vitrine compact`: what was pushed becomes a catalogue of its own, with buyers, related
//! lists and pictures; the revisions begin anew.

mod pushed_reviews;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use vitrine_catalogue::{OrderLine, ProductState};
use vitrine_domain::{CatalogueVersion, EventKind, Interaction, Item, ItemId, ShopperId};
use vitrine_publish::Store;
use vitrine_quality::LogWriter;

use super::import::{self, Describe};
use super::reviews::{self, ReviewReading};
use crate::adapters;
use crate::catalogue::{self, StoredCatalogue};
use crate::cli::CompactArgs;
use crate::clock::now_seconds;
use crate::publishing;
use crate::pushed::PushedSoFar;
use crate::retention;
use crate::revising::Overlay;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Files that say how the feed was, which stay those of the import; summary and report of reviews
/// as far as no review was pushed.
const OF_IMPORT: [&str; 7] = [
    catalogue::SUMMARY_FILE,
    catalogue::REVIEW_REPORT_FILE,
    reviews::FEED_REVIEWS_FILE,
    reviews::RATED_FILE,
    import::SNAPSHOT_FILE,
    import::REPORT_PAGE,
    import::REPORT_FILE,
];

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &CompactArgs, stop: &Stop) -> Result<ExitCode> {
    let version = compact(settings, args, stop)?;
    tracing::info!(catalogue = version.0, "published");
    Ok(ExitCode::SUCCESS)
}

/// Publishes the catalogue that the import and everything pushed since make together.
///
/// # Errors
/// Nothing was pushed, no card is left, the disk refuses, or the process was asked to stop;
/// what was served before is served on.
pub fn compact(
    settings: &ServerSettings,
    args: &CompactArgs,
    stop: &Stop,
) -> Result<CatalogueVersion> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let _lock = publishing::lock(&settings.data_dir)?;
    retention::clean_staging(&settings.data_dir)?;
    let staging = retention::fresh(&catalogue::staging(&settings.data_dir))?;
    let compacted = compact_to(settings, args, &store, &staging, stop);
    if compacted.is_err() {
        retention::clean_staging(&settings.data_dir)?;
    }
    compacted
}

fn compact_to(
    settings: &ServerSettings,
    args: &CompactArgs,
    store: &Store,
    staging: &Path,
    stop: &Stop,
) -> Result<CatalogueVersion> {
    let pushed = PushedSoFar::read(&settings.data_dir).context("what was pushed")?;
    if pushed.products.is_empty() && pushed.reviews.is_empty() {
        bail!("nothing was pushed: docs/catalogue-api.md says how, `vitrine import` reads feeds");
    }
    let before = match store.current()? {
        Some(_) => Some(StoredCatalogue::published(settings)?),
        None => None,
    };
    let before = match before {
        Some((before, folder)) => {
            keep_files(&folder, staging)?;
            Before { log: catalogue::read_interactions(&folder)?, catalogue: before }
        }
        None => Before { log: Vec::new(), catalogue: first(args, &pushed)? },
    };
    let Before { mut log, catalogue: mut before } = before;
    log.truncate(before.n_lines_of_feed as usize);
    let ids: Vec<ItemId> = before.items.iter().map(|item| item.id).collect();
    // What is pushed may rate cards, too: means of stars go before it, and come after.
    reviews::unrate(&mut before.items, staging)?;
    let overlay = overlay(&mut before, &pushed.products);
    let mut items = overlay.cards();
    let n_lines_of_feed = log.len() as u64;
    let lines = with_orders(log, &items, &pushed.orders);
    let mut writer = LogWriter::create(&catalogue::interactions_file(staging))?;
    lines.iter().try_for_each(|line| writer.push(line))?;
    writer.finish()?;
    tracing::info!(cards = items.len(), lines = lines.len(), "put together");

    let now = now_seconds();
    let offers = items.iter().filter_map(|item| overlay.offer(item, now)).collect();
    drop(overlay);
    let picture_of = pictograms(&ids, &before, &items);
    // A server makes catalogues by itself: a new adapter waits for an import.
    let model = adapters::of_published(settings)?;
    let reading = ReviewReading { settings, model: &model, staging, stop };
    let reviews = pushed_reviews::read(&reading, before.reviews, &items, &pushed.reviews)?;
    reviews::rate(&mut items, &reviews, staging)?;
    let described = Describe { model, currency: &before.currency, pictograms: None };
    let (mut catalogue, neighbours) = import::describe(settings, described, items, staging, stop)?;
    catalogue.shop = args.shop.clone().unwrap_or(before.shop);
    (catalogue.pictures, catalogue.picture_of) = (before.pictures, picture_of);
    catalogue.pictures_from = before.pictures_from;
    catalogue.never_recommended = before.never_recommended;
    catalogue.offers = offers;
    catalogue.reviews = reviews;
    catalogue.prices = before.prices;
    (catalogue.changes_until, catalogue.n_lines_of_feed) = (pushed.number, n_lines_of_feed);
    catalogue.photos = import::read_photos(settings, &catalogue, stop)?;
    import::look_at_pictures(settings, &mut catalogue, stop)?;
    catalogue.save(staging)?;
    publishing::publish_catalogue(settings, store, &catalogue, &neighbours, staging)
}

struct Before {
    catalogue: StoredCatalogue,
    log: Vec<Interaction>,
}

/// Before the first product of a shop that imports no feed.
fn first(args: &CompactArgs, pushed: &PushedSoFar) -> Result<StoredCatalogue> {
    let price = pushed.products.iter().find_map(|product| product.price.value);
    let price = price.context("no pushed product has a price: the shop's currency is unknown")?;
    Ok(StoredCatalogue {
        shop: args.shop.clone().unwrap_or_else(|| "Vitrine".to_owned()),
        currency: price.currency().to_owned(),
        ..StoredCatalogue::default()
    })
}

/// The import with everything pushed over it. What is hidden is kept: revisions
/// hide it, and show it again.
fn overlay(before: &mut StoredCatalogue, products: &[Arc<ProductState>]) -> Overlay {
    let base = std::mem::take(&mut before.items);
    let overlay = Overlay::new(base, &before.offers, before.changes_until);
    let mut overlay = overlay.with_prices(&before.currency, &before.prices);
    let mut touched = BTreeSet::new();
    let mut products: Vec<&Arc<ProductState>> = products.iter().collect();
    products.sort_unstable_by_key(|product| product.number);
    for product in products {
        let mut shown = (**product).clone();
        shown.is_hidden.value = false;
        overlay.take(&Arc::new(shown), &mut touched);
    }
    overlay
}

/// The lines of the feed's log, and the pushed ones that are newer than all of them. A
/// pseudonym is a shopper of its own: only an import knows who of the feed it is.
fn with_orders(
    mut log: Vec<Interaction>,
    items: &[Item],
    orders: &[OrderLine],
) -> Vec<Interaction> {
    let skus = items
        .iter()
        .flat_map(|item| item.variants.iter().map(move |variant| (variant.sku.as_str(), item.id)));
    let item_of: HashMap<&str, ItemId> = skus.collect();
    let until = log.iter().map(|line| line.at_seconds).max();
    let n_shoppers = log.iter().map(|line| line.shopper.0 + 1).max().unwrap_or(0);
    let n_baskets = log.iter().map(|line| line.basket + 1).max().unwrap_or(0);
    let (mut shoppers, mut baskets) = (Numbers::from(n_shoppers), Numbers::from(n_baskets));
    let newer = orders.iter().filter(|order| until.is_none_or(|until| order.time > until));
    for order in newer {
        let Some(&item) = item_of.get(order.sku.as_str()) else { continue };
        let who = order.shopper.as_ref().unwrap_or(&order.order);
        log.push(Interaction {
            shopper: ShopperId(shoppers.of(who)),
            item,
            kind: EventKind::Purchase,
            at_seconds: order.time,
            basket: baskets.of(&order.order),
            quantity: order.quantity,
            price_minor: order.price.map_or(0, |price| price.minor),
        });
    }
    log
}

/// Numbers of names, in the order in which they come.
struct Numbers<'a> {
    of: HashMap<&'a str, u32>,
    first: u32,
}

impl<'a> Numbers<'a> {
    fn from(first: u32) -> Self {
        Self { of: HashMap::new(), first }
    }

    fn of(&mut self, name: &'a str) -> u32 {
        let next = self.first + self.of.len() as u32;
        *self.of.entry(name).or_insert(next)
    }
}

/// The pictogram of each card that had one.
fn pictograms(ids: &[ItemId], before: &StoredCatalogue, items: &[Item]) -> Vec<Option<u16>> {
    if before.pictures.is_empty() {
        return Vec::new();
    }
    let ids = ids.iter().copied();
    let of: HashMap<ItemId, u16> =
        ids.zip(&before.picture_of).filter_map(|(id, picture)| Some((id, (*picture)?))).collect();
    items.iter().map(|item| of.get(&item.id).copied()).collect()
}

fn keep_files(folder: &Path, staging: &Path) -> Result<()> {
    for name in OF_IMPORT {
        let from = folder.join(name);
        if from.exists() {
            let bytes = vitrine_durable::read(folder, name)?;
            vitrine_durable::write(&staging.join(name), &bytes)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(order: &str, shopper: Option<&str>, sku: &str, time: i64) -> OrderLine {
        let (sku, shopper) = (sku.to_owned(), shopper.map(str::to_owned));
        OrderLine { order: order.to_owned(), line: 1, sku, quantity: 2, price: None, time, shopper }
    }

    #[test]
    fn pushed_orders_count_from_the_newest_line_of_the_feed_on() {
        let variant = vitrine_domain::Variant { sku: "a".to_owned(), ..Default::default() };
        let item = Item { id: ItemId(7), variants: vec![variant], ..Item::default() };
        let line = Interaction {
            shopper: ShopperId(4),
            item: ItemId(7),
            kind: EventKind::Purchase,
            at_seconds: 100,
            basket: 9,
            quantity: 1,
            price_minor: 5,
        };
        let orders = [
            order("o1", Some("ann"), "a", 100),
            order("o2", Some("ann"), "a", 101),
            order("o2", Some("ann"), "gone", 101),
            order("o3", None, "a", 102),
            order("o4", Some("ann"), "a", 103),
        ];
        let lines = with_orders(vec![line], &[item], &orders);
        let who: Vec<(u32, u32, i64)> =
            lines.iter().map(|line| (line.shopper.0, line.basket, line.at_seconds)).collect();
        assert_eq!(who, [(4, 9, 100), (5, 10, 101), (6, 11, 102), (5, 12, 103)]);
    }
}
