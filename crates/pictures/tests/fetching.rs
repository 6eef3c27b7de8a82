//! Pictures at URLs, from a server in this process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "support/pictures.rs"]
mod pictures;
#[path = "support/server.rs"]
mod server;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use image::ImageFormat;
use server::{PictureServer, reply};
use vitrine_pictures::limits::{ATTEMPTS_MAX, HOST_FAILURES_MAX, PICTURE_BYTES_MAX};
use vitrine_pictures::{
    PictureFault, PictureOptions, PictureReader, PictureReading, RefusedAddress,
};

fn options() -> PictureOptions {
    PictureOptions { private_hosts: vec!["localhost".to_owned()], ..PictureOptions::default() }
}

fn read_with(cache: &Path, options: PictureOptions, addresses: &[String]) -> PictureReading {
    let reader = PictureReader::new(None, cache, options).unwrap();
    reader.read_all(addresses, &mut |_| (), &AtomicBool::new(false)).unwrap()
}

/// The fault of one address, read into an empty cache.
fn fault(options: PictureOptions, address: String) -> PictureFault {
    let cache = tempfile::tempdir().unwrap();
    let mut reading = read_with(cache.path(), options, &[address]);
    reading.pictures.remove(0).expect_err("it has a fault")
}

fn png() -> Vec<u8> {
    pictures::encoded(pictures::quarters(40, 30), ImageFormat::Png)
}

#[test]
fn private_networks_are_refused_without_a_request_by_any_spelling() {
    let server = PictureServer::start(|_, _, stream| reply(stream, "200 OK", "", &png()));
    let port = server.port();
    for host in
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"]
    {
        let fault = fault(PictureOptions::default(), format!("http://{host}:{port}/a.png"));
        assert_eq!(fault, RefusedAddress::PrivateNetwork.into(), "{host}");
    }
    for address in ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/a.png"] {
        let fault = fault(PictureOptions::default(), address.to_owned());
        assert_eq!(fault, RefusedAddress::PrivateNetwork.into(), "{address}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_redirect_is_checked_as_the_address_is() {
    let inner = PictureServer::start(|_, _, stream| reply(stream, "200 OK", "", &png()));
    let inside = inner.url_by_number("/secret.png");
    let outer = PictureServer::start(move |asked, _, stream| {
        let to = match asked.path.as_str() {
            "/inside" => &inside,
            "/file" => "file:///etc/passwd",
            "/credentials" => "http://me:secret@localhost/",
            "/round" => "/round",
            "/3" => "2",
            "/2" => "./1",
            "/1" => "/0",
            "/0" => return reply(stream, "200 OK", "", &png()),
            _ => return reply(stream, "302 Found", "", b""),
        };
        reply(stream, "302 Found", &format!("Location: {to}\r\n"), b"");
    });
    for (path, expected) in [
        ("/inside", RefusedAddress::PrivateNetwork.into()),
        ("/file", RefusedAddress::Scheme.into()),
        ("/credentials", RefusedAddress::Credentials.into()),
        ("/round", PictureFault::Redirects),
        ("/nowhere", PictureFault::Redirects),
    ] {
        assert_eq!(fault(options(), outer.url(path)), expected, "{path}");
    }
    assert_eq!(inner.asked().len(), 0);
    let cache = tempfile::tempdir().unwrap();
    let reading = read_with(cache.path(), options(), &[outer.url("/3")]);
    assert!(reading.pictures[0].is_ok(), "three relative redirects: {reading:?}");
}

#[test]
fn a_body_is_not_read_beyond_the_limit_stated_or_not() {
    let server = PictureServer::start(|asked, _, stream| {
        let stated = PICTURE_BYTES_MAX + 1;
        let head = match asked.path.as_str() {
            "/stated" => format!("HTTP/1.1 200 OK\r\nContent-Length: {stated}\r\n\r\n"),
            _ => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_owned(),
        };
        let block = vec![7; 1 << 16];
        let mut result = stream.write_all(head.as_bytes());
        // Ends when the client has gone.
        while asked.path == "/endless" && result.is_ok() {
            result = stream.write_all(&block);
        }
    });
    for path in ["/stated", "/endless"] {
        let too_large = PictureFault::TooLarge { bytes_max: PICTURE_BYTES_MAX };
        assert_eq!(fault(options(), server.url(path)), too_large, "{path}");
    }
}

#[test]
fn a_body_that_drips_is_timed_out_and_one_that_breaks_off_is_no_picture() {
    let server = PictureServer::start(|asked, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while asked.path == "/slow" && stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(40));
        }
    });
    let impatient = PictureOptions { request_timeout: Duration::from_secs(1), ..options() };
    assert_eq!(fault(impatient, server.url("/slow")), PictureFault::TimedOut);
    assert_eq!(fault(options(), server.url("/broken")), PictureFault::Unreachable);
    let n_broken = server.asked().iter().filter(|asked| asked.path == "/broken").count();
    assert_eq!(n_broken, ATTEMPTS_MAX as usize, "a passing failure is tried again");
}

