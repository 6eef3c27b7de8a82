//! How a session shares the thread of its page: long work stops every few milliseconds, so
//! that what the shopper does meanwhile is answered and drawn.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use vitrine_domain::pace::Pace;

use crate::Clock;

/// Longest stretch of work, in milliseconds: with what comes after a breath is asked for, a
/// frame of 16 ms is missed by one at most.
const STRETCH_MS: f64 = 8.0;

/// Measures stretches of work by the session's clock.
pub(crate) struct Stretches {
    clock: Rc<dyn Clock>,
    /// When the present one began. What came before the page was idle counts too, so that
    /// work begins with a turn of the others.
    since_ms: Cell<f64>,
}

impl Stretches {
    pub fn new(clock: Rc<dyn Clock>) -> Self {
        Self { clock, since_ms: Cell::new(f64::NEG_INFINITY) }
    }
}

impl Pace for Stretches {
    fn is_due(&self) -> bool {
        self.clock.monotonic_ms() - self.since_ms.get() >= STRETCH_MS
    }

    fn turn(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async {
            self.clock.turn().await;
            self.since_ms.set(self.clock.monotonic_ms());
        })
    }
}
