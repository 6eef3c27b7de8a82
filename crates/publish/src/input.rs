//! What is published, as its makers give it, and how it becomes rows.

use std::collections::{BTreeMap, HashSet};

use vitrine_domain::limits::RELATED_MAX;
use vitrine_domain::price_list::PRICE_LISTS_MAX;
use vitrine_domain::{
    ContentHash, Item, ItemId, ListPrice, ModelVersion, PictureMode, Positives, PriceTerms,
    TEXT_CODE_DIM, published_count,
};
use vitrine_wire::shard::{CHARACTERISTICS_MAX, CODE_DIM, NO_PICTURE, VARIANTS_MAX};
use vitrine_wire::{
    CardListPrices, DetailRow, OfferRow, Picture, PictureCodeRow, PictureNetworkShard,
    PriceListRow, PriceRow, QueryTableShard, RelatedRow, ReviewRow, TextCode, VariantFacts,
    VariantRow, is_web_address,
};

use crate::PublishError;
use crate::photos::{PhotoInput, Photos};
use crate::rows::{AlternativesEntry, CardEntry, NeighboursEntry, Wanted, code_entries};

/// A pictogram that cards may show; its id is one more than its place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureInput {
    /// What it shows, in words.
    pub name: String,
    /// The inside of an `<svg>` with a 32 × 32 view box; see [`vitrine_wire::svg::check`].
    pub body: String,
}

/// A catalogue with what is known about its items.
///
/// # Shapes
/// `n_buyers`, `n_buyers_recent`, `related`, `alternatives`, `neighbours` `[items.len()]`;
/// `picture_of` and `photos_of` the same, or empty if there are no pictures.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueInput<'a> {
    /// Name of the shop.
    pub shop: &'a str,
    /// ISO 4217 code of the standard prices.
    pub currency: &'a str,
    /// What is said of those, and the price lists beside them.
    pub prices: &'a PriceTerms,
    /// What counts as buying.
    pub positives: Positives,
    /// Departments and categories whose cards are never recommended unasked, by the names that
    /// cards have, sorted; see [`vitrine_domain::CatalogueInfo::never_recommended`].
    pub never_recommended: &'a [String],
    /// The cards, in any order.
    pub items: &'a [Item],
    /// Distinct buyers of each card over the whole log, as counted; published by
    /// [`published_count`].
    pub n_buyers: &'a [u32],
    /// Distinct buyers of each card in the last 28 days of the log, as counted.
    pub n_buyers_recent: &'a [u32],
    /// Pictograms. Those that no card shows are not published.
    pub pictures: &'a [PictureInput],
    /// Index into `pictures`; `None` for a card that none suits.
    pub picture_of: &'a [Option<u16>],
    /// The shop's own pictures; published up to
    /// [`PHOTO_BYTES_IN_ALL_MAX`](crate::photos::PHOTO_BYTES_IN_ALL_MAX).
    pub photos: &'a [PhotoInput],
    /// Indexes into `photos` of each card, the main one first.
    pub photos_of: &'a [Vec<usize>],
    /// When browsers ask for larger pictures than are published.
    pub picture_mode: PictureMode,
    /// Related cards by index into `items`, with a strength above 0; whoever
    /// counts them counts only what [`vitrine_domain::limits::BUYERS_MIN`] buyers share.
    pub related: &'a [Vec<(usize, f32)>],
    /// Cards that stand for one another, in the same way and with the same condition.
    pub alternatives: &'a [Vec<(usize, f32)>],
    /// Cards that the same shoppers bought, in the same way and with the same condition.
    pub neighbours: &'a [Vec<(usize, f32)>],
    /// Offers of cards, at most one each.
    pub offers: &'a [OfferRow],
    /// What buyers wrote of cards, at most one row each; those of other cards are left out.
    pub reviews: &'a [ReviewRow],
    /// The model that the catalogue is published with, one of a kept version; `None`
    /// publishes it without, and browsers rank by popularity.
    pub model: Option<CatalogueModel<'a>>,
    /// What devices need to answer searches by themselves; `None` publishes nothing of it.
    pub private_search: Option<PrivateSearchInput<'a>>,
    /// What the cards' pictures look like; `None` publishes nothing of it.
    pub looks: Option<LooksInput<'a>>,
}

/// What pictures look like, and what tells it of others.
#[derive(Clone, Copy, Debug)]
pub struct LooksInput<'a> {
    /// Codes of main pictures, at most one a card; those of other cards are left out.
    pub codes: &'a [PictureCodeRow],
    /// What makes such a code of a shopper's picture; `None` publishes codes alone.
    pub network: Option<&'a PictureNetworkShard>,
}

