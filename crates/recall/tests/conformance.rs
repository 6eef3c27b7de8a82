//! The embedded engine obeys every rule of the conformance suite.

use std::sync::Arc;

use vitrine_recall::conformance::Fixture;
use vitrine_recall::{EmbeddedRecall, Recall};

fn embedded(fixture: Fixture) -> Arc<dyn Recall> {
    let Fixture { items, vectors, popularity } = fixture;
    Arc::new(EmbeddedRecall::build(&items, vectors, &popularity).expect("a fixture is legal"))
}

vitrine_recall::conformance_tests!(embedded);
