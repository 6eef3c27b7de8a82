//! `vitrine serve`: the published versions over HTTP, swapped when a new one appears.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use crate::catalogue;
use crate::http::{self, AppState, connections};
use crate::live::synonyms;
use crate::publishing;
use crate::retention;
use crate::revising::Follower;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::speech::Speeches;

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
    let state = AppState::new(settings, Speeches::open(settings)?)?;
    let state = Arc::new(state);
    // Unless an import or a training is at work there.
    if let Some(_lock) = publishing::try_lock(&settings.data_dir)? {
        retention::clean_staging(&settings.data_dir)?;
    }
    // What is wrong with the settings is no damage of a version.
    synonyms(settings)?;
    let log = state.pushed().ok().map(|pushed| Arc::clone(&pushed.changes));
    let follower = Follower::start(settings, &state, log).context(catalogue::MEND)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut following = None;
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!("listening on {}; --listen takes another address", settings.listen)
        })?;
        ready(listener.local_addr()?);
        let stopping = stop.clone();
        let follow = std::thread::Builder::new()
            .name("follower".to_owned())
            .spawn(move || follower.run(&stopping));
        following = Some(follow.context("starting the thread that follows what is published")?);
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
    // It ends what it has started.
    if let Some(Err(_)) = following.map(std::thread::JoinHandle::join) {
        tracing::error!("the thread that follows what is published had failed");
    }
    Ok(())
}

async fn stopped(stop: Stop) {
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
