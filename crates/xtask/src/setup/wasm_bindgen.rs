//! wasm-bindgen's command, of the very version that the web crate links.

use anyhow::Result;

use super::cargo_tool;
use super::step::{Otherwise, Step};
use crate::workspace::Workspace;

pub fn step(ws: &Workspace) -> Result<Step> {
    let version = ws.locked_version("wasm-bindgen")?;
    let wanted = version.clone();
    let find = move |ws: &Workspace| {
        cargo_tool::version_of(ws, "wasm-bindgen").filter(|found| *found == wanted)
    };
    Ok(Step {
        name: "wasm-bindgen".into(),
        why: "to join WebAssembly and JavaScript, in exactly the version that Cargo.lock has",
        find: Box::new(find),
        // Not --locked: the lock file in the package is broken.
        ways: vec![cargo_tool::way("wasm-bindgen-cli", version, &["--bin", "wasm-bindgen"])],
        otherwise: Otherwise::Fail,
    })
}
