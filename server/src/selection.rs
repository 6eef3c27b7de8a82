//! Which of the rankers that a training made is published: each is measured as it would
//! ship and held against what is served, the best first; the first that passes the gate
//! is published.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use vitrine_domain::ItemId;
use vitrine_durable::FileSystem;
use vitrine_encoder::intent::IntentHead;
use vitrine_evaluation::{EvaluationReport, Gate, GateCheck, Segment};
use vitrine_publish::{ModelInput, Prepared, Snapshot, Store, prepare_model, publish_model};
use vitrine_training::teacher::Teacher;
use vitrine_training::{PreparedData, TrainedModel};

use crate::catalogue::StoredCatalogue;
use crate::measure::{Measured, STUDENT_INT8, measure};
use crate::model::{self, Model};
use crate::retention;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingVerdict {
    /// A model is public.
    Published,
    /// The gate refused every one.
    Refused,
}

/// What rankers are measured on.
pub struct Selection<'a> {
    pub settings: &'a ServerSettings,
    pub store: &'a Store,
    pub catalogue: &'a StoredCatalogue,
    /// The shop's log.
    pub data: &'a PreparedData<'a>,
    pub teacher: Option<&'a Teacher>,
    /// What queries are after, if that was learned.
    pub intent: Option<&'a IntentHead>,
    /// Of so many places of a feed, one is kept for a card without a past.
    pub explore_every: Option<u16>,
    pub seed: u64,
    pub stop: &'a Stop,
}

/// A ranker, measured.
struct Measurement {
    name: &'static str,
    model: TrainedModel,
    prepared: Prepared,
    report: EvaluationReport,
}

