//! `cargo xtask docs`: runs the commands that documents show, top to bottom, in a folder of
//! their own, and compares the JSON that they show with what comes out.
//!
//! The first word after ` ``` ` is the language, the second what is done with a block:
//!
//! | block | meaning |
//! |---|---|
//! | ` ```sh ` | is run, in one bash with the blocks before it |
//! | ` ```sh server ` | one command that goes on running, such as `vitrine serve`; what follows waits until it answers |
//! | ` ```sh example ` | is not run: it has names of the reader's own |
//! | ` ```json ` after a ` ```sh ` | is what comes out of it; `"…"` stands for anything |
//!
//! Documents say `127.0.0.1:8080`; here the server gets a port that is free.

mod script;
mod shown;

use std::fs::{self, File};
use std::net::TcpListener;
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;

/// Documents whose commands are run.
const DOCUMENTS: &[&str] = &["docs/catalogue-api.md", "docs/feeds.md", "docs/pictures.md"];
/// Longest run of one document.
const TIME_MAX: Duration = Duration::from_secs(180);
/// Lines of output that a failure shows.
const LINES_SHOWN: usize = 30;
/// The address that documents say.
const ADDRESS: &str = "127.0.0.1:8080";

/// Runs the commands of all documents; `vitrine` must have been built.
///
/// # Errors
/// The first command that fails, or output that is not as shown, with document and line.
pub fn run(ws: &Workspace, watch: &mut Stopwatch) -> Result<()> {
    let programs = ws.target.join("debug");
    let vitrine = programs.join("vitrine");
    ensure!(vitrine.is_file(), "{} is not there: cargo build --bin vitrine", vitrine.display());
    for name in DOCUMENTS {
        let text = fs::read_to_string(ws.root.join(name)).with_context(|| (*name).to_owned())?;
        watch.lap(name, || run_document(name, &text, &programs, TIME_MAX))?;
    }
    Ok(())
}

/// Runs one document with a folder of programs in front of `PATH`.
fn run_document(name: &str, text: &str, programs: &Path, time_max: Duration) -> Result<()> {
    let folder = Scratch::new()?;
    let address = free_address()?;
    let script = script::of_document(text).with_context(|| name.to_owned())?;
    let state = folder.path.join("state");
    fs::create_dir_all(state.join("shown"))?;
    fs::create_dir(folder.path.join("work"))?;
    fs::write(state.join("document.sh"), script.replace(ADDRESS, &address))?;
    fs::write(state.join("prelude.sh"), script::PRELUDE)?;
    let output = state.join("output");
    let file = File::create(&output)?;
    let mut paths = vec![programs.to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new("bash");
    command
        .arg(state.join("document.sh"))
        .current_dir(folder.path.join("work"))
        .env("PATH", std::env::join_paths(paths)?)
        .env("DOCUMENT_STATE", &state)
        .env("VITRINE_LISTEN", &address)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    // What it leaves running is ended with it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().context("starting bash")?;
    let ended = wait(&mut child, time_max);
    end_group(child.id());
    // It has ended, unless this system has no groups.
    let _ = child.kill();
    let status = child.wait()?;
    let note = |file: &str| fs::read_to_string(state.join(file)).unwrap_or_default();
    let tail = || tail(&output, &address);
    if !ended? {
        let seconds = time_max.as_secs();
        bail!("{name}:{}: no end after {seconds} s\n{}", note("at").trim_end(), tail());
    }
    if !status.success() {
        // The shell itself gives up on a name that is not set, and says where.
        let at = note("at");
        let failed = note("failed");
        let (line, command) = failed.trim_end().split_once(' ').unwrap_or((at.trim_end(), ""));
        bail!("{name}:{line}: {status}: {command}\n{}", tail());
    }
    shown::compare(name, &state.join("shown"))
}

/// Whether it ends in time.
fn wait(child: &mut Child, time_max: Duration) -> Result<bool> {
    let deadline = Instant::now() + time_max;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(false)
}

/// Ends all processes of a group; those of one that has ended are none.
fn end_group(id: u32) {
    let command = format!("kill -KILL -- -{id} 2>/dev/null");
    // There may be nothing to end.
    let _ = Command::new("bash").args(["-c", &command]).status();
}

/// An address where nobody listens now.
fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr()?.to_string())
}

fn tail(output: &Path, address: &str) -> String {
    let text = fs::read(output).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).replace(address, ADDRESS);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

/// A folder that goes when it is dropped.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new() -> Result<Self> {
        for n in 0.. {
            let name = format!("vitrine-docs-{}-{n}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| path.display().to_string()),
            }
        }
        bail!("no name is left in {}", std::env::temp_dir().display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Result<(), String> {
        let run = run_document("x.md", text, Path::new("/nowhere"), Duration::from_secs(20));
        run.map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn blocks_share_one_shell_and_a_folder_of_their_own() {
        let text = "# Title\n\n```sh\ncat > a.txt <<'EOF'\nline\nEOF\nNAME=a.txt\n```\n\n\
                    ```toml\nnot = a command\n```\n\n```sh\ngrep -q line $NAME; test ! -e Cargo.toml\n```\n";
        assert_eq!(outcome(text), Ok(()));
    }

    #[test]
    fn a_command_that_fails_is_told_with_its_line_and_output() {
        let text = "# Title\n\n```sh\ntrue\necho why; ls /no/such/file\necho later\n```\n";
        let error = outcome(text).unwrap_err();
        assert!(error.starts_with("x.md:5: ") && error.contains("ls /no/such/file"), "{error}");
        assert!(error.contains("why") && !error.contains("later"), "{error}");
        let piped = outcome("# Title\n\n```sh\nfalse | cat\n```\n").unwrap_err();
        assert!(piped.starts_with("x.md:4: "), "{piped}");
        let unset = outcome("# Title\n\n```sh\necho $NO_SUCH_NAME\n```\n").unwrap_err();
        assert!(unset.contains("NO_SUCH_NAME"), "{unset}");
    }

    #[test]
    fn json_that_is_shown_is_compared_with_what_came_out() {
        let text = |shown: &str| {
            format!(
                "# Title\n\n```sh\necho '{{\"n\": 1, \"at\": 17}}'\n```\n\n```json\n{shown}\n```\n"
            )
        };
        assert_eq!(outcome(&text("{ \"n\": 1, \"at\": \"…\" }")), Ok(()));
        let error = outcome(&text("{ \"n\": 2, \"at\": \"…\" }")).unwrap_err();
        assert!(error.starts_with("x.md:7: ") && error.contains("n: 1"), "{error}");
    }

    #[test]
    fn a_command_without_an_end_is_ended() {
        let text = "# Title\n\n```sh\nsleep 600\n```\n";
        let run = run_document("x.md", text, Path::new("/nowhere"), Duration::from_millis(300));
        let error = format!("{:#}", run.unwrap_err());
        assert!(error.starts_with("x.md:3: no end"), "{error}");
    }

    #[test]
    fn a_server_that_ends_by_itself_is_told() {
        let error = outcome("# Title\n\n```sh server\necho no weights >&2\n```\n").unwrap_err();
        assert!(error.starts_with("x.md:") && error.contains("no weights"), "{error}");
    }
}
