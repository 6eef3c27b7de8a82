//! Settings: flags over environment over file over defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use config::{Config, Environment, File};
use serde::Deserialize;
use vitrine_encoder::{DeviceChoice, DeviceOptions};
use vitrine_recall::TextLanguage;

use crate::adapter_choice::AdapterChoice;
use crate::cli::Overrides;
use crate::embedding::EmbedSettings;
use crate::language_model::LanguageModelSettings;
use crate::origin::PublicOrigin;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The file that they were read from, if one was named.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The encoder's weights.
    pub weights_dir: PathBuf,
    /// Which adapter is merged into the encoder.
    pub adapter: AdapterChoice,
    /// Where texts are encoded.
    pub device: DeviceChoice,
    /// The program that encodes on a GPU; `None` = `vitrine-cuda` beside this one.
    pub cuda_program: Option<PathBuf>,
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Token that opens the Studio; empty = closed.
    pub admin_token: String,
    /// Synonyms of the shop's own, besides the shipped ones.
    pub synonyms_file: Option<PathBuf>,
    /// Weights of relevance, in place of the built-in ones.
    pub relevance_file: Option<PathBuf>,
    /// Language of the catalogue's texts (ISO 639-1); by their frequent words unless it is said.
    pub language: Option<String>,
    /// Whether browsers are offered what they need to answer searches by themselves: what they
    /// fetch for it grows with the catalogue, by some 130 bytes a card and its attributes, which
    /// become public with it.
    pub private_search: bool,
    /// Whether the shop's pictures are compared: browsers show what looks like a product, and are
    /// offered the network (4 MB) that searches with a picture of the shopper's, on the device.
    pub picture_search: bool,
    /// Logs as JSON lines.
    pub log_json: bool,
    /// Pages of other origins that may embed the shop.
    pub embed: EmbedSettings,
    /// Pages at addresses of their own.
    #[serde(default)]
    pub pages: PageSettings,
    /// Whether other assistants may shop here.
    pub mcp: McpSettings,
    /// A language model of the shop's own.
    #[serde(default)]
    pub language_model: LanguageModelSettings,
    /// Limits of the server.
    pub limits: Limits,
}

/// The endpoint for other assistants, by the Model Context Protocol (docs/mcp.md).
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct McpSettings {
    /// Whether there is one; only in a program that was built with the feature `mcp`.
    pub enabled: bool,
}

/// Pages of products and categories at addresses of their own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageSettings {
    /// Where the shop is reached, such as `https://shop.example`; with it products and categories
    /// have addresses, whose cost in privacy is in docs/real-urls.md. `None` = they have none.
    pub origin: Option<PublicOrigin>,
}

/// Limits of the server; all of them are documented in `--help`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub request_bytes_max: usize,
    /// Longest time for one request, in milliseconds.
    pub request_ms_max: u64,
    /// Requests handled at once.
    pub requests_in_flight_max: usize,
    /// Searches handled at once.
    pub searches_in_flight_max: usize,
    /// Connections kept at once.
    pub connections_max: usize,
    /// Largest header of a request, in bytes.
    pub header_bytes_max: usize,
    /// Longest wait for the header of a request, in milliseconds; also how long an idle
    /// connection is kept.
    pub header_ms_max: u64,
    /// Longest wait for a body, in milliseconds.
    pub body_ms_max: u64,
    /// Longest time in which a client reads nothing of an answer, in milliseconds.
    pub write_ms_max: u64,
    /// How long open requests may finish after Ctrl-C, in milliseconds.
    pub shutdown_ms_max: u64,
}

const DEFAULT_FILE: &str = "vitrine.toml";
const WEIGHTS_FOLDER: &str = "weights/all-MiniLM-L6-v2";
/// A variable's own name for the setting `cuda_program`, each without its prefix.
const CUDA: &str = "CUDA";
const CUDA_PROGRAM: &str = "CUDA_PROGRAM";
const ADMIN_TOKEN_CHARS_MIN: usize = 16;
const HEADER_BYTES_MIN: usize = 2_048;

