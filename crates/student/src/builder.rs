//! The one way from published facts to the table that is ranked with.
//!
//! Training, the gate, the server and every device build their tables here, so that a card
//! has the same scalars wherever it is ranked.

use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ListedCard, RelatedList};

use crate::places::Places;
use crate::{CatalogueScale, ItemRow, ItemTable, Weights};

/// Cards whose names are looked up between two breaths.
const STRETCH_CARDS: usize = 512;

/// Cards, on their way into an [`ItemTable`].
#[derive(Clone, Debug, Default)]
pub struct TableBuilder<'a> {
    cards: Vec<ListedCard<'a>>,
    related: Vec<RelatedList>,
    neighbours: Vec<RelatedList>,
    price_minor_median: Option<u32>,
}

impl<'a> TableBuilder<'a> {
    /// With cards in the order that their rows shall have.
    pub fn new(cards: impl IntoIterator<Item = ListedCard<'a>>) -> Self {
        Self { cards: cards.into_iter().collect(), ..Self::default() }
    }

    /// Adds published lists of related cards; those of cards that are not here are left out.
    #[must_use]
    pub fn related(mut self, lists: impl IntoIterator<Item = RelatedList>) -> Self {
        self.related.extend(lists);
        self
    }

    /// Adds published lists of what the same shoppers bought, in the same way.
    #[must_use]
    pub fn neighbours(mut self, lists: impl IntoIterator<Item = RelatedList>) -> Self {
        self.neighbours.extend(lists);
        self
    }

    /// The median price of the whole catalogue, where only a part of it may be here: then
    /// prices mean the same as when the rest has come.
    #[must_use]
    pub fn price_minor_median(mut self, median: u32) -> Self {
        self.price_minor_median = Some(median);
        self
    }

    /// The table under some weights.
    pub fn build(self, weights: &Weights) -> ItemTable {
        at_once(self.build_paced(weights, &Unpaced))
    }

    /// The table under some weights, made in pieces.
    pub async fn build_paced(self, weights: &Weights, pace: &dyn Pace) -> ItemTable {
        let names = self.cards.iter().map(|card| (card.department, card.category));
        let places = Places::new(names);
        pace.breathe().await;
        let mut rows: Vec<ItemRow> = Vec::with_capacity(self.cards.len());
        for cards in self.cards.chunks(STRETCH_CARDS) {
            rows.extend(cards.iter().map(|card| row(card, &places)));
            pace.breathe().await;
        }
        let prices = self.cards.iter().map(|card| card.price_minor);
        let median = self.price_minor_median.unwrap_or_else(|| price_minor_median(prices));
        let scale = CatalogueScale::of(&rows, median);
        let mut table = ItemTable::from_rows_paced(weights, scale, rows, pace).await;
        table.set_related(&self.related);
        pace.breathe().await;
        table.set_neighbours(&self.neighbours);
        pace.breathe().await;
        table.set_places(places);
        table
    }
}

impl ItemTable {
    /// Adds a card that was found elsewhere, or replaces its row; returns its index. What
    /// scalars are measured against stays as it is.
    pub fn upsert_listed(&mut self, weights: &Weights, card: &ListedCard<'_>) -> u32 {
        let row = row(card, self.places());
        self.upsert(weights, &row)
    }
}

fn row(card: &ListedCard<'_>, places: &Places) -> ItemRow {
    let (department, category) = places.of(card.department, card.category);
    let ListedCard { id, code, price_minor, n_buyers, n_buyers_recent, .. } = *card;
    ItemRow { id, code, department, category, price_minor, n_buyers, n_buyers_recent }
}