#[test]
fn what_has_not_changed_is_neither_sent_nor_decoded_again() {
    let server = PictureServer::start(|asked, _, stream| {
        let is_known = asked.header("if-none-match") == Some("\"v1\"");
        let validators = "ETag: \"v1\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
        match is_known {
            true => reply(stream, "304 Not Modified", "", b""),
            false => reply(stream, "200 OK", validators, &png()),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let addresses = [server.url("/a.png"), server.url("/a.png")];
    let first = read_with(cache.path(), options(), &addresses);
    assert_eq!((first.n_made, first.n_reused), (1, 0));
    let second = read_with(cache.path(), options(), &addresses);
    assert_eq!((second.n_made, second.n_reused), (0, 1));
    assert_eq!(first.pictures, second.pictures);
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "one request a reading, also for an address that is named twice");
    assert!(asked[0].header("user-agent").unwrap().starts_with("Vitrine/"));
    assert_eq!(asked[0].header("if-none-match"), None);
    let since = asked[1].header("if-modified-since");
    assert_eq!(since, Some("Wed, 21 Oct 2015 07:28:00 GMT"));

    let offline = PictureOptions { is_offline: true, ..options() };
    let third = read_with(cache.path(), offline.clone(), &addresses);
    assert_eq!(third.pictures, first.pictures);
    let unknown = read_with(cache.path(), offline, &[server.url("/b.png")]);
    assert_eq!(unknown.pictures, [Err(PictureFault::Offline)]);
    assert_eq!(server.asked().len(), 2, "nothing is requested offline");
}

#[test]
fn new_bytes_are_made_and_a_failing_server_leaves_the_old_ones() {
    let server = PictureServer::start(|_, n_before, stream| match n_before {
        0 => reply(stream, "200 OK", "ETag: \"1\"\r\n", &png()),
        1 => reply(stream, "200 OK", "ETag: \"2\"\r\n", &pictures::animated_gif()),
        _ => reply(stream, "500 Internal PictureServer Error", "", b""),
    });
    let cache = tempfile::tempdir().unwrap();
    let address = [server.url("/a")];
    let first = read_with(cache.path(), options(), &address);
    let second = read_with(cache.path(), options(), &address);
    assert_eq!(second.n_made, 1);
    assert_ne!(first.pictures, second.pictures);
    let third = read_with(cache.path(), options(), &address);
    assert_eq!((third.n_made, third.n_reused, third.n_stale), (0, 0, 1));
    assert_eq!(third.pictures, second.pictures);
    let other = [server.url("/a"), server.url_by_number("/b")];
    let fourth = read_with(cache.path(), options(), &other);
    assert_eq!(
        fourth.faults().to_string(),
        "1 of 2 pictures could not be read: 1 in a private network"
    );
}

#[test]
fn a_busy_server_is_waited_for_within_bounds() {
    let server =
        PictureServer::start(|asked, n_before, stream| match (asked.path.as_str(), n_before) {
            ("/soon", 0) => reply(stream, "429 Too Many Requests", "Retry-After: 1\r\n", b""),
            ("/late", _) => reply(stream, "503 Service Unavailable", "Retry-After: 3600\r\n", b""),
            ("/gone", _) => reply(stream, "410 Gone", "", b""),
            ("/denied", _) => reply(stream, "403 Forbidden", "", b""),
            ("/page", _) => reply(stream, "200 OK", "", b"<!doctype html><title>Sorry"),
            _ => reply(stream, "200 OK", "", &png()),
        });
    let cache = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let addresses = ["/soon", "/late", "/gone", "/denied", "/page"].map(|path| server.url(path));
    let reading = read_with(cache.path(), options(), &addresses);
    assert!(start.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
    assert!(reading.pictures[0].is_ok());
    let faults: Vec<_> = reading.pictures[1..].iter().cloned().map(Result::unwrap_err).collect();
    assert_eq!(
        faults[..3],
        [PictureFault::Busy, PictureFault::NotFound, PictureFault::Status { status: 403 }]
    );
    assert_eq!(faults[3].label(), "not a picture");
    assert_eq!(server.asked().len(), 6, "only what was worth it was asked for again");
}

#[test]
fn a_dead_host_is_given_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let n = 4 * HOST_FAILURES_MAX as usize;
    let addresses: Vec<_> = (0..n).map(|i| format!("http://localhost:{port}/{i}.jpg")).collect();
    let cache = tempfile::tempdir().unwrap();
    let reading = read_with(cache.path(), options(), &addresses);
    let given_up = |fault: &&PictureFault| **fault == PictureFault::HostGivenUp;
    let faults = reading.pictures.iter().filter_map(|picture| picture.as_ref().err());
    let n_given_up = faults.filter(given_up).count();
    assert!(n_given_up >= n - HOST_FAILURES_MAX as usize, "{n_given_up} of {n}");
    assert_eq!(reading.faults().n(), n);
}

#[test]
fn a_port_that_speaks_no_tls_is_a_fault_that_is_not_tried_again() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let n_connections = Arc::new(AtomicUsize::new(0));
    let n = Arc::clone(&n_connections);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            n.fetch_add(1, Ordering::SeqCst);
            // Read first: closing with unread bytes would reset the connection.
            let _ = stream.read(&mut [0; 4_096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let address = format!("https://localhost:{port}/a.png");
    assert_eq!(fault(options(), address), PictureFault::Tls);
    assert_eq!(n_connections.load(Ordering::SeqCst), 1);
}
