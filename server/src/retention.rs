//! What is kept on disk and for how long, besides the store, which looks after itself.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrine_domain::CatalogueVersion;
use vitrine_publish::Store;

use crate::{catalogue, model};

/// Quarantines of imports that are kept: those of the newest. They are for mending a feed,
/// which is done soon or not at all.
pub const QUARANTINES_KEPT: usize = 2;

/// Where a compaction writes which pushed reviews it keeps apart. It has a name of its own, so that
/// no quarantine of an import is removed for it.
pub const PUSHED_QUARANTINE_FILE: &str = "quarantine-pushed.jsonl";
/// How its name ends in the folder of quarantines, behind the version.
const PUSHED_QUARANTINE_END: &str = "-pushed.jsonl";
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

/// Moves the quarantine of an import or a compaction out of its folder, which is kept longer and
/// never changed.
///
/// # Errors
/// The disk refuses.
pub fn keep_quarantine(data_dir: &Path, staging: &Path, version: CatalogueVersion) -> Result<()> {
    let folder = data_dir.join(QUARANTINE_FOLDER);
    let ends = [(QUARANTINE_FILE, ".jsonl"), (PUSHED_QUARANTINE_FILE, PUSHED_QUARANTINE_END)];
    for (name, end) in ends {
        let from = staging.join(name);
        if !from.exists() {
            continue;
        }
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        vitrine_durable::make_private(&folder)?;
        let to = folder.join(format!("{}{end}", version.0));
        fs::rename(&from, to).context("moving the quarantine")?;
    }
    Ok(())
}

/// Removes folders of catalogues and models that no kept manifest names, and quarantines
/// that are not kept. What cannot be removed is tried again after the next
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

/// Keeps the quarantines of the newest [`QUARANTINES_KEPT`] imports, and that of the newest
/// compaction since: an import reads again what was pushed.
fn collect_quarantines(data_dir: &Path) -> Result<()> {
    let newest_first = |end: &str| -> Result<Vec<(PathBuf, u64)>> {
        let mut found = numbered(&data_dir.join(QUARANTINE_FOLDER), end)?;
        found.sort_by_key(|(_, number)| Reverse(*number));
        Ok(found)
    };
    let of_imports = newest_first(".jsonl")?;
    let last_import = of_imports.first().map_or(0, |(_, number)| *number);
    let of_compactions = newest_first(PUSHED_QUARANTINE_END)?;
    let is_kept = usize::from(of_compactions.first().is_some_and(|(_, of)| *of > last_import));
    let old = of_imports.into_iter().skip(QUARANTINES_KEPT);
    let old = old.chain(of_compactions.into_iter().skip(is_kept)).map(|(path, _)| path);
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
