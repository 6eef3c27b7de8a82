//! The `vitrine-cuda` binary: encodes batches of texts that come over a pipe.
//!
//! It is apart from `vitrine` because it is linked with the driver of a GPU, and so does not
//! start where there is none. What it does is in `vitrine_encoder::remote`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use vitrine_encoder::remote::{DeviceModel, DevicePrecision, OpenDevice, worker};
use vitrine_encoder::{DeviceChoice, ModelFiles};

const HELP: &str = "\
`vitrine` starts it by itself where it lies beside it, with --device auto or cuda; people need
--check alone. It ends when its standard input is closed. The device `cpu` is for trying the
protocol: `vitrine` itself is quicker on a CPU.

Examples:
  vitrine-cuda --check                          does a GPU answer, and which?
  vitrine-cuda --check --device cuda:1          the second one
  CUDA_VISIBLE_DEVICES=1 vitrine import …       only that one is seen, as the first";

/// Encodes texts on a GPU for `vitrine`, over its standard input and output.
#[derive(Debug, Parser)]
#[command(name = "vitrine-cuda", version, after_help = HELP)]
struct Cli {
    /// Say which device answers, and end
    #[arg(long)]
    check: bool,
    /// Folder with the encoder's model.safetensors, tokenizer.json and config.json
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    weights: Option<PathBuf>,
    /// An adapter of that model, as `vitrine adapt` writes them
    #[arg(long, value_name = "FILE")]
    adapter: Option<PathBuf>,
    /// cuda, cuda:N or cpu
    #[arg(long, value_name = "DEVICE", default_value = "cuda:0")]
    device: DeviceChoice,
    /// Numbers to compute with: f16 or f32 [default: f16 on a GPU, f32 on a CPU]
    #[arg(long, value_name = "PRECISION")]
    precision: Option<DevicePrecision>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    if cli.check {
        let open = OpenDevice::open(cli.device)?;
        eprintln!("{}: {}", cli.device, open.describe());
        return Ok(());
    }
    let dir = cli.weights.clone().context("--weights is missing")?;
    let files = ModelFiles { dir, adapter: cli.adapter.clone() };
    worker::run(std::io::stdin(), std::io::stdout(), || {
        DeviceModel::load(files, OpenDevice::open(cli.device)?, cli.precision)
    })?;
    Ok(())
}
