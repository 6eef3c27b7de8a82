//! `vitrine doctor embed`: what a page with Vitrine's elements lacks.

mod checks;
mod html;
mod policy;
mod site;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use vitrine_fetch::parse_url;

use crate::cli::DoctorEmbedArgs;
use crate::signals::Stop;
use checks::{EmbedCheck, Verdict};
use site::Site;

/// Runs the command; fails when something is missing.
///
/// # Errors
/// The page cannot be fetched, or an address is none.
pub fn run(args: &DoctorEmbedArgs, stop: &Stop) -> Result<ExitCode> {
    let diagnosis = diagnose(args, stop)?;
    if args.json {
        crate::print(&serde_json::to_string_pretty(&diagnosis.to_json())?);
    } else {
        crate::print(&diagnosis.to_text());
    }
    Ok(if diagnosis.lacks_something() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn diagnose(args: &DoctorEmbedArgs, stop: &Stop) -> Result<Diagnosis> {
    let page = parse_url(&args.page).context("the address of the page")?;
    let named = args.server.as_deref().map(parse_url).transpose();
    let named = named.context("the address of --server")?;
    let site = Site::fetch(&page, named, &args.private_host, stop)
        .with_context(|| format!("fetching {page}"))?;
    Ok(Diagnosis { page: site.page.to_string(), checks: checks::all(&site) })
}

/// All checks of one page.
struct Diagnosis {
    /// Its address, after redirects.
    page: String,
    checks: Vec<EmbedCheck>,
}

impl Diagnosis {
    fn lacks_something(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Missing)
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.page);
        for verdict in [Verdict::Missing, Verdict::Unknown, Verdict::Good] {
            for check in self.checks.iter().filter(|check| check.verdict == verdict) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n{}: {}\n", verdict.name(), check.what);
                if !check.cost.is_empty() {
                    let _ = writeln!(text, "  cost: {}", check.cost);
                }
                if !check.todo.is_empty() {
                    let _ = writeln!(text, "  do: {}", check.todo);
                }
            }
        }
        let n = self.checks.iter().filter(|check| check.verdict == Verdict::Missing).count();
        text.push_str(&match n {
            0 => "\nNothing is missing.\n".to_owned(),
            1 => "\nOne thing is missing.\n".to_owned(),
            n => format!("\n{n} things are missing.\n"),
        });
        text
    }

    fn to_json(&self) -> Value {
        let check = |check: &EmbedCheck| {
            json!({
                "code": check.code,
                "verdict": check.verdict.name(),
                "what": check.what,
                "cost": check.cost,
                "todo": check.todo,
            })
        };
        json!({
            "page": self.page,
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
            "lacks_something": self.lacks_something(),
        })
    }
}
