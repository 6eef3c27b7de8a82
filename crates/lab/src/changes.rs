//! `vitrine-lab changes`: how soon a running server shows what is pushed to it.
//!
//! Prices of known products and whole new products are pushed at fixed rates while others
//! search. A change is *visible* once the server says that search and manifest have its
//! record; they are swapped as one.

mod clients;
mod report;

use std::collections::VecDeque;
use std::fs;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use vitrine_domain::currency::amount_text;
use vitrine_server::catalogue::StoredCatalogue;
use vitrine_server::print;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;

use self::clients::{Api, Poller};
use self::report::{ChangesReport, ProcessSample};
use crate::cli::ChangesArgs;
use crate::search::load::percentiles;

/// How often a batch is pushed.
const PUSH_EVERY: Duration = Duration::from_millis(100);
/// How often the server is asked what is visible.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// How often an open page asks for the manifest, as the shop has it.
const POLL_EVERY: Duration = Duration::from_secs(60);
/// How often memory and descriptors are read.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// How long the last changes may take to show.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that was acknowledged and is not visible yet.
struct Pushed {
    sent: Instant,
    record: u64,
    n_changes: usize,
    is_new: bool,
}

/// What all threads write to.
#[derive(Default)]
struct Seen {
    waiting: Mutex<VecDeque<Pushed>>,
    /// Milliseconds until a change was visible, one a change.
    known_ms: Mutex<Vec<f64>>,
    new_ms: Mutex<Vec<f64>>,
    search_ms: Mutex<Vec<f64>>,
    samples: Mutex<Vec<ProcessSample>>,
    is_over: AtomicBool,
}

