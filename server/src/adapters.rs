//! The adapters of a shop's encoder, on disk.
//!
//! `adapters/<name>.safetensors` is one, `<name>.json` how it did on what it was not fitted to, and
//! `CURRENT` has the name of the one that the next import uses.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use vitrine_encoder::adapter::Adapter;
use vitrine_encoder::{EncoderStamp, ModelFiles};
use vitrine_publish::Store;

use crate::adapter_choice::AdapterChoice;
use crate::catalogue::{self, CatalogueEncoder};
use crate::settings::ServerSettings;

const CURRENT: &str = "CURRENT";

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("adapters")
}

fn file(data_dir: &Path, name: &str) -> PathBuf {
    folder(data_dir).join(format!("{name}.safetensors"))
}

/// An adapter on disk that no import uses yet.
pub struct Candidate {
    name: String,
    /// Its file.
    pub path: PathBuf,
    was_there: bool,
}

impl Candidate {
    /// Writes it.
    ///
    /// # Errors
    /// The disk refuses; the adapter is too large.
    pub fn write(data_dir: &Path, adapter: &Adapter) -> Result<Self> {
        let bytes = adapter.to_bytes()?;
        let name = Adapter::name(&bytes);
        let folder = folder(data_dir);
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let path = file(data_dir, &name);
        let was_there = path.exists();
        vitrine_durable::write(&path, &bytes)?;
        Ok(Self { name, path, was_there })
    }

    /// Keeps it with what was measured of it; the next import uses it.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep(self, report: &[u8]) -> Result<()> {
        vitrine_durable::write(&self.path.with_extension("json"), report)?;
        Ok(vitrine_durable::write(&self.path.with_file_name(CURRENT), self.name.as_bytes())?)
    }

    /// Removes it, unless an earlier fit gave the same one.
    pub fn refuse(self) {
        if !self.was_there {
            // What stays is named by nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The model that the next import encodes with.
///
/// # Errors
/// The adapter that is to be used is gone.
pub fn of_imports(settings: &ServerSettings) -> Result<ModelFiles> {
    let adapter = match &settings.adapter {
        AdapterChoice::None => None,
        AdapterChoice::File(path) => Some(path.clone()),
        AdapterChoice::Auto => current(&settings.data_dir)?,
    };
    Ok(ModelFiles { dir: settings.weights_dir.clone(), adapter })
}

/// The model that encoded the published catalogue; before the first, that of imports.
///
/// # Errors
/// Its adapter is gone.
pub fn of_published(settings: &ServerSettings) -> Result<ModelFiles> {
    if !matches!(settings.adapter, AdapterChoice::Auto) {
        return of_imports(settings);
    }
    let store = Store::open(settings.data_dir.join("store"))?;
    let Some(manifest) = store.current().context(catalogue::MEND)? else {
        return of_imports(settings);
    };
    let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
    of_stamp(settings, CatalogueEncoder::load(&folder)?.by.as_ref())
}

/// The model with the adapter of a stamp.
///
/// # Errors
/// That adapter is gone.
pub fn of_stamp(settings: &ServerSettings, stamp: Option<&EncoderStamp>) -> Result<ModelFiles> {
    let name = stamp.and_then(|stamp| stamp.adapter.as_deref());
    let adapter = match (&settings.adapter, name) {
        (AdapterChoice::Auto, Some(name)) => Some(found(&settings.data_dir, name)?),
        (AdapterChoice::Auto | AdapterChoice::None, _) => None,
        (AdapterChoice::File(path), _) => Some(path.clone()),
    };
    Ok(ModelFiles { dir: settings.weights_dir.clone(), adapter })
}

fn current(data_dir: &Path) -> Result<Option<PathBuf>> {
    let path = folder(data_dir).join(CURRENT);
    match fs::read_to_string(&path) {
        Ok(name) => Ok(Some(found(data_dir, name.trim())?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

fn found(data_dir: &Path, name: &str) -> Result<PathBuf> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(is_name, "{name:?} names no adapter: run `vitrine adapt`, or give --adapter none");
    let path = file(data_dir, name);
    ensure!(
        path.is_file(),
        "the adapter {} is gone: put it back, or give --adapter none and import again",
        path.display()
    );
    Ok(path)
}
