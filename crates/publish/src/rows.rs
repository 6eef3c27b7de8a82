//! One row type a kind of shard, so that one algorithm plans them all.

use std::convert::identity;

use vitrine_domain::{ItemId, ShardKind};
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{
    CardRow, CardShard, CatalogueRows, CodeShard, DetailRow, DetailShard, OfferRow, OfferShard,
    PhotoRow, PhotoShard, Picture, PictureCodeRow, PictureCodeShard, PictureNetworkShard,
    PictureShard, PriceListRow, PriceListShard, PriceRow, PriceShard, QueryTableShard, RelatedRow,
    RelatedShard, ReviewRow, ReviewShard, Shard, TextCode, TextCodeShard, VariantRow,
};

/// A row of some kind of shard.
pub(crate) trait Row: PartialEq + Clone {
    /// Which kind.
    const KIND: ShardKind;
    /// What rows are sorted by.
    fn key(&self) -> u64;
    /// A shard of these rows, which are sorted.
    fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard;
    /// The rows of a valid shard; none of a shard of another kind.
    fn from_shard(shard: &Shard) -> Vec<Self>;
}

/// A card with its names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CardEntry {
    pub(crate) id: ItemId,
    pub(crate) title: String,
    pub(crate) department: String,
    pub(crate) category: String,
    pub(crate) brand: String,
    pub(crate) picture: u32,
    pub(crate) photos: Vec<u32>,
    pub(crate) placeholder: Vec<u8>,
    pub(crate) variants: Vec<VariantRow>,
    pub(crate) n_variants: u32,
}

/// A code with its card.
pub(crate) type CodeEntry = (ItemId, [i8; CODE_DIM]);

/// What stands for a card: a row like those of related items.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AlternativesEntry(pub(crate) RelatedRow);

/// What the same shoppers bought: a row like those of related items.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NeighboursEntry(pub(crate) RelatedRow);

/// A picture of 96 pixels: a row like those of 320.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ThumbnailEntry(pub(crate) PhotoRow);

/// Everything that a version consists of, each list sorted by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) cards: Vec<CardEntry>,
    pub(crate) prices: Vec<PriceRow>,
    pub(crate) codes: Vec<CodeEntry>,
    pub(crate) related: Vec<RelatedRow>,
    pub(crate) alternatives: Vec<AlternativesEntry>,
    pub(crate) neighbours: Vec<NeighboursEntry>,
    pub(crate) offers: Vec<OfferRow>,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) details: Vec<DetailRow>,
    pub(crate) thumbnails: Vec<ThumbnailEntry>,
    pub(crate) photos: Vec<PhotoRow>,
    pub(crate) price_lists: Vec<PriceListRow>,
    pub(crate) reviews: Vec<ReviewRow>,
    pub(crate) student: Option<Vec<u8>>,
    pub(crate) text_codes: Vec<TextCode>,
    pub(crate) query_table: Option<QueryTableShard>,
    pub(crate) picture_codes: Vec<PictureCodeRow>,
    pub(crate) picture_network: Option<PictureNetworkShard>,
}

impl Wanted {
    /// The very rows that were read back.
    pub(crate) fn from_rows(rows: &CatalogueRows) -> Self {
        Self {
            cards: rows.cards.iter().map(|card| entry_of(rows, card)).collect(),
            prices: rows.prices.clone(),
            codes: code_entries(&rows.code_ids, &rows.codes),
            related: rows.related.clone(),
            offers: rows.offers.clone(),
            alternatives: rows.alternatives.iter().cloned().map(AlternativesEntry).collect(),
            neighbours: rows.neighbours.iter().cloned().map(NeighboursEntry).collect(),
            pictures: rows.pictures.clone(),
            details: rows.details.clone(),
            thumbnails: rows.thumbnails.iter().cloned().map(ThumbnailEntry).collect(),
            photos: rows.photos.clone(),
            price_lists: rows.price_lists.clone(),
            reviews: rows.reviews.clone(),
            student: rows.student.clone(),
            text_codes: rows.text_codes.clone(),
            query_table: rows.query_table.clone(),
            picture_codes: rows.picture_codes.clone(),
            picture_network: rows.picture_network.clone(),
        }
    }
}

