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
//!
//! The quick start begins in a folder such as `cargo xtask dist` makes, and each of its blocks is run.
//! That folder is one for Linux: elsewhere this document is left out, and that is said.

mod script;
mod shown;

use std::fs::{self, File};
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::dist::layout;
use crate::process::Cmd;
use crate::scratch::{Scratch, free_address};
use crate::stopwatch::{Stopwatch, clock};
use crate::workspace::Workspace;

/// Document that begins in the folder that `cargo xtask dist` makes.
const QUICK_START: &str = "docs/quick-start.md";
/// Other documents whose commands are run.
const DOCUMENTS: &[&str] = &["docs/catalogue-api.md", "docs/feeds.md", "docs/pictures.md"];
/// Programs that every document starts, and where they come from.
const TOOLS: [(&str, &str); 2] = [("bash", "bash"), ("curl", "curl")];
/// Folder in which a document's commands begin.
const WORK: &str = "work";
/// Longest run of one document.
const TIME_MAX: Duration = Duration::from_secs(180);
/// Lines of output that a failure shows.
const LINES_SHOWN: usize = 30;
/// The address that documents say.
const ADDRESS: &str = "127.0.0.1:8080";

/// Runs the commands of the documents that are `asked` for, of all if none is; `vitrine` must
/// have been built.
///
/// # Errors
/// The first command that fails, or output that is not as shown, with document and line; a
/// document that is none of those that are run.
pub fn run(ws: &Workspace, watch: &mut Stopwatch, asked: &[String]) -> Result<()> {
    let is_known =
        |name: &&String| name.as_str() == QUICK_START || DOCUMENTS.contains(&name.as_str());
    if let Some(name) = asked.iter().find(|name| !is_known(name)) {
        bail!("{name} is none of {QUICK_START}, {}", DOCUMENTS.join(", "));
    }
    let is_asked = |name: &str| asked.is_empty() || asked.iter().any(|other| other == name);
    layout::check_tools(ws, &TOOLS)?;
    let programs = ws.target.join("debug");
    let vitrine = programs.join("vitrine");
    ensure!(vitrine.is_file(), "{} is not there: cargo build --bin vitrine", vitrine.display());
    for name in DOCUMENTS.iter().filter(|name| is_asked(name)) {
        let text = fs::read_to_string(ws.root.join(name)).with_context(|| (*name).to_owned())?;
        let folder = Scratch::new()?;
        fs::create_dir(folder.path.join(WORK))?;
        watch.lap(name, || run_document(name, &text, &folder, &programs, TIME_MAX))?;
    }
    if !is_asked(QUICK_START) {
        return Ok(());
    }
    if let Some(why) = no_quick_start(std::env::consts::OS) {
        ensure!(asked.is_empty(), "{why}");
        eprintln!("   {QUICK_START} SKIPPED: {why}");
        return Ok(());
    }
    layout::check_machine(ws).context(QUICK_START)?;
    watch.lap(QUICK_START, || {
        let folder = Scratch::new()?;
        layout::lay_out(ws, &vitrine, None, &folder.path.join(WORK))?;
        run_quick_start_in(ws, &folder)
    })
}

/// Why the quick start cannot be run on a system, if it cannot.
fn no_quick_start(system: &str) -> Option<String> {
    let is_linux = system == "linux";
    (!is_linux).then(|| format!("it begins in a folder for Linux, and this is {system}"))
}

/// Runs the quick start in a copy of a folder that `cargo xtask dist` has made.
///
/// # Errors
/// The first command that fails, or output that is not as shown, with the line.
pub fn run_quick_start(ws: &Workspace, dist: &Path) -> Result<()> {
    let folder = Scratch::new()?;
    Cmd::new("cp").arg("-r").arg(dist).arg(folder.path.join(WORK)).capture()?;
    run_quick_start_in(ws, &folder)
}

fn run_quick_start_in(ws: &Workspace, folder: &Scratch) -> Result<()> {
    let text = fs::read_to_string(ws.root.join(QUICK_START)).context(QUICK_START)?;
    ensure!(!text.contains("```sh example"), "{QUICK_START} has a block that is not run");
    let began = Instant::now();
    // It starts the program of its own folder, and needs none on `PATH`.
    run_document(QUICK_START, &text, folder, &folder.path.join("programs"), TIME_MAX)?;
    eprintln!("   all its blocks: {}", clock(began.elapsed()));
    Ok(())
}

/// Runs one document in a folder's `WORK`, with a folder of programs in front of `PATH`.
fn run_document(
    name: &str,
    text: &str,
    folder: &Scratch,
    programs: &Path,
    time_max: Duration,
) -> Result<()> {
    let address = free_address()?;
    let script = script::of_document(text).with_context(|| name.to_owned())?;
    let state = folder.path.join("state");
    fs::create_dir_all(state.join("shown"))?;
    fs::write(state.join("document.sh"), script.replace(ADDRESS, &address))?;
    fs::write(state.join("prelude.sh"), script::PRELUDE)?;
    let output = state.join("output");
    let file = File::create(&output)?;
    let mut paths = vec![programs.to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new("bash");
    command
        .arg(state.join("document.sh"))
        .current_dir(folder.path.join(WORK))
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

fn tail(output: &Path, address: &str) -> String {
    let text = fs::read(output).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).replace(address, ADDRESS);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_for(text: &str, time_max: Duration) -> Result<()> {
        let folder = Scratch::new().unwrap();
        fs::create_dir(folder.path.join(WORK)).unwrap();
        run_document("x.md", text, &folder, Path::new("/nowhere"), time_max)
    }

    fn outcome(text: &str) -> Result<(), String> {
        run_for(text, Duration::from_secs(20)).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_quick_start_is_for_linux_and_elsewhere_that_is_said() {
        assert_eq!(no_quick_start("linux"), None);
        assert!(no_quick_start("macos").is_some_and(|why| why.ends_with("this is macos")));
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
        let run = run_for(text, Duration::from_millis(300));
        let error = format!("{:#}", run.unwrap_err());
        assert!(error.starts_with("x.md:3: no end"), "{error}");
    }

    #[test]
    fn a_server_that_ends_by_itself_is_told() {
        let error = outcome("# Title\n\n```sh server\necho no weights >&2\n```\n").unwrap_err();
        assert!(error.starts_with("x.md:") && error.contains("no weights"), "{error}");
    }
}
