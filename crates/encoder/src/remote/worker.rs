//! The child's side: batches come in, vectors go out, until the parent closes the pipe.

use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use super::protocol::{
    self, BatchFailure, BatchVectors, DeviceFault, Hello, PipeMessage, ProtocolError, TokenBatch,
};

/// Batches that are read, and answers that wait to be written, while one is computed.
const QUEUE_MAX: usize = 1;

/// Encodes batches.
pub trait BatchModel {
    /// What it is and where it computes.
    fn hello(&self) -> Hello;

    /// Unit vectors of a batch. A batch that fails leaves the model as it was.
    ///
    /// # Shapes
    /// n texts → \[n, 384\].
    ///
    /// # Errors
    /// What failed.
    fn encode(&mut self, batch: &TokenBatch) -> Result<Vec<f32>, WorkerFault>;
}

/// What a child tells its parent of a failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WorkerFault {
    /// What failed.
    pub fault: DeviceFault,
    /// What failed, in words.
    pub message: String,
}

/// Why a child ended before its parent closed the pipe.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Without a model it is of no use; its parent was told.
    #[error(transparent)]
    NoModel(#[from] WorkerFault),
    /// The parent is not understood, or does not read.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

/// Loads a model, says so, and encodes with it what comes, until nothing more does. The next
/// batch is read and the last answer written while one is computed.
///
/// # Errors
/// No model could be loaded, or the parent is not understood.
pub fn run<M: BatchModel>(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    load: impl FnOnce() -> Result<M, WorkerFault>,
) -> Result<(), WorkerError> {
    let mut model = match load() {
        Ok(model) => model,
        Err(fault) => {
            let told = protocol::write_message(&mut to, &failure(0, fault.clone()));
            told.map_err(ProtocolError::Io)?;
            return Err(fault.into());
        }
    };
    let (batch_sender, batches) = mpsc::sync_channel(QUEUE_MAX);
    let (answer_sender, answers) = mpsc::sync_channel(QUEUE_MAX);
    // It ends with the pipe; who ends before does not wait for it.
    thread::spawn(move || read(from, &batch_sender));
    let writer = thread::spawn(move || write(to, &answers));
    // The channel takes it, or its other end has failed, which shows below.
    let _ = answer_sender.send(PipeMessage::Hello(model.hello()));
    let computed = compute(&mut model, &batches, &answer_sender);
    drop(answer_sender);
    let written = writer.join().unwrap_or(Ok(()));
    computed?;
    Ok(written.map_err(ProtocolError::Io)?)
}

fn read(mut from: impl Read, batches: &SyncSender<Result<TokenBatch, ProtocolError>>) {
    loop {
        let batch = match protocol::read_message(&mut from) {
            Ok(Some(PipeMessage::Batch(batch))) => Ok(batch),
            Ok(Some(_)) => Err(ProtocolError::OutOfTurn),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = batch.is_err();
        if batches.send(batch).is_err() || is_last {
            return;
        }
    }
}

fn compute(
    model: &mut impl BatchModel,
    batches: &Receiver<Result<TokenBatch, ProtocolError>>,
    answers: &SyncSender<PipeMessage>,
) -> Result<(), ProtocolError> {
    for batch in batches {
        let batch = batch?;
        let answer = match model.encode(&batch) {
            Ok(vectors) => PipeMessage::Vectors(BatchVectors { id: batch.id, vectors }),
            Err(fault) => failure(batch.id, fault),
        };
        if answers.send(answer).is_err() {
            break; // Writing failed.
        }
    }
    Ok(())
}

fn write(mut to: impl Write, answers: &Receiver<PipeMessage>) -> std::io::Result<()> {
    answers.iter().try_for_each(|answer| protocol::write_message(&mut to, &answer))
}

fn failure(id: u32, WorkerFault { fault, message }: WorkerFault) -> PipeMessage {
    PipeMessage::Failure(BatchFailure { id, fault, message })
}
