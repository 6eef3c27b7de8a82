//! What a catalogue's pictures look like: codes for browsers, and what makes such a code of a
//! shopper's picture.

mod suspects;

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use vitrine_domain::{Item, PICTURE_CODE_DIM};
use vitrine_encoder::VectorCache;
use vitrine_encoder::image::{
    EncodedPictures, ImageEncoder, ImageError, PICTURE_DIM, PICTURE_WEIGHTS, RgbView,
    encode_pictures_cached, fit_projection, network_input, picture_weights_dir, quantised_network,
};
use vitrine_pictures::{PictureHash, PicturePixels, larger_picture_file};
use vitrine_publish::LooksInput;
use vitrine_studio_api::{PictureGap, PictureReport};
use vitrine_vision::{CODE_BYTES, PictureProjection};
use vitrine_wire::{PictureCodeRow, PictureCodeShard, PictureNetworkShard};

pub use suspects::PICTURE_REPORT_FILE;

use crate::picture_cache::picture_cache;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;

const _: () = assert!(CODE_BYTES == PICTURE_CODE_DIM, "codes are published as they are made");

/// Its file in a catalogue's folder.
const FILE: &str = "looks.bin";
/// Vectors of pictures, in the data folder's cache.
const CACHE_FILE: &str = "picture_vectors.bin";
/// Cards with a picture below which codes would say more about chance than about pictures.
const PICTURES_MIN: usize = 8;
/// A projection serves up to so many times the pictures that it was fitted to; with another one
/// every device would fetch all codes anew.
const PROJECTION_GROWTH_MAX: usize = 2;

/// Codes of a catalogue's pictures, as its folder keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    /// Which network made the vectors.
    network_id: [u8; 32],
    /// Pictures that the projection was fitted to.
    n_fitted: usize,
    codes: PictureCodeShard,
    /// What makes such codes.
    network: PictureNetworkShard,
}

/// What an import makes of its pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeenPictures {
    /// Codes, where there are enough pictures and somebody to look at them.
    pub looks: Option<Looks>,
    /// What deserves a look of the shop's.
    pub report: PictureReport,
}

impl SeenPictures {
    /// Looks at the main picture of each card that has one. `mains`, one a card, names the larger
    /// picture of the picture cache; `before` are the looks of the version before.
    ///
    /// # Errors
    /// The disk refuses, a computation fails, or the process was asked to stop; what was encoded is
    /// kept in the cache.
    pub fn of(
        settings: &ServerSettings,
        items: &[Item],
        mains: &[Option<PictureHash>],
        before: Option<Looks>,
        stop: &Stop,
    ) -> Result<Self> {
        let places: Vec<usize> = (0..mains.len()).filter(|&at| mains[at].is_some()).collect();
        if places.is_empty() || !settings.picture_search {
            return Ok(Self::default());
        }
        if places.len() < PICTURES_MIN {
            return Ok(Self::without(PictureGap::FewPictures {
                n_pictures: places.len() as u32,
                n_pictures_min: PICTURES_MIN as u32,
            }));
        }
        let weights = picture_weights_dir().filter(|dir| dir.join(PICTURE_WEIGHTS).is_file());
        let Some(weights) = weights else {
            return Ok(Self::without(PictureGap::NoNetwork));
        };
        let encoder = ImageEncoder::load(&weights)?;
        let hashes: Vec<PictureHash> = places.iter().filter_map(|&at| mains[at]).collect();
        let EncodedPictures { vectors, is_read, n_encoded, n_reused } =
            encode(settings, &encoder, &hashes, stop)?;
        tracing::info!(encoded = n_encoded, reused = n_reused, "pictures looked at");
        let seen: Vec<(&Item, &[f32], PictureHash)> = places
            .iter()
            .zip(vectors.chunks_exact(PICTURE_DIM))
            .zip(&hashes)
            .zip(&is_read)
            .filter(|(((_, vector), _), is_read)| **is_read && vector.iter().any(|x| *x != 0.0))
            .map(|(((at, vector), hash), _)| (&items[*at], vector, *hash))
            .collect();
        let report = suspects::report(&seen, stop)?;
        if seen.len() < PICTURES_MIN {
            return Ok(Self { looks: None, report });
        }
        let before = before.filter(|looks| {
            looks.network_id == encoder.model_id()
                && seen.len() <= looks.n_fitted * PROJECTION_GROWTH_MAX
        });
        let (n_fitted, network) = match before {
            Some(before) => (before.n_fitted, before.network),
            None => {
                let vectors: Vec<f32> =
                    seen.iter().flat_map(|(_, vector, _)| vector.iter().copied()).collect();
                let projection = fit_projection(&vectors)?.to_bytes();
                let network = quantised_network(&weights)?.to_bytes();
                (seen.len(), PictureNetworkShard { network, projection })
            }
        };
        let projection = PictureProjection::from_bytes(&network.projection)?;
        let mut rows: Vec<PictureCodeRow> = seen
            .iter()
            .map(|(item, vector, _)| PictureCodeRow { id: item.id, code: projection.code(vector) })
            .collect();
        rows.sort_unstable_by_key(|row| row.id);
        let codes = PictureCodeShard::of_rows(rows.iter(), Vec::new());
        let looks = Looks { network_id: encoder.model_id(), n_fitted, codes, network };
        Ok(Self { looks: Some(looks), report })
    }

