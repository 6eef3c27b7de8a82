//! Rows of every kind → drafts → references in fetch order, within the budget
//! of the first feed.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use vitrine_domain::{ContentHash, Manifest, ShardKind, ShardRef, ShardRole};
use vitrine_wire::codec::format_of;
use vitrine_wire::{
    DetailRow, OfferRow, PhotoRow, Picture, PictureCodeRow, PriceListRow, PriceRow, RelatedRow,
    ReviewRow, Shard, StudentShard, TextCode, content_hash, encode_shard,
};

use crate::PublishError;
use crate::compression::compress;
use crate::layout::{HEAD_ITEMS, Layout, Layouts, fetch_order, is_head};
use crate::plan::{Bases, Draft, NewDraft, plan};
use crate::rows::{
    AlternativesEntry, CardEntry, CodeEntry, NeighboursEntry, Row, ThumbnailEntry, Wanted,
};

/// Compressed bytes that a browser may have to fetch before the first feed.
pub const HEAD_BYTES_MAX: u64 = 1_500_000;
/// The smallest head that is tried when a larger one does not fit.
pub const HEAD_ITEMS_MIN: usize = 200;

/// A shard that has to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewShard {
    pub(crate) raw: Vec<u8>,
    pub(crate) compressed: Vec<u8>,
}

/// References of the next version and the shards that are not stored yet.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) shards: Vec<ShardRef>,
    pub(crate) n_head: u32,
    pub(crate) new: BTreeMap<ContentHash, NewShard>,
}

/// The bases of the version before, decoded.
#[derive(Debug, Default)]
pub(crate) struct Published {
    cards: Vec<(ShardRef, Vec<CardEntry>)>,
    prices: Vec<(ShardRef, Vec<PriceRow>)>,
    codes: Vec<(ShardRef, Vec<CodeEntry>)>,
    related: Vec<(ShardRef, Vec<RelatedRow>)>,
    alternatives: Vec<(ShardRef, Vec<AlternativesEntry>)>,
    neighbours: Vec<(ShardRef, Vec<NeighboursEntry>)>,
    offers: Vec<(ShardRef, Vec<OfferRow>)>,
    pictures: Vec<(ShardRef, Vec<Picture>)>,
    details: Vec<(ShardRef, Vec<DetailRow>)>,
    thumbnails: Vec<(ShardRef, Vec<ThumbnailEntry>)>,
    photos: Vec<(ShardRef, Vec<PhotoRow>)>,
    price_lists: Vec<(ShardRef, Vec<PriceListRow>)>,
    reviews: Vec<(ShardRef, Vec<ReviewRow>)>,
    text_codes: Vec<(ShardRef, Vec<TextCode>)>,
    picture_codes: Vec<(ShardRef, Vec<PictureCodeRow>)>,
}

impl Published {
    /// The bases of a manifest of some format. Those of an earlier one that are written
    /// otherwise today are left out, so that they are made anew.
    pub(crate) fn new(format: u16, shards: &[(ShardRef, Shard)]) -> Self {
        let is_as_written = |kind: ShardKind| format == Manifest::FORMAT || format_of(kind) == 1;
        let shards: Vec<&(ShardRef, Shard)> =
            shards.iter().filter(|(shard, _)| is_as_written(shard.kind)).collect();
        let shards = &shards[..];
        fn bases<R: Row>(shards: &[&(ShardRef, Shard)]) -> Vec<(ShardRef, Vec<R>)> {
            let is_base = |shard: &ShardRef| shard.kind == R::KIND && shard.role == ShardRole::Base;
            let of_kind = shards.iter().filter(|(shard, _)| is_base(shard));
            of_kind.map(|(shard, rows)| (*shard, R::from_shard(rows))).collect()
        }
        Self {
            cards: bases(shards),
            prices: bases(shards),
            codes: bases(shards),
            related: bases(shards),
            alternatives: bases(shards),
            neighbours: bases(shards),
            offers: bases(shards),
            pictures: bases(shards),
            details: bases(shards),
            thumbnails: bases(shards),
            photos: bases(shards),
            price_lists: bases(shards),
            reviews: bases(shards),
            text_codes: bases(shards),
            picture_codes: bases(shards),
        }
    }
}

/// Keeps the published cells and adds deltas if that fits; lays everything out
/// anew if not, with as large a head as the budget allows.
pub(crate) fn assemble(wanted: &Wanted, published: &Published) -> Result<Assembled, PublishError> {
    let mut compressed = HashMap::new();
    if let Some(layouts) = Layouts::kept(wanted, &published.cards, &published.pictures) {
        let assembled = finish(drafts(wanted, published, &layouts)?, &mut compressed);
        if head_bytes(&assembled) <= HEAD_BYTES_MAX {
            return Ok(assembled);
        }
    }
    let mut n_head = HEAD_ITEMS;
    loop {
        let layouts = Layouts::fresh(wanted, n_head);
        let drafts = drafts(wanted, &Published::default(), &layouts)?;
        let assembled = finish(drafts, &mut compressed);
        let bytes = head_bytes(&assembled);
        if bytes <= HEAD_BYTES_MAX {
            return Ok(assembled);
        }
        if n_head / 2 < HEAD_ITEMS_MIN {
            return Err(PublishError::HeadTooLarge { bytes, bytes_max: HEAD_BYTES_MAX });
        }
        n_head /= 2;
    }
}

