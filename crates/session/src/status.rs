//! What the session says about itself.

use serde::{Deserialize, Serialize};
use vitrine_domain::{
    CatalogueVersion, EventKind, ModelVersion, PictureMode, Positives, PriceListInfo,
};

use crate::{Durability, StorageError, StoreUsage};

/// The shopper's settings, kept on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// When true, nothing new is logged.
    pub paused: bool,
    /// Where ranking runs.
    pub backend: BackendChoice,
    /// Whether the device learns from what the shopper buys. On unless it is switched off:
    /// docs/experiments/personal-layer.md has what it gains.
    pub learns: bool,
    /// Which prices are shown.
    pub price_list: PriceListChoice,
    /// Whether the cards that a newcomer may choose from were answered; see
    /// [`crate::Session::starters`].
    pub starters_answered: bool,
    /// Whether the shopper agreed to be remembered; `None` until they have answered.
    pub consent: Option<bool>,
    /// Whether searches are answered on the device alone.
    pub private_search: bool,
    /// Whether the shopper searches with pictures of their own.
    pub picture_search: bool,
    /// Whether the shop's language model may be asked about products.
    pub language_model: bool,
    /// Tag of the language that the shopper has chosen; `None` for what the browser prefers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            paused: false,
            backend: BackendChoice::default(),
            learns: true,
            price_list: PriceListChoice::default(),
            starters_answered: false,
            consent: None,
            private_search: false,
            picture_search: false,
            language_model: false,
            language: None,
        }
    }
}

/// Which prices the shopper has chosen to see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceListChoice {
    /// None was chosen: those that [`crate::Session::preset_price_list`] says.
    #[default]
    Preset,
    /// The standard prices.
    Standard,
    /// The list with this key, while the shop publishes it; else the standard prices.
    List(String),
}

/// What the device has learned from the shopper's purchases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learning {
    /// Purchases it was learned from.
    pub n_events: u32,
    /// Purchases before it may correct the feed.
    pub n_events_min: u32,
    /// Whether it corrects the feed: of late it has predicted better than the student
    /// alone.
    pub speaks: bool,
}

/// Where ranking may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendChoice {
    /// The faster of the two, measured, if the GPU passes its self-check.
    #[default]
    Auto,
    /// The GPU, if there is one and it passes its self-check.
    Gpu,
    /// The processor.
    Cpu,
}

/// Where ranking ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The processor (WebAssembly SIMD in a browser).
    #[default]
    Cpu,
    /// The GPU (WebGPU in a browser).
    Gpu,
}

/// What the GPU said when it was last asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GpuState {
    /// Not asked yet (no model, or the processor was chosen).
    #[default]
    NotTried,
    /// Passed its self-check.
    Ready {
        /// Adapter, as it calls itself.
        adapter: String,
        /// Median of one golden ranking on the GPU, in milliseconds.
        gpu_ms: f64,
        /// The same on the processor.
        cpu_ms: f64,
    },
    /// Not there, wrong, or failed later; the processor ranks.
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// A catalogue and the model that goes with it. Never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Versions {
    /// The catalogue.
    pub catalogue: CatalogueVersion,
    /// The model; `None` until the shop has published one.
    pub model: Option<ModelVersion>,
}

/// Whether the server answered last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Not asked yet.
    #[default]
    Unknown,
    /// It did.
    Online,
    /// It did not.
    Offline,
}

/// How far the pinned or coming pair is synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Shards on the device.
    pub n_shards_done: u32,
    /// Shards in the manifest.
    pub n_shards: u32,
    /// Compressed bytes of the shards on the device.
    pub bytes_done: u64,
    /// Compressed bytes of all shards.
    pub bytes_total: u64,
    /// Whether a feed can be shown.
    pub head_ready: bool,
}

impl Progress {
    /// Whether everything is on the device.
    pub fn is_complete(&self) -> bool {
        self.n_shards > 0 && self.n_shards_done == self.n_shards
    }
}

