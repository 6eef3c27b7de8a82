//! One published version, ready to be served: manifest, rows, recall, codec.

use std::collections::HashSet;
use std::fs;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use anyhow::{Context, Result};
use axum::body::Bytes;
use vitrine_domain::{ContentHash, Item, ItemId, Manifest};
use vitrine_encoder::intent::IntentHead;
use vitrine_publish::{Snapshot, Store, compress_quickly};
use vitrine_recall::{EmbeddedRecall, Relevance, Synonyms, TextLanguage, Understanding};
use vitrine_suggest::{SuggestCard, Suggester};
use vitrine_wire::{Card, CatalogueRows, OfferRow, content_hash, encode_manifest};

use crate::catalogue::{self, StoredCatalogue};
use crate::directory::Directory;
use crate::intent;
use crate::model::Model;
use crate::rules::{NarrowedIndexes, ServedRules};
use crate::settings::ServerSettings;
use crate::speech::{Speech, Speeches};

/// What [`Live::newest`] found.
pub enum Newest {
    /// Nothing was ever published.
    None,
    /// No newer version than the loaded one is whole.
    Same,
    /// The newest that is whole.
    Loaded(Box<LoadedVersion>),
}

/// A version that was just loaded, with what revisions of it start from.
pub struct LoadedVersion {
    /// What is served of it.
    pub live: Live,
    /// Cards of its import, by ascending id.
    pub items: Vec<Item>,
    /// What its import has on offer.
    pub offers: Vec<OfferRow>,
    /// Record of the log of changes before which the import speaks.
    pub changes_until: u64,
}

/// Everything one version, or one revision of it, needs to answer requests. Revisions of a
/// version share what they do not change.
pub struct Live {
    /// Number of the manifest.
    pub number: u64,
    /// The manifest.
    pub manifest: Manifest,
    /// The manifest as it is sent.
    pub manifest_bytes: Bytes,
    /// The same, brotli.
    pub manifest_compressed: Bytes,
    /// The first tiles of a newcomer's page, made when they are first asked for.
    pub front: Mutex<Option<Arc<Front>>>,
    /// Its departments and categories with their addresses, made when a page of them is first
    /// asked for.
    pub directory: OnceLock<Directory>,
    /// Record of the log of changes before which the import speaks.
    pub changes_until: u64,
    /// The published rows: what the browsers have. Revisions change them in place, so that
    /// a search that began before one may tell a price of after it.
    pub rows: Arc<RwLock<CatalogueRows>>,
    /// Names of the larger pictures of what is in it: the hashes of its thumbnails.
    pub pictures: Arc<HashSet<ContentHash>>,
    /// What its searches and what is pushed to it are encoded with.
    pub speech: Arc<Speech>,
    /// Language of its texts.
    pub language: TextLanguage,
    /// Candidates for searches.
    pub recall: EmbeddedRecall,
    /// What makes a hit's score.
    pub relevance: Relevance,
    /// What searches say besides words.
    pub understanding: Arc<Understanding>,
    /// What unfinished searches may become.
    pub suggester: Arc<Suggester>,
    /// The published model, if there is one.
    pub model: Option<Arc<Model>>,
    /// What queries are after, once it was learned.
    pub intent: Option<Arc<IntentHead>>,
    /// What the shop wants to stand where.
    pub rules: Arc<ServedRules>,
    /// What searches find under them.
    pub narrowed: NarrowedIndexes,
}

/// What a revision changes of what is served, besides rows.
pub struct LiveRevision<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Candidates for searches.
    pub recall: EmbeddedRecall,
    /// What unfinished searches may become.
    pub suggester: Arc<Suggester>,
    /// What the shop wants to stand where.
    pub rules: Arc<ServedRules>,
}

/// A part of the page as it is sent.
pub struct Front {
    /// When it is to be made anew, in seconds since 1970-01-01 UTC: a rule begins or ends.
    pub until_seconds: i64,
    /// HTML.
    pub bytes: Bytes,
    /// The same, brotli.
    pub compressed: Bytes,
}

