//! Debian's packages.

use std::io::IsTerminal;

use super::step::Way;
use crate::process::Cmd;
use crate::workspace::Workspace;

/// Installing packages, as a way of its own; none on a system without apt.
pub fn way(ws: &Workspace, packages: &'static [&'static str]) -> Option<Way> {
    ws.which("apt-get")?;
    Some(Way::new("Debian's packages", move |ws| install(ws, packages)))
}

pub fn install(ws: &Workspace, packages: &[&str]) -> Vec<Cmd> {
    let log = |name: &str| ws.tools.join("log").join(name);
    vec![
        // Old lists are enough as often as not.
        apt(ws).arg("update").log_to(log("apt-update")).best_effort(),
        apt(ws)
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .log_to(log(&format!("apt-{}", packages[0]))),
    ]
}

fn apt(ws: &Workspace) -> Cmd {
    let is_root = Cmd::new("id").arg("-u").capture().is_ok_and(|id| id.trim() == "0");
    if is_root || ws.which("sudo").is_none() {
        return ws.cmd("apt-get");
    }
    // Without a terminal nobody can type a password: fail rather than wait.
    let ask: &[&str] = if std::io::stdin().is_terminal() { &[] } else { &["-n"] };
    ws.cmd("sudo").args(ask).arg("apt-get")
}