/// What devices need to answer searches by themselves.
#[derive(Clone, Copy, Debug)]
pub struct PrivateSearchInput<'a> {
    /// Codes of the items' texts, `[items.len(), 128]`.
    pub codes: &'a [i8],
    /// What words mean along them.
    pub table: &'a QueryTableShard,
}

/// A model that passed the gate earlier, with codes for a new catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueModel<'a> {
    /// Which one.
    pub version: ModelVersion,
    /// Its packed student.
    pub payload: &'a [u8],
    /// Codes of the catalogue's items, `[items.len(), 64]`.
    pub codes: &'a [i8],
}

/// A model with the codes of the current catalogue.
#[derive(Clone, Copy, Debug)]
pub struct ModelInput<'a> {
    /// A packed student.
    pub payload: &'a [u8],
    /// Identifies the frozen base.
    pub base: ContentHash,
    /// Cards that have a code, in any order.
    pub ids: &'a [ItemId],
    /// Their codes, `[ids.len(), 64]`.
    pub codes: &'a [i8],
    /// Of so many places of a feed, one is kept for a card without a past.
    pub explore_every: Option<u16>,
}

/// Related lists as they are published: at most [`RELATED_MAX`] distinct others,
/// best first (ties by index), strengths as 1 to 255 of the strongest of the
/// catalogue. What is not finite or not above 0 is left out.
pub fn related_strengths(related: &[Vec<(usize, f32)>]) -> Vec<Vec<(usize, u8)>> {
    let others = |(item_idx, list): (usize, &Vec<(usize, f32)>)| {
        let is_other = |(other, strength): &(usize, f32)| {
            *other != item_idx && strength.is_finite() && *strength > 0.0
        };
        list.iter().copied().filter(is_other).collect::<Vec<_>>()
    };
    let mut lists: Vec<Vec<(usize, f32)>> = related.iter().enumerate().map(others).collect();
    let strongest = lists.iter().flatten().map(|(_, strength)| *strength).fold(0.0, f32::max);
    let share = |strength: f32| (strength / strongest * 255.0).round().clamp(1.0, 255.0) as u8;
    for list in &mut lists {
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut seen = HashSet::new();
        list.retain(|(other, _)| seen.insert(*other));
        list.truncate(RELATED_MAX);
    }
    let scaled = |list: Vec<(usize, f32)>| {
        list.into_iter().map(|(other, strength)| (other, share(strength))).collect()
    };
    lists.into_iter().map(scaled).collect()
}

