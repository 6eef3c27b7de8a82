//! A catalogue and the model that goes with it, decoded and ready to rank.

use std::cell::OnceCell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::sorting::sort_by_paced;

use vitrine_conditions::Conditions;
use vitrine_domain::{ContentHash, Facet, ItemId, Manifest};
use vitrine_rules::{CompiledRules, PublicRules};
use vitrine_student::{ItemTable, PackedStudent, TableBuilder, Weights};
use vitrine_suggest::{SuggestCard, Suggester};
use vitrine_wire::{Layer, PriceRow, RelatedRow, Restricted};

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
    /// Whether it is known of any card when it was listed.
    pub has_dates: bool,
    /// Whether any card is rated.
    pub has_ratings: bool,
    /// Whether any card has a price.
    pub has_prices: bool,
    /// What the shop wants to stand where.
    pub rules: Rc<CompiledRules>,
    /// Which cards are never recommended unasked.
    restricted: Restricted,
    /// Completes searches; made when it is first asked for.
    suggester: OnceCell<Suggester>,
    /// Reads conditions in words; likewise.
    conditions: OnceCell<Conditions>,
    /// With how many cards each has; likewise.
    departments: OnceCell<Vec<Facet>>,
}

/// The student and the catalogue as it sees it.
pub(crate) struct Model {
    pub weights: Weights,
    /// With the catalogue's indexes.
    pub table: ItemTable,
    pub base: ContentHash,
    /// Of so many places of the feed, one is kept for a card without a past.
    pub explore_every: Option<usize>,
}

impl Pair {
    /// Builds a pair from the decoded shards of a manifest, in pieces.
    pub async fn build(
        manifest: &Manifest,
        shards: Vec<Layer>,
        pace: &dyn Pace,
    ) -> Result<Self, SessionError> {
        let complete = shards.len() == manifest.shards.len();
        let path = Request::Manifest.path();
        let (mut catalogue, student) = Catalogue::from_shards(shards, &path, pace).await?;
        pace.breathe().await;
        let is_priced = |row: &PriceRow| {
            row.price_minor > 0 || row.variant_prices_minor.iter().any(|minor| *minor > 0)
        };
        let has_prices = (0..catalogue.n_items()).any(|index| is_priced(catalogue.price(index)));
        let has_dates = catalogue.rows().details.iter().any(|row| row.listed_at_seconds.is_some());
        let has_ratings =
            (0..catalogue.n_items()).any(|index| catalogue.price(index).rating.is_some());
        let rules = compiled(catalogue.take_rules(), &manifest.catalogue.never_recommended);
        pace.breathe().await;
        let restricted = Restricted::of(&manifest.catalogue.never_recommended, catalogue.rows());
        let mut popularity: Vec<u32> = (0..catalogue.n_items()).collect();
        sort_by_paced(&mut popularity, |a, b| catalogue.by_popularity(*a, *b), pace).await;
        let model = match (&manifest.model, student) {
            (Some(info), Some(payload)) => {
                let weights = PackedStudent::from_bytes(&payload)?.weights();
                let rows = catalogue.rows();
                pace.breathe().await;
                let mut table = TableBuilder::new(rows.listed())
                    .price_minor_median(manifest.catalogue.price_minor_median);
                pace.breathe().await;
                table = table.related(rows.related.iter().map(RelatedRow::list));
                pace.breathe().await;
                table = table.neighbours(rows.neighbours.iter().map(RelatedRow::list));
                pace.breathe().await;
                let table = table.build_paced(&weights, pace).await;
                let explore_every = info.explore_every.map(usize::from);
                Some(Model { weights, table, base: info.base, explore_every })
            }
            _ => None,
        };
        Ok(Self {
            manifest: manifest.clone(),
            catalogue,
            popularity,
            model,
            complete,
            has_dates,
            has_ratings,
            has_prices,
            rules,
            restricted,
            suggester: OnceCell::new(),
            conditions: OnceCell::new(),
            departments: OnceCell::new(),
        })
    }

    pub fn versions(&self) -> Versions {
        let model = self.manifest.model.as_ref().map(|model| model.version);
        Versions { catalogue: self.manifest.catalogue.version, model }
    }

    pub fn has_model(&self) -> bool {
        self.model.is_some()
    }

    /// Whether a card is of a department or category that the shop never recommends unasked.
    pub fn is_restricted(&self, index: u32) -> bool {
        self.restricted.has(self.catalogue.raw(index))
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
        self.suggester.get_or_init(|| at_once(self.make_suggester(&Unpaced)))
    }

    /// The suggester, once it was made.
    pub fn ready_suggester(&self) -> Option<&Suggester> {
        self.suggester.get()
    }

    /// Makes the suggester in pieces, unless it is there.
    pub async fn prepare_suggester(&self, pace: &dyn Pace) {
        if self.suggester.get().is_none() {
            let made = self.make_suggester(pace).await;
            // Another call may have made it meanwhile, out of the same cards.
            let _ = self.suggester.set(made);
        }
    }

    /// Boxed, so that the bundle has it once.
    fn make_suggester<'a>(&'a self, pace: &'a dyn Pace) -> LocalBoxFuture<'a, Suggester> {
        let catalogue = &self.catalogue;
        let card = move |index: u32| SuggestCard {
            id: catalogue.id(index),
            title: catalogue.title(index),
            department: catalogue.department(index),
            category: catalogue.category(index),
            n_buyers: catalogue.price(index).n_buyers,
        };
        Box::pin(Suggester::new_paced((0..catalogue.n_items()).map(card), pace))
    }

