//! How long to wait before a request is repeated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use ureq::http::{HeaderMap, header};

use crate::limits::RETRY_WAIT;

/// How often a wait looks whether it is cancelled.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// What `Retry-After` asks for, in seconds or until a date. A date counts from the
/// server's own `Date`, so that a wrong clock on either side does no harm.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let now = httpdate::parse_http_date(text(header::DATE)?).ok()?;
    Some(until.saturating_sub(now.duration_since(UNIX_EPOCH).ok()?))
}

/// The wait after the `attempt`-th failure, from 1: twice as long each time, and between
/// half and one and a half of that by a hash of address and attempt, so that pictures
/// that failed together are not asked for together again.
pub(super) fn before_retry(address: &str, attempt: u32) -> Duration {
    let mut hasher = blake3::Hasher::new();
    hasher.update(address.as_bytes()).update(&attempt.to_le_bytes());
    let share = f64::from(hasher.finalize().as_bytes()[0]) / 255.0;
    (RETRY_WAIT * 2u32.pow(attempt - 1)).mul_f64(0.5 + share)
}

/// Waits, at most until shortly after `cancel` is set.
pub(super) fn sleep(wait: Duration, cancel: &AtomicBool) {
    let end = Instant::now() + wait;
    while !cancel.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(CANCEL_CHECK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &'static str, date: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        headers.insert(header::DATE, date.parse().unwrap());
        headers
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        const DATE: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
        let read = |text| retry_after(&headers(text, DATE));
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn waits_double_and_differ_between_addresses() {
        for attempt in 1..4 {
            let middle = RETRY_WAIT * 2u32.pow(attempt - 1);
            let waits: Vec<_> = (0..20).map(|n| before_retry(&format!("a{n}"), attempt)).collect();
            assert!(waits.iter().all(|wait| *wait >= middle / 2 && *wait <= middle * 3 / 2));
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }

    #[test]
    fn a_cancelled_wait_ends() {
        let start = Instant::now();
        sleep(Duration::from_secs(60), &AtomicBool::new(true));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
