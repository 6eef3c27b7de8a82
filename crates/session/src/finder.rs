//! The search engine of the device: the server's own, over the synced cards.

use vitrine_domain::pace::Pace;
use vitrine_domain::{Item, Query, TEXT_CODE_DIM, Variant};
use vitrine_recall::{
    Answer, CodeSpace, Deadline, EmbeddedRecall, Language, N_SIGNALS, QueryTable, RecallError,
    Relevance, Searcher, Synonyms, TextLanguage, Understanding,
};
use vitrine_wire::QueryTableShard;

use crate::catalogue::Catalogue;

/// Cards that become items between two breaths.
const STRETCH_CARDS: usize = 256;

/// Answers searches over the cards of one pair.
pub(crate) struct Finder {
    engine: EmbeddedRecall,
    understanding: Understanding,
    words: Words,
}

/// What words mean, as far as the device has the table.
struct Words(Option<QueryTable>);

impl Language for Words {
    type Error = RecallError;

    fn encode(&self, text: &str, _: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        Ok(self.0.as_ref().map(|table| table.encode(text)))
    }

    fn is_word(&self, word: &str) -> bool {
        self.0.as_ref().is_some_and(|table| table.has_word(word))
    }
}

impl Finder {
    /// Indexes the cards, in pieces. Without the shop's table searches go by words alone,
    /// without its synonyms and with the built-in weights.
    ///
    /// # Errors
    /// None that a published catalogue could cause.
    pub async fn of(
        catalogue: &Catalogue,
        currency: &str,
        pace: &dyn Pace,
    ) -> Result<Self, RecallError> {
        let mut items = Vec::with_capacity(catalogue.n_items() as usize);
        for index in 0..catalogue.n_items() {
            if index as usize % STRETCH_CARDS == 0 {
                pace.breathe().await;
            }
            items.push(item(catalogue, index));
        }
        let rows = catalogue.rows();
        let code = |item: &Item| rows.text_code(item.id).map_or([0; TEXT_CODE_DIM], |row| row.code);
        let codes: Vec<i8> = items.iter().flat_map(code).collect();
        let n_buyers = |index| catalogue.price(index).n_buyers;
        let popularity: Vec<u32> = (0..catalogue.n_items()).map(n_buyers).collect();
        let shard = rows.query_table.as_ref();
        let said = shard.and_then(|shard| TextLanguage::of_code(&shard.language).ok());
        let titles = items.iter().map(|item| item.title.as_str());
        let language = said.unwrap_or_else(|| TextLanguage::detect(titles));
        let space = shard.map_or_else(CodeSpace::of_nothing, space);
        let engine =
            EmbeddedRecall::build_coded(&items, space, &codes, &popularity, language, pace).await?;
        pace.breathe().await;
        let phrases = shard.map(|shard| shard.synonyms.clone()).unwrap_or_default();
        Ok(Self {
            engine: engine.with_relevance(shard.map_or_else(Relevance::default, relevance)),
            understanding: Understanding::new(&items, currency, Synonyms::of_phrases(phrases)),
            words: Words(shard.map(table)),
        })
    }

    /// Answers a search as the server would.
    ///
    /// # Errors
    /// A limit exceeded.
    pub fn search(&self, query: &Query) -> Result<Answer, RecallError> {
        let (engine, understanding) = (&self.engine, &self.understanding);
        Searcher { engine, understanding, language: &self.words }.search(query, Deadline::NONE)
    }
}

fn space(shard: &QueryTableShard) -> CodeSpace {
    let (mean, query_mean) = (shard.mean.clone(), shard.query_mean.clone());
    CodeSpace { mean, query_mean, unit: shard.unit }
}

fn table(shard: &QueryTableShard) -> QueryTable {
    QueryTable {
        intercept: shard.intercept.clone(),
        words: shard.words.clone(),
        units: shard.units.clone(),
        rows: shard.rows.clone(),
    }
}

/// The shop's weights; a later version's that has other signals is not understood.
fn relevance(shard: &QueryTableShard) -> Relevance {
    let weights: Option<[f32; N_SIGNALS]> = shard.relevance.as_slice().try_into().ok();
    weights.map_or_else(Relevance::default, Relevance::new)
}

/// A card as the engine reads it: what its texts say, as far as they are on the device.
fn item(catalogue: &Catalogue, index: u32) -> Item {
    let (card, price) = (catalogue.raw(index), catalogue.price(index));
    let details = catalogue.rows().details(card.id).cloned().unwrap_or_default();
    // What the shop's index has, or else what the product's page says.
    let attributes = match catalogue.rows().text_code(card.id) {
        Some(row) => row.attributes.clone(),
        None => {
            let values = details.characteristics.iter().map(|(_, value)| value.as_str());
            values.collect::<Vec<_>>().join(" ")
        }
    };
    let sizes = card
        .variants
        .iter()
        .map(|variant| Variant { size: variant.size.clone(), ..Variant::default() });
    Item {
        id: card.id,
        title: card.title.clone(),
        department: catalogue.department(index).to_owned(),
        category: catalogue.category(index).to_owned(),
        brand: card.brand.clone(),
        attributes,
        description: details.description,
        listed_at_seconds: details.listed_at_seconds,
        price_minor: price.price_minor,
        availability: price.availability,
        variants: sizes.collect(),
        ..Item::default()
    }
}
