//! Vectors of searches: those that wait are encoded together, and what was searched for lately
//! is not encoded again.
//!
//! That an answer comes sooner tells that somebody searched for the same words since the server
//! started, and not who.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, anyhow};
use lru::LruCache;
use tokio::sync::oneshot;
use vitrine_encoder::{EncoderError, TEXT_DIM};
use vitrine_recall::{Deadline, RecallError};

/// Searches that are encoded together at most: more would let the first wait.
const BATCH_MAX: usize = 8;
/// Searches that wait to be encoded at most; further ones are answered as late.
const WAITING_MAX: usize = 1_024;
/// Texts whose vectors are kept, 1.5 KB each.
const KNOWN_MAX: usize = 4_096;
/// Longer texts are not kept.
const KNOWN_BYTES_MAX: usize = 256;

/// Encodes some texts, \[n, 384\], or gives up once asked and told that nobody waits.
pub type EncodeTexts =
    dyn Fn(&[&str], &dyn Fn() -> bool) -> Result<Vec<f32>, EncoderError> + Send + Sync;

type Known = Mutex<LruCache<String, Arc<[f32]>>>;

/// Encodes searches on threads of its own. They end with it.
pub struct QueryEncoder {
    waiting: SyncSender<Waiting>,
    known: Arc<Known>,
}

/// A text that somebody waits for.
struct Waiting {
    text: String,
    deadline: Deadline,
    answer: oneshot::Sender<Result<Arc<[f32]>>>,
}

impl QueryEncoder {
    /// Starts its threads: one for two cores, so that what is encoded is also found.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(encode: Arc<EncodeTexts>) -> Result<Self> {
        let (waiting, incoming) = mpsc::sync_channel(WAITING_MAX);
        let incoming = Arc::new(Mutex::new(incoming));
        let size = NonZeroUsize::new(KNOWN_MAX).unwrap_or(NonZeroUsize::MIN);
        let known: Arc<Known> = Arc::new(Mutex::new(LruCache::new(size)));
        let n_cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..n_cores.div_ceil(2) {
            let (incoming, known) = (Arc::clone(&incoming), Arc::clone(&known));
            let encode = Arc::clone(&encode);
            thread::Builder::new()
                .name("encode".to_owned())
                .spawn(move || while encode_waiting(&incoming, &*encode, &known) {})
                .context("starting a thread that encodes searches")?;
        }
        Ok(Self { waiting, known })
    }

    /// The vector of what was searched for. \[384\]
    ///
    /// # Errors
    /// [`RecallError::Late`] once the deadline has passed; a failed computation.
    pub async fn encode(&self, text: &str, deadline: Deadline) -> Result<Arc<[f32]>> {
        match self.ask(text, deadline) {
            Asked::Known(vector) => Ok(vector),
            Asked::Waits(answer) => answer.await.context("the encoding thread is gone")?,
        }
    }

    /// [`Self::encode`] for a thread that may block.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_blocking(&self, text: &str, deadline: Deadline) -> Result<Arc<[f32]>> {
        match self.ask(text, deadline) {
            Asked::Known(vector) => Ok(vector),
            Asked::Waits(answer) => {
                answer.blocking_recv().context("the encoding thread is gone")?
            }
        }
    }

    fn ask(&self, text: &str, deadline: Deadline) -> Asked {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vector) = known.get(text) {
            return Asked::Known(Arc::clone(vector));
        }
        drop(known);
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { text: text.to_owned(), deadline, answer };
        if let Err(TrySendError::Full(waiting)) = self.waiting.try_send(waiting) {
            // It is read below.
            let _ = waiting.answer.send(Err(RecallError::Late.into()));
        }
        Asked::Waits(answered)
    }
}

enum Asked {
    Known(Arc<[f32]>),
    Waits(oneshot::Receiver<Result<Arc<[f32]>>>),
}

