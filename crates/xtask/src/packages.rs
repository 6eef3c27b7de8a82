//! The npm packages: what is written by hand, the engine beside it, and a tarball of both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::bundle;
use crate::licences;
use crate::setup::wasm_opt;
use crate::setup::wasm_target;
use crate::stamp;
use crate::workspace::Workspace;

/// Of everything in `@vitrine/core` that a page loads, as brotli sends it. Some 7,000 are what it says,
/// in three languages; some 60,000 the search engine, some 40,000 the rules of the shop.
const CORE_BUDGET_BYTES: u64 = 490_000;

/// What the engine is called in the package.
const ENGINE: &str = "engine";
const ENGINE_FILES: [&str; 2] = ["engine.js", "engine_bg.wasm"];
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// Packages that are published as they are written.
const WRITTEN: [&str; 2] = ["elements", "instantsearch"];

/// Builds the packages in `target/packages`, and their tarballs beside them.
///
/// # Errors
/// When a tool is missing or fails, or a package is over its size budget.
pub fn build(ws: &Workspace) -> Result<()> {
    remove_tarballs(&ws.target.join("packages"))?;
    for name in WRITTEN {
        pack(ws, &package(ws, name, &[])?)?;
    }
    let engine = engine(ws)?;
    let core = package(ws, "core", &ENGINE_FILES.map(|name| engine.join(name)))?;
    fs::write(core.join(licences::FILE), licences::of_engine()?)?;
    pack(ws, &core)?;
    check_size(&core)
}

/// The folder of a package: what is written by hand, licences, and what was made for it.
fn package(ws: &Workspace, name: &str, made: &[PathBuf]) -> Result<PathBuf> {
    let package = ws.target.join("packages").join(name);
    bundle::mirror(&ws.root.join("web/packages").join(name), &package)?;
    let licences = LICENCES.map(|name| ws.root.join(name));
    for from in licences.iter().chain(made) {
        let name = from.file_name().context("a file has a name")?;
        fs::copy(from, package.join(name)).with_context(|| from.display().to_string())?;
    }
    Ok(package)
}

/// The folder with the engine, made anew when what it is made from has changed.
fn engine(ws: &Workspace) -> Result<PathBuf> {
    let folder = ws.wasm_target().join(ENGINE);
    let note = folder.join("made-from");
    let key = stamp::of_engine_inputs(ws, &stamp::tools(ws)?)?;
    if fs::read_to_string(&note).is_ok_and(|made_from| made_from == key) {
        eprintln!("   nothing that the engine is made from has changed");
        return Ok(folder);
    }
    let build = ["build", "--profile", "web", "--package", "vitrine-embed", "--lib"];
    wasm_target::cmd(ws, "cargo")?.args(build).args(["--target", wasm_target::TARGET]).run()?;
    let linked = ws.wasm_target().join(wasm_target::TARGET).join("web/vitrine_embed.wasm");
    fs::create_dir_all(&folder)?;
    ws.cmd("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-name", ENGINE, "--out-dir"])
        .arg(&folder)
        .arg(linked)
        .run()?;
    optimise(ws, &folder.join(ENGINE_FILES[1]))?;
    fs::write(&note, key)?;
    Ok(folder)
}

/// With the options that the shop's page gives Trunk.
fn optimise(ws: &Workspace, wasm: &Path) -> Result<()> {
    if wasm_opt::version(ws).is_none() {
        eprintln!("   wasm-opt SKIPPED: not installed, the engine will be somewhat larger");
        return Ok(());
    }
    let page = fs::read_to_string(ws.root.join("web/index.html")).context("the shop's page")?;
    let options = wasm_opt::options_of_page(&page).context("web/index.html has no options")?;
    ws.cmd("wasm-opt").args(options).arg(wasm).arg("-o").arg(wasm).run()
}

/// Those of earlier versions would be handed out beside the new ones.
fn remove_tarballs(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some("tgz".as_ref()) {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

fn pack(ws: &Workspace, package: &Path) -> Result<()> {
    let folder = package.parent().context("a package lies in a folder")?;
    let pack = ws.cmd("npm").args(["pack", "--json", "--pack-destination"]).arg(folder);
    let made: Value = serde_json::from_str(&pack.dir(package).capture()?)?;
    let name = made[0]["filename"].as_str().context("npm names no tarball")?;
    let files = made[0]["files"].as_array().context("npm lists no files")?;
    let files: Vec<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    check_licences(&files).with_context(|| name.to_owned())?;
    let tarball = folder.join(name);
    eprintln!("{:>11}             {}", fs::metadata(&tarball)?.len(), tarball.display());
    Ok(())
}

/// Our licences are in every tarball, and those of other authors where their code is.
fn check_licences(files: &[&str]) -> Result<()> {
    let others = files.iter().any(|file| file.ends_with(".wasm")).then_some(licences::FILE);
    for needed in LICENCES.into_iter().chain(others) {
        ensure!(files.contains(&needed), "{needed} is missing: list it in package.json");
    }
    Ok(())
}

fn check_size(package: &Path) -> Result<()> {
    let mut sum = 0;
    eprintln!("{:>11} {:>11}", "bytes", "brotli");
    for name in ["index.js", "worker.js"].iter().chain(&ENGINE_FILES) {
        let bytes = fs::read(package.join(name)).with_context(|| (*name).to_owned())?;
        let sent = bundle::brotli_of(&bytes)?.len() as u64;
        eprintln!("{:>11} {sent:>11}  {name}", bytes.len());
        sum += sent;
    }
    eprintln!("{:>11} {sum:>11}  @vitrine/core in all, of {CORE_BUDGET_BYTES} allowed", "");
    ensure!(sum <= CORE_BUDGET_BYTES, "@vitrine/core is {sum} bytes of brotli");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_wasm_names_its_authors() {
        let ours = ["index.js", "LICENSE-APACHE", "LICENSE-MIT"];
        assert!(check_licences(&ours).is_ok());
        assert!(check_licences(&ours[..2]).is_err());
        let engine = [&ours[..], &ENGINE_FILES].concat();
        let error = check_licences(&engine).unwrap_err().to_string();
        assert!(error.starts_with(licences::FILE), "{error}");
        assert!(check_licences(&[&engine[..], &[licences::FILE]].concat()).is_ok());
    }
}
