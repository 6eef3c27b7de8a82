//! `cargo xtask bench`.

mod gpu;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::demo;
use crate::setup::wasm_target::{self, TARGET};
use crate::setup::{self, Purpose, chromium, wasm_opt};
use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;

#[derive(Args)]
pub struct BenchOptions {
    /// What to measure.
    #[arg(default_value = "ranker")]
    names: Vec<Name>,
    /// How often the engines take turns, the page is loaded or each search is asked
    /// [default: 15, page: 7].
    #[arg(long)]
    rounds: Option<u32>,
    /// Of `page` and `private`: the shop that is served.
    #[arg(long, default_value = "var")]
    data_dir: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// The student in wasm beside the same network under onnxruntime-web, in Chromium:
    /// time, agreement of the scores, first ranking, bytes.
    Ranker,
    /// Bytes of each kind of shard, at several brotli qualities: of `var/store`, or of a
    /// made-up shop when there is none.
    Shards,
    /// The shop of a data folder as a cheap phone on slow 4G loads and uses it: first tile,
    /// personal order, bytes, slowest answers.
    Page,
    /// Searches that the device answers, in Chromium: milliseconds of an answer, without drawing.
    Private,
    /// The encoder on an NVIDIA GPU: agreement with the oracle, texts a second on the GPU, on
    /// the CPU, and by sentence-transformers where python3 has it. Fails where no GPU is.
    Gpu,
}

/// # Errors
/// When a step fails, or the engines' scores differ by more than 1e-3.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, options: &BenchOptions) -> Result<()> {
    for name in &options.names {
        match name {
            Name::Ranker => ranker(ws, watch, options.rounds.unwrap_or(15))?,
            Name::Shards => shards(ws)?,
            Name::Page => served(ws, watch, options, "page", 7)?,
            Name::Private => served(ws, watch, options, "private", 15)?,
            Name::Gpu => gpu::run(ws, watch)?,
        }
    }
    Ok(())
}

const PACKAGE: &str = "vitrine-ranker-bench";

fn ranker(ws: &Workspace, watch: &mut Stopwatch, rounds: u32) -> Result<()> {
    let built = ws.target.join("bench");
    watch.lap("set-up", || setup::run(ws, Purpose::Bench))?;
    watch.lap("wasm", || wasm(ws, &built))?;
    watch.lap("the same network in ONNX", || {
        ws.cmd("cargo").args(["run", "--package", PACKAGE, "--"]).arg(&built).run()
    })?;
    watch.lap("ranker", || {
        let chromium = chromium::path(ws).context("Chromium is missing")?;
        ws.cmd("node")
            .arg(ws.root.join("tests/bench/ranker.mjs"))
            .arg(rounds.to_string())
            .arg(&built)
            .env("VITRINE_TOOLS", &ws.tools)
            .env("VITRINE_CHROMIUM", chromium)
            .run()
    })?;
    eprintln!("\n   all rounds: {}", built.join("ranker.json").display());
    Ok(())
}

/// Profile, flags and optimiser are those of the shop's own bundle.
fn wasm(ws: &Workspace, to: &Path) -> Result<()> {
    wasm_target::cmd(ws, "cargo")?
        .args(["build", "--profile", "web", "--target", TARGET, "--package", PACKAGE, "--lib"])
        .run()?;
    let compiled = ws.wasm_target().join(TARGET).join("web/vitrine_ranker_bench.wasm");
    ws.cmd("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .args([to, &compiled])
        .run()?;
    if wasm_opt::version(ws).is_none() {
        eprintln!("   wasm-opt SKIPPED: not installed, the wasm will be somewhat larger");
        return Ok(());
    }
    let page = fs::read_to_string(ws.root.join("web/index.html")).context("web/index.html")?;
    let level = attribute(&page, "data-wasm-opt").context("web/index.html: no data-wasm-opt")?;
    let params = attribute(&page, "data-wasm-opt-params").unwrap_or_default();
    let wasm = to.join("vitrine_ranker_bench_bg.wasm");
    ws.cmd("wasm-opt")
        .arg(format!("-O{level}"))
        .args(params.split_whitespace())
        .arg("--output")
        .args([&wasm, &wasm])
        .run()
}

/// The value of an attribute of an HTML page, as Trunk reads it.
fn attribute<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn shards(ws: &Workspace) -> Result<()> {
    let example = ["run", "--package", "vitrine-publish", "--example", "shard_costs"];
    let store = ws.root.join("var/store");
    let cmd = ws.cmd("cargo").args(example);
    if store.is_dir() { cmd.arg("--").arg(store).run() } else { cmd.run() }
}

/// A script that starts a server of the shop and looks at it with a browser.
fn served(
    ws: &Workspace,
    watch: &mut Stopwatch,
    options: &BenchOptions,
    name: &str,
    rounds: u32,
) -> Result<()> {
    let data_dir = ws.root.join(&options.data_dir);
    ensure!(
        data_dir.join("store").is_dir(),
        "{} has no shop: `cargo xtask demo` makes one in var, --data-dir names another",
        data_dir.display()
    );
    let vitrine = demo::build(ws, watch)?;
    watch.lap(name, || {
        let chromium = chromium::path(ws).context("Chromium is missing")?;
        ws.cmd("node")
            .arg(ws.root.join(format!("tests/bench/{name}.mjs")))
            .arg(options.rounds.unwrap_or(rounds).to_string())
            .args([vitrine, data_dir])
            .env("VITRINE_TOOLS", &ws.tools)
            .env("VITRINE_CHROMIUM", chromium)
            .run()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_found_by_its_whole_name() {
        let page = r#"<link data-wasm-opt-params="--a --b" data-wasm-opt="2">"#;
        assert_eq!(attribute(page, "data-wasm-opt"), Some("2"));
        assert_eq!(attribute(page, "data-wasm-opt-params"), Some("--a --b"));
        assert_eq!(attribute(page, "data-opt"), None);
    }
}