/// Runs the measurement.
///
/// # Errors
/// The server cannot be reached or refuses the key; no catalogue is in the data folder.
pub fn run(settings: &ServerSettings, args: &ChangesArgs, stop: &Stop) -> Result<ExitCode> {
    let (catalogue, _) = StoredCatalogue::published(settings)?;
    let known: Vec<(String, u32)> = catalogue
        .items
        .iter()
        .flat_map(|item| &item.variants)
        .filter(|variant| variant.price_minor > 0)
        .map(|variant| (variant.sku.clone(), variant.price_minor))
        .collect();
    ensure!(!known.is_empty(), "no product of the catalogue has a price");
    let titles: Vec<&str> = catalogue.items.iter().map(|item| item.title.as_str()).collect();
    let seen = &Seen::default();
    let deadline = Instant::now() + Duration::from_secs(args.seconds);
    let is_over = || Instant::now() > deadline || stop.load(Ordering::SeqCst);
    let currency = catalogue.currency.as_str();
    let price_text = |minor: u64| format!("{} {currency}", amount_text(minor, currency));
    let mut poller = Poller::new(&args.url);
    poller.poll()?;
    let before = poller.n_bytes();
    thread::scope(|scope| -> Result<()> {
        let push_known = scope.spawn(|| {
            push(args, seen, args.changes_per_second, false, &is_over, |random, n| {
                let (sku, price) = &known[random.random_range(0..known.len())];
                let minor = random.random_range((price * 4 / 5).max(1)..=(price * 6 / 5).max(2));
                let price = price_text(minor.into());
                json!({"op": "patch", "sku": sku, "price": price, "stock": n % 100})
            })
        });
        let push_new = scope.spawn(|| {
            push(args, seen, args.new_per_second, true, &is_over, |random, n| {
                let [first, second] = [0, 1].map(|_| titles[random.random_range(0..titles.len())]);
                let name = |title: &str| title.split(' ').take(3).collect::<Vec<_>>().join(" ");
                let title = format!("{} with {} {n}", name(first), name(second));
                json!({"op": "upsert", "sku": format!("lab-{}-{n}", args.seed), "title": title,
                       "product_type": "Laboratory > New", "price": price_text(499)})
            })
        });
        let watch = scope.spawn(|| watch(args, seen));
        let sample = scope.spawn(|| sample(args, seen));
        let searchers: Vec<_> =
            (0..args.search_clients).map(|_| scope.spawn(|| search(args, seen, &titles))).collect();
        let poll = scope.spawn(|| -> Result<Poller> {
            let mut polled = Instant::now();
            while !seen.is_over.load(Ordering::SeqCst) {
                if polled.elapsed() > POLL_EVERY {
                    poller.poll()?;
                    polled = Instant::now();
                }
                thread::sleep(PUSH_EVERY);
            }
            poller.poll()?;
            Ok(poller)
        });
        let pushed = join(push_known).and(join(push_new));
        let patience = Instant::now() + PATIENCE;
        while pushed.is_ok() && !locked(&seen.waiting).is_empty() && Instant::now() < patience {
            thread::sleep(WATCH_EVERY);
        }
        let n_waiting = locked(&seen.waiting).len();
        seen.is_over.store(true, Ordering::SeqCst);
        join(watch)?;
        join(sample)?;
        searchers.into_iter().try_for_each(join)?;
        let poller = join(poll)?;
        pushed?;
        ensure!(n_waiting == 0, "{n_waiting} requests were never visible");
        let report = ChangesReport::of(args, seen, &poller, before);
        print(&if args.json { report.json()? } else { report.table() });
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Pushes batches at a rate, whatever the last one took.
fn push(
    args: &ChangesArgs,
    seen: &Seen,
    per_second: u32,
    is_new: bool,
    is_over: &(dyn Fn() -> bool + Sync),
    change: impl Fn(&mut SmallRng, u64) -> Value,
) -> Result<()> {
    let (api, started) = (Api::new(&args.url, &args.key), Instant::now());
    let mut random = SmallRng::seed_from_u64(args.seed);
    let mut n = 0_u64;
    while !is_over() {
        let due = (started.elapsed().as_secs_f64() * f64::from(per_second)) as u64;
        let lines: Vec<Value> = (n..due).map(|n| change(&mut random, n)).collect();
        n = n.max(due);
        if !lines.is_empty() {
            let sent = Instant::now();
            let record = api.push(&lines)?;
            let pushed = Pushed { sent, record, n_changes: lines.len(), is_new };
            locked(&seen.waiting).push_back(pushed);
        }
        thread::sleep(PUSH_EVERY);
    }
    Ok(())
}

/// Notes when what was pushed became visible.
fn watch(args: &ChangesArgs, seen: &Seen) -> Result<()> {
    let api = Api::new(&args.url, &args.key);
    while !seen.is_over.load(Ordering::SeqCst) {
        let served = api.served_record()?;
        let now = Instant::now();
        locked(&seen.waiting).retain(|pushed| {
            let is_visible = pushed.record <= served;
            if is_visible {
                let ms = now.duration_since(pushed.sent).as_secs_f64() * 1e3;
                let times = if pushed.is_new { &seen.new_ms } else { &seen.known_ms };
                locked(times).extend(std::iter::repeat_n(ms, pushed.n_changes));
            }
            !is_visible
        });
        thread::sleep(WATCH_EVERY);
    }
    Ok(())
}

fn search(args: &ChangesArgs, seen: &Seen, titles: &[&str]) -> Result<()> {
    let api = Api::new(&args.url, &args.key);
    let mut random = SmallRng::seed_from_u64(args.seed ^ 1);
    while !seen.is_over.load(Ordering::SeqCst) {
        let title = titles[random.random_range(0..titles.len())];
        let text: Vec<&str> = title.split(' ').take(2).collect();
        let started = Instant::now();
        api.search(&text.join(" "))?;
        locked(&seen.search_ms).push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Memory and descriptors of the server, where its process is named.
fn sample(args: &ChangesArgs, seen: &Seen) -> Result<()> {
    let Some(pid) = args.pid else { return Ok(()) };
    let started = Instant::now();
    while !seen.is_over.load(Ordering::SeqCst) {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        let n_descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        locked(&seen.samples).push(ProcessSample {
            seconds: started.elapsed().as_secs(),
            mib: kib.unwrap_or(0.0) / 1024.0,
            n_descriptors,
        });
        let next = Instant::now() + SAMPLE_EVERY;
        while Instant::now() < next && !seen.is_over.load(Ordering::SeqCst) {
            thread::sleep(PUSH_EVERY);
        }
    }
    Ok(())
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Median, 99th percentile and largest of some times; none without times.
fn spread(times: &Mutex<Vec<f64>>) -> Option<(f64, f64, f64)> {
    let times = locked(times).clone();
    let most = times.iter().copied().fold(0.0, f64::max);
    (!times.is_empty()).then(|| {
        let (p50, p99) = percentiles(times);
        (p50, p99, most)
    })
}