impl CatalogueInput<'_> {
    /// Checks lengths, indexes and ids.
    pub(crate) fn check(&self) -> Result<(), PublishError> {
        let n = self.items.len();
        if n == 0 {
            return Err(PublishError::NoItems);
        }
        let lengths = [
            ("n_buyers", self.n_buyers.len(), n),
            ("n_buyers_recent", self.n_buyers_recent.len(), n),
            ("related", self.related.len(), n),
            ("alternatives", self.alternatives.len(), n),
            ("neighbours", self.neighbours.len(), n),
            ("picture_of", self.picture_of.len(), if self.pictures.is_empty() { 0 } else { n }),
            ("photos_of", self.photos_of.len(), if self.photos.is_empty() { 0 } else { n }),
            (
                "text_codes",
                self.private_search.map_or(n * TEXT_CODE_DIM, |private| private.codes.len()),
                n * TEXT_CODE_DIM,
            ),
            ("codes", self.model.map_or(n * CODE_DIM, |model| model.codes.len()), n * CODE_DIM),
        ];
        for (field, found, expected) in lengths {
            if found != expected {
                return Err(PublishError::Length { field, expected, found });
            }
        }
        let index = |field, item_idx, found, len| {
            if found < len {
                return Ok(());
            }
            Err(PublishError::Index { field, item_idx, found, len })
        };
        for (item_idx, picture) in self.picture_of.iter().enumerate() {
            let picture = picture.iter().copied().map(usize::from);
            picture.into_iter().try_for_each(|picture| {
                index("picture_of", item_idx, picture, self.pictures.len())
            })?;
        }
        for (item_idx, photos) in self.photos_of.iter().enumerate() {
            let mut photos = photos.iter();
            photos.try_for_each(|photo| index("photos_of", item_idx, *photo, self.photos.len()))?;
        }
        let lists = [
            ("related", self.related),
            ("alternatives", self.alternatives),
            ("neighbours", self.neighbours),
        ];
        for (field, lists) in lists {
            for (item_idx, list) in lists.iter().enumerate() {
                list.iter().try_for_each(|(other, _)| index(field, item_idx, *other, n))?;
            }
        }
        for (item_idx, item) in self.items.iter().enumerate() {
            let mut prices = item.variants.iter().flat_map(|variant| &variant.list_prices);
            prices.try_for_each(|price| {
                index("list_prices", item_idx, usize::from(price.list), self.prices.lists.len())
            })?;
        }
        let mut seen = HashSet::with_capacity(n);
        match self.items.iter().find(|item| !seen.insert(item.id)) {
            Some(item) => Err(PublishError::ItemTwice(item.id)),
            None => Ok(()),
        }
    }

    /// The rows, sorted.
    pub(crate) fn rows(&self) -> Wanted {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_unstable_by_key(|idx| self.items[*idx].id);
        let related = related_strengths(self.related);
        let alternatives = related_strengths(self.alternatives);
        let neighbours = related_strengths(self.neighbours);
        let photos = Photos::choose(self);
        let mut wanted = Wanted::default();
        for idx in order {
            let id = self.items[idx].id;
            wanted.cards.push(self.card(idx, &photos));
            wanted.details.extend(detail_row(&self.items[idx]));
            wanted.prices.push(self.price(idx));
            wanted.price_lists.extend(price_list_row(&self.items[idx]));
            if let Some(model) = self.model {
                wanted.codes.extend(code_entries(&[id], &model.codes[idx * CODE_DIM..]));
            }
            if let Some(private) = self.private_search {
                let attributes = self.items[idx].attributes.clone();
                let code = private.codes.as_chunks().0[idx];
                wanted.text_codes.push(TextCode { id, code, attributes });
            }
            wanted.related.extend(self.related_row(idx, &related[idx]));
            let row = self.related_row(idx, &alternatives[idx]);
            wanted.alternatives.extend(row.map(AlternativesEntry));
            let row = self.related_row(idx, &neighbours[idx]);
            wanted.neighbours.extend(row.map(NeighboursEntry));
        }
        wanted.offers = self.offers.to_vec();
        wanted.offers.sort_unstable_by_key(|offer| offer.id);
        let are_here: HashSet<ItemId> = self.items.iter().map(|item| item.id).collect();
        let reviews = self.reviews.iter().filter(|row| are_here.contains(&row.id));
        wanted.reviews = reviews.cloned().collect();
        wanted.reviews.sort_unstable_by_key(|row| row.id);
        if let Some(looks) = self.looks {
            let codes = looks.codes.iter().filter(|row| are_here.contains(&row.id));
            wanted.picture_codes = codes.copied().collect();
            wanted.picture_codes.sort_unstable_by_key(|row| row.id);
            wanted.picture_network = looks.network.cloned();
        }
        wanted.pictures = self.shown_pictures();
        (wanted.thumbnails, wanted.photos) = photos.rows(self.photos);
        wanted.query_table = self.private_search.map(|private| private.table.clone());
        wanted.student = self.model.map(|model| model.payload.to_vec());
        wanted
    }

    /// `None` for a card that nothing is listed with.
    fn related_row(&self, idx: usize, list: &[(usize, u8)]) -> Option<RelatedRow> {
        let (others, strengths): (Vec<usize>, Vec<u8>) = list.iter().copied().unzip();
        let related: Vec<ItemId> = others.into_iter().map(|other| self.items[other].id).collect();
        (!related.is_empty()).then(|| RelatedRow { id: self.items[idx].id, related, strengths })
    }

    fn card(&self, idx: usize, photos: &Photos) -> CardEntry {
        CardEntry {
            picture: self.picture_of.get(idx).copied().flatten().map_or(NO_PICTURE, picture_id),
            photos: photos.of_card(idx),
            placeholder: photos.placeholder(self, idx),
            ..card_entry(&self.items[idx])
        }
    }

    fn price(&self, idx: usize) -> PriceRow {
        let n_buyers = published_count(self.n_buyers[idx]);
        PriceRow {
            n_buyers,
            n_buyers_recent: published_count(self.n_buyers_recent[idx]).min(n_buyers),
            ..price_row(&self.items[idx])
        }
    }

    fn shown_pictures(&self) -> Vec<Picture> {
        let mut shown: Vec<u16> = self.picture_of.iter().copied().flatten().collect();
        shown.sort_unstable();
        shown.dedup();
        let picture = |place: u16| {
            let PictureInput { name, body } = self.pictures[usize::from(place)].clone();
            Picture { id: picture_id(place), name, body }
        };
        shown.into_iter().map(picture).collect()
    }
}

