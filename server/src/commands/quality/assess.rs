//! Runs the checks over a feed and a log: two passes each, on all cores.

use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, ensure};
use arrow_array::RecordBatch;
use vitrine_encoder::TEXT_DIM;
use vitrine_quality::ProductRow;
use vitrine_quality::checks::{
    Checks, Evidence, FailingRow, Failures, Findings, ImportSnapshot, Kind, LineBatcher,
    LogFindings, LogProfile, Plan, ProductBatcher, ProductProfile, QualityReport, ReportBuilder,
    Subject, Vectors,
};

use super::rows::{Read, Rows};
use crate::progress::WorkProgress;
use crate::signals::Stop;
use crate::texts::LazyTexts;

/// Batches that wait for a worker.
const BATCHES_WAITING_MAX: usize = 4;

/// What to run and with what.
pub struct Assessment<'a> {
    pub checks: &'a Checks,
    pub rows: &'a dyn Rows,
    /// What the previous import left, for drift.
    pub previous: Option<&'a ImportSnapshot>,
    /// What knows the language; without it the checks that need it don't run.
    pub texts: Option<&'a LazyTexts<'a>>,
    pub now_seconds: i64,
    /// Remember every failing line, for measurements.
    pub remember_lines: bool,
    pub stop: &'a Stop,
}

/// What came of it.
pub struct Assessed {
    pub report: QualityReport,
    pub plan: Plan,
    pub snapshot: ImportSnapshot,
    /// Failing lines by check, when they were to be remembered.
    pub lines: Vec<(String, Vec<u64>)>,
}

/// Runs all checks.
///
/// # Errors
/// A file cannot be read, texts cannot be encoded, or the process was asked to stop.
pub fn assess(a: &Assessment<'_>) -> Result<Assessed> {
    let mut unreadable =
        [Failures::remembering(a.remember_lines), Failures::remembering(a.remember_lines)];
    let products = profile_products(a, &mut unreadable[0])?;
    let log = profile_log(a, &products, &mut unreadable[1])?;
    let log_prices = log.prices();
    let texts = products.texts();
    let rows = a.texts.map(|language| language.encode(&texts.texts)).transpose()?;
    let known_words = a.texts.map(|language| language.known(products.words())).transpose()?;
    let vectors = rows.as_deref().map(|rows| Vectors { dim: TEXT_DIM, rows });

    let evidence = Evidence {
        texts: &texts,
        vectors,
        known_words: known_words.as_ref(),
        log_prices: &log_prices,
        now_seconds: a.now_seconds,
        remember_lines: a.remember_lines,
    };
    let findings = Findings::find(a.checks, &products, evidence);
    let judged = judge_products(a, &findings)?;
    let log_findings =
        LogFindings::find(a.checks, &products, &log, a.now_seconds, a.remember_lines);
    let judged_log = judge_log(a, &products, &log_findings)?;
    let snapshot = ImportSnapshot::of(&products, log.n_rows, &log_prices, &texts, vectors.as_ref());

    let mut builder = ReportBuilder::new(a.checks);
    builder.read(products.n_rows, log.n_rows, &log.days);
    let mut lines = Vec::new();
    let mut add =
        |check: &vitrine_quality::checks::Check, failures: Failures, note: Option<&str>| {
            lines.push((check.name.clone(), failures.lines.clone().unwrap_or_default()));
            builder.add(check, failures, note);
        };
    let [bad_products, bad_lines] = unreadable;
    for (check, failures) in findings.checks().iter().zip(judged) {
        let lacks = findings.lacks(check);
        let failures = match check.kind {
            Kind::Unreadable => of_all(&bad_products, products.n_rows),
            _ => failures,
        };
        add(check, failures, lacks);
    }
    for (check, failures) in log_findings.checks().iter().zip(judged_log) {
        let failures = match check.kind {
            Kind::Unreadable => of_all(&bad_lines, log.n_rows),
            _ => failures,
        };
        add(check, failures, (!a.rows.has_lines()).then_some("not run: there is no log"));
    }
    for check in a.checks.on(Subject::Drift) {
        let judged = match a.previous {
            Some(previous) => snapshot.judge(check, previous),
            None => Err("not run: there is no previous import"),
        };
        match judged {
            Ok(failures) => add(check, failures, None),
            Err(note) => add(check, Failures::default(), Some(note)),
        }
    }
    let (report, plan) = builder.finish();
    Ok(Assessed { report, plan, snapshot, lines })
}

/// Failures to read, of all rows.
fn of_all(unreadable: &Failures, n_read: u64) -> Failures {
    let mut failures = unreadable.clone();
    failures.n_checked = n_read + failures.n_failed;
    failures
}

