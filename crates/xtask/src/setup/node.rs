//! Node and npm.

use super::apt;
use super::step::{Otherwise, Step};
use crate::process::Cmd;
use crate::workspace::Workspace;

pub fn step(ws: &Workspace) -> Step {
    let find = |ws: &Workspace| {
        ws.which("npm")?;
        Some(Cmd::new(ws.which("node")?).arg("--version").capture().ok()?.trim().to_owned())
    };
    Step {
        name: "Node and npm".into(),
        why: "to fetch pictures and wasm-opt, and to drive the browser in tests",
        find: Box::new(find),
        ways: apt::way(ws, &["nodejs", "npm"]).into_iter().collect(),
        otherwise: Otherwise::Fail,
    }
}
