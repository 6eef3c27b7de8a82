//! Deciding about changes, in the order in which they become records.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::change::ProductChange;
use crate::commit::{Sequencer, check_size};
use crate::config::NowSeconds;
use crate::error::CatalogueError;
use crate::frame::RecordBatch;
use crate::judge::{Judge, Judgement};
use crate::limits;
use crate::repetition::{Answered, AnsweredRequest, IdempotencyKey};
use crate::state::{CatalogueState, ChangeOutcome, ProductState, apply_change};

/// Changes that came together.
#[derive(Clone, Debug, Default)]
pub struct ChangeRequest {
    /// At most [`limits::CHANGES_MAX`]; applied in their order.
    pub changes: Vec<ProductChange>,
    /// Marks the request as the same as an earlier one.
    pub key: Option<IdempotencyKey>,
}

/// The answer to a request, given when all of it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeReceipt {
    /// What became of each change, in their order.
    pub outcomes: Vec<ChangeOutcome>,
    /// Whether it had been answered before, and these are the outcomes of then.
    pub is_repetition: bool,
    /// Number of a record from which on all of the request is in the log. A reader that
    /// has followed [`crate::ChangeLog::changed_since`] up to it shows the request.
    pub number: u64,
}

/// A record of the log. Kinds are added, never renamed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeRecord {
    Change(ProductChange),
    Answered(AnsweredRequest<ChangeOutcome>),
}

/// What is durable, as readers see it.
pub(crate) struct Committed {
    pub(crate) state: CatalogueState,
    pub(crate) answered: Answered<ChangeOutcome>,
    /// Number of the last record.
    pub(crate) number: u64,
}

pub(crate) struct Shared {
    committed: RwLock<Committed>,
    /// The number once more, to wait for.
    newest: Mutex<u64>,
    grew: Condvar,
}

impl Shared {
    pub(crate) fn new(committed: Committed) -> Self {
        let newest = Mutex::new(committed.number);
        Self { committed: RwLock::new(committed), newest, grew: Condvar::new() }
    }

    /// Waits until there is a record after `number`, and returns the number of the last.
    pub(crate) fn wait_past(&self, number: u64, timeout: Duration) -> u64 {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.grew.wait_timeout_while(newest, timeout, |now| *now <= number);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Committed> {
        self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides about changes on the writer's thread.
pub(crate) struct ChangeSequencer {
    shared: Arc<Shared>,
    judge: Judge,
    now_seconds: NowSeconds,
    /// Products as the batch leaves them.
    products: Touched,
    /// Requests of the batch.
    answered: Vec<AnsweredRequest<ChangeOutcome>>,
}

type Touched = HashMap<Arc<str>, Arc<ProductState>>;

impl ChangeSequencer {
    pub(crate) fn new(shared: Arc<Shared>, judge: Judge, now_seconds: NowSeconds) -> Self {
        Self { shared, judge, now_seconds, products: HashMap::new(), answered: Vec::new() }
    }

    /// The outcomes of a request that came before, also in this batch.
    fn repeated(
        &self,
        key: &IdempotencyKey,
        committed: &Committed,
        now_seconds: i64,
    ) -> Result<Option<Vec<ChangeOutcome>>, CatalogueError> {
        match AnsweredRequest::find(&self.answered, key)? {
            None => committed.answered.find(key, now_seconds),
            found => Ok(found),
        }
    }

    /// Decides about one change; `touched` is what the request has changed so far.
    fn decide(
        &self,
        mut change: ProductChange,
        committed: &Committed,
        touched: &mut Touched,
        batch: &mut RecordBatch,
    ) -> Result<ChangeOutcome, CatalogueError> {
        if let Err(error) = change.validate() {
            return Ok(ChangeOutcome::Invalid(error.to_string()));
        }
        let before = touched
            .get(&*change.sku)
            .or_else(|| self.products.get(&*change.sku))
            .or_else(|| committed.state.get(&change.sku))
            .map(Arc::as_ref);
        let (after, outcome) = apply_change(before, &change);
        let Some(after) = after else { return Ok(outcome) };
        let n_products = committed.state.len() + self.products.len() + touched.len();
        if before.is_none() && n_products >= limits::PRODUCTS_MAX {
            let reason = format!("there are {} products already", limits::PRODUCTS_MAX);
            return Ok(ChangeOutcome::Invalid(reason));
        }
        match (self.judge)(&change, before) {
            Judgement::Accept => {}
            Judgement::Quarantine(reason) => return Ok(ChangeOutcome::Quarantined(reason)),
            Judgement::Refuse(reason) => return Ok(ChangeOutcome::Invalid(reason)),
        }
        change.revision.get_or_insert(after.revision());
        let number = batch.push(&ChangeRecord::Change(change))?;
        touched.insert(Arc::clone(&after.sku), Arc::new(after.numbered(number)));
        Ok(outcome)
    }
}

impl Sequencer for ChangeSequencer {
    type Request = ChangeRequest;
    type Receipt = ChangeReceipt;

    fn stage(
        &mut self,
        request: ChangeRequest,
        batch: &mut RecordBatch,
    ) -> Result<ChangeReceipt, CatalogueError> {
        if request.changes.len() > limits::CHANGES_MAX {
            return Err(CatalogueError::TooManyChanges);
        }
        let shared = Arc::clone(&self.shared);
        let committed = shared.read();
        let now_seconds = (self.now_seconds)();
        if let Some(key) = &request.key
            && let Some(outcomes) = self.repeated(key, &committed, now_seconds)?
        {
            return Ok(ChangeReceipt { outcomes, is_repetition: true, number: batch.last() });
        }
        let (mark, mut touched) = (batch.mark(), Touched::new());
        let mut outcomes = Vec::with_capacity(request.changes.len());
        for change in request.changes {
            outcomes.push(self.decide(change, &committed, &mut touched, batch)?);
            check_size(batch, mark)?;
        }
        if let Some(key) = request.key {
            let answered = AnsweredRequest::new(key, now_seconds, &outcomes);
            batch.push(&ChangeRecord::Answered(answered.clone()))?;
            self.answered.push(answered);
        }
        self.products.extend(touched);
        Ok(ChangeReceipt { outcomes, is_repetition: false, number: batch.last() })
    }

    fn publish(&mut self, number: u64) {
        let now_seconds = (self.now_seconds)();
        {
            let committed = self.shared.committed.write();
            let mut committed = committed.unwrap_or_else(PoisonError::into_inner);
            self.products.drain().for_each(|(_, product)| committed.state.put(product));
            for request in self.answered.drain(..) {
                committed.answered.remember(request, now_seconds);
            }
            committed.number = number;
        }
        *self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner) = number;
        self.shared.grew.notify_all();
    }

    fn discard(&mut self) {
        self.products.clear();
        self.answered.clear();
    }
}
