//! A small real shop: part of the supermarket year, imported and trained once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

/// Shoppers of the test shop.
const SHOPPERS: &str = "400";

/// The built binary, beside the tests.
pub fn vitrine() -> Result<PathBuf> {
    let test = env::current_exe()?;
    let folder = test.ancestors().nth(2).context("no target folder")?;
    let path = folder.join(format!("vitrine{}", env::consts::EXE_SUFFIX));
    ensure!(path.exists(), "{} is missing: cargo build -p vitrine-server", path.display());
    Ok(path)
}

/// A data folder with a published catalogue and model.
pub struct Shop {
    /// Its data folder.
    pub data_dir: PathBuf,
}

impl Shop {
    /// Imports and trains into `data_dir`, unless the same binary already did.
    pub fn prepare(data_dir: &Path) -> Result<Self> {
        let shop = Self { data_dir: data_dir.to_owned() };
        let built = fs::metadata(vitrine()?)?.modified()?;
        let stamp = data_dir.join("prepared");
        if fs::metadata(&stamp).and_then(|file| file.modified()).is_ok_and(|at| at > built) {
            return Ok(shop);
        }
        if data_dir.exists() {
            fs::remove_dir_all(data_dir)?;
        }
        // What is fetched belongs to no shop.
        let fetched = Command::new(vitrine()?).arg("fetch").output()?;
        let log = String::from_utf8_lossy(&fetched.stderr);
        ensure!(fetched.status.success(), "vitrine fetch failed:\n{log}");
        shop.import("The test supermarket")?;
        // One pass over what came next is enough to be looked at.
        shop.run(&["train", "--configure", r#"{"n_entries": 1}"#])?;
        fs::write(stamp, [])?;
        Ok(shop)
    }

    /// Imports the supermarket's files under a shop name.
    pub fn import(&self, name: &str) -> Result<()> {
        self.run(&Self::import_args(name)?.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn import_args(name: &str) -> Result<Vec<String>> {
        let data = cache_dir()?.join("data");
        let file = |path: &str| data.join(path).to_string_lossy().into_owned();
        let (products, orders) =
            (file("journey/products.parquet"), file("journey/transactions.parquet"));
        let pictures = file("fluent-emoji/icons.json");
        let args = ["import", "--mapping", "journey", "--shoppers-max", SHOPPERS];
        let files = ["--products", &products, "--interactions", &orders, "--pictures", &pictures];
        Ok([&args[..], &files[..], &["--shop", name]]
            .concat()
            .into_iter()
            .map(String::from)
            .collect())
    }

    /// Runs a command of the binary on this shop.
    pub fn run(&self, args: &[&str]) -> Result<()> {
        let output = self.command(args)?.output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "vitrine {} failed:\n{log}", args.join(" "));
        Ok(())
    }

    /// A command of the binary on this shop.
    pub fn command(&self, args: &[&str]) -> Result<Command> {
        let mut command = Command::new(vitrine()?);
        command.args(args).arg("--data-dir").arg(&self.data_dir);
        Ok(command)
    }

    /// A copy that a test may change.
    pub fn copy(&self, to: &Path) -> Result<Self> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        copy_folder(&self.data_dir, to)?;
        Ok(Self { data_dir: to.to_owned() })
    }
}

/// Copies a folder with all that is below it into another, which is made if it is missing.
///
/// # Errors
/// A file or folder cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

pub(crate) fn cache_dir() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join("vitrine"))
}