    /// What a text says besides words, by the synced cards.
    pub fn conditions(&self) -> &Conditions {
        let catalogue = &self.catalogue;
        let cards =
            (0..catalogue.n_items()).map(|i| (catalogue.title(i), &*catalogue.raw(i).brand));
        let currency = &self.manifest.currency;
        self.conditions.get_or_init(|| Conditions::new(cards, currency))
    }

    /// Whether the shop's table of words is here, so that searches on the device go by meaning.
    pub fn has_query_table(&self) -> bool {
        self.catalogue.rows().query_table.is_some()
    }

    pub fn has_picture_network(&self) -> bool {
        self.catalogue.rows().picture_network.is_some()
    }

    /// Departments of the cards, the largest first.
    pub fn departments(&self) -> &[Facet] {
        let catalogue = &self.catalogue;
        let of_cards =
            || catalogue.facets((0..catalogue.n_items()).map(|i| catalogue.department(i)));
        self.departments.get_or_init(of_cards)
    }

    /// The code of a listed item, `[64]`.
    pub fn code_of(&self, id: ItemId) -> Option<&[i8]> {
        let model = self.model.as_ref()?;
        Some(model.table.code(model.table.index_of(id)?))
    }
}

/// Rules ready to be applied. An audience of what the shop never recommends is no audience, which
/// only the manifest tells.
fn compiled(mut rules: PublicRules, never_recommended: &[String]) -> Rc<CompiledRules> {
    rules.rules.retain(|rule| rule.validate(never_recommended).is_ok());
    Rc::new(CompiledRules::new(rules))
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{
        CatalogueInfo, CatalogueVersion, ListedCard, ModelInfo, ModelVersion, Positives,
        PriceTerms, RelatedList, ShardRole,
    };
    use vitrine_student::CODE_DIM;
    use vitrine_student::golden::Generator;
    use vitrine_wire::{
        CardRow, CardShard, CodeShard, PriceRow, PriceShard, RelatedShard, Shard, StudentShard,
    };

    use super::*;

    fn shards(student: &PackedStudent) -> Vec<Layer> {
        let card = |id, department| CardRow {
            id: ItemId(id),
            title: format!("Card {id}"),
            department,
            ..CardRow::default()
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let price = |id, price_minor, n_buyers| PriceRow {
            id: ItemId(id),
            price_minor,
            n_buyers,
            ..PriceRow::default()
        };
        let related = RelatedRow { id: ItemId(1), related: vec![ItemId(2)], strengths: vec![200] };
        let all = [
            Shard::Cards(CardShard {
                departments: names(&["Food", "Home"]),
                categories: names(&[""]),
                brands: names(&[""]),
                rows: vec![card(1, 1), card(2, 0), card(3, 1)],
                removed: Vec::new(),
            }),
            Shard::Prices(PriceShard {
                rows: vec![price(1, 900, 60), price(2, 100, 20)],
                removed: Vec::new(),
            }),
            Shard::Codes(CodeShard {
                ids: vec![ItemId(1), ItemId(2)],
                codes: [[5; CODE_DIM], [-7; CODE_DIM]].concat(),
                removed: Vec::new(),
            }),
            Shard::Related(RelatedShard { rows: vec![related], removed: Vec::new() }),
            Shard::Student(StudentShard { payload: student.to_bytes() }),
        ];
        all.into_iter().map(|shard| Layer { role: ShardRole::Base, cell: 0, shard }).collect()
    }

    /// What is not synced yet changes nothing of what is: prices are measured against the
    /// median of the manifest, and a card without price or code is one of zeros.
    #[test]
    fn the_table_of_a_sync_is_that_of_the_cards_that_came() {
        let student = PackedStudent::pack(&Generator::new(3).weights()).expect("finite");
        let manifest = Manifest {
            format: Manifest::FORMAT,
            shop: "Shop".to_owned(),
            currency: "USD".to_owned(),
            prices: PriceTerms::default(),
            catalogue: CatalogueInfo {
                version: CatalogueVersion(1),
                revision: 0,
                n_items: 9,
                published_at_seconds: 0,
                price_minor_median: 300,
                positives: Positives::Purchases,
                picture_mode: Default::default(),
                never_recommended: Vec::new(),
            },
            model: Some(ModelInfo {
                version: ModelVersion(1),
                base: ContentHash([1; 32]),
                outputs: student.outputs().to_vec(),
                explore_every: None,
            }),
            shards: Vec::new(),
            n_head: 0,
            has_real_urls: false,
            has_language_model: false,
        };
        let built = at_once(Pair::build(&manifest, shards(&student), &Unpaced));
        let pair = built.expect("they belong together");
        let model = pair.model.as_ref().expect("there is a student");
        let card = |id, department, code, price_minor, n_buyers| ListedCard {
            id: ItemId(id),
            code: [code; CODE_DIM],
            department,
            category: "",
            price_minor,
            n_buyers,
            n_buyers_recent: 0,
        };
        let cards =
            [card(1, "Home", 5, 900, 60), card(2, "Food", -7, 100, 20), card(3, "Home", 0, 0, 0)];
        let related: [RelatedList; 1] = [(ItemId(1), vec![(ItemId(2), 200)])];
        let weights = student.weights();
        let expected =
            TableBuilder::new(cards).related(related).price_minor_median(300).build(&weights);
        let table = &model.table;
        assert_eq!(table.all_static_scalars(), expected.all_static_scalars());
        assert_eq!(table.pre(), expected.pre());
        assert_eq!((table.ids(), table.codes()), (expected.ids(), expected.codes()));
        assert_eq!(table.departments(), expected.departments());
        assert_eq!(table.related(0), [(1, 200)]);
        assert_eq!(pair.catalogue.index_of(ItemId(3)), table.index_of(ItemId(3)));
    }
}
