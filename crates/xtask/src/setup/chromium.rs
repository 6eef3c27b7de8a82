//! Chromium, for the tests in a real browser.

use std::env;
use std::path::PathBuf;

use super::apt;
use super::step::{Otherwise, Step};
use crate::process::Cmd;
use crate::workspace::Workspace;

/// Names it has in different distributions.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// `VITRINE_CHROMIUM`, else the first on `PATH`.
pub fn path(ws: &Workspace) -> Option<PathBuf> {
    let chosen = env::var_os("VITRINE_CHROMIUM").map(PathBuf::from).filter(|path| path.is_file());
    chosen.or_else(|| NAMES.iter().find_map(|name| ws.which(name)))
}

pub fn step(ws: &Workspace) -> Step {
    let find = |ws: &Workspace| {
        let version = Cmd::new(path(ws)?).arg("--version").capture().ok()?;
        Some(version.trim().to_owned())
    };
    Step {
        name: "Chromium".into(),
        why: "to test the shop in a real browser",
        find: Box::new(find),
        ways: apt::way(ws, &["chromium"]).into_iter().collect(),
        otherwise: Otherwise::Fail,
    }
}
