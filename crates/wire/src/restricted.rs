//! Departments and categories that are never recommended unasked.

use crate::{Card, CatalogueRows};

/// Which numbers of departments and categories the names of
/// [`vitrine_domain::CatalogueInfo::never_recommended`] stand for.
#[derive(Clone, Debug, Default)]
pub struct Restricted {
    departments: Vec<bool>,
    categories: Vec<bool>,
}

impl Restricted {
    /// Of a catalogue; a name that none of its cards has stands for nothing.
    pub fn of(names: &[String], rows: &CatalogueRows) -> Self {
        let is_named = |place: &String| names.contains(place);
        Self {
            departments: rows.departments.iter().map(is_named).collect(),
            categories: rows.categories.iter().map(is_named).collect(),
        }
    }

    /// Whether a card of that catalogue is in one of them.
    pub fn has(&self, card: &Card) -> bool {
        self.departments[usize::from(card.department)]
            || self.categories[usize::from(card.category)]
    }
}
