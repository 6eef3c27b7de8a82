//! `cargo xtask`: set-up, demo, test, lint, packages, bench and their parts.
//!
//! Everything that a developer or CI does to this project goes through here,
//! so that one place knows the tools, their versions and their fallbacks.

mod bench;
mod bundle;
mod cuda;
mod demo;
mod dist;
mod docs;
mod licences;
mod links;
mod lint;
mod packages;
mod process;
mod scratch;
mod setup;
mod site;
mod stamp;
mod stopwatch;
mod test;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::setup::Purpose;
use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;

const DEMO_HELP: &str = "\
The page is on http://127.0.0.1:8080/ some minutes after the build, which takes the longest
the first time. Ctrl-C stops it; the same command goes on where it was.

Examples:
  cargo xtask demo
  cargo xtask demo --listen 0.0.0.0:8080
  cargo xtask demo --admin-token $(openssl rand -hex 16)    opens /studio
  cargo xtask demo --data-dir /tmp/shop

`vitrine demo --help` lists all flags, once it is built; docs/cli.md does so before.";

const TEST_HELP: &str = "\
Examples:
  cargo xtask test
  cargo xtask test -- --skip e2e               arguments of the test programs
  cargo xtask test -p vitrine-wire";

const DIST_HELP: &str = "\
The folder is target/dist: the program, the encoder's weights, a Containerfile that builds without
a network, a unit for systemd, the documents, SHA256SUMS, and a README to begin with. It is moved
as it is, such as by `tar czf vitrine.tar.gz -C target dist`.

Examples:
  cargo xtask dist
  cargo xtask dist --no-check
  cd target/dist && podman build --tag vitrine .";

const SITE_HELP: &str = "\
The site is target/site: plain files, for any web server.

Examples:
  cargo xtask site
  cargo xtask site --axe
  python3 -m http.server --directory target/site 8000";

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Vitrine's automation.", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up what is missing, build everything, import the demo shop, train, serve.
    #[command(after_help = DEMO_HELP)]
    Demo {
        /// Passed to `vitrine demo` as they are.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Set up what is missing, build everything, run every test.
    #[command(after_help = TEST_HELP)]
    Test {
        /// Passed to `cargo test` as they are, after its own arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Formatting, clippy (native and wasm), tidy, dependencies, each feature by itself.
    Lint {
        /// Fail where something cannot be checked, because a tool or a database is not there.
        #[arg(long)]
        strict: bool,
    },
    /// The rules of the house that a compiler does not know.
    Tidy,
    /// Run the commands that documents show, and compare what comes out.
    Docs {
        /// Only these, such as docs/quick-start.md.
        documents: Vec<String>,
    },
    /// Make the folder that a shop's engineer gets: program, weights, container file, documents.
    #[command(after_help = DIST_HELP)]
    Dist(dist::DistOptions),
    /// Build the documents as a site, and check its links.
    #[command(after_help = SITE_HELP)]
    Site(site::SiteOptions),
    /// Install what is missing. Does nothing when repeated.
    Setup {
        /// Only what `demo` needs: no browser, no test tools.
        #[arg(long)]
        demo: bool,
    },
    /// Build the web bundle into web/dist and check its size.
    Web,
    /// Build the npm packages into target/packages and check their size.
    Packages,
    /// Measure: by default the ranker beside onnxruntime-web.
    Bench(bench::BenchOptions),
    /// Compile and link vitrine-cuda with its feature `cuda`. Needs no GPU; takes about 15 minutes.
    CheckCuda,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let ws = Workspace::locate()?;
    let mut watch = Stopwatch::start();
    match task {
        Task::Demo { args } => demo::run(&ws, &mut watch, &args),
        Task::Test { args } => test::run(&ws, &mut watch, &args),
        Task::Lint { strict } => lint::run(&ws, &mut watch, strict),
        Task::Tidy => tidy::run(&ws),
        Task::Docs { documents } => docs::run(&ws, &mut watch, &documents),
        Task::Dist(options) => dist::run(&ws, &mut watch, &options),
        Task::Site(options) => site::run(&ws, &mut watch, &options),
        Task::Setup { demo } => setup::run(&ws, if demo { Purpose::Demo } else { Purpose::Test }),
        Task::Web => web::build(&ws),
        Task::Packages => packages::build(&ws),
        Task::Bench(options) => bench::run(&ws, &mut watch, &options),
        Task::CheckCuda => cuda::check(&ws),
    }
}
