//! `GET /v1/pictures/{hash}`: a larger picture, of what is in the catalogue alone.

use std::fs;
use std::io;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use vitrine_domain::ContentHash;
use vitrine_pictures::{PictureHash, larger_picture_file};

use super::error::ApiError;
use super::shards::IMMUTABLE;
use super::state::AppState;
use crate::picture_cache::picture_cache;

/// The larger picture whose thumbnail has this BLAKE3 hash.
///
/// # Errors
/// No thumbnail of the served catalogue has this hash, or the cache has lost its picture; the
/// disk refuses.
pub async fn picture(
    State(state): State<Arc<AppState>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::PictureName)?;
    let hash: ContentHash = name.parse().map_err(|_| ApiError::PictureName)?;
    if !state.live()?.pictures.contains(&hash) {
        return Err(ApiError::PictureNotFound);
    }
    let file = larger_picture_file(&picture_cache(&state.data_dir), PictureHash(hash.0));
    let read = tokio::task::spawn_blocking(move || match fs::read(&file) {
        Ok(webp) => Ok(webp),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ApiError::PictureNotFound),
        Err(error) => {
            let error = Err(error).with_context(|| format!("reading {}", file.display()));
            error.map_err(ApiError::Internal)
        }
    });
    let webp = read.await.map_err(|error| ApiError::Internal(error.into()))??;
    let headers = [(header::CONTENT_TYPE, "image/webp"), (header::CACHE_CONTROL, IMMUTABLE)];
    Ok((headers, webp).into_response())
}
