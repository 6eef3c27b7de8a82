//! Flags that override settings, in groups: a command takes those that it uses.

use std::path::PathBuf;

use clap::Args;
use vitrine_encoder::DeviceChoice;

use crate::adapter_choice::AdapterChoice;

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Every command")]
pub struct CommonArgs {
    /// Settings file [default: vitrine.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Logs as JSON lines instead of text
    #[arg(long, global = true)]
    pub log_json: bool,
}

/// Where things are kept.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct DataArgs {
    /// Where everything is kept [default: var]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// Where the encoder's weights are.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct WeightsArgs {
    /// Folder with the encoder's model.safetensors, tokenizer.json and config.json
    /// [default: weights/all-MiniLM-L6-v2 beside this program, else in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub weights_dir: Option<PathBuf>,
}

/// Where the encoder is, and where it computes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct EncoderArgs {
    #[command(flatten)]
    pub weights: WeightsArgs,
    /// Adapter of the encoder: auto (for an import the one that `vitrine adapt` kept last, else
    /// that of the published catalogue), none, or a file [default: auto]
    #[arg(long, value_name = "auto|none|FILE")]
    pub adapter: Option<AdapterChoice>,
    /// Where batches of texts are encoded: auto (the GPU where one answers, else the CPU), cpu,
    /// cuda or cuda:N; docs/devices.md has what it takes [default: auto]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// The program that encodes on a GPU [default: vitrine-cuda beside this program]
    #[arg(long, value_name = "FILE")]
    pub cuda_program: Option<PathBuf>,
}

/// Words that stand for each other.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SynonymsArgs {
    /// Synonyms of the shop's own, a TOML file of groups such as same = [["tv", "television"]]
    #[arg(long, value_name = "FILE")]
    pub synonyms_file: Option<PathBuf>,
}

/// What makes one result better than another.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct RelevanceArgs {
    /// Weights of relevance in place of the built-in ones, as `vitrine evaluate search --fit`
    /// writes them
    #[arg(long, value_name = "FILE")]
    pub relevance_file: Option<PathBuf>,
    /// Language of the catalogue's texts, whose words are stemmed by it: en, de or zh (Chinese
    /// is read in any) [default: found by the frequent words of the titles]
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
}

/// How the shop is served.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct ServerArgs {
    /// Address to serve on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Token that opens /studio; without one the Studio is closed
    #[arg(long, value_name = "TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,
    /// Origin whose pages may embed the shop: https://www.shop.example; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub embed_origin: Vec<String>,
    /// Where the shop is reached, such as https://shop.example: products and categories then have
    /// addresses (/p/…, /c/…) that search engines read. Whoever arrives by one tells the server
    /// which product it was; docs/real-urls.md has what that costs [default: no addresses]
    #[arg(long, value_name = "ORIGIN")]
    pub pages_origin: Option<String>,
    #[command(flatten)]
    pub limits: LimitArgs,
}

impl ServerArgs {
    /// The origins that are given; `None` leaves them to the other settings.
    pub fn embed_origins(&self) -> Option<Vec<String>> {
        (!self.embed_origin.is_empty()).then(|| self.embed_origin.clone())
    }
}

/// Limits of the server.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Largest request body, in bytes; larger ones get 413 [default: 65536]
    #[arg(long, value_name = "BYTES")]
    pub request_bytes_max: Option<u64>,
    /// Longest time for one request, in milliseconds; then 503 [default: 10000]
    #[arg(long, value_name = "MS")]
    pub request_ms_max: Option<u64>,
    /// Requests handled at once; more get 503 with Retry-After [default: 512]
    #[arg(long, value_name = "N")]
    pub requests_in_flight_max: Option<u64>,
    /// Searches handled at once; more get 429 with Retry-After [default: 64]
    #[arg(long, value_name = "N")]
    pub searches_in_flight_max: Option<u64>,
    /// Connections kept at once; more hear that the server is busy [default: 1024]
    #[arg(long, value_name = "N")]
    pub connections_max: Option<u64>,
    /// Largest header of a request, in bytes; larger ones get 431 [default: 16384]
    #[arg(long, value_name = "BYTES")]
    pub header_bytes_max: Option<u64>,
    /// Longest wait for a request's header, in milliseconds; idle connections end then,
    /// too [default: 10000]
    #[arg(long, value_name = "MS")]
    pub header_ms_max: Option<u64>,
    /// Longest wait for a body, in milliseconds; then 408 [default: 5000]
    #[arg(long, value_name = "MS")]
    pub body_ms_max: Option<u64>,
    /// Longest time in which a client reads nothing of its answer, in milliseconds; then
    /// the connection ends [default: 10000]
    #[arg(long, value_name = "MS")]
    pub write_ms_max: Option<u64>,
    /// How long open requests may finish after Ctrl-C, in milliseconds [default: 5000]
    #[arg(long, value_name = "MS")]
    pub shutdown_ms_max: Option<u64>,
}

/// The settings that a command line gives; what it does not comes from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Settings file.
    pub config: Option<PathBuf>,
    /// Whether logs are JSON lines.
    pub log_json: bool,
    /// Where everything is kept.
    pub data_dir: Option<PathBuf>,
    /// The encoder's folder.
    pub weights_dir: Option<PathBuf>,
    /// Which adapter is merged into it.
    pub adapter: Option<AdapterChoice>,
    /// Where the encoder computes.
    pub device: Option<DeviceChoice>,
    /// The program that encodes on a GPU.
    pub cuda_program: Option<PathBuf>,
    /// Synonyms of the shop's own.
    pub synonyms_file: Option<PathBuf>,
    /// Weights of relevance.
    pub relevance_file: Option<PathBuf>,
    /// Language of the texts.
    pub language: Option<String>,
    /// How the shop is served.
    pub server: ServerArgs,
}

impl Overrides {
    /// Those of every command.
    pub fn of(CommonArgs { config, log_json }: &CommonArgs) -> Self {
        Self { config: config.clone(), log_json: *log_json, ..Self::default() }
    }

    /// With where things are kept.
    #[must_use]
    pub fn data(self, args: &DataArgs) -> Self {
        Self { data_dir: args.data_dir.clone(), ..self }
    }

    /// With where the encoder's weights are.
    #[must_use]
    pub fn weights(self, args: &WeightsArgs) -> Self {
        Self { weights_dir: args.weights_dir.clone(), ..self }
    }

    /// With where the encoder is, and where it computes.
    #[must_use]
    pub fn encoder(self, args: &EncoderArgs) -> Self {
        let EncoderArgs { device, cuda_program, adapter, weights } = args.clone();
        Self { device, cuda_program, adapter, ..self.weights(&weights) }
    }

    /// With synonyms.
    #[must_use]
    pub fn synonyms(self, args: &SynonymsArgs) -> Self {
        Self { synonyms_file: args.synonyms_file.clone(), ..self }
    }

    /// With weights of relevance.
    #[must_use]
    pub fn relevance(self, args: &RelevanceArgs) -> Self {
        let RelevanceArgs { relevance_file, language } = args.clone();
        Self { relevance_file, language, ..self }
    }

    /// With how the shop is served.
    #[must_use]
    pub fn server(self, args: &ServerArgs) -> Self {
        Self { server: args.clone(), ..self }
    }
}
