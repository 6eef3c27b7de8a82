//! The log of what was bought, which training reads.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::commit::{Committer, Sequencer, check_size};
use crate::config::{LogConfig, NowSeconds};
use crate::error::CatalogueError;
use crate::folder;
use crate::frame::RecordBatch;
use crate::limits;
use crate::order::{OrderLine, OrderOutcome, PushedOrderLine};
use crate::repetition::{Answered, AnsweredRequest, Digest, IdempotencyKey};
use crate::segments::{self, Segments};

/// Order lines that came together.
#[derive(Clone, Debug, Default)]
pub struct OrderRequest {
    /// At most [`limits::CHANGES_MAX`].
    pub lines: Vec<PushedOrderLine>,
    /// Marks the request as the same as an earlier one.
    pub key: Option<IdempotencyKey>,
}

/// The answer to a request, given when all of it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReceipt {
    /// What became of each line, in their order.
    pub outcomes: Vec<OrderOutcome>,
    /// Whether it had been answered before, and these are the outcomes of then.
    pub is_repetition: bool,
}

/// Turns an identifier of a person or an order into a pseudonym before it is written.
pub type Pseudonymise = Box<dyn Fn(&str) -> String + Send>;

/// A record of the log. Kinds are added, never renamed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrderRecord {
    Line(OrderLine),
    Answered(AnsweredRequest<OrderOutcome>),
}

/// The newest lines by their digest.
#[derive(Default)]
struct NewestLines {
    known: HashSet<Digest>,
    order: VecDeque<Digest>,
}

