//! What is in the folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::program;
use crate::cuda;
use crate::licences;
use crate::links;
use crate::process::Cmd;
use crate::workspace::{self, Workspace};

/// Name of the encoder's folder in `weights`.
const ENCODER: &str = "all-MiniLM-L6-v2";
/// Files of the encoder's folder; the last two are what its licence asks for.
const WEIGHTS_FILES: [&str; 5] =
    ["model.safetensors", "tokenizer.json", "config.json", "LICENSE", "NOTICE"];
/// Where distributions keep Mozilla's list of certificate authorities.
const CERTIFICATES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];
/// Programs that are started when the folder is filled, and where they come from.
const TOOLS: [(&str, &str); 2] = [("sha256sum", "coreutils"), ("find", "findutils")];
/// A line of the README where the folder has the program.
const CUDA_LINE: &str = "| `vitrine-cuda` | encodes texts on an NVIDIA GPU, beside `vitrine`; \
                         [devices](docs/devices.md) has what it takes |\n";
const QUICK_START: &str = "docs/quick-start.md";

/// Whether everything is here that [`lay_out`] takes from this machine.
///
/// # Errors
/// What is not there, with the package that has it.
pub fn check_machine(ws: &Workspace) -> Result<()> {
    check_tools(ws, &TOOLS)?;
    certificates().map(drop)
}

/// Whether these programs can be started; each stands beside the package that has it.
///
/// # Errors
/// The first that is not there.
pub fn check_tools(ws: &Workspace, tools: &[(&str, &str)]) -> Result<()> {
    for (tool, package) in tools {
        ensure!(ws.which(tool).is_some(), "{tool} is missing: install {package}");
    }
    Ok(())
}

/// Fills `folder`, which is made, with a program and everything that it needs, and with the
/// program of a GPU where there is one.
///
/// # Errors
/// Something that belongs into it is missing or cannot be copied.
pub fn lay_out(ws: &Workspace, program: &Path, cuda: Option<&Path>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("data")).with_context(|| folder.display().to_string())?;
    // Engines that copy a folder without files leave it out.
    fs::write(folder.join("data/.keep"), "")?;
    copy(program, &folder.join("vitrine"))?;
    if let Some(cuda) = cuda {
        copy(cuda, &folder.join(cuda::PROGRAM))?;
    }
    weights(&folder.join("weights").join(ENCODER))?;
    copy(&certificates()?, &folder.join("ca-certificates.crt"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&ws.root.join(licence), &folder.join(licence))?;
    }
    fs::write(folder.join(licences::FILE), licences::of_program(cuda.is_some())?)?;
    documents(ws, &folder.join("docs"))?;
    let packages = npm_packages(ws, &folder.join("npm"))?;
    let cuda = if cuda.is_some() { CUDA_LINE } else { "" };
    templates(ws, folder, &[("{packages}", &packages), ("{cuda}", cuda)])?;
    let sums = "find . -type f ! -name SHA256SUMS -printf '%P\\0' | sort -z | xargs -0 sha256sum";
    let sums = Cmd::new("sh").args(["-c", sums]).dir(folder).capture()?;
    fs::write(folder.join("SHA256SUMS"), sums).context("writing SHA256SUMS")
}

/// Copies the tarballs of the npm packages that lie in `target/packages`; a line of the README
/// where there are any.
fn npm_packages(ws: &Workspace, folder: &Path) -> Result<String> {
    let Ok(made) = fs::read_dir(ws.target.join("packages")) else { return Ok(String::new()) };
    let mut n_packages = 0;
    for entry in made {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension() == Some("tgz".as_ref())) {
            fs::create_dir_all(folder)?;
            copy(&path, &folder.join(name))?;
            n_packages += 1;
        }
    }
    let line = "| `npm/` | packages for a shop's own pages: `npm install ./npm/….tgz` |\n";
    Ok(if n_packages > 0 { line.to_owned() } else { String::new() })
}

/// Where `vitrine fetch` puts the weights that are handed out, whatever settings are here.
pub fn fetched_weights() -> Result<PathBuf> {
    Ok(workspace::cache_folder()?.join("vitrine/weights"))
}

fn weights(folder: &Path) -> Result<()> {
    let cache = fetched_weights()?.join(ENCODER);
    ensure!(
        cache.is_dir(),
        "the encoder's weights are not in {}: `vitrine fetch --weights` gets them",
        cache.display()
    );
    fs::create_dir_all(folder)?;
    WEIGHTS_FILES.iter().try_for_each(|name| {
        let copied = copy(&cache.join(name), &folder.join(name));
        copied.with_context(|| format!("remove {} and run this again", cache.display()))
    })
}

fn certificates() -> Result<PathBuf> {
    let found = CERTIFICATES.iter().map(PathBuf::from).find(|path| path.is_file());
    found.context("no list of certificate authorities is here: install ca-certificates")
}

/// The documents, with links that lead out of them as plain text.
fn documents(ws: &Workspace, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let source = ws.root.join("docs");
    for entry in fs::read_dir(&source)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(".md") || name == "SUMMARY.md" {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let is_beside = |target: &str| !target.contains('/') && source.join(target).is_file();
        let text = links::rewrite(&text, |target| is_beside(target).then(|| target.to_owned()));
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Writes the files that are made of templates, with these words in them.
fn templates(ws: &Workspace, folder: &Path, words: &[(&str, &str)]) -> Result<()> {
    let quick_start = fs::read_to_string(ws.root.join(QUICK_START)).context(QUICK_START)?;
    // Its title is that of a part here, and its links start one folder further up.
    let quick_start = links::rewrite(&quick_start, |target| {
        let is_document = !target.contains('/') && ws.root.join("docs").join(target).is_file();
        is_document.then(|| format!("docs/{target}"))
    });
    let server = ws.member("vitrine-server")?;
    let fill = |template: &str| {
        let template = template
            .replace("{version}", &server.version)
            .replace("{license}", &server.license)
            .replace("{quick_start}", one_level_down(&quick_start).trim_end());
        words.iter().fold(template, |text, (word, meaning)| text.replace(word, meaning))
    };
    let triple = program::host_triple()?;
    let readme = fill(include_str!("readme.template")).replace("{triple}", &triple);
    fs::write(folder.join("README.md"), readme)?;
    fs::write(folder.join("Containerfile"), fill(include_str!("Containerfile")))?;
    fs::write(folder.join("vitrine.service"), fill(include_str!("vitrine.service")))?;
    Ok(())
}

/// A document with each heading one level further down; lines of code stay.
fn one_level_down(text: &str) -> String {
    let mut is_code = false;
    let lines = text.lines().map(|line| {
        is_code ^= line.starts_with("```");
        if line.starts_with('#') && !is_code { format!("#{line}\n") } else { format!("{line}\n") }
    });
    lines.collect()
}

/// Copies a file with its permissions.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = fs::copy(from, to).map(drop);
    copied.with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Says what the folder holds.
///
/// # Errors
/// It cannot be read.
pub fn print(folder: &Path) -> Result<()> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let program = megabytes(size(&folder.join("vitrine")));
    let weights = megabytes(size(&folder.join("weights").join(ENCODER).join(WEIGHTS_FILES[0])));
    eprintln!("\n ✓ {}: program {program:.1} MB, weights {weights:.1} MB", folder.display());
    eprintln!("   begin with {}", folder.join("README.md").display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_go_down_and_comments_of_code_stay() {
        let text = "# Title\n```sh\n# a comment\n```\n## Part\n";
        assert_eq!(one_level_down(text), "## Title\n```sh\n# a comment\n```\n### Part\n");
    }
}
