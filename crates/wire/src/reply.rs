//! The search reply's codec: JSON with limits.

use std::collections::HashSet;

use vitrine_domain::facets::{FACET_VALUES_MAX, PRICE_RANGES_MAX};
use vitrine_domain::limits::{FILTER_VALUES_MAX, PAGE_LIMIT_MAX};
use vitrine_domain::{Facets, Filters};
use vitrine_rules::{CARDS_NEEDED_MAX, ShopRoute};

use crate::shard::CODE_DIM;
use crate::validate::is_bounded;
use crate::{QueryIntent, SearchHit, SearchReply, WireError};

/// Most parts of each list of what was read, and of one explanation.
const PARTS_MAX: usize = 64;

/// Largest search reply, in bytes.
pub const SEARCH_REPLY_BYTES_MAX: usize = 4 << 20;

const WHAT: &str = "search reply";

/// Encodes a valid search reply as JSON.
///
/// # Errors
/// Whatever [`decode_search_reply`] would refuse is refused here first.
pub fn encode_search_reply(reply: &SearchReply) -> Result<Vec<u8>, WireError> {
    validate(reply)?;
    let bytes =
        serde_json::to_vec(reply).map_err(|source| WireError::Json { what: WHAT, source })?;
    check_size(&bytes)?;
    Ok(bytes)
}

/// Decodes and validates a search reply of untrusted bytes.
///
/// # Errors
/// The first thing that is wrong.
pub fn decode_search_reply(bytes: &[u8]) -> Result<SearchReply, WireError> {
    check_size(bytes)?;
    let reply =
        serde_json::from_slice(bytes).map_err(|source| WireError::Json { what: WHAT, source })?;
    validate(&reply)?;
    Ok(reply)
}

fn check_size(bytes: &[u8]) -> Result<(), WireError> {
    let (bytes, bytes_max) = (bytes.len(), SEARCH_REPLY_BYTES_MAX);
    if bytes > bytes_max {
        return Err(WireError::TooLarge { what: WHAT, bytes, bytes_max });
    }
    Ok(())
}

fn validate(reply: &SearchReply) -> Result<(), WireError> {
    let n = reply.hits.len();
    check(n <= PAGE_LIMIT_MAX as usize, "number of hits", n)?;
    check(n <= reply.n_total as usize, "n_total", reply.n_total)?;
    let n_for_rules = reply.cards_for_rules.as_ref().map_or(0, Vec::len);
    check(n_for_rules <= CARDS_NEEDED_MAX, "number of cards_for_rules", n_for_rules)?;
    let code_len = if reply.model.is_some() { CODE_DIM } else { 0 };
    let query_len = reply.query_code.len();
    check(query_len == code_len, "length of query_code", query_len)?;
    understanding(reply)?;
    let route = reply.redirect.as_ref().map_or("", route_text);
    check(is_bounded(route), "length of redirect", route.len())?;
    reply.facets.as_ref().map_or(Ok(()), facets)?;
    if let Some(intent) = &reply.intent {
        check(is_sound(intent), "intent", &intent.kind)?;
    }
    let mut seen = HashSet::new();
    for hit in reply.hits.iter().chain(reply.cards_for_rules.iter().flatten()) {
        check(seen.insert(hit.item), "repeated item", hit.item)?;
        check(hit.score.is_finite(), "score", hit.score)?;
        check(hit.code.len() == code_len, "length of code", hit.code.len())?;
        let parts = &hit.explanation;
        check(parts.len() <= PARTS_MAX, "length of explanation", parts.len())?;
        let is_finite = parts.iter().all(|p| p.value.is_finite() && p.contribution.is_finite());
        check(is_finite && parts.iter().all(|p| is_bounded(&p.signal)), "explanation", hit.item)?;
        let n_unconfirmed = hit.unconfirmed.len();
        check(n_unconfirmed <= FILTER_VALUES_MAX, "length of unconfirmed", n_unconfirmed)?;
        let is_bounded = texts(hit).all(|text| is_bounded(text));
        check(is_bounded, "length of a text of item", hit.item)?;
    }
    Ok(())
}

fn is_sound(intent: &QueryIntent) -> bool {
    let is_chance = |chance: f32| (0.0..=1.0).contains(&chance);
    let categories = &intent.categories;
    is_bounded(&intent.kind)
        && is_chance(intent.chance)
        && categories.len() <= PARTS_MAX
        && categories.iter().all(|c| is_bounded(&c.category) && is_chance(c.chance))
}

/// What was read from the text: few parts, short texts.
fn understanding(reply: &SearchReply) -> Result<(), WireError> {
    let lists = [
        ("corrections", reply.corrections.len()),
        ("filters_read", reply.filters_read.len()),
        ("synonyms", reply.synonyms.len()),
        ("relaxed", reply.relaxed.len()),
    ];
    for (field, n) in lists {
        check(n <= PARTS_MAX, field, n)?;
    }
    for filter in &reply.filters_read {
        let Filters { departments, categories, brands, brands_excluded, free_of, .. } =
            &filter.filters;
        for values in [departments, categories, brands, brands_excluded, free_of] {
            check(values.len() <= FILTER_VALUES_MAX, "filters_read", values.len())?;
            let is_bounded = values.iter().all(|value| is_bounded(value));
            check(is_bounded, "length of a text of filters_read", values.len())?;
        }
    }
    let corrections = reply.corrections.iter().flat_map(|c| [&c.typed, &c.used]);
    let synonyms = reply.synonyms.iter().flat_map(|s| [&s.typed, &s.used]);
    let typed = reply.filters_read.iter().map(|filter| &filter.typed);
    let relaxed = reply.relaxed.iter().map(|relaxed| &relaxed.typed);
    check(reply.free_of.len() <= FILTER_VALUES_MAX, "length of free_of", reply.free_of.len())?;
    let free_of = reply.free_of.iter().map(|count| &count.name);
    for text in corrections.chain(synonyms).chain(typed).chain(relaxed).chain(free_of) {
        check(is_bounded(text), "length of a word that was read", text.len())?;
    }
    Ok(())
}

/// The name or text that a way within the shop leads to.
fn route_text(to: &ShopRoute) -> &str {
    match to {
        ShopRoute::Home | ShopRoute::Item(_) => "",
        ShopRoute::Department(name)
        | ShopRoute::Category(name)
        | ShopRoute::Brand(name)
        | ShopRoute::Search(name) => name,
    }
}

fn facets(facets: &Facets) -> Result<(), WireError> {
    for values in [&facets.departments, &facets.categories, &facets.brands] {
        check(values.len() <= FACET_VALUES_MAX, "number of facet values", values.len())?;
        let is_bounded = values.iter().all(|facet| is_bounded(&facet.name));
        check(is_bounded, "length of a facet value", values.len())?;
    }
    let n = facets.prices.len();
    check(n <= PRICE_RANGES_MAX, "number of price ranges", n)
}

fn texts(hit: &SearchHit) -> impl Iterator<Item = &String> {
    let texts = [&hit.title, &hit.department, &hit.category, &hit.brand, &hit.size];
    texts.into_iter().chain(&hit.unconfirmed)
}

fn check(is_valid: bool, field: &'static str, found: impl ToString) -> Result<(), WireError> {
    if is_valid {
        return Ok(());
    }
    Err(WireError::Field { what: WHAT, field, found: found.to_string() })
}
