//! `vitrine-lab cuts`: what `vitrine train` publishes where a shop has few shoppers.
//!
//! The imported shop is cut to some of its shoppers, drawn several times; on each cut the
//! very command runs, and what is public then is held against what counting gives. A cut
//! on which nothing passed the gate goes on with popularity.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::index;
use serde::Serialize;
use vitrine_domain::{Interaction, ShopperId};
use vitrine_durable::{FileSystem, seal};
use vitrine_evaluation::{EvaluationReport, Interval, Segment};
use vitrine_publish::Store;
use vitrine_quality::LogWriter;
use vitrine_server::catalogue::{self, StoredCatalogue, with_interactions};
use vitrine_server::cli::{DataArgs, EncoderArgs, TrainArgs};
use vitrine_server::commands::train::train;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;

use crate::cli::CutsArgs;

/// How sure the finding that one cut is worse must be, over all cuts and baselines.
const SIGNIFICANCE: f64 = 0.05;
/// Standard errors from end to end of a 95 % interval.
const INTERVAL_WIDTH: f64 = 2.0 * 1.959_964;
/// Counts all pairs: the price of publishing only what five shoppers share.
const UNRESTRICTED: &str = "item-knn";

#[derive(Serialize)]
struct Cuts {
    cuts: Vec<Cut>,
    /// Comparisons in which the published ranker is significantly worse, after Holm.
    significantly_worse: Vec<String>,
}

/// One cut of the shop.
#[derive(Serialize)]
struct Cut {
    n_shoppers: usize,
    draw: u64,
    /// The sentence of the report.
    published: String,
    /// NDCG@10 on all purchases of what is public, and of each baseline.
    served: f64,
    baselines: BTreeMap<String, f64>,
    /// Public minus baseline on all purchases, paired; empty where popularity goes on serving.
    differences: Vec<(String, Interval)>,
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &CutsArgs, stop: &Stop) -> Result<ExitCode> {
    let (catalogue, interactions) = with_interactions(settings)?;
    let published = Store::open(settings.data_dir.join("store"))?.current()?;
    let published = published.context("nothing is imported")?;
    ensure!(
        published.model.is_none(),
        "a model is published already: import the shop into a folder of its own, and do not train"
    );
    let n_all = interactions.iter().map(|line| line.shopper.0 + 1).max().unwrap_or(0) as usize;
    let mut cuts = Vec::new();
    for n_shoppers in args.shoppers.iter().copied() {
        ensure!(
            n_shoppers <= n_all,
            "the shop has {n_all} shoppers: --shoppers {n_shoppers} is too many"
        );
        for draw in 0..args.draws {
            tracing::info!(n_shoppers, draw, "training on a cut");
            let lines = drawn(&interactions, n_all, n_shoppers, args.report.seed + draw);
            let folder = settings.data_dir.join("cuts").join(format!("{n_shoppers}-{draw}"));
            let report = trained(settings, args, &catalogue, &lines, &folder, stop);
            if folder.exists() {
                fs::remove_dir_all(&folder)
                    .with_context(|| format!("removing {}", folder.display()))?;
            }
            ensure!(!stop.load(Ordering::Relaxed), "stopped");
            match report {
                Ok(report) => cuts.push(Cut::of(&report, n_shoppers, draw)?),
                // Nobody of a few may have bought anything in the last four weeks.
                Err(error) => tracing::warn!(n_shoppers, draw, "left out: {error:#}"),
            }
        }
    }
    let significantly_worse = holm(&cuts);
    let cuts = Cuts { cuts, significantly_worse };
    vitrine_server::print(&if args.report.json {
        serde_json::to_string_pretty(&cuts)?
    } else {
        cuts.table()
    });
    Ok(ExitCode::SUCCESS)
}

/// The lines of `n_shoppers` of the shoppers, numbered anew.
fn drawn(lines: &[Interaction], n_all: usize, n_shoppers: usize, seed: u64) -> Vec<Interaction> {
    let mut rng = SmallRng::seed_from_u64(seed ^ (n_shoppers as u64) << 32);
    let mut kept = index::sample(&mut rng, n_all, n_shoppers).into_vec();
    kept.sort_unstable();
    let renumbered = |line: &Interaction| {
        let n = kept.binary_search(&(line.shopper.0 as usize)).ok()?;
        Some(Interaction { shopper: ShopperId(n as u32), ..*line })
    };
    lines.iter().filter_map(renumbered).collect()
}

/// The report of `vitrine train` on the shop with other lines, in a data folder of its own.
fn trained(
    settings: &ServerSettings,
    args: &CutsArgs,
    catalogue: &StoredCatalogue,
    lines: &[Interaction],
    folder: &Path,
    stop: &Stop,
) -> Result<EvaluationReport> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let store = settings.data_dir.join("store");
    copy_folder(&store, &folder.join("store"))?;
    let manifest = Store::open(store)?.current()?.context("nothing is imported")?;
    let of_catalogue = catalogue::folder(folder, manifest.catalogue.version);
    fs::create_dir_all(&of_catalogue)?;
    catalogue.save(&of_catalogue)?;
    let mut log = LogWriter::create(&catalogue::interactions_file(&of_catalogue))?;
    lines.iter().try_for_each(|line| log.push(line))?;
    log.finish()?;
    seal(&FileSystem, &of_catalogue)?;
    let settings = ServerSettings { data_dir: folder.to_owned(), ..settings.clone() };
    let train_args = TrainArgs {
        base: args.base.clone(),
        configure: args.configure.clone(),
        seed: args.report.seed,
        explore_every: 0,
        restart: false,
        data: DataArgs::default(),
        encoder: EncoderArgs::default(),
    };
    train(&settings, &train_args, stop)?;
    let published = Store::open(folder.join("store"))?.current()?.and_then(|now| now.model);
    let of_report = match published {
        Some(model) => vitrine_server::model::folder(folder, model.version),
        None => folder.join("models").join("refused"),
    };
    let path = of_report.join("report.json");
    let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), &to)?),
        }
    }
    Ok(())
}