/// Waits for a text, and encodes it with what waits behind it; false when nobody can ask any
/// more.
fn encode_waiting(
    incoming: &Mutex<Receiver<Waiting>>,
    encode: &EncodeTexts,
    known: &Known,
) -> bool {
    let mut batch = {
        let incoming = incoming.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(first) = incoming.recv() else { return false };
        let others = std::iter::from_fn(|| incoming.try_recv().ok()).take(BATCH_MAX - 1);
        std::iter::once(first).chain(others).collect::<Vec<_>>()
    };
    let is_late = |waiting: &Waiting| waiting.deadline.has_passed() || waiting.answer.is_closed();
    for late in batch.extract_if(.., |waiting| is_late(waiting)) {
        let _ = late.answer.send(Err(RecallError::Late.into()));
    }
    if batch.is_empty() {
        return true;
    }
    let texts: Vec<&str> = batch.iter().map(|waiting| waiting.text.as_str()).collect();
    let work = || encode(&texts, &|| batch.iter().all(is_late));
    // What goes wrong with one batch must not end the thread that the next one needs.
    let vectors = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("encoding searches panicked");
        Err(EncoderError::Panicked)
    });
    match vectors {
        Ok(vectors) => {
            for (waiting, vector) in batch.into_iter().zip(vectors.chunks_exact(TEXT_DIM)) {
                let vector: Arc<[f32]> = vector.into();
                if waiting.text.len() <= KNOWN_BYTES_MAX {
                    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                    known.put(waiting.text, Arc::clone(&vector));
                }
                // Who no longer waits needs no answer.
                let _ = waiting.answer.send(Ok(vector));
            }
        }
        Err(error) => {
            let is_late = matches!(error, EncoderError::Cancelled { .. });
            let message = format!("{:#}", anyhow::Error::from(error));
            for waiting in batch {
                let error = if is_late { RecallError::Late.into() } else { anyhow!("{message}") };
                let _ = waiting.answer.send(Err(error));
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use super::*;

    /// The length of each text in every place; `gate` is held while it computes.
    fn counting(gate: Arc<Mutex<()>>, n_texts: Arc<AtomicUsize>) -> Arc<EncodeTexts> {
        Arc::new(move |texts, is_late| {
            drop(gate.lock());
            if is_late() {
                return Err(EncoderError::Cancelled { n_done: 0, n_total: texts.len() });
            }
            n_texts.fetch_add(texts.len(), Ordering::SeqCst);
            Ok(texts.iter().flat_map(|text| vec![text.len() as f32; TEXT_DIM]).collect())
        })
    }

    #[test]
    fn each_gets_its_own_vector_and_the_same_text_is_encoded_once() {
        let n_texts = Arc::new(AtomicUsize::new(0));
        let encoder = QueryEncoder::start(counting(Arc::default(), Arc::clone(&n_texts))).unwrap();
        let ask = |text: &str| encoder.encode_blocking(text, Deadline::NONE).unwrap()[5];
        thread::scope(|scope| {
            let asked: Vec<_> =
                (1..40).map(|n| (n, scope.spawn(move || ask(&"x".repeat(n))))).collect();
            for (n, answer) in asked {
                assert_eq!(answer.join().unwrap(), n as f32);
            }
        });
        assert_eq!(n_texts.load(Ordering::SeqCst), 39);
        assert_eq!(ask("xxx"), 3.0);
        assert_eq!(n_texts.load(Ordering::SeqCst), 39, "it is known");
        let long = "y".repeat(KNOWN_BYTES_MAX + 1);
        assert_eq!(ask(&long), ask(&long));
        assert_eq!(n_texts.load(Ordering::SeqCst), 41, "a long text is not kept");
    }

    #[test]
    fn a_panic_is_an_error_of_its_searches_alone() {
        let encode: Arc<EncodeTexts> = Arc::new(|texts, _| {
            assert!(!texts.contains(&"bad"), "a planted panic");
            Ok(vec![0.5; texts.len() * TEXT_DIM])
        });
        let encoder = QueryEncoder::start(encode).unwrap();
        for _ in 0..5 {
            assert!(encoder.encode_blocking("bad", Deadline::NONE).is_err());
        }
        assert_eq!(encoder.encode_blocking("good", Deadline::NONE).unwrap()[0], 0.5);
    }

    #[test]
    fn what_nobody_waits_for_is_not_encoded() {
        let gate = Arc::new(Mutex::new(()));
        let n_texts = Arc::new(AtomicUsize::new(0));
        let encoder =
            QueryEncoder::start(counting(Arc::clone(&gate), Arc::clone(&n_texts))).unwrap();
        let held = gate.lock().unwrap();
        let late = Deadline::at(Instant::now() + Duration::from_millis(1));
        thread::scope(|scope| {
            let asked = scope.spawn(|| encoder.encode_blocking("late", late));
            while !late.has_passed() {
                thread::yield_now();
            }
            drop(held);
            let error = asked.join().unwrap().unwrap_err();
            assert!(matches!(error.downcast_ref(), Some(RecallError::Late)), "{error:#}");
        });
        assert_eq!(n_texts.load(Ordering::SeqCst), 0);
    }
}
