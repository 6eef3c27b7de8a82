//! Feeds at URLs.

use super::*;

fn at(server: &FeedServer, path: &str) -> FeedAddress {
    FeedAddress::of(server.url(path).into()).unwrap()
}

fn feed(address: &FeedAddress) -> Vec<Input<'_>> {
    vec![Input::feed(FeedRole::Products, address)]
}

#[test]
fn an_address_is_asked_each_time_and_imported_when_its_bytes_changed() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|asked, n, stream| match (n, asked.header("if-none-match")) {
        (0, None) => reply(stream, "200 OK", "ETag: \"a\"\r\n", FIRST.as_bytes()),
        (1, Some("\"a\"")) => reply(stream, "304 Not Modified", "", b""),
        // The same bytes under another tag.
        (2, Some("\"a\"")) => reply(stream, "200 OK", "ETag: \"b\"\r\n", FIRST.as_bytes()),
        (3, Some("\"b\"")) => reply(stream, "200 OK", "ETag: \"c\"\r\n", SECOND.as_bytes()),
        (4, Some("\"c\"")) => reply(stream, "304 Not Modified", "", b""),
        _ => reply(stream, "400 Bad Request", "", b""),
    });
    let address = at(&server, "/feed.csv");
    let seen = watch(dir.path(), feed(&address), nothings(4), &mut published);
    assert_eq!(seen.imported, [FIRST, SECOND]);
    assert_eq!(seen.waits(), [300; 5]);
    assert_eq!(server.asked().len(), 5);
    assert_eq!(seen.told().len(), 2, "two imports: {:?}", seen.told());
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, n, stream| match n {
        0 => reply(stream, "429 Too Many Requests", "Retry-After: 1234\r\n", b""),
        1 => reply(stream, "503 Service Unavailable", "Retry-After: 2345\r\n", b""),
        2 => reply(stream, "500 Internal Server Error", "Retry-After: 9999\r\n", b""),
        _ => reply(stream, "200 OK", "", FIRST.as_bytes()),
    });
    let address = at(&server, "/feed.csv");
    let seen = watch(dir.path(), feed(&address), nothings(3), &mut published);
    assert_eq!(seen.waits(), [1_234, 2_345, 1_200, 300]);
    assert_eq!(seen.imported, [FIRST]);
}

#[test]
fn failures_in_a_row_are_told_once_and_waits_double_to_an_hour() {
    let dir = tempfile::tempdir().unwrap();
    let server = FeedServer::start(|_, n, stream| match n {
        0 | 8 => reply(stream, "200 OK", "", FIRST.as_bytes()),
        _ => reply(stream, "502 Bad Gateway", "", b""),
    });
    let address = at(&server, "/feed.csv?key=secret");
    let seen = watch(dir.path(), feed(&address), nothings(9), &mut published);
    assert_eq!(seen.waits(), [300, 300, 600, 1200, 2400, 3600, 3600, 3600, 300, 300]);
    // Before the success and after it.
    let told: Vec<_> = seen.told().into_iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].contains("status 502") && !told[1].contains("secret"), "{told:?}");
    assert_eq!(told[1], told[2]);
    assert_eq!(seen.imported, [FIRST]);
}

#[test]
fn a_feed_is_imported_although_the_address_of_the_orders_fails_once_they_were_had() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let server = FeedServer::start(|_, n, stream| match n {
        1 => reply(stream, "200 OK", "", b"who,what,when\n"),
        _ => reply(stream, "502 Bad Gateway", "", b""),
    });
    let (products, orders) = (FeedAddress::Path(path.clone()), at(&server, "/orders.csv"));
    let inputs = vec![
        Input::feed(FeedRole::Products, &products),
        Input::feed(FeedRole::Interactions, &orders),
    ];
    let mut steps = nothings(4);
    steps.push(Box::new(|| write(&path, SECOND, 2)));
    steps.extend(nothings(3));
    let seen = watch(dir.path(), inputs, steps, &mut published);
    assert_eq!(seen.imported, [FIRST, SECOND]);
}
