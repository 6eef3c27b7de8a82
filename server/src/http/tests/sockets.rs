//! Over real sockets: clients that are slow, silent, or send too much.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::http::{busy_router, connections};

/// Long enough for anything here to happen; reaching it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A shop that listens.
struct Served {
    shop: TestShop,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Served {
    async fn start(limits: Limits) -> Self {
        let shop = TestShop::new(limits, Arc::new(Meaningless));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (app, busy) = (router(shop.state.clone()), busy_router(shop.state.clone()));
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            connections::serve(listener, app, busy, &limits, stopped).await;
        });
        Self { shop, address, stop: Some(stop), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request over a connection of its own; the whole answer.
    async fn ask(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read_all(&mut stream).await
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }
}

/// What comes until the other side closes.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset ends a connection, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("nobody hung up");
    String::from_utf8_lossy(&answer).into_owned()
}

fn half_a_search() -> &'static str {
    "POST /v1/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
     content-length: 100\r\n\r\n{\"text\""
}

#[tokio::test]
async fn half_sent_bodies_hold_up_nobody_else() {
    let limits = Limits { requests_in_flight_max: 2, body_ms_max: 500, ..limits() };
    let served = Served::start(limits).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = served.connect().await;
        stream.write_all(half_a_search().as_bytes()).await.unwrap();
        slow.push(stream);
    }
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(served.get("/v1/manifest").await.starts_with("HTTP/1.1 200"));
    for mut stream in slow {
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_too_slow"), "{answer}");
    }
}

#[tokio::test]
async fn a_malformed_chunk_is_a_broken_body() {
    let served = Served::start(limits()).await;
    let answer = served
        .ask(
            "POST /v1/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("body_broken"), "{answer}");
}

#[tokio::test]
async fn beyond_the_limit_of_connections_health_still_answers() {
    let limits = Limits { connections_max: 4, header_ms_max: 700, ..limits() };
    let served = Served::start(limits).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(served.connect().await);
    }
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"));
    let answer = served.get("/v1/manifest").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded"), "{answer}");
    for stream in &mut idle {
        read_all(stream).await;
    }
    let answer = served.get("/v1/manifest").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "idle connections end: {answer}");
}

#[tokio::test]
async fn a_slow_header_ends_the_connection() {
    let served = Served::start(Limits { header_ms_max: 100, ..limits() }).await;
    let mut slow = served.connect().await;
    slow.write_all(b"GET /v1/manifest HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    let answer = read_all(&mut slow).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(served.get("/healthz").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_large_header_is_refused() {
    let served = Served::start(limits()).await;
    let with_header = |n: usize| {
        let filler = "x".repeat(n);
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: {filler}\r\n\r\n")
    };
    let answer = served.ask(&with_header(20_000)).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(served.ask(&with_header(12_000)).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_closes_idle_connections() {
    let mut served = Served::start(limits()).await;
    let mut idle = served.connect().await;
    let mut busy = served.connect().await;
    busy.write_all(half_a_search().as_bytes()).await.unwrap();
    // The connection is known to the server once it is asked and answers.
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    timeout(PATIENCE, idle.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    drop(served.stop.take());
    read_all(&mut idle).await;
    let rest = format!(":\"tea\"{}}}", " ".repeat(100 - 7 - 7));
    busy.write_all(rest.as_bytes()).await.unwrap();
    let answer = read_all(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Green tea"), "{answer}");
    timeout(PATIENCE, served.task).await.expect("it ended").unwrap();
    assert_eq!(served.shop.state.requests.available_permits(), limits().requests_in_flight_max);
}
