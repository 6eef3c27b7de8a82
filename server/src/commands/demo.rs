//! `vitrine demo`: a real supermarket, from nothing to a page that ranks; or the feed of a
//! shop, from nothing to a page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread;

use anyhow::Result;
use vitrine_ingest::propose_mapping;
use vitrine_publish::Store;

use super::{fetch, import, serve, train};
use crate::cli::{
    DataArgs, DemoArgs, EVERY_SECONDS, EncoderArgs, ImportArgs, SourceArgs, TrainArgs,
};
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// One pass over the log instead of three, then a faster rate: chosen on this shop, whose
/// long logs leave distillation more to do than bare sequences do.
const QUICK: &str = r#"{"n_entries": 1500000, "rate": 0.0015}"#;

/// No weights are learned but those of the last layer: neighbours, personal frequency and
/// the base that ships are public within a minute.
const AT_ONCE: &str = r#"{"n_entries": 0, "n_steps": 0}"#;

/// What is proposed for a feed, in the data folder, to be corrected by hand.
const MAPPING_FILE: &str = "mapping.toml";

/// Runs the command: fetch, import, serve; train while the page is already up, first what
/// takes seconds, then what takes minutes.
pub fn run(settings: &ServerSettings, args: &DemoArgs, stop: &Stop) -> Result<ExitCode> {
    let store = Store::open(settings.data_dir.join("store"))?;
    if store.current()?.is_none() {
        let import = match &args.feed {
            Some(feed) => of_feed(settings, feed)?,
            None => of_supermarket(settings)?,
        };
        import::import(settings, &import, stop)?;
    }
    let configure = args.train.configure.clone().or_else(|| Some(QUICK.to_owned()));
    let train = &TrainArgs { configure, ..args.train.clone() };
    let at_once = &TrainArgs { configure: Some(AT_ONCE.to_owned()), ..train.clone() };
    // A feed alone has no orders to learn from.
    let is_trained =
        args.feed.is_some() || store.current()?.is_some_and(|manifest| manifest.model.is_some());
    thread::scope(|scope| {
        let training = |address| {
            tracing::info!("open http://{address}/");
            if is_trained {
                return;
            }
            tracing::info!("the page is up; the model follows in a few minutes");
            scope.spawn(|| {
                for args in [at_once, train] {
                    if let Err(error) = train::train(settings, args, stop) {
                        if !stop.load(Ordering::SeqCst) {
                            tracing::error!("training: {error:#}; the page goes on as it is");
                        }
                        break;
                    }
                }
            });
        };
        serve::serve(settings, stop, training)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The supermarket with its orders and its coupons.
fn of_supermarket(settings: &ServerSettings) -> Result<ImportArgs> {
    let files = fetch::fetch_all(settings)?;
    let source = SourceArgs {
        products: Some(files.products.into()),
        interactions: Some(files.transactions.into()),
        mapping: Some("journey".to_owned()),
        data: None,
    };
    Ok(ImportArgs {
        offers: Some(files.offers),
        campaigns: Some(files.campaigns),
        reviews: None,
        offers_of_last_day: true,
        ..of(source, "The corner supermarket", files.pictures)
    })
}

/// A shop made of a feed alone, read as is proposed for it.
fn of_feed(settings: &ServerSettings, feed: &Path) -> Result<ImportArgs> {
    crate::fetch::weights(&settings.weights_dir)?;
    let name = feed.file_stem().map_or("shop".into(), |stem| stem.to_string_lossy());
    let path = settings.data_dir.join(MAPPING_FILE);
    if !path.exists() {
        let proposal = propose_mapping(&name, feed, None)?;
        proposal.notes.iter().for_each(|note| tracing::warn!("{note}"));
        fs::create_dir_all(&settings.data_dir)?;
        vitrine_durable::write(&path, proposal.toml.as_bytes())?;
        tracing::info!("the feed is read by {}: correct it where it is wrong", path.display());
    }
    let source = SourceArgs {
        products: Some(feed.to_owned().into()),
        interactions: None,
        mapping: Some(path.to_string_lossy().into_owned()),
        data: None,
    };
    Ok(of(source, &name, fetch::pictograms()))
}

/// An import of these files with everything else as it is usual.
fn of(source: SourceArgs, shop: &str, pictures: Option<PathBuf>) -> ImportArgs {
    ImportArgs {
        source,
        shop: shop.to_owned(),
        pictures,
        picture_folder: None,
        picture_host: Vec::new(),
        pictures_offline: false,
        pictures_open: false,
        feed_host: Vec::new(),
        watch: false,
        every: EVERY_SECONDS,
        offers: None,
        campaigns: None,
        reviews: None,
        offers_of_last_day: false,
        shoppers_max: None,
        checks: None,
        allow_check: Vec::new(),
        deep_checks: false,
        data: DataArgs::default(),
        encoder: EncoderArgs::default(),
    }
}
