//! Departments and categories of a catalogue with their addresses, and their cards by popularity.

mod slug;

pub use slug::encoded;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use vitrine_domain::ItemId;
use vitrine_wire::{Card, CatalogueRows};

use self::slug::{distinct_slugs, slug};

/// All departments of a catalogue.
pub struct Directory {
    /// Those with most cards first, then by name.
    pub departments: Vec<PageShelf>,
}

/// A department, or a category of one.
pub struct PageShelf {
    /// As cards have it.
    pub name: String,
    /// Its part of an address, no other shelf beside it has.
    pub slug: String,
    /// Its path, percent-encoded: `/c/grocery/tea`.
    pub path: String,
    /// Its cards, most buyers first.
    pub cards: Vec<ItemId>,
    /// Categories of a department, in the order of departments; none of a category.
    pub categories: Vec<PageShelf>,
}

/// Where an address leads.
#[derive(Clone, Copy)]
pub struct ShelfPlace<'a> {
    /// The department.
    pub department: &'a PageShelf,
    /// The category of it, unless the department itself is meant.
    pub category: Option<&'a PageShelf>,
}

impl Directory {
    /// Of published rows.
    pub fn of(rows: &CatalogueRows) -> Self {
        let n_buyers = |card: &Card| rows.price(card.id).map_or(0, |price| price.n_buyers);
        let mut cards: Vec<(u32, &Card)> = rows.cards.iter().map(|c| (n_buyers(c), c)).collect();
        cards.sort_by_key(|(n_buyers, card)| (Reverse(*n_buyers), card.id));
        let mut departments: BTreeMap<&str, Vec<&Card>> = BTreeMap::new();
        for (_, card) in cards {
            departments.entry(department_of(rows, card)).or_default().push(card);
        }
        Self { departments: shelves(departments, "/c", &|cards| categories(rows, cards)) }
    }

    /// Where a path leads, by its slugs; a slug that is written otherwise counts as well.
    pub fn place(&self, department: &str, category: Option<&str>) -> Option<ShelfPlace<'_>> {
        let department = written(&self.departments, department)?;
        let category = match category {
            Some(category) => Some(written(&department.categories, category)?),
            None => None,
        };
        Some(ShelfPlace { department, category })
    }

    /// Where a card is; `None` without a department.
    pub fn place_of(&self, rows: &CatalogueRows, card: &Card) -> Option<ShelfPlace<'_>> {
        let department = named(&self.departments, department_of(rows, card))?;
        let category = named(&department.categories, category_of(rows, card));
        Some(ShelfPlace { department, category })
    }

    /// Departments and their categories.
    pub fn shelves(&self) -> impl Iterator<Item = &PageShelf> {
        self.departments.iter().flat_map(|of| std::iter::once(of).chain(&of.categories))
    }
}

impl<'a> ShelfPlace<'a> {
    /// The category, else the department.
    pub fn shelf(&self) -> &'a PageShelf {
        self.category.unwrap_or(self.department)
    }

    /// From the department downwards.
    pub fn way(&self) -> impl Iterator<Item = &'a PageShelf> {
        std::iter::once(self.department).chain(self.category)
    }

    /// What the program shows of it: a fragment of the address (`web/src/router.rs`).
    pub fn route(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", "").append_pair("department", &self.department.name);
        if let Some(category) = self.category {
            query.append_pair("category", &category.name);
        }
        format!("#/search?{}", query.finish())
    }
}

/// Path of a product's page: `/p/0123456789abcdef-green-tea`.
pub fn product_path(card: &Card) -> String {
    match slug(&card.title) {
        slug if slug.is_empty() => format!("/p/{}", card.id),
        slug => format!("/p/{}-{}", card.id, encoded(&slug)),
    }
}

fn department_of<'a>(rows: &'a CatalogueRows, card: &Card) -> &'a str {
    &rows.departments[usize::from(card.department)]
}

fn category_of<'a>(rows: &'a CatalogueRows, card: &Card) -> &'a str {
    &rows.categories[usize::from(card.category)]
}

fn categories<'a>(rows: &'a CatalogueRows, cards: &[&'a Card]) -> BTreeMap<&'a str, Vec<&'a Card>> {
    let mut categories: BTreeMap<&str, Vec<&Card>> = BTreeMap::new();
    for card in cards {
        categories.entry(category_of(rows, card)).or_default().push(card);
    }
    categories
}

type CardsByName<'a> = BTreeMap<&'a str, Vec<&'a Card>>;

