//! mdBook, which makes the site of the documents.

use super::cargo_tool;
use super::step::{Otherwise, Step};
use crate::workspace::Workspace;

const VERSION: &str = "0.4.52";

pub fn step() -> Step {
    let find = |ws: &Workspace| {
        // It says "mdbook v0.4.52".
        let found = cargo_tool::version_of(ws, "mdbook")?;
        (found.trim_start_matches('v') == VERSION).then_some(found)
    };
    // Without a server and without watching files.
    let extra = &["--locked", "--no-default-features", "--features", "search"];
    Step {
        name: "mdBook".into(),
        why: "to make the site of the documents",
        find: Box::new(find),
        ways: vec![cargo_tool::way("mdbook", VERSION.into(), extra)],
        otherwise: Otherwise::Fail,
    }
}