fn drafts(
    wanted: &Wanted,
    published: &Published,
    layouts: &Layouts,
) -> Result<Vec<Draft>, PublishError> {
    fn of<R: Row>(
        drafts: &mut Vec<Draft>,
        wanted: &[R],
        bases: &Bases<R>,
        layout: &Layout,
    ) -> Result<(), PublishError> {
        drafts.extend(plan(wanted, bases, layout)?);
        Ok(())
    }
    let mut drafts = Vec::new();
    of(&mut drafts, &wanted.cards, &published.cards, &layouts.items)?;
    of(&mut drafts, &wanted.prices, &published.prices, &layouts.items)?;
    of(&mut drafts, &wanted.codes, &published.codes, &layouts.items)?;
    of(&mut drafts, &wanted.related, &published.related, &layouts.items)?;
    of(&mut drafts, &wanted.alternatives, &published.alternatives, &layouts.items)?;
    of(&mut drafts, &wanted.neighbours, &published.neighbours, &layouts.items)?;
    of(&mut drafts, &wanted.offers, &published.offers, &layouts.items)?;
    of(&mut drafts, &wanted.pictures, &published.pictures, &layouts.pictures)?;
    of(&mut drafts, &wanted.details, &published.details, &layouts.items)?;
    of(&mut drafts, &wanted.thumbnails, &published.thumbnails, &layouts.photos)?;
    of(&mut drafts, &wanted.photos, &published.photos, &layouts.photos)?;
    of(&mut drafts, &wanted.price_lists, &published.price_lists, &layouts.items)?;
    of(&mut drafts, &wanted.reviews, &published.reviews, &layouts.items)?;
    of(&mut drafts, &wanted.text_codes, &published.text_codes, &layouts.items)?;
    of(&mut drafts, &wanted.picture_codes, &published.picture_codes, &layouts.items)?;
    let student = wanted.student.clone().map(|payload| Shard::Student(StudentShard { payload }));
    let table = wanted.query_table.clone().map(Shard::QueryTable);
    let network = wanted.picture_network.clone().map(Shard::PictureNetwork);
    for shard in student.into_iter().chain(table).chain(network) {
        let bytes = encode_shard(&shard)?;
        let hash = content_hash(&bytes);
        let (kind, role) = (shard.kind(), ShardRole::Base);
        drafts.push(Draft::New(NewDraft { kind, role, cell: 0, n_rows: 1, hash, bytes }));
    }
    Ok(drafts)
}

/// Compresses what is new, unless an earlier attempt did, and puts the
/// references in order.
fn finish(drafts: Vec<Draft>, compressed: &mut HashMap<ContentHash, Vec<u8>>) -> Assembled {
    let is_missing = |draft: &&Draft| match draft {
        Draft::Kept(_) => false,
        Draft::New(new) => !compressed.contains_key(&new.hash),
    };
    let missing: Vec<&Draft> = drafts.iter().filter(is_missing).collect();
    let more: Vec<(ContentHash, Vec<u8>)> = missing
        .into_par_iter()
        .filter_map(|draft| match draft {
            Draft::Kept(_) => None,
            Draft::New(new) => Some((new.hash, compress(&new.bytes, new.kind, new.cell))),
        })
        .collect();
    compressed.extend(more);
    let mut shards = Vec::new();
    let mut new = BTreeMap::new();
    for draft in drafts {
        let NewDraft { kind, role, cell, n_rows, hash, bytes: raw } = match draft {
            Draft::New(draft) => draft,
            Draft::Kept(shard) => {
                shards.push(shard);
                continue;
            }
        };
        let compressed = compressed[&hash].clone();
        let (bytes, bytes_compressed) = (raw.len() as u32, compressed.len() as u32);
        let n_rows = n_rows as u32;
        shards.push(ShardRef { kind, role, cell, hash, bytes, bytes_compressed, n_rows });
        new.insert(hash, NewShard { raw, compressed });
    }
    shards.sort_by_key(fetch_order);
    let n_head = shards.iter().filter(|shard| is_head(shard)).count() as u32;
    Assembled { shards, n_head, new }
}

fn head_bytes(assembled: &Assembled) -> u64 {
    let head = &assembled.shards[..assembled.n_head as usize];
    head.iter().map(|shard| u64::from(shard.bytes_compressed)).sum()
}
