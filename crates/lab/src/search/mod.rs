//! The search: measured on queries that are made, misspelt, or asked many at once.

pub mod adapters;
pub mod graded;
pub mod intent;
pub mod judged;
pub mod load;
mod made;
mod over_http;
pub mod private;
pub mod speed;
pub mod typos;
