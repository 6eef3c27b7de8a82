//! `vitrine serve`: the published versions over HTTP, swapped when a new one appears.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use vitrine_encoder::{DeviceKind, TextEncoder};

use crate::catalogue;
use crate::http::{self, AppState, connections};
use crate::language::EncoderLanguage;
use crate::live::{Live, Newest, synonyms};
use crate::publishing;
use crate::retention;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// How often the store is looked at for a new version.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a damaged current version is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(30);

/// Runs the command until Ctrl-C.
pub fn run(settings: &ServerSettings, stop: &Stop) -> Result<ExitCode> {
    serve(settings, stop, |address| {
        tracing::info!("open http://{address}/");
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until `stop` is set. `ready` is called once requests are answered.
///
/// # Errors
/// The address is taken, the weights are missing, or no published version is whole.
pub fn serve(settings: &ServerSettings, stop: &Stop, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let encoder = TextEncoder::load(&settings.weights_dir, DeviceKind::Cpu)
        .context("`vitrine fetch` gets the encoder's weights")?;
    let language = EncoderLanguage { encoder: Box::new(encoder) };
    let state = Arc::new(AppState::new(settings, Arc::new(language))?);
    // Unless an import or a training is at work there.
    if let Some(_lock) = publishing::try_lock(&settings.data_dir)? {
        retention::clean_staging(&settings.data_dir)?;
    }
    // What is wrong with the settings is no damage of a version.
    synonyms(settings)?;
    let found = Live::newest(settings, state.store(), None).context(catalogue::MEND)?;
    match (state.published()?, found) {
        (Some(number), Newest::Loaded(live)) => state.serve(*live, number),
        _ => tracing::warn!("nothing is published yet: run `vitrine import`"),
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("listening on {}; --listen takes another address", settings.listen)
        })?;
        ready(listener.local_addr()?);
        tokio::spawn(take_up(settings.clone(), state.clone()));
        let stopped = stopped(stop.clone());
        let (app, busy) = (http::router(state.clone()), http::busy_router(state));
        let served = connections::serve(listener, app, busy, &settings.limits, stopped);
        // Requests that are still open when the time is up are cut off.
        let late = async {
            self::stopped(stop.clone()).await;
            tokio::time::sleep(Duration::from_millis(settings.limits.shutdown_ms_max)).await;
        };
        tokio::select! {
            () = served => {}
            () = late => {}
        }
        anyhow::Ok(())
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
///
/// A current version that is damaged is looked at again now and then: somebody may have
/// put the file back.
async fn take_up(settings: ServerSettings, state: Arc<AppState>) {
    let mut tried = state.published().ok().flatten();
    let mut tried_at = Instant::now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let number = match state.published() {
            Ok(number) => number,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "reading the store");
                continue;
            }
        };
        let served = state.live().ok().map(|live| live.number);
        let is_due = number != tried || (number != served && tried_at.elapsed() > RETRY_EVERY);
        let Some(number) = number.filter(|_| is_due) else { continue };
        (tried, tried_at) = (Some(number), Instant::now());
        let (settings, loading) = (settings.clone(), state.clone());
        let loaded =
            tokio::task::spawn_blocking(move || Live::newest(&settings, loading.store(), served));
        match loaded.await.map_err(anyhow::Error::from).flatten() {
            Ok(Newest::Loaded(live)) => state.serve(*live, number),
            Ok(Newest::Same | Newest::None) => state.goes_on(number),
            Err(error) => {
                tracing::error!(number, "the old version stays: {error:#}");
                state.goes_on(number);
            }
        }
    }
}