impl ServerSettings {
    /// For a test that works in a folder of its own.
    #[cfg(test)]
    pub fn in_folder(data_dir: &Path) -> Self {
        Self {
            file: None,
            data_dir: data_dir.to_owned(),
            weights_dir: data_dir.join("weights"),
            adapter: AdapterChoice::Auto,
            device: DeviceChoice::Cpu,
            cuda_program: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin_token: String::new(),
            synonyms_file: None,
            relevance_file: None,
            language: None,
            private_search: true,
            picture_search: true,
            log_json: false,
            embed: EmbedSettings::default(),
            pages: PageSettings::default(),
            mcp: McpSettings::default(),
            language_model: LanguageModelSettings::default(),
            limits: Limits {
                request_bytes_max: 65_536,
                request_ms_max: 10_000,
                requests_in_flight_max: 512,
                searches_in_flight_max: 64,
                connections_max: 1_024,
                header_bytes_max: 16_384,
                header_ms_max: 10_000,
                body_ms_max: 5_000,
                write_ms_max: 10_000,
                shutdown_ms_max: 5_000,
            },
        }
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// A settings file that was named but cannot be read, an unknown key, or a
    /// value of the wrong kind; the message names the key and where it came from.
    pub fn load(overrides: &Overrides) -> Result<Self> {
        let program = std::env::current_exe().unwrap_or_default();
        let weights = default_weights_dir(&program, cache_dir().ok().as_deref());
        let limits = &overrides.server.limits;
        let file = match &overrides.config {
            Some(path) => File::from(path.as_path()).required(true),
            None => File::from(Path::new(DEFAULT_FILE)).required(false),
        };
        let text = |path: &Option<PathBuf>| path.as_ref().map(|p| p.to_string_lossy().into_owned());
        let mut settings: Self = Config::builder()
            .set_default("data_dir", "var")?
            .set_default("weights_dir", weights.to_string_lossy().into_owned())?
            .set_default("adapter", AdapterChoice::Auto.to_string())?
            .set_default("device", DeviceChoice::Auto.to_string())?
            .set_default("listen", "127.0.0.1:8080")?
            .set_default("admin_token", "")?
            .set_default("log_json", false)?
            .set_default("private_search", true)?
            .set_default("picture_search", true)?
            .set_default("embed.origins", Vec::<String>::new())?
            .set_default("mcp.enabled", false)?
            .set_default("limits.request_bytes_max", 65_536)?
            .set_default("limits.request_ms_max", 10_000)?
            .set_default("limits.requests_in_flight_max", 512)?
            .set_default("limits.searches_in_flight_max", 64)?
            .set_default("limits.connections_max", 1_024)?
            .set_default("limits.header_bytes_max", 16_384)?
            .set_default("limits.header_ms_max", 10_000)?
            .set_default("limits.body_ms_max", 5_000)?
            .set_default("limits.write_ms_max", 10_000)?
            .set_default("limits.shutdown_ms_max", 5_000)?
            .add_source(file.format(config::FileFormat::Toml))
            .add_source(environment())
            .set_override_option("data_dir", text(&overrides.data_dir))?
            .set_override_option("weights_dir", text(&overrides.weights_dir))?
            .set_override_option("adapter", overrides.adapter.as_ref().map(ToString::to_string))?
            .set_override_option("device", overrides.device.map(|device| device.to_string()))?
            .set_override_option("cuda_program", text(&overrides.cuda_program))?
            .set_override_option("listen", overrides.server.listen.clone())?
            .set_override_option("admin_token", overrides.server.admin_token.clone())?
            .set_override_option("embed.origins", overrides.server.embed_origins())?
            .set_override_option("synonyms_file", text(&overrides.synonyms_file))?
            .set_override_option("relevance_file", text(&overrides.relevance_file))?
            .set_override_option("language", overrides.language.clone())?
            .set_override_option("log_json", overrides.log_json.then_some(true))?
            .set_override_option("pages.origin", overrides.server.pages_origin.clone())?
            .set_override_option("limits.request_bytes_max", limits.request_bytes_max)?
            .set_override_option("limits.request_ms_max", limits.request_ms_max)?
            .set_override_option("limits.requests_in_flight_max", limits.requests_in_flight_max)?
            .set_override_option("limits.searches_in_flight_max", limits.searches_in_flight_max)?
            .set_override_option("limits.connections_max", limits.connections_max)?
            .set_override_option("limits.header_bytes_max", limits.header_bytes_max)?
            .set_override_option("limits.header_ms_max", limits.header_ms_max)?
            .set_override_option("limits.body_ms_max", limits.body_ms_max)?
            .set_override_option("limits.write_ms_max", limits.write_ms_max)?
            .set_override_option("limits.shutdown_ms_max", limits.shutdown_ms_max)?
            .build()
            .and_then(Config::try_deserialize)
            .context("settings (see `vitrine --help` for the keys)")?;
        settings.file.clone_from(&overrides.config);
        settings.check()?;
        Ok(settings)
    }

    /// Where the encoder is to compute.
    pub fn device_options(&self) -> DeviceOptions {
        DeviceOptions {
            choice: self.device,
            program: self.cuda_program.clone(),
            ..DeviceOptions::default()
        }
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.admin_token.is_empty()
                || self.admin_token.chars().count() >= ADMIN_TOKEN_CHARS_MIN,
            "admin_token must have at least {ADMIN_TOKEN_CHARS_MIN} characters; \
             `openssl rand -hex 16` makes one"
        );
        self.language.as_deref().map(TextLanguage::of_code).transpose().context("language")?;
        ensure!(
            cfg!(feature = "mcp") || !self.mcp.enabled,
            "mcp.enabled needs a program with the feature `mcp`: cargo build --release --bin vitrine \
             --features mcp"
        );
        self.language_model.check()?;
        let limits = &self.limits;
        ensure!(
            limits.request_bytes_max > 0
                && limits.request_ms_max > 0
                && limits.requests_in_flight_max > 0
                && limits.searches_in_flight_max > 0
                && limits.connections_max > 0
                && limits.header_ms_max > 0
                && limits.body_ms_max > 0
                && limits.write_ms_max > 0,
            "limits must be greater than 0"
        );
        ensure!(
            limits.header_bytes_max >= HEADER_BYTES_MIN,
            "limits.header_bytes_max must be at least {HEADER_BYTES_MIN}: browsers send that much"
        );
        Ok(())
    }
}

