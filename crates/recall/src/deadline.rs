//! When a search has to have ended.

use std::time::Instant;

use crate::RecallError;

/// The moment from which nobody waits for a search any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// A search may take as long as it does.
    pub const NONE: Self = Self(None);

    /// A search must end by `moment`.
    pub fn at(moment: Instant) -> Self {
        Self(Some(moment))
    }

    /// Whether the moment has come.
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|moment| Instant::now() >= moment)
    }

    /// Ends a search whose moment has come.
    ///
    /// # Errors
    /// [`RecallError::Late`].
    pub fn check(self) -> Result<(), RecallError> {
        if self.has_passed() { Err(RecallError::Late) } else { Ok(()) }
    }
}