impl Cut {
    fn of(report: &EvaluationReport, n_shoppers: usize, draw: u64) -> Result<Self> {
        let ndcg = |name: &str| {
            let model = report.models.iter().find(|model| model.name == name)?;
            let all = model.segments.iter().find(|row| row.segment == Segment::All)?;
            Some(all.ndcg_at_10.mean)
        };
        let names = report.against.iter().map(|against| against.baseline.as_str());
        let baselines: BTreeMap<String, f64> = names
            .chain([UNRESTRICTED])
            .filter_map(|name| Some((name.to_owned(), ndcg(name)?)))
            .collect();
        let served = ndcg(&report.served).context("the report has no served ranker")?;
        let passed = report.gate.passed;
        let against = report.against.iter().filter(|_| passed);
        let differences =
            against.map(|against| (against.baseline.clone(), against.difference)).collect();
        let served = if passed { served } else { baselines["popularity"] };
        let published = report.published.clone();
        Ok(Self { n_shoppers, draw, published, served, baselines, differences })
    }
}

/// The comparisons in which something is significantly worse than a baseline: one-sided, of
/// the normal approximation of the paired bootstrap, after Holm's correction.
///
/// # Source
/// Holm, A simple sequentially rejective multiple test procedure (1979).
fn holm(cuts: &[Cut]) -> Vec<String> {
    let mut tests: Vec<(f64, String)> = Vec::new();
    for cut in cuts {
        for (name, difference) in &cut.differences {
            let deviation = (difference.upper - difference.lower) / INTERVAL_WIDTH;
            let p = match deviation > 0.0 {
                true => normal_cumulative(difference.mean / deviation),
                false => f64::from(u8::from(difference.mean >= 0.0)),
            };
            let what = format!(
                "{} shoppers, draw {}: {:+.4} [{:+.4}, {:+.4}] against {name}",
                cut.n_shoppers, cut.draw, difference.mean, difference.lower, difference.upper
            );
            tests.push((p, what));
        }
    }
    tests.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = tests.len();
    let significant = |(i, (p, _)): &(usize, (f64, String))| *p <= SIGNIFICANCE / (n - i) as f64;
    tests.into_iter().enumerate().take_while(significant).map(|(_, (_, what))| what).collect()
}

/// How likely a standard normal variable is below `z`.
///
/// # Source
/// Abramowitz and Stegun, Handbook of mathematical functions, 7.1.26.
fn normal_cumulative(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let sum = series.into_iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    let above = 0.5 * sum * (-x * x).exp();
    if z < 0.0 { above } else { 1.0 - above }
}

impl Cuts {
    fn table(&self) -> String {
        let mut text = String::new();
        for cut in &self.cuts {
            let _ = write!(
                text,
                "{:>5} shoppers, draw {}: {:.3}",
                cut.n_shoppers, cut.draw, cut.served
            );
            for (name, ndcg) in &cut.baselines {
                let _ = write!(text, " | {name} {ndcg:.3}");
            }
            let _ = writeln!(text, "\n      {}", cut.published);
        }
        let n = self.cuts.iter().map(|cut| cut.differences.len()).sum::<usize>();
        let _ = writeln!(
            text,
            "significantly worse than a baseline (Holm over {n} comparisons): {}",
            self.significantly_worse.len()
        );
        for what in &self.significantly_worse {
            let _ = writeln!(text, "  {what}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(draw: u64, mean: f64) -> Cut {
        let difference = Interval { mean, lower: mean - 0.02, upper: mean + 0.02 };
        Cut {
            n_shoppers: 50,
            draw,
            published: String::new(),
            served: 0.0,
            baselines: BTreeMap::new(),
            differences: vec![("popularity".to_owned(), difference)],
        }
    }

    #[test]
    fn a_difference_counts_that_stands_out_among_all() {
        assert!((normal_cumulative(-1.959_964) - 0.025).abs() < 1e-6);
        assert!((normal_cumulative(1.0) - 0.841_345).abs() < 1e-6);
        // 2.2 standard errors: enough alone, not among twenty.
        assert_eq!(holm(&[cut(0, -0.0225)]).len(), 1);
        let many: Vec<Cut> = (0..20).map(|n| cut(n, if n == 3 { -0.0225 } else { 0.0 })).collect();
        assert!(holm(&many).is_empty());
        let one: Vec<Cut> = (0..20).map(|n| cut(n, if n == 3 { -0.05 } else { 0.0 })).collect();
        assert!(holm(&one)[0].starts_with("50 shoppers, draw 3: -0.0500"));
    }

    #[test]
    fn a_cut_has_whole_histories_numbered_from_nought() {
        let line = |shopper, item| Interaction {
            shopper: ShopperId(shopper),
            item: vitrine_domain::ItemId(item),
            kind: vitrine_domain::EventKind::Purchase,
            at_seconds: 1,
            basket: 1,
            quantity: 1,
            price_minor: 1,
        };
        let lines: Vec<_> = (0..40).map(|n| line(n % 10, u64::from(n))).collect();
        let some = drawn(&lines, 10, 4, 1);
        assert_eq!(some.len(), 16);
        assert!(some.iter().all(|line| line.shopper.0 < 4));
        assert_eq!(drawn(&lines, 10, 10, 5).len(), 40);
        assert_ne!(some, drawn(&lines, 10, 4, 2));
    }
}