impl Live {
    /// Loads the newest version that is whole: the current one, or in its place an older
    /// one; `None` before the first publish. `unless` is a version that is loaded already.
    ///
    /// # Errors
    /// No version is whole; the error is that of the current one.
    pub fn newest(
        settings: &ServerSettings,
        store: &Store,
        speeches: &Speeches,
        unless: Option<u64>,
    ) -> Result<Newest> {
        let mut first = None;
        for number in store.kept()? {
            if Some(number) == unless {
                return Ok(Newest::Same);
            }
            match Self::load(settings, store, number, speeches) {
                Ok(loaded) => return Ok(Newest::Loaded(Box::new(loaded))),
                Err(error) => {
                    tracing::error!(number, "this version cannot be served: {error:#}");
                    first = first.or(Some(error));
                }
            }
        }
        first.map_or(Ok(Newest::None), Err)
    }

    /// Loads version `number` of the store.
    ///
    /// # Errors
    /// A file of the version is missing or damaged, or its encoder cannot be had.
    pub fn load(
        settings: &ServerSettings,
        store: &Store,
        number: u64,
        speeches: &Speeches,
    ) -> Result<LoadedVersion> {
        let data_dir = &settings.data_dir;
        let mut manifest = store.manifest(number)?;
        manifest.has_real_urls = settings.pages.origin.is_some();
        manifest.has_language_model = settings.language_model.is_offered();
        let manifest_bytes = match manifest.has_real_urls || manifest.has_language_model {
            true => Bytes::from(encode_manifest(&manifest)?),
            false => Bytes::from(store.manifest_bytes(number)?),
        };
        let rows = Snapshot::load_number(store, number)?.rows;
        let folder = catalogue::folder(data_dir, manifest.catalogue.version);
        let catalogue = StoredCatalogue::load(&folder)?;
        let StoredCatalogue { items, buyers, currency, changes_until, offers, .. } = catalogue;
        let (encoded, vectors) = (catalogue.encoded, catalogue.vectors);
        let speech = speeches.of(encoded.by.as_ref())?;
        let understanding = Understanding::new(&items, &currency, synonyms(settings)?);
        let popularity: Vec<u32> = buyers.iter().map(|buyers| buyers.published().all).collect();
        let suggester = SuggestTexts::of(&rows).suggester();
        let pictures = rows.thumbnails.iter().map(|row| content_hash(&row.webp)).collect();
        let language = text_language(settings, &items)?;
        let recall = EmbeddedRecall::build_in(&items, vectors, &popularity, language);
        let mut recall = recall.context("indexing")?;
        if !encoded.query_mean.is_empty() {
            recall = recall.with_query_mean(&encoded.query_mean);
        }
        let relevance = relevance(settings)?;
        let recall = recall.with_relevance(relevance);
        let mut model = match &manifest.model {
            Some(info) => Some(Model::load(data_dir, info.version)?),
            None => None,
        };
        let intent = match model.as_mut().and_then(|model| model.intent.take()) {
            Some(head) => Some(head),
            None => intent::load(&folder)?,
        };
        let intent = intent.filter(|head| knows_only(head, &rows.categories));
        let rules = Arc::new(ServedRules::new(rows.rules.clone()));
        let live = Self {
            number,
            manifest,
            manifest_compressed: compress_quickly(&manifest_bytes).into(),
            manifest_bytes,
            front: Mutex::default(),
            directory: OnceLock::new(),
            changes_until,
            rows: Arc::new(RwLock::new(rows)),
            pictures: Arc::new(pictures),
            speech,
            language,
            recall,
            relevance,
            understanding: Arc::new(understanding),
            suggester: Arc::new(suggester),
            model: model.map(Arc::new),
            intent: intent.map(Arc::new),
            rules,
            narrowed: NarrowedIndexes::default(),
        };
        Ok(LoadedVersion { live, items, offers, changes_until })
    }

    /// A revision of it: another manifest, over rows that are changed already.
    ///
    /// # Errors
    /// The manifest breaks a limit.
    pub fn revised(&self, revision: LiveRevision<'_>) -> Result<Self> {
        let LiveRevision { manifest, recall, suggester, rules } = revision;
        let manifest_bytes = Bytes::from(encode_manifest(manifest)?);
        Ok(Self {
            number: self.number,
            manifest: manifest.clone(),
            manifest_compressed: compress_quickly(&manifest_bytes).into(),
            manifest_bytes,
            front: Mutex::default(),
            directory: OnceLock::new(),
            changes_until: self.changes_until,
            rows: Arc::clone(&self.rows),
            pictures: Arc::clone(&self.pictures),
            speech: Arc::clone(&self.speech),
            language: self.language,
            recall,
            relevance: self.relevance,
            understanding: Arc::clone(&self.understanding),
            suggester,
            model: self.model.clone(),
            intent: self.intent.clone(),
            rules,
            narrowed: NarrowedIndexes::default(),
        })
    }
}

