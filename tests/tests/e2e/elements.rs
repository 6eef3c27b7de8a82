//! The elements on pages of another origin, with an engine in memory and with the real one; an
//! InstantSearch front end with Vitrine's client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use vitrine_tests::{Browser, Server, copy_folder};

/// The packages as they are written.
fn written() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/packages")
}

/// What the elements show, send and let the page decide, in every size and colour.
pub fn alone(browser: &Browser) -> Result<()> {
    let seen = browser.run("embed/elements", &[])?;
    ensure!(seen["size"].as_u64() > Some(20_000), "the package is not all there: {seen}");
    Ok(())
}

/// The widgets of InstantSearch draw what Vitrine answers, and what it cannot do is refused.
pub fn instantsearch(browser: &Browser, scratch: &Path) -> Result<()> {
    for name in ["package.json", "package-lock.json"] {
        fs::create_dir_all(scratch)?;
        fs::copy(written().join("instantsearch").join(name), scratch.join(name))?;
    }
    npm(scratch, &["ci", "--no-audit", "--no-fund", "--legacy-peer-deps"])?;
    let scratch = scratch.to_str().context("the scratch folder is no text")?;
    let seen = browser.run("embed/elements-instantsearch", &[scratch])?;
    ensure!(seen["n_searches"].as_u64() >= Some(5), "{seen}");
    Ok(())
}

/// The examples, as they are written and as Vite builds them.
pub fn examples(browser: &Browser, packages: &Path, data_dir: &Path, scratch: &Path) -> Result<()> {
    lay_out(packages, scratch)?;
    for name in ["plain", "react", "vue"] {
        let folder = match name {
            "plain" => written().join("examples/plain"),
            _ => built_by_vite(name, scratch)?,
        };
        visit(browser, packages, data_dir, name, &folder).with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn visit(
    browser: &Browser,
    packages: &Path,
    data_dir: &Path,
    name: &str,
    folder: &Path,
) -> Result<()> {
    let core = packages.join("core");
    let paths = [core.to_str(), Some(name), folder.to_str()];
    let args: Vec<&str> = paths.into_iter().flatten().collect();
    let mut script = browser.start("embed/elements-embed", &args)?;
    let host = script.next_line()?;
    let origin = host["origin"].as_str().context("no origin")?;
    let server = Server::start_with(data_dir, "127.0.0.1:0", &["--embed-origin", origin])?;
    script.go_on_with(&server.base)?;
    let seen: Value = script.next_line()?;
    ensure!(seen["example"] == name, "{seen}");
    Ok(())
}

/// The packages where an example finds them in a checkout, and the style sheet of all examples.
fn lay_out(packages: &Path, scratch: &Path) -> Result<()> {
    copy_folder(&written().join("examples/plain"), &scratch.join("web/packages/examples/plain"))?;
    copy_folder(&packages.join("core"), &scratch.join("target/packages/core"))?;
    copy_folder(&written().join("elements"), &scratch.join("target/packages/elements"))
}

/// The folder of the built page of an example.
fn built_by_vite(name: &str, scratch: &Path) -> Result<PathBuf> {
    let from = written().join("examples").join(name);
    let example = scratch.join("web/packages/examples").join(name);
    // Without what somebody may have installed and built in the checkout.
    copy_folder(&from.join("src"), &example.join("src"))?;
    for part in ["index.html", "package.json", "package-lock.json", "vite.config.js"] {
        let from = from.join(part);
        fs::copy(&from, example.join(part)).with_context(|| from.display().to_string())?;
    }
    npm(&example, &["ci", "--no-audit", "--no-fund"])?;
    npm(&example, &["run", "build"])?;
    Ok(example.join("dist"))
}

fn npm(folder: &Path, args: &[&str]) -> Result<()> {
    let output = Command::new("npm").args(args).current_dir(folder).output();
    let output = output.context("starting npm")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "npm {} failed:\n{text}{log}", args.join(" "));
    Ok(())
}
