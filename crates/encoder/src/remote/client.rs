//! The parent's side: what is sent to the child, and what is done when it fails.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use rayon::prelude::*;

use super::batching::Batches;
use super::error::RemoteError;
use super::link::ChildLink;
use super::protocol::{
    BATCH_TOKENS_MAX, BatchVectors, DeviceFault, Hello, PipeMessage, ProtocolError, TokenBatch,
};
use crate::batches::BatchSink;
use crate::device::{DeviceChoice, DeviceOptions, EncodingDevice, Patience, WhyCpu};
use crate::{EncoderError, ModelFiles, TEXT_DIM};

/// Texts that are tokenised and sorted together, while those before them are encoded.
const WINDOW_TEXTS: usize = 32_768;
/// Fewest texts for which the child is asked.
const TEXTS_MIN: usize = 2;
/// Batches that are sent before the first is answered: one is computed, one is there.
const IN_FLIGHT_MAX: usize = 2;
/// A device that cannot take batches of so many tokens is given up.
const BATCH_TOKENS_MIN: usize = 1_024;
/// How far the norm of a vector may be from 1.
const NORM_ERROR_MAX: f32 = 0.01;

/// Ids of the tokens of a text.
type Tokenise<'a> = dyn Fn(&str) -> Result<Vec<u32>, EncoderError> + Sync + 'a;

/// A child process that encodes batches, while it lasts.
pub(crate) struct Remote {
    spawn: Spawn,
    model_id: [u8; 32],
    state: Mutex<State>,
}

/// What is needed to start a child.
struct Spawn {
    program: PathBuf,
    files: ModelFiles,
    device: String,
    patience: Patience,
}

enum State {
    Running(Running),
    GivenUp(WhyCpu),
}

struct Running {
    link: ChildLink,
    hello: Hello,
    /// Tokens of a batch; halved when one fails.
    batch_tokens: usize,
    /// Of the next batch.
    next_id: u32,
}

/// A child that is starting.
pub(crate) struct Starting {
    spawn: Spawn,
    choice: DeviceChoice,
    link: Result<ChildLink, RemoteError>,
}

impl Starting {
    /// Starts a child where the options want one. The caller may do other things meanwhile.
    pub(crate) fn start(options: &DeviceOptions, files: &ModelFiles) -> Option<Self> {
        let ordinal = match options.choice {
            DeviceChoice::Cpu => return None,
            DeviceChoice::Auto => 0,
            DeviceChoice::Cuda(ordinal) => ordinal,
        };
        let spawn = Spawn {
            program: options.program(),
            files: files.clone(),
            device: DeviceChoice::Cuda(ordinal).to_string(),
            patience: options.patience,
        };
        let link = spawn.start();
        Some(Self { spawn, choice: options.choice, link })
    }

    /// Waits until the child can be used.
    ///
    /// # Errors
    /// A GPU was asked for, and there is none.
    pub(crate) fn wait(self, model_id: [u8; 32]) -> Result<Remote, EncoderError> {
        let Self { spawn, choice, link } = self;
        let state = match link.and_then(|link| spawn.running(link, model_id)) {
            Ok(running) => State::Running(running),
            Err(source) if choice != DeviceChoice::Auto => {
                return Err(EncoderError::NoDevice { choice, source });
            }
            Err(error) => State::GivenUp(WhyCpu::NoGpu(Arc::new(error))),
        };
        Ok(Remote { spawn, model_id, state: Mutex::new(state) })
    }
}

impl Spawn {
    fn start(&self) -> Result<ChildLink, RemoteError> {
        ChildLink::start(&self.program, &self.files, &self.device)
    }

    fn running(&self, mut link: ChildLink, model_id: [u8; 32]) -> Result<Running, RemoteError> {
        let hello = link.hello(self.patience.start_max)?;
        if hello.model_id != model_id {
            return Err(RemoteError::OtherModel);
        }
        Ok(Running { link, hello, batch_tokens: BATCH_TOKENS_MAX, next_id: 0 })
    }
}

impl Remote {
    /// Where batches are encoded now.
    pub(crate) fn device(&self) -> EncodingDevice {
        match &*self.state() {
            State::Running(Running { hello, .. }) => {
                EncodingDevice::Gpu { name: hello.device.clone(), memory_bytes: hello.memory_bytes }
            }
            State::GivenUp(why) => EncodingDevice::Cpu(why.clone()),
        }
    }

