//! `vitrine adapt`: an adapter of the encoder for the imported shop, kept if it finds better.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};
use serde::Serialize;
use vitrine_domain::Item;
use vitrine_encoder::ModelFiles;

use super::evaluate::feed::ShopFeed;
use super::evaluate::search::{self, Asked, ByQuery, read_judgments};
use crate::adapter_choice::AdapterChoice;
use crate::adapters::Candidate;
use crate::adapting::AdaptConfig;
use crate::adapting::fitting::{Fitted, fit};
use crate::adapting::measure::{Beside, beside, scores};
use crate::adapting::pairs::{self, HeldOutSearch, Judged, Pairs, Sources, split_judged};
use crate::catalogue::{self, StoredCatalogue};
use crate::cli::AdaptArgs;
use crate::configure;
use crate::live::synonyms;
use crate::publishing;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// Exit code when the adapter was not kept, because nothing shows that it finds better.
const EXIT_REFUSED: u8 = 3;
/// Fewest judged searches that are held out for an adapter to be kept by them.
const JUDGED_MIN: usize = 10;
/// Fewest pairs that say anything.
const PAIRS_MIN: usize = 100;

/// What is said of an adapter, and kept beside it.
#[derive(Debug, Serialize)]
pub struct AdapterReport {
    n_items: usize,
    n_pairs: usize,
    seconds: f64,
    config: AdaptConfig,
    /// Made-up searches for products that the fit saw no search for.
    made_up: Option<Beside>,
    /// Made-up searches with a slip of the keyboard in each.
    with_slips: Option<Beside>,
    /// What is served for judged searches that the fit did not see.
    judged: Option<Beside>,
}

impl AdapterReport {
    /// Why it is not to be kept; `None` if it is. Made-up searches decide nothing: an adapter that
    /// finds them better was seen to find people's worse (decision 0103).
    fn fault(&self) -> Option<&'static str> {
        let Some(judged) = &self.judged else {
            return Some(
                "no judged searches were given, and made-up ones do not tell whether people's are \
                 found better",
            );
        };
        if judged.n_queries < JUDGED_MIN {
            return Some("fewer than 10 judged searches are held out, too few to tell");
        }
        let is_worse = |of: &Beside| of.difference.upper < 0.0;
        match &self.made_up {
            _ if judged.difference.mean <= 0.0 => {
                Some("on average it finds judged searches no better")
            }
            Some(made_up) if is_worse(made_up) => Some("it finds made-up searches worse"),
            _ => None,
        }
    }

    fn to_table(&self) -> String {
        let rows = [
            ("made-up searches", &self.made_up),
            ("made up, with slips", &self.with_slips),
            ("judged searches", &self.judged),
        ];
        let mut out = format!(
            "{} products, {} pairs, {:.0} s; NDCG@10 on what was held out: of vectors alone, and of \
             what is served for judged searches\n\
             {:<22}{:>9}{:>10}{:>10}   difference\n",
            self.n_items, self.n_pairs, self.seconds, "", "searches", "without", "with"
        );
        for (name, beside) in rows {
            let Some(Beside { n_queries, without, with, difference }) = beside else { continue };
            out += &format!(
                "{name:<22}{n_queries:>9}{:>10.3}{:>10.3}   {:+.3} [{:+.3}, {:+.3}]\n",
                without.mean, with.mean, difference.mean, difference.lower, difference.upper
            );
        }
        out
    }
}