/// `VITRINE_LISTEN`, `VITRINE_EMBED__ORIGINS` (with commas), `VITRINE_LIMITS__REQUEST_MS_MAX`, …, and `VITRINE_CUDA`
/// for `cuda_program`; variables of the tools around the binary are not settings and are left out.
fn environment() -> Environment {
    const KEYS: [&str; 19] = [
        "ADAPTER",
        "DEVICE",
        CUDA_PROGRAM,
        "DATA_DIR",
        "PAGES__ORIGIN",
        "WEIGHTS_DIR",
        "LISTEN",
        "ADMIN_TOKEN",
        "SYNONYMS_FILE",
        "RELEVANCE_FILE",
        "LANGUAGE",
        "LOG_JSON",
        "EMBED__ORIGINS",
        "PRIVATE_SEARCH",
        "PICTURE_SEARCH",
        "MCP__ENABLED",
        "LANGUAGE_MODEL__URL",
        "LANGUAGE_MODEL__MODEL",
        "LANGUAGE_MODEL__KEY_FILE",
    ];
    let known = std::env::vars()
        .filter_map(|(name, value)| Some((name.strip_prefix("VITRINE_")?.to_owned(), value)))
        .map(|(key, value)| (if key == CUDA { CUDA_PROGRAM.to_owned() } else { key }, value))
        .filter(|(key, _)| KEYS.contains(&key.as_str()) || key.starts_with("LIMITS__"))
        .collect();
    let environment = Environment::default().separator("__").try_parsing(true);
    environment.list_separator(",").with_list_parse_key("embed.origins").source(Some(known))
}

/// Where the encoder's weights are unless it is said: beside the program, as in the folder that
/// is handed out, else in the user's cache folder.
fn default_weights_dir(program: &Path, cache: Option<&Path>) -> PathBuf {
    let beside = program.parent().map(|folder| folder.join(WEIGHTS_FOLDER));
    match (beside.filter(|folder| folder.is_dir()), cache) {
        (Some(folder), _) => folder,
        (None, Some(cache)) => cache.join(WEIGHTS_FOLDER),
        (None, None) => PathBuf::from(WEIGHTS_FOLDER),
    }
}

