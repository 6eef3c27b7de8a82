//! One trained model on the server: teacher, student before packing, codec.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrine_domain::{ItemId, ModelVersion};
use vitrine_ranking::Teacher;
use vitrine_training::TrainedModel;

use crate::catalogue::Catalogue;

const TEACHER_FILE: &str = "teacher.bin";
const REPORT_FILE: &str = "report.json";
const REPORT_TEXT_FILE: &str = "report.txt";

/// A model and what made it.
pub struct Model {
    /// The server's ranker.
    pub teacher: Teacher,
    /// The cards that the teacher scores, in its order: those it was fitted on.
    pub teacher_items: Vec<ItemId>,
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
        let teacher = postcard::to_stdvec(&(&self.teacher_items, self.teacher.to_bytes()))?;
        fs::write(dir.join(TEACHER_FILE), teacher)
            .with_context(|| format!("writing the teacher to {}", dir.display()))
    }

    /// Reads a published model.
    ///
    /// # Errors
    /// A file is missing or damaged; the message says to train again.
    pub fn load(data_dir: &Path, version: ModelVersion) -> Result<Self> {
        let dir = folder(data_dir, version);
        let again = || format!("the model in {} cannot be read: train again", dir.display());
        let trained = TrainedModel::load(&dir).with_context(again)?;
        let bytes = fs::read(dir.join(TEACHER_FILE)).with_context(again)?;
        let (teacher_items, teacher): (Vec<ItemId>, Vec<u8>) =
            postcard::from_bytes(&bytes).with_context(again)?;
        let teacher = Teacher::from_bytes(&teacher).with_context(again)?;
        Ok(Self { teacher, teacher_items, trained })
    }

    /// Codes of a catalogue's cards, `[n, 64]`; new cards get theirs from the text.
    pub fn codes(&self, catalogue: &Catalogue) -> Vec<i8> {
        let ids: Vec<ItemId> = catalogue.items.iter().map(|item| item.id).collect();
        self.trained.codes_for(&ids, &catalogue.vectors)
    }
}
