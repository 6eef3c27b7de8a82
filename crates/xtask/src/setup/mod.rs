//! Set-up: one file a tool. Each step says what it is for, does nothing when
//! the tool is there, tries the ordinary way and then the fallback, says which
//! it took, and when none works prints what to run by hand.

mod apt;
mod cargo_tool;
pub mod chromium;
pub mod firefox;
mod mdbook;
mod node;
pub mod packages;
mod python;
mod step;
mod trunk;
pub mod vulkan;
mod wasm_bindgen;
pub mod wasm_opt;
pub mod wasm_target;

use anyhow::Result;

use crate::workspace::Workspace;
use step::Step;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// What building and running the demo needs.
    Demo,
    /// That, and two browsers, what drives them, and a software GPU.
    Test,
    /// Wasm, a browser and what drives it.
    Bench,
    /// What makes a site of the documents.
    Site,
    /// That, and a browser that looks at it.
    SiteCheck,
}

/// # Errors
/// When something is missing that the purpose can't do without.
pub fn run(ws: &Workspace, purpose: Purpose) -> Result<()> {
    steps(ws, purpose)?.iter().try_for_each(|step| step.run(ws))?;
    cargo_tool::remove_intermediates(ws)
}

fn steps(ws: &Workspace, purpose: Purpose) -> Result<Vec<Step>> {
    match purpose {
        Purpose::Site => return Ok(vec![mdbook::step()]),
        Purpose::SiteCheck => {
            return Ok(vec![
                mdbook::step(),
                node::step(ws),
                packages::step(ws),
                chromium::step(ws),
            ]);
        }
        Purpose::Demo | Purpose::Test | Purpose::Bench => {}
    }
    let mut steps =
        vec![wasm_target::step(ws), wasm_bindgen::step(ws)?, node::step(ws), wasm_opt::step(ws)];
    if purpose != Purpose::Bench {
        steps.extend([trunk::step(ws), python::step(ws)]);
    }
    if purpose != Purpose::Demo {
        steps.extend([packages::step(ws), chromium::step(ws)]);
    }
    if purpose == Purpose::Test {
        steps.extend([vulkan::step(ws), firefox::step(ws)]);
    }
    Ok(steps)
}
