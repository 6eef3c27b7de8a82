//! The handlers, in process: a small shop in a temporary folder, requests to the router.

mod ask;
mod ask_model;
mod catalogue;
mod chinese;
mod cors;
mod limits;
mod listings;
#[cfg(feature = "mcp")]
mod mcp;
mod pages;
mod pictures;
mod rules;
mod search;
mod shards;
mod sockets;
mod studio;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;
use vitrine_domain::{Item, ItemId, PriceListInfo, PriceTerms, Variant};
use vitrine_encoder::{DeviceChoice, TEXT_DIM};
use vitrine_publish::PhotoInput;
use vitrine_recall::{Deadline, Language};
use vitrine_wire::ReviewRow;

use super::{AppState, router};
use crate::adapter_choice::AdapterChoice;
use crate::catalogue::{Buyers, CataloguePhotos, StoredCatalogue, staging};
use crate::embedding::EmbedSettings;
use crate::language::SharedLanguage;
use crate::language_model::LanguageModelSettings;
use crate::live::Live;
use crate::publishing;
use crate::settings::{Limits, McpSettings, PageSettings, ServerSettings};
use crate::speech::{EncodePassages, Speeches};

pub const TOKEN: &str = "a token of enough characters";

/// A published shop of a few products, and the state that serves it.
pub struct TestShop {
    pub dir: TempDir,
    pub settings: ServerSettings,
    pub state: Arc<AppState>,
}

/// What a response says.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Texts mean nothing.
pub struct Meaningless;

/// Gives every passage one vector, which is near to none.
pub fn flat() -> EncodePassages {
    Arc::new(|texts| Ok(vec![0.0; texts.len() * TEXT_DIM]))
}

/// Speech without meaning, for every version.
pub fn meaningless() -> Speeches {
    Speeches::fixed(Arc::new(Meaningless), flat())
}

impl Language for Meaningless {
    type Error = anyhow::Error;

    fn encode(&self, _: &str, _: Deadline) -> anyhow::Result<Option<Vec<f32>>> {
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, _: &str) -> bool {
        false
    }
}

pub fn limits() -> Limits {
    Limits {
        request_bytes_max: 65_536,
        request_ms_max: 10_000,
        requests_in_flight_max: 64,
        searches_in_flight_max: 8,
        connections_max: 64,
        header_bytes_max: 16_384,
        header_ms_max: 10_000,
        body_ms_max: 10_000,
        write_ms_max: 10_000,
        shutdown_ms_max: 5_000,
    }
}

pub fn shop() -> TestShop {
    TestShop::new(limits(), Arc::new(Meaningless))
}

impl TestShop {
    pub fn new(limits: Limits, language: Arc<SharedLanguage>) -> Self {
        Self::with_settings(language, |settings| settings.limits = limits)
    }

    /// A shop that pages of other origins may embed.
    pub fn embedded(embed: EmbedSettings) -> Self {
        Self::with_settings(Arc::new(Meaningless), |settings| settings.embed = embed)
    }

    /// With products at addresses of their own.
    pub fn with_origin(origin: &str) -> Self {
        let pages = PageSettings { origin: Some(origin.to_owned().try_into().unwrap()) };
        Self::with_settings(Arc::new(Meaningless), |settings| settings.pages = pages)
    }

    fn with_settings(
        language: Arc<SharedLanguage>,
        change: impl FnOnce(&mut ServerSettings),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = ServerSettings {
            file: None,
            data_dir: dir.path().to_owned(),
            weights_dir: dir.path().to_owned(),
            adapter: AdapterChoice::Auto,
            device: DeviceChoice::Cpu,
            cuda_program: None,
            listen: "127.0.0.1:0".parse().unwrap(),
            admin_token: TOKEN.to_owned(),
            synonyms_file: None,
            relevance_file: None,
            language: None,
            private_search: true,
            picture_search: true,
            log_json: false,
            embed: EmbedSettings::default(),
            pages: PageSettings::default(),
            mcp: McpSettings { enabled: cfg!(feature = "mcp") },
            language_model: LanguageModelSettings::default(),
            limits: limits(),
        };
        change(&mut settings);
        let state = AppState::new(&settings, Speeches::fixed(language, flat())).unwrap();
        publish(&settings, &state, TestCatalogue::default());
        let number = state.published().unwrap().unwrap();
        let loaded = Live::load(&settings, state.store(), number, &state.speeches).unwrap();
        state.serve(loaded.live, number);
        Self { dir, settings, state: Arc::new(state) }
    }

