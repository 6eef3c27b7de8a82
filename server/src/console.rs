//! What the command line shows: results on standard output, logs and errors on standard
//! error.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use tracing_subscriber::EnvFilter;

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
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Starts to log, as lines of text or of JSON. `VITRINE_LOG` chooses what.
pub fn start_log(json: bool) {
    let filter = EnvFilter::try_from_env("VITRINE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.with_target(false).init();
    }
}
