//! Long work in pieces: whoever shares the thread has a turn between two of them. A page
//! answers its shopper while a catalogue is put together, and needs no second thread, to
//! which the catalogue would have to be copied.
//!
//! ```
//! use vitrine_domain::pace::{Pace, Unpaced, at_once};
//!
//! async fn sum(numbers: &[u64], pace: &dyn Pace) -> u64 {
//!     let mut sum = 0;
//!     for part in numbers.chunks(1_000) {
//!         sum += part.iter().sum::<u64>();
//!         pace.breathe().await;
//!     }
//!     sum
//! }
//!
//! // Where nobody shares the thread, there is no waiting.
//! assert_eq!(at_once(sum(&[1, 2, 3], &Unpaced)), 6);
//! ```

use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// How long work goes on before others have their turn.
pub trait Pace {
    /// Whether the present stretch of work has lasted long enough.
    fn is_due(&self) -> bool;

    /// Lets the others have their turn, then begins a new stretch.
    fn turn(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

impl dyn Pace + '_ {
    /// Lets the others have their turn if it is time to. Nothing that they may want to change
    /// is borrowed across it.
    pub async fn breathe(&self) {
        if self.is_due() {
            self.turn().await;
        }
    }
}

/// Work that nobody waits beside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpaced;

impl Pace for Unpaced {
    fn is_due(&self) -> bool {
        false
    }

    fn turn(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(ready(()))
    }
}

/// The result of paced work that is done in one stretch.
///
/// # Panics
/// When the work waits, as it does under another pace than [`Unpaced`].
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("work that is done at once waits for nothing"),
    }
}
