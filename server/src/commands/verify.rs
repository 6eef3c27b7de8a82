//! `vitrine verify`: every file of every kept version against its checksum.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use vitrine_domain::Manifest;
use vitrine_publish::{Store, StoreCheck};

use crate::cli::VerifyArgs;
use crate::settings::ServerSettings;
use crate::{adapters, catalogue, model};

/// Exit code when a file is damaged.
const EXIT_DAMAGED: u8 = 4;

/// What is known of all kept versions.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Whether `CURRENT` can be read.
    pub has_pointer: bool,
    /// The current one first.
    pub versions: Vec<VersionReport>,
}

/// What is known of one version.
#[derive(Debug, Serialize)]
pub struct VersionReport {
    /// Its number, as `vitrine rollback` takes it.
    pub version: u64,
    /// Its catalogue, if the manifest can be read.
    pub catalogue: Option<u64>,
    /// Its model, if it has one.
    pub model: Option<u64>,
    /// What is wrong, a line each.
    pub damage: Vec<String>,
    /// Folders of an older Vitrine, whose files have no checksums.
    pub unchecked: Vec<PathBuf>,
}

/// Runs the command; fails with a code of its own when something is damaged.
pub fn run(settings: &ServerSettings, args: &VerifyArgs) -> Result<ExitCode> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let report = verify(&settings.data_dir, &store)?;
    if args.json {
        crate::print(&serde_json::to_string_pretty(&report)?);
    } else {
        crate::print(&report.to_text());
    }
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_DAMAGED) })
}

/// Checks the store and the folders that its manifests name.
///
/// # Errors
/// The disk refuses to list the store; files that cannot be read are damage.
pub fn verify(data_dir: &Path, store: &Store) -> Result<VerifyReport> {
    let StoreCheck { has_pointer, versions } = vitrine_publish::verify(store)?;
    let versions = versions.into_iter().map(|version| {
        let of_store = version.damage.iter();
        let mut report = VersionReport {
            version: version.number,
            catalogue: version.manifest.as_ref().map(|m| m.catalogue.version.0),
            model: version.manifest.as_ref().and_then(|m| Some(m.model.as_ref()?.version.0)),
            damage: of_store.map(|d| format!("{}: {}", d.path.display(), d.error)).collect(),
            unchecked: Vec::new(),
        };
        for folder in version.manifest.iter().flat_map(|manifest| folders(data_dir, manifest)) {
            match vitrine_durable::verify(&folder) {
                Ok(verified) if !verified.is_sealed => report.unchecked.push(folder),
                Ok(verified) => report.damage.extend(verified.damage.iter().map(shown)),
                Err(error) => report.damage.push(shown(&error)),
            }
        }
        let adapter = version.manifest.as_ref().map(|manifest| adapters::check(data_dir, manifest));
        if let Some(Err(error)) = adapter {
            report.damage.push(format!("{error:#}"));
        }
        report
    });
    Ok(VerifyReport { has_pointer, versions: versions.collect() })
}

/// Whether the folders that a manifest names are whole, and its adapter there, as far as can be
/// known.
pub fn has_whole_folders(data_dir: &Path, manifest: &Manifest) -> bool {
    let is_whole =
        |folder: PathBuf| vitrine_durable::verify(&folder).is_ok_and(|v| v.damage.is_empty());
    folders(data_dir, manifest).into_iter().all(is_whole)
        && adapters::check(data_dir, manifest).is_ok()
}

fn folders(data_dir: &Path, manifest: &Manifest) -> Vec<PathBuf> {
    let catalogue = catalogue::folder(data_dir, manifest.catalogue.version);
    let model = manifest.model.as_ref().map(|info| model::folder(data_dir, info.version));
    [catalogue].into_iter().chain(model).collect()
}

fn shown(error: &vitrine_durable::DurableError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl VerifyReport {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        self.has_pointer && self.versions.iter().all(|version| version.damage.is_empty())
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        if self.versions.is_empty() {
            text.push_str("nothing is published yet\n");
        }
        if !self.has_pointer {
            text.push_str("CURRENT is missing or damaged: the newest version counts as current\n");
        }
        for (n, report) in self.versions.iter().enumerate() {
            let VersionReport { version, catalogue, model, damage, unchecked } = report;
            let number = |number: &Option<u64>| number.map_or("–".to_owned(), |n| n.to_string());
            let state = match damage.len() {
                0 => "whole".to_owned(),
                n => format!("{n} damaged"),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "version {version}{}: catalogue {}, model {}: {state}",
                if n == 0 { " (current)" } else { "" },
                number(catalogue),
                number(model),
            );
            for line in damage {
                let _ = writeln!(text, "  {line}");
            }
            for folder in unchecked {
                let _ = writeln!(text, "  {} has no checksums", folder.display());
            }
        }
        text
    }
}
