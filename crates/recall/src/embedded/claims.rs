//! What items say they are free of, or have, by word.

use std::collections::HashMap;
use std::sync::Arc;

use vitrine_conditions::{FreeOf, Says, Verdict, claims};
use vitrine_domain::Item;
use vitrine_domain::pace::Pace;

use super::mask::Mask;
use super::rows::RowChange;

/// The claims of all items.
pub(super) struct ClaimIndex {
    parts: Vec<Arc<Part>>,
    n_rows: usize,
}

/// The claims of some rows in succession.
#[derive(Default)]
struct Part {
    /// The rows that say something of a word, in no order.
    rows_of: HashMap<String, Vec<(u32, Says)>>,
}

/// The verdicts on all rows for one condition, as [`FreeOf::verdict`] gives them.
pub(super) struct Verdicts {
    contain: Mask,
    are_free: Mask,
    mention: Mask,
}

impl ClaimIndex {
    pub(super) async fn new(items: &[&Item], pace: &dyn Pace) -> Self {
        let mut part = Part::default();
        for (row, item) in (0..).zip(items) {
            pace.breathe().await;
            part.read(row, item);
        }
        Self { parts: vec![Arc::new(part)], n_rows: items.len() }
    }

    /// The claims after a change of the rows. Only texts of items that come are read,
    /// because that takes longer than all else that is done with a text.
    pub(super) fn revised(&self, change: &RowChange) -> Self {
        let (kept, merged) = self.parts.split_at(change.n_parts_kept);
        let mut parts = kept.to_vec();
        if !change.origins.is_empty() {
            let mut part = Part::default();
            let moved = change.moved();
            for (word, rows) in merged.iter().flat_map(|part| &part.rows_of) {
                let moved = rows.iter().filter_map(|(row, says)| Some((*moved.get(row)?, *says)));
                part.rows_of.entry(word.clone()).or_default().extend(moved);
            }
            for (row, item) in change.added() {
                part.read(row, item);
            }
            parts.push(Arc::new(part));
        }
        Self { parts, n_rows: change.n_rows() }
    }

    /// Who meets and who breaks a condition.
    pub(super) fn verdicts(&self, name: &str) -> Verdicts {
        let free_of = FreeOf::new(name);
        let [mut contain, mut are_free, mut mention] = [(); 3].map(|()| Mask::none(self.n_rows));
        for (word, is_name) in free_of.words() {
            let found = self.parts.iter().filter_map(|part| part.rows_of.get(word));
            for (row, says) in found.flatten() {
                match says {
                    Says::Contains => contain.insert(*row),
                    Says::IsFreeOf if is_name => are_free.insert(*row),
                    Says::IsFreeOf => {}
                    Says::Mentions => mention.insert(*row),
                }
            }
        }
        Verdicts { contain, are_free, mention }
    }
}

impl Part {
    fn read(&mut self, row: u32, item: &Item) {
        let texts = [&item.title, &item.description, &item.attributes];
        for (word, says) in claims(texts.map(String::as_str), &item.category) {
            self.rows_of.entry(word).or_default().push((row, says));
        }
    }
}

impl Verdicts {
    pub(super) fn of(&self, row: u32) -> Verdict {
        match (self.contain.contains(row), self.are_free.contains(row)) {
            (true, _) => Verdict::Broken,
            (false, true) => Verdict::Met,
            (false, false) if self.mention.contains(row) => Verdict::Broken,
            (false, false) => Verdict::Unsaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::pace::{Unpaced, at_once};

    use super::*;

    #[test]
    fn the_index_judges_as_each_item_alone_would_be() {
        let texts = [
            ("Peanut butter cookies", ""),
            ("Peanut free cookies", ""),
            ("Nut free almond cookies", ""),
            ("Nut free bars", "May contain traces of almonds."),
            ("Oat cookies", ""),
            ("Almond milk", "Dairy free"),
            ("Whole milk", ""),
        ];
        let items = texts.map(|(title, description)| Item {
            title: title.to_owned(),
            description: description.to_owned(),
            category: "Nuts & cookies".to_owned(),
            ..Item::default()
        });
        let items_of: Vec<&Item> = items.iter().collect();
        let index = at_once(ClaimIndex::new(&items_of, &Unpaced));
        for name in ["peanut", "nut", "dairy", "milk", "cookie", "oats", "unheard of"] {
            let (verdicts, free_of) = (index.verdicts(name), FreeOf::new(name));
            for (row, item) in (0..).zip(&items) {
                let said = claims([item.title.as_str(), &item.description], &item.category);
                let expected = free_of.verdict(|word| said.get(word).copied());
                assert_eq!(verdicts.of(row), expected, "{name}: {}", item.title);
            }
        }
        assert_eq!(index.verdicts("peanut").of(0), Verdict::Broken);
        assert_eq!(index.verdicts("peanut").of(1), Verdict::Met);
        assert_eq!(index.verdicts("peanut").of(4), Verdict::Unsaid);
    }
}
