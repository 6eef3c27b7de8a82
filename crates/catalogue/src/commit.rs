//! Group commit: one thread writes what many callers bring, with one sync for all that
//! came while it was busy.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::error::CatalogueError;
use crate::frame::RecordBatch;
use crate::limits::{BATCH_BYTES_MAX, QUEUE_MAX, REQUEST_BYTES_MAX};
use crate::segments::Segments;

/// Decides about requests in the order in which they become records.
///
/// [`Self::stage`] sees what earlier requests of the same batch decided. After the batch is
/// durable comes [`Self::publish`], else [`Self::discard`].
pub(crate) trait Sequencer: Send + 'static {
    type Request: Send + 'static;
    type Receipt: Send + 'static;

    /// Decides, and adds the records; on an error it must leave no trace in `self`.
    fn stage(
        &mut self,
        request: Self::Request,
        batch: &mut RecordBatch,
    ) -> Result<Self::Receipt, CatalogueError>;

    /// What was staged is durable up to record `number`: readers may see it.
    fn publish(&mut self, number: u64);

    /// What was staged is lost.
    fn discard(&mut self);
}

type Reply<S> = Result<<S as Sequencer>::Receipt, CatalogueError>;

enum Job<S: Sequencer> {
    Request(S::Request, SyncSender<Reply<S>>),
    /// Work on the files of the log, between two batches.
    Maintain(Box<dyn FnOnce(&mut Segments) + Send>),
}

/// The writer of a log and the way to it. Dropping it lets the writer finish.
pub(crate) struct Committer<S: Sequencer> {
    jobs: Option<SyncSender<Job<S>>>,
    writer: Option<JoinHandle<()>>,
}

impl<S: Sequencer> Committer<S> {
    /// Starts the writer.
    pub(crate) fn start(
        name: &'static str,
        segments: Segments,
        sequencer: S,
    ) -> Result<Self, CatalogueError> {
        let (jobs, received) = sync_channel(QUEUE_MAX);
        let run = move || write_all(segments, sequencer, &received);
        let writer = thread::Builder::new().name(name.into()).spawn(run);
        let writer = writer.map_err(CatalogueError::io("start a thread for", name.as_ref()))?;
        Ok(Self { jobs: Some(jobs), writer: Some(writer) })
    }

    /// Has a request written, and waits until it is durable.
    pub(crate) fn submit(&self, request: S::Request) -> Reply<S> {
        let (reply, answer) = sync_channel(1);
        self.send(Job::Request(request, reply))?;
        answer.recv().unwrap_or(Err(CatalogueError::Closed))
    }

    /// Runs work on the files of the log between two batches, and waits for it.
    pub(crate) fn maintain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Segments) -> T + Send + 'static,
    ) -> Result<T, CatalogueError> {
        let (reply, answer) = sync_channel(1);
        self.send(Job::Maintain(Box::new(move |segments| {
            // Nobody waits any more: the work is done all the same.
            let _ = reply.send(work(segments));
        })))?;
        answer.recv().map_err(|_| CatalogueError::Closed)
    }

    fn send(&self, job: Job<S>) -> Result<(), CatalogueError> {
        let jobs = self.jobs.as_ref().ok_or(CatalogueError::Closed)?;
        jobs.send(job).map_err(|_| CatalogueError::Closed)
    }
}

impl<S: Sequencer> Drop for Committer<S> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so on standard error.
            let _ = writer.join();
        }
    }
}

fn write_all<S: Sequencer>(mut segments: Segments, mut sequencer: S, jobs: &Receiver<Job<S>>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = RecordBatch::new(segments.next());
        let mut replies = Vec::new();
        let mut maintenance = None;
        let mut job = Some(first);
        while let Some(now) = job {
            match now {
                Job::Request(request, reply) => {
                    let receipt = stage(&mut sequencer, request, &mut batch);
                    replies.push((reply, receipt));
                }
                Job::Maintain(work) => {
                    maintenance = Some(work);
                    break;
                }
            }
            let has_room = batch.n_bytes() < BATCH_BYTES_MAX && replies.len() < QUEUE_MAX;
            job = if has_room { jobs.try_recv().ok() } else { None };
        }
        commit(&mut segments, &mut sequencer, &mut batch, replies);
        if let Some(work) = maintenance {
            work(&mut segments);
        }
    }
}

/// Stages a request whole or not at all.
fn stage<S: Sequencer>(
    sequencer: &mut S,
    request: S::Request,
    batch: &mut RecordBatch,
) -> Reply<S> {
    let mark = batch.mark();
    sequencer.stage(request, batch).inspect_err(|_| batch.go_back(mark))
}

/// Whether the records of one request, staged since `mark`, are within its limit.
pub(crate) fn check_size(
    batch: &RecordBatch,
    mark: crate::frame::BatchMark,
) -> Result<(), CatalogueError> {
    if batch.bytes_since(mark) > REQUEST_BYTES_MAX {
        return Err(CatalogueError::RequestTooLarge);
    }
    Ok(())
}

fn commit<S: Sequencer>(
    segments: &mut Segments,
    sequencer: &mut S,
    batch: &mut RecordBatch,
    replies: Vec<(SyncSender<Reply<S>>, Reply<S>)>,
) {
    let written = if batch.n_records() == 0 { Ok(()) } else { segments.append(batch) };
    let failure = match written {
        Ok(()) => {
            sequencer.publish(segments.next() - 1);
            None
        }
        Err(error) => {
            sequencer.discard();
            Some(Arc::new(error))
        }
    };
    for (reply, receipt) in replies {
        let receipt = match (&failure, receipt) {
            // Also what staged no record: it may repeat a request of this batch.
            (Some(error), Ok(_)) => Err(CatalogueError::NotWritten(Arc::clone(error))),
            (_, receipt) => receipt,
        };
        // A caller that has gone away will find what it sent under its revision or key.
        let _ = reply.send(receipt);
    }
}
