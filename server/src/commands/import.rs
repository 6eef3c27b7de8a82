//! `vitrine import`: files → checked rows → cards → vectors → a published catalogue.

mod photos;
mod pictograms;
mod read;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use std::process::ExitCode;
use vitrine_domain::{CatalogueVersion, Item, RelatedList, limits};
use vitrine_encoder::ModelFiles;
use vitrine_publish::Store;
use vitrine_quality::Pseudonyms;
use vitrine_quality::checks::{ImportSnapshot, Plan};
use vitrine_ranking::PurchaseLog;

pub(crate) use photos::read as read_photos;
pub(crate) use read::{ProductRows, check_in, read_products, unreadable};
use read::{ReadRows, read};

use super::offers;
use super::quality::{self, Assessment, Files};
use super::reviews::{self, ReviewReading};
use super::source::{Source, Tables};
use crate::adapters;
use crate::catalogue::{self, Buyers, CatalogueEncoder, StoredCatalogue};
use crate::cli::ImportArgs;
use crate::clock::now_seconds;
use crate::feeds::{FeedFetcher, FeedFiles};
use crate::looks::{Looks, SeenPictures};
use crate::private_search::PrivateSearch;
use crate::publishing;
use crate::pushed::{PSEUDONYM_KEY_FILE, PushedSoFar};
use crate::retention;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::{LazyTexts, TextVectors};

/// What the next import is compared with, in a catalogue's folder.
pub(crate) const SNAPSHOT_FILE: &str = "profile.json";
/// What the checks found, for people.
pub(crate) const REPORT_PAGE: &str = "quality.html";
/// The same, for programs.
pub(crate) const REPORT_FILE: &str = "quality.json";

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &ImportArgs, stop: &Stop) -> Result<ExitCode> {
    if args.watch {
        watch::run(settings, args, stop);
        return Ok(ExitCode::SUCCESS);
    }
    let version = import(settings, args, stop)?;
    tracing::info!(catalogue = version.0, "published");
    Ok(ExitCode::SUCCESS)
}

/// Imports and publishes; the version that is served from now on.
///
/// # Errors
/// A feed cannot be had, a file cannot be read, no card is left, the disk refuses, or the
/// process was asked to stop; what was served before is served on.
pub fn import(
    settings: &ServerSettings,
    args: &ImportArgs,
    stop: &Stop,
) -> Result<CatalogueVersion> {
    let changes_until = PushedSoFar::number(&settings.data_dir)?;
    // Before the lock: a training need not wait for somebody's slow server.
    let feeds = feeds(settings, args, stop)?;
    let _lock = publishing::lock(&settings.data_dir)?;
    import_locked(settings, args, &feeds, changes_until, stop)
}

/// The feeds that the arguments name, found and fetched.
fn feeds(settings: &ServerSettings, args: &ImportArgs, stop: &Stop) -> Result<FeedFiles> {
    if args.source.data.is_some() {
        return Ok(FeedFiles::default());
    }
    let fetcher = FeedFetcher::new(&settings.data_dir, &args.feed_host);
    Ok(FeedFiles::of(args.source.feeds(), &args.source.mapping()?, &fetcher, stop)?)
}

/// Imports and publishes these feeds, which were had when the log of changes had
/// `changes_until` records; the caller holds the lock of the data folder.
fn import_locked(
    settings: &ServerSettings,
    args: &ImportArgs,
    feeds: &FeedFiles,
    changes_until: u64,
    stop: &Stop,
) -> Result<CatalogueVersion> {
    let store = Store::open(settings.data_dir.join("store"))?;
    retention::clean_staging(&settings.data_dir)?;
    let staging = retention::fresh(&catalogue::staging(&settings.data_dir))?;
    let source = Source::of(&args.source, feeds, &settings.data_dir);
    let imported = source.and_then(|source| {
        import_to(settings, args, (&source, changes_until), (&store, &staging), stop)
    });
    if imported.is_err() {
        retention::refuse(&settings.data_dir);
    }
    imported
}