/// Runs the command.
///
/// # Errors
/// Nothing is imported, too little is said of its products, stopped, or the disk refuses.
pub fn run(settings: &ServerSettings, args: &AdaptArgs, stop: &Stop) -> Result<ExitCode> {
    let config: AdaptConfig = configure::read(args.configure.as_deref())?;
    config.fit.check()?;
    ensure!(
        settings.adapter == AdapterChoice::Auto,
        "`vitrine adapt` fits an adapter of the plain model: --adapter has no meaning here"
    );
    let _lock = publishing::lock(&settings.data_dir)?;
    let (catalogue, interactions) = catalogue::with_interactions(settings)?;
    let judged = match &args.judgments {
        Some(path) => {
            let read = read_judgments(path, &catalogue.items)?;
            ensure!(
                !read.grades.is_empty(),
                "{}: none of its products is in the catalogue; the second column is a product's own number",
                path.display()
            );
            if read.n_unknown > 0 {
                tracing::warn!(
                    unknown = read.n_unknown,
                    "judgments of products that the catalogue lacks"
                );
            }
            read.grades
        }
        None => Judged::new(),
    };
    let (judged, held_out) = split_judged(judged, config.fit.seed);
    let neighbours = pairs::neighbours(&catalogue.items, &interactions)?;
    let seed = config.fit.seed;
    let plain = ModelFiles::from(&settings.weights_dir);
    let mut texts = TextVectors::of(settings, plain.clone())?;
    let synonyms = synonyms(settings)?;
    let pairs = Pairs::of(
        &Sources {
            items: &catalogue.items,
            neighbours: &neighbours,
            judged: &judged,
            synonyms: &synonyms,
        },
        &config,
    );
    ensure!(
        pairs.fit.len() >= PAIRS_MIN,
        "only {} pairs can be made of {} products: {PAIRS_MIN} say something",
        pairs.fit.len(),
        catalogue.items.len()
    );
    let started = std::time::Instant::now();
    let made_of = (&catalogue.items[..], &pairs);
    let Fitted { adapter, without } = fit(settings, &mut texts, made_of, &config, stop)?;
    let seconds = started.elapsed().as_secs_f64();
    let served_without =
        served(settings, (&catalogue, without.clone()), &mut texts, (&held_out, seed), stop)?;
    let encoder = Arc::clone(&texts.encoder);
    // One at a time has the cache.
    drop(texts);
    let candidate = Candidate::write(&settings.data_dir, &adapter)?;
    let files = ModelFiles { adapter: Some(candidate.path.clone()), ..plain };
    let measured = || -> Result<AdapterReport> {
        let mut adapted = TextVectors::of(settings, files)?;
        let passages: Vec<String> = catalogue.items.iter().map(Item::passage).collect();
        let with = adapted.encode(&passages, stop)?;
        let of_vectors = |searches: &[HeldOutSearch]| -> Result<Option<Beside>> {
            let before = scores(&encoder, &without, searches)?;
            beside(&before, &scores(&adapted.encoder, &with, searches)?, seed)
        };
        let (made_up, with_slips) =
            (of_vectors(&pairs.held_out)?, of_vectors(&pairs.held_out_noisy)?);
        let served_with =
            served(settings, (&catalogue, with), &mut adapted, (&held_out, seed), stop)?;
        let ndcg = |of: &BTreeMap<String, ByQuery>| -> Vec<f64> {
            of.values().map(|query| query.ndcg).collect()
        };
        Ok(AdapterReport {
            n_items: passages.len(),
            n_pairs: pairs.fit.len(),
            seconds,
            made_up,
            with_slips,
            judged: beside(&ndcg(&served_without), &ndcg(&served_with), seed)?,
            config,
        })
    };
    let report = measured()?;
    let json = serde_json::to_vec_pretty(&report)?;
    crate::print(&match args.json {
        true => String::from_utf8_lossy(&json).into_owned(),
        false => report.to_table(),
    });
    if let Some(fault) = report.fault().filter(|_| !args.keep_anyway) {
        tracing::warn!("not kept: {fault}. --keep-anyway keeps it all the same");
        return Ok(ExitCode::from(EXIT_REFUSED));
    }
    let path = candidate.path.display().to_string();
    candidate.keep(&json)?;
    tracing::info!("kept as {path}; the next `vitrine import` encodes with it");
    Ok(ExitCode::SUCCESS)
}

/// What would be served for judged searches if these vectors, and those of `texts`, were the
/// catalogue's; by search, without those that nothing relevant was judged for.
///
/// # Errors
/// A text cannot be encoded, or the process was asked to stop.
pub fn served(
    settings: &ServerSettings,
    (catalogue, vectors): (&StoredCatalogue, Vec<f32>),
    texts: &mut TextVectors,
    (judged, seed): (&Judged, u64),
    stop: &Stop,
) -> Result<BTreeMap<String, ByQuery>> {
    let is_asked = |grades: &BTreeMap<usize, u8>| grades.values().any(|grade| *grade > 0);
    let judgments: Judged = judged
        .iter()
        .filter(|(_, grades)| is_asked(grades))
        .map(|(a, b)| (a.clone(), b.clone()))
        .collect();
    if judgments.is_empty() {
        return Ok(BTreeMap::new());
    }
    let feed = ShopFeed {
        items: catalogue.items.clone(),
        currency: catalogue.currency.clone(),
        popularity: catalogue.buyers.iter().map(|buyers| buyers.published().all).collect(),
        query_mean: texts.encoded(&catalogue.items, stop)?.query_mean,
    };
    let asked = Asked { judgments, n_unknown: 0, without_synonyms: false, fit: false, seed };
    let (report, _) = search::measure(settings, &feed, vectors, texts, asked)?;
    Ok(report.queries.into_iter().map(|query| (query.query.clone(), query)).collect())
}

#[cfg(test)]
mod tests {
    use vitrine_evaluation::Interval;

    use super::*;
    use crate::adapters;
    use crate::cli::{DataArgs, EncoderArgs, SynonymsArgs};
    use crate::publishing::tests::{catalogue, publish};
    use crate::speech::made_up::KINDS;

    /// A published shop, and a small model of its own.
    fn shop() -> (tempfile::TempDir, tempfile::TempDir, ServerSettings) {
        let (data, weights) = (tempfile::tempdir().unwrap(), KINDS[0].write());
        let mut catalogue = catalogue(80);
        let words = ["red", "milk", "bread", "shoe"];
        for (at, item) in catalogue.items.iter_mut().enumerate() {
            let own = (0..4).map(|place| char::from(b'a' + (at / 3usize.pow(place) % 3) as u8));
            let own: String = own.collect();
            item.title = format!("{} {own} {}", words[at % 4], words[at / 4 % 4]);
        }
        publish(data.path(), &catalogue);
        let mut settings = ServerSettings::in_folder(data.path());
        settings.weights_dir = weights.path().to_owned();
        (data, weights, settings)
    }

