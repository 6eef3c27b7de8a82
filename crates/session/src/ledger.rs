//! The only way out: every request of a session is one of [`Request`], and
//! every one is written down for the shopper to read.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use vitrine_domain::{ContentHash, Query};
use vitrine_wire::ModelQuestion;

use crate::{Clock, Response, SessionError, Transport};

/// Entries kept; the oldest go first.
pub const LEDGER_ENTRIES_MAX: usize = 2_000;

/// All that a session can ever send. There is no other request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `GET /v1/manifest`.
    Manifest,
    /// `GET /v1/shards/{hash}`.
    Shard(ContentHash),
    /// `GET /v1/pictures/{hash}`: a larger picture, by the hash of its thumbnail. It is sent
    /// when the shopper says so, or in a shop whose [`PictureMode`](vitrine_domain::PictureMode)
    /// is open.
    Picture(ContentHash),
    /// `POST /v1/search`: text, filters and paging.
    Search(Query),
    /// `POST /v1/ask/model`: a question about a card, for the shop's own language model. It is sent
    /// when the shopper has allowed it and the shop offers it.
    AskModel(ModelQuestion),
}

impl Request {
    /// The path it goes to.
    pub fn path(&self) -> String {
        match self {
            Self::Manifest => "/v1/manifest".to_owned(),
            Self::Shard(hash) => format!("/v1/shards/{hash}"),
            Self::Picture(small) => format!("/v1/pictures/{small}"),
            Self::Search(_) => "/v1/search".to_owned(),
            Self::AskModel(_) => "/v1/ask/model".to_owned(),
        }
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Manifest => Purpose::Manifest,
            Self::Shard(_) => Purpose::Shard,
            Self::Picture(_) => Purpose::Picture,
            Self::Search(_) => Purpose::Search,
            Self::AskModel(_) => Purpose::AskModel,
        }
    }
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Which versions the shop has.
    Manifest,
    /// A part of the catalogue or the model.
    Shard,
    /// A larger picture of one product.
    Picture,
    /// A search that the shopper typed.
    Search,
    /// A question about a product for the shop's language model, which the shopper typed.
    AskModel,
}

/// One request, as it was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// "GET" or "POST".
    pub method: String,
    /// Absolute path.
    pub path: String,
    /// What it was for.
    pub purpose: Purpose,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Size of the request's body.
    pub bytes_sent: u64,
    /// Size of the answer's body: as it crossed the network where the platform
    /// says, else decoded.
    pub bytes_received: u64,
    /// HTTP status; `None` when no answer arrived.
    pub status: Option<u16>,
    /// The body as it was sent. Shown to the shopper, never stored.
    #[serde(skip)]
    pub body: Option<String>,
}

/// Wraps the transport and writes every request down.
pub struct Ledger {
    transport: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    entries: RefCell<Vec<LedgerEntry>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("n_entries", &self.entries.borrow().len()).finish()
    }
}

impl Ledger {
    /// A ledger that starts with what an earlier visit wrote down.
    pub fn new(
        transport: Rc<dyn Transport>,
        clock: Rc<dyn Clock>,
        earlier: Vec<LedgerEntry>,
    ) -> Self {
        Self { transport, clock, entries: RefCell::new(earlier) }
    }

    /// Sends a request and writes it down, answered or not. Returns the answer
    /// and the entry.
    ///
    /// # Errors
    /// When the request cannot be written as JSON. That no answer arrived is in
    /// the inner result.
    pub async fn send(
        &self,
        request: &Request,
    ) -> Result<(Result<Response, SessionError>, LedgerEntry), SessionError> {
        let path = request.path();
        let at_ms = self.clock.now_ms();
        let (method, body) = match request {
            Request::Manifest | Request::Shard(_) | Request::Picture(_) => ("GET", None),
            Request::Search(query) => ("POST", Some(serde_json::to_string(query)?)),
            Request::AskModel(question) => ("POST", Some(serde_json::to_string(question)?)),
        };
        let answer = match &body {
            None => self.transport.get(&path).await,
            Some(body) => self.transport.post_json(&path, body).await,
        };
        let received = |r: &Response| r.bytes_on_wire.unwrap_or(r.body.len() as u64);
        let entry = LedgerEntry {
            method: method.to_owned(),
            path,
            purpose: request.purpose(),
            at_ms,
            bytes_sent: body.as_ref().map_or(0, |body| body.len() as u64),
            bytes_received: answer.as_ref().map_or(0, received),
            status: answer.as_ref().ok().map(|r| r.status),
            body,
        };
        let mut entries = self.entries.borrow_mut();
        if entries.len() >= LEDGER_ENTRIES_MAX {
            let surplus = entries.len() + 1 - LEDGER_ENTRIES_MAX;
            entries.drain(..surplus);
        }
        entries.push(entry.clone());
        Ok((answer.map_err(SessionError::from), entry))
    }

    /// All requests, oldest first.
    pub fn entries(&self) -> Vec<LedgerEntry> {
        self.entries.borrow().clone()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.entries.borrow_mut().clear();
    }
}
