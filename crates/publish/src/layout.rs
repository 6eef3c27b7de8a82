//! Which cell each row is in: the popular head, or a bucket by hash.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use vitrine_domain::{ShardKind, ShardRef, ShardRole};

use crate::rows::{Row, Wanted};

/// Items of the head when cells are laid out: with a student, what a phone fetches in a
/// second at 1.6 Mbit/s.
pub const HEAD_ITEMS: usize = 400;
/// Items of a bucket when cells are laid out.
pub const BUCKET_ITEMS: usize = 1_000;
/// Most buckets: eleven kinds of them and the rest fit one manifest.
pub const BUCKETS_MAX: usize = 340;
/// Pictures of a bucket.
pub const PICTURE_BUCKET_ITEMS: usize = 128;
/// Pictures of the shop's own in a cell, the most popular cards' in the first.
pub const PHOTO_CELL_ITEMS: usize = 128;
/// Most buckets of pictures.
pub const PICTURE_BUCKETS_MAX: usize = 64;
/// Buckets that have grown beyond this many times their size are laid out anew.
const GROWTH_MAX: usize = 2;

/// A row's cell, by key.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    cells: HashMap<u64, u32>,
    n_buckets: u64,
}

impl Layout {
    /// Rows of the head in cell 0, all others by hash.
    fn fresh(head: impl IntoIterator<Item = u64>, n_buckets: usize) -> Self {
        let cells = head.into_iter().map(|key| (key, 0)).collect();
        Self { cells, n_buckets: n_buckets.max(1) as u64 }
    }

    /// Where the rows of these bases are.
    fn of_bases<R: Row>(bases: &[(ShardRef, Vec<R>)]) -> Self {
        let keys = |(base, rows): &(ShardRef, Vec<R>)| {
            let cell = base.cell;
            rows.iter().map(move |row| (row.key(), cell)).collect::<Vec<_>>()
        };
        let n_buckets = bases.iter().map(|(base, _)| base.cell).max().unwrap_or(0).max(1);
        Self { cells: bases.iter().flat_map(keys).collect(), n_buckets: u64::from(n_buckets) }
    }

    /// The shop's own pictures in the order in which cards show them, the most popular first.
    fn of_photos(wanted: &Wanted) -> Self {
        let cards: HashMap<u64, &[u32]> =
            wanted.cards.iter().map(|card| (card.id.0, &card.photos[..])).collect();
        let mut cells = HashMap::new();
        for photo in by_popularity(wanted).iter().filter_map(|id| cards.get(id)).copied().flatten()
        {
            let cell = (cells.len() / PHOTO_CELL_ITEMS) as u32;
            cells.entry(u64::from(*photo)).or_insert(cell);
        }
        let n_buckets = cells.len().div_ceil(PHOTO_CELL_ITEMS).max(1) as u64;
        Self { cells, n_buckets }
    }

    /// The cell of a row, also of one that is new.
    pub(crate) fn cell(&self, key: u64) -> u32 {
        let bucket = || 1 + (key % self.n_buckets) as u32;
        self.cells.get(&key).copied().unwrap_or_else(bucket)
    }

    fn head(&self) -> HashSet<u64> {
        self.cells.iter().filter(|(_, cell)| **cell == 0).map(|(key, _)| *key).collect()
    }
}

/// The layouts of items, of pictograms and of the shop's own pictures.
#[derive(Clone, Debug)]
pub(crate) struct Layouts {
    pub(crate) items: Layout,
    pub(crate) pictures: Layout,
    pub(crate) photos: Layout,
}

