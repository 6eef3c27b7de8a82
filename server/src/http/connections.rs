//! Accepts connections and bounds what each may cost in time and memory.

use std::fs;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::timed::Timed;
use crate::settings::Limits;

/// Connections beyond the limit that are told that the server is busy; more are closed.
const CONNECTIONS_SPARE: usize = 32;
/// How long one of those may take to send its request.
const SPARE_HEADER_TIME_MAX: Duration = Duration::from_secs(1);
/// Descriptors of the process that are kept for files.
const DESCRIPTORS_KEPT: usize = 96;
/// How long nothing is accepted when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Least buffer of a connection, in bytes.
const BUFFER_BYTES_MIN: usize = 64 << 10;

/// What one connection may cost.
#[derive(Clone, Copy)]
struct Bounds {
    header_bytes_max: usize,
    /// Until the header of a request is there, counted from the last answer.
    header_time_max: Duration,
    /// Without progress of a write.
    write_time_max: Duration,
    /// Whether it may carry more than one request.
    keeps_alive: bool,
}

/// Serves `app` until `stop`, then lets connections finish the request they are at.
/// Connections beyond the limit are served `busy`.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    busy: Router,
    limits: &Limits,
    stop: impl Future<Output = ()>,
) {
    let connections_max = connections_max(limits.connections_max, descriptors_max());
    if connections_max < limits.connections_max {
        tracing::warn!(
            connections_max,
            "the system allows few open files: fewer connections are kept than set"
        );
    }
    let bounds = Bounds {
        header_bytes_max: limits.header_bytes_max,
        header_time_max: Duration::from_millis(limits.header_ms_max),
        write_time_max: Duration::from_millis(limits.write_ms_max),
        keeps_alive: true,
    };
    let hurried = Bounds {
        header_time_max: SPARE_HEADER_TIME_MAX.min(bounds.header_time_max),
        write_time_max: SPARE_HEADER_TIME_MAX.min(bounds.write_time_max),
        keeps_alive: false,
        ..bounds
    };
    let places = Arc::new(Semaphore::new(connections_max));
    let spare = Arc::new(Semaphore::new(CONNECTIONS_SPARE));
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if let Ok(place) = places.clone().try_acquire_owned() {
            tokio::spawn(carry(stream, app.clone(), bounds, place, stopped.clone()));
        } else if let Ok(place) = spare.clone().try_acquire_owned() {
            tokio::spawn(carry(stream, busy.clone(), hurried, place, stopped.clone()));
        }
    }
    // From here on nobody connects any more.
    drop((listener, stopping));
    let n_places = u32::try_from(connections_max).unwrap_or(u32::MAX);
    // The semaphores are never closed.
    let _ = places.acquire_many(n_places).await;
    let _ = spare.acquire_many(CONNECTIONS_SPARE as u32).await;
}

/// Answers what comes over one connection.
async fn carry(
    stream: TcpStream,
    app: Router,
    bounds: Bounds,
    place: OwnedSemaphorePermit,
    mut stopped: watch::Receiver<()>,
) {
    // A small answer should not wait for more to send; without it, it does.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Timed::new(stream, bounds.write_time_max));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_time_max)
        .max_header_size(bounds.header_bytes_max)
        .max_buf_size(BUFFER_BYTES_MIN.max(2 * bounds.header_bytes_max))
        .keep_alive(bounds.keeps_alive);
    let mut connection = pin!(builder.serve_connection(stream, TowerToHyperService::new(app)));
    // What goes wrong with a connection is told to whoever is at its other end.
    let ended = tokio::select! {
        _ = connection.as_mut() => true,
        _ = stopped.changed() => false,
    };
    if !ended {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
    drop(place);
}

/// As many as are set, and no more than the system has descriptors for.
fn connections_max(set: usize, descriptors_max: Option<usize>) -> usize {
    let available =
        descriptors_max.map_or(set, |n| n.saturating_sub(CONNECTIONS_SPARE + DESCRIPTORS_KEPT));
    set.min(available).clamp(1, Semaphore::MAX_PERMITS)
}

/// How many files this process may have open; `None` where the system does not say.
fn descriptors_max() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_files() {
        assert_eq!(connections_max(1_024, Some(256)), 128);
        assert_eq!(connections_max(1_024, Some(1 << 20)), 1_024);
        assert_eq!(connections_max(1_024, None), 1_024);
        assert_eq!(connections_max(1_024, Some(64)), 1);
    }
}
