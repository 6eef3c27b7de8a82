//! The `vitrine` binary: import, train, evaluate, serve, demo.

mod catalogue;
mod cli;
mod commands;
mod curve;
mod fetch;
mod http;
mod in_full;
mod intent;
mod language;
mod live;
mod many_outputs;
mod measure;
mod model;
mod pictures;
mod progress;
mod publishing;
mod settings;
mod signals;
mod texts;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::settings::Settings;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(&cli.settings)?;
    start_log(settings.log_json);
    let stop = signals::stop_flag()?;
    match &cli.command {
        Command::Fetch => commands::fetch::run(&settings),
        Command::Import(args) => commands::import::run(&settings, args, &stop),
        Command::Quality(args) => commands::quality::run(&settings, args, &stop),
        Command::Train(args) => commands::train::run(&settings, args, &stop),
        Command::Base(args) => commands::base::run(&settings, args, &stop),
        Command::Evaluate(args) => commands::evaluate::run(&settings, args, &stop),
        Command::Graph(args) => commands::graph::run(&settings, args),
        Command::Tune(args) => commands::tune::run(&settings, args, &stop),
        Command::Serve => commands::serve::run(&settings, &stop),
        Command::Demo(args) => commands::demo::run(&settings, args, &stop),
    }
}

/// Prints a command's result.
fn print(text: &str) {
    use std::io::Write as _;
    // A reader that has gone away (`| head`) is no error.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

/// Logs go to standard error; results of commands to standard output.
fn start_log(json: bool) {
    let filter = EnvFilter::try_from_env("VITRINE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.with_target(false).init();
    }
}
