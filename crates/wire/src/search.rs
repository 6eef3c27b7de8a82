//! The reply to `POST /v1/search`. The request is [`vitrine_domain::Query`].

use serde::{Deserialize, Serialize};
use vitrine_domain::{
    Availability, CandidateSource, CatalogueVersion, CategoryChance, Correction, Facets,
    FreeOfCount, ItemId, ModelVersion, ReadFilter, Relaxed, Synonym,
};
use vitrine_rules::ShopRoute;

/// Everything a browser needs to re-rank and show results without another request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchReply {
    /// Catalogue that answered.
    pub catalogue: CatalogueVersion,
    /// Model whose codes are inside, if any.
    pub model: Option<ModelVersion>,
    /// The query in the student's code space, `[64]`; empty without a model.
    pub query_code: Vec<i8>,
    /// How many items match in all; pages end at the depth limit.
    pub n_total: u32,
    /// Words that no item has, and what was searched for in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Conditions that were read from words and are met by all hits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters_read: Vec<ReadFilter>,
    /// Words that were also searched for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<Synonym>,
    /// What nothing met and was left out, and words that no item has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<Relaxed>,
    /// How many results say that they are free of what was asked to be absent; the
    /// others do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub free_of: Vec<FreeOfCount>,
    /// What filters would leave, when the query asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facets: Option<Facets>,
    /// What the query seems to be after; absent when the server has not learned it,
    /// and for a query without text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<QueryIntent>,
    /// Where a rule of the shop leads this search instead, the same for everyone who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<ShopRoute>,
    /// This page, in the server's order.
    pub hits: Vec<SearchHit>,
    /// Cards that a rule of the shop could place among the results on some device, other than
    /// the hits: those that meet the search's conditions. The same for everyone who asks, and on
    /// every page but for the hits. Absent where no rule could place any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards_for_rules: Option<Vec<SearchHit>>,
}

/// What a query is after, with calibrated probabilities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryIntent {
    /// "find" one product, "browse" a category, or "ask".
    pub kind: String,
    /// Probability of that kind, 0 to 1.
    pub chance: f32,
    /// The likeliest categories, the likeliest first.
    pub categories: Vec<CategoryChance>,
}

/// What one signal adds to a hit's score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Name of the signal.
    pub signal: String,
    /// The signal itself.
    pub value: f32,
    /// Weight times signal; all contributions together are the score.
    pub contribution: f32,
}

/// One result with its card inline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchHit {
    /// The card.
    pub item: ItemId,
    /// Relevance; comparable within this reply.
    pub score: f32,
    /// Which sources found it.
    pub sources: Vec<CandidateSource>,
    /// Readable title.
    pub title: String,
    /// Department.
    pub department: String,
    /// Category.
    pub category: String,
    /// Brand.
    pub brand: String,
    /// Size of the default variant.
    pub size: String,
    /// Price in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Distinct buyers, as published.
    pub n_buyers: u32,
    /// Distinct recent buyers, as published.
    pub n_buyers_recent: u32,
    /// Its pictogram; [`crate::shard::NO_PICTURE`] when it has none.
    pub picture: u32,
    /// Item code, `[64]`; empty without a model.
    pub code: Vec<i8>,
    /// What it should be free of and does not say whether it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// What the score is made of; empty unless the query asks to explain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<Contribution>,
}
