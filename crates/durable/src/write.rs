//! Writing one file so that it is there whole, or not at all, after a power cut.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::DurableError;

/// Readable and writable by the owner alone.
#[cfg(unix)]
const PRIVATE: u32 = 0o600;
/// A folder that only its owner can enter.
#[cfg(unix)]
const PRIVATE_FOLDER: u32 = 0o700;

/// Writes a file: under another name, synced, renamed, and its folder synced.
///
/// # Errors
/// [`DurableError::Io`]; then the file is what it was before.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DurableError> {
    let temporary = temporary(path);
    let mut file = File::create(&temporary).map_err(DurableError::io("create", &temporary))?;
    file.write_all(bytes).map_err(DurableError::io("write", &temporary))?;
    settle(file, &temporary, path)
}

/// As [`write`], readable by the owner alone: for what is about people.
///
/// # Errors
/// [`DurableError::Io`]; then the file is what it was before.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DurableError> {
    let temporary = temporary(path);
    let mut file = create_private(&temporary)?;
    file.write_all(bytes).map_err(DurableError::io("write", &temporary))?;
    settle(file, &temporary, path)
}

/// Creates or empties a file that its owner alone can read.
///
/// # Errors
/// [`DurableError::Io`].
pub fn create_private(path: &Path) -> Result<File, DurableError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, PRIVATE);
    let file = options.open(path).map_err(DurableError::io("create", path))?;
    // A file that was there keeps its mode when it is opened.
    make_private(path)?;
    Ok(file)
}

/// Makes a file or folder accessible to its owner alone.
///
/// # Errors
/// [`DurableError::Io`].
pub fn make_private(path: &Path) -> Result<(), DurableError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if path.is_dir() { PRIVATE_FOLDER } else { PRIVATE };
        fs::set_permissions(path, Permissions::from_mode(mode))
            .map_err(DurableError::io("protect", path))?;
    }
    Ok(())
}

/// Syncs a file that was written under another name, renames it to `path`, and syncs
/// the folder.
///
/// # Errors
/// [`DurableError::Io`].
pub fn settle(file: File, temporary: &Path, path: &Path) -> Result<(), DurableError> {
    file.sync_all().map_err(DurableError::io("sync", temporary))?;
    drop(file);
    fs::rename(temporary, path).map_err(DurableError::io("rename to", path))?;
    sync_parent(path).map_err(DurableError::io("sync the folder of", path))
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

/// Where a file is written before it is whole: `<path>.tmp`.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_private_file_is_its_owner_s_also_where_it_was_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.jsonl");
        write(&path, b"old").unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, PRIVATE);
        assert!(!temporary(&path).exists());
    }

    #[test]
    fn a_write_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write(&path, b"old").unwrap();
        fs::create_dir(temporary(&path)).unwrap();
        let error = write(&path, b"new").unwrap_err();
        assert!(matches!(error, DurableError::Io { action: "create", .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
