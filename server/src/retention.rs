//! What is kept on disk and for how long, besides the store, which looks after itself.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrine_domain::CatalogueVersion;
use vitrine_publish::Store;

use crate::{catalogue, model};

/// Quarantines that are kept: those of the newest imports. They are for mending a feed,
/// which is done soon or not at all.
pub const QUARANTINES_KEPT: usize = 2;

const QUARANTINE_FILE: &str = "quarantine.jsonl";
const QUARANTINE_FOLDER: &str = "quarantine";
/// What a refused import leaves: why, and which rows.
const REFUSED_FILES: [&str; 3] = ["quality.html", "quality.json", QUARANTINE_FILE];

/// An empty folder that only its owner can enter, in the place of what an interrupted
/// run left there.
///
/// # Errors
/// The disk refuses.
pub fn fresh(staging: &Path) -> Result<PathBuf> {
    remove(staging)?;
    fs::create_dir_all(staging).with_context(|| format!("creating {}", staging.display()))?;
    vitrine_durable::make_private(staging)?;
    Ok(staging.to_owned())
}

/// Removes what interrupted imports and trainings left. Whoever calls it holds the lock.
///
/// # Errors
/// The disk refuses.
pub fn clean_staging(data_dir: &Path) -> Result<()> {
    remove(&catalogue::staging(data_dir))?;
    remove(&model::staging(data_dir))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}

/// Keeps the report and the quarantine of an import that was not published, and removes
/// the rest of it.
pub fn refuse(data_dir: &Path) {
    let staging = catalogue::staging(data_dir);
    let keep = || -> Result<()> {
        let refused = fresh(&catalogue::refused(data_dir))?;
        for name in REFUSED_FILES {
            if staging.join(name).exists() {
                fs::rename(staging.join(name), refused.join(name))?;
            }
        }
        Ok(())
    };
    // On a full disk the space matters more than the report.
    if let Err(error) = keep().and(remove(&staging)) {
        tracing::warn!("{error:#}");
    }
}

/// Where the quarantine of a catalogue version is.
pub fn quarantine_file(data_dir: &Path, version: CatalogueVersion) -> PathBuf {
    data_dir.join(QUARANTINE_FOLDER).join(format!("{}.jsonl", version.0))
}

/// Moves the quarantine of an import out of its folder, which is kept longer and never
/// changed.
///
/// # Errors
/// The disk refuses.
pub fn keep_quarantine(data_dir: &Path, staging: &Path, version: CatalogueVersion) -> Result<()> {
    let from = staging.join(QUARANTINE_FILE);
    if !from.exists() {
        return Ok(());
    }
    let folder = data_dir.join(QUARANTINE_FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    vitrine_durable::make_private(&folder)?;
    fs::rename(&from, quarantine_file(data_dir, version)).context("moving the quarantine")
}

/// Removes folders of catalogues and models that no kept manifest names, and quarantines
/// beyond [`QUARANTINES_KEPT`]. What cannot be removed is tried again after the next
/// publish.
pub fn collect(data_dir: &Path, store: &Store) {
    if let Err(error) = collect_folders(data_dir, store).and(collect_quarantines(data_dir)) {
        tracing::warn!("removing old versions: {error:#}");
    }
}

fn collect_folders(data_dir: &Path, store: &Store) -> Result<()> {
    let (mut catalogues, mut models) = (HashSet::new(), HashSet::new());
    for number in store.kept()? {
        // While one cannot be read it is not known what it needs: nothing is removed.
        let manifest = store.manifest(number)?;
        catalogues.insert(manifest.catalogue.version.0);
        models.extend(manifest.model.map(|model| model.version.0));
    }
    for (folder, named) in [("catalogues", catalogues), ("models", models)] {
        for (path, number) in numbered(&data_dir.join(folder), "")? {
            if !named.contains(&number) {
                fs::remove_dir_all(&path)
                    .with_context(|| format!("removing {}", path.display()))?;
            }
        }
    }
    Ok(())
}

fn collect_quarantines(data_dir: &Path) -> Result<()> {
    let mut kept = numbered(&data_dir.join(QUARANTINE_FOLDER), ".jsonl")?;
    kept.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let old = kept.into_iter().skip(QUARANTINES_KEPT).map(|(path, _)| path);
    // Older versions of Vitrine kept raw lines of the log with each catalogue.
    let raw = numbered(&data_dir.join("catalogues"), "")?.into_iter();
    let raw = raw.map(|(path, _)| path.join(QUARANTINE_FILE)).filter(|path| path.exists());
    for path in old.chain(raw) {
        fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(())
}

/// Entries of a folder whose names are a number and a suffix; none without a folder.
fn numbered(folder: &Path, suffix: &str) -> Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(Ok(number)) = name.strip_suffix(suffix).map(str::parse) {
            found.push((path, number));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_import_leaves_its_report_and_nothing_large() {
        let dir = tempfile::tempdir().unwrap();
        let staging = fresh(&catalogue::staging(dir.path())).unwrap();
        for name in ["quality.html", "vectors.f32", "quarantine.jsonl.tmp"] {
            fs::write(staging.join(name), "x").unwrap();
        }
        refuse(dir.path());
        assert!(!staging.exists());
        let left: Vec<_> = fs::read_dir(catalogue::refused(dir.path())).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(catalogue::refused(dir.path()).join("quality.html").exists());
    }

    #[test]
    fn what_was_interrupted_is_removed_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        clean_staging(dir.path()).unwrap();
        for staging in [catalogue::staging(dir.path()), model::staging(dir.path())] {
            fs::create_dir_all(&staging).unwrap();
            fs::write(staging.join("half"), "x").unwrap();
        }
        clean_staging(dir.path()).unwrap();
        assert!(!catalogue::staging(dir.path()).exists());
        assert!(!model::staging(dir.path()).exists());
    }
}
