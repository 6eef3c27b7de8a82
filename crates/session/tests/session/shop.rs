//! A small shop made of real encoded shards.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::{
    Availability, CatalogueInfo, CatalogueVersion, ItemId, Manifest, ModelInfo, ModelVersion,
    PictureMode, PriceTerms, ShardKind, ShardRef, ShardRole,
};
use vitrine_student::PackedStudent;
use vitrine_student::golden::Generator;
use vitrine_wire::{
    CardRow, CardShard, CodeShard, DetailRow, DetailShard, OfferRow, OfferShard, PhotoRow,
    PhotoShard, PictureShard, PriceRow, PriceShard, RelatedRow, RelatedShard, Shard, StudentShard,
    VariantRow, content_hash, encode_manifest, encode_shard,
};

/// Items that the head holds.
pub const N_HEAD_ITEMS: usize = 30;

/// Sizes of every product, with how many times the price of the first each costs.
pub const SIZES: [(&str, u32); 2] = [("1 lb", 1), ("5 lb", 4)];

/// What names a size of a product.
pub fn sku(id: ItemId, size: &str) -> String {
    format!("sku-{id}-{size}")
}

/// One card of the test shop.
#[derive(Clone)]
pub struct Product {
    pub id: ItemId,
    pub title: String,
    pub department: usize,
    pub category: usize,
    pub price_minor: u32,
    pub n_buyers: u32,
    pub code: [i8; 64],
}

/// What the shop sells and publishes; change it and publish again.
#[derive(Clone)]
pub struct Shop {
    pub catalogue: u64,
    /// Version of the model and the seed of its weights; codes follow the base.
    pub model: Option<u64>,
    /// Of so many places, one is kept for a card without a past.
    pub explore_every: Option<u16>,
    pub products: Vec<Product>,
    /// What the manifest says of prices.
    pub prices: PriceTerms,
    /// Shards that are published beside those of the products, after the head.
    pub more: Vec<Shard>,
    /// Departments and categories that are never recommended unasked.
    pub never_recommended: Vec<String>,
    /// Products that cannot be bought.
    pub sold_out: BTreeSet<ItemId>,
    /// What is on offer, until when, in seconds since 1970-01-01 UTC.
    pub offers: BTreeMap<ItemId, i64>,
    /// When products were listed, likewise.
    pub listed_at_seconds: BTreeMap<ItemId, i64>,
    /// Bytes of each of the shop's own pictures in both sizes; none without.
    pub photo_bytes: Option<(usize, usize)>,
    /// What the details of the first product say of it.
    pub description: String,
    /// Whether it says of each product how much it weighs.
    pub is_weighed: bool,
    /// When larger pictures are asked for.
    pub picture_mode: PictureMode,
    /// Whether it offers a language model of its own.
    pub has_language_model: bool,
}

const WORDS: [&str; 6] = ["milk", "bread", "apple", "cheese", "tea", "soap"];

