//! What is known of each host while pictures are read: when it may be asked again, and
//! whether it still answers.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::HOST_FAILURES_MAX;

#[derive(Debug, Default)]
pub(crate) struct Hosts {
    of: Mutex<HashMap<String, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    /// Passing failures since the last success.
    n_failures: u32,
    not_before: Option<Instant>,
}

impl Hosts {
    /// Whether the host failed so often in a row that it is not asked any more.
    pub(crate) fn is_given_up(&self, host: &str) -> bool {
        self.lock().get(host).is_some_and(|host| host.n_failures >= HOST_FAILURES_MAX)
    }

    /// How long the host asked to be left alone, from now.
    pub(crate) fn wait(&self, host: &str) -> Duration {
        let not_before = self.lock().get(host).and_then(|host| host.not_before);
        not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()))
    }

    /// The host answered in a way that is final for the picture, be it "not found".
    pub(crate) fn answered(&self, host: &str) {
        if let Some(host) = self.lock().get_mut(host) {
            host.n_failures = 0;
        }
    }

    /// A passing failure, and how long all requests to the host shall wait.
    pub(crate) fn failed(&self, host: &str, wait: Option<Duration>) {
        let mut all = self.lock();
        let host = all.entry(host.to_owned()).or_default();
        host.n_failures = host.n_failures.saturating_add(1);
        host.not_before = host.not_before.max(wait.map(|wait| Instant::now() + wait));
    }

    /// A new run asks everybody again.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_given_up_after_failures_in_a_row_only() {
        let hosts = Hosts::default();
        for _ in 1..HOST_FAILURES_MAX {
            hosts.failed("a", None);
        }
        assert!(!hosts.is_given_up("a"));
        hosts.answered("a");
        hosts.failed("a", Some(Duration::from_secs(60)));
        assert!(!hosts.is_given_up("a"));
        assert!(hosts.wait("a") > Duration::from_secs(50) && hosts.wait("b").is_zero());
        (0..HOST_FAILURES_MAX).for_each(|_| hosts.failed("a", None));
        assert!(hosts.is_given_up("a") && !hosts.is_given_up("b"));
        hosts.forget();
        assert!(!hosts.is_given_up("a") && hosts.wait("a").is_zero());
    }
}
