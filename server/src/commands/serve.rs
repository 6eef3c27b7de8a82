//! `vitrine serve`: the published versions over HTTP, swapped when a new one appears.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use vitrine_encoder::TextEncoder;

use crate::catalogue;
use crate::http::{self, AppState, connections};
use crate::language::ServedLanguage;
use crate::live::synonyms;
use crate::publishing;
use crate::query_encoder::QueryEncoder;
use crate::retention;
use crate::revising::{EncodePassages, Follower};
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::{TextVectors, load_encoder};

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
    let encoder = Arc::new(load_encoder(settings)?);
    let of_queries = Arc::clone(&encoder);
    let encode =
        move |texts: &[&str], is_late: &dyn Fn() -> bool| of_queries.encode_queries(texts, is_late);
    let queries = Arc::new(QueryEncoder::start(Arc::new(encode))?);
    let language = ServedLanguage { encoder: Arc::clone(&encoder), queries: Arc::clone(&queries) };
    let state = AppState::new(settings, Arc::new(language))?.encoding_by(encoder.stamp(), queries);
    let state = Arc::new(state);
    // Unless an import or a training is at work there.
    if let Some(_lock) = publishing::try_lock(&settings.data_dir)? {
        retention::clean_staging(&settings.data_dir)?;
    }
    // What is wrong with the settings is no damage of a version.
    synonyms(settings)?;
    let encode = encode_pushed(settings.clone(), encoder);
    let log = state.pushed().ok().map(|pushed| Arc::clone(&pushed.changes));
    let follower = Follower::start(settings, &state, encode, log).context(catalogue::MEND)?;
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

/// Encodes what is pushed; its cache is opened with the first new text.
fn encode_pushed(settings: ServerSettings, encoder: Arc<TextEncoder>) -> EncodePassages {
    let opened: Mutex<Option<TextVectors>> = Mutex::new(None);
    Arc::new(move |texts| {
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let vectors_of = match &mut *opened {
            Some(vectors_of) => vectors_of,
            none => none.insert(TextVectors::of_pushed(&settings, Arc::clone(&encoder))?),
        };
        vectors_of.encode_quietly(texts, &AtomicBool::new(false))
    })
}

async fn stopped(stop: Stop) {
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