/// A card of these rows with its names.
pub(crate) fn entry_of(rows: &CatalogueRows, card: &vitrine_wire::Card) -> CardEntry {
    CardEntry {
        id: card.id,
        title: card.title.clone(),
        department: rows.departments[usize::from(card.department)].clone(),
        category: rows.categories[usize::from(card.category)].clone(),
        brand: card.brand.clone(),
        picture: card.picture,
        photos: card.photos.clone(),
        placeholder: card.placeholder.clone(),
        variants: card.variants.clone(),
        n_variants: card.n_variants,
    }
}

/// Whether a delta of the kind names what is gone.
pub(crate) fn has_removals(kind: ShardKind) -> bool {
    !matches!(kind, ShardKind::Pictures | ShardKind::Thumbnails | ShardKind::Photos)
}

/// Pairs ids with the rows of `codes`, `[ids.len(), 64]`.
pub(crate) fn code_entries(ids: &[ItemId], codes: &[i8]) -> Vec<CodeEntry> {
    ids.iter().copied().zip(codes.as_chunks::<CODE_DIM>().0.iter().copied()).collect()
}

/// Distinct names, sorted: the tables of a card shard.
fn table<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().cloned().collect()
}

fn index(table: &[String], name: &String) -> u16 {
    let at = table.binary_search(name).expect("the table was made of these names");
    // A table that does not fit is refused when the shard is encoded.
    u16::try_from(at).unwrap_or(u16::MAX)
}

impl Row for CardEntry {
    const KIND: ShardKind = ShardKind::Cards;

    fn key(&self) -> u64 {
        self.id.0
    }

    fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard {
        let departments = table(rows.iter().map(|row| &row.department));
        let categories = table(rows.iter().map(|row| &row.category));
        let brands = table(rows.iter().map(|row| &row.brand));
        let row = |row: &&Self| CardRow {
            id: row.id,
            title: row.title.clone(),
            department: index(&departments, &row.department),
            category: index(&categories, &row.category),
            brand: index(&brands, &row.brand),
            picture: row.picture,
            photos: row.photos.clone(),
            placeholder: row.placeholder.clone(),
            variants: row.variants.clone(),
            n_variants: row.n_variants,
        };
        let rows = rows.iter().map(row).collect();
        Shard::Cards(CardShard { departments, categories, brands, rows, removed })
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::Cards(shard) = shard else { return Vec::new() };
        let entry = |row: &CardRow| Self {
            id: row.id,
            title: row.title.clone(),
            department: shard.departments[usize::from(row.department)].clone(),
            category: shard.categories[usize::from(row.category)].clone(),
            brand: shard.brands[usize::from(row.brand)].clone(),
            picture: row.picture,
            photos: row.photos.clone(),
            placeholder: row.placeholder.clone(),
            variants: row.variants.clone(),
            n_variants: row.n_variants,
        };
        shard.rows.iter().map(entry).collect()
    }
}

/// Rows of cards that a shard lists beside what is gone.
macro_rules! rows_of_cards {
    ($row:ident $(. $inner:tt)?, $kind:ident, $shard:ident, $wrap:expr) => {
        impl Row for $row {
            const KIND: ShardKind = ShardKind::$kind;

            fn key(&self) -> u64 {
                self$(.$inner)?.id.0
            }

            fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard {
                let rows = rows.iter().map(|row: &&Self| (**row)$(.$inner)?.clone()).collect();
                Shard::$kind($shard { rows, removed })
            }

            fn from_shard(shard: &Shard) -> Vec<Self> {
                let Shard::$kind(shard) = shard else { return Vec::new() };
                shard.rows.iter().cloned().map($wrap).collect()
            }
        }
    };
}

