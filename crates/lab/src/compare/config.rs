//! Models by name: which are parts of the teacher, what tables call them, what can be
//! configured.

use anyhow::{Result, ensure};
use serde::Deserialize;
use vitrine_training::next::graph::GraphConfig;
use vitrine_training::next::linear::LinearConfig;
use vitrine_training::next::sequence::SequenceConfig;
use vitrine_training::next::student::StudentConfig;
use vitrine_training::next::{ItemKnnConfig, RepeatConfig, ShopperKnnConfig, TifuKnnConfig};
use vitrine_training::teacher::parts::PartKind;

use crate::cli::ModelName;

/// Parts of the teacher, some only where time splits. Projected titles are none: what they add cannot be told from nothing.
pub const PARTS: [ModelName; 13] = [
    ModelName::PopRec,
    ModelName::RecentPop,
    ModelName::Frequency,
    ModelName::FadedFrequency,
    ModelName::ShopperKnn,
    ModelName::Repeat,
    ModelName::ItemKnn,
    ModelName::Titles,
    ModelName::PureSvd,
    ModelName::Ease,
    ModelName::Transition,
    ModelName::Graph,
    ModelName::Sequence,
];

/// The kind of part that a model is, if it can be one of a shop's teacher.
pub fn kind(name: ModelName) -> Option<PartKind> {
    Some(match name {
        ModelName::PopRec => PartKind::PopRec,
        ModelName::RecentPop => PartKind::RecentPop,
        ModelName::Frequency => PartKind::Frequency,
        ModelName::FadedFrequency => PartKind::FadedFrequency,
        ModelName::ShopperKnn => PartKind::ShopperKnn,
        ModelName::TifuKnn => PartKind::TifuKnn,
        ModelName::Repeat => PartKind::Repeat,
        ModelName::Features => PartKind::Features,
        ModelName::ItemKnn => PartKind::ItemKnn,
        ModelName::Titles => PartKind::Titles,
        ModelName::PureSvd => PartKind::PureSvd,
        ModelName::Ease => PartKind::Ease,
        ModelName::LocalEase => PartKind::LocalEase,
        ModelName::Transition => PartKind::Transition,
        ModelName::PopRecLeaking
        | ModelName::ItemKnnTitles
        | ModelName::Graph
        | ModelName::Smoothed
        | ModelName::Projection
        | ModelName::Sequence
        | ModelName::Teacher
        | ModelName::Student => return None,
    })
}

/// Name in tables.
pub fn title(name: ModelName) -> &'static str {
    if let Some(kind) = kind(name) {
        return kind.title();
    }
    match name {
        ModelName::PopRecLeaking => "PopRec, LEAKING (counted with the answers)",
        ModelName::ItemKnnTitles => "ItemKNN + titles",
        ModelName::Graph => "graph embedding",
        ModelName::Smoothed => "smoothed titles",
        ModelName::Projection => "projected titles",
        ModelName::Sequence => "sequence transformer",
        ModelName::Teacher => "teacher",
        ModelName::Student => "student, as served",
        _ => "a part of the teacher",
    }
}

/// What can be configured.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The transformer.
    pub sequence: SequenceConfig,
    /// Co-occurrence.
    pub item_knn: ItemKnnConfig,
    /// Similar shoppers.
    pub shopper_knn: ShopperKnnConfig,
    /// Nearest shoppers by personal frequency.
    pub tifu_knn: TifuKnnConfig,
    /// EASE and transitions.
    pub linear: LinearConfig,
    /// What is bought again.
    pub repeat: RepeatConfig,
    /// The graph embedding.
    pub graph: GraphConfig,
    /// The projection of the texts: a graph embedding without graph and residuals.
    pub projection: ProjectionConfig,
    /// What is distilled.
    pub student: StudentConfig,
}

impl ModelConfig {
    /// Refuses sizes that nothing can be made of.
    ///
    /// # Errors
    /// Names the setting.
    pub fn check(&self) -> Result<()> {
        let sizes = [
            ("sequence.width", self.sequence.width),
            ("sequence.head_dim", self.sequence.head_dim),
            ("sequence.batch", self.sequence.batch),
            ("sequence.length_max", self.sequence.length_max),
            ("graph.width", self.graph.width),
            ("graph.batch", self.graph.batch),
            ("repeat.batch", self.repeat.batch),
            ("projection.width", self.projection.width),
            ("student.encoder.batch", self.student.encoder.batch),
        ];
        for (name, size) in sizes {
            ensure!(size > 0, "--configure: {name} must be at least 1");
        }
        let (width, head_dim) = (self.sequence.width, self.sequence.head_dim);
        ensure!(
            width.is_multiple_of(head_dim),
            "--configure: sequence.width ({width}) must be a multiple of sequence.head_dim \
             ({head_dim})"
        );
        Ok(())
    }
}

/// What can be configured of the projection.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectionConfig {
    /// Numbers of a projected text.
    pub width: usize,
    /// Passes.
    pub n_passes: usize,
    /// Learning rate at first.
    pub rate: f32,
}

impl Default for ProjectionConfig {
    fn default() -> Self {
        Self { width: 128, n_passes: 6, rate: 3e-3 }
    }
}

impl From<ProjectionConfig> for GraphConfig {
    fn from(ProjectionConfig { width, n_passes, rate }: ProjectionConfig) -> Self {
        Self { width, n_passes, rate, n_layers: 0, has_residuals: false, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_nothing_can_be_made_of_are_named() {
        let checked = |json: &str| serde_json::from_str::<ModelConfig>(json).expect("JSON").check();
        assert!(checked("{}").is_ok());
        for (json, named) in [
            (r#"{"graph": {"batch": 0}}"#, "graph.batch"),
            (r#"{"repeat": {"batch": 0}}"#, "repeat.batch"),
            (r#"{"sequence": {"width": 33}}"#, "sequence.head_dim"),
        ] {
            let refused = checked(json).expect_err(json).to_string();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
