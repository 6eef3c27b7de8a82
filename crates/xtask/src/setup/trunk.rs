//! Trunk, which drives the web build. 0.22 wants a newer Rust than ours.

use super::cargo_tool;
use super::step::{Otherwise, Step};
use crate::workspace::Workspace;

const VERSION: &str = "0.21.14";

pub fn step(_ws: &Workspace) -> Step {
    let find = |ws: &Workspace| {
        cargo_tool::version_of(ws, "trunk").filter(|found| found.starts_with("0.21."))
    };
    // Without its default features it can't download anything, which it need not.
    let extra = &["--locked", "--no-default-features"];
    Step {
        name: "Trunk".into(),
        why: "to build the web bundle",
        find: Box::new(find),
        ways: vec![cargo_tool::way("trunk", VERSION.into(), extra)],
        otherwise: Otherwise::Fail,
    }
}