impl Shop {
    pub fn new(n_items: usize) -> Self {
        let mut generator = Generator::new(7);
        let product = |i: usize| Product {
            id: ItemId((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            title: format!("{} number {i}", WORDS[i % WORDS.len()]),
            department: i % 5,
            category: i % 15,
            price_minor: 100 + generator.below(2_000),
            n_buyers: 5 + generator.below(400),
            code: generator.code(),
        };
        let products = (0..n_items).map(product).collect();
        Self {
            catalogue: 1,
            model: Some(1),
            explore_every: None,
            products,
            never_recommended: Vec::new(),
            sold_out: BTreeSet::new(),
            offers: BTreeMap::new(),
            listed_at_seconds: BTreeMap::new(),
            prices: PriceTerms::default(),
            more: Vec::new(),
            photo_bytes: None,
            description: "The first of its kind.".into(),
            is_weighed: false,
            picture_mode: PictureMode::Private,
            has_language_model: false,
        }
    }

    /// The ids in the manifest's popularity order.
    pub fn by_popularity(&self) -> Vec<ItemId> {
        let mut products: Vec<&Product> = self.products.iter().collect();
        products.sort_by(|a, b| b.n_buyers.cmp(&a.n_buyers).then(a.id.cmp(&b.id)));
        products.into_iter().map(|p| p.id).collect()
    }

    pub fn product(&self, id: ItemId) -> &Product {
        self.products.iter().find(|p| p.id == id).expect("a product of the shop")
    }

    /// Every shard in fetch order (the head first) and the length of the head.
    fn shards(&self) -> (Vec<(Shard, u32)>, u32) {
        let order = self.by_popularity();
        let (head, rest) = order.split_at(N_HEAD_ITEMS.min(order.len()));
        let mut shards = Vec::new();
        let mut n_head = 0;
        for (cell, ids) in [(0, head), (1, rest)] {
            let mut rows: Vec<&Product> = ids.iter().map(|id| self.product(*id)).collect();
            rows.sort_by_key(|p| p.id);
            if rows.is_empty() {
                continue;
            }
            shards.push((cards(&rows, self.photo_bytes.is_some()), cell));
            shards.push((prices(&rows, &self.sold_out), cell));
            if self.model.is_some() {
                shards.push((codes(&rows), cell));
            }
            if cell == 0 {
                shards.extend(self.model.map(|seed| (student(seed), 0)));
                shards.push((pictures(), 0));
                n_head = shards.len() as u32;
            }
        }
        shards.push((self.related(), 0));
        shards.push((self.alternatives(), 0));
        shards.extend(self.more.iter().map(|shard| (shard.clone(), 0)));
        shards.push((self.details(), 0));
        if !self.offers.is_empty() {
            shards.push((self.offers(), 0));
        }
        for (ids, cell) in order.chunks(N_HEAD_ITEMS).zip(0..) {
            let Some((small, large)) = self.photo_bytes else { break };
            shards.push((Shard::Thumbnails(photos(ids, small)), cell));
            shards.push((Shard::Photos(photos(ids, large)), cell));
        }
        (shards, n_head)
    }

    /// Every third product lists the next two.
    fn related(&self) -> Shard {
        let mut rows = Vec::new();
        for (i, product) in self.products.iter().enumerate().step_by(3) {
            let next = |k: usize| self.products[(i + k) % self.products.len()].id;
            let related = vec![next(1), next(2)];
            rows.push(RelatedRow { id: product.id, related, strengths: vec![200, 100] });
        }
        rows.sort_by_key(|row| row.id);
        Shard::Related(RelatedShard { rows, removed: Vec::new() })
    }

    /// The third product stands for the first.
    fn alternatives(&self) -> Shard {
        let [id, other] = [0, 2].map(|i| self.products[i].id);
        let row = RelatedRow { id, related: vec![other], strengths: vec![255] };
        Shard::Alternatives(RelatedShard { rows: vec![row], removed: Vec::new() })
    }

    /// Details of the first product, and of all that have a date or are weighed.
    fn details(&self) -> Shard {
        let row = |product: &Product| {
            let listed_at_seconds = self.listed_at_seconds.get(&product.id).copied();
            let is_first = product.id == self.products[0].id;
            let weight = self
                .is_weighed
                .then(|| ("Weight".to_owned(), format!("{} g", 100 + product.price_minor % 90)));
            (is_first || weight.is_some() || listed_at_seconds.is_some()).then(|| DetailRow {
                id: product.id,
                description: if is_first { self.description.clone() } else { String::new() },
                listed_at_seconds,
                characteristics: weight.into_iter().collect(),
                ..DetailRow::default()
            })
        };
        let mut rows: Vec<DetailRow> = self.products.iter().filter_map(row).collect();
        rows.sort_by_key(|row| row.id);
        Shard::Details(DetailShard { rows, removed: Vec::new() })
    }

    fn offers(&self) -> Shard {
        let row = |(id, until_seconds): (&ItemId, &i64)| OfferRow {
            id: *id,
            label: "Coupon".into(),
            until_seconds: *until_seconds,
            variants: 1,
            ..OfferRow::default()
        };
        let rows = self.offers.iter().map(row).collect();
        Shard::Offers(OfferShard { rows, removed: Vec::new() })
    }

    pub fn publish(&self) -> Published {
        let (shards, n_head) = self.shards();
        let mut bodies = BTreeMap::new();
        let mut references = Vec::new();
        for (shard, cell) in shards {
            let bytes = encode_shard(&shard).expect("a valid shard");
            let hash = content_hash(&bytes);
            references.push(ShardRef {
                kind: shard.kind(),
                role: ShardRole::Base,
                cell,
                hash,
                bytes: bytes.len() as u32,
                bytes_compressed: bytes.len() as u32,
                n_rows: n_rows(&shard),
            });
            bodies.insert(format!("/v1/shards/{hash}"), bytes);
        }
        let base = |seed: u64| content_hash(&seed.to_le_bytes());
        let manifest = Manifest {
            format: Manifest::FORMAT,
            shop: "Test shop".into(),
            currency: "EUR".into(),
            prices: self.prices.clone(),
            catalogue: CatalogueInfo {
                version: CatalogueVersion(self.catalogue),
                n_items: self.products.len() as u32,
                published_at_seconds: 1_700_000_000,
                revision: 0,
                price_minor_median: 1_000,
                positives: vitrine_domain::Positives::Purchases,
                picture_mode: self.picture_mode,
                never_recommended: self.never_recommended.clone(),
            },
            model: self.model.map(|seed| ModelInfo {
                version: ModelVersion(seed),
                base: base(seed),
                outputs: vec!["purchase".into()],
                explore_every: self.explore_every,
            }),
            shards: references,
            n_head,
            has_real_urls: false,
            has_language_model: self.has_language_model,
        };
        bodies.insert("/v1/manifest".into(), encode_manifest(&manifest).expect("valid"));
        Published { shop: self.clone(), manifest, bodies }
    }
}

/// What a server serves.
#[derive(Clone)]
pub struct Published {
    pub shop: Shop,
    pub manifest: Manifest,
    pub bodies: BTreeMap<String, Vec<u8>>,
}

impl Published {
    /// The next revision of the same catalogue: new prices in a delta of their own, with what
    /// rankers go on being told.
    pub fn revise(&mut self, prices_minor: &[(ItemId, u32)]) {
        let row = |(id, price_minor): &(ItemId, u32)| {
            let product = self.shop.product(*id);
            PriceRow {
                id: *id,
                price_minor: *price_minor,
                variant_prices_minor: SIZES.map(|(_, times)| times * price_minor).to_vec(),
                ranked_price_minor: Some(product.price_minor),
                n_buyers: product.n_buyers,
                ..PriceRow::default()
            }
        };
        let mut rows: Vec<PriceRow> = prices_minor.iter().map(row).collect();
        rows.sort_by_key(|row| row.id);
        self.revise_with(&Shard::Prices(PriceShard { rows, removed: Vec::new() }));
    }

    /// The next revision of the same catalogue: one delta more.
    pub fn revise_with(&mut self, shard: &Shard) {
        let n_rows = n_rows(shard);
        let bytes = encode_shard(shard).expect("a valid shard");
        let hash = content_hash(&bytes);
        self.manifest.catalogue.revision += 1;
        let reference = ShardRef {
            kind: shard.kind(),
            role: ShardRole::Delta,
            cell: self.manifest.catalogue.revision as u32,
            hash,
            bytes: bytes.len() as u32,
            bytes_compressed: bytes.len() as u32,
            n_rows,
        };
        if shard.kind() == ShardKind::Prices {
            self.manifest.shards.insert(self.manifest.n_head as usize, reference);
            self.manifest.n_head += 1;
        } else {
            self.manifest.shards.push(reference);
        }
        self.bodies.insert(format!("/v1/shards/{hash}"), bytes);
        let manifest = encode_manifest(&self.manifest).expect("valid");
        self.bodies.insert("/v1/manifest".into(), manifest);
    }

    pub fn shard_paths(&self) -> Vec<String> {
        self.manifest.shards.iter().map(|s| format!("/v1/shards/{}", s.hash)).collect()
    }
}

fn n_rows(shard: &Shard) -> u32 {
    let n = match shard {
        Shard::Cards(s) => s.rows.len(),
        Shard::Prices(s) => s.rows.len(),
        Shard::Codes(s) => s.ids.len(),
        Shard::Related(s) | Shard::Alternatives(s) | Shard::Neighbours(s) => s.rows.len(),
        Shard::Pictures(s) => s.ids.len(),
        Shard::Offers(s) => s.rows.len(),
        Shard::Details(s) => s.rows.len(),
        Shard::PriceLists(s) => s.rows.len(),
        Shard::Reviews(s) => s.rows.len(),
        Shard::Thumbnails(s) | Shard::Photos(s) => s.rows.len(),
        Shard::TextCodes(s) => s.ids.len(),
        Shard::PictureCodes(s) => s.ids.len(),
        Shard::Rules(s) => s.rules.len(),
        Shard::Student(_) | Shard::QueryTable(_) | Shard::PictureNetwork(_) => 1,
    };
    n as u32
}

pub fn department(i: usize) -> String {
    format!("Department {i}")
}

pub fn category(i: usize) -> String {
    format!("Category {i:02}")
}

/// What the picture of a product is called.
pub fn photo_id(id: ItemId) -> u32 {
    id.0 as u32
}

/// Something that passes for WebP, as long as asked for.
pub fn webp(id: ItemId, bytes: usize) -> Vec<u8> {
    let mut webp = [b"RIFF\0\0\0\0WEBP".as_slice(), &id.0.to_le_bytes()].concat();
    webp.resize(bytes, 0);
    webp
}

fn photos(ids: &[ItemId], bytes: usize) -> PhotoShard {
    let row = |id: &ItemId| PhotoRow { id: photo_id(*id), webp: webp(*id, bytes) };
    let mut rows: Vec<PhotoRow> = ids.iter().map(row).collect();
    rows.sort_by_key(|row| row.id);
    PhotoShard { rows }
}

fn cards(products: &[&Product], has_photos: bool) -> Shard {
    let row = |p: &&Product| CardRow {
        id: p.id,
        title: p.title.clone(),
        department: p.department as u16,
        category: p.category as u16,
        brand: (p.category % 2) as u16,
        picture: 3,
        variants: SIZES
            .map(|(size, _)| VariantRow {
                sku: sku(p.id, size),
                size: size.into(),
                manufacturer: String::new(),
            })
            .to_vec(),
        n_variants: SIZES.len() as u32,
        photos: if has_photos { vec![photo_id(p.id)] } else { Vec::new() },
        ..CardRow::default()
    };
    Shard::Cards(CardShard {
        departments: (0..5).map(department).collect(),
        categories: (0..15).map(category).collect(),
        brands: vec!["Acme".into(), "Best".into()],
        rows: products.iter().map(row).collect(),
        removed: Vec::new(),
    })
}

fn prices(products: &[&Product], sold_out: &BTreeSet<ItemId>) -> Shard {
    let row = |p: &&Product| PriceRow {
        id: p.id,
        price_minor: p.price_minor,
        variant_prices_minor: SIZES.map(|(_, times)| times * p.price_minor).to_vec(),
        n_buyers: p.n_buyers,
        n_buyers_recent: 0,
        availability: match sold_out.contains(&p.id) {
            true => Availability::OutOfStock,
            false => Availability::InStock,
        },
        ..PriceRow::default()
    };
    Shard::Prices(PriceShard { rows: products.iter().map(row).collect(), removed: Vec::new() })
}

fn codes(products: &[&Product]) -> Shard {
    Shard::Codes(CodeShard {
        ids: products.iter().map(|p| p.id).collect(),
        codes: products.iter().flat_map(|p| p.code).collect(),
        removed: Vec::new(),
    })
}

fn pictures() -> Shard {
    Shard::Pictures(PictureShard {
        ids: vec![3],
        names: vec!["a circle".into()],
        bodies: vec![r#"<circle cx="16" cy="16" r="8"/>"#.into()],
    })
}

fn student(seed: u64) -> Shard {
    let weights = Generator::new(seed as u32).weights();
    let packed = PackedStudent::pack(&weights).expect("finite weights");
    Shard::Student(StudentShard { payload: packed.to_bytes() })
}

/// The distinct elements, to compare lists as sets.
pub fn set<T: Ord + Clone>(list: &[T]) -> BTreeSet<T> {
    list.iter().cloned().collect()
}
