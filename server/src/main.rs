//! The `vitrine` binary: import, train, evaluate, serve, demo.

use std::process::ExitCode;

use vitrine_server::cli::Cli;
use vitrine_server::{console, run};

fn main() -> ExitCode {
    console::exit_code(run(&Cli::of_process()))
}
