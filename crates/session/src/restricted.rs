//! Departments and categories whose cards are never recommended unasked, as the manifest
//! names them.

use vitrine_wire::Card;

use crate::catalogue::Catalogue;

/// Which numbers of departments and categories the names stand for.
pub(crate) struct Restricted {
    departments: Vec<bool>,
    categories: Vec<bool>,
}

impl Restricted {
    pub fn new(catalogue: &Catalogue, names: &[String]) -> Self {
        let is_named = |place: &String| names.contains(place);
        let rows = catalogue.rows();
        Self {
            departments: rows.departments.iter().map(is_named).collect(),
            categories: rows.categories.iter().map(is_named).collect(),
        }
    }

    pub fn has(&self, card: &Card) -> bool {
        self.departments[usize::from(card.department)]
            || self.categories[usize::from(card.category)]
    }
}