/// The user's cache folder for Vitrine.
pub fn cache_dir() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set: set one")?;
    Ok(base.join("vitrine"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ServerArgs;

    /// Settings of a file with this text, and of flags that name origins.
    fn load(file: &str, embed_origin: &[&str]) -> Result<ServerSettings> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("vitrine.toml");
        std::fs::write(&path, file)?;
        let embed_origin = embed_origin.iter().map(|origin| (*origin).to_owned()).collect();
        let server = ServerArgs { embed_origin, ..ServerArgs::default() };
        let config = Some(path);
        ServerSettings::load(&Overrides { config, server, ..Overrides::default() })
    }

    #[test]
    fn origins_come_from_the_file_and_flags_replace_them() {
        let file = "[embed]\norigins = [\"https://a.example\", \"https://b.example\"]\n";
        let origins = load(file, &[]).unwrap().embed.origins;
        assert!(origins.allow("https://a.example") && origins.allow("https://b.example"));
        let origins = load(file, &["https://c.example"]).unwrap().embed.origins;
        assert!(origins.allow("https://c.example") && !origins.allow("https://a.example"));
        assert!(load("", &[]).unwrap().embed.origins.is_empty());
    }

    #[test]
    fn everyone_is_refused_at_the_start_with_what_to_write() {
        let message = |file, flags| format!("{:#}", load(file, flags).unwrap_err());
        for message in [message("[embed]\norigins = [\"*\"]\n", &[]), message("", &["*"])] {
            assert!(message.contains("list the shop's own origins"), "{message}");
        }
        let unknown = message("[embed]\norigin = []\n", &[]);
        assert!(unknown.contains("origin"), "{unknown}");
    }

    #[test]
    fn the_endpoint_for_assistants_is_off_and_needs_its_feature() {
        assert!(!load("", &[]).unwrap().mcp.enabled);
        let asked = load("[mcp]\nenabled = true\n", &[]);
        match cfg!(feature = "mcp") {
            true => assert!(asked.unwrap().mcp.enabled),
            false => {
                let refusal = format!("{:#}", asked.unwrap_err());
                assert!(refusal.contains("--features mcp"), "{refusal}");
            }
        }
    }

    #[test]
    fn the_language_is_one_of_those_that_there_are() {
        assert_eq!(load("", &[]).unwrap().language, None);
        assert_eq!(load("language = \"de\"\n", &[]).unwrap().language.as_deref(), Some("de"));
        let error = format!("{:#}", load("language = \"tlh\"\n", &[]).unwrap_err());
        assert!(error.contains("there are en, de, zh"), "{error}");
    }

    #[test]
    fn a_language_model_is_off_without_a_url_and_its_key_is_no_setting() {
        let off = load("", &[]).unwrap().language_model;
        assert!(!off.is_offered() && off.model.is_empty());
        let section = "[language_model]\nurl = \"https://m.example/v1\"\nmodel = \"m\"\n";
        assert!(load(section, &[]).unwrap().language_model.is_offered());
        let message = |file: &str| format!("{:#}", load(file, &[]).unwrap_err());
        let with_key = message(&format!("{section}key = \"sk-1234\"\n"));
        assert!(with_key.contains("key") && !with_key.contains("sk-1234"), "{with_key}");
        let far = message("[language_model]\nurl = \"http://m.example/v1\"\nmodel = \"m\"\n");
        assert!(far.contains("use https"), "{far}");
        let nameless = message("[language_model]\nurl = \"https://m.example/v1\"\n");
        assert!(nameless.contains("no model"), "{nameless}");
    }

    #[test]
    fn the_device_is_a_setting_and_a_flag_replaces_it() {
        let file = "device = \"cuda:1\"\ncuda_program = \"/opt/vitrine-cuda\"\n";
        let options = load(file, &[]).unwrap().device_options();
        assert_eq!(options.choice, DeviceChoice::Cuda(1));
        assert_eq!(options.program.as_deref(), Some(Path::new("/opt/vitrine-cuda")));
        assert_eq!(load("", &[]).unwrap().device, DeviceChoice::Auto);
        let unknown = format!("{:#}", load("device = \"tpu\"\n", &[]).unwrap_err());
        assert!(unknown.contains("auto, cpu, cuda"), "{unknown}");
    }

    #[test]
    fn weights_beside_the_program_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let (program, cache) = (folder.path().join("vitrine"), Path::new("/cache"));
        let of = |cache| default_weights_dir(&program, cache);
        assert_eq!(of(Some(cache)), cache.join(WEIGHTS_FOLDER));
        assert_eq!(of(None), Path::new(WEIGHTS_FOLDER));
        let beside = folder.path().join(WEIGHTS_FOLDER);
        std::fs::create_dir_all(&beside).unwrap();
        assert_eq!(of(Some(cache)), beside);
    }
}