/// One look at the session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Name of the shop; empty before the first manifest.
    pub shop: String,
    /// ISO 4217 code of the prices that are shown; empty before the first manifest.
    pub currency: String,
    /// ISO 4217 code of the standard prices, by which the server filters and sorts.
    pub currency_standard: String,
    /// Whether the prices that are shown include tax, where the shop says so.
    pub tax_included: Option<bool>,
    /// The published price lists.
    pub price_lists: Vec<PriceListInfo>,
    /// The one whose prices are shown; `None` with standard prices.
    pub price_list: Option<PriceListInfo>,
    /// What counts of buyers count: where it is clicks, nobody may be said to have bought.
    pub positives: Positives,
    /// When larger pictures are asked for.
    pub picture_mode: PictureMode,
    /// Whether products and categories have addresses that name them to the server.
    pub has_real_urls: bool,
    /// Whether the shop offers a language model of its own for questions about products.
    pub has_language_model: bool,
    /// Whether the server answered last time.
    pub network: Network,
    /// The pair in use; `None` before the first sync.
    pub pinned: Option<Versions>,
    /// A newer pair, wholly on the device, to be taken up at a navigation.
    pub pending: Option<Versions>,
    /// Revision of the pinned catalogue: facts such as prices change with it, rankings do not.
    pub revision: u64,
    /// Cards of the pinned catalogue that are on the device.
    pub n_items_synced: u32,
    /// Cards of the pinned catalogue in all.
    pub n_items: u32,
    /// Whether it is known of any card when it was listed, so that results can be sorted by it.
    pub has_dates: bool,
    /// Whether any card is rated, so that results can be sorted and filtered by stars.
    pub has_ratings: bool,
    /// Whether the shop has prices: any synced card has one.
    pub has_prices: bool,
    /// Whether all of the pinned pair is on the device: pictures, related lists
    /// and offers, too.
    pub is_complete: bool,
    /// Whether the shop publishes what searches on the device need to go by meaning, as far as is
    /// known.
    pub offers_meaning: bool,
    /// Whether that is here, so that searches on the device do.
    pub has_meaning: bool,
    /// Whether the shop publishes what searching with a picture takes, as far as is known.
    pub offers_picture_search: bool,
    /// Whether that is here.
    pub has_picture_network: bool,
    /// Whether the shopper has to be asked before anything is recorded.
    pub asks_consent: bool,
    /// Whether the shopper agreed to be recorded, or need not be asked.
    pub has_consent: bool,
    /// Events in the log.
    pub n_events: usize,
    /// Whether what a newcomer chose is all that is known of the shopper: it comes earlier in the
    /// order of popularity.
    pub has_choice: bool,
    /// Whether a personal ranking is possible (a model is there).
    pub model_ready: bool,
    /// Where the last ranking ran.
    pub backend: Backend,
    /// What the GPU said.
    pub gpu: GpuState,
    /// Why the backend is what it is, in words; empty before
    /// [`crate::Session::choose_backend`].
    pub backend_reason: String,
    /// Milliseconds of the last ranking.
    pub ranking_ms: Option<f64>,
    /// The shopper's settings.
    pub settings: Settings,
    /// What the device has learned; `None` when it does not learn.
    pub learning: Option<Learning>,
    /// Whether stored data survives the tab.
    pub durability: Durability,
    /// The last storage failure (quota, …); cleared by a write that works.
    pub storage_error: Option<StorageError>,
    /// Stored records that could not be read and are left out: damaged ones, and those that the keys
    /// of this device do not open.
    pub n_dropped: u64,
    /// The last sync failure, in words; cleared by a sync that works.
    pub sync_error: Option<String>,
    /// Whether it did because the shop publishes in a format of another version of Vitrine:
    /// a page that is loaded anew reads it.
    pub needs_reload: bool,
}

/// What is on the device about the shopper.
#[derive(Clone, Debug, PartialEq)]
pub struct PrivacySummary {
    /// Events in the log, by kind; every kind is listed.
    pub events: Vec<(EventKind, u32)>,
    /// Time of the first and the last event, milliseconds since 1970-01-01 UTC.
    pub first_and_last_at_ms: Option<(i64, i64)>,
    /// Searches kept for the search box.
    pub n_searches: usize,
    /// Distinct items in the log.
    pub n_items_logged: u32,
    /// What each store holds. Empty when the store cannot say.
    pub stores: Vec<StoreUsage>,
    /// Requests made, as the ledger has them.
    pub n_requests: usize,
    /// Bytes sent and received, as the ledger has them.
    pub bytes_sent_and_received: (u64, u64),
    /// The pair in use.
    pub pinned: Option<Versions>,
    /// The shopper's settings.
    pub settings: Settings,
    /// Whether stored data survives the tab.
    pub durability: Durability,
    /// As [`Status::n_dropped`].
    pub n_dropped: u64,
}