    /// Publishes the shop again, as an import whose feed was read after so many changes.
    pub fn publish_again(&self, changes_until: u64) {
        let catalogue = TestCatalogue { changes_until, ..TestCatalogue::default() };
        publish(&self.settings, &self.state, catalogue);
    }

    /// Publishes and serves another catalogue.
    pub fn publish(&self, catalogue: TestCatalogue<'_>) {
        publish(&self.settings, &self.state, catalogue);
        let number = self.state.published().unwrap().unwrap();
        let loaded =
            Live::load(&self.settings, self.state.store(), number, &self.state.speeches).unwrap();
        self.state.serve(loaded.live, number);
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = router(self.state.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn search(&self, query: Value) -> Answer {
        self.send(search_request(query.to_string())).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The stable code of a problem, once it is one of RFC 9457.
    pub fn code(&self) -> String {
        let media_type = self.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(media_type, "application/problem+json", "{:?}", self.status);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().unwrap().to_owned()
    }

    /// Titles of the hits, in order.
    pub fn titles(&self) -> Vec<String> {
        let body = self.json();
        let hits = body["hits"].as_array().unwrap_or_else(|| panic!("{body}"));
        hits.iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn search_request(body: impl Into<Body>) -> Request<Body> {
    Request::post("/v1/search")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

const TITLES: [&str; 8] = [
    "Peanut butter cookies",
    "Peanut free cookies",
    "Oat cookies",
    "Whole milk",
    "Lactose free milk",
    "White bread",
    "Green tea",
    "Free range eggs",
];

/// What the shop of a test sells.
pub struct TestCatalogue<'a> {
    pub titles: &'a [&'a str],
    /// In place of those that the titles make.
    pub items: Option<Vec<Item>>,
    pub currency: &'a str,
    pub changes_until: u64,
    /// The picture of the first product, if any.
    pub photo: PhotoInput,
    pub never_recommended: Vec<String>,
    pub reviews: Vec<ReviewRow>,
}

impl Default for TestCatalogue<'_> {
    fn default() -> Self {
        Self {
            titles: &TITLES,
            items: None,
            currency: "USD",
            changes_until: 0,
            photo: PhotoInput::default(),
            never_recommended: Vec::new(),
            reviews: Vec::new(),
        }
    }
}

fn publish(settings: &ServerSettings, state: &AppState, catalogue: TestCatalogue<'_>) {
    let TestCatalogue { titles, items, currency, changes_until, photo, never_recommended, reviews } =
        catalogue;
    let item = |(id, title): (u64, &&str)| Item {
        id: ItemId(id),
        title: (*title).to_owned(),
        department: "Grocery".to_owned(),
        category: "Food & drink".to_owned(),
        price_minor: 100 * id as u32,
        variants: vec![Variant {
            sku: id.to_string(),
            price_minor: 100 * id as u32,
            ..Variant::default()
        }],
        ..Item::default()
    };
    let trade = PriceListInfo {
        key: "trade".to_owned(),
        name: "Trade".to_owned(),
        currency: "EUR".to_owned(),
        tax_included: Some(false),
    };
    let items: Vec<Item> = items.unwrap_or_else(|| (1..).zip(titles).map(item).collect());
    let n = items.len();
    let mut photos = CataloguePhotos::default();
    if !photo.thumbnail.is_empty() {
        photos = CataloguePhotos {
            inputs: vec![photo],
            of_cards: vec![Vec::new(); n],
            ..Default::default()
        };
        photos.of_cards[0].push(0);
    }
    let catalogue = StoredCatalogue {
        shop: "Test".to_owned(),
        currency: currency.to_owned(),
        prices: PriceTerms { tax_included: Some(true), lists: vec![trade] },
        positives: vitrine_domain::Positives::default(),
        never_recommended,
        buyers: vec![Buyers { all: 10, recent: 5 }; n],
        alternatives: vec![Vec::new(); n],
        changes_until,
        vectors: vec![0.0; n * TEXT_DIM],
        items,
        photos,
        reviews,
        ..StoredCatalogue::default()
    };
    let staging = staging(&settings.data_dir);
    std::fs::create_dir_all(&staging).unwrap();
    catalogue.save(&staging).unwrap();
    publishing::publish_catalogue(settings, state.store(), &catalogue, &[], &staging).unwrap();
}
