//! The gate: no model becomes public that did not pass.
//!
//! Its conditions (better than what is served now, and not worse than counting) are judged
//! by [`vitrine_evaluation::gate`] over runs that include [`crate::ServedPath::run`], which
//! measures the bytes that would ship.

use vitrine_evaluation::Gate;

use crate::{Prepared, PublishError, Published, Store};

/// Makes a prepared model current if the gate is open.
///
/// # Errors
/// [`PublishError::Gate`] with the conditions that do not hold: then the model
/// before stays, as does the catalogue. Otherwise those of [`Store::commit`].
pub fn publish_model(
    store: &Store,
    prepared: &Prepared,
    gate: &Gate,
) -> Result<Published, PublishError> {
    let failed: Vec<String> = gate
        .checks
        .iter()
        .filter(|check| !check.passed)
        .map(|check| check.condition.clone())
        .collect();
    // Without conditions nothing was judged.
    if !gate.passed || !failed.is_empty() || gate.checks.is_empty() {
        return Err(PublishError::Gate { failed });
    }
    store.commit(prepared)
}
