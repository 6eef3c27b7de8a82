//! The search reply's codec: JSON with limits.

use std::collections::HashSet;

use vitrine_domain::limits::PAGE_LIMIT_MAX;

use crate::shard::CODE_DIM;
use crate::validate::is_bounded;
use crate::{QueryIntent, SearchHit, SearchReply, WireError};

/// Most corrections of one reply, and most parts of one explanation.
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
    let code_len = if reply.model.is_some() { CODE_DIM } else { 0 };
    let query_len = reply.query_code.len();
    check(query_len == code_len, "length of query_code", query_len)?;
    let n_corrections = reply.corrections.len();
    check(n_corrections <= PARTS_MAX, "number of corrections", n_corrections)?;
    for correction in &reply.corrections {
        let is_bounded = is_bounded(&correction.typed) && is_bounded(&correction.used);
        check(is_bounded, "length of a correction", n_corrections)?;
    }
    if let Some(intent) = &reply.intent {
        check(is_sound(intent), "intent", &intent.kind)?;
    }
    let mut seen = HashSet::new();
    for hit in &reply.hits {
        check(seen.insert(hit.item), "repeated item", hit.item)?;
        check(hit.score.is_finite(), "score", hit.score)?;
        check(hit.code.len() == code_len, "length of code", hit.code.len())?;
        let parts = &hit.explanation;
        check(parts.len() <= PARTS_MAX, "length of explanation", parts.len())?;
        let is_finite = parts.iter().all(|p| p.value.is_finite() && p.contribution.is_finite());
        check(is_finite && parts.iter().all(|p| is_bounded(&p.signal)), "explanation", hit.item)?;
        let is_bounded = texts(hit).into_iter().all(|text| is_bounded(text));
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

fn texts(hit: &SearchHit) -> [&String; 5] {
    [&hit.title, &hit.department, &hit.category, &hit.brand, &hit.size]
}

fn check(is_valid: bool, field: &'static str, found: impl ToString) -> Result<(), WireError> {
    if is_valid {
        return Ok(());
    }
    Err(WireError::Field { what: WHAT, field, found: found.to_string() })
}
