//! A catalogue and the model that goes with it, decoded and ready to rank.

use std::cell::OnceCell;

use vitrine_conditions::Conditions;
use vitrine_domain::{ContentHash, ItemId, Manifest, ShardRole};
use vitrine_student::{CODE_DIM, CatalogueScale, ItemRow, ItemTable, PackedStudent, Weights};
use vitrine_suggest::{SuggestCard, Suggester};
use vitrine_wire::Shard;

use crate::catalogue::Catalogue;
use crate::ledger::Request;
use crate::{ItemCard, SessionError, Versions};

/// One pair, wholly from the shards of one manifest. Never changed: a tab that
/// is pinned to it keeps it, whatever is synced meanwhile.
pub(crate) struct Pair {
    pub manifest: Manifest,
    pub catalogue: Catalogue,
    /// Indexes, most buyers first, ties by id.
    pub popularity: Vec<u32>,
    /// `None` until the shop has published a model, or while it is not synced.
    pub model: Option<Model>,
    /// Whether every shard of the manifest is in it.
    pub complete: bool,
    /// Completes searches; made when it is first asked for.
    suggester: OnceCell<Suggester>,
    /// Reads conditions in words; likewise.
    conditions: OnceCell<Conditions>,
}

/// The student and the catalogue as it sees it.
pub(crate) struct Model {
    pub weights: Weights,
    pub table: ItemTable,
    pub base: ContentHash,
}

impl Pair {
    /// Builds a pair from the decoded shards of a manifest.
    pub fn build(
        manifest: &Manifest,
        shards: Vec<(ShardRole, Shard)>,
    ) -> Result<Self, SessionError> {
        let complete = shards.len() == manifest.shards.len();
        let (catalogue, student) = Catalogue::from_shards(shards, &Request::Manifest.path())?;
        let mut popularity: Vec<u32> = (0..catalogue.n_items()).collect();
        popularity.sort_by(|a, b| catalogue.by_popularity(*a, *b));
        let model = match (&manifest.model, student) {
            (Some(info), Some(payload)) => {
                let weights = PackedStudent::from_bytes(&payload)?.weights();
                let median = manifest.catalogue.price_minor_median;
                let table = table_of(&catalogue, &weights, median);
                Some(Model { weights, table, base: info.base })
            }
            _ => None,
        };
        Ok(Self {
            manifest: manifest.clone(),
            catalogue,
            popularity,
            model,
            complete,
            suggester: OnceCell::new(),
            conditions: OnceCell::new(),
        })
    }

    pub fn versions(&self) -> Versions {
        let model = self.manifest.model.as_ref().map(|model| model.version);
        Versions { catalogue: self.manifest.catalogue.version, model }
    }

    pub fn has_model(&self) -> bool {
        self.model.is_some()
    }

    /// The base that codes of this pair belong to.
    pub fn base(&self) -> Option<ContentHash> {
        self.model.as_ref().map(|model| model.base)
    }

    pub fn card_of(&self, id: ItemId) -> Option<ItemCard> {
        self.catalogue.index_of(id).map(|index| self.catalogue.card(index))
    }

    /// What an unfinished search may become, from the synced cards.
    pub fn suggester(&self) -> &Suggester {
        let catalogue = &self.catalogue;
        let card = |index: u32| SuggestCard {
            id: catalogue.id(index),
            title: catalogue.title(index),
            department: catalogue.department(index),
            category: catalogue.category(index),
            n_buyers: catalogue.price(index).n_buyers,
        };
        self.suggester.get_or_init(|| Suggester::new((0..catalogue.n_items()).map(card)))
    }

    /// What a text says besides words, by the synced cards.
    pub fn conditions(&self) -> &Conditions {
        let catalogue = &self.catalogue;
        let cards =
            (0..catalogue.n_items()).map(|i| (catalogue.title(i), &*catalogue.raw(i).brand));
        let currency = &self.manifest.currency;
        self.conditions.get_or_init(|| Conditions::new(cards, currency))
    }

    /// The code of a listed item, `[64]`.
    pub fn code_of(&self, id: ItemId) -> Option<&[i8]> {
        let model = self.model.as_ref()?;
        Some(model.table.code(model.table.index_of(id)?))
    }
}

/// The student's table, with the catalogue's indexes. A card without a code yet
/// has the code 0: it is ranked by its scalars alone.
fn table_of(catalogue: &Catalogue, weights: &Weights, price_minor_median: u32) -> ItemTable {
    let row = |index: u32| {
        let (card, price) = (catalogue.raw(index), catalogue.price(index));
        ItemRow {
            id: card.id,
            code: catalogue.rows().code(card.id).copied().unwrap_or([0; CODE_DIM]),
            department: card.department,
            category: card.category,
            price_minor: price.price_minor,
            n_buyers: price.n_buyers,
            n_buyers_recent: price.n_buyers_recent,
        }
    };
    let rows: Vec<ItemRow> = (0..catalogue.n_items()).map(row).collect();
    let scale = CatalogueScale::of(&rows, price_minor_median);
    let mut table = ItemTable::from_rows(weights, scale, rows);
    let related = catalogue.rows().related.iter().map(|row| {
        let strengths = row.strengths.iter().copied();
        (row.id, row.related.iter().copied().zip(strengths).collect())
    });
    table.set_related(&related.collect::<Vec<_>>());
    table
}
