//! Departments and categories as numbers.

use vitrine_domain::sorting::sort_by;

/// The number of a name that no card has: it equals no card's.
pub const NOWHERE: u16 = u16::MAX;

/// Names of departments and categories, sorted: whoever has the same cards gives them the
/// same numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    departments: Vec<String>,
    categories: Vec<String>,
}

impl Places {
    /// Of some cards.
    pub fn new<'a>(cards: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        Self {
            departments: distinct(cards.clone().map(|(department, _)| department)),
            categories: distinct(cards.map(|(_, category)| category)),
        }
    }

    /// Numbers of a department and a category; [`NOWHERE`] for a name that is not here.
    pub fn of(&self, department: &str, category: &str) -> (u16, u16) {
        (number(&self.departments, department), number(&self.categories, category))
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<&str> = names.collect();
    sort_by(&mut names, Ord::cmp);
    names.dedup();
    // Beyond what a number can tell apart, names are nowhere.
    names.truncate(usize::from(NOWHERE));
    names.into_iter().map(str::to_owned).collect()
}

fn number(names: &[String], name: &str) -> u16 {
    let at = names.binary_search_by(|other| other.as_str().cmp(name));
    at.map_or(NOWHERE, |at| at as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_cards_does_not_matter_and_unknown_names_are_nowhere() {
        let cards = [("b", "y"), ("a", "x"), ("b", "x")];
        let places = Places::new(cards.into_iter());
        assert_eq!(places, Places::new(cards.into_iter().rev()));
        assert_eq!(places.of("a", "y"), (0, 1));
        assert_eq!(places.of("c", ""), (NOWHERE, NOWHERE));
    }
}
