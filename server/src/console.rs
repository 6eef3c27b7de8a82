//! What the command line shows: results on standard output, logs and errors on standard
//! error.

use std::env;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Error, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Whose lines are in no log, whatever `VITRINE_LOG` says: it writes what callers ask.
const SILENT_CRATE: &str = "rmcp";

/// Prints a command's result.
pub fn print(text: &str) {
    // A reader that has gone away (`| head`) is no error.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

/// The exit code of a command; an error is printed with its causes.
pub fn exit_code(result: Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, without those that it says itself.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Starts to log, as lines of text or of JSON. `VITRINE_LOG` chooses what.
pub fn start_log(json: bool) {
    let filter = EnvFilter::try_from_env("VITRINE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured(std::io::stderr().is_terminal(), env::var("NO_COLOR").ok()))
        .with_writer(std::io::stderr);
    let is_silent = |target: &str| target.split("::").next() == Some(SILENT_CRATE);
    let discreet = filter_fn(move |metadata| !is_silent(metadata.target()));
    if json {
        log.json().finish().with(discreet).init();
    } else {
        log.with_target(false).finish().with(discreet).init();
    }
}

/// Whether a log has colours: on a terminal, unless `NO_COLOR` is set to anything.
///
/// # Source
/// <https://no-color.org>
fn is_coloured(is_terminal: bool, no_color: Option<String>) -> bool {
    is_terminal && no_color.is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_log_has_colours_on_a_terminal_only_and_not_if_asked_not_to() {
        assert!(is_coloured(true, None) && is_coloured(true, Some(String::new())));
        assert!(!is_coloured(false, None) && !is_coloured(true, Some("1".to_owned())));
    }

    #[test]
    fn a_cause_is_told_once() {
        let cause = std::io::Error::other("the disk is full");
        let error = Error::new(cause).context("writing a.csv failed: the disk is full");
        let error = Err::<(), _>(error).context("importing").expect_err("it is one");
        assert_eq!(told(&error), "importing: writing a.csv failed: the disk is full");
        let other = anyhow::anyhow!("no column").context("reading b.csv");
        assert_eq!(told(&other), "reading b.csv: no column");
    }
}
