//! `vitrine serve`: the published versions over HTTP, swapped when a new one appears.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use vitrine_encoder::{DeviceKind, TextEncoder};

use crate::http::{self, AppState};
use crate::live::Live;
use crate::settings::Settings;
use crate::signals::Stop;

/// How often the store is looked at for a new version.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs the command until Ctrl-C.
pub fn run(settings: &Settings, stop: &Stop) -> Result<ExitCode> {
    serve(settings, stop, |address| {
        tracing::info!("open http://{address}/");
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until `stop` is set. `ready` is called once requests are answered.
///
/// # Errors
/// The address is taken, the weights are missing, or the last published version
/// cannot be read.
pub fn serve(settings: &Settings, stop: &Stop, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let encoder = TextEncoder::load(&settings.weights_dir, DeviceKind::Cpu)
        .context("`vitrine fetch` gets the encoder's weights")?;
    let state = Arc::new(AppState::new(settings, encoder)?);
    match state.published()? {
        Some(number) => state.serve(Live::load(settings, state.store(), number)?),
        None => tracing::warn!("nothing is published yet: run `vitrine import`"),
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("listening on {}; --listen takes another address", settings.listen)
        })?;
        ready(listener.local_addr()?);
        tokio::spawn(take_up(settings.clone(), state.clone()));
        let stopped = stopped(stop.clone());
        let served = axum::serve(listener, http::router(state)).with_graceful_shutdown(stopped);
        // Requests that are still open when the time is up are cut off.
        let late = async {
            self::stopped(stop.clone()).await;
            tokio::time::sleep(Duration::from_millis(settings.limits.shutdown_ms_max)).await;
        };
        tokio::select! {
            result = served => result.context("serving"),
            () = late => Ok(()),
        }
    })?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

async fn stopped(stop: Stop) {
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Swaps in whatever is published while the server runs; the old version
/// serves until the new one is up.
async fn take_up(settings: Settings, state: Arc<AppState>) {
    let mut served = state.published().ok().flatten();
    let mut failed = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let number = match state.published() {
            Ok(number) => number,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "reading the store");
                continue;
            }
        };
        let Some(number) = number.filter(|_| number != served && number != failed) else {
            continue;
        };
        let (settings, loading) = (settings.clone(), state.clone());
        let loaded =
            tokio::task::spawn_blocking(move || Live::load(&settings, loading.store(), number));
        match loaded.await.map_err(anyhow::Error::from).flatten() {
            Ok(live) => {
                state.serve(live);
                served = Some(number);
            }
            Err(error) => {
                tracing::error!(number, error = format!("{error:#}"), "the old version stays");
                failed = Some(number);
            }
        }
    }
}