    #[test]
    fn an_adapter_that_nobody_can_judge_is_kept_where_that_is_asked_for() {
        let (data, _weights, settings) = shop();
        let configure = r#"{"searches_per_item": 4, "fit": {"batch": 16}}"#;
        let mut args = AdaptArgs {
            judgments: None,
            configure: Some(configure.to_owned()),
            keep_anyway: false,
            json: false,
            data: DataArgs::default(),
            encoder: EncoderArgs::default(),
            synonyms: SynonymsArgs::default(),
        };
        let stop = Stop::default();
        let code = run(&settings, &args, &stop).unwrap();
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(EXIT_REFUSED)));
        assert_eq!(adapters::of_imports(&settings).unwrap().adapter, None);
        args.keep_anyway = true;
        assert_eq!(
            format!("{:?}", run(&settings, &args, &stop).unwrap()),
            format!("{:?}", ExitCode::SUCCESS)
        );
        let kept = adapters::of_imports(&settings).unwrap().adapter.unwrap();
        assert!(kept.starts_with(data.path()) && kept.with_extension("json").is_file());
        // The published catalogue was encoded without.
        assert_eq!(adapters::of_published(&settings).unwrap().adapter, None);
        args.configure = Some(r#"{"searches_per_item": 0}"#.to_owned());
        let few = run(&settings, &args, &stop).unwrap_err().to_string();
        assert!(few.contains("only 0 pairs"), "{few}");
        let stopped = Stop::new(true.into());
        args.configure = Some(configure.to_owned());
        assert!(run(&settings, &args, &stopped).is_err());
        assert_eq!(adapters::of_imports(&settings).unwrap().adapter, Some(kept), "it stays");
    }

    #[test]
    fn judged_searches_are_asked_as_they_are_served() {
        let (data, _weights, settings) = shop();
        let judgments = data.path().join("judged.csv");
        let words = ["red", "milk", "bread", "shoe"];
        let line = |at: usize| format!("{} {at},{at},3\n", words[at % 4]);
        let mut csv: String = (0..40).map(line).collect();
        csv.insert_str(0, "query,product,grade\nnothing to find,1,0\n");
        std::fs::write(&judgments, csv).unwrap();
        let args = AdaptArgs {
            judgments: Some(judgments),
            configure: Some(r#"{"searches_per_item": 2, "fit": {"batch": 16}}"#.to_owned()),
            keep_anyway: true,
            json: true,
            data: DataArgs::default(),
            encoder: EncoderArgs::default(),
            synonyms: SynonymsArgs::default(),
        };
        run(&settings, &args, &Stop::default()).unwrap();
        let kept = adapters::of_imports(&settings).unwrap().adapter.unwrap();
        let report = std::fs::read(kept.with_extension("json")).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let n_judged = report["judged"]["n_queries"].as_u64().unwrap();
        assert!((10..=11).contains(&n_judged), "a quarter of 41, one of which finds nothing");
        assert!(report["judged"]["without"]["mean"].as_f64().unwrap() > 0.0);
        // 30 or so are learned from, each twice, besides what is made up.
        assert!(report["n_pairs"].as_u64().unwrap() >= 60);
    }

    fn beside(mean: f64, half: f64) -> Option<Beside> {
        let interval = |mean: f64| Interval { mean, lower: mean - half, upper: mean + half };
        let (without, with) = (interval(0.5), interval(0.5 + mean));
        Some(Beside { n_queries: 40, without, with, difference: interval(mean) })
    }

    fn few(mean: f64) -> Option<Beside> {
        Some(Beside { n_queries: JUDGED_MIN - 1, ..beside(mean, 0.01)? })
    }

    fn fault(made_up: Option<Beside>, judged: Option<Beside>) -> Option<&'static str> {
        let config = AdaptConfig::default();
        let (n_items, n_pairs, seconds) = (9, 99, 1.0);
        AdapterReport { n_items, n_pairs, seconds, config, with_slips: None, made_up, judged }
            .fault()
    }

    #[test]
    fn judged_searches_decide_and_made_up_ones_alone_do_not() {
        let said = fault(beside(0.1, 0.01), None).unwrap_or_default();
        assert!(said.contains("no judged searches"), "{said}");
        assert!(fault(beside(0.1, 0.01), few(0.2)).is_some(), "nine tell nothing");
        assert!(fault(beside(0.1, 0.01), beside(-0.001, 0.02)).is_some());
        assert!(fault(beside(0.1, 0.01), beside(0.0, 0.02)).is_some());
        assert_eq!(fault(beside(0.1, 0.01), beside(0.01, 0.02)), None);
        assert_eq!(fault(None, beside(0.01, 0.02)), None);
        assert_eq!(fault(beside(-0.01, 0.02), beside(0.01, 0.02)), None, "it may be chance");
        assert!(fault(beside(-0.03, 0.02), beside(0.01, 0.02)).is_some());
    }
}
