//! Why the teacher puts an item where it is: what the server says and the Studio shows.

use serde::{Deserialize, Serialize};

/// A score of the teacher, taken apart: the constant and the terms add up to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What depends on the shopper alone.
    pub constant: f32,
    /// What each part adds, largest first.
    pub terms: Vec<ScoreTerm>,
}

/// What one part adds to a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreTerm {
    /// Name of the part.
    pub part: String,
    /// What it adds.
    pub value: f32,
}