    /// Encodes texts that differ, handing each finished batch to `sink` with the places of its
    /// texts; those of the texts that the caller has to encode, because nobody did here.
    ///
    /// # Errors
    /// Those of `tokenise` and `sink`. A device that fails is none.
    pub(crate) fn encode(
        &self,
        texts: &[&str],
        tokenise: &Tokenise<'_>,
        cancel: &AtomicBool,
        sink: &mut BatchSink<'_>,
    ) -> Result<Vec<u32>, EncoderError> {
        let mut state = self.state();
        let all = 0..texts.len() as u32;
        if texts.len() < TEXTS_MIN || matches!(*state, State::GivenUp(_)) {
            return Ok(all.collect());
        }
        thread::scope(|scope| {
            let (sender, windows) = mpsc::sync_channel(1);
            scope.spawn(move || tokenise_windows(texts, tokenise, cancel, &sender));
            let mut n_restarts = 0;
            let (mut left, mut n_seen) = (Vec::new(), 0);
            for token_ids in windows {
                let token_ids: Vec<Vec<u32>> = token_ids?;
                let mut shifted = |indices: &[u32], vectors: &[f32]| {
                    let places: Vec<u32> = indices.iter().map(|i| n_seen + i).collect();
                    sink(&places, vectors)
                };
                let work = Work { token_ids: &token_ids, cancel, sink: &mut shifted };
                let unencoded = self.encode_window(&mut state, work, &mut n_restarts)?;
                left.extend(unencoded.iter().map(|i| n_seen + i));
                n_seen += token_ids.len() as u32;
                if matches!(*state, State::GivenUp(_)) || cancel.load(Ordering::Relaxed) {
                    break;
                }
            }
            left.extend(n_seen..all.end);
            Ok(left)
        })
    }

    /// What was not encoded of a window.
    fn encode_window(
        &self,
        state: &mut State,
        mut work: Work<'_>,
        n_restarts: &mut u32,
    ) -> Result<Vec<u32>, EncoderError> {
        let mut batches = Batches::of(work.token_ids);
        while let State::Running(running) = state {
            match running.encode(&mut batches, &mut work, self.spawn.patience) {
                Ok(()) => break,
                Err(Interruption::Sink(error)) => return Err(error),
                Err(Interruption::Child(error)) => self.recover(state, error, n_restarts),
            }
        }
        Ok(batches.into_left())
    }

    /// Another child in place of one that failed, with smaller batches; or none any more.
    fn recover(&self, state: &mut State, error: RemoteError, n_restarts: &mut u32) {
        let State::Running(Running { batch_tokens, .. }) = *state else { return };
        let mut error = error;
        let is_worth_it = !matches!(error, RemoteError::OutOfMemory { .. });
        if is_worth_it && *n_restarts < self.spawn.patience.restarts_max {
            *n_restarts += 1;
            tracing::warn!("the GPU's process is started anew: {error}");
            // The old one ends first: both might not fit into the memory.
            *state = State::GivenUp(WhyCpu::GivenUp(Arc::new(error)));
            let started = self.spawn.start();
            match started.and_then(|link| self.spawn.running(link, self.model_id)) {
                Ok(running) => {
                    let batch_tokens = (batch_tokens / 2).max(BATCH_TOKENS_MIN);
                    *state = State::Running(Running { batch_tokens, ..running });
                    return;
                }
                Err(again) => error = again,
            }
        }
        tracing::warn!("the GPU is given up, texts are encoded on the CPU from here on: {error}");
        *state = State::GivenUp(WhyCpu::GivenUp(Arc::new(error)));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some texts that are to be encoded.
struct Work<'a> {
    token_ids: &'a [Vec<u32>],
    cancel: &'a AtomicBool,
    sink: &'a mut BatchSink<'a>,
}

/// Why work ended before its time.
enum Interruption {
    /// The caller does not take vectors any more.
    Sink(EncoderError),
    /// The child is of no use any more.
    Child(RemoteError),
}

impl Running {
    /// Until nothing is left, or the caller cancels. Batches that are not answered go back.
    fn encode(
        &mut self,
        batches: &mut Batches<'_>,
        work: &mut Work<'_>,
        patience: Patience,
    ) -> Result<(), Interruption> {
        let mut in_flight = VecDeque::new();
        let outcome = self.keep_busy(batches, work, &mut in_flight, patience);
        // The first comes first again.
        in_flight.into_iter().rev().for_each(|sent: Sent| batches.give_back(sent.texts));
        outcome
    }

