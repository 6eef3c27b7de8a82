//! Pages of a shop and a Vitrine server, both in this process.

use std::sync::{Arc, OnceLock};

use super::*;
use crate::feeds::tests::server::{FeedServer, reply};

/// A script that defines the elements, as a bundler leaves it.
const PACKAGE: &str = "const n={'vitrine-feed':A};customElements.define('vitrine-feed',A)";
const MANIFEST: &str = include_str!("../../../../../crates/wire/tests/golden/v2/manifest.json");

/// A Vitrine server that answers with `body`, to pages of the origin that is listed later.
fn vitrine(status: &'static str, body: &'static str) -> (FeedServer, Arc<OnceLock<String>>) {
    let listed: Arc<OnceLock<String>> = Arc::default();
    let origins = Arc::clone(&listed);
    let server = FeedServer::start(move |asked, _, stream| {
        let allowed =
            origins.get().filter(|listed| asked.header("origin") == Some(listed.as_str()));
        let cors = allowed.map(|origin| format!("Access-Control-Allow-Origin: {origin}\r\n"));
        let is_manifest = asked.path == "/v1/manifest";
        let status = if is_manifest { status } else { "404 Not Found" };
        reply(stream, status, &cors.unwrap_or_default(), body.as_bytes());
    });
    (server, listed)
}

/// A shop with files by path; its page `/` has these headers.
fn shop(files: Vec<(&'static str, String)>, headers: String) -> FeedServer {
    FeedServer::start(move |asked, _, stream| {
        let headers = if asked.path == "/" { headers.as_str() } else { "" };
        match files.iter().find(|(path, _)| *path == asked.path) {
            Some((_, text)) => reply(stream, "200 OK", headers, text.as_bytes()),
            None => reply(stream, "404 Not Found", "", b""),
        }
    })
}

fn args(page: String) -> DoctorEmbedArgs {
    let private_host = vec!["localhost".to_owned()];
    DoctorEmbedArgs { page, server: None, private_host, json: false }
}

fn examined(page: String) -> Diagnosis {
    diagnose(&args(page), &Stop::default()).expect("the page can be fetched")
}

/// The codes of what is missing, in their order.
fn missing(diagnosis: &Diagnosis) -> Vec<&'static str> {
    let checks = diagnosis.checks.iter();
    checks.filter(|check| check.verdict == Verdict::Missing).map(|check| check.code).collect()
}

fn origin_of(server: &FeedServer) -> String {
    server.url("")
}

#[test]
fn a_page_that_has_everything_lacks_nothing() {
    let (server, listed) = vitrine("200 OK", MANIFEST);
    let server = origin_of(&server);
    let policy = format!(
        "Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
         img-src 'self' blob: data:; connect-src 'self' {server}\r\n"
    );
    let app = "import { record } from './vitrine/elements/index.js'; shop.record({ sku: 1 })";
    let page = format!(
        "<script type=module src=app.js></script><vitrine-shop server='{server}'></vitrine-shop>\
         <vitrine-feed></vitrine-feed>"
    );
    let files = vec![
        ("/", page),
        ("/app.js", app.to_owned()),
        ("/vitrine/elements/index.js", PACKAGE.to_owned()),
    ];
    let shop = shop(files, policy);
    listed.set(origin_of(&shop)).unwrap();
    let diagnosis = examined(shop.url("/"));
    let told = diagnosis.to_text();
    assert!(!diagnosis.lacks_something(), "{told}");
    assert!(told.ends_with("Nothing is missing.\n"), "{told}");
    assert!(told.contains("A catalogue is published: Journey."), "{told}");
    assert!(told.contains("Elements in the HTML: vitrine-feed, vitrine-shop."), "{told}");
    assert!(told.contains("A script of the page calls record()."), "{told}");
    assert_eq!(diagnosis.to_json()["lacks_something"], json!(false));
    assert_eq!(run(&args(shop.url("/")), &Stop::default()).unwrap(), ExitCode::SUCCESS);
}

#[test]
fn a_page_that_lacks_everything_is_told_all_of_it_at_once() {
    let (server, _) = vitrine("200 OK", MANIFEST);
    let foreign = shop(vec![("/bundle.js", PACKAGE.to_owned())], String::new());
    let page = format!(
        "<meta http-equiv=Content-Security-Policy content=\"worker-src 'none'\">\
         <script src='{}'></script><script>configure({{ server: \"{}\" }})</script>",
        foreign.url("/bundle.js"),
        origin_of(&server),
    );
    let policy = "Content-Security-Policy: default-src 'self'\r\n";
    let shop = shop(vec![("/", page)], policy.to_owned());
    let diagnosis = examined(shop.url("/"));
    let all = ["packages", "csp_worker", "csp_wasm", "csp_pictures", "csp_server", "origin"];
    assert_eq!(missing(&diagnosis), all, "{}", diagnosis.to_text());
    let told = diagnosis.to_text();
    let own = origin_of(&shop);
    assert!(told.contains(&format!("do: start it with --embed-origin {own}")), "{told}");
    assert!(told.contains(&format!("connect-src {}", origin_of(&server))), "{told}");
    assert!(told.ends_with("6 things are missing.\n"), "{told}");
    // Neither elements nor events can be told of a page whose scripts are not run.
    let unknown = diagnosis.checks.iter().filter(|check| check.verdict == Verdict::Unknown);
    let unknown: Vec<_> = unknown.map(|check| check.code).collect();
    assert_eq!(unknown, ["elements", "events"]);
    assert_eq!(run(&args(shop.url("/")), &Stop::default()).unwrap(), ExitCode::FAILURE);
}

#[test]
fn a_server_without_a_catalogue_or_that_is_none_is_said_to_be_so() {
    let page = |server: &str| {
        let shop = format!("<vitrine-shop server='{server}' basket></vitrine-shop>");
        shop + "<script src=/a.js></script>"
    };
    let with = |server: &str| {
        let files = vec![("/", page(server)), ("/a.js", PACKAGE.to_owned())];
        examined(shop(files, String::new()).url("/"))
    };
    let (empty, _) = vitrine("503 Service Unavailable", "{}");
    assert_eq!(missing(&with(&empty.url(""))), ["catalogue"]);
    let (other, listed) = vitrine("200 OK", "<html>");
    listed.set("https://another.example".to_owned()).unwrap();
    assert_eq!(missing(&with(&other.url(""))), ["origin", "server"]);
    // Nobody listens there.
    assert_eq!(missing(&with("http://localhost:9")), ["server"]);
    // By number it is in a private network, which was not allowed.
    let refused = with(&empty.url_by_number(""));
    assert!(refused.to_text().contains("--private-host"), "{}", refused.to_text());
}

#[test]
fn a_page_without_a_word_of_vitrine_is_told_where_to_begin() {
    let shop = shop(vec![("/", "<script src=/gone.js></script>".to_owned())], String::new());
    let diagnosis = examined(shop.url("/"));
    assert_eq!(missing(&diagnosis), ["packages", "server"]);
    assert!(diagnosis.to_text().contains("1 could not be read"), "{}", diagnosis.to_text());
    let named = DoctorEmbedArgs { server: Some("nonsense".into()), ..args(shop.url("/")) };
    assert!(diagnose(&named, &Stop::default()).is_err());
    let error = diagnose(&args(shop.url("/gone")), &Stop::default()).err().unwrap();
    assert!(format!("{error:#}").contains("status 404"), "{error:#}");
}
