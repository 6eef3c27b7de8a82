//! One trained model on the server: teacher, student before packing, codec.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrine_domain::{ItemId, ModelVersion};
use vitrine_encoder::EncoderStamp;
use vitrine_encoder::intent::IntentHead;
use vitrine_training::TrainedModel;
use vitrine_training::teacher::Teacher;

use crate::catalogue::StoredCatalogue;
use crate::intent;

const REPORT_FILE: &str = "report.json";
const ENCODER_FILE: &str = "encoder.json";
const REPORT_TEXT_FILE: &str = "report.txt";

/// A model and what made it.
pub struct Model {
    /// The server's ranker; `None` when it cannot be read. A shop lives without it: only
    /// reports and the Studio ask it.
    pub teacher: Option<Teacher>,
    /// Student and codec.
    pub trained: TrainedModel,
    /// What queries are after, by the catalogue that the model was trained on.
    pub intent: Option<IntentHead>,
    /// What made the text vectors that it was trained on; `None` where an older Vitrine did
    /// not say.
    pub encoded_by: Option<EncoderStamp>,
}

/// Folder of one version in the data folder.
pub fn folder(data_dir: &Path, version: ModelVersion) -> PathBuf {
    data_dir.join("models").join(version.0.to_string())
}

/// Where a training writes until its model is published.
pub fn staging(data_dir: &Path) -> PathBuf {
    data_dir.join("models").join("staging.tmp")
}

/// The gate report of a published model, as JSON.
pub fn read_report(data_dir: &Path, version: ModelVersion) -> Result<serde_json::Value> {
    let dir = folder(data_dir, version);
    let bytes = vitrine_durable::read(&dir, REPORT_FILE)?;
    serde_json::from_slice(&bytes).with_context(|| format!("the report in {}", dir.display()))
}

/// Writes a report as JSON and as text.
pub fn write_report(dir: &Path, report: &vitrine_evaluation::EvaluationReport) -> Result<()> {
    vitrine_durable::write(&dir.join(REPORT_FILE), &serde_json::to_vec_pretty(report)?)?;
    Ok(vitrine_durable::write(&dir.join(REPORT_TEXT_FILE), report.table().as_bytes())?)
}

impl Model {
    /// Writes the model to `dir`.
    pub fn save(&self, dir: &Path) -> Result<()> {
        self.trained.save(dir)?;
        if let Some(head) = &self.intent {
            intent::save(head, dir)?;
        }
        if let Some(stamp) = &self.encoded_by {
            vitrine_durable::write(&dir.join(ENCODER_FILE), &serde_json::to_vec(stamp)?)?;
        }
        let Some(teacher) = &self.teacher else { return Ok(()) };
        teacher.save(dir).with_context(|| format!("writing the teacher to {}", dir.display()))
    }

    /// Reads a published model. Without a readable teacher (that of an older Vitrine, say)
    /// or intent head it says so in the log.
    ///
    /// # Errors
    /// A file of the student is missing or damaged; the message says to train again.
    pub fn load(data_dir: &Path, version: ModelVersion) -> Result<Self> {
        let dir = folder(data_dir, version);
        let again = || format!("the model in {} cannot be read: train again", dir.display());
        let trained = TrainedModel::load(&dir).with_context(again)?;
        // A training in seconds, and one of a very small shop, fits none.
        let teacher = Teacher::is_in(&dir).then(|| Teacher::load(&dir));
        let teacher = teacher.transpose().unwrap_or_else(|error| {
            tracing::warn!("the teacher cannot be read until `vitrine train` is run: {error:#}");
            None
        });
        let intent = intent::load(&dir).unwrap_or_else(|error| {
            tracing::warn!("searches do without intents until `vitrine train` is run: {error:#}");
            None
        });
        let encoded_by = match dir.join(ENCODER_FILE).exists() {
            true => {
                let bytes = vitrine_durable::read(&dir, ENCODER_FILE).with_context(again)?;
                Some(serde_json::from_slice(&bytes).with_context(again)?)
            }
            false => None,
        };
        Ok(Self { teacher, trained, intent, encoded_by })
    }

    /// Whether it can make codes of a catalogue's texts.
    pub fn fits(&self, catalogue: &StoredCatalogue) -> bool {
        match (&self.encoded_by, &catalogue.encoded.by) {
            (Some(of_model), of_catalogue) => of_model.made(of_catalogue.as_ref()),
            (None, Some(of_catalogue)) => of_catalogue.made(None),
            (None, None) => true,
        }
    }

    /// Codes of a catalogue's cards, `[n, 64]`; new cards get theirs from the text.
    pub fn codes(&self, catalogue: &StoredCatalogue) -> Vec<i8> {
        let ids: Vec<ItemId> = catalogue.items.iter().map(|item| item.id).collect();
        self.trained.codes_for(&ids, &catalogue.vectors)
    }
}
