//! Firefox, in which the shop's main path is tried, too.

use std::env;
use std::path::PathBuf;

use super::apt;
use super::step::{Otherwise, Step};
use crate::process::Cmd;
use crate::workspace::Workspace;

/// Names it has in different distributions.
const NAMES: &[&str] = &["firefox-esr", "firefox"];

/// `VITRINE_FIREFOX`, else the first on `PATH`.
pub fn path(ws: &Workspace) -> Option<PathBuf> {
    let chosen = env::var_os("VITRINE_FIREFOX").map(PathBuf::from).filter(|path| path.is_file());
    chosen.or_else(|| NAMES.iter().find_map(|name| ws.which(name)))
}

pub fn step(ws: &Workspace) -> Step {
    let find = |ws: &Workspace| {
        let version = Cmd::new(path(ws)?).arg("--version").capture().ok()?;
        Some(version.trim().to_owned())
    };
    Step {
        name: "Firefox".into(),
        why: "to try the shop in a second browser",
        find: Box::new(find),
        ways: apt::way(ws, &["firefox-esr"]).into_iter().collect(),
        otherwise: Otherwise::GoOnWithout("the shop is not tried in Firefox"),
    }
}
