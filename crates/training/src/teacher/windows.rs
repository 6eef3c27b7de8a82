//! The windows of a log that a teacher learns its weights from.

use vitrine_evaluation::protocol::Window;
use vitrine_ranking::PurchaseLog;

use crate::next::linear::DENSE_ITEMS_MAX;

/// Windows before the newest that weights are learned from as well, at most.
const EARLIER_WINDOWS_MAX: i64 = 3;
/// Part of the log before the newest window that comes before each of them.
const WARM_UP_SHARE: f64 = 0.4;

/// The windows before one, newest first, each ending where the next begins: as far as
/// enough of the log comes before them, and as many as item matrices can be inverted for.
pub fn earlier(log: &PurchaseLog, newest: Window) -> Vec<Window> {
    let seconds = newest.end_seconds - newest.start_seconds;
    let first = log.entries().iter().map(|entry| entry.at_seconds).min();
    let first = first.unwrap_or(newest.start_seconds);
    let warm = ((newest.start_seconds - first) as f64 * WARM_UP_SHARE) as i64;
    // All windows together take as long as the largest matrix of one; where there are more
    // items, none is inverted.
    let n_fit = match log.n_items() > DENSE_ITEMS_MAX {
        true => EARLIER_WINDOWS_MAX,
        false => (DENSE_ITEMS_MAX / log.n_items().max(1)).pow(2) as i64 - 2,
    };
    (1..=EARLIER_WINDOWS_MAX.min(n_fit))
        .map(|n| newest.start_seconds - n * seconds)
        .take_while(|start_seconds| *start_seconds >= first + warm)
        .map(|start_seconds| Window { start_seconds, end_seconds: start_seconds + seconds })
        .collect()
}
