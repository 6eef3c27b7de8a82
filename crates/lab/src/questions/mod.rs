//! `vitrine-lab questions`: how an assistant answers questions about products of public data sets.

mod data;
mod made;
mod report;
mod run;
mod score;
mod templates;

pub use run::run;