/// A card as it is published, without pictures.
pub(crate) fn card_entry(item: &Item) -> CardEntry {
    let variants = item.variants.iter().take(VARIANTS_MAX).map(|variant| VariantRow {
        sku: variant.sku.clone(),
        size: variant.size.clone(),
        manufacturer: variant.manufacturer.clone(),
    });
    CardEntry {
        id: item.id,
        title: item.title.clone(),
        department: item.department.clone(),
        category: item.category.clone(),
        brand: item.brand.clone(),
        picture: NO_PICTURE,
        photos: Vec::new(),
        placeholder: Vec::new(),
        variants: variants.collect(),
        n_variants: item.variants.len() as u32,
    }
}

/// Prices and stock of a card, without buyers.
pub(crate) fn price_row(item: &Item) -> PriceRow {
    let variants = item.variants.iter().take(VARIANTS_MAX);
    PriceRow {
        id: item.id,
        price_minor: item.price_minor,
        variant_prices_minor: variants.map(|variant| variant.price_minor).collect(),
        availability: item.availability,
        rating: item.rating,
        facts: facts(item),
        ..PriceRow::default()
    }
}

/// Prices of a card in the shop's price lists; `None` for a card that no list prices.
pub(crate) fn price_list_row(item: &Item) -> Option<PriceListRow> {
    let variants = || item.variants.iter().take(VARIANTS_MAX).zip(0..);
    let mut lists: BTreeMap<u8, CardListPrices> = BTreeMap::new();
    for (variant, place) in variants() {
        for &ListPrice { list, price_minor, sale } in &variant.list_prices {
            if price_minor == 0 || usize::from(list) >= PRICE_LISTS_MAX {
                continue;
            }
            let prices = lists.entry(list).or_default();
            prices.list = list;
            prices.variant_prices_minor.resize(usize::from(place), 0);
            prices.variant_prices_minor.push(price_minor);
            let sale = sale.filter(|sale| sale.price_minor > 0);
            prices.sales.extend(sale.map(|sale| (place, sale)));
        }
    }
    let lists: Vec<CardListPrices> = lists.into_values().collect();
    (!lists.is_empty()).then_some(PriceListRow { id: item.id, lists })
}

/// What only a card's page shows; `None` for a card of which nothing is known.
pub(crate) fn detail_row(item: &Item) -> Option<DetailRow> {
    let gtins: Vec<String> =
        item.variants.iter().take(VARIANTS_MAX).map(|variant| variant.gtin.clone()).collect();
    let row = DetailRow {
        id: item.id,
        description: item.description.clone(),
        link: if is_web_address(&item.link) { item.link.clone() } else { String::new() },
        characteristics: item.characteristics.iter().take(CHARACTERISTICS_MAX).cloned().collect(),
        gtins: if gtins.iter().all(String::is_empty) { Vec::new() } else { gtins },
        listed_at_seconds: item.listed_at_seconds,
    };
    (row != DetailRow { id: item.id, ..DetailRow::default() }).then_some(row)
}

/// What cards call the pictogram at a place of the list.
pub fn picture_id(place: u16) -> u32 {
    u32::from(place) + 1
}

/// What is known of the published variants besides their prices.
fn facts(item: &Item) -> Vec<VariantFacts> {
    let variants = item.variants.iter().take(VARIANTS_MAX).zip(0..);
    let facts = variants.map(|(variant, place)| VariantFacts {
        variant: place,
        availability: variant.availability,
        stock: variant.stock,
        sale: variant.sale.filter(|sale| sale.price_minor > 0),
        unit: variant.unit.clone(),
    });
    facts.filter(|facts| !facts.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_lists_are_cleaned_cut_and_scaled() {
        let mut lists = vec![
            vec![(1, 0.5), (0, 9.0), (2, 2.0), (1, 0.25), (3, f32::NAN), (3, -1.0)],
            vec![(2, f32::INFINITY), (3, 0.0001), (0, 0.0)],
        ];
        lists.push((0..40).map(|i| (i, 1.0)).collect());
        let published = related_strengths(&lists);
        assert_eq!(published[0], [(2, 255), (1, 64)], "9.0 is to itself and does not count");
        assert_eq!(published[1], [(3, 1)], "what is above 0 stays above 0");
        assert_eq!(published[2].len(), RELATED_MAX);
        assert_eq!(published[2][..3], [(0, 128), (1, 128), (3, 128)]);
    }
}
