//! One file a subcommand.

pub mod adapt;
pub mod base;
pub mod compact;
pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod fetch;
pub mod graph;
pub mod import;
pub mod keys;
pub mod mapping;
mod offers;
pub mod quality;
mod reviews;
pub mod rollback;
pub mod serve;
pub mod source;
pub mod train;
pub mod verify;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::settings::ServerSettings;
use crate::{console, signals};

/// Runs the command that a command line names.
///
/// # Errors
/// Settings that cannot be read, or whatever the command fails with.
pub fn run(cli: &Cli) -> Result<ExitCode> {
    let settings = ServerSettings::load(&cli.overrides())?;
    console::start_log(settings.log_json);
    let stop = signals::stop_flag()?;
    match &cli.command {
        Command::Fetch(args) => fetch::run(&settings, args),
        Command::Import(args) => import::run(&settings, args, &stop),
        Command::Mapping(args) => mapping::run(args),
        Command::Doctor(args) => doctor::run(args, &stop),
        Command::Compact(args) => compact::run(&settings, args, &stop),
        Command::Quality(args) => quality::run(&settings, args, &stop),
        Command::Train(args) => train::run(&settings, args, &stop),
        Command::Adapt(args) => adapt::run(&settings, args, &stop),
        Command::Base(args) => base::run(&settings, args, &stop),
        Command::Evaluate(args) => evaluate::run(&settings, args, &stop),
        Command::Graph(args) => graph::run(&settings, args),
        Command::Serve(_) => serve::run(&settings, &stop),
        Command::Verify(args) => verify::run(&settings, args),
        Command::Rollback(args) => rollback::run(&settings, args),
        Command::Keys(args) => keys::run(&settings, args),
        Command::Demo(args) => demo::run(&settings, args, &stop),
    }
}
