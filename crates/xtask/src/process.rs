//! Running other programs, and saying which.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// One command line. Its [`Display`](fmt::Display) can be pasted into a shell.
pub struct Cmd {
    command: Command,
    timeout: Option<Duration>,
    log: Option<PathBuf>,
    best_effort: bool,
}

impl Cmd {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        for (name, value) in inherited_from_cargo(env::vars_os()) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self { command, timeout: None, log: None, best_effort: false }
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn envs(self, vars: &[(&'static str, OsString)]) -> Self {
        vars.iter().fold(self, |cmd, (name, value)| cmd.env(name, value))
    }

    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Ends the program when it takes longer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends its output to a file, of which a failure shows the end.
    pub fn log_to(mut self, file: PathBuf) -> Self {
        self.log = Some(file);
        self
    }

    /// Its failure is reported and does not count.
    pub fn best_effort(mut self) -> Self {
        self.best_effort = true;
        self
    }

    /// Runs it to its end with its output on our terminal (or in its log).
    ///
    /// # Errors
    /// When it can't be started, takes too long, or ends with another status than 0.
    pub fn run(mut self) -> Result<()> {
        let shown = self.to_string();
        eprintln!("   $ {shown}");
        let outcome = self.status().with_context(|| shown.clone()).and_then(|status| {
            if !status.success() {
                bail!("{status}: {shown}{}", self.log.as_deref().map(tail).unwrap_or_default());
            }
            Ok(())
        });
        match outcome {
            Err(error) if self.best_effort => {
                eprintln!("   (went on without it: {error:#})");
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Runs it quietly and gives its standard output.
    ///
    /// # Errors
    /// Like [`run`](Self::run), with its standard error in the message.
    pub fn capture(mut self) -> Result<String> {
        let shown = self.to_string();
        let output = self.command.stdin(Stdio::null()).output().with_context(|| shown.clone())?;
        if !output.status.success() {
            bail!("{}: {shown}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it with its standard output on ours, and shows each of its lines to `note`.
    ///
    /// # Errors
    /// When it can't be started or read.
    pub fn run_noting(mut self, mut note: impl FnMut(&str)) -> Result<ExitStatus> {
        let shown = self.to_string();
        eprintln!("   $ {shown}");
        let mut child =
            self.command.stdout(Stdio::piped()).spawn().with_context(|| shown.clone())?;
        let lines = BufReader::new(child.stdout.take().context("no output")?);
        for line in lines.split(b'\n') {
            let line = line.with_context(|| shown.clone())?;
            let line = String::from_utf8_lossy(&line);
            writeln!(io::stdout(), "{line}")?;
            note(&line);
        }
        Ok(child.wait()?)
    }

    /// Replaces this process by the program, so that signals, standard input
    /// and the exit status are the program's own.
    ///
    /// # Errors
    /// When it can't be started.
    #[cfg(unix)]
    pub fn exec(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt;
        let shown = self.to_string();
        eprintln!("   $ {shown}");
        Err(self.command.exec()).with_context(|| shown)
    }

    #[cfg(not(unix))]
    pub fn exec(self) -> Result<()> {
        self.run()
    }

    fn status(&mut self) -> Result<ExitStatus> {
        if let Some(log) = &self.log {
            if let Some(folder) = log.parent() {
                fs::create_dir_all(folder)?;
            }
            let file = File::create(log).with_context(|| format!("creating {}", log.display()))?;
            self.command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        }
        let mut child = self.command.spawn()?;
        match self.timeout {
            Some(timeout) => wait_at_most(&mut child, timeout),
            None => Ok(child.wait()?),
        }
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value.filter(|_| name != "PATH" && name != "LD_LIBRARY_PATH") {
                write!(f, "{}={} ", name.display(), quoted(value))?;
            }
        }
        write!(f, "{}", quoted(self.command.get_program()))?;
        self.command.get_args().try_for_each(|arg| write!(f, " {}", quoted(arg)))
    }
}

fn wait_at_most(child: &mut Child, timeout: Duration) -> Result<ExitStatus> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            bail!("no end after {} s", timeout.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What `cargo run` put into our environment and a child must not see: a
/// build started by us and one started by hand would otherwise differ, and
/// build everything twice. `None` removes the variable.
fn inherited_from_cargo(
    vars: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, Option<OsString>)> {
    let ours = |name: &str| {
        matches!(name, "CARGO" | "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_PKG_")
    };
    vars.filter_map(|(name, value)| match name.to_str()? {
        "LD_LIBRARY_PATH" => Some((name, without_toolchains(&value))),
        text if ours(text) => Some((name, None)),
        _ => None,
    })
    .collect()
}

/// A library path without cargo's own folders, which another toolchain must not load from.
fn without_toolchains(path: &OsStr) -> Option<OsString> {
    let kept = env::split_paths(path).filter(|folder| {
        let text = folder.to_string_lossy();
        !text.is_empty() && !text.contains("/toolchains/") && !text.contains("/debug")
    });
    env::join_paths(kept).ok().filter(|path| !path.is_empty())
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(12)..];
    format!("\n     {}\n     (all of it: {})", last.join("\n     "), log.display())
}

fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_can_be_pasted_into_a_shell() {
        let cmd = Cmd::new("echo").env("A", "b c").args(["it's", "13.0.*", "plain"]);
        assert_eq!(cmd.to_string(), r"A='b c' echo 'it'\''s' '13.0.*' plain");
    }

    #[test]
    fn a_status_other_than_zero_is_an_error_unless_best_effort() {
        assert!(Cmd::new("false").run().is_err());
        assert!(Cmd::new("false").best_effort().run().is_ok());
        assert!(Cmd::new("true").run().is_ok());
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = Cmd::new("sleep").arg("600").timeout(Duration::from_millis(1)).run();
        assert!(format!("{:#}", error.unwrap_err()).contains("no end after"));
    }

    #[test]
    fn a_failure_shows_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("deep/log");
        let error = Cmd::new("sh").args(["-c", "echo why; exit 3"]).log_to(log).run().unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }

    #[test]
    fn cargos_own_variables_are_removed_and_the_users_kept() {
        let pair = |n: &str, v: &str| (OsString::from(n), OsString::from(v));
        let vars = [
            pair("CARGO_PKG_NAME", "x"),
            pair("CARGO_TARGET_DIR", "t"),
            pair("LD_LIBRARY_PATH", "/r/toolchains/s/lib:/opt/lib"),
        ];
        let changed = inherited_from_cargo(vars.into_iter());
        assert_eq!(
            changed,
            [("CARGO_PKG_NAME".into(), None), ("LD_LIBRARY_PATH".into(), Some("/opt/lib".into())),]
        );
    }
}
