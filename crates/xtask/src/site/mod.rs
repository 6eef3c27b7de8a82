//! `cargo xtask site`: the documents as a site, in `target/site`.

mod check;
mod stage;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;

use crate::setup::{self, Purpose, chromium};
use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;

/// Options of `cargo xtask site`.
#[derive(Args)]
pub struct SiteOptions {
    /// Look at each page in a browser, light and dark, by the rules of axe-core.
    #[arg(long)]
    axe: bool,
}

/// What mdBook writes for its own pages, which ours replace.
const SURPLUS: [&str; 14] = [
    ".nojekyll",
    "FontAwesome",
    "ayu-highlight.css",
    "book.js",
    "clipboard.min.js",
    "css",
    "favicon.png",
    "fonts",
    "highlight.css",
    "highlight.js",
    "searchindex.json",
    "toc.html",
    "toc.js",
    "tomorrow-night.css",
];

/// # Errors
/// A tool is missing or fails, a document is in no contents, a link leads nowhere, or a page
/// breaks a rule of axe-core.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, options: &SiteOptions) -> Result<()> {
    let purpose = if options.axe { Purpose::SiteCheck } else { Purpose::Site };
    watch.lap("set-up", || setup::run(ws, purpose))?;
    let (source, site) = (ws.target.join("site-source"), ws.target.join("site"));
    watch.lap("pages", || {
        stage::write(&ws.root, &source)?;
        ws.cmd("mdbook").arg("build").arg(&source).run()?;
        SURPLUS.iter().try_for_each(|name| remove(&site.join(name)))?;
        without_empty_headers(&site)
    })?;
    watch.lap("links", || check::links(&site))?;
    if options.axe {
        watch.lap("axe-core", || axe(ws, &site))?;
    }
    watch.report();
    eprintln!("\n ✓ {}", site.join("index.html").display());
    Ok(())
}

/// The corner of a table with names in both directions is no header: those have words.
fn without_empty_headers(site: &Path) -> Result<()> {
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        if path.extension() == Some("html".as_ref()) {
            let text = fs::read_to_string(&path)?;
            fs::write(&path, text.replace("<th></th>", "<td></td>"))?;
        }
    }
    Ok(())
}

fn axe(ws: &Workspace, site: &Path) -> Result<()> {
    let chromium = chromium::path(ws).context("no Chromium")?;
    ws.cmd("node")
        .arg("tests/browser/site.mjs")
        .arg(site)
        .env("VITRINE_TOOLS", &ws.tools)
        .env("VITRINE_CHROMIUM", chromium)
        .run()
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| path.display().to_string()),
    }
}
