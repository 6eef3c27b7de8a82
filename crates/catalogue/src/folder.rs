//! The folder of a log: its lock, and how it is made.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use vitrine_durable::Disk;

use crate::error::CatalogueError;

const LOCK: &str = "LOCK";

/// Makes the folder if it is not there, removes what was left unfinished in it, and locks
/// it until the file is dropped.
pub(crate) fn open(dir: &Path, disk: &dyn Disk) -> Result<File, CatalogueError> {
    if !dir.is_dir() {
        fs::create_dir_all(dir).map_err(CatalogueError::io("create", dir))?;
        // What people bought is for its owner's eyes.
        vitrine_durable::make_private(dir)?;
        let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        disk.sync_dir(parent).map_err(CatalogueError::io("sync", parent))?;
    }
    let path = dir.join(LOCK);
    let lock = vitrine_durable::create_private(&path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(CatalogueError::InUse { dir: dir.to_owned() });
        }
        Err(TryLockError::Error(source)) => return Err(CatalogueError::io("lock", &path)(source)),
    }
    for entry in fs::read_dir(dir).map_err(CatalogueError::io("list", dir))? {
        let path = entry.map_err(CatalogueError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "tmp") {
            fs::remove_file(&path).map_err(CatalogueError::io("remove", &path))?;
        }
    }
    Ok(lock)
}
