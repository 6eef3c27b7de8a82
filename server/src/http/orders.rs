//! `POST /v1/orders`: lines of orders. Neither customer nor order is written as it was sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use vitrine_catalogue::{ChangeError, OrderLine, OrderLog, PushedOrderLine};

use super::error::ApiError;
use super::lines::{self, LinesReply, PushableLine};
use super::push::InvalidLine;
use super::state::AppState;
use crate::keys::KeyScope;
use crate::pushed::Pushed;

/// What an answer calls an order line by.
#[derive(Debug, Serialize)]
pub struct NamedOrder {
    /// The order, as far as the line says it.
    pub order_id: Option<String>,
    /// The product, as far as the line says it.
    pub sku: Option<String>,
}

/// Takes lines of orders.
pub async fn push_orders(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<LinesReply<NamedOrder>>, ApiError> {
    lines::take::<OrderLine>(state, request).await
}

impl PushableLine for OrderLine {
    type Named = NamedOrder;
    const SCOPE: KeyScope = KeyScope::OrdersWrite;
    const KIND: &'static str = "order_line";

    fn from_line(line: &[u8]) -> Result<PushedOrderLine, ChangeError> {
        PushedOrderLine::from_line(line)
    }

    fn named(line: &PushedOrderLine) -> NamedOrder {
        NamedOrder { order_id: Some(line.order_id.clone()), sku: Some(line.sku.clone()) }
    }

    fn named_invalid(line: &InvalidLine) -> NamedOrder {
        NamedOrder { order_id: line.text("order_id"), sku: line.text("sku") }
    }

    fn log(pushed: &Pushed) -> &OrderLog {
        &pushed.orders
    }
}
