//! The file that a path stands for: itself, or the newest feed of a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vitrine_ingest::Mapping;

use super::{FeedError, FeedRole};

/// Most files of a folder, newest first, that are tried.
const FILES_TRIED_MAX: usize = 100;
/// Extensions of files that somebody still writes.
const UNFINISHED: [&str; 5] = ["tmp", "part", "partial", "filepart", "crdownload"];

/// A file as a look at its folder shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileStat {
    /// Which file.
    pub path: PathBuf,
    /// When it was written to.
    pub modified: SystemTime,
    /// Its size, in bytes.
    pub n_bytes: u64,
}

impl FileStat {
    /// Looks at a file.
    ///
    /// # Errors
    /// It is not there, or is no regular file.
    pub fn of(path: &Path) -> Result<Self, FeedError> {
        let read = || {
            let found = fs::metadata(path)?;
            // A pipe would be waited for.
            if !found.is_file() {
                return Err(std::io::Error::other("no regular file"));
            }
            Ok(Self { path: path.to_owned(), modified: found.modified()?, n_bytes: found.len() })
        };
        read().map_err(FeedError::disk("read", path))
    }
}

/// The file that `path` stands for. Of a folder that is the newest that the mapping's
/// reader takes; `known` was taken before and is not tried again. Hidden files and those
/// with an extension such as `.part` are left out.
///
/// # Errors
/// The path is not there, or none of the folder's newest files is a feed.
pub(crate) fn locate(
    path: &Path,
    role: FeedRole,
    mapping: &Mapping,
    known: Option<&FileStat>,
) -> Result<FileStat, FeedError> {
    if !path.is_dir() {
        return FileStat::of(path);
    }
    let reading = |error| FeedError::disk("read", path)(error);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(reading)? {
        let file = entry.map_err(reading)?.path();
        // One that is gone by now was none to read.
        let stat = Some(file).filter(|file| is_finished(file)).map(|file| FileStat::of(&file));
        files.extend(stat.and_then(Result::ok));
    }
    files.sort_by(|a, b| (b.modified, &b.path).cmp(&(a.modified, &a.path)));
    let mut newest = None;
    for file in files.into_iter().take(FILES_TRIED_MAX) {
        if Some(&file) == known {
            return Ok(file);
        }
        match role.refusal(&file.path, mapping) {
            None => return Ok(file),
            Some(error) => newest = newest.or(Some(Box::new(error))),
        }
    }
    Err(FeedError::NoFeedInFolder { folder: path.to_owned(), role: role.name(), newest })
}

fn is_finished(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    !name.starts_with('.') && !name.ends_with('~') && !UNFINISHED.contains(&extension)
}