/// Shelves of these names under a path; what has no name has no page.
fn shelves<'a>(
    by_name: CardsByName<'a>,
    under: &str,
    within: &dyn Fn(&[&'a Card]) -> CardsByName<'a>,
) -> Vec<PageShelf> {
    let by_name: Vec<_> = by_name.into_iter().filter(|(name, _)| !name.is_empty()).collect();
    let names: Vec<&str> = by_name.iter().map(|(name, _)| *name).collect();
    let shelf = |((name, cards), slug): ((&str, Vec<&'a Card>), String)| {
        let path = format!("{under}/{}", encoded(&slug));
        let categories = shelves(within(&cards), &path, &|_| CardsByName::new());
        let cards = cards.iter().map(|card| card.id).collect();
        PageShelf { name: name.to_owned(), slug, path, cards, categories }
    };
    let slugs = distinct_slugs(&names);
    let mut all: Vec<PageShelf> = by_name.into_iter().zip(slugs).map(shelf).collect();
    all.sort_by(|a, b| (Reverse(a.cards.len()), &a.name).cmp(&(Reverse(b.cards.len()), &b.name)));
    all
}

fn named<'a>(shelves: &'a [PageShelf], name: &str) -> Option<&'a PageShelf> {
    shelves.iter().find(|shelf| shelf.name == name)
}

fn written<'a>(shelves: &'a [PageShelf], part: &str) -> Option<&'a PageShelf> {
    let exact = shelves.iter().find(|shelf| shelf.slug == part);
    let part = slug(part);
    exact.or_else(|| shelves.iter().find(|shelf| shelf.slug == part || slug(&shelf.name) == part))
}

#[cfg(test)]
mod tests {
    use vitrine_wire::PriceRow;

    use super::*;

    fn rows() -> CatalogueRows {
        let card = |id: u64, department, category| Card {
            id: ItemId(id),
            title: "Grüner Tee".into(),
            department,
            category,
            ..Card::default()
        };
        let price = |id, n_buyers| PriceRow { id: ItemId(id), n_buyers, ..PriceRow::default() };
        CatalogueRows {
            departments: vec!["".into(), "Tea".into(), "Tea & \"Co\"".into()],
            categories: vec!["".into(), "Black".into(), "Green".into()],
            cards: vec![card(1, 1, 1), card(2, 1, 2), card(3, 1, 0), card(4, 2, 1), card(5, 0, 0)],
            prices: vec![price(1, 5), price(2, 15), price(3, 10), price(4, 5), price(5, 5)],
            ..CatalogueRows::default()
        }
    }

    #[test]
    fn shelves_have_addresses_and_cards_by_popularity() {
        let directory = Directory::of(&rows());
        let paths: Vec<&str> = directory.shelves().map(|shelf| shelf.path.as_str()).collect();
        let expected = ["/c/tea", "/c/tea/black", "/c/tea/green", "/c/tea-co", "/c/tea-co/black"];
        assert_eq!(paths, expected);
        let ids: Vec<u64> = directory.departments[0].cards.iter().map(|id| id.0).collect();
        assert_eq!(ids, [2, 3, 1]);
    }

    #[test]
    fn a_path_leads_to_its_shelf_however_it_is_written() {
        let directory = Directory::of(&rows());
        let place = directory.place("tea-co", Some("black")).expect("there");
        assert_eq!(place.shelf().cards, [ItemId(4)]);
        assert_eq!(place.route(), "#/search?q=&department=Tea+%26+%22Co%22&category=Black");
        let other = directory.place("Tea Co", Some("BLACK")).expect("there, too");
        assert_eq!(other.shelf().path, place.shelf().path);
        assert!(directory.place("tea-co", Some("green")).is_none());
        assert!(directory.place("", None).is_none());
    }

    #[test]
    fn a_card_knows_its_place_and_its_path() {
        let rows = rows();
        let directory = Directory::of(&rows);
        let path = |at: usize| {
            directory.place_of(&rows, &rows.cards[at]).map(|place| place.shelf().path.as_str())
        };
        assert_eq!([0, 2, 4].map(path), [Some("/c/tea/black"), Some("/c/tea"), None]);
        assert_eq!(product_path(&rows.cards[0]), "/p/0000000000000001-gruner-tee");
        let nameless = Card { title: "🍵".into(), ..Card::default() };
        assert_eq!(product_path(&nameless), "/p/0000000000000000");
    }
}
