//! An HTTP server on a port of its own, for the time of a test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Path and headers of a request, the names in lower case.
#[derive(Clone, Debug)]
pub(crate) struct SeenRequest {
    pub path: String,
    headers: Vec<(String, String)>,
}

impl SeenRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct FeedServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<SeenRequest>>>,
}

impl FeedServer {
    /// Each request gets a connection; `answer` gets how many came before for the same path,
    /// and writes. The thread ends with the test's process.
    pub fn start(answer: impl Fn(&SeenRequest, usize, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &all, &answer);
            }
        });
        Self { address, asked }
    }

    /// By name; the tests allow it.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    /// By number; nobody allows it.
    pub fn url_by_number(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn asked(&self) -> Vec<SeenRequest> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    all: &Mutex<Vec<SeenRequest>>,
    answer: &impl Fn(&SeenRequest, usize, &mut TcpStream),
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": ").map(|(n, v)| (n.to_lowercase(), v.to_owned())))
        .collect();
    let asked = SeenRequest { path, headers };
    let n_before = {
        let mut all = all.lock().unwrap();
        all.push(asked.clone());
        all.iter().filter(|earlier| earlier.path == asked.path).count() - 1
    };
    answer(&asked, n_before, &mut stream);
}

/// Writes an answer; `headers` end in `\r\n` each.
pub(crate) fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The client may have gone.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}
