//! Ctrl-C and SIGTERM as a flag that long work looks at, so that it stops
//! between two steps with everything saved.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result};

/// Set once the process was asked to stop. A second request ends it at once.
pub type Stop = Arc<AtomicBool>;

/// Exit code after a second Ctrl-C, as shells give it (128 + SIGINT).
const EXIT_INTERRUPTED: i32 = 130;

/// Starts to listen for Ctrl-C and SIGTERM.
pub fn stop_flag() -> Result<Stop> {
    let stop = Stop::default();
    let flag = stop.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the signal listener")?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(listen(&flag)))
        .context("starting the signal listener")?;
    Ok(stop)
}

async fn listen(flag: &AtomicBool) {
    wait_for_signal().await;
    flag.store(true, Ordering::SeqCst);
    tracing::info!("stopping; once more to stop at once");
    wait_for_signal().await;
    std::process::exit(EXIT_INTERRUPTED);
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
