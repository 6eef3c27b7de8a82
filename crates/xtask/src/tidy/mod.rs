//! `cargo xtask tidy`: rules of the house that a compiler does not know.
//!
//! - crates import only what the design's table lets them;
//! - modules of the named crates do not import each other in circles;
//! - nothing under `web` reaches the server's libraries;
//! - no source file has more than 800 lines besides its tests;
//! - `unsafe` is allowed only in the named kernel modules;
//! - the crates that others build on document everything public;
//! - public numeric functions of the crates that compute say their shapes;
//! - a public type's name stands in one crate;
//! - words of our own do not stand for what the field has a name for;
//! - documents name only files that are there;
//! - views write no texts of their own, and code and catalogues of texts name the same keys.

mod circles;
mod documents;
mod imports;
mod names;
mod shapes;
mod sources;
mod texts;
mod words;

use anyhow::{Result, bail};

use crate::workspace::{self, Workspace};

/// # Errors
/// When a rule is broken: all violations, one a line.
pub fn run(ws: &Workspace) -> Result<()> {
    let mut violations = imports::violations(&workspace::metadata(&["--no-deps"])?);
    let platform = format!("--filter-platform={}", crate::setup::wasm_target::TARGET);
    violations.extend(imports::web_violations(&workspace::metadata(&[&platform])?)?);
    violations.extend(sources::violations(&ws.root)?);
    violations.extend(circles::violations(&ws.root)?);
    violations.extend(shapes::violations(&ws.root)?);
    violations.extend(names::violations(&ws.root)?);
    violations.extend(words::violations(&ws.root)?);
    violations.extend(documents::violations(&ws.root)?);
    violations.extend(texts::violations(&ws.root)?);
    if violations.is_empty() {
        eprintln!(" ✓ tidy");
        return Ok(());
    }
    bail!("tidy found {}:\n  {}", violations.len(), violations.join("\n  "))
}
