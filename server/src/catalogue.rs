//! What the server keeps of one imported catalogue, beside what it publishes:
//! cards with all variants, text vectors, statistics, pictures, related lists.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use vitrine_domain::{
    CatalogueVersion, Interaction, Item, ItemId, PictureMode, Positives, PriceTerms,
};
use vitrine_encoder::{EncoderStamp, TEXT_DIM};
use vitrine_pictures::PictureHash;
use vitrine_publish::{PhotoInput, Store};
use vitrine_quality::LogReader;
use vitrine_wire::{OfferRow, ReviewRow};

use crate::looks::SeenPictures;
use crate::private_search::PrivateSearch;
use crate::settings::ServerSettings;

/// Distinct buyers of one card. Published only from `BUYERS_MIN` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyers {
    /// Over the whole log.
    pub all: u32,
    /// In the last 28 days of the log.
    pub recent: u32,
}

/// One imported catalogue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredCatalogue {
    /// Name of the shop.
    pub shop: String,
    /// ISO 4217 code of the standard prices.
    pub currency: String,
    /// What is said of those, and the price lists beside them.
    pub prices: PriceTerms,
    /// Cards, sorted by id.
    pub items: Vec<Item>,
    /// What counts as buying.
    pub positives: Positives,
    /// Departments and categories whose cards are never recommended unasked, by the names that
    /// cards have, sorted.
    pub never_recommended: Vec<String>,
    /// Buyers of each card.
    pub buyers: Vec<Buyers>,
    /// Names and bodies of the pictures in use.
    pub pictures: Vec<(String, String)>,
    /// Index into `pictures` of each card, `None` where none suits; empty without pictures.
    pub picture_of: Vec<Option<u16>>,
    /// Related cards of the cards that have any, best first, with strength (255 = strongest).
    pub related: Vec<(ItemId, Vec<(ItemId, u8)>)>,
    /// What stands for each card, most alike first, with the cosine of their texts;
    /// by index, `[items.len()]`.
    pub alternatives: Vec<Vec<(usize, f32)>>,
    /// Offers that run.
    pub offers: Vec<OfferRow>,
    /// Where its pictures are.
    pub pictures_from: PicturesFrom,
    /// Lines of the interaction log that are of a feed; pushed ones come behind them.
    pub n_lines_of_feed: u64,
    /// Records of the log of pushed changes when the feed was read: it has the newer word on
    /// what it names.
    pub changes_until: u64,
    /// The shop's own pictures. They go from an import straight into the store.
    #[serde(skip)]
    pub photos: CataloguePhotos,
    /// What made the text vectors; in a file of its own.
    #[serde(skip)]
    pub encoded: CatalogueEncoder,
    /// What devices need to search by themselves, as an import made it; in a file of its own, which
    /// is read where the next import asks whether it serves on.
    #[serde(skip)]
    pub private_search: Option<PrivateSearch>,
    /// What its pictures look like, as an import saw them; in files of their own, which are read where
    /// the next import asks what serves on.
    #[serde(skip)]
    pub seen: SeenPictures,
    /// What buyers wrote; in a file of its own.
    #[serde(skip)]
    pub reviews: Vec<ReviewRow>,
    /// Text vectors, `[items.len(), 384]`; kept in a file of their own.
    #[serde(skip)]
    pub vectors: Vec<f32>,
}

/// What is known of the encoder that made a catalogue's vectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogueEncoder {
    /// Which encoder; `None` where an older Vitrine did not say.
    pub by: Option<EncoderStamp>,
    /// Mean vector of searches that the catalogue is likely to see, `[384]`; empty where an
    /// older Vitrine did not ask.
    pub query_mean: Vec<f32>,
}

impl CatalogueEncoder {
    /// Reads what a catalogue's folder says; nothing is known where an older Vitrine wrote it.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        if !dir.join(ENCODED_FILE).exists() {
            return Ok(Self::default());
        }
        let damaged = || format!("{} is damaged: import again", dir.join(ENCODED_FILE).display());
        let encoded = vitrine_durable::read(dir, ENCODED_FILE).with_context(damaged)?;
        let encoded: Self = serde_json::from_slice(&encoded).with_context(damaged)?;
        let n = encoded.query_mean.len();
        ensure!(n == 0 || n == TEXT_DIM, damaged());
        Ok(encoded)
    }
}