    fn keep_busy(
        &mut self,
        batches: &mut Batches<'_>,
        work: &mut Work<'_>,
        in_flight: &mut VecDeque<Sent>,
        patience: Patience,
    ) -> Result<(), Interruption> {
        while !work.cancel.load(Ordering::Relaxed) {
            while in_flight.len() < IN_FLIGHT_MAX
                && let Some(texts) = batches.next(self.batch_tokens)
            {
                in_flight.push_back(self.send(work.token_ids, texts));
            }
            let Some(sent) = in_flight.front() else { break };
            let vectors = self.answer(sent, patience).map_err(Interruption::Child)?;
            let Some(Sent { texts, n_tokens, .. }) = in_flight.pop_front() else { break };
            match vectors {
                Some(vectors) => (work.sink)(&texts, &vectors).map_err(Interruption::Sink)?,
                None => {
                    batches.give_back(texts);
                    self.take_less_than(n_tokens).map_err(Interruption::Child)?;
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, token_ids: &[Vec<u32>], texts: Vec<u32>) -> Sent {
        let of_batch = || texts.iter().map(|&i| &token_ids[i as usize]);
        let batch = TokenBatch {
            id: self.next_id,
            lengths: of_batch().map(|ids| ids.len() as u16).collect(),
            token_ids: of_batch().flatten().copied().collect(),
        };
        self.next_id = self.next_id.wrapping_add(1);
        let (id, n_tokens) = (batch.id, batch.n_tokens_padded());
        self.link.send(batch);
        Sent { id, n_tokens, texts }
    }

    /// The vectors of a batch; `None` where it does not fit into the memory.
    fn answer(&mut self, sent: &Sent, patience: Patience) -> Result<Option<Vec<f32>>, RemoteError> {
        loop {
            let answer = self.link.answer(patience.batch_max)?;
            let id = match &answer {
                PipeMessage::Vectors(BatchVectors { id, .. }) => *id,
                PipeMessage::Failure(failure) => failure.id,
                PipeMessage::Hello(_) | PipeMessage::Batch(_) => {
                    return Err(self.link.not_understood(ProtocolError::OutOfTurn));
                }
            };
            let n_ahead = id.wrapping_sub(sent.id).cast_signed();
            if n_ahead < 0 {
                continue; // Of a batch that was cancelled.
            }
            if n_ahead > 0 {
                return Err(self.link.not_understood(ProtocolError::OutOfTurn));
            }
            return match answer {
                PipeMessage::Vectors(BatchVectors { vectors, .. }) => {
                    let fit = are_unit_vectors(&vectors, sent.texts.len());
                    if fit { Ok(Some(vectors)) } else { Err(RemoteError::NotVectors) }
                }
                PipeMessage::Failure(failure) if failure.fault == DeviceFault::OutOfMemory => {
                    Ok(None)
                }
                PipeMessage::Failure(failure) => Err(RemoteError::Computation(failure.message)),
                PipeMessage::Hello(_) | PipeMessage::Batch(_) => continue,
            };
        }
    }

    /// Halves the batches, unless that was done since one of so many tokens was sent.
    fn take_less_than(&mut self, n_tokens: usize) -> Result<(), RemoteError> {
        if n_tokens > self.batch_tokens {
            return Ok(());
        }
        if n_tokens <= BATCH_TOKENS_MIN {
            return Err(RemoteError::OutOfMemory { n_tokens });
        }
        self.batch_tokens = (n_tokens / 2).max(BATCH_TOKENS_MIN);
        tracing::warn!(
            n_tokens = self.batch_tokens,
            "the GPU's memory is full: smaller batches from here on"
        );
        Ok(())
    }
}

/// A batch that was sent.
struct Sent {
    id: u32,
    /// With those that fill up.
    n_tokens: usize,
    texts: Vec<u32>,
}

fn are_unit_vectors(vectors: &[f32], n_texts: usize) -> bool {
    let is_unit = |vector: &[f32]| {
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        (norm - 1.0).abs() < NORM_ERROR_MAX
    };
    vectors.len() == n_texts * TEXT_DIM && vectors.chunks_exact(TEXT_DIM).all(is_unit)
}

/// Tokenises on all cores, one window ahead of who encodes.
fn tokenise_windows(
    texts: &[&str],
    tokenise: &Tokenise<'_>,
    cancel: &AtomicBool,
    sender: &mpsc::SyncSender<Result<Vec<Vec<u32>>, EncoderError>>,
) {
    for window in texts.chunks(WINDOW_TEXTS) {
        let token_ids = window.par_iter().map(|text| tokenise(text)).collect();
        if cancel.load(Ordering::Relaxed) || sender.send(token_ids).is_err() {
            return;
        }
    }
}
