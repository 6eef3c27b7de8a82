//! Prometheus metrics. No label carries a query, an item or an address.

use std::time::Duration;

use anyhow::Result;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use std::sync::Arc;

use super::ask_model::AskOutcome;
use super::error::ApiError;
use super::state::AppState;

/// The counters of one server.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    catalogue_version: IntGauge,
    model_version: IntGauge,
    items: IntGauge,
    published_version: IntGauge,
    served_version: IntGauge,
    degraded: IntGauge,
    pushed: IntCounterVec,
    asked: IntCounterVec,
}

impl Metrics {
    /// Registers all metrics.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("vitrine_http_requests_total", "Requests by route and status"),
            &["route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("vitrine_http_request_seconds", "Time to answer, by route")
                .buckets(vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0]),
            &["route"],
        )?;
        let gauge = |name, help| -> Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let catalogue_version = gauge("vitrine_catalogue_version", "Served catalogue")?;
        let model_version = gauge("vitrine_model_version", "Served model; 0 = none")?;
        let items = gauge("vitrine_catalogue_items", "Cards of the served catalogue")?;
        let published_version =
            gauge("vitrine_published_version", "Number of the current manifest")?;
        let served_version = gauge("vitrine_served_version", "Number of the served manifest")?;
        let degraded = gauge(
            "vitrine_degraded",
            "1 while the current version is damaged and an older one is served",
        )?;
        let pushed = IntCounterVec::new(
            Opts::new("vitrine_pushed_lines_total", "Pushed lines by what they are and became"),
            &["kind", "outcome"],
        )?;
        let asked = IntCounterVec::new(
            Opts::new(
                "vitrine_language_model_questions_total",
                "Questions to the shop's language model by how they ended",
            ),
            &["outcome"],
        )?;
        registry.register(Box::new(pushed.clone()))?;
        registry.register(Box::new(asked.clone()))?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self {
            registry,
            requests,
            seconds,
            catalogue_version,
            model_version,
            items,
            published_version,
            served_version,
            degraded,
            pushed,
            asked,
        })
    }

    /// Counts one answered request.
    pub fn observe(&self, route: &str, status: u16, elapsed: Duration) {
        self.requests.with_label_values(&[route, &status.to_string()]).inc();
        self.seconds.with_label_values(&[route]).observe(elapsed.as_secs_f64());
    }

    /// Counts the lines of one push by what became of them.
    pub fn pushed<'o>(&self, kind: &str, outcomes: impl Iterator<Item = &'o str>) {
        outcomes.for_each(|outcome| self.pushed.with_label_values(&[kind, outcome]).inc());
    }

    /// Counts one question to the language model.
    pub fn asked(&self, outcome: AskOutcome) {
        self.asked.with_label_values(&[outcome.name()]).inc();
    }

    /// Notes which version is published, and which is served.
    pub fn versions(&self, published: u64, served: u64) {
        self.published_version.set(published.cast_signed());
        self.served_version.set(served.cast_signed());
        self.degraded.set(i64::from(published != served));
    }

    /// Notes how many items a revision has.
    pub fn revised(&self, n_items: u32) {
        self.items.set(n_items.into());
    }

    /// Notes what is served now.
    pub fn serving(&self, catalogue: u64, model: u64, n_items: u32) {
        self.catalogue_version.set(catalogue.cast_signed());
        self.model_version.set(model.cast_signed());
        self.items.set(n_items.into());
    }
}

/// `GET /metrics`.
pub async fn metrics(State(state): State<Arc<AppState>>) -> Result<Response, ApiError> {
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    encoder
        .encode(&state.metrics.registry.gather(), &mut text)
        .map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