/// How pictures are read and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PicturesFrom {
    /// Folder of those that are named by paths.
    pub folder: String,
    /// Hosts in a private network that may be asked.
    pub private_hosts: Vec<String>,
    /// Whether nothing is fetched.
    pub is_offline: bool,
    /// When browsers ask for larger ones.
    pub mode: PictureMode,
}

/// The shop's own pictures, and which card shows which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CataloguePhotos {
    /// Pictures, each once.
    pub inputs: Vec<PhotoInput>,
    /// Indexes into `inputs` of each card, the main one first; empty without pictures.
    pub of_cards: Vec<Vec<usize>>,
    /// The name of each card's larger main picture in the picture cache; empty without pictures.
    pub mains: Vec<Option<PictureHash>>,
}

const CARDS_FILE: &str = "cards.bin";
/// What earlier versions wrote in its place.
const CARDS_FILE_BEFORE: &str = "catalogue.bin";
/// What an import read, kept and quarantined, in a catalogue's folder.
pub const SUMMARY_FILE: &str = "summary.json";
const VECTORS_FILE: &str = "vectors.f32";
const ENCODED_FILE: &str = "encoded.json";
const REVIEWS_FILE: &str = "reviews.bin";
/// What reviews tell the shop's own people, in a catalogue's folder.
pub const REVIEW_REPORT_FILE: &str = "reviews.json";
const INTERACTIONS_FILE: &str = "interactions.bin";

/// What to do about a current version that is damaged.
pub const MEND: &str = "the current version is damaged: `vitrine verify` says where, `vitrine rollback` goes back \
     to an older one, another import replaces it";

/// Folder of one version in the data folder.
pub fn folder(data_dir: &Path, version: CatalogueVersion) -> PathBuf {
    data_dir.join("catalogues").join(version.0.to_string())
}

/// Where an import writes until it is published.
pub fn staging(data_dir: &Path) -> PathBuf {
    data_dir.join("catalogues").join("staging.tmp")
}

/// Where an import that was not published leaves its report and its quarantine.
pub fn refused(data_dir: &Path) -> PathBuf {
    data_dir.join("catalogues").join("refused")
}

/// The interaction log's file in a catalogue's folder.
pub fn interactions_file(dir: &Path) -> PathBuf {
    dir.join(INTERACTIONS_FILE)
}

/// Reads the interaction log of a catalogue.
///
/// # Errors
/// The file is missing, damaged or not what was imported.
pub fn read_interactions(dir: &Path) -> Result<Vec<Interaction>> {
    vitrine_durable::check(dir, INTERACTIONS_FILE).context("import again")?;
    let log = LogReader::open(&interactions_file(dir))?;
    log.map(|line| line.context("reading the interaction log: import again")).collect()
}

/// The shop that is imported: its cards and its log.
///
/// # Errors
/// Nothing is imported yet, or a file is damaged.
pub fn with_interactions(settings: &ServerSettings) -> Result<(StoredCatalogue, Vec<Interaction>)> {
    let (catalogue, folder) = StoredCatalogue::published(settings)?;
    let interactions = read_interactions(&folder)?;
    Ok((catalogue, interactions))
}

/// # Errors
/// The vectors of a catalogue are another encoder's: what is compared with them would lie
/// elsewhere.
pub fn ensure_encoded_by(said: Option<&EncoderStamp>, encoder: &EncoderStamp) -> Result<()> {
    let by = said.map_or_else(|| "all-MiniLM-L6-v2".to_owned(), EncoderStamp::to_string);
    ensure!(
        encoder.made(said),
        "the catalogue's texts were encoded by {by}, and this is {encoder}: run `vitrine import` \
         again, or give --weights-dir the encoder that it was imported with"
    );
    Ok(())
}

impl StoredCatalogue {
    /// The catalogue that is published, and its folder.
    ///
    /// # Errors
    /// Nothing is imported yet, or a file is damaged.
    pub fn published(settings: &ServerSettings) -> Result<(Self, PathBuf)> {
        let store = Store::open(settings.data_dir.join("store"))?;
        let manifest = store
            .current()
            .context(MEND)?
            .context("no shop is imported: run `vitrine demo`, or `vitrine import`, first")?;
        let folder = folder(&settings.data_dir, manifest.catalogue.version);
        Ok((Self::load(&folder)?, folder))
    }

