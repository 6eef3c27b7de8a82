//! A made-up shop for tests: its products with their digests.
#![allow(dead_code, reason = "each test that includes this file uses some of it")]

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vitrine_assistant::{
    CandidateShelf, DialogueContext, DigestInput, Lexicon, ProductShelf, ProductTexts, ShelfCard,
    ToSearch, build_digest, whole_texts,
};
use vitrine_conditions::Conditions;
use vitrine_domain::ItemId;

/// A product of `data/catalogue.json`.
#[derive(Deserialize)]
pub struct TestProduct {
    pub id: u64,
    pub title: String,
    pub brand: String,
    pub category: String,
    pub department: String,
    pub price_minor: u32,
    pub attributes: Vec<(String, String)>,
    pub description: String,
    pub reviews: Vec<String>,
}

/// What a dialogue needs.
pub struct ShelfOfShop {
    pub lexicon: Lexicon,
    pub conditions: Conditions,
    pub products: Vec<TestProduct>,
    pub cards: Vec<ShelfCard>,
}

/// Reads a file of `tests/data`.
pub fn data<T: DeserializeOwned>(file: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("as it should be")
}

impl ShelfOfShop {
    /// The made-up shop.
    pub fn open() -> Self {
        Self::of(data("catalogue.json"))
    }

    /// A shop of some products.
    pub fn of(products: Vec<TestProduct>) -> Self {
        let lexicon = Lexicon::new();
        let names = products.iter().map(|product| (product.title.as_str(), product.brand.as_str()));
        let conditions = Conditions::new(names, "EUR");
        let cards = products.iter().map(|product| card(&lexicon, product, false)).collect();
        Self { lexicon, conditions, products, cards }
    }

    /// All cards, whatever is wanted.
    pub fn shelf(&self) -> CandidateShelf<'_> {
        CandidateShelf { cards: &self.cards }
    }

    /// What a dialogue reads with, over a shelf.
    pub fn with<'a>(&'a self, shelf: &'a dyn ProductShelf) -> DialogueContext<'a> {
        DialogueContext { lexicon: &self.lexicon, conditions: &self.conditions, shelf }
    }

    /// A card with all that is written of it.
    pub fn whole_card(&self, id: ItemId) -> Option<ShelfCard> {
        let product = self.products.iter().find(|product| product.id == id.0)?;
        Some(card(&self.lexicon, product, true))
    }
}

fn card(lexicon: &Lexicon, product: &TestProduct, is_whole: bool) -> ShelfCard {
    let reviews: Vec<&str> = product.reviews.iter().map(String::as_str).collect();
    let input = DigestInput {
        attributes: &product.attributes,
        description: &product.description,
        reviews: &reviews,
    };
    let texts: ProductTexts =
        if is_whole { whole_texts(&input) } else { build_digest(lexicon, &input) };
    ShelfCard {
        id: ItemId(product.id),
        title: product.title.clone(),
        brand: product.brand.clone(),
        category: product.category.clone(),
        department: product.department.clone(),
        sizes: String::new(),
        price_minor: product.price_minor,
        texts,
    }
}

/// A shelf that is searched by words, as a device searches the cards that it has synced: all words
/// of the search if any card has them, else most of them, within its filters.
pub struct SearchedShelf<'a>(pub &'a ShelfOfShop);

impl SearchedShelf<'_> {
    /// How many words of a search a card has.
    fn n_words(&self, card: &ShelfCard, words: &[String]) -> usize {
        let product = self.0.products.iter().find(|product| product.id == card.id.0);
        let text = product.map(|product| {
            let values: Vec<&str> = product.attributes.iter().map(|(_, v)| v.as_str()).collect();
            let TestProduct { title, category, description, .. } = product;
            format!("{title} {category} {description} {}", values.join(" ")).to_lowercase()
        });
        let text = text.unwrap_or_default();
        // Crude stems: a search engine has better ones.
        let stem = |word: &str| -> String {
            let n_chars = word.chars().count();
            word.chars().take(n_chars.saturating_sub(n_chars / 4)).collect()
        };
        words.iter().filter(|word| text.contains(&stem(word))).count()
    }
}

impl ProductShelf for SearchedShelf<'_> {
    fn find(&self, search: &ToSearch) -> Vec<ShelfCard> {
        let words: Vec<String> = search
            .text
            .to_lowercase()
            .split(' ')
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        let filters = &search.filters;
        let passes = |card: &&ShelfCard| {
            let one_of =
                |wanted: &[String], own: &String| wanted.is_empty() || wanted.contains(own);
            filters.passes_price(card.price_minor)
                && one_of(&filters.categories, &card.category)
                && one_of(&filters.departments, &card.department)
                && one_of(&filters.brands, &card.brand)
                && !filters.brands_excluded.contains(&card.brand)
        };
        let passing = self.0.cards.iter().filter(passes);
        let counted = passing.map(|card| (self.n_words(card, &words), card));
        let counted: Vec<(usize, &ShelfCard)> = counted.collect();
        let most = counted.iter().map(|(n, _)| *n).max().unwrap_or(0);
        // With a word left out for every three, as searches are relaxed.
        let least = most.saturating_sub(words.len() / 3).max(usize::from(!words.is_empty()));
        let found = counted.into_iter().filter(|(n, _)| *n >= least);
        found.map(|(_, card)| card.clone()).collect()
    }

    fn card(&self, id: ItemId) -> Option<ShelfCard> {
        self.0.cards.iter().find(|card| card.id == id).cloned()
    }

    fn whole_card(&self, id: ItemId) -> Option<ShelfCard> {
        self.0.whole_card(id)
    }
}
