//! `vitrine doctor`: what is wrong, what it costs, and what to do.

mod embed;
mod feed;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{DoctorArgs, DoctorWhat};
use crate::signals::Stop;

/// Runs the command; fails where what was examined would.
///
/// # Errors
/// What is to be examined cannot be read.
pub fn run(args: &DoctorArgs, stop: &Stop) -> Result<ExitCode> {
    match &args.what {
        DoctorWhat::Feed(args) => feed::run(args, stop),
        DoctorWhat::Embed(args) => embed::run(args, stop),
    }
}