impl Selection<'_> {
    /// Measures the candidates in their order until one passes the gate, and publishes it.
    /// Where none does and the shop has no model, the best of them is published if it is
    /// significantly better than popularity: a shop is better off with it.
    ///
    /// # Errors
    /// When nobody bought anything in the window, or the disk refuses.
    pub fn publish(
        &self,
        candidates: [(&'static str, TrainedModel); 2],
    ) -> Result<TrainingVerdict> {
        let mut refused = Vec::new();
        for (name, model) in candidates {
            let measurement = self.measure(name, model)?;
            tracing::info!("measured: {name}\n{}", measurement.report.table());
            if measurement.report.gate.passed {
                return self.ship(measurement);
            }
            refused.push(measurement);
        }
        if let Some(measurement) = self.better_than_popularity(&mut refused) {
            return self.ship(measurement);
        }
        self.keep_report(refused)
    }

    fn measure(&self, name: &'static str, model: TrainedModel) -> Result<Measurement> {
        let ids: Vec<ItemId> = self.catalogue.items.iter().map(|item| item.id).collect();
        let payload = model.packed.to_bytes();
        let codes = model.codes_for(&ids, &self.catalogue.vectors);
        let input = ModelInput {
            payload: &payload,
            base: model.base,
            ids: &ids,
            codes: &codes,
            explore_every: self.explore_every,
        };
        let prepared = prepare_model(self.store, &input)?;
        tracing::info!("measuring the bytes that would be shipped");
        let report = measure(Measured {
            data: self.data,
            teacher: self.teacher,
            before: self.before()?,
            weights_f32: &model.weights,
            snapshot: Snapshot::of_prepared(self.store, &prepared)?,
            seed: self.seed,
            stop: self.stop,
            in_full: false,
        })?;
        Ok(Measurement { name, model, prepared, report })
    }

    /// What is public, if there is a model in it.
    fn before(&self) -> Result<Option<Snapshot>> {
        let snapshot = Snapshot::load(self.store)?;
        Ok(snapshot.manifest.model.is_some().then_some(snapshot))
    }

    /// The best of those that the gate refused, under the one condition that is left.
    fn better_than_popularity(&self, refused: &mut Vec<Measurement>) -> Option<Measurement> {
        let is_first = self.store.current().ok()?.is_some_and(|current| current.model.is_none());
        let best = (0..refused.len()).filter(|_| is_first).max_by(|a, b| {
            let mean = |i: &usize| against_popularity(&refused[*i].report).estimate.mean;
            mean(a).total_cmp(&mean(b))
        })?;
        let check = against_popularity(&refused[best].report);
        if check.estimate.lower <= 0.0 {
            return None;
        }
        let mut measurement = refused.swap_remove(best);
        let condition = "significantly better than popularity, which is served, where no \
                         candidate passed (lower bound)";
        let check = GateCheck { condition: condition.to_owned(), passed: true, ..check };
        measurement.report.gate = Gate { passed: true, checks: vec![check] };
        Some(measurement)
    }

    fn ship(&self, measurement: Measurement) -> Result<TrainingVerdict> {
        let Measurement { name, model, prepared, mut report } = measurement;
        report.published = sentence(name, &report);
        let staging = retention::fresh(&model::staging(&self.settings.data_dir))?;
        let teacher = self.teacher.cloned();
        let intent = self.intent.cloned();
        let encoded_by = self.catalogue.encoded.by.clone();
        Model { teacher, trained: model, intent, encoded_by }.save(&staging)?;
        model::write_report(&staging, &report)?;
        let version = prepared.manifest.model.as_ref().context("a prepared model")?.version;
        let folder = model::folder(&self.settings.data_dir, version);
        if folder.exists() {
            // Left by a publish that ended between the rename and the commit.
            fs::remove_dir_all(&folder)?;
        }
        vitrine_durable::seal(&FileSystem, &staging)?;
        vitrine_durable::publish(&FileSystem, &staging, &folder)?;
        let published = publish_model(self.store, &prepared, &report.gate)?;
        retention::collect(&self.settings.data_dir, self.store);
        let bytes_to_fetch = published.bytes_to_fetch;
        tracing::info!(model = version.0, bytes_to_fetch, "{}", report.published);
        Ok(TrainingVerdict::Published)
    }

    /// Leaves the report of the first candidate, and says what failed.
    fn keep_report(&self, refused: Vec<Measurement>) -> Result<TrainingVerdict> {
        let folder = self.models().join("refused");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        if let Some(Measurement { mut report, .. }) = refused.into_iter().next() {
            let failed = report.gate.checks.iter().filter(|check| !check.passed);
            let failed: Vec<&str> = failed.map(|check| check.condition.as_str()).collect();
            report.published = format!(
                "Nothing was published, what was served before stays; not met: {}.",
                failed.join("; ")
            );
            tracing::warn!("{} The report is in {}.", report.published, folder.display());
            model::write_report(&folder, &report)?;
        }
        Ok(TrainingVerdict::Refused)
    }

    fn models(&self) -> PathBuf {
        self.settings.data_dir.join("models")
    }
}

/// How a candidate compares with popularity on all purchases.
fn against_popularity(report: &EvaluationReport) -> GateCheck {
    let check = report.gate.checks.first().expect("popularity is the first baseline");
    check.clone()
}

/// What was published, and why, for people who do not read tables.
fn sentence(name: &str, report: &EvaluationReport) -> String {
    let ndcg = |model: &str| {
        let model = report.models.iter().find(|found| found.name == model)?;
        let all = model.segments.iter().find(|row| row.segment == Segment::All)?;
        Some(all.ndcg_at_10.mean)
    };
    let baselines = ["popularity", "personal frequency", "item-knn, pairs of five"];
    let best = baselines
        .into_iter()
        .filter_map(|name| Some((name, ndcg(name)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let (baseline, counted) = best.unwrap_or(("popularity", 0.0));
    let served = ndcg(STUDENT_INT8).unwrap_or(0.0);
    format!(
        "Published: {name}, NDCG@10 {served:.3} on the last four weeks; {baseline}, the best \
         that counting gives, has {counted:.3}."
    )
}
