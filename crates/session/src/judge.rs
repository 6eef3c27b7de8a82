//! Whether synced cards are free of what must be absent, by the server's rules.

use vitrine_conditions::{Claims, FreeOf, Verdict, claims};

use crate::catalogue::Catalogue;

/// Judges the cards of a catalogue by what they must be free of.
pub(crate) struct Judge<'a> {
    catalogue: &'a Catalogue,
    free_of: Vec<(&'a String, FreeOf)>,
}

impl<'a> Judge<'a> {
    pub fn new(catalogue: &'a Catalogue, names: &'a [String]) -> Self {
        let free_of = names.iter().map(|name| (name, FreeOf::new(name))).collect();
        Self { catalogue, free_of }
    }

    /// What a card does not say that it is free of; `None` for one that says that it has any of it.
    /// What it says is read from its title, category, and, as far as they are on the device, its
    /// description, characteristics and attributes.
    pub fn unconfirmed(&self, index: u32) -> Option<Vec<String>> {
        let claims = self.claims(index);
        let mut unconfirmed = Vec::new();
        for (name, free_of) in &self.free_of {
            match free_of.verdict(|word| claims.get(word).copied()) {
                Verdict::Broken => return None,
                Verdict::Met => {}
                Verdict::Unsaid => unconfirmed.push((*name).clone()),
            }
        }
        Some(unconfirmed)
    }

    /// What the texts of a card say, as far as that is asked.
    fn claims(&self, index: u32) -> Claims {
        if self.free_of.is_empty() {
            return Claims::new();
        }
        let (catalogue, id) = (self.catalogue, self.catalogue.id(index));
        let details = catalogue.rows().details(id);
        let described = details.iter().flat_map(|row| {
            let values = row.characteristics.iter().map(|(_, value)| value.as_str());
            values.chain([row.description.as_str()])
        });
        let hidden = catalogue.rows().text_code(id);
        let hidden = hidden.iter().map(|row| row.attributes.as_str());
        let texts = described.chain(hidden).chain([catalogue.title(index)]);
        claims(texts, catalogue.category(index))
    }
}
