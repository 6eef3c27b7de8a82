//! Who has the file open: many may share it, and a restore has it alone.
//!
//! The system lets go of the lock when a process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::AccountsError;

/// Shares the file with other users of it, as long as what is returned lives.
pub(crate) fn share(database: &Path) -> Result<File, AccountsError> {
    let (path, file) = lock_file(database)?;
    locked(file.try_lock_shared(), file, &path, database)
}

/// Has the file alone, as long as what is returned lives.
pub(super) fn alone(database: &Path) -> Result<File, AccountsError> {
    let (path, file) = lock_file(database)?;
    locked(file.try_lock(), file, &path, database)
}

fn locked(
    result: Result<(), TryLockError>,
    file: File,
    path: &Path,
    database: &Path,
) -> Result<File, AccountsError> {
    match result {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AccountsError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(AccountsError::io("lock", path)(source)),
    }
}

fn lock_file(database: &Path) -> Result<(PathBuf, File), AccountsError> {
    let path = beside(&real(database), ".LOCK");
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(AccountsError::io("create", &path))?;
    Ok((path, file))
}

/// The file that a link leads to: who comes by another name finds the same lock.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file whose name goes on with `ending`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
