//! A made-up shop of any size, the same for the same size on every run.
#![allow(dead_code, reason = "each test file uses its own part")]

use vitrine_domain::{Availability, ContentHash, Item, ItemId, ModelVersion, PriceTerms, Variant};
use vitrine_publish::{CatalogueInput, CatalogueModel, ModelInput, PhotoInput, PictureInput};
use vitrine_student::{PackedStudent, Weights};
use vitrine_wire::content_hash;

const WORDS: [&str; 32] = [
    "milk", "bread", "butter", "cheese", "apple", "banana", "carrot", "rice", "pasta", "tea",
    "coffee", "juice", "water", "soap", "paper", "yogurt", "cream", "sugar", "salt", "pepper",
    "chicken", "beef", "fish", "beans", "corn", "soup", "sauce", "candy", "cookie", "chips",
    "frozen", "organic",
];
const BRANDS: [&str; 2] = ["National", "Private"];

/// xorshift64*: enough for made-up shops.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 11) as usize % n
    }
}

/// What a publish takes, owned.
#[derive(Clone)]
pub struct Shop {
    pub items: Vec<Item>,
    pub prices: PriceTerms,
    pub n_buyers: Vec<u32>,
    pub n_buyers_recent: Vec<u32>,
    pub pictures: Vec<PictureInput>,
    pub picture_of: Vec<Option<u16>>,
    pub photos: Vec<PhotoInput>,
    pub photos_of: Vec<Vec<usize>>,
    pub related: Vec<Vec<(usize, f32)>>,
    pub alternatives: Vec<Vec<(usize, f32)>>,
    pub neighbours: Vec<Vec<(usize, f32)>>,
    pub codes: Vec<i8>,
    pub payload: Vec<u8>,
}

impl Shop {
    pub fn new(n: usize) -> Self {
        let mut random = Random::new(7);
        let n_pictures = (n / 8).clamp(1, 600);
        let mut shop = Self {
            items: Vec::new(),
            prices: PriceTerms::default(),
            n_buyers: Vec::new(),
            n_buyers_recent: Vec::new(),
            pictures: (0..n_pictures).map(|i| picture(i, &mut random)).collect(),
            picture_of: Vec::new(),
            photos: Vec::new(),
            photos_of: Vec::new(),
            related: Vec::new(),
            alternatives: Vec::new(),
            neighbours: Vec::new(),
            codes: Vec::new(),
            payload: student(),
        };
        for idx in 0..n {
            shop.add(idx, &mut random);
        }
        shop.related = (0..n).map(|idx| related(idx, n, &mut random)).collect();
        shop.neighbours = (0..n).map(|idx| related(idx, n, &mut random)).collect();
        shop.alternatives = (0..n).map(|idx| related(idx, n, &mut random)).collect();
        shop
    }

    fn add(&mut self, idx: usize, random: &mut Random) {
        self.items.push(item(idx, random));
        // A long tail: most have few buyers, some have many.
        let n_buyers = (2_000 / (1 + random.below(600))) as u32;
        self.n_buyers.push(n_buyers);
        self.n_buyers_recent.push(n_buyers / 4);
        self.picture_of.push(Some(random.below(self.pictures.len()) as u16));
        // Codes of trained students are spread like a bell, not evenly.
        let code = |_| (0..4).map(|_| random.below(64) as i32 - 32).sum::<i32>() as i8;
        self.codes.extend((0..64).map(code));
    }

    /// Adds an item that was not there before.
    pub fn grow(&mut self, seed: u64) {
        let (idx, mut random) = (self.items.len(), Random::new(seed));
        self.add(idx, &mut random);
        self.related.push(Vec::new());
        self.alternatives.push(Vec::new());
        self.neighbours.push(Vec::new());
    }

    pub fn without_model(&self) -> CatalogueInput<'_> {
        CatalogueInput { model: None, ..self.with_codes() }
    }

    /// With the model of [`student`], which the tests publish as their second version.
    pub fn with_codes(&self) -> CatalogueInput<'_> {
        let model =
            CatalogueModel { version: ModelVersion(2), payload: &self.payload, codes: &self.codes };
        CatalogueInput {
            positives: vitrine_domain::Positives::Purchases,
            picture_mode: Default::default(),
            never_recommended: &[],
            shop: "Synthetic",
            currency: "USD",
            prices: &self.prices,
            items: &self.items,
            n_buyers: &self.n_buyers,
            n_buyers_recent: &self.n_buyers_recent,
            pictures: &self.pictures,
            picture_of: &self.picture_of,
            photos: &self.photos,
            photos_of: &self.photos_of,
            related: &self.related,
            alternatives: &self.alternatives,
            neighbours: &self.neighbours,
            offers: &[],
            reviews: &[],
            model: Some(model),
            private_search: None,
            looks: None,
        }
    }

    pub fn ids(&self) -> Vec<ItemId> {
        self.items.iter().map(|item| item.id).collect()
    }
}

/// A model for a shop; `payload` from [`student`], `ids` from [`Shop::ids`].
pub fn model<'a>(shop: &'a Shop, payload: &'a [u8], ids: &'a [ItemId]) -> ModelInput<'a> {
    ModelInput { payload, base: ContentHash([1; 32]), ids, codes: &shop.codes, explore_every: None }
}

/// A student of weights that are all alike.
pub fn student() -> Vec<u8> {
    PackedStudent::pack(&Weights::zeros(0.01)).expect("zeros are finite").to_bytes()
}

fn item(idx: usize, random: &mut Random) -> Item {
    let word = |random: &mut Random| WORDS[random.below(WORDS.len())];
    let title = format!("{} {} {} {idx}", word(random), word(random), word(random));
    let hash = content_hash(title.as_bytes()).0;
    let (id, _) = hash.split_first_chunk().expect("32 bytes");
    let price_minor = 49 + random.below(2_000) as u32;
    let variant = |i: usize| Variant {
        sku: (100_000 + idx * 40 + i).to_string(),
        size: format!("{} oz", 1 + random.below(32)),
        manufacturer: random.below(6_000).to_string(),
        price_minor: price_minor + i as u32,
        ..Variant::default()
    };
    let n_variants = 1 + idx % 19;
    Item {
        id: ItemId(u64::from_le_bytes(*id)),
        department: format!("Department {}", idx % 32),
        category: format!("Category {}", idx % 303),
        brand: BRANDS[idx % 2].to_owned(),
        price_minor,
        availability: Availability::InStock,
        variants: (0..n_variants).map(variant).collect(),
        title,
        ..Item::default()
    }
}

fn picture(idx: usize, random: &mut Random) -> PictureInput {
    let mut path = String::new();
    for _ in 0..12 {
        let color = random.below(1 << 24);
        path += &format!(r##"<path fill="#{color:06x}" d="M{}"##, random.below(32));
        for _ in 0..40 {
            path += &format!("l{}.{:02}", random.below(9), random.below(100));
        }
        path += r#"z"/>"#;
    }
    PictureInput { name: format!("picture {idx}"), body: format!("<g>{path}</g>") }
}

fn related(idx: usize, n: usize, random: &mut Random) -> Vec<(usize, f32)> {
    let n_related = if idx.is_multiple_of(3) { 0 } else { 12 };
    (0..n_related).map(|_| (random.below(n), (1 + random.below(1_000)) as f32)).collect()
}
