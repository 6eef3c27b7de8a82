//! The shop on a host's own page, of another origin, by the package as it is published.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use vitrine_tests::{Browser, Server};

/// Requests of two shoppers with the same searches are the same, whatever they do; nothing is
/// kept before one agrees; what goes wrong has its code.
pub fn embedded(browser: &Browser, packages: &Path, data_dir: &Path) -> Result<()> {
    let packages = packages.to_str().context("the folder of the packages is no text")?;
    let mut script = browser.start("embed", &[packages])?;
    let host = script.next_line()?;
    let origin = host["origin"].as_str().context("no origin")?;
    let server = Server::start_with(data_dir, "127.0.0.1:0", &["--embed-origin", origin])?;
    script.go_on_with(&server.base)?;
    let seen = script.next_line()?;
    non_interference(&seen)?;
    failures(&seen["codes"], origin)
}

fn non_interference(seen: &Value) -> Result<()> {
    let [quiet, busy, leaky] = ["quiet", "busy", "leaky"].map(|name| &seen[name]);
    ensure!(quiet["n_events"] == 0 && quiet["order"] == "popular", "{}", quiet["order"]);
    ensure!(busy["n_events"] == 5 && busy["order"] == "personal", "{}", busy["n_events"]);
    let list = |visit: &Value| visit["log"].as_array().cloned().unwrap_or_default();
    let (quiet, busy, leaky) = (list(quiet), list(busy), list(leaky));
    let is_search = |entry: &&Value| {
        entry.as_str().is_some_and(|entry| entry.contains("\"POST\",\"path\":\"/v1/search\""))
    };
    let n_searches = quiet.iter().filter(is_search).count();
    ensure!(n_searches == 2, "{n_searches} searches of {} requests", quiet.len());
    if quiet != busy {
        let differ = quiet.iter().zip(&busy).find(|(a, b)| a != b);
        anyhow::bail!("{} and {} requests; {differ:?}", quiet.len(), busy.len());
    }
    ensure!(quiet != leaky, "a planted leak was not seen");
    Ok(())
}

fn failures(codes: &Value, origin: &str) -> Result<()> {
    for (of, code) in [
        ("refused", "origin_refused"),
        ("unreachable", "server_unreachable"),
        ("policy", "policy_refused"),
        ("address", "bad_request"),
        ("worker", "worker_failed"),
        ("product", "unknown_product"),
        ("event", "bad_request"),
        ("nothing", "bad_request"),
        ("pending", "closed"),
        ("closed", "closed"),
    ] {
        ensure!(codes[of] == code, "{of} is {}, not {code}", codes[of]);
    }
    let words = codes["words"].as_str().unwrap_or_default();
    let advice = origin.replace("localhost", "127.0.0.1");
    ensure!(words.contains(&format!("--embed-origin {advice}")), "{words}");
    Ok(())
}
