//! How a step of set-up goes.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::process::Cmd;
use crate::stopwatch::clock;
use crate::workspace::Workspace;

type Find = dyn Fn(&Workspace) -> Option<String>;
type Commands = dyn Fn(&Workspace) -> Vec<Cmd>;

pub(crate) struct Step {
    pub name: String,
    /// What it is for, as the end of "needed …".
    pub why: &'static str,
    /// Says what is there, or nothing when it has to be installed.
    pub find: Box<Find>,
    /// In the order in which they are tried.
    pub ways: Vec<Way>,
    pub otherwise: Otherwise,
}

/// What it means when no way worked.
#[derive(Clone, Copy)]
pub enum Otherwise {
    Fail,
    /// Set-up goes on; this is what will be missing.
    GoOnWithout(&'static str),
}

pub struct Way {
    pub what: String,
    pub commands: Box<Commands>,
}

impl Way {
    pub fn new(
        what: impl Into<String>,
        commands: impl Fn(&Workspace) -> Vec<Cmd> + 'static,
    ) -> Self {
        Self { what: what.into(), commands: Box::new(commands) }
    }

    fn run(&self, ws: &Workspace) -> Result<()> {
        (self.commands)(ws).into_iter().try_for_each(Cmd::run)
    }

    fn by_hand(&self, ws: &Workspace) -> String {
        (self.commands)(ws).iter().map(|cmd| format!("       {cmd}\n")).collect()
    }
}

impl Step {
    /// # Errors
    /// When nothing worked and the step can't be done without.
    pub fn run(&self, ws: &Workspace) -> Result<()> {
        if let Some(found) = (self.find)(ws) {
            eprintln!(" ✓ {}: {found}", self.name);
            return Ok(());
        }
        eprintln!(" … {} is missing; needed {}", self.name, self.why);
        for way in &self.ways {
            eprintln!("   trying: {}", way.what);
            let began = Instant::now();
            match way.run(ws).map(|()| (self.find)(ws)) {
                Ok(Some(found)) => {
                    let took = clock(began.elapsed());
                    eprintln!(" ✓ {}: {found}, by {} ({took})", self.name, way.what);
                    return Ok(());
                }
                Ok(None) => eprintln!("   that ran, and yet it can't be found"),
                Err(error) => eprintln!("   that failed: {error:#}"),
            }
        }
        self.give_up(ws)
    }

    fn give_up(&self, ws: &Workspace) -> Result<()> {
        let by_hand = match self.ways.as_slice() {
            [] => "     with this system's package manager\n".to_owned(),
            ways => ways
                .iter()
                .map(|way| format!("     {}:\n{}", way.what, way.by_hand(ws)))
                .collect::<Vec<_>>()
                .join("     or "),
        };
        let advice = format!("install it by hand:\n{by_hand}");
        match self.otherwise {
            Otherwise::Fail => bail!("{} is missing, needed {}; {advice}", self.name, self.why),
            Otherwise::GoOnWithout(loss) => {
                eprintln!(" ✗ {} SKIPPED: {loss}; {advice}", self.name);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn workspace(folder: &Path) -> Workspace {
        Workspace { root: folder.into(), target: folder.into(), tools: folder.join("tools") }
    }

    fn step(ways: Vec<Way>, otherwise: Otherwise) -> Step {
        let find = |ws: &Workspace| ws.root.join("tool").exists().then(|| "there".to_owned());
        Step { name: "tool".into(), why: "here", find: Box::new(find), ways, otherwise }
    }

    fn shell(script: &'static str) -> Way {
        Way::new(script, move |ws| vec![ws.cmd("sh").args(["-c", script])])
    }

    #[test]
    fn the_fallback_is_taken_when_the_first_way_fails_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let ws = workspace(folder.path());
        let ways = vec![shell("echo first >>log; exit 1"), shell("echo second >>log; touch tool")];
        let step = step(ways, Otherwise::Fail);
        step.run(&ws).unwrap();
        step.run(&ws).unwrap();
        assert_eq!(std::fs::read_to_string(ws.root.join("log")).unwrap(), "first\nsecond\n");
    }

    #[test]
    fn a_way_that_succeeds_without_effect_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let error = step(vec![shell("true")], Otherwise::Fail).run(&workspace(folder.path()));
        let message = error.unwrap_err().to_string();
        assert!(message.contains("sh -c true"), "says what to run by hand: {message}");
    }

    #[test]
    fn an_optional_step_lets_set_up_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let step = step(vec![shell("false")], Otherwise::GoOnWithout("no tool"));
        step.run(&workspace(folder.path())).unwrap();
    }
}