/// Median of the prices above 0 in minor units; 0 without any.
///
/// Of two prices in the middle it is the lower: so it is a price that some card has, in
/// whole units, and the one that published manifests have always had.
pub fn price_minor_median(prices_minor: impl IntoIterator<Item = u32>) -> u32 {
    let mut priced: Vec<u32> = prices_minor.into_iter().filter(|price| *price > 0).collect();
    sort_by(&mut priced, Ord::cmp);
    priced.get(priced.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{Event, EventKind, ItemId};

    use super::*;
    use crate::entry::Remembered;
    use crate::layout::CODE_DIM;
    use crate::places::NOWHERE;

    fn card(id: u64, department: &'static str, price_minor: u32) -> ListedCard<'static> {
        let code = [id as i8; CODE_DIM];
        let (category, n_buyers, n_buyers_recent) = ("all", 10 * id as u32, id as u32);
        let id = ItemId(id);
        ListedCard { id, code, department, category, price_minor, n_buyers, n_buyers_recent }
    }

    const EVEN: [u32; 4] = [100, 300, 200, 400];

    fn table() -> ItemTable {
        let cards = (1..).zip(EVEN).map(|(id, price)| card(id, ["x", "a"][id as usize % 2], price));
        let related = [(ItemId(3), vec![(ItemId(1), 9), (ItemId(77), 8)])];
        TableBuilder::new(cards).related(related).build(&Weights::zeros(1.0))
    }

    #[test]
    fn the_median_is_the_lower_one_of_what_is_priced() {
        assert_eq!(price_minor_median([]), 0);
        assert_eq!(price_minor_median([0, 0]), 0);
        assert_eq!(price_minor_median([5, 0, 1, 9]), 5);
        assert_eq!(price_minor_median([4, 1, 3, 2]), 2);
        assert_eq!(table().scale().price_minor_median, 200);
    }

    #[test]
    fn rows_keep_the_order_of_cards_and_scalars_that_of_prices() {
        let table = table();
        assert_eq!(table.ids(), [1, 2, 3, 4].map(ItemId));
        assert_eq!(table.departments(), [0, 1, 0, 1], "a comes before x");
        assert_eq!(table.static_scalars(2)[2], 0.0, "the median price itself");
        assert!(table.static_scalars(0)[2] < 0.0 && table.static_scalars(1)[2] > 0.0);
        assert_eq!(table.related(2), [(0, 9)], "what is not here is left out");
    }

    #[test]
    fn a_part_of_a_catalogue_is_measured_like_the_whole() {
        let part = TableBuilder::new([card(4, "x", 400)]).price_minor_median(200);
        let part = part.build(&Weights::zeros(1.0));
        assert_eq!(part.static_scalars(0), table().static_scalars(3));
    }

    #[test]
    fn what_is_found_elsewhere_is_put_where_its_names_are() {
        let mut table = table();
        let weights = Weights::zeros(1.0);
        let at = table.upsert_listed(&weights, &card(9, "x", 100));
        assert_eq!((at, table.departments()[4]), (4, 1));
        assert_eq!(table.static_scalars(4)[2], table.static_scalars(0)[2]);
        let at = table.upsert_listed(&weights, &card(10, "new", 100));
        assert_eq!(table.departments()[at as usize], NOWHERE);
    }

    #[test]
    fn entries_come_from_the_table_else_from_what_is_remembered() {
        let table = table();
        let event = |item| Event { kind: EventKind::Purchase, item: ItemId(item), at_ms: 5 };
        let listed = table.entry_of(&event(2)).expect("listed");
        assert_eq!(listed, table.entry(1, EventKind::Purchase, 5));
        assert_eq!((listed.code, listed.department), ([2; CODE_DIM], 1));
        assert!(table.entry_of(&event(50)).is_none());
        let code = [7i8; CODE_DIM];
        let remembered = |code| Some(Remembered { department: "a", category: "gone", code });
        let entry = table.entry_or(&event(50), || remembered(Some(code.as_slice())));
        assert_eq!((entry.code, entry.department, entry.category), (code, 0, NOWHERE));
        let without = table.entry_or(&event(50), || remembered(None));
        assert_eq!((without.code, without.department), ([0; CODE_DIM], 0));
        let forgotten = table.entry_or(&event(50), || None);
        assert_eq!((forgotten.department, forgotten.at_ms), (NOWHERE, 5));
        assert_eq!(table.entry_or(&event(2), || panic!("not asked")), listed);
    }
}
