//! Feeds in folders, and from a server in this process.

mod folder;
pub(crate) mod server;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vitrine_fetch::{FetchFault, parse_url};

use super::fetcher::file_name;
use super::{FOLDER, FeedAddress, FeedError, FeedFetcher, FeedRole};
use crate::signals::Stop;
use server::{FeedServer, reply};

const FIRST: &[u8] = b"id,title\n1,Tea\n";
const SECOND: &[u8] = b"id,title\n1,Tea\n2,Pot\n";

fn fetcher(dir: &Path) -> FeedFetcher {
    FeedFetcher::new(dir, &["localhost".to_owned()])
}

fn fetch(fetcher: &FeedFetcher, url: &str) -> Result<super::fetcher::FetchedFeed, FeedError> {
    fetcher.fetch(FeedRole::Products, &parse_url(url).unwrap(), &Stop::default())
}

/// Names in the folder of feeds, without that of the lock.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir.join(FOLDER)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != "LOCK").collect();
    names.sort();
    names
}

#[test]
fn paths_and_addresses_are_told_apart_and_a_key_is_not_shown() {
    let of = |text: &str| FeedAddress::of(text.into());
    let url = of("HTTPS://shop.example/feed.csv?key=secret#part").unwrap();
    assert!(matches!(&url, FeedAddress::Url(url) if url.query() == Some("key=secret")));
    assert_eq!(url.to_string(), "https://shop.example/feed.csv");
    for path in ["feed.csv", "exports/", "C:/feeds", "http:feed"] {
        assert_eq!(of(path).unwrap(), FeedAddress::Path(path.into()));
    }
    assert!(of("https://me:secret@shop.example/feed.csv").is_err());
}

#[test]
fn a_fetched_file_has_the_extension_of_its_address() {
    for (url, name) in [
        ("https://shop.example/a/feed.CSV?x=1.html", "products.csv"),
        ("https://shop.example/feed.xml.gz", "products.xml.gz"),
        ("https://shop.example/feed.gz", "products.gz"),
        ("https://shop.example/v1.2/feed", "products"),
        ("https://shop.example/feed.a%2fb", "products"),
        ("https://shop.example/feed.tmp", "products"),
        ("https://shop.example", "products"),
    ] {
        assert_eq!(file_name(FeedRole::Products, &parse_url(url).unwrap()), name, "{url}");
    }
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|asked, _, stream| match asked.header("if-none-match") {
        Some("\"one\"") => reply(stream, "304 Not Modified", "", b""),
        _ => reply(stream, "200 OK", "ETag: \"one\"\r\nLast-Modified: then\r\n", FIRST),
    });
    let first = fetch(&fetcher(dir.path()), &server.url("/feed.csv?key=1")).unwrap();
    assert_eq!(first.path, dir.path().join("feeds/products.csv"));
    assert_eq!(first.hash, *blake3::hash(FIRST).as_bytes());
    // Also by a process that starts later.
    let again = fetch(&fetcher(dir.path()), &server.url("/feed.csv?key=1")).unwrap();
    assert_eq!(again, first);
    let asked = server.asked();
    assert_eq!(asked[0].header("if-none-match"), None);
    assert_eq!(asked[1].header("if-none-match"), Some("\"one\""));
    assert_eq!(asked[1].header("if-modified-since"), Some("then"));
    assert!(asked[0].header("user-agent").unwrap().starts_with("Vitrine/"));
    assert_eq!(names(dir.path()), ["products.csv", "products.fetched"]);
    // Another address has other validators; without its file there is nothing to keep.
    fetch(&fetcher(dir.path()), &server.url("/feed.csv?key=2")).unwrap();
    fs::remove_file(&first.path).unwrap();
    fetch(&fetcher(dir.path()), &server.url("/feed.csv?key=2")).unwrap();
    assert!(server.asked()[2..].iter().all(|asked| asked.header("if-none-match").is_none()));
    assert_eq!(fs::read(&first.path).unwrap(), FIRST);
}

#[test]
fn not_modified_is_no_answer_to_who_has_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, _, stream| reply(stream, "304 Not Modified", "", b""));
    let error = fetch(&fetcher(dir.path()), &server.url("/feed.csv")).unwrap_err();
    assert!(error.to_string().contains("status 304"), "{error}");
}

#[test]
fn the_same_bytes_under_a_new_etag_leave_the_file_alone() {
    let dir = tempfile::tempdir().unwrap();
    let n = Arc::new(AtomicUsize::new(0));
    let server = FeedServer::start(move |_, _, stream| {
        let n = n.fetch_add(1, Ordering::SeqCst);
        let body = if n < 2 { FIRST } else { SECOND };
        reply(stream, "200 OK", &format!("ETag: \"{n}\"\r\n"), body);
    });
    let fetcher = fetcher(dir.path());
    let first = fetch(&fetcher, &server.url("/feed.csv")).unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(&first.path).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(fetch(&fetcher, &server.url("/feed.csv")).unwrap(), first);
    assert_eq!(fs::metadata(&first.path).unwrap().modified().unwrap(), long_ago);
    let changed = fetch(&fetcher, &server.url("/feed.csv")).unwrap();
    assert_eq!(changed.hash, *blake3::hash(SECOND).as_bytes());
    assert_eq!(fs::read(&first.path).unwrap(), SECOND);
    assert_eq!(server.asked()[2].header("if-none-match"), Some("\"1\""));
    assert_eq!(names(dir.path()), ["products.csv", "products.fetched"]);
}

