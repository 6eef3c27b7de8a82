//! The manifest's codec: JSON, and everything that must hold of one.

use std::collections::HashSet;

use vitrine_domain::limits::{
    EXPLORE_EVERY_MIN, ITEMS_MAX, MANIFEST_BYTES_MAX, MANIFEST_SHARDS_MAX, NEVER_RECOMMENDED_MAX,
    SHARD_BYTES_MAX, TEXT_CHARS_MAX,
};
use vitrine_domain::price_list::{PRICE_LIST_NAME_CHARS_MAX, PRICE_LISTS_MAX};
use vitrine_domain::{
    Manifest, ModelInfo, PriceListInfo, ShardKind, ShardRef, ShardRole, is_price_list_key,
};

use crate::WireError;
use crate::codec::SHARD_HEADER_BYTES;

/// Longest name of a shop, in characters.
pub const SHOP_CHARS_MAX: usize = 200;
/// Most outputs of one model.
pub const OUTPUTS_MAX: usize = 8;
/// Longest name of an output, in bytes.
pub const OUTPUT_BYTES_MAX: usize = 32;
/// How much longer than its original a compressed shard may be.
const COMPRESSED_EXCESS_BYTES_MAX: u32 = 1 << 10;

/// Encodes a valid manifest as JSON; the same manifest always gives the same bytes.
///
/// # Errors
/// Whatever [`decode_manifest`] would refuse is refused here first.
pub fn encode_manifest(manifest: &Manifest) -> Result<Vec<u8>, WireError> {
    validate(manifest)?;
    let bytes = serde_json::to_vec(manifest).map_err(json)?;
    check_size(&bytes)?;
    Ok(bytes)
}

/// Decodes and validates a manifest of untrusted bytes.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn decode_manifest(bytes: &[u8]) -> Result<Manifest, WireError> {
    check_size(bytes)?;
    let mut manifest = serde_json::from_slice(bytes).map_err(json)?;
    leave_out_unknown(&mut manifest);
    validate(&manifest)?;
    Ok(manifest)
}

/// Leaves out references to kinds that a later version has: what is made of the others is
/// whole without them.
fn leave_out_unknown(manifest: &mut Manifest) {
    let is_known = |shard: &ShardRef| shard.kind != ShardKind::Unknown;
    let head = manifest.shards.iter().take(manifest.n_head as usize);
    let n_unknown = head.filter(|shard| !is_known(shard)).count();
    manifest.n_head -= n_unknown as u32;
    manifest.shards.retain(is_known);
}

fn json(source: serde_json::Error) -> WireError {
    WireError::Json { what: "manifest", source }
}

fn check_size(bytes: &[u8]) -> Result<(), WireError> {
    let (bytes, bytes_max) = (bytes.len(), MANIFEST_BYTES_MAX);
    if bytes > bytes_max {
        return Err(WireError::TooLarge { what: "manifest", bytes, bytes_max });
    }
    Ok(())
}

fn field(is_valid: bool, field: &'static str, found: impl ToString) -> Result<(), WireError> {
    if is_valid {
        return Ok(());
    }
    Err(WireError::Field { what: "manifest", field, found: found.to_string() })
}

fn validate(manifest: &Manifest) -> Result<(), WireError> {
    if !(Manifest::FORMAT_MIN..=Manifest::FORMAT).contains(&manifest.format) {
        return Err(WireError::ManifestFormat { found: manifest.format });
    }
    let shop_chars = manifest.shop.chars().count();
    field((1..=SHOP_CHARS_MAX).contains(&shop_chars), "length of shop", shop_chars)?;
    currency(&manifest.currency)?;
    price_lists(&manifest.prices.lists)?;
    let n_items = manifest.catalogue.n_items;
    field(n_items as usize <= ITEMS_MAX, "n_items", n_items)?;
    never_recommended(&manifest.catalogue.never_recommended)?;
    let n_shards = manifest.shards.len();
    field(n_shards <= MANIFEST_SHARDS_MAX, "number of shards", n_shards)?;
    field(manifest.n_head as usize <= n_shards, "n_head", manifest.n_head)?;
    if let Some(model) = &manifest.model {
        outputs(model)?;
        let every = model.explore_every.unwrap_or(EXPLORE_EVERY_MIN);
        field(every >= EXPLORE_EVERY_MIN, "explore_every", every)?;
    }
    manifest.shards.iter().try_for_each(shard_ref)?;
    distinct(&manifest.shards)?;
    kinds(manifest)
}

fn currency(code: &str) -> Result<(), WireError> {
    let is_currency = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    field(is_currency, "length or case of currency", code.len())
}

