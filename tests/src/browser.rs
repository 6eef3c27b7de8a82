//! Browsers, driven by the scripts in `browser/`: Chromium with playwright-core, Firefox with
//! puppeteer-core.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Where Chromium and playwright-core are, as the environment declares.
pub struct Browser {
    tools: PathBuf,
    chromium: PathBuf,
}

impl Browser {
    /// What `cargo xtask test` has set up; `None` where it was not.
    pub fn declared() -> Option<Self> {
        Some(Self { tools: declared("VITRINE_TOOLS")?, chromium: declared("VITRINE_CHROMIUM")? })
    }

    /// Runs `browser/<name>.mjs` and returns the JSON it prints last.
    ///
    /// # Errors
    /// The script fails; its output is in the message.
    pub fn run(&self, name: &str, args: &[&str]) -> Result<Value> {
        outcome(name, &mut self.command(name, args))
    }

    /// Starts a script that talks back and forth: see [`Script`].
    pub fn start(&self, name: &str, args: &[&str]) -> Result<Script> {
        let mut command = self.command(name, args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = std::io::BufReader::new(child.stdout.take().context("no output")?);
        Ok(Script { child, input, output })
    }

    fn command(&self, name: &str, args: &[&str]) -> Command {
        let mut command = script(&self.tools, name, args);
        command.env("VITRINE_CHROMIUM", &self.chromium);
        command
    }
}

/// Where Firefox and puppeteer-core are, as the environment declares.
pub struct Firefox {
    tools: PathBuf,
    firefox: PathBuf,
}

impl Firefox {
    /// What `cargo xtask test` has set up; `None` where it was not.
    pub fn declared() -> Option<Self> {
        Some(Self { tools: declared("VITRINE_TOOLS")?, firefox: declared("VITRINE_FIREFOX")? })
    }

    /// Runs `browser/<name>.mjs` and returns the JSON it prints last.
    ///
    /// # Errors
    /// The script fails; its output is in the message.
    pub fn run(&self, name: &str, args: &[&str]) -> Result<Value> {
        outcome(name, script(&self.tools, name, args).env("VITRINE_FIREFOX", &self.firefox))
    }
}

fn declared(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|path| path.exists())
}

fn script(tools: &Path, name: &str, args: &[&str]) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let mut command = Command::new("node");
    command.arg(folder.join(format!("{name}.mjs"))).args(args).env("VITRINE_TOOLS", tools);
    command
}

/// Runs a script to its end; the JSON that it prints last.
fn outcome(name: &str, command: &mut Command) -> Result<Value> {
    let output = command.output().context("starting node")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed:\n{text}{log}");
    let last = text.lines().last().context("the script printed nothing")?;
    serde_json::from_str(last).with_context(|| format!("{name} printed: {last}"))
}

/// A script that stops at each `step()` until it is told to go on.
pub struct Script {
    child: Child,
    input: std::process::ChildStdin,
    output: std::io::BufReader<std::process::ChildStdout>,
}

impl Script {
    /// The next JSON line of the script.
    pub fn next_line(&mut self) -> Result<Value> {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut self.output, &mut line)?;
        serde_json::from_str(&line).with_context(|| format!("the script said: {line:?}"))
    }

    /// Lets the script go on.
    pub fn go_on(&mut self) -> Result<()> {
        self.go_on_with("go")
    }

    /// Lets the script go on with a line of text, which its `step()` returns.
    pub fn go_on_with(&mut self, line: &str) -> Result<()> {
        use std::io::Write as _;
        writeln!(self.input, "{line}").context("the script has ended")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
