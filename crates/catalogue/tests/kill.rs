//! A writer that is killed again and again loses nothing that it acknowledged.
//!
//! This executable is the writer, too: with [`CHILD`] as its first word. The long form is
//! `cargo test -p vitrine-catalogue --test kill -- --ignored`.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::*;
use libtest_mimic::{Arguments, Failed, Trial};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use vitrine_catalogue::{ChangeLog, ChangeOutcome, ChangeRequest, LogConfig};

const CHILD: &str = "write-until-killed";
const N_WRITERS: usize = 4;
/// Changes between two kills come at once or a few at a time.
const PER_REQUEST_MAX: usize = 8;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let [_, mode, dir, first, end] = &words[..]
        && mode == CHILD
    {
        write(Path::new(dir), first.parse().unwrap(), end.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let short = Trial::test("2_000_changes_and_8_kills_lose_nothing", || survives(2_000, 8, 1));
    let long = Trial::test("20_000_changes_and_50_kills_lose_nothing", || survives(20_000, 50, 2));
    let tests = vec![short, long.with_ignored_flag(true)];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn title(i: usize) -> String {
    format!("Product number {i}")
}

fn small_segments() -> LogConfig {
    LogConfig { segment_bytes_max: 64 << 10, ..config() }
}

/// The child: writes changes `first..end` in their order of number, says which are
/// acknowledged, and compacts all the while.
fn write(dir: &Path, first: usize, end: usize) {
    let log = ChangeLog::open(dir, small_segments(), accept_all()).unwrap();
    let next = AtomicUsize::new(first);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..N_WRITERS)
            .map(|writer| {
                let (log, next) = (&log, &next);
                scope.spawn(move || {
                    let n = 1 + writer * (PER_REQUEST_MAX - 1) / (N_WRITERS - 1);
                    loop {
                        let from = next.fetch_add(n, Ordering::SeqCst);
                        let numbers = from..end.min(from + n);
                        if numbers.is_empty() {
                            break;
                        }
                        acknowledge(log, numbers);
                    }
                })
            })
            .collect();
        while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            log.compact().unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
    });
}

fn acknowledge(log: &ChangeLog, numbers: std::ops::Range<usize>) {
    let one = |i: usize| upsert(&format!("s{i}"), 1, &title(i));
    let changes: Vec<_> = numbers.clone().map(one).collect();
    let receipt = log.submit(ChangeRequest { changes, key: None }).unwrap();
    let is_there =
        |o: &ChangeOutcome| matches!(o, ChangeOutcome::Applied | ChangeOutcome::Duplicate);
    assert!(receipt.outcomes.iter().all(is_there));
    // One write: a line that is torn by the kill has no end and is not counted.
    let lines: String = numbers.map(|i| format!("{i}\n")).collect();
    std::io::stdout().lock().write_all(lines.as_bytes()).unwrap();
}

fn survives(n_changes: usize, n_kills: usize, seed: u64) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let mut random = StdRng::seed_from_u64(seed);
    let mut is_acknowledged = vec![false; n_changes];
    let (mut n_killed, mut n_acknowledged) = (0, 0);
    while n_killed < n_kills {
        // What is not acknowledged is sent again, as a client would.
        let first = is_acknowledged.iter().position(|known| !known).unwrap_or(0);
        let share = (n_changes - n_acknowledged) / (n_kills - n_killed);
        let n_until_kill = random.random_range(0..=2 * share);
        let killed = write_and_kill(dir.path(), first, n_changes, n_until_kill, &mut random)?;
        for i in killed.acknowledged {
            n_acknowledged += usize::from(!is_acknowledged[i]);
            is_acknowledged[i] = true;
        }
        n_killed += usize::from(killed.in_time);
        check(dir.path(), &is_acknowledged)?;
    }
    // The rest, undisturbed.
    write_and_kill(dir.path(), 0, n_changes, usize::MAX, &mut random)?;
    check(dir.path(), &vec![true; n_changes])
}

struct Killed {
    acknowledged: Vec<usize>,
    /// Whether it was killed before it was done.
    in_time: bool,
}

/// Starts the child and kills it after it acknowledged some changes and a moment more.
fn write_and_kill(
    dir: &Path,
    first: usize,
    end: usize,
    n_until_kill: usize,
    random: &mut StdRng,
) -> Result<Killed, Failed> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([CHILD, &dir.display().to_string(), &first.to_string(), &end.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?);
    let (mut acknowledged, mut line, mut kills) = (Vec::new(), String::new(), false);
    loop {
        if !kills && acknowledged.len() >= n_until_kill {
            kills = true;
            std::thread::sleep(Duration::from_micros(random.random_range(0..20_000)));
            child.kill()?;
        }
        line.clear();
        lines.read_line(&mut line)?;
        let Some(number) = line.strip_suffix('\n') else { break };
        acknowledged.push(number.parse()?);
    }
    let status = child.wait()?;
    if !kills && !status.success() {
        return Err(format!("the writer failed: {status}").into());
    }
    Ok(Killed { acknowledged, in_time: !status.success() })
}

/// Every acknowledged change is there as it was sent, and no other is there in part.
fn check(dir: &Path, is_acknowledged: &[bool]) -> Result<(), Failed> {
    let log = ChangeLog::open(dir, small_segments(), accept_all())?;
    for (i, &must) in is_acknowledged.iter().enumerate() {
        let product = log.product(&format!("s{i}"));
        let found = product.and_then(|product| Some(product.facts.value.as_ref()?.title.clone()));
        match found {
            None if must => return Err(format!("change {i} was acknowledged and is lost").into()),
            Some(found) if found != title(i) => return Err(format!("{i} is {found:?}").into()),
            _ => {}
        }
    }
    Ok(())
}