fn import_to(
    settings: &ServerSettings,
    args: &ImportArgs,
    (source, changes_until): (&Source, u64),
    (store, staging): (&Store, &Path),
    stop: &Stop,
) -> Result<CatalogueVersion> {
    let mapping = &source.mapping;
    let tables = Tables {
        products: Some(&source.products),
        interactions: source.interactions.as_deref(),
        offers: args.offers.as_deref(),
        campaigns: args.campaigns.as_deref(),
        reviews: args.reviews.as_deref(),
    };
    tables.check(mapping)?;
    let plan = check(settings, args, source, store, staging, stop)?;
    let key = Pseudonyms::open(&settings.data_dir.join(PSEUDONYM_KEY_FILE))?;
    let pushed = PushedSoFar::read(&settings.data_dir).context("what was pushed")?;
    let model = adapters::of_imports(settings)?;
    adapters::remember(&settings.data_dir, &model)?;
    let reading = ReviewReading { settings, model: &model, staging, stop };
    let ReadRows { mut cards, offers: on_offer, reviews, summary, n_lines_of_feed } =
        read((&reading, args), source, &plan, &pushed, &key)?;
    summary.check_balance()?;
    tracing::info!(cards = cards.items.len(), "rows read\n{}", summary.to_table());
    let json = serde_json::to_vec_pretty(&summary).context("encoding the summary")?;
    vitrine_durable::write(&staging.join(catalogue::SUMMARY_FILE), &json)?;

    let never_recommended = cards
        .places
        .of_cards(&mapping.recommend.never)
        .with_context(|| format!("the mapping {}, recommend.never", mapping.name))?;
    reviews::rate(&mut cards.items, &reviews, staging)?;
    let described =
        Describe { model, currency: &mapping.currency, pictograms: args.pictures.as_deref() };
    let (mut catalogue, neighbours) = describe(settings, described, cards.items, staging, stop)?;
    catalogue.shop.clone_from(&args.shop);
    catalogue.never_recommended = never_recommended;
    (catalogue.changes_until, catalogue.n_lines_of_feed) = (changes_until, n_lines_of_feed);
    catalogue.pictures_from = photos::pictures_from(args, &source.products);
    catalogue.photos = photos::read(settings, &catalogue, stop)?;
    look_at_pictures(settings, &mut catalogue, stop)?;
    let label = mapping.offers.as_ref().map_or("", |columns| &columns.label);
    catalogue.offers = offers::of_cards(&catalogue.items, &on_offer, label);
    catalogue.reviews = reviews;
    catalogue.prices = mapping.price_terms();
    catalogue.save(staging)?;
    publishing::publish_catalogue(settings, store, &catalogue, &neighbours, staging)
}

/// Runs the checks and writes their report; what is to become of failing rows.
///
/// # Errors
/// A check of severity error is beyond its threshold and was not allowed by name.
fn check(
    settings: &ServerSettings,
    args: &ImportArgs,
    source: &Source,
    store: &Store,
    staging: &Path,
    stop: &Stop,
) -> Result<Plan> {
    let checks = quality::checks(args.checks.as_deref())?;
    for name in &args.allow_check {
        ensure!(checks.has(name), "--allow-check {name}: there is no check of that name");
    }
    let Source { products, interactions, mapping } = source;
    let files = Files { products, interactions: interactions.as_deref(), mapping };
    let previous = previous(&settings.data_dir, store)?;
    let texts = LazyTexts::new(settings, stop);
    let assessed = quality::assess(&Assessment {
        checks: &checks,
        rows: &files,
        previous: previous.as_ref(),
        texts: args.deep_checks.then_some(&texts),
        now_seconds: now_seconds(),
        remember_lines: false,
        stop,
    })?;
    let report = &assessed.report;
    vitrine_durable::write(&staging.join(REPORT_PAGE), report.to_html().as_bytes())?;
    vitrine_durable::write(&staging.join(REPORT_FILE), &serde_json::to_vec(report)?)?;
    let snapshot = serde_json::to_vec(&assessed.snapshot)?;
    vitrine_durable::write(&staging.join(SNAPSHOT_FILE), &snapshot)?;
    let blocking = report.blocking(&args.allow_check);
    if !blocking.is_empty() {
        let shown: Vec<String> = blocking.iter().map(|result| quality::shown(result)).collect();
        let names: Vec<&str> = blocking.iter().map(|result| result.name.as_str()).collect();
        bail!(
            "not published, what was served is served on: {}. See {}; mend the files, or \
             publish anyway with --allow-check {}",
            shown.join("; "),
            catalogue::refused(&settings.data_dir).join(REPORT_PAGE).display(),
            names.join(" --allow-check ")
        );
    }
    tracing::info!("checked\n{}", report.to_table());
    Ok(assessed.plan)
}

/// What the newest import left for the next to be compared with; `None` where there was
/// none, or where its file cannot be read: that is no reason to keep a catalogue back.
fn previous(data_dir: &Path, store: &Store) -> Result<Option<ImportSnapshot>> {
    let newest = store.newest(|number| store.manifest(number));
    let Some((_, manifest)) = newest.unwrap_or_default() else { return Ok(None) };
    let folder = catalogue::folder(data_dir, manifest.catalogue.version);
    let read = vitrine_durable::read(&folder, SNAPSHOT_FILE).map_err(anyhow::Error::from);
    let snapshot = read.and_then(|json| Ok(serde_json::from_slice(&json)?));
    Ok(snapshot
        .inspect_err(|error| {
            let file = folder.join(SNAPSHOT_FILE);
            tracing::warn!("drift is not looked for: {}: {error:#}", file.display());
        })
        .ok())
}