fn price_lists(lists: &[PriceListInfo]) -> Result<(), WireError> {
    field(lists.len() <= PRICE_LISTS_MAX, "number of price lists", lists.len())?;
    for (place, list) in lists.iter().enumerate() {
        let is_other = lists[..place].iter().all(|before| before.key != list.key);
        field(is_price_list_key(&list.key) && is_other, "key of price list", place)?;
        let n_chars = list.name.chars().count();
        let is_name = (1..=PRICE_LIST_NAME_CHARS_MAX).contains(&n_chars);
        field(is_name, "length of the name of price list", n_chars)?;
        currency(&list.currency)?;
    }
    Ok(())
}

/// Names of departments and categories, sorted, each once.
fn never_recommended(names: &[String]) -> Result<(), WireError> {
    let n = names.len();
    field(n <= NEVER_RECOMMENDED_MAX, "number of never_recommended", n)?;
    for (idx, name) in names.iter().enumerate() {
        let is_name = (1..=TEXT_CHARS_MAX).contains(&name.chars().count());
        field(is_name && names[..idx].last() < Some(name), "never_recommended", idx)?;
    }
    Ok(())
}

fn outputs(model: &ModelInfo) -> Result<(), WireError> {
    let n = model.outputs.len();
    field((1..=OUTPUTS_MAX).contains(&n), "number of outputs", n)?;
    for (idx, output) in model.outputs.iter().enumerate() {
        let is_name = (1..=OUTPUT_BYTES_MAX).contains(&output.len())
            && output.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && !model.outputs[..idx].contains(output);
        field(is_name, "output", idx)?;
    }
    Ok(())
}

/// Sizes and counts of one reference.
fn shard_ref(shard: &ShardRef) -> Result<(), WireError> {
    let compressed_max = shard.bytes.saturating_add(COMPRESSED_EXCESS_BYTES_MAX);
    let checks = [
        (
            (SHARD_HEADER_BYTES..=SHARD_BYTES_MAX).contains(&(shard.bytes as usize)),
            "bytes",
            shard.bytes,
        ),
        (
            (1..=compressed_max).contains(&shard.bytes_compressed),
            "bytes_compressed",
            shard.bytes_compressed,
        ),
        // Every row takes a byte at the very least.
        (shard.n_rows <= shard.bytes, "n_rows", shard.n_rows),
    ];
    for (is_valid, field, found) in checks {
        if !is_valid {
            return Err(WireError::ShardField { hash: shard.hash, field, found });
        }
    }
    Ok(())
}

fn distinct(shards: &[ShardRef]) -> Result<(), WireError> {
    let (mut places, mut hashes) = (HashSet::new(), HashSet::new());
    for shard in shards {
        let ShardRef { kind, role, cell, hash, .. } = *shard;
        if !places.insert((kind, role, cell)) {
            return Err(WireError::ShardTwice { kind, role, cell });
        }
        // A delta may say what an earlier one said, or a base: a price that went back.
        if role == ShardRole::Base && !hashes.insert(hash) {
            return Err(WireError::HashTwice(hash));
        }
    }
    Ok(())
}

/// Each kind's shards against each other, the versions and the totals.
fn kinds(manifest: &Manifest) -> Result<(), WireError> {
    use ShardKind::*;
    let n_items = manifest.catalogue.n_items;
    for kind in ShardKind::KNOWN {
        let of_kind = || manifest.shards.iter().filter(move |shard| shard.kind == kind);
        let n = of_kind().filter(|shard| shard.role == ShardRole::Base).count();
        let has_delta = of_kind().count() > n;
        let needs_base = matches!(kind, Cards | Prices | Codes);
        if has_delta
            && (matches!(kind, Student | QueryTable | PictureNetwork) || (n == 0 && needs_base))
        {
            return Err(WireError::DeltaWithoutBase(kind));
        }
        let has_rows = n_items > 0;
        let is_fitting = match (kind, &manifest.model) {
            (Cards | Prices, _) => n > 0 || !has_rows,
            (Codes, Some(_)) => n > 0 || !has_rows,
            (Student, Some(_)) => n == 1,
            (Codes | Student, None) => n == 0,
            (Related | Pictures | Alternatives | Offers | Neighbours, _) => true,
            (Details | Thumbnails | Photos | PriceLists | TextCodes, _) => true,
            (Reviews | PictureCodes | Rules, _) => true,
            (QueryTable | PictureNetwork, _) => n <= 1,
            (Unknown, _) => false,
        };
        if !is_fitting {
            return Err(WireError::ShardsOfKind { kind, n });
        }
        // A delta can only add, replace or remove: never fewer rows than items.
        let n_rows = of_kind().map(|shard| u64::from(shard.n_rows)).sum();
        let is_complete = matches!(kind, Cards | Prices) || (kind == Codes && n > 0);
        if is_complete && n_rows < u64::from(n_items) {
            return Err(WireError::Totals { kind, n_items, n_rows });
        }
    }
    Ok(())
}