fn profile_products(a: &Assessment<'_>, unreadable: &mut Failures) -> Result<ProductProfile> {
    let mut excluded = ProductProfile::default();
    let mut profile = fold(
        a.stop,
        "profiling",
        &ProductProfile::default,
        &|profile, batch| profile.update(batch),
        ProductProfile::merge,
        &mut |send| {
            send_products(a.rows, send, &mut |line, other| match other {
                Ok(row) => excluded.exclude(&row.product.sku),
                Err(reason) => unread(unreadable, line, reason),
            })
        },
    )?;
    profile.merge(excluded);
    Ok(profile)
}

fn profile_log(
    a: &Assessment<'_>,
    products: &ProductProfile,
    unreadable: &mut Failures,
) -> Result<LogProfile> {
    if !a.rows.has_lines() {
        return Ok(LogProfile::default());
    }
    fold(
        a.stop,
        "profiling",
        &LogProfile::default,
        &|profile, batch| profile.update(batch),
        LogProfile::merge,
        &mut |send| {
            send_lines(a.rows, products, send, &mut |line, reason| {
                unread(unreadable, line, reason);
            })
        },
    )
}

fn judge_products(a: &Assessment<'_>, findings: &Findings<'_>) -> Result<Vec<Failures>> {
    let rows = fold(
        a.stop,
        "checking",
        &|| findings.rows(),
        &|rows, batch| rows.update(batch),
        |rows, more| rows.merge(more),
        &mut |send| send_products(a.rows, send, &mut |_, _| ()),
    )?;
    Ok(rows.finish())
}

fn judge_log(
    a: &Assessment<'_>,
    products: &ProductProfile,
    findings: &LogFindings<'_>,
) -> Result<Vec<Failures>> {
    let rows = fold(
        a.stop,
        "checking",
        &|| findings.rows(),
        &|rows, batch| rows.update(batch),
        |rows, more| rows.merge(more),
        &mut |send| send_lines(a.rows, products, send, &mut |_, _| ()),
    )?;
    Ok(rows.finish())
}

/// Sends the feed in batches; excluded and unreadable rows go to `other`.
fn send_products(
    rows: &dyn Rows,
    send: Send<'_>,
    other: &mut dyn FnMut(u64, Read<ProductRow>),
) -> Result<()> {
    let mut batcher = ProductBatcher::new(rows.currency_decimals());
    rows.products(&mut |line, row| {
        match row {
            Ok(row) if !row.excluded => batcher.push(line, &row),
            row => other(line, row),
        }
        if batcher.is_full() { send(batcher.take()) } else { Ok(()) }
    })?;
    send(batcher.take())
}

/// Sends the log in batches, without the lines of excluded products; why a line
/// cannot be read goes to `unread`.
fn send_lines(
    rows: &dyn Rows,
    products: &ProductProfile,
    send: Send<'_>,
    unread: &mut dyn FnMut(u64, String),
) -> Result<()> {
    let mut batcher = LineBatcher::new(rows.currency_decimals());
    rows.lines(&mut |line, row| {
        match row {
            Ok(row) if products.leaves_out(&row.sku) => {}
            Ok(row) => batcher.push(line, &row),
            Err(reason) => unread(line, reason),
        }
        if batcher.is_full() { send(batcher.take()) } else { Ok(()) }
    })?;
    send(batcher.take())
}

fn unread(unreadable: &mut Failures, line: u64, reason: String) {
    unreadable.fail(line, || FailingRow { line, reason, record: Vec::new() });
}

/// Hands batches to the workers.
type Send<'s> = &'s mut dyn FnMut(RecordBatch) -> Result<()>;

/// Folds batches on all cores, each worker with a state of its own, and merges
/// the states. Memory is that of the states and of a few batches.
fn fold<S: std::marker::Send>(
    stop: &Stop,
    what: &'static str,
    new: &(dyn Fn() -> S + Sync),
    update: &(dyn Fn(&mut S, &RecordBatch) + Sync),
    merge: impl Fn(&mut S, S),
    feed: &mut dyn FnMut(Send<'_>) -> Result<()>,
) -> Result<S> {
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel::<RecordBatch>(BATCHES_WAITING_MAX);
    let receiver = Mutex::new(receiver);
    let work = || {
        let mut state = new();
        loop {
            // The lock is held while one worker waits for a batch, not while it works.
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match next {
                Ok(batch) => update(&mut state, &batch),
                Err(_) => return state,
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        let mut progress = WorkProgress::start(what, 0);
        let mut n_rows = 0;
        let fed = feed(&mut |batch| {
            ensure!(!stop.load(Ordering::SeqCst), "stopped; nothing was written");
            n_rows += batch.num_rows() as u64;
            progress.at(n_rows, "");
            // No worker ends before the sender is gone, but by a panic, which join shows.
            let _ = sender.send(batch);
            Ok(())
        });
        drop(sender);
        progress.finish();
        let mut states =
            workers.into_iter().map(|worker| worker.join().expect("a worker panicked"));
        let mut all = states.next().expect("there is at least one worker");
        states.for_each(|state| merge(&mut all, state));
        fed.map(|()| all)
    })
}