#[test]
fn a_feed_of_another_format_takes_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, _, stream| reply(stream, "200 OK", "", FIRST));
    fetch(&fetcher(dir.path()), &server.url("/feed.csv")).unwrap();
    fetch(&fetcher(dir.path()), &server.url("/feed.tsv")).unwrap();
    assert_eq!(names(dir.path()), ["products.fetched", "products.tsv"]);
}

#[test]
fn private_networks_are_refused_unless_they_are_named_also_behind_a_redirect() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, _, stream| reply(stream, "200 OK", "", FIRST));
    let nobody = FeedFetcher::new(dir.path(), &[]);
    for url in [server.url("/feed.csv"), server.url_by_number("/feed.csv")] {
        let error = fetch(&nobody, &url).unwrap_err();
        assert!(matches!(error, FeedError::PrivateHost { .. }), "{error}");
        assert!(error.to_string().contains("--feed-host"), "{error}");
    }
    assert_eq!(server.asked().len(), 0);

    let inside = server.url_by_number("/feed.csv");
    let outer = FeedServer::start(move |_, _, stream| {
        reply(stream, "302 Found", &format!("Location: {inside}\r\n"), b"");
    });
    let error = fetch(&fetcher(dir.path()), &outer.url("/feed.csv")).unwrap_err();
    assert!(matches!(error, FeedError::PrivateHost { .. }), "{error}");
    assert_eq!((outer.asked().len(), server.asked().len()), (1, 0));
    assert!(fetch(&fetcher(dir.path()), &server.url("/feed.csv")).is_ok());
}

#[test]
fn a_feed_that_is_too_large_is_refused_and_the_last_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|asked, n, stream| match (asked.path.as_str(), n) {
        ("/stated.csv", _) => reply(stream, "200 OK", "", SECOND),
        // Without a length, until the connection ends.
        ("/feed.csv", 1) => {
            use std::io::Write as _;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(SECOND);
        }
        _ => reply(stream, "200 OK", "", FIRST),
    });
    let hosts = ["localhost".to_owned()];
    let fetcher = FeedFetcher::with_limit(dir.path(), &hosts, FIRST.len() as u64);
    let kept = fetch(&fetcher, &server.url("/feed.csv")).unwrap();
    for path in ["/feed.csv", "/stated.csv"] {
        let error = fetch(&fetcher, &server.url(path)).unwrap_err();
        let is_too_large =
            matches!(&error, FeedError::Fetch { source: FetchFault::TooLarge { .. }, .. });
        assert!(is_too_large, "{path}: {error}");
        assert_eq!(fs::read(&kept.path).unwrap(), FIRST);
        assert_eq!(names(dir.path()), ["products.csv", "products.fetched"]);
    }
}

#[test]
fn one_import_at_a_time_fetches() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, _, stream| reply(stream, "200 OK", "", FIRST));
    let fetcher = fetcher(dir.path());
    fetch(&fetcher, &server.url("/feed.csv")).unwrap();
    let lock = fs::File::create(dir.path().join("feeds/LOCK")).unwrap();
    lock.lock().unwrap();
    let error = fetch(&fetcher, &server.url("/feed.csv")).unwrap_err();
    assert!(matches!(error, FeedError::FolderInUse { .. }), "{error}");
    drop(lock);
    fetch(&fetcher, &server.url("/feed.csv")).unwrap();
}

#[test]
fn a_stop_does_not_wait_for_a_server_that_is_silent() {
    let dir = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    let asked = Stop::clone(&stop);
    let server = FeedServer::start(move |_, _, _| {
        asked.store(true, Ordering::SeqCst);
        loop {
            std::thread::park();
        }
    });
    let url = parse_url(&server.url("/feed.csv")).unwrap();
    let error = fetcher(dir.path()).fetch(FeedRole::Products, &url, &stop).unwrap_err();
    let is_cancelled = matches!(&error, FeedError::Fetch { source: FetchFault::Cancelled, .. });
    assert!(is_cancelled, "{error}");
}

#[cfg(unix)]
#[test]
fn fetched_feeds_are_their_owner_s() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, _, stream| reply(stream, "200 OK", "", FIRST));
    let feed = fetch(&fetcher(dir.path()), &server.url("/orders.csv")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&feed.path), 0o600);
    assert_eq!(mode(&dir.path().join(FOLDER)), 0o700);
}
