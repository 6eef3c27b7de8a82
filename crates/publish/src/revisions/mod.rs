//! Revisions of a published version: facts that change while it is served.
//!
//! A revision (c, r) shows of catalogue c what the shop has said up to record r of its log
//! of changes: prices, stock, texts, what is listed. What cards are ranked by stays that of
//! c, so that an open page takes a revision up without a feed that jumps. Each revision is
//! the manifest of the version with some deltas more ([`chain`]); when most prices have
//! changed, price bases take the place of deltas.
//!
//! Nothing of this is in the [`crate::Store`]: the log of changes has it all, and whoever
//! starts anew makes the revision again.

mod chain;
mod prices;
mod rules;

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use vitrine_domain::{
    CatalogueInfo, Item, ItemId, Manifest, ShardKind, ShardRef, ShardRole, published_count,
};
use vitrine_rules::PublicRules;
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{
    CatalogueRows, DetailRow, OfferRow, PriceListRow, PriceRow, Shard, WireError, decode_shard,
    encode_manifest,
};

use self::chain::Chain;
pub use self::chain::RevisionShard;
use self::prices::PriceCells;
pub use self::rules::PublishedRules;
use self::rules::RuleShards;
use crate::input::{card_entry, detail_row, price_list_row, price_row};
use crate::layout::{fetch_order, is_head};
use crate::rows::{CardEntry, CodeEntry, Row, entry_of};
use crate::snapshot::load_shards;
use crate::{PublishError, Store};

/// A card as it is now.
#[derive(Clone, Copy, Debug)]
pub struct RevisedCard<'a> {
    /// The card.
    pub item: &'a Item,
    /// Its code \[64\]; `None` keeps the one that is published, as does a version without
    /// a model.
    pub code: Option<&'a [i8]>,
    /// Its offer.
    pub offer: Option<&'a OfferRow>,
}

/// What changed since the last revision.
#[derive(Clone, Copy, Debug, Default)]
pub struct RevisionInput<'a> {
    /// Cards that are new or have changed.
    pub cards: &'a [RevisedCard<'a>],
    /// Cards that are listed no more.
    pub removed: &'a [ItemId],
    /// Record of the log up to which changes are in it.
    pub revision: u64,
}

/// The revisions of one version.
pub struct Revisions {
    manifest: Manifest,
    /// Shards of the version that no revision touches.
    untouched: Vec<ShardRef>,
    price_cells: PriceCells,
    cards: Chain<CardEntry>,
    prices: Chain<PriceRow>,
    codes: Chain<CodeEntry>,
    details: Chain<DetailRow>,
    offers: Chain<OfferRow>,
    price_lists: Chain<PriceListRow>,
    rules: RuleShards,
    /// Cards that are listed no more, in case they come back.
    withdrawn: HashMap<ItemId, WithdrawnCard>,
}

/// What only the version knows of a card.
struct WithdrawnCard {
    entry: CardEntry,
    price: PriceRow,
    code: Option<[i8; CODE_DIM]>,
}

impl Revisions {
    /// Before the first revision of a version.
    ///
    /// # Errors
    /// A shard of it is missing or damaged.
    pub fn start(store: &Store, manifest: &Manifest) -> Result<Self, PublishError> {
        let shards = load_shards(store, manifest)?;
        let chains = [
            CardEntry::KIND,
            PriceRow::KIND,
            CodeEntry::KIND,
            DetailRow::KIND,
            OfferRow::KIND,
            PriceListRow::KIND,
        ];
        let is_touched = |shard: &ShardRef| {
            matches!(shard.kind, ShardKind::Prices | ShardKind::Rules)
                || (shard.role == ShardRole::Delta && chains.contains(&shard.kind))
        };
        let untouched = manifest.shards.iter().copied().filter(|shard| !is_touched(shard));
        Ok(Self {
            manifest: manifest.clone(),
            untouched: untouched.collect(),
            price_cells: PriceCells::of_bases(&shards),
            cards: Chain::start(&shards),
            prices: Chain::start(&shards),
            codes: Chain::start(&shards),
            details: Chain::start(&shards),
            offers: Chain::start(&shards),
            price_lists: Chain::start(&shards),
            rules: RuleShards::of_version(&shards),
            withdrawn: HashMap::new(),
        })
    }

