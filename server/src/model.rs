//! One trained model on the server: teacher, student before packing, codec.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrine_domain::{ItemId, ModelVersion};
use vitrine_training::TrainedModel;
use vitrine_training::teacher::Teacher;

use crate::catalogue::Catalogue;

const TEACHER_FOLDER: &str = "teacher";
const REPORT_FILE: &str = "report.json";
const REPORT_TEXT_FILE: &str = "report.txt";

/// A model and what made it.
pub struct Model {
    /// The server's ranker; `None` when it cannot be read. A shop lives without it: only
    /// reports and the Studio ask it.
    pub teacher: Option<Teacher>,
    /// Student and codec.
    pub trained: TrainedModel,
}

/// Folder of one version in the data folder.
pub fn folder(data_dir: &Path, version: ModelVersion) -> PathBuf {
    data_dir.join("models").join(version.0.to_string())
}

/// The gate report of a published model, as JSON.
pub fn read_report(data_dir: &Path, version: ModelVersion) -> Result<serde_json::Value> {
    let path = folder(data_dir, version).join(REPORT_FILE);
    let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))
}

/// Writes a report as JSON and as text.
pub fn write_report(dir: &Path, report: &vitrine_evaluation::Report) -> Result<()> {
    fs::write(dir.join(REPORT_FILE), serde_json::to_vec_pretty(report)?)
        .and_then(|()| fs::write(dir.join(REPORT_TEXT_FILE), report.table()))
        .with_context(|| format!("writing the report to {}", dir.display()))
}

impl Model {
    /// Writes the model to `dir`.
    pub fn save(&self, dir: &Path) -> Result<()> {
        self.trained.save(dir)?;
        let Some(teacher) = &self.teacher else { return Ok(()) };
        let folder = dir.join(TEACHER_FOLDER);
        if folder.exists() {
            // Of a training that was interrupted or refused: its parts may be others.
            fs::remove_dir_all(&folder)
                .with_context(|| format!("removing {}", folder.display()))?;
        }
        teacher
            .save(&folder)
            .with_context(|| format!("writing the teacher to {}", folder.display()))
    }

    /// Reads a published model. Without a readable teacher (that of an older Vitrine, say)
    /// it says so in the log.
    ///
    /// # Errors
    /// A file of the student is missing or damaged; the message says to train again.
    pub fn load(data_dir: &Path, version: ModelVersion) -> Result<Self> {
        let dir = folder(data_dir, version);
        let again = || format!("the model in {} cannot be read: train again", dir.display());
        let trained = TrainedModel::load(&dir).with_context(again)?;
        let teacher = Teacher::load(&dir.join(TEACHER_FOLDER)).inspect_err(|error| {
            tracing::warn!("the teacher cannot be read until `vitrine train` is run: {error:#}");
        });
        Ok(Self { teacher: teacher.ok(), trained })
    }

    /// Codes of a catalogue's cards, `[n, 64]`; new cards get theirs from the text.
    pub fn codes(&self, catalogue: &Catalogue) -> Vec<i8> {
        let ids: Vec<ItemId> = catalogue.items.iter().map(|item| item.id).collect();
        self.trained.codes_for(&ids, &catalogue.vectors)
    }
}
