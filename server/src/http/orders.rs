//! `POST /v1/orders`: lines of orders. Neither customer nor order is written as it was sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use vitrine_catalogue::{OrderOutcome, OrderReceipt, OrderRequest, PushedOrderLine};

use super::error::ApiError;
use super::push::{self, InvalidLine, ParsedPush};
use super::state::AppState;
use crate::keys::KeyScope;

/// The answer, given when all that was applied is on the disk.
#[derive(Debug, Serialize)]
pub struct OrdersReply {
    /// Whether the request had come before, and these are the outcomes of then.
    pub is_repetition: bool,
    /// Lines that were applied.
    pub n_applied: usize,
    /// What became of each line, in their order.
    pub results: Vec<OrderResult>,
}

/// What became of one line.
#[derive(Debug, Serialize)]
pub struct OrderResult {
    /// Its number in the body, from 1.
    pub line: usize,
    /// The order, as far as the line says it.
    pub order_id: Option<String>,
    /// The product, as far as the line says it.
    pub sku: Option<String>,
    /// What became of it, and why where it was not applied.
    #[serde(flatten)]
    pub outcome: OrderOutcome,
}

/// Line, order and product; what became of it where the log need not be asked.
struct Asked {
    line: usize,
    order_id: Option<String>,
    sku: Option<String>,
    outcome: Option<OrderOutcome>,
}

/// Takes lines of orders.
pub async fn push_orders(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<OrdersReply>, ApiError> {
    let push = push::receive(&state, KeyScope::OrdersWrite, request).await?;
    push::in_time(&state, async {
        let parsed = push::parse(&state, push, PushedOrderLine::from_line).await?;
        let state = Arc::clone(&state);
        push::blocking(move || apply(&state, parsed)).await
    })
    .await
    .map(Json)
}

/// Hands the lines to the log and waits for the disk.
fn apply(state: &AppState, push: ParsedPush<PushedOrderLine>) -> Result<OrdersReply, ApiError> {
    let mut lines = Vec::with_capacity(push.lines.len());
    let mut asked = Vec::with_capacity(push.lines.len());
    for line in push.lines {
        asked.push(match &line.read {
            Ok(order) => valid(line.number, order),
            Err(invalid) => refused(line.number, invalid),
        });
        lines.extend(line.read.ok());
    }
    let receipt = state.pushed()?.orders.submit(OrderRequest { lines, key: push.key })?;
    drop(push.place);
    let reply = reply(asked, receipt)?;
    let repeated = reply.is_repetition.then_some("repeated");
    let names = reply.results.iter().map(|result| repeated.unwrap_or(name(&result.outcome)));
    state.metrics.pushed("order_line", names);
    Ok(reply)
}

fn valid(line: usize, order: &PushedOrderLine) -> Asked {
    let (order_id, sku) = (Some(order.order_id.clone()), Some(order.sku.clone()));
    Asked { line, order_id, sku, outcome: None }
}

fn refused(line: usize, invalid: &InvalidLine) -> Asked {
    let (order_id, sku) = (invalid.text("order_id"), invalid.text("sku"));
    Asked { line, order_id, sku, outcome: Some(OrderOutcome::Invalid(invalid.reason.clone())) }
}

/// Puts the outcomes of the log in the places of the lines that it was asked about.
fn reply(asked: Vec<Asked>, receipt: OrderReceipt) -> Result<OrdersReply, ApiError> {
    let mut outcomes = receipt.outcomes.into_iter();
    let result = |asked: Asked| {
        let outcome = asked.outcome.or_else(|| outcomes.next())?;
        let Asked { line, order_id, sku, .. } = asked;
        Some(OrderResult { line, order_id, sku, outcome })
    };
    // Another version may have read fewer lines of the same body.
    let results: Option<Vec<_>> = asked.into_iter().map(result).collect();
    let results = results.ok_or(ApiError::KeyReused)?;
    Ok(OrdersReply {
        is_repetition: receipt.is_repetition,
        n_applied: results.iter().filter(|r| r.outcome == OrderOutcome::Applied).count(),
        results,
    })
}

/// As the answer writes it.
fn name(outcome: &OrderOutcome) -> &'static str {
    match outcome {
        OrderOutcome::Applied => "applied",
        OrderOutcome::Duplicate => "duplicate",
        OrderOutcome::Invalid(_) => "invalid",
    }
}
