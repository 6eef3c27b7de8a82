//! The adapters of a shop's encoder, on disk.
//!
//! `adapters/<name>.safetensors` is one, `<name>.json` how it did on what it was not fitted to, and
//! `CURRENT` has the name of the one that the next import uses.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use vitrine_domain::Manifest;
use vitrine_encoder::adapter::{Adapter, BYTES_MAX};
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

/// An adapter on disk that no import uses yet. Unless it is kept it goes when this is dropped.
pub struct Candidate {
    name: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether it stays: it is kept, or an earlier fit gave the same one.
    stays: bool,
}

impl Drop for Candidate {
    fn drop(&mut self) {
        if !self.stays {
            // What cannot be removed is named by nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
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
        let stays = path.exists();
        vitrine_durable::write(&path, &bytes)?;
        Ok(Self { name, path, stays })
    }

    /// Keeps it with what was measured of it; the next import uses it.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep(mut self, report: &[u8]) -> Result<()> {
        self.stays = true;
        vitrine_durable::write(&self.path.with_extension("json"), report)?;
        Ok(vitrine_durable::write(&self.path.with_file_name(CURRENT), self.name.as_bytes())?)
    }
}

/// Copies an adapter that is named by its file to where that of a catalogue is looked for.
///
/// # Errors
/// It cannot be read, is none, or the disk refuses.
pub fn remember(data_dir: &Path, files: &ModelFiles) -> Result<()> {
    let Some(path) = files.adapter.as_ref().filter(|path| !path.starts_with(folder(data_dir)))
    else {
        return Ok(());
    };
    let mut bytes = Vec::new();
    let reading = || format!("reading {}", path.display());
    let opened = fs::File::open(path).with_context(reading)?;
    opened.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).with_context(reading)?;
    let mut copy = Candidate::write(data_dir, &Adapter::from_bytes(&bytes).with_context(reading)?)?;
    copy.stays = true;
    Ok(())
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

/// Whether the adapter that a version was encoded with is there and whole, if it was with one.
///
/// # Errors
/// It is gone, or is not what its name says. A folder that cannot be read is no fault of it.
pub fn check(data_dir: &Path, manifest: &Manifest) -> Result<()> {
    let folder = catalogue::folder(data_dir, manifest.catalogue.version);
    let by = CatalogueEncoder::load(&folder).unwrap_or_default().by;
    let Some(name) = by.and_then(|stamp| stamp.adapter) else { return Ok(()) };
    let path = found(data_dir, &name)?;
    let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    ensure!(Adapter::name(&bytes) == name, "the adapter {} is damaged", path.display());
    Ok(())
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