    /// The manifest of the newest revision.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The rules of the newest revision, sorted by id.
    pub fn rules(&self) -> &PublicRules {
        self.rules.set()
    }

    /// Puts rules in the place of those that `rows` have; they are published with the next
    /// [`Self::revise`]. Returns the shards that are new.
    pub fn set_rules(
        &mut self,
        shared: &RwLock<CatalogueRows>,
        rules: PublishedRules,
    ) -> Vec<RevisionShard> {
        let mut rows = shared.write().unwrap_or_else(PoisonError::into_inner);
        rows.rules = rules.set().clone();
        drop(rows);
        self.rules.replace(rules)
    }

    /// Makes the next revision and brings `rows`, which are those of the last one, up to it;
    /// they are locked for writing no longer than rows take to be put in. Returns the shards that are new; none when nothing is other than it was.
    ///
    /// # Errors
    /// A card is not valid; then rows and revisions are of no more use: start anew.
    pub fn revise(
        &mut self,
        shared: &RwLock<CatalogueRows>,
        input: &RevisionInput<'_>,
    ) -> Result<Vec<RevisionShard>, PublishError> {
        let rows = shared.read().unwrap_or_else(PoisonError::into_inner);
        let changes = Changes::of(&rows, input, &self.withdrawn, self.manifest.model.is_some());
        let mut new = Vec::new();
        let removed = |is_there: &dyn Fn(ItemId) -> bool| -> Vec<ItemId> {
            let mut ids: Vec<ItemId> =
                input.removed.iter().copied().filter(|id| is_there(*id)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let gone = removed(&|id| rows.card(id).is_some());
        let gone_prices = removed(&|id| rows.price(id).is_some());
        let gone_codes = removed(&|id| rows.code(id).is_some());
        let gone_details = merged(removed(&|id| rows.details(id).is_some()), changes.bare);
        let gone_offers = merged(removed(&|id| rows.offer(id).is_some()), changes.ended);
        let gone_lists = merged(removed(&|id| rows.list_prices(id).is_some()), changes.unlisted);
        for id in &gone {
            if let (Some(card), Some(price)) = (rows.card(*id), rows.price(*id)) {
                let (entry, price) = (entry_of(&rows, card), price.clone());
                let code = rows.code(*id).copied();
                self.withdrawn.insert(*id, WithdrawnCard { entry, price, code });
            }
        }
        extend(&mut new, &mut self.cards, changes.cards, gone)?;
        extend(&mut new, &mut self.prices, changes.prices, gone_prices)?;
        extend(&mut new, &mut self.codes, changes.codes, gone_codes)?;
        extend(&mut new, &mut self.details, changes.details, gone_details)?;
        extend(&mut new, &mut self.offers, changes.offers, gone_offers)?;
        extend(&mut new, &mut self.price_lists, changes.price_lists, gone_lists)?;
        drop(rows);
        // A shard may be merged with earlier ones: to say that again changes nothing.
        let decoded: Vec<Shard> =
            new.iter().map(|shard| decode_shard(&shard.raw)).collect::<Result<_, _>>()?;
        {
            let mut rows = shared.write().unwrap_or_else(PoisonError::into_inner);
            decoded.into_iter().try_for_each(|shard| rows.override_with(shard))?;
        }
        let rows = shared.read().unwrap_or_else(PoisonError::into_inner);
        if self.price_cells.is_due(self.prices.n_rows()) {
            new.retain(|shard| shard.reference.kind != PriceRow::KIND);
            new.extend(self.price_cells.rebase(&rows.prices)?);
            self.prices.clear();
        }
        self.manifest = self.next_manifest(rows.cards.len() as u32, input.revision);
        encode_manifest(&self.manifest)?;
        Ok(new)
    }

    fn next_manifest(&self, n_items: u32, revision: u64) -> Manifest {
        let mut shards: Vec<ShardRef> = self.untouched.clone();
        shards.extend(self.price_cells.shards());
        shards.extend(self.cards.shards());
        shards.extend(self.prices.shards());
        shards.extend(self.codes.shards());
        shards.extend(self.details.shards());
        shards.extend(self.offers.shards());
        shards.extend(self.price_lists.shards());
        shards.extend(self.rules.shards());
        shards.sort_by_key(fetch_order);
        let n_head = shards.iter().filter(|shard| is_head(shard)).count() as u32;
        let before = &self.manifest;
        let catalogue = CatalogueInfo { n_items, revision, ..before.catalogue.clone() };
        Manifest { format: Manifest::FORMAT, catalogue, shards, n_head, ..before.clone() }
    }
}

/// Adds a delta to a chain, if there is anything in it.
fn extend<R: Row>(
    new: &mut Vec<RevisionShard>,
    chain: &mut Chain<R>,
    mut rows: Vec<R>,
    removed: Vec<ItemId>,
) -> Result<(), WireError> {
    if rows.is_empty() && removed.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(Row::key);
    new.push(chain.push(rows, removed)?);
    Ok(())
}

fn merged(mut ids: Vec<ItemId>, more: Vec<ItemId>) -> Vec<ItemId> {
    ids.extend(more);
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Rows that differ from what is published.
#[derive(Default)]
struct Changes {
    cards: Vec<CardEntry>,
    prices: Vec<PriceRow>,
    codes: Vec<CodeEntry>,
    details: Vec<DetailRow>,
    /// Cards of which nothing more is known than their rows.
    bare: Vec<ItemId>,
    offers: Vec<OfferRow>,
    /// Cards whose offer is over.
    ended: Vec<ItemId>,
    price_lists: Vec<PriceListRow>,
    /// Cards that no price list has any more.
    unlisted: Vec<ItemId>,
}

impl Changes {
    fn of(
        rows: &CatalogueRows,
        input: &RevisionInput<'_>,
        withdrawn: &HashMap<ItemId, WithdrawnCard>,
        has_model: bool,
    ) -> Self {
        let mut changes = Self::default();
        for RevisedCard { item, code, offer } in input.cards {
            let id = item.id;
            let published = rows.card(id).map(|card| entry_of(rows, card));
            let before = withdrawn.get(&id);
            let known = published.as_ref().or(before.map(|before| &before.entry));
            let entry = CardEntry {
                picture: known.map_or(vitrine_wire::shard::NO_PICTURE, |card| card.picture),
                photos: known.map_or(Vec::new(), |card| card.photos.clone()),
                placeholder: known.map_or(Vec::new(), |card| card.placeholder.clone()),
                ..card_entry(item)
            };
            let price = revised_price(item, rows.price(id).or(before.map(|before| &before.price)));
            if rows.price(id) != Some(&price) {
                changes.prices.push(price);
            }
            if published.as_ref() != Some(&entry) {
                changes.cards.push(entry);
            }
            if has_model && rows.code(id).is_none() {
                let learned = before.and_then(|before| before.code);
                let given = || <[i8; CODE_DIM]>::try_from((*code)?).ok();
                changes.codes.extend(learned.or_else(given).map(|code| (id, code)));
            }
            match (detail_row(item), rows.details(id)) {
                (None, None) => {}
                (None, Some(_)) => changes.bare.push(id),
                (Some(row), published) if published == Some(&row) => {}
                (Some(row), _) => changes.details.push(row),
            }
            match (price_list_row(item), rows.list_prices(id)) {
                (None, Some(_)) => changes.unlisted.push(id),
                (Some(row), published) if published != Some(&row) => changes.price_lists.push(row),
                _ => {}
            }
            match (offer, rows.offer(id)) {
                (None, Some(_)) => changes.ended.push(id),
                (Some(offer), published) if published != Some(*offer) => {
                    changes.offers.push((*offer).clone());
                }
                _ => {}
            }
        }
        changes
    }
}

/// The row of a card's prices, with what rankers are told as it was.
fn revised_price(item: &Item, before: Option<&PriceRow>) -> PriceRow {
    let row = price_row(item);
    let Some(before) = before else {
        // Nobody has bought what is new.
        return PriceRow { n_buyers: published_count(0), ..row };
    };
    let ranked = before.price_minor_ranked();
    PriceRow {
        ranked_price_minor: (ranked != row.price_minor).then_some(ranked),
        n_buyers: before.n_buyers,
        n_buyers_recent: before.n_buyers_recent,
        ..row
    }
}

#[cfg(test)]
mod tests;
