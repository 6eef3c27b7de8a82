//! Arguments of the measurements on pictures.

use std::path::PathBuf;

use clap::Args;
use vitrine_server::cli::{DataArgs, EncoderArgs};

use super::ReportArgs;

/// Arguments of `vitrine-lab pictures`.
#[derive(Debug, Args)]
#[command(after_help = "\
The sets clothing-images and grocery-images are read from the folder that VITRINE_EVAL_DATA names,
else from ../shared/data. Vectors of pictures are kept in the data folder.

Example:
  vitrine fetch --model efficientnet-lite0 && vitrine-lab pictures")]
pub struct PicturesArgs {
    /// Folder of the picture weights [default: where `vitrine fetch` puts them]
    #[arg(long, value_name = "DIR")]
    pub picture_weights: Option<PathBuf>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}
