//! Where pictures are kept that were fetched, and what was made of them.

use std::path::{Path, PathBuf};

/// The picture cache in the data folder.
pub fn picture_cache(data_dir: &Path) -> PathBuf {
    data_dir.join("cache/pictures")
}
