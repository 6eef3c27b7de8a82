//! Work that outlives its request, and requests beyond the limits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::json;
use vitrine_recall::RecallError;

use super::*;

/// Says when it begins to encode, and goes on when it is told to.
struct Held {
    begun: Mutex<Sender<()>>,
    go_on: Mutex<Receiver<()>>,
    n_late: AtomicUsize,
}

impl Language for Held {
    type Error = anyhow::Error;

    fn encode(&self, _: &str, deadline: Deadline) -> anyhow::Result<Option<Vec<f32>>> {
        self.begun.lock().unwrap().send(())?;
        self.go_on.lock().unwrap().recv()?;
        if deadline.has_passed() {
            self.n_late.fetch_add(1, Ordering::SeqCst);
            return Err(RecallError::Late.into());
        }
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, _: &str) -> bool {
        false
    }
}

fn held() -> (Arc<Held>, Receiver<()>, Sender<()>) {
    let (begun, has_begun) = channel();
    let (go, go_on) = channel();
    let language =
        Held { begun: Mutex::new(begun), go_on: Mutex::new(go_on), n_late: AtomicUsize::new(0) };
    (Arc::new(language), has_begun, go)
}

#[tokio::test]
async fn the_place_of_a_search_that_timed_out_is_free_when_its_work_has_ended() {
    let (language, has_begun, go) = held();
    let limits = Limits { request_ms_max: 20, searches_in_flight_max: 2, ..limits() };
    let shop = TestShop::new(limits, language.clone());
    let answer = shop.search(json!({ "text": "milk" })).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "timeout"));
    assert_eq!(answer.headers["retry-after"], "1");
    has_begun.recv().unwrap();
    assert_eq!(shop.state.searches.available_permits(), 1, "its work still runs");
    go.send(()).unwrap();
    // Waits until both are free; a place that never came back would hang the test.
    drop(shop.state.searches.acquire_many(2).await.unwrap());
    assert_eq!(language.n_late.load(Ordering::SeqCst), 1, "the work was told that it is late");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_beyond_the_limit_are_refused_at_once_and_those_waiting_cost_nothing() {
    let (language, has_begun, go) = held();
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = Limits {
        request_ms_max: 200,
        searches_in_flight_max: n_cores + 1,
        requests_in_flight_max: 4 * n_cores + 4,
        ..limits()
    };
    let shop = Arc::new(TestShop::new(limits, language));
    let searches: Vec<_> = (0..=n_cores)
        .map(|_| {
            let shop = shop.clone();
            tokio::spawn(async move { shop.search(json!({ "text": "milk" })).await.code() })
        })
        .collect();
    for _ in 0..n_cores {
        tokio::task::block_in_place(|| has_begun.recv()).unwrap();
    }
    while shop.state.searches.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(shop.search(json!({ "text": "milk" })).await.code(), "too_many_searches");
    assert_eq!(shop.get("/v1/suggest?q=mil").await.code(), "too_many_searches");
    for search in searches {
        assert_eq!(search.await.unwrap(), "timeout");
    }
    for _ in 0..n_cores {
        go.send(()).unwrap();
    }
    drop(shop.state.searches.acquire_many(n_cores as u32 + 1).await.unwrap());
    assert!(has_begun.try_recv().is_err(), "the one that waited in vain was never begun");
}

#[tokio::test]
async fn health_is_apart_from_the_limits() {
    let shop = shop();
    let n = shop.state.limits.requests_in_flight_max as u32;
    let _all = shop.state.requests.acquire_many(n).await.unwrap();
    assert_eq!(shop.get("/v1/manifest").await.code(), "overloaded");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(shop.get(path).await.status, StatusCode::OK, "{path}");
    }
}