impl NewestLines {
    fn insert(&mut self, line: Digest) {
        if self.known.insert(line) {
            self.order.push_back(line);
        }
        if self.order.len() > limits::ORDER_LINES_REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// The durable log of a shop's orders. It is never compacted: training reads all of it.
pub struct OrderLog {
    number: Arc<RwLock<u64>>,
    committer: Committer<OrderSequencer>,
    _lock: File,
}

impl OrderLog {
    /// Opens the log of a folder, or makes it, and reads its newest
    /// [`limits::ORDER_LINES_REMEMBERED_MAX`] lines.
    ///
    /// # Errors
    /// [`CatalogueError::InUse`], [`CatalogueError::Damaged`],
    /// [`CatalogueError::UnknownRecord`], or the disk refuses.
    pub fn open(
        dir: &Path,
        config: LogConfig,
        pseudonymise: Pseudonymise,
    ) -> Result<Self, CatalogueError> {
        let lock = folder::open(dir, &*config.disk)?;
        let (mut newest, mut answered) = (NewestLines::default(), Answered::default());
        let mut replay = |path: &Path, number: u64, record: &[u8]| {
            match parse(path, number, record)? {
                OrderRecord::Line(line) => newest.insert(line.digest()),
                OrderRecord::Answered(request) => answered.restore(request),
            }
            Ok(())
        };
        let after = first_remembered(dir)?;
        let bytes_max = config.segment_bytes_max;
        let segments = Segments::open(dir, config.disk, bytes_max, after, &mut replay)?;
        let number = Arc::new(RwLock::new(segments.next() - 1));
        let sequencer = OrderSequencer {
            number: Arc::clone(&number),
            now_seconds: config.now_seconds,
            pseudonymise,
            newest,
            answered,
            staged: HashSet::new(),
            staged_answered: Vec::new(),
        };
        let committer = Committer::start("order-log", segments, sequencer)?;
        Ok(Self { number, committer, _lock: lock })
    }

    /// Takes the lines of a request, and waits until they are durable. An error means that
    /// nothing of it is known to be; the same request may be sent again.
    ///
    /// # Errors
    /// As [`crate::ChangeLog::submit`].
    pub fn submit(&self, request: OrderRequest) -> Result<OrderReceipt, CatalogueError> {
        self.committer.submit(request)
    }

    /// Number of the last durable record; 0 = none.
    pub fn number(&self) -> u64 {
        *self.number.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Number of a record from which on the newest lines come.
fn first_remembered(dir: &Path) -> Result<u64, CatalogueError> {
    let files = segments::list(dir)?;
    let Some(last) = files.last() else { return Ok(0) };
    let max = limits::ORDER_LINES_REMEMBERED_MAX as u64;
    let is_old = |file: &&segments::SegmentFile| last.first - file.first >= max;
    Ok(files.iter().rev().find(is_old).map_or(0, |file| file.first - 1))
}

/// The order line of a record, if it is one.
pub(crate) fn line_of(
    path: &Path,
    number: u64,
    record: &[u8],
) -> Result<Option<OrderLine>, CatalogueError> {
    match parse(path, number, record)? {
        OrderRecord::Line(line) => Ok(Some(line)),
        OrderRecord::Answered(_) => Ok(None),
    }
}

fn parse(path: &Path, number: u64, record: &[u8]) -> Result<OrderRecord, CatalogueError> {
    serde_json::from_slice(record).map_err(|source| CatalogueError::UnknownRecord {
        path: path.to_owned(),
        number,
        source,
    })
}

/// Decides about order lines on the writer's thread.
struct OrderSequencer {
    number: Arc<RwLock<u64>>,
    now_seconds: NowSeconds,
    pseudonymise: Pseudonymise,
    newest: NewestLines,
    answered: Answered<OrderOutcome>,
    /// Lines of the batch.
    staged: HashSet<Digest>,
    staged_answered: Vec<AnsweredRequest<OrderOutcome>>,
}

impl OrderSequencer {
    fn decide(
        &self,
        line: PushedOrderLine,
        now_seconds: i64,
        touched: &mut HashSet<Digest>,
        batch: &mut RecordBatch,
    ) -> Result<OrderOutcome, CatalogueError> {
        if let Err(error) = line.validate() {
            return Ok(OrderOutcome::Invalid(error.to_string()));
        }
        if line.time > now_seconds.saturating_add(limits::FUTURE_SECONDS_MAX) {
            return Ok(OrderOutcome::Invalid("time lies in the future".to_owned()));
        }
        let line = OrderLine {
            // An order and a customer of the same identifier do not get the same pseudonym.
            order: (self.pseudonymise)(&format!("order {}", line.order_id)),
            line: line.line,
            sku: line.sku,
            quantity: line.quantity,
            price: line.price,
            time: line.time,
            shopper: line.customer.as_deref().map(&self.pseudonymise),
        };
        let digest = line.digest();
        if self.newest.known.contains(&digest)
            || self.staged.contains(&digest)
            || touched.contains(&digest)
        {
            return Ok(OrderOutcome::Duplicate);
        }
        batch.push(&OrderRecord::Line(line))?;
        touched.insert(digest);
        Ok(OrderOutcome::Applied)
    }
}

impl Sequencer for OrderSequencer {
    type Request = OrderRequest;
    type Receipt = OrderReceipt;

    fn stage(
        &mut self,
        request: OrderRequest,
        batch: &mut RecordBatch,
    ) -> Result<OrderReceipt, CatalogueError> {
        if request.lines.len() > limits::CHANGES_MAX {
            return Err(CatalogueError::TooManyChanges);
        }
        let now_seconds = (self.now_seconds)();
        if let Some(key) = &request.key {
            let found = match AnsweredRequest::find(&self.staged_answered, key)? {
                None => self.answered.find(key, now_seconds)?,
                found => found,
            };
            if let Some(outcomes) = found {
                return Ok(OrderReceipt { outcomes, is_repetition: true });
            }
        }
        let (mark, mut touched) = (batch.mark(), HashSet::new());
        let mut outcomes = Vec::with_capacity(request.lines.len());
        for line in request.lines {
            outcomes.push(self.decide(line, now_seconds, &mut touched, batch)?);
            check_size(batch, mark)?;
        }
        if let Some(key) = request.key {
            let answered = AnsweredRequest::new(key, now_seconds, &outcomes);
            batch.push(&OrderRecord::Answered(answered.clone()))?;
            self.staged_answered.push(answered);
        }
        self.staged.extend(touched);
        Ok(OrderReceipt { outcomes, is_repetition: false })
    }

    fn publish(&mut self, number: u64) {
        let now_seconds = (self.now_seconds)();
        self.staged.drain().for_each(|line| self.newest.insert(line));
        for request in self.staged_answered.drain(..) {
            self.answered.remember(request, now_seconds);
        }
        *self.number.write().unwrap_or_else(PoisonError::into_inner) = number;
    }

    fn discard(&mut self) {
        self.staged.clear();
        self.staged_answered.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_begins_at_the_segment_that_has_the_newest_million_lines() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(first_remembered(dir.path()).unwrap(), 0);
        let mut after = Vec::new();
        for first in [1, 600_001, 1_200_001, 1_600_001, 2_300_001] {
            std::fs::write(dir.path().join(format!("{first:020}.log")), "").unwrap();
            after.push(first_remembered(dir.path()).unwrap());
        }
        assert_eq!(after, [0, 0, 0, 600_000, 1_200_000]);
    }
}
