//! A server in memory that serves the small shop.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use vitrine_domain::{CandidateSource, CatalogueVersion, ItemId, ModelVersion, Query};
use vitrine_session::{Response, Transport, TransportError};
use vitrine_wire::{Contribution, SearchHit, SearchReply, encode_search_reply};

use crate::shop::{Published, Shop, category, department};

/// How a server misbehaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fault {
    #[default]
    None,
    /// Does not answer.
    Down,
    /// Answers this many requests, then none.
    DownAfter(usize),
    /// Flips a byte of the last shard.
    Corrupt,
    /// Answers everything with a status and no readable body.
    Status(u16),
    /// Answers everything with rubbish.
    Rubbish,
}

/// Serves a published shop in memory and remembers every request.
pub struct FakeServer {
    pub published: RefCell<Published>,
    pub fault: RefCell<Fault>,
    /// (method, path, body) in the order of arrival.
    pub requests: RefCell<Vec<(String, String, String)>>,
    /// Whether the platform asks to save data.
    pub saves_data: Cell<bool>,
    n_answered: Cell<usize>,
}

impl FakeServer {
    pub fn new(shop: &Shop) -> Rc<Self> {
        Rc::new(Self {
            published: RefCell::new(shop.publish()),
            fault: RefCell::default(),
            requests: RefCell::default(),
            saves_data: Cell::new(false),
            n_answered: Cell::new(0),
        })
    }

    pub fn publish(&self, shop: &Shop) {
        *self.published.borrow_mut() = shop.publish();
    }

    pub fn set_fault(&self, fault: Fault) {
        self.n_answered.set(0);
        *self.fault.borrow_mut() = fault;
    }

    /// Paths asked for since the last call.
    pub fn take_paths(&self) -> Vec<String> {
        self.requests.take().into_iter().map(|(_, path, _)| path).collect()
    }

    async fn answer(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        // Requests take a while: others get their turn.
        Yield(false).await;
        let method = if body.is_empty() { "GET" } else { "POST" };
        self.requests.borrow_mut().push((method.into(), path.into(), body.into()));
        let fault = self.fault.borrow().clone();
        let answered = self.n_answered.get();
        self.n_answered.set(answered + 1);
        let down = || TransportError { path: path.into(), reason: "connection refused".into() };
        match fault {
            Fault::Down => return Err(down()),
            Fault::DownAfter(n) if answered >= n => return Err(down()),
            Fault::Status(status) => return Ok(Response { status, ..Response::default() }),
            Fault::Rubbish => return Ok(ok(b"<html>captive portal</html>".to_vec())),
            _ => {}
        }
        let published = self.published.borrow();
        if path == "/v1/search" {
            return Ok(ok(search(&published.shop, body)));
        }
        let Some(bytes) = published.bodies.get(path) else {
            return Ok(Response { status: 404, ..Response::default() });
        };
        let mut bytes = bytes.clone();
        let is_last = published.shard_paths().last().is_some_and(|last| last == path);
        if fault == Fault::Corrupt && is_last {
            bytes[20] ^= 1;
        }
        Ok(ok(bytes))
    }
}

fn ok(body: Vec<u8>) -> Response {
    Response { status: 200, body, bytes_on_wire: None }
}

#[async_trait(?Send)]
impl Transport for FakeServer {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        self.answer(path, "").await
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        self.answer(path, body).await
    }

    fn saves_data(&self) -> bool {
        self.saves_data.get()
    }
}

/// Products whose title holds the text, by popularity.
fn search(shop: &Shop, body: &str) -> Vec<u8> {
    let query: Query = serde_json::from_str(body).expect("a search of the wire's type");
    let found: Vec<ItemId> = shop
        .by_popularity()
        .into_iter()
        .filter(|id| shop.product(*id).title.contains(&query.text))
        .collect();
    // Every second product says that it is free of whatever is asked.
    let says_so =
        |id: &ItemId| shop.products.iter().position(|p| p.id == *id).is_some_and(|i| i % 2 == 0);
    let mut found = found;
    if !query.filters.free_of.is_empty() {
        found.sort_by_key(|id| !says_so(id));
    }
    let page = found.iter().skip(query.page.offset as usize).take(query.page.limit as usize);
    let hit = |id: &ItemId| {
        let product = shop.product(*id);
        SearchHit {
            item: *id,
            score: 1.0,
            sources: vec![CandidateSource::Lexical],
            title: product.title.clone(),
            department: department(product.department),
            category: category(product.category),
            brand: "Acme".into(),
            size: "1 lb".into(),
            price_minor: product.price_minor,
            availability: Default::default(),
            n_buyers: product.n_buyers,
            n_buyers_recent: 0,
            picture: 3,
            code: shop.model.map_or_else(Vec::new, |_| product.code.to_vec()),
            unconfirmed: if says_so(id) { Vec::new() } else { query.filters.free_of.clone() },
            explanation: match query.explain {
                true => {
                    vec![Contribution { signal: "title".into(), value: 2.0, contribution: 1.0 }]
                }
                false => Vec::new(),
            },
        }
    };
    let hits: Vec<SearchHit> = page.map(hit).collect();
    let carried = shop.cards_for_rules.iter().filter(|id| hits.iter().all(|hit| hit.item != **id));
    let carried = (!shop.cards_for_rules.is_empty()).then(|| carried.map(hit).collect());
    let reply = SearchReply {
        catalogue: CatalogueVersion(shop.catalogue),
        model: shop.model.map(ModelVersion),
        query_code: shop.model.map_or_else(Vec::new, |_| vec![0; 64]),
        n_total: found.len() as u32,
        hits,
        cards_for_rules: carried,
        ..SearchReply::default()
    };
    encode_search_reply(&reply).expect("a valid reply")
}

/// Lets whatever else there is go on first.
#[derive(Default)]
pub struct Yield(pub bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