/// What cards are described by besides their log.
#[derive(Clone)]
pub(crate) struct Describe<'a> {
    /// What encodes them.
    pub model: ModelFiles,
    /// ISO 4217 code of all prices.
    pub currency: &'a str,
    /// A file of pictograms to choose from.
    pub pictograms: Option<&'a Path>,
}

/// Everything that is computed about the cards: vectors, buyers, related lists, pictures;
/// and what the same shoppers bought.
pub(crate) fn describe(
    settings: &ServerSettings,
    described: Describe<'_>,
    mut items: Vec<Item>,
    staging: &Path,
    stop: &Stop,
) -> Result<(StoredCatalogue, Vec<RelatedList>)> {
    ensure!(!items.is_empty(), "no card is left: see {}", quarantine_hint(settings));
    ensure!(items.len() <= limits::ITEMS_MAX, "more than {} cards", limits::ITEMS_MAX);
    items.sort_by_key(|item| item.id);
    let mut vectors_of = TextVectors::of(settings, described.model)?;
    let texts: Vec<String> = items.iter().map(Item::passage).collect();
    let vectors = vectors_of.encode(&texts, stop)?;
    let encoded = vectors_of.encoded(&items, stop)?;

    let log = catalogue::read_interactions(staging)?;
    let ids: Vec<_> = items.iter().map(|item| item.id).collect();
    let log = PurchaseLog::new(&ids, &log)?;
    let positives = log.positives();
    if !positives.are_purchases() {
        tracing::warn!("almost nobody in the log bought anything: clicks count as purchases");
    }
    let buyers = buyers(&log);
    let related = vitrine_ranking::related_lists(&log, &ids);
    let neighbours = vitrine_ranking::neighbour_lists(&log, &ids);
    let alternatives = vitrine_ranking::alternatives(&log, &vectors);

    let mut catalogue = StoredCatalogue {
        currency: described.currency.to_owned(),
        items,
        positives,
        buyers,
        related,
        alternatives,
        encoded,
        vectors,
        ..StoredCatalogue::default()
    };
    if settings.private_search {
        let before = before_it(settings, &catalogue);
        let StoredCatalogue { items, vectors, encoded, .. } = &catalogue;
        let made = (&items[..], &vectors[..], &encoded.query_mean[..]);
        let private = PrivateSearch::of(&vectors_of.encoder, settings, made, before, stop)?;
        catalogue.private_search = Some(private);
    }
    if let Some(path) = described.pictograms {
        pictograms::choose(&mut catalogue, path, &mut vectors_of, stop)?;
    }
    Ok((catalogue, neighbours))
}

/// Looks at what [`read_photos`] brought.
///
/// # Errors
/// As [`SeenPictures::of`].
pub(crate) fn look_at_pictures(
    settings: &ServerSettings,
    catalogue: &mut StoredCatalogue,
    stop: &Stop,
) -> Result<()> {
    let before = published_folder(settings).and_then(|folder| Looks::load(&folder));
    let StoredCatalogue { items, photos, .. } = &*catalogue;
    catalogue.seen = SeenPictures::of(settings, items, &photos.mains, before, stop)?;
    Ok(())
}

/// The folder of the published version, if there is one.
fn published_folder(settings: &ServerSettings) -> Option<PathBuf> {
    let store = Store::open(settings.data_dir.join("store")).ok()?;
    let version = store.current().ok()??.catalogue.version;
    Some(catalogue::folder(&settings.data_dir, version))
}

/// Coder and table of the published version, if the same encoder made its vectors.
fn before_it(settings: &ServerSettings, catalogue: &StoredCatalogue) -> Option<PrivateSearch> {
    let folder = published_folder(settings)?;
    let by = CatalogueEncoder::load(&folder).ok()?.by;
    if by.is_none() || by != catalogue.encoded.by {
        return None;
    }
    PrivateSearch::load(&folder)
}

/// Distinct buyers of each card, over the whole log and in its last 28 days.
pub fn buyers(log: &PurchaseLog) -> Vec<Buyers> {
    let popularity =
        vitrine_ranking::Popularity::new(log, log.last_seconds().map_or(0, |last| last + 1));
    let counts = popularity.n_buyers.iter().zip(&popularity.n_buyers_recent);
    counts.map(|(&all, &recent)| Buyers { all, recent }).collect()
}

fn quarantine_hint(settings: &ServerSettings) -> String {
    catalogue::refused(&settings.data_dir).join("quarantine.jsonl").display().to_string()
}

pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
