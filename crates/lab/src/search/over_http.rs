//! The server itself, asked over loopback by clients that keep their connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Context, Result, ensure};
use vitrine_domain::{Page, Query};
use vitrine_server::commands::serve;
use vitrine_server::settings::ServerSettings;

use super::load::{Ask, Load, load};
use super::speed::PAGE_LIMIT;

/// Serves what is published on a free port of this machine and measures it with each
/// number of clients, after `warm` queries; each number has a part of the queries for itself. Searches in flight are not limited.
///
/// # Errors
/// The server does not start, or refuses a search.
pub fn measure(
    settings: &ServerSettings,
    queries: &[String],
    warm: usize,
    clients: &[usize],
) -> Result<Vec<Load>> {
    let mut settings = settings.clone();
    settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let n_most = clients.iter().copied().max().unwrap_or(0);
    let limits = &mut settings.limits;
    limits.searches_in_flight_max = limits.searches_in_flight_max.max(n_most);
    limits.requests_in_flight_max = limits.requests_in_flight_max.max(n_most);
    let stop = Arc::new(AtomicBool::new(false));
    let (ready, address) = channel();
    let server = {
        let stop = stop.clone();
        thread::spawn(move || {
            serve::serve(&settings, &stop, |address| {
                // Whoever waits for it hangs up only when this process ends.
                let _ = ready.send(address);
            })
        })
    };
    let measured = match address.recv() {
        Ok(address) => each(address, queries, warm, clients),
        // The server says below why it did not start.
        Err(_) => Ok(Vec::new()),
    };
    stop.store(true, Ordering::SeqCst);
    match server.join() {
        Ok(served) => served?,
        Err(panic) => std::panic::resume_unwind(panic),
    }
    measured
}

fn each(
    address: SocketAddr,
    queries: &[String],
    warm: usize,
    clients: &[usize],
) -> Result<Vec<Load>> {
    let url = format!("http://{address}/v1/search");
    let connect = || -> Ask<'_> {
        // One agent a client: it keeps its connection.
        let agent = ureq::Agent::new_with_defaults();
        let url = url.clone();
        Box::new(move |text| {
            let page = Page { offset: 0, limit: PAGE_LIMIT };
            let query = Query { text: text.to_owned(), page, ..Query::default() };
            let mut reply = agent.post(&url).send_json(&query).context("searching over HTTP")?;
            let bytes = reply.body_mut().read_to_vec()?;
            ensure!(!bytes.is_empty(), "an empty reply");
            Ok(())
        })
    };
    let mut ask = connect();
    // Each number of clients asks for words of its own: the server keeps vectors of recent ones.
    let mut parts = queries.chunks((queries.len() / (clients.len() + 1)).max(1));
    let warming = parts.next().unwrap_or_default();
    warming.iter().cycle().take(warm).try_for_each(|text| ask(text))?;
    clients.iter().zip(parts).map(|(n, part)| load(part, *n, &connect)).collect()
}
