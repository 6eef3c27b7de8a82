//! The files: `draft.json`, and one a version that is never written twice.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};
use vitrine_rules::authoring::{AuthorId, RuleRecord};
use vitrine_studio_api::RuleVersionInfo;

use super::FILE_BYTES_MAX;
use super::error::RuleStoreError;

/// Format of both.
const FORMAT: u32 = 1;
/// File of the draft in the folder of rules.
const DRAFT_FILE: &str = "draft.json";
/// Folder of the versions in it.
const VERSIONS_FOLDER: &str = "versions";
/// End of a version's file name.
const VERSION_END: &str = ".json";
/// What to do where the draft cannot be put back.
const WITHOUT_DRAFT: &str = "move it away, and the draft begins as the version that is live";
/// What to do where a version cannot be put back.
const WITHOUT_VERSION: &str = "move it away: the newest version that can be read is live";

/// What people edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftFile {
    pub(super) format: u32,
    /// Counts every save.
    pub revision: u64,
    /// When it was saved, in seconds since 1970-01-01 UTC.
    pub saved_at_seconds: i64,
    /// By whom.
    pub by: AuthorId,
    /// The rules.
    pub records: Vec<RuleRecord>,
}

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionFile {
    pub(super) format: u32,
    /// Its number, from 1.
    pub number: u64,
    /// When it was published, in seconds since 1970-01-01 UTC.
    pub published_at_seconds: i64,
    /// By whom.
    pub by: AuthorId,
    /// What was said about it.
    pub note: String,
    /// The version whose rules it brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<u64>,
    /// The rules.
    pub records: Vec<RuleRecord>,
}

/// What both files begin with.
#[derive(Deserialize)]
struct FileHeader {
    format: u32,
}

impl Default for DraftFile {
    /// Before the first save.
    fn default() -> Self {
        Self {
            format: FORMAT,
            revision: 0,
            saved_at_seconds: 0,
            by: AuthorId::default(),
            records: Vec::new(),
        }
    }
}

impl Default for VersionFile {
    fn default() -> Self {
        Self {
            format: FORMAT,
            number: 0,
            published_at_seconds: 0,
            by: AuthorId::default(),
            note: String::new(),
            restored_from: None,
            records: Vec::new(),
        }
    }
}

impl VersionFile {
    /// What is known of it without its rules.
    pub fn info(&self) -> RuleVersionInfo {
        RuleVersionInfo {
            number: self.number,
            published_at_seconds: self.published_at_seconds,
            by: self.by,
            note: self.note.clone(),
            restored_from: self.restored_from,
            n_rules: self.records.len(),
        }
    }
}

/// The draft of a folder; `None` before the first save.
pub(super) fn read_draft(dir: &Path) -> Result<Option<DraftFile>, RuleStoreError> {
    read(&dir.join(DRAFT_FILE), WITHOUT_DRAFT)
}

pub(super) fn write_draft(dir: &Path, draft: &DraftFile) -> Result<(), RuleStoreError> {
    write(&dir.join(DRAFT_FILE), draft, WITHOUT_DRAFT)
}

/// A version of a folder; `None` where it is not kept.
pub(super) fn read_version(dir: &Path, number: u64) -> Result<Option<VersionFile>, RuleStoreError> {
    read(&version_path(dir, number), WITHOUT_VERSION)
}

pub(super) fn write_version(dir: &Path, version: &VersionFile) -> Result<(), RuleStoreError> {
    write(&version_path(dir, version.number), version, WITHOUT_VERSION)
}

pub(super) fn remove_version(dir: &Path, number: u64) -> Result<(), RuleStoreError> {
    let path = version_path(dir, number);
    fs::remove_file(&path).map_err(RuleStoreError::io("remove", &path))
}

/// Numbers of the versions of a folder, the oldest first, whether they can be read or not.
pub(super) fn version_numbers(dir: &Path) -> Result<Vec<u64>, RuleStoreError> {
    let dir = dir.join(VERSIONS_FOLDER);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(RuleStoreError::io("read", &dir)(source)),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(RuleStoreError::io("read", &dir))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(VERSION_END));
        // A file that is being written has another end.
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn version_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(VERSIONS_FOLDER).join(format!("{number}{VERSION_END}"))
}

fn read<T: DeserializeOwned>(
    path: &Path,
    instead: &'static str,
) -> Result<Option<T>, RuleStoreError> {
    let damaged = |source| RuleStoreError::Damaged { path: path.to_owned(), instead, source };
    let n_bytes = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RuleStoreError::io("read", path)(source)),
    };
    if n_bytes > FILE_BYTES_MAX {
        let why = format!("it has {n_bytes} bytes, {FILE_BYTES_MAX} at most");
        return Err(damaged(serde_json::Error::custom(why)));
    }
    let bytes = fs::read(path).map_err(RuleStoreError::io("read", path))?;
    let FileHeader { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if format != FORMAT {
        let why = format!("format {format} is that of another version of this program");
        return Err(damaged(serde_json::Error::custom(why)));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write(
    path: &Path,
    content: &impl Serialize,
    instead: &'static str,
) -> Result<(), RuleStoreError> {
    let damaged = |source| RuleStoreError::Damaged { path: path.to_owned(), instead, source };
    let json = serde_json::to_vec_pretty(content).map_err(damaged)?;
    let n_bytes = json.len() as u64;
    if n_bytes > FILE_BYTES_MAX {
        return Err(RuleStoreError::TooLarge { n_bytes });
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(RuleStoreError::io("create", dir))?;
    }
    Ok(vitrine_durable::write_private(path, &json)?)
}
