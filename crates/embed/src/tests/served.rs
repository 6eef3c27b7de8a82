//! A server of three cards with a variant each, the second related to the first.

use std::collections::BTreeMap;

use vitrine_domain::{
    CatalogueInfo, CatalogueVersion, ItemId, Manifest, PictureMode, Positives, PriceTerms,
    ShardRef, ShardRole,
};
use vitrine_session::{Response, Transport, TransportError};
use vitrine_wire::{
    CardRow, CardShard, PriceRow, PriceShard, RelatedRow, RelatedShard, Shard, VariantRow,
    content_hash, encode_manifest, encode_shard,
};

const ITEMS: [ItemId; 3] = [ItemId(1), ItemId(2), ItemId(3)];

/// Bodies by path.
pub struct Served(BTreeMap<String, Vec<u8>>);

/// The sku of a card's variant.
pub fn sku(item: ItemId) -> String {
    format!("sku-{}", item.0)
}

impl Served {
    pub fn new() -> Self {
        let shards = [cards(), prices(), related()];
        let mut bodies = BTreeMap::new();
        let mut reference = |shard: &Shard| {
            let bytes = encode_shard(shard).expect("a valid shard");
            let (hash, n_bytes) = (content_hash(&bytes), bytes.len() as u32);
            bodies.insert(format!("/v1/shards/{hash}"), bytes);
            let n_rows = if matches!(shard, Shard::Related(_)) { 1 } else { ITEMS.len() as u32 };
            ShardRef {
                kind: shard.kind(),
                role: ShardRole::Base,
                cell: 0,
                hash,
                bytes: n_bytes,
                bytes_compressed: n_bytes,
                n_rows,
            }
        };
        let manifest = Manifest {
            format: Manifest::FORMAT,
            shop: "Test shop".into(),
            currency: "EUR".into(),
            prices: PriceTerms::default(),
            catalogue: CatalogueInfo {
                version: CatalogueVersion(1),
                n_items: ITEMS.len() as u32,
                published_at_seconds: 1_700_000_000,
                revision: 0,
                price_minor_median: 100,
                positives: Positives::Purchases,
                picture_mode: PictureMode::Private,
                never_recommended: Vec::new(),
            },
            model: None,
            shards: shards.iter().map(&mut reference).collect(),
            n_head: 2,
            has_real_urls: false,
            has_language_model: false,
        };
        bodies.insert("/v1/manifest".into(), encode_manifest(&manifest).expect("valid"));
        Self(bodies)
    }
}

#[async_trait::async_trait(?Send)]
impl Transport for Served {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        let body = self.0.get(path).cloned();
        let status = if body.is_some() { 200 } else { 404 };
        Ok(Response { status, body: body.unwrap_or_default(), bytes_on_wire: None })
    }

    async fn post_json(&self, path: &str, _: &str) -> Result<Response, TransportError> {
        self.get(path).await
    }
}

fn cards() -> Shard {
    let row = |item: ItemId| CardRow {
        id: item,
        title: format!("Card {}", item.0),
        variants: vec![VariantRow { sku: sku(item), ..VariantRow::default() }],
        n_variants: 1,
        ..CardRow::default()
    };
    let names = |name: &str| vec![name.to_owned()];
    Shard::Cards(CardShard {
        departments: names("Food"),
        categories: names("Bread"),
        brands: names("Acme"),
        rows: ITEMS.map(row).to_vec(),
        removed: Vec::new(),
    })
}

fn prices() -> Shard {
    let row = |id: ItemId| PriceRow {
        id,
        price_minor: 100,
        variant_prices_minor: vec![100],
        n_buyers: 10,
        ..PriceRow::default()
    };
    Shard::Prices(PriceShard { rows: ITEMS.map(row).to_vec(), removed: Vec::new() })
}

fn related() -> Shard {
    let row = RelatedRow { id: ITEMS[0], related: vec![ITEMS[1]], strengths: vec![200] };
    Shard::Related(RelatedShard { rows: vec![row], removed: Vec::new() })
}
