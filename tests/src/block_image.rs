//! A disk in a file, so that a test can cut its power: a copy of the file at a moment is
//! what a disk has after the power went at that moment. What programs wrote and did not
//! sync is in memory then, and not in the copy.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Room of a disk, in bytes.
const DISK_BYTES: u64 = 512 << 20;

/// A mounted ext4 file system in a file; unmounted when dropped. Needs root, loop devices
/// and `mkfs.ext4`.
pub struct BlockImage {
    image: PathBuf,
    mounted_at: PathBuf,
}

impl BlockImage {
    /// A new, empty disk.
    ///
    /// # Errors
    /// It cannot be made or mounted, as without root.
    pub fn create(image: &Path, mounted_at: &Path) -> Result<Self> {
        File::create(image)?.set_len(DISK_BYTES)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))?;
        Self::mount(image, mounted_at)
    }

    fn mount(image: &Path, mounted_at: &Path) -> Result<Self> {
        fs::create_dir_all(mounted_at)?;
        run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(mounted_at))?;
        Ok(Self { image: image.to_owned(), mounted_at: mounted_at.to_owned() })
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        &self.mounted_at
    }

    /// What is left of it when the power goes now, as a disk of its own.
    ///
    /// # Errors
    /// It cannot be copied or mounted.
    pub fn cut_power(&self, image: &Path, mounted_at: &Path) -> Result<Self> {
        // Sparse: most of a disk is empty.
        run(Command::new("cp").arg("--sparse=always").arg(&self.image).arg(image))?;
        Self::mount(image, mounted_at)
    }
}

impl Drop for BlockImage {
    fn drop(&mut self) {
        // A disk that stays mounted is told by the next test that wants its place.
        let _ = run(Command::new("umount").arg(&self.mounted_at));
        let _ = fs::remove_file(&self.image);
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(())
}