rows_of_cards!(PriceRow, Prices, PriceShard, identity);
rows_of_cards!(RelatedRow, Related, RelatedShard, identity);
rows_of_cards!(OfferRow, Offers, OfferShard, identity);
rows_of_cards!(DetailRow, Details, DetailShard, identity);
rows_of_cards!(PriceListRow, PriceLists, PriceListShard, identity);
rows_of_cards!(ReviewRow, Reviews, ReviewShard, identity);
rows_of_cards!(AlternativesEntry.0, Alternatives, RelatedShard, Self);
rows_of_cards!(NeighboursEntry.0, Neighbours, RelatedShard, Self);

impl Row for CodeEntry {
    const KIND: ShardKind = ShardKind::Codes;

    fn key(&self) -> u64 {
        self.0.0
    }

    fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard {
        let ids = rows.iter().map(|row| row.0).collect();
        let codes = rows.iter().flat_map(|row| row.1).collect();
        Shard::Codes(CodeShard { ids, codes, removed })
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::Codes(shard) = shard else { return Vec::new() };
        code_entries(&shard.ids, &shard.codes)
    }
}

impl Row for TextCode {
    const KIND: ShardKind = ShardKind::TextCodes;

    fn key(&self) -> u64 {
        self.id.0
    }

    fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard {
        Shard::TextCodes(TextCodeShard::of_rows(rows.iter().copied(), removed))
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::TextCodes(shard) = shard else { return Vec::new() };
        shard.clone().into_rows()
    }
}

impl Row for PictureCodeRow {
    const KIND: ShardKind = ShardKind::PictureCodes;

    fn key(&self) -> u64 {
        self.id.0
    }

    fn shard(rows: &[&Self], removed: Vec<ItemId>) -> Shard {
        Shard::PictureCodes(PictureCodeShard::of_rows(rows.iter().copied(), removed))
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::PictureCodes(shard) = shard else { return Vec::new() };
        shard.clone().into_rows()
    }
}

impl Row for Picture {
    const KIND: ShardKind = ShardKind::Pictures;

    fn key(&self) -> u64 {
        u64::from(self.id)
    }

    /// Pictures that nothing shows any more cost nothing but their bytes: they
    /// stay in the bases until those are made anew; see [`has_removals`].
    fn shard(rows: &[&Self], _removed: Vec<ItemId>) -> Shard {
        Shard::Pictures(PictureShard {
            ids: rows.iter().map(|row| row.id).collect(),
            names: rows.iter().map(|row| row.name.clone()).collect(),
            bodies: rows.iter().map(|row| row.body.clone()).collect(),
        })
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::Pictures(shard) = shard else { return Vec::new() };
        let texts = shard.names.iter().zip(&shard.bodies);
        let rows = shard.ids.iter().zip(texts);
        rows.map(|(id, (name, body))| Self { id: *id, name: name.clone(), body: body.clone() })
            .collect()
    }
}

impl Row for ThumbnailEntry {
    const KIND: ShardKind = ShardKind::Thumbnails;

    fn key(&self) -> u64 {
        u64::from(self.0.id)
    }

    fn shard(rows: &[&Self], _removed: Vec<ItemId>) -> Shard {
        Shard::Thumbnails(PhotoShard { rows: rows.iter().map(|row| row.0.clone()).collect() })
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::Thumbnails(shard) = shard else { return Vec::new() };
        shard.rows.iter().cloned().map(Self).collect()
    }
}

impl Row for PhotoRow {
    const KIND: ShardKind = ShardKind::Photos;

    fn key(&self) -> u64 {
        u64::from(self.id)
    }

    fn shard(rows: &[&Self], _removed: Vec<ItemId>) -> Shard {
        Shard::Photos(PhotoShard { rows: rows.iter().copied().cloned().collect() })
    }

    fn from_shard(shard: &Shard) -> Vec<Self> {
        let Shard::Photos(shard) = shard else { return Vec::new() };
        shard.rows.clone()
    }
}
