//! The `vitrine-lab` binary: what is measured to build the product and does not ship
//! with it. Models are compared on data sets and tuned, searches are asked misspelt and
//! many at once, faults are planted in feeds.
//!
//! It measures what the product calls, through `vitrine_server`; nothing of the product
//! knows it.

mod changes;
mod cli;
mod compare;
mod cuts;
mod newcomers;
mod outputs;
mod pictures;
mod plant;
mod prequential;
mod questions;
mod related;
mod reviews;
mod search;
mod tune;

use std::process::ExitCode;

use anyhow::Result;
use vitrine_server::settings::ServerSettings;
use vitrine_server::{console, signals};

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    console::exit_code(run(&Cli::of_process()))
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let settings = &ServerSettings::load(&cli.overrides())?;
    console::start_log(settings.log_json);
    let stop = &signals::stop_flag()?;
    match &cli.command {
        Command::Compare(args) => compare::run(settings, args, stop),
        Command::Tune(args) => tune::run(settings, args, stop),
        Command::Prequential(args) => prequential::run(settings, args, stop),
        Command::Search(args) => search::judged::run(settings, args, stop),
        Command::Intent(args) => search::intent::run(settings, args, stop),
        Command::Typos(args) => search::typos::run(settings, args, stop),
        Command::Adapters(args) => search::adapters::run(settings, args, stop),
        Command::Graded(args) => search::graded::run(settings, args, stop),
        Command::Questions(args) => questions::run(args, stop),
        Command::Private(args) => search::private::run(settings, args),
        Command::Speed(args) => search::speed::run(settings, args),
        Command::Related(args) => related::run(settings, args),
        Command::Outputs(args) => outputs::run(settings, args),
        Command::Newcomers(args) => newcomers::run(settings, args),
        Command::Cuts(args) => cuts::run(settings, args, stop),
        Command::Changes(args) => changes::run(settings, args, stop),
        Command::Pictures(args) => pictures::run(settings, args, stop),
        Command::Reviews(args) => reviews::run(settings, args, stop),
        Command::Plant(args) => plant::run(settings, args, stop),
    }
}
