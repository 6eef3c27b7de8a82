//! Logs of lines: what was bought, what buyers wrote.

use std::collections::{HashMap, VecDeque};
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
use crate::log_line::{LineDigest, LineOutcome, LogLine, Pseudonymise};
use crate::repetition::{Answered, AnsweredRequest, IdempotencyKey};
use crate::segments::{self, Segments};

/// Lines that came together.
#[derive(Clone, Debug)]
pub struct LineRequest<P> {
    /// At most [`limits::CHANGES_MAX`].
    pub lines: Vec<P>,
    /// Marks the request as the same as an earlier one.
    pub key: Option<IdempotencyKey>,
}

/// The answer to a request, given when all of it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineReceipt {
    /// What became of each line, in their order.
    pub outcomes: Vec<LineOutcome>,
    /// Whether it had been answered before, and these are the outcomes of then.
    pub is_repetition: bool,
}

/// A record of the log. Kinds are added, never renamed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", bound = "L: LogLine")]
enum LineRecord<L> {
    Line(L),
    Answered(AnsweredRequest<LineOutcome>),
}

/// The newest lines by their digest, with what they say.
struct NewestLines<L: LogLine> {
    known: HashMap<LineDigest, L::Content>,
    order: VecDeque<LineDigest>,
}

impl<L: LogLine> NewestLines<L> {
    fn insert(&mut self, line: LineDigest, content: L::Content) {
        if self.known.insert(line, content).is_none() {
            self.order.push_back(line);
        }
        if self.order.len() > L::REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// The durable log of one kind of line.
pub struct LineLog<L: LogLine> {
    number: Arc<RwLock<u64>>,
    committer: Committer<LineSequencer<L>>,
    _lock: File,
}

impl<L: LogLine> LineLog<L> {
    /// Opens the log of a folder, or makes it, and reads its newest
    /// [`LogLine::REMEMBERED_MAX`] lines.
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
        let mut newest = NewestLines::<L> { known: HashMap::new(), order: VecDeque::new() };
        let mut answered = Answered::default();
        let mut replay = |path: &Path, number: u64, record: &[u8]| {
            match parse::<L>(path, number, record)? {
                LineRecord::Line(line) => newest.insert(line.digest(), line.content()),
                LineRecord::Answered(request) => answered.restore(request),
            }
            Ok(())
        };
        let after = first_remembered(dir, L::REMEMBERED_MAX)?;
        let bytes_max = config.segment_bytes_max;
        let segments = Segments::open(dir, config.disk, bytes_max, after, &mut replay)?;
        let number = Arc::new(RwLock::new(segments.next() - 1));
        let sequencer = LineSequencer {
            number: Arc::clone(&number),
            now_seconds: config.now_seconds,
            pseudonymise,
            newest,
            answered,
            staged: HashMap::new(),
            staged_answered: Vec::new(),
        };
        let committer = Committer::start(L::WRITER, segments, sequencer)?;
        Ok(Self { number, committer, _lock: lock })
    }

    /// Takes the lines of a request, and waits until they are durable. An error means that
    /// nothing of it is known to be; the same request may be sent again.
    ///
    /// # Errors
    /// As [`crate::ChangeLog::submit`].
    pub fn submit(&self, request: LineRequest<L::Pushed>) -> Result<LineReceipt, CatalogueError> {
        self.committer.submit(request)
    }

    /// Number of the last durable record; 0 = none.
    pub fn number(&self) -> u64 {
        *self.number.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Number of a record from which on the newest lines come.
fn first_remembered(dir: &Path, n_remembered: usize) -> Result<u64, CatalogueError> {
    let files = segments::list(dir)?;
    let Some(last) = files.last() else { return Ok(0) };
    let max = n_remembered as u64;
    let is_old = |file: &&segments::SegmentFile| last.first - file.first >= max;
    Ok(files.iter().rev().find(is_old).map_or(0, |file| file.first - 1))
}

/// The line of a record, if it has one.
pub(crate) fn line_of<L: LogLine>(
    path: &Path,
    number: u64,
    record: &[u8],
) -> Result<Option<L>, CatalogueError> {
    match parse(path, number, record)? {
        LineRecord::Line(line) => Ok(Some(line)),
        LineRecord::Answered(_) => Ok(None),
    }
}

fn parse<L: LogLine>(
    path: &Path,
    number: u64,
    record: &[u8],
) -> Result<LineRecord<L>, CatalogueError> {
    serde_json::from_slice(record).map_err(|source| CatalogueError::UnknownRecord {
        path: path.to_owned(),
        number,
        source,
    })
}

/// Decides about lines on the writer's thread.
struct LineSequencer<L: LogLine> {
    number: Arc<RwLock<u64>>,
    now_seconds: NowSeconds,
    pseudonymise: Pseudonymise,
    newest: NewestLines<L>,
    answered: Answered<LineOutcome>,
    /// Lines of the batch.
    staged: HashMap<LineDigest, L::Content>,
    staged_answered: Vec<AnsweredRequest<LineOutcome>>,
}

impl<L: LogLine> LineSequencer<L> {
    fn decide(
        &self,
        pushed: L::Pushed,
        now_seconds: i64,
        touched: &mut HashMap<LineDigest, L::Content>,
        batch: &mut RecordBatch,
    ) -> Result<LineOutcome, CatalogueError> {
        if let Err(error) = L::validate(&pushed) {
            return Ok(LineOutcome::Invalid(error.to_string()));
        }
        let future = now_seconds.saturating_add(limits::FUTURE_SECONDS_MAX);
        if L::seconds(&pushed).is_some_and(|seconds| seconds > future) {
            return Ok(LineOutcome::Invalid("time lies in the future".to_owned()));
        }
        let line = L::of_pushed(pushed, &self.pseudonymise);
        let (digest, content) = (line.digest(), line.content());
        let newest = touched.get(&digest).or_else(|| self.staged.get(&digest));
        let newest = newest.or_else(|| self.newest.known.get(&digest));
        if newest == Some(&content) {
            return Ok(LineOutcome::Duplicate);
        }
        batch.push(&LineRecord::Line(line))?;
        touched.insert(digest, content);
        Ok(LineOutcome::Applied)
    }
}

impl<L: LogLine> Sequencer for LineSequencer<L> {
    type Request = LineRequest<L::Pushed>;
    type Receipt = LineReceipt;

    fn stage(
        &mut self,
        request: LineRequest<L::Pushed>,
        batch: &mut RecordBatch,
    ) -> Result<LineReceipt, CatalogueError> {
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
                return Ok(LineReceipt { outcomes, is_repetition: true });
            }
        }
        let (mark, mut touched) = (batch.mark(), HashMap::new());
        let mut outcomes = Vec::with_capacity(request.lines.len());
        for line in request.lines {
            outcomes.push(self.decide(line, now_seconds, &mut touched, batch)?);
            check_size(batch, mark)?;
        }
        if let Some(key) = request.key {
            let answered = AnsweredRequest::new(key, now_seconds, &outcomes);
            batch.push(&LineRecord::<L>::Answered(answered.clone()))?;
            self.staged_answered.push(answered);
        }
        self.staged.extend(touched);
        Ok(LineReceipt { outcomes, is_repetition: false })
    }

    fn publish(&mut self, number: u64) {
        let now_seconds = (self.now_seconds)();
        for (line, content) in self.staged.drain() {
            self.newest.insert(line, content);
        }
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
        assert_eq!(first_remembered(dir.path(), 1_000_000).unwrap(), 0);
        let mut after = Vec::new();
        for first in [1, 600_001, 1_200_001, 1_600_001, 2_300_001] {
            std::fs::write(dir.path().join(format!("{first:020}.log")), "").unwrap();
            after.push(first_remembered(dir.path(), 1_000_000).unwrap());
        }
        assert_eq!(after, [0, 0, 0, 600_000, 1_200_000]);
    }
}