impl Layouts {
    /// Lays out everything anew around the `n_head` most popular items.
    pub(crate) fn fresh(wanted: &Wanted, n_head: usize) -> Self {
        let mut head = by_popularity(wanted);
        head.truncate(n_head);
        let n_rest = wanted.cards.len() - head.len();
        let n_buckets = n_rest.div_ceil(BUCKET_ITEMS).min(BUCKETS_MAX);
        let items = Layout::fresh(head.iter().copied(), n_buckets);
        let head: HashSet<u64> = head.into_iter().collect();
        let shown = wanted.cards.iter().filter(|card| head.contains(&card.id.0));
        let shown: HashSet<u64> = shown.map(|card| u64::from(card.picture)).collect();
        let n_rest = wanted.pictures.len().saturating_sub(shown.len());
        let n_buckets = n_rest.div_ceil(PICTURE_BUCKET_ITEMS).min(PICTURE_BUCKETS_MAX);
        let photos = Layout::of_photos(wanted);
        Self { items, pictures: Layout::fresh(shown, n_buckets), photos }
    }

    /// The layout that is published, if it still fits: buckets have not outgrown
    /// their size, and the head still holds half of the most popular items.
    pub(crate) fn kept(
        wanted: &Wanted,
        cards: &[(ShardRef, Vec<crate::rows::CardEntry>)],
        pictures: &[(ShardRef, Vec<vitrine_wire::Picture>)],
    ) -> Option<Self> {
        let items = Layout::of_bases(cards);
        let head = items.head();
        let n_rest = wanted.cards.len().saturating_sub(head.len());
        let is_grown = n_rest > items.n_buckets as usize * BUCKET_ITEMS * GROWTH_MAX;
        let popular = by_popularity(wanted);
        let popular = &popular[..popular.len().min(head.len())];
        let n_known = popular.iter().filter(|id| head.contains(id)).count();
        let is_stale = n_known * 2 < popular.len();
        let is_whole = !cards.is_empty() && !head.is_empty();
        let is_too_many = items.n_buckets as usize > BUCKETS_MAX;
        let is_final = items.n_buckets as usize == BUCKETS_MAX;
        let fits = is_whole && !is_stale && !is_too_many && (!is_grown || is_final);
        fits.then(|| Self {
            items,
            pictures: Layout::of_bases(pictures),
            photos: Layout::of_photos(wanted),
        })
    }
}

/// Ids, most buyers first, ties by id.
fn by_popularity(wanted: &Wanted) -> Vec<u64> {
    let mut order: Vec<(Reverse<u32>, u64)> =
        wanted.prices.iter().map(|row| (Reverse(row.n_buyers), row.id.0)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| id).collect()
}

/// Where a reference belongs in the order in which browsers fetch: what the
/// first feed needs before the rest, then cell by cell.
pub(crate) fn fetch_order(shard: &ShardRef) -> (bool, bool, u32, usize) {
    use ShardKind::*;
    let order = [
        Prices,
        Cards,
        Codes,
        Student,
        Rules,
        Pictures,
        Related,
        Offers,
        PriceLists,
        Thumbnails,
        Neighbours,
        Details,
        Reviews,
        Alternatives,
        PictureCodes,
        Photos,
        QueryTable,
        TextCodes,
        PictureNetwork,
    ];
    let kind = order.iter().position(|kind| *kind == shard.kind).unwrap_or(order.len());
    (!is_head(shard), shard.role == ShardRole::Delta, shard.cell, kind)
}

/// Whether the first feed needs it. No feed needs to know what stands for what, nor what
/// only a product's page shows; the first is ranked when next to nothing was looked at, so
/// that it hardly needs what goes with it, and shows placeholders until the shop's own
/// pictures are here. Price lists come right after it: who has picked none needs none. Codes of texts and
/// table of words are for searches that devices answer by themselves. Of rules, those that the first tiles may need are in
/// cell 0.
pub(crate) fn is_head(shard: &ShardRef) -> bool {
    use ShardKind::*;
    let is_later = matches!(
        shard.kind,
        Related
            | Alternatives
            | Neighbours
            | Details
            | Reviews
            | Thumbnails
            | Photos
            | PriceLists
            | PictureCodes
    ) || shard.kind.is_for_picture_search()
        || shard.kind.is_for_private_search();
    !is_later && (shard.role == ShardRole::Delta || shard.cell == 0)
}