/// Whether a head names no category but those of the catalogue. One that was learned on an
/// older catalogue may; then searches do without until the next training.
fn knows_only(head: &IntentHead, categories: &[String]) -> bool {
    let known: HashSet<&String> = categories.iter().collect();
    head.categories().iter().all(|category| known.contains(category))
}

/// The language of a catalogue's texts: that of the settings, else the one they show.
///
/// # Errors
/// The settings name a language that there is not.
pub fn text_language(settings: &ServerSettings, items: &[Item]) -> Result<TextLanguage> {
    match &settings.language {
        Some(code) => Ok(TextLanguage::of_code(code)?),
        None => Ok(TextLanguage::detect(items.iter().map(|item| item.title.as_str()))),
    }
}

/// The weights of relevance: those of the settings' file, else the built-in ones.
///
/// # Errors
/// The file cannot be read, or is not one of weights; the message says why.
pub fn relevance(settings: &ServerSettings) -> Result<Relevance> {
    let Some(path) = &settings.relevance_file else { return Ok(Relevance::default()) };
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Relevance::from_toml(&text).with_context(|| format!("weights of {}", path.display()))
}

/// The shipped synonyms and those of the settings' file.
///
/// # Errors
/// The file cannot be read, or is not a file of synonyms; the message says where.
pub fn synonyms(settings: &ServerSettings) -> Result<Synonyms> {
    let Some(path) = &settings.synonyms_file else { return Ok(Synonyms::with(None)?) };
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Synonyms::with(Some(&text)).with_context(|| format!("synonyms of {}", path.display()))
}

/// Texts of the published cards, to make suggestions of: what a browser makes of them, too.
pub struct SuggestTexts(Vec<SuggestText>);

struct SuggestText {
    id: ItemId,
    title: String,
    department: String,
    category: String,
    n_buyers: u32,
}

impl SuggestTexts {
    /// Copies them, so that rows may change meanwhile.
    pub fn of(rows: &CatalogueRows) -> Self {
        let text = |card: &Card| SuggestText {
            id: card.id,
            title: card.title.clone(),
            department: rows.departments[usize::from(card.department)].clone(),
            category: rows.categories[usize::from(card.category)].clone(),
            n_buyers: rows.price(card.id).map_or(0, |price| price.n_buyers),
        };
        Self(rows.cards.iter().map(text).collect())
    }

    /// What unfinished searches may become.
    pub fn suggester(&self) -> Suggester {
        Suggester::new(self.0.iter().map(|text| SuggestCard {
            id: text.id,
            title: &text.title,
            department: &text.department,
            category: &text.category,
            n_buyers: text.n_buyers,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Overrides;
    use crate::http::tests::meaningless;
    use crate::publishing::tests::{catalogue, publish};

    #[test]
    fn each_damaged_file_of_the_current_version_brings_back_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = Some(dir.path().to_owned());
        let settings =
            ServerSettings::load(&Overrides { data_dir, ..Overrides::default() }).unwrap();
        let store = Store::open(dir.path().join("store")).unwrap();
        let speeches = meaningless();
        let newest = |unless| Live::newest(&settings, &store, &speeches, unless).unwrap();
        assert!(matches!(newest(None), Newest::None));
        publish(dir.path(), &catalogue(2));
        publish(dir.path(), &catalogue(3));
        let served = |newest| match newest {
            Newest::Loaded(loaded) => loaded.live.number,
            _ => 0,
        };
        assert_eq!(served(newest(None)), 2);
        assert!(matches!(newest(Some(2)), Newest::Same));

        let files =
            ["store/manifests/2.json", "catalogues/2/cards.bin", "catalogues/2/vectors.f32"];
        for (n, file) in files.into_iter().enumerate() {
            let path = dir.path().join(file);
            let good = fs::read(&path).unwrap();
            match n % 2 {
                0 => fs::write(&path, &good[..good.len() - 1]).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            assert_eq!(served(newest(None)), 1, "{file} is damaged");
            assert!(matches!(newest(Some(1)), Newest::Same), "it is served already");
            fs::write(&path, good).unwrap();
        }
        assert_eq!(served(newest(Some(1))), 2, "it was put back");
    }
}
