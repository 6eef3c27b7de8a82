//! One after the other, in the order of asking.

use std::cell::RefCell;

use futures_channel::oneshot;

/// Sealing takes a moment, so that what was started later could be written earlier: each
/// waits for the one before.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    last: RefCell<Option<oneshot::Receiver<()>>>,
}

/// A turn; the next one begins when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _ends: oneshot::Sender<()>,
}

impl Turns {
    /// Waits until all earlier turns have ended.
    pub async fn take(&self) -> Turn {
        let (ends, ended) = oneshot::channel();
        let before = self.last.replace(Some(ended));
        let turn = Turn { _ends: ends };
        if let Some(before) = before {
            // Nothing is ever sent: the sender is dropped.
            let _ = before.await;
        }
        turn
    }
}