    /// Writes all files but the interactions to `dir`, durably.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let cards = postcard::to_stdvec(self).context("encoding the catalogue")?;
        let mut checked = blake3::hash(&cards).as_bytes().to_vec();
        checked.extend(cards);
        vitrine_durable::write(&dir.join(CARDS_FILE), &checked)?;
        vitrine_durable::write(&dir.join(ENCODED_FILE), &serde_json::to_vec(&self.encoded)?)?;
        if let Some(private) = &self.private_search {
            private.save(dir)?;
        }
        self.seen.save(dir)?;
        if !self.reviews.is_empty() {
            let reviews = postcard::to_stdvec(&self.reviews).context("encoding the reviews")?;
            vitrine_durable::write(&dir.join(REVIEWS_FILE), &reviews)?;
        }
        let vectors: Vec<u8> = self.vectors.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(vitrine_durable::write(&dir.join(VECTORS_FILE), &vectors)?)
    }

    /// Reads a catalogue from `dir`.
    ///
    /// # Errors
    /// A file is missing, cut off or damaged; the message says to import again.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(CARDS_FILE);
        ensure!(
            path.exists() || !dir.join(CARDS_FILE_BEFORE).exists(),
            "the catalogue in {} was imported by an earlier Vitrine: run `vitrine import` again; \
             the model that is served stays",
            dir.display()
        );
        let damaged = || format!("{} is damaged: import again", path.display());
        let bytes = vitrine_durable::read(dir, CARDS_FILE).with_context(damaged)?;
        let (hash, cards) = bytes.split_at_checked(32).with_context(damaged)?;
        ensure!(blake3::hash(cards).as_bytes() == hash, damaged());
        let mut catalogue: Self = postcard::from_bytes(cards).with_context(damaged)?;
        catalogue.encoded = CatalogueEncoder::load(dir)?;
        if dir.join(REVIEWS_FILE).exists() {
            let damaged =
                || format!("{} is damaged: import again", dir.join(REVIEWS_FILE).display());
            let reviews = vitrine_durable::read(dir, REVIEWS_FILE).with_context(damaged)?;
            catalogue.reviews = postcard::from_bytes(&reviews).with_context(damaged)?;
        }
        let vectors = vitrine_durable::read(dir, VECTORS_FILE).context("import again")?;
        ensure!(vectors.len() == catalogue.items.len() * TEXT_DIM * 4, damaged());
        catalogue.vectors =
            vectors.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Ok(catalogue)
    }
}

#[cfg(test)]
mod tests {
    use vitrine_wire::{AspectRow, QuoteRow};

    use super::*;

    #[test]
    fn reviews_are_kept_in_a_file_of_their_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let quote =
            QuoteRow { text: "Warm.".into(), stars: 5, day: Some(20_000), is_verified: true };
        let aspect = AspectRow { name: "fit".into(), n_good: 3, n_bad: 1 };
        let row = ReviewRow {
            id: ItemId(7),
            stars: [1, 0, 0, 2, 4],
            aspects: vec![aspect],
            quotes: vec![quote],
        };
        let item = Item { id: ItemId(7), ..Item::default() };
        let catalogue = StoredCatalogue {
            items: vec![item],
            reviews: vec![row],
            vectors: vec![0.0; TEXT_DIM],
            ..StoredCatalogue::default()
        };
        catalogue.save(folder.path()).expect("saved");
        let loaded = StoredCatalogue::load(folder.path()).expect("loaded");
        assert_eq!(loaded.reviews, catalogue.reviews);
        std::fs::write(folder.path().join(REVIEWS_FILE), b"\xff\xff\xff").expect("damaged");
        let error = StoredCatalogue::load(folder.path()).expect_err("no rows");
        assert!(format!("{error:#}").contains(REVIEWS_FILE), "{error:#}");
        std::fs::remove_file(folder.path().join(REVIEWS_FILE)).expect("removed");
        let loaded = StoredCatalogue::load(folder.path()).expect("of a shop without reviews");
        assert!(loaded.reviews.is_empty() && loaded.items.len() == 1);
    }
}