    fn without(gap: PictureGap) -> Self {
        suspects::log_gap(gap);
        Self { looks: None, report: PictureReport { missing: vec![gap], ..Default::default() } }
    }

    /// Writes both into a catalogue's folder.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn save(&self, dir: &Path) -> Result<()> {
        if let Some(looks) = &self.looks {
            vitrine_durable::write(&dir.join(FILE), &postcard::to_allocvec(looks)?)?;
        }
        let report = serde_json::to_vec_pretty(&self.report)?;
        Ok(vitrine_durable::write(&dir.join(PICTURE_REPORT_FILE), &report)?)
    }
}

impl Looks {
    /// Reads them from a catalogue's folder; `None` where it has none, or they are damaged, which
    /// the log says: nothing else depends on them.
    pub fn load(dir: &Path) -> Option<Self> {
        if !dir.join(FILE).exists() {
            return None;
        }
        let bytes = vitrine_durable::read(dir, FILE).ok();
        let looks = bytes.and_then(|bytes| postcard::from_bytes::<Self>(&bytes).ok());
        if looks.is_none() {
            tracing::warn!(
                "{} is damaged: the next import makes it anew",
                dir.join(FILE).display()
            );
        }
        looks
    }

    /// The codes, a row a card.
    pub fn rows(&self) -> Vec<PictureCodeRow> {
        self.codes.clone().into_rows()
    }

    /// What is published of them.
    pub fn published<'a>(&'a self, rows: &'a [PictureCodeRow]) -> LooksInput<'a> {
        LooksInput { codes: rows, network: Some(&self.network) }
    }
}

/// Vectors of larger pictures, from the cache where it has them.
fn encode(
    settings: &ServerSettings,
    encoder: &ImageEncoder,
    hashes: &[PictureHash],
    stop: &Stop,
) -> Result<EncodedPictures> {
    let folder = settings.data_dir.join("cache");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut cache = VectorCache::open_of(&folder.join(CACHE_FILE), PICTURE_DIM)?;
    let pictures = picture_cache(&settings.data_dir);
    let contents: Vec<[u8; 32]> = hashes.iter().map(|hash| hash.0).collect();
    let input = |at: usize| {
        let bytes = fs::read(larger_picture_file(&pictures, hashes[at])).ok()?;
        let pixels = PicturePixels::decode(&bytes).ok()?;
        let view = RgbView::new(pixels.width, pixels.height, &pixels.rgb).ok()?;
        Some(network_input(&view))
    };
    let mut bar = WorkProgress::start("pictures looked at", hashes.len() as u64);
    let done = encode_pictures_cached(
        encoder,
        &mut cache,
        &contents,
        &input,
        &mut |at| {
            bar.at(at.n_done as u64, "");
        },
        stop,
    );
    ensure!(!stop.load(Ordering::SeqCst), "stopped; run it again to go on");
    bar.finish();
    Ok(done
        .map_err(|error: ImageError| anyhow::Error::from(error).context("looking at pictures"))?)
}
