//! How much may be under way at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// A number of units that are taken and given back; who finds too few waits.
#[derive(Debug)]
pub(crate) struct Gate {
    left: Mutex<u64>,
    freed: Condvar,
    all: u64,
}

/// Units that go back when this is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    gate: &'a Gate,
    n: u64,
}

impl Gate {
    pub(crate) fn new(all: u64) -> Self {
        Self { left: Mutex::new(all), freed: Condvar::new(), all }
    }

    /// Waits for `n` units, or for all when there are fewer.
    pub(crate) fn enter(&self, n: u64) -> Pass<'_> {
        let n = n.min(self.all);
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left =
            self.freed.wait_while(left, |left| *left < n).unwrap_or_else(PoisonError::into_inner);
        *left -= n;
        Pass { gate: self, n }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.gate.left.lock().unwrap_or_else(PoisonError::into_inner) += self.n;
        self.gate.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn never_more_than_all_units_are_taken() {
        let gate = Gate::new(10);
        let (taken, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for n in [1, 3, 7, 10, 99, 4, 4, 2] {
                let (gate, taken, most) = (&gate, &taken, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _pass = gate.enter(n);
                        let now = taken.fetch_add(n.min(10), Ordering::SeqCst) + n.min(10);
                        most.fetch_max(now, Ordering::SeqCst);
                        taken.fetch_sub(n.min(10), Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 10);
        drop(gate.enter(10));
    }
}
