//! `vitrine demo`: a real supermarket, from nothing to a page that ranks.

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread;

use anyhow::Result;
use vitrine_publish::Store;

use super::{fetch, import, serve, train};
use crate::cli::{DataArgs, EncoderArgs, ImportArgs, SourceArgs, TrainArgs};
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// One pass over the log instead of three, then a faster rate: chosen on this shop, whose
/// long logs leave distillation more to do than bare sequences do.
const QUICK: &str = r#"{"n_entries": 1500000, "rate": 0.0015}"#;

/// No weights are learned but those of the last layer: neighbours, personal frequency and
/// the base that ships are public within a minute.
const AT_ONCE: &str = r#"{"n_entries": 0, "n_steps": 0}"#;

/// Runs the command: fetch, import, serve; train while the page is already up, first what
/// takes seconds, then what takes minutes.
pub fn run(settings: &ServerSettings, args: &TrainArgs, stop: &Stop) -> Result<ExitCode> {
    let files = fetch::fetch_all(settings)?;
    let store = Store::open(settings.data_dir.join("store"))?;
    if store.current()?.is_none() {
        let args = ImportArgs {
            source: SourceArgs {
                products: Some(files.products),
                interactions: Some(files.transactions),
                mapping: Some("journey".to_owned()),
                data: None,
            },
            shop: "The corner supermarket".to_owned(),
            pictures: files.pictures,
            picture_folder: None,
            picture_host: Vec::new(),
            pictures_offline: false,
            offers: Some(files.offers),
            campaigns: Some(files.campaigns),
            offers_of_last_day: true,
            shoppers_max: None,
            checks: None,
            allow_check: Vec::new(),
            deep_checks: false,
            data: DataArgs::default(),
            encoder: EncoderArgs::default(),
        };
        import::import(settings, &args, stop)?;
    }
    let configure = args.configure.clone().or_else(|| Some(QUICK.to_owned()));
    let args = &TrainArgs { configure, ..args.clone() };
    let at_once = &TrainArgs { configure: Some(AT_ONCE.to_owned()), ..args.clone() };
    let has_model = store.current()?.is_some_and(|manifest| manifest.model.is_some());
    thread::scope(|scope| {
        let training = |address| {
            tracing::info!("open http://{address}/");
            if has_model {
                return;
            }
            tracing::info!("the page is up; the model follows in a few minutes");
            scope.spawn(|| {
                for args in [at_once, args] {
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
