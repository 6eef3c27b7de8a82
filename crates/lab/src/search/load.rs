//! Clients that ask one query after another, and how long they wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

/// What so many clients at once saw.
#[derive(Serialize)]
pub struct Load {
    n_clients: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    queries_a_second: f64,
}

/// Asks one query and waits for the answer.
pub type Ask<'a> = Box<dyn FnMut(&str) -> Result<()> + 'a>;

/// The queries, shared by threads that each ask one after another; `connect` makes
/// what a thread asks with.
///
/// # Errors
/// The first client that cannot ask.
pub fn load<'a>(
    queries: &[String],
    n_clients: usize,
    connect: &(dyn Fn() -> Ask<'a> + Sync),
) -> Result<Load> {
    let next = AtomicUsize::new(0);
    let client = || -> Result<Vec<f64>> {
        let mut ask = connect();
        let mut times = Vec::new();
        while let Some(text) = queries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let started = Instant::now();
            ask(text)?;
            times.push(milliseconds(started));
        }
        Ok(times)
    };
    let started = Instant::now();
    let times: Result<Vec<Vec<f64>>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..n_clients).map(|_| scope.spawn(client)).collect();
        let join = |client: thread::ScopedJoinHandle<'_, Result<Vec<f64>>>| match client.join() {
            Ok(times) => times,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        clients.into_iter().map(join).collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    let (p50_ms, p99_ms) = percentiles(times?.concat());
    Ok(Load { n_clients, p50_ms, p99_ms, queries_a_second: queries.len() as f64 / seconds })
}

impl Load {
    /// A row of a table.
    pub fn row(&self, how: &str) -> String {
        let Self { n_clients, p50_ms, p99_ms, queries_a_second } = self;
        format!("| {n_clients}{how} | {p50_ms:.1} | {p99_ms:.1} | {queries_a_second:.0} |")
    }
}

/// Milliseconds since a moment.
pub fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Median and 99th percentile.
pub fn percentiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    (at(0.5), at(0.99))
}
