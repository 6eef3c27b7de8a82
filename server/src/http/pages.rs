//! Pages of products and categories at addresses of their own, an option of the shop: for search
//! engines, for links on other sites, and for whoever has no JavaScript.
//!
//! They are the same for everyone. The program takes such an address over and goes on in the
//! fragment (`web/front.js`), so that only the arrival tells which product it was.

mod document;
mod picture;
mod price_text;
mod product;
mod reply;
mod shelf;
mod sitemap;
mod structured;
mod template;
mod tiles;
pub mod variants;

use std::sync::{Arc, PoisonError};

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use vitrine_domain::ItemId;

use self::document::Frame;
use self::reply::{MediaType, PageRequest};
use self::template::Template;
use super::assets;
use super::error::ApiError;
use super::state::AppState;
use super::work;
use crate::clock::now_seconds;
use crate::directory::{Directory, encoded, product_path};
use crate::live::Live;
use crate::origin::PublicOrigin;

/// Digits of a product's id in its address.
const ID_CHARS: usize = 16;

/// What all pages share.
pub struct PublicPages {
    /// Where the shop is reached: `https://shop.example`.
    origin: PublicOrigin,
    template: Template,
}

impl PublicPages {
    /// Pages of the shop that is reached at `origin`, in the frame of the built page.
    pub fn new(origin: &PublicOrigin) -> Self {
        Self { origin: origin.clone(), template: Template::of(&assets::shop_page()) }
    }

    /// Address of a product's page.
    #[cfg(feature = "mcp")]
    pub fn address(&self, card: &vitrine_wire::Card) -> String {
        format!("{}{}", self.origin, product_path(card))
    }
}

/// The addresses that the option adds.
pub fn routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/p/{product}", get(product_page))
        .route("/c/{department}", get(department_page))
        .route("/c/{department}/{category}", get(category_page))
        .route("/sitemap.xml", get(site_map))
        .route("/robots.txt", get(robots))
}

/// `GET /p/{id}-{slug}`.
async fn product_page(
    State(state): State<Arc<AppState>>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    answered(state, PageRequest::of(&uri, &headers), move |live, frame, asked| {
        let Some(card) = product_id(&name).and_then(|id| frame.rows.card(id)) else {
            let missing = document::missing(frame, "This product is not in the catalogue");
            return asked.page(StatusCode::NOT_FOUND, frame.render(&missing));
        };
        let path = product_path(card);
        // Compared as it was meant: proxies write what is percent-encoded in their own ways.
        if path != format!("/p/{}", encoded(&name)) {
            return asked.moved(&path);
        }
        let page = product::page(live, frame, card);
        asked.page(StatusCode::OK, frame.render(&page))
    })
    .await
}

/// `GET /c/{department}`.
async fn department_page(
    State(state): State<Arc<AppState>>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    shelf_page(state, PageRequest::of(&uri, &headers), (name, None)).await
}

/// `GET /c/{department}/{category}`.
async fn category_page(
    State(state): State<Arc<AppState>>,
    names: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (department, category) = names.map(|Path(names)| names).unwrap_or_default();
    shelf_page(state, PageRequest::of(&uri, &headers), (department, Some(category))).await
}

async fn shelf_page(
    state: Arc<AppState>,
    asked: PageRequest,
    (department, category): (String, Option<String>),
) -> Result<Response, ApiError> {
    answered(state, asked, move |_, frame, asked| {
        let place = frame.directory.place(&department, category.as_deref());
        let number = asked.parameter("page");
        let parts = [Some(&department), category.as_ref()].into_iter().flatten();
        let path: String = parts.map(|part| format!("/{}", encoded(part))).collect();
        let page = match (place, number.as_deref().map_or(Ok(1), str::parse)) {
            (Some(place), _) if place.shelf().path != format!("/c{path}") => {
                return asked.moved(&place.shelf().path);
            }
            (Some(place), Ok(number)) => shelf::page(frame, place, number),
            _ => None,
        };
        match page {
            Some(page) => asked.page(StatusCode::OK, frame.render(&page)),
            None => {
                let missing = document::missing(frame, "This category is not in the shop");
                asked.page(StatusCode::NOT_FOUND, frame.render(&missing))
            }
        }
    })
    .await
}

/// `GET /sitemap.xml`, and `/sitemap.xml?part=2` of a large one.
async fn site_map(
    State(state): State<Arc<AppState>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    answered(state, PageRequest::of(&uri, &headers), move |_, frame, asked| {
        let part = asked.parameter("part");
        match sitemap::sitemap(frame, part.as_deref()) {
            Some(xml) => asked.answer(StatusCode::OK, MediaType::Xml, xml),
            None => asked.answer(StatusCode::NOT_FOUND, MediaType::Text, String::new()),
        }
    })
    .await
}

/// `GET /robots.txt`.
async fn robots(
    State(state): State<Arc<AppState>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let pages = state.pages.as_ref().ok_or(ApiError::NotFound)?;
    let asked = PageRequest::of(&uri, &headers);
    Ok(asked.answer(StatusCode::OK, MediaType::Text, sitemap::robots(pages.origin.as_str())))
}

/// Draws a page of the served catalogue, off the threads that answer.
async fn answered(
    state: Arc<AppState>,
    asked: PageRequest,
    draw: impl FnOnce(&Live, &Frame<'_>, &PageRequest) -> Response + Send + 'static,
) -> Result<Response, ApiError> {
    let live = state.live()?;
    let slot = work::page_slot(&state).await?;
    let draw = move || {
        let pages = state.pages.as_ref().ok_or(ApiError::NotFound)?;
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        let frame = Frame {
            origin: pages.origin.as_str(),
            template: &pages.template,
            manifest: &live.manifest,
            rows: &rows,
            directory: live.directory.get_or_init(|| Directory::of(&rows)),
            rules: &live.rules,
            locale: live.language.code(),
            now_seconds: now_seconds(),
        };
        Ok(draw(&live, &frame, &asked))
    };
    work::in_slot(slot, draw).await
}

/// The product that the last part of an address names: its id, then whatever is readable.
fn product_id(name: &str) -> Option<ItemId> {
    let (id, rest) = name.split_at_checked(ID_CHARS)?;
    let is_whole = rest.is_empty() || rest.starts_with('-');
    id.to_ascii_lowercase().parse().ok().filter(|_| is_whole)
}
