//! Whether synced cards meet the conditions of a search, by the server's rules.

use vitrine_conditions::{Claims, FreeOf, Verdict, claims};
use vitrine_domain::{Filters, Passes};

use crate::catalogue::Catalogue;

/// Judges the cards of a catalogue by some filters.
pub(crate) struct Judge<'a> {
    catalogue: &'a Catalogue,
    filters: &'a Filters,
    free_of: Vec<FreeOf>,
}

/// How a card meets the filters.
pub(crate) struct Judgement {
    pub passes: Passes,
    /// What it must be free of and does not say that it is.
    pub unconfirmed: Vec<String>,
}

impl<'a> Judge<'a> {
    pub fn new(catalogue: &'a Catalogue, filters: &'a Filters) -> Self {
        let free_of = filters.free_of.iter().map(|name| FreeOf::new(name)).collect();
        Self { catalogue, filters, free_of }
    }

    /// The verdict on a card. What it says is read from its title, category, and, as far
    /// as they are on the device, its description and characteristics.
    pub fn of(&self, index: u32) -> Judgement {
        let (catalogue, filters) = (self.catalogue, self.filters);
        let (brand, price) = (&catalogue.raw(index).brand, catalogue.price(index));
        let any_of = |wanted: &[String], value: &str| {
            wanted.is_empty() || wanted.iter().any(|name| name == value)
        };
        let claims = self.claims(index);
        let verdicts: Vec<Verdict> = self
            .free_of
            .iter()
            .map(|free_of| free_of.verdict(|word| claims.get(word).copied()))
            .collect();
        let passes = Passes {
            department: any_of(&filters.departments, catalogue.department(index)),
            category: any_of(&filters.categories, catalogue.category(index)),
            brand: any_of(&filters.brands, brand) && !filters.brands_excluded.contains(brand),
            price: filters.passes_price(price.price_minor),
            availability: !filters.available_only || catalogue.is_available(index),
            free_of: !verdicts.contains(&Verdict::Broken),
        };
        let unmet = filters.free_of.iter().zip(&verdicts).filter(|(_, of)| **of != Verdict::Met);
        Judgement { passes, unconfirmed: unmet.map(|(name, _)| name.clone()).collect() }
    }

    /// What the texts of a card say, as far as that is asked.
    fn claims(&self, index: u32) -> Claims {
        if self.free_of.is_empty() {
            return Claims::new();
        }
        let details = self.catalogue.rows().details(self.catalogue.id(index));
        let described = details.iter().flat_map(|row| {
            let values = row.characteristics.iter().map(|(_, value)| value.as_str());
            values.chain([row.description.as_str()])
        });
        let hidden = self.catalogue.rows().text_code(self.catalogue.id(index));
        let hidden = hidden.iter().map(|row| row.attributes.as_str());
        let texts = described.chain(hidden).chain([self.catalogue.title(index)]);
        claims(texts, self.catalogue.category(index))
    }
}
