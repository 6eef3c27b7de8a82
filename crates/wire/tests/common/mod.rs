//! One small valid document of every kind, the same on every run.
#![allow(dead_code, reason = "each test file uses its own part")]

use vitrine_domain::{
    Availability, CandidateSource, CatalogueInfo, CatalogueVersion, ContentHash, ItemId, Manifest,
    ModelInfo, ModelVersion, PICTURE_CODE_DIM, PriceListInfo, PriceTerms, Rating, Sale, ShardKind,
    ShardRef, ShardRole, TEXT_CODE_DIM, UnitMeasure,
};
use vitrine_rules::{
    Audience, AudienceFact, CardGroup, Deed, Diversity, Placement, PublicRules, QueryCondition,
    Rule, RuleAction, RuleCondition, RuleFilters, RuleId, RuleLabel, RuleTarget, RuleWindow,
    ShopRoute, Strength,
};
use vitrine_wire::{
    AspectRow, CardListPrices, CardRow, CardShard, CodeShard, DetailRow, DetailShard, OfferAmount,
    OfferRow, OfferShard, PhotoRow, PhotoShard, PictureCodeShard, PictureNetworkShard,
    PictureShard, PriceListRow, PriceListShard, PriceRow, PriceShard, QueryTableShard, QuoteRow,
    RelatedRow, RelatedShard, ReviewRow, ReviewShard, SearchHit, SearchReply, Shard, StudentShard,
    TextCodeShard, VariantFacts, VariantRow,
};

/// A base of every kind and a delta where there can be one, named.
pub fn shards() -> Vec<(&'static str, Shard)> {
    vec![
        ("cards", cards()),
        ("cards-delta", cards_delta()),
        ("prices", prices()),
        ("prices-delta", prices_delta()),
        ("codes", codes()),
        ("related", related()),
        ("alternatives", alternatives()),
        ("offers", offers()),
        ("neighbours", neighbours()),
        ("pictures", pictures()),
        ("details", details()),
        ("details-delta", details_delta()),
        ("thumbnails", Shard::Thumbnails(photos())),
        ("photos", Shard::Photos(photos())),
        ("price-lists", price_lists()),
        ("text-codes", text_codes()),
        ("query-table", query_table()),
        ("reviews", reviews()),
        ("picture-codes", picture_codes()),
        ("picture-network", picture_network()),
        ("rules", rules()),
        ("rules-delta", rules_delta()),
        ("price-lists-delta", price_lists_delta()),
        ("student", Shard::Student(StudentShard { payload: (0..100).collect() })),
    ]
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn variant(sku: &str, size: &str, manufacturer: &str) -> VariantRow {
    VariantRow { sku: sku.into(), size: size.into(), manufacturer: manufacturer.into() }
}

pub fn cards() -> Shard {
    let card = |id, title: &str, category, brand, variants: Vec<VariantRow>| CardRow {
        id: ItemId(id),
        title: title.into(),
        department: u16::from(id > 1 << 32),
        category,
        brand,
        picture: 4,
        n_variants: variants.len() as u32 + 1,
        variants,
        ..CardRow::default()
    };
    Shard::Cards(CardShard {
        departments: strings(&["Grocery", "Produce"]),
        categories: strings(&["", "Bananas", "Crème fraîche"]),
        brands: strings(&["", "National"]),
        rows: vec![
            card(7, "Crème fraîche", 2, 1, vec![variant("901", "8 oz", "12")]),
            card(0x1234, "Ice 冰", 0, 0, vec![]),
            card(u64::MAX, "Bananas", 1, 1, vec![variant("1", "", ""), variant("2", "1 lb", "")]),
        ],
        removed: vec![],
    })
}

pub fn cards_delta() -> Shard {
    Shard::Cards(CardShard {
        departments: strings(&["Grocery"]),
        categories: strings(&["Water"]),
        brands: strings(&["Private"]),
        rows: vec![CardRow {
            id: ItemId(9),
            title: "Water, still".into(),
            n_variants: 4,
            photos: vec![70_000, 7],
            placeholder: vec![0xf8, 0x07, 0x09, 0x0d],
            ..CardRow::default()
        }],
        removed: vec![ItemId(7)],
    })
}

fn price(id: u64, price_minor: u32, n_buyers: u32) -> PriceRow {
    PriceRow {
        id: ItemId(id),
        price_minor,
        variant_prices_minor: vec![price_minor, 0],
        availability: Availability::InStock,
        n_buyers,
        n_buyers_recent: if n_buyers > 100 { 5 } else { 0 },
        ..PriceRow::default()
    }
}

/// A price row with everything that can be known of variants.
pub fn known_price() -> PriceRow {
    let sale = Sale { price_minor: 39, from_seconds: None, until_seconds: Some(1_800_000_000) };
    let facts = |variant| VariantFacts {
        variant,
        availability: Availability::OutOfStock,
        stock: Some(0),
        sale: Some(sale),
        unit: Some(UnitMeasure { per: "100 ml".into(), share_millionths: 133_333 }),
    };
    PriceRow {
        ranked_price_minor: Some(89),
        rating: Some(Rating { hundredths: 437, n: 12 }),
        facts: vec![facts(0), VariantFacts { variant: 1, stock: Some(9), ..facts(1) }],
        ..price(9, 99, 0)
    }
}

pub fn prices() -> Shard {
    let mut rows = vec![price(7, 199, 5), price(0x1234, 0, 0), price(u64::MAX, 49, 2_000)];
    rows[1].availability = Availability::OutOfStock;
    rows[1].variant_prices_minor.clear();
    Shard::Prices(PriceShard { rows, removed: vec![] })
}

pub fn prices_delta() -> Shard {
    Shard::Prices(PriceShard {
        rows: vec![known_price(), price(u64::MAX, 59, 2_000)],
        removed: vec![ItemId(7)],
    })
}

pub fn codes() -> Shard {
    let ids = vec![ItemId(7), ItemId(0x1234), ItemId(u64::MAX)];
    let codes = (0..ids.len() * 64).map(|i| ((i * 37) % 255) as u8 as i8).collect();
    Shard::Codes(CodeShard { ids, codes, removed: vec![] })
}

pub fn related() -> Shard {
    let row = |id, related: &[u64], strengths: &[u8]| RelatedRow {
        id: ItemId(id),
        related: related.iter().copied().map(ItemId).collect(),
        strengths: strengths.to_vec(),
    };
    Shard::Related(RelatedShard {
        rows: vec![row(7, &[u64::MAX, 0x1234], &[255, 3]), row(u64::MAX, &[7], &[255])],
        removed: vec![],
    })
}

pub fn alternatives() -> Shard {
    let Shard::Related(shard) = related() else { unreachable!("related items") };
    Shard::Alternatives(shard)
}

pub fn neighbours() -> Shard {
    let Shard::Related(shard) = related() else { unreachable!("related items") };
    Shard::Neighbours(shard)
}

pub fn offers() -> Shard {
    let row = OfferRow {
        id: ItemId(7),
        label: "Coupon".into(),
        amount: OfferAmount::Percent(15),
        until_seconds: 1_700_000_000,
        variants: 0b101,
    };
    Shard::Offers(OfferShard { rows: vec![row], removed: vec![] })
}

pub fn pictures() -> Shard {
    Shard::Pictures(PictureShard {
        ids: vec![1, 4],
        names: strings(&["banana", "ice"]),
        bodies: strings(&[
            r##"<g fill="none"><path fill="#FCD53F" d="M4 26l2.5-1z"/></g>"##,
            r##"<defs><radialGradient id="a"><stop offset="1"/></radialGradient></defs><circle cx="16" r="1" fill="url(#a)"/>"##,
        ]),
    })
}

pub fn details() -> Shard {
    let row = DetailRow {
        id: ItemId(7),
        description: "Thick and sour.".into(),
        link: "https://shop.example/creme".into(),
        characteristics: vec![("Fat".into(), "30 %".into())],
        gtins: strings(&["4006381333931"]),
        listed_at_seconds: Some(1_690_000_000),
    };
    Shard::Details(DetailShard { rows: vec![row], removed: Vec::new() })
}

pub fn details_delta() -> Shard {
    let row = DetailRow { id: ItemId(9), description: "Still.".into(), ..DetailRow::default() };
    Shard::Details(DetailShard { rows: vec![row], removed: vec![ItemId(7)] })
}

pub fn photos() -> PhotoShard {
    let row = |id, n: u8| PhotoRow { id, webp: [b"RIFF\x04\0\0\0WEBP".as_slice(), &[n]].concat() };
    PhotoShard { rows: vec![row(7, 1), row(70_000, 2)] }
}

pub fn price_lists() -> Shard {
    let sale = Sale { price_minor: 99, from_seconds: Some(1_700_000_000), until_seconds: None };
    let prices = |list, prices: &[u32], sales: &[(u8, Sale)]| CardListPrices {
        list,
        variant_prices_minor: prices.to_vec(),
        sales: sales.to_vec(),
    };
    let row = |id, lists| PriceListRow { id: ItemId(id), lists };
    Shard::PriceLists(PriceListShard {
        rows: vec![
            row(7, vec![prices(0, &[150, 0, 1_190], &[(2, sale)]), prices(2, &[219], &[])]),
            row(u64::MAX, vec![prices(1, &[70_000], &[])]),
        ],
        removed: vec![],
    })
}

pub fn price_lists_delta() -> Shard {
    let prices = CardListPrices { list: 1, variant_prices_minor: vec![45], sales: vec![] };
    let row = PriceListRow { id: ItemId(9), lists: vec![prices] };
    Shard::PriceLists(PriceListShard { rows: vec![row], removed: vec![ItemId(7)] })
}

/// What is known of the texts of two cards.
pub fn text_codes() -> Shard {
    Shard::TextCodes(TextCodeShard {
        ids: vec![ItemId(3), ItemId(9)],
        codes: (0..2 * TEXT_CODE_DIM).map(|n| n as i8).collect(),
        attributes: vec!["red · wool".to_owned(), String::new()],
        removed: Vec::new(),
    })
}

/// What was written of two cards, one of which nobody gave stars.
pub fn reviews() -> Shard {
    let aspect = |name: &str, n_good, n_bad| AspectRow { name: name.to_owned(), n_good, n_bad };
    let quote = |text: &str, stars, day| QuoteRow {
        text: text.to_owned(),
        stars,
        day,
        is_verified: stars > 3,
    };
    Shard::Reviews(ReviewShard {
        rows: vec![
            ReviewRow {
                id: ItemId(7),
                stars: [1, 0, 2, 30, 4],
                aspects: vec![aspect("fit", 12, 5), aspect("colour", 0, 3)],
                quotes: vec![
                    quote("Runs small, so take the next size.", 3, Some(20_000)),
                    quote("The softest wool I own!", 5, None),
                ],
            },
            ReviewRow {
                id: ItemId(u64::MAX),
                quotes: vec![quote("不错", 0, None)],
                ..ReviewRow::default()
            },
        ],
        removed: vec![],
    })
}

/// What the pictures of two cards look like.
pub fn picture_codes() -> Shard {
    Shard::PictureCodes(PictureCodeShard {
        ids: vec![ItemId(3), ItemId(9)],
        codes: (0..2 * PICTURE_CODE_DIM).map(|n| (n * 5) as i8).collect(),
        removed: Vec::new(),
    })
}

/// What makes such codes, as far as this crate looks into it.
pub fn picture_network() -> Shard {
    Shard::PictureNetwork(PictureNetworkShard {
        network: (0..200).collect(),
        projection: b"VITRVPRJ".to_vec(),
    })
}

/// Every action once, for everyone or for an audience, and all that a condition can say.
pub fn rules() -> Shard {
    let target = RuleTarget {
        items: vec![ItemId(3)],
        price_minor_max: Some(900),
        on_offer: true,
        ..RuleTarget::department("Grocery")
    };
    let languages = [("en", "Picked by us"), ("de", "Von uns ausgesucht")];
    let languages = languages.map(|(tag, text)| (tag.to_owned(), text.to_owned()));
    let when = RuleCondition {
        query: Some(QueryCondition::HasWords(strings(&["crème", "milk shake"]))),
        categories: strings(&["Dairy"]),
        departments: strings(&["Grocery"]),
        placements: vec![Placement::Search, Placement::Carousel("on_offer".into())],
        locales: strings(&["de"]),
    };
    let everything = Rule {
        id: RuleId(7),
        priority: -3,
        when,
        then: vec![
            RuleAction::Pin { item: ItemId(u64::MAX), place: 1 },
            RuleAction::Boost { target: target.clone(), strength: Strength::Strong },
            RuleAction::Bury { target: RuleTarget::brand("Private"), strength: Strength::Slight },
            RuleAction::Hide { target: RuleTarget::category("Beer") },
            RuleAction::IncludeOnly { target },
            RuleAction::Redirect { to: ShopRoute::Search("milk".into()) },
            RuleAction::Banner { text: "Milk week".into(), link: Some(ShopRoute::Home) },
            RuleAction::Filter {
                filters: RuleFilters { available_only: true, ..RuleFilters::default() },
            },
            RuleAction::ReplaceWords { from: "soda".into(), to: "soft drink".into() },
            RuleAction::IgnoreWords { words: strings(&["the"]) },
            RuleAction::AddWords { words: strings(&["fresh"]) },
            RuleAction::Sponsored { item: ItemId(9), place: 3, paid_by: "A dairy".into() },
            RuleAction::Diversify(Diversity::default()),
        ],
        window: RuleWindow { start_seconds: Some(-5), end_seconds: Some(1_800_000_000) },
        audience: None,
        label: RuleLabel::Languages(languages.to_vec()),
    };
    let fact = AudienceFact {
        deed: Deed::NotBought,
        of: CardGroup::Brand("National".into()),
        within_days: 30,
    };
    let for_some = Rule {
        id: RuleId(9),
        then: vec![RuleAction::Hide { target: RuleTarget::items([ItemId(7)]) }],
        audience: Some(Audience { facts: vec![fact] }),
        label: "Something else".into(),
        ..Rule::default()
    };
    Shard::Rules(PublicRules { rules: vec![everything, for_some] })
}

/// A set in place of that one.
pub fn rules_delta() -> Shard {
    let rule = Rule {
        id: RuleId(2),
        then: vec![RuleAction::Pin { item: ItemId(9), place: 2 }],
        label: "Ours".into(),
        ..Rule::default()
    };
    Shard::Rules(PublicRules { rules: vec![rule] })
}

/// A table of two words.
pub fn query_table() -> Shard {
    let numbers = |from: f32| (0..TEXT_CODE_DIM).map(|n| from + n as f32 / 256.0).collect();
    Shard::QueryTable(QueryTableShard {
        mean: numbers(-0.25),
        query_mean: numbers(0.0),
        unit: 0.002,
        intercept: numbers(0.0),
        words: vec![7, 0x811c_9dc5],
        units: vec![0.001, 0.004],
        rows: (0..2 * TEXT_CODE_DIM).map(|n| (n * 3) as i8).collect(),
        language: "en".to_owned(),
        relevance: vec![0.0, 0.0, 0.0, 0.0, 1.0, 0.5, 1.0, 2.5],
        synonyms: vec![
            ("drink".to_owned(), vec!["beverage".to_owned()]),
            ("tv".to_owned(), vec!["television".to_owned()]),
        ],
    })
}

/// A reference to an encoded shard.
pub fn shard_ref(kind: ShardKind, role: ShardRole, cell: u32, n_rows: u32) -> ShardRef {
    let name = format!("{kind:?} {role:?} {cell}");
    ShardRef {
        kind,
        role,
        cell,
        hash: vitrine_wire::content_hash(name.as_bytes()),
        bytes: 1_000,
        bytes_compressed: 400,
        n_rows,
    }
}

/// Three items, two cells, one delta, a model.
pub fn manifest() -> Manifest {
    use ShardKind::*;
    use ShardRole::{Base, Delta};
    Manifest {
        format: Manifest::FORMAT,
        shop: "Journey".into(),
        currency: "USD".into(),
        prices: PriceTerms::default(),
        catalogue: CatalogueInfo {
            version: CatalogueVersion(12),
            n_items: 3,
            published_at_seconds: 1_500_000_000,
            revision: 0,
            price_minor_median: 249,
            positives: vitrine_domain::Positives::Purchases,
            picture_mode: Default::default(),
            never_recommended: Vec::new(),
        },
        model: Some(ModelInfo {
            version: ModelVersion(2),
            base: ContentHash([0xab; 32]),
            outputs: vec!["purchase".into()],
            explore_every: None,
        }),
        shards: vec![
            shard_ref(Prices, Base, 0, 2),
            shard_ref(Cards, Base, 0, 2),
            shard_ref(Codes, Base, 0, 2),
            shard_ref(Student, Base, 0, 1),
            shard_ref(Pictures, Base, 0, 2),
            shard_ref(Related, Base, 0, 1),
            shard_ref(Prices, Delta, 0, 1),
            shard_ref(Prices, Base, 1, 1),
            shard_ref(Cards, Base, 1, 1),
            shard_ref(Codes, Base, 1, 1),
        ],
        n_head: 7,
        has_real_urls: false,
        has_language_model: false,
    }
}

/// A manifest of a shop that has price lists.
pub fn manifest_with_lists() -> Manifest {
    let list = |key: &str, name: &str, currency: &str, tax_included| PriceListInfo {
        key: key.into(),
        name: name.into(),
        currency: currency.into(),
        tax_included,
    };
    let lists = vec![
        list("trade", "Trade", "USD", Some(false)),
        list("hamburg", "Filiale Hamburg", "EUR", Some(true)),
        list("yen", "¥", "JPY", None),
    ];
    let mut manifest = manifest();
    manifest.prices = PriceTerms { tax_included: Some(true), lists };
    manifest.shards.push(shard_ref(ShardKind::PriceLists, ShardRole::Base, 0, 2));
    manifest
}

/// One hit with a model.
pub fn reply() -> SearchReply {
    SearchReply {
        catalogue: CatalogueVersion(12),
        model: Some(ModelVersion(2)),
        query_code: vec![-3; 64],
        n_total: 40,
        hits: vec![SearchHit {
            item: ItemId(7),
            score: 0.25,
            sources: vec![CandidateSource::Lexical, CandidateSource::Semantic],
            title: "Crème fraîche".into(),
            department: "Grocery".into(),
            category: "Dairy".into(),
            brand: "National".into(),
            size: "8 oz".into(),
            price_minor: 199,
            availability: Availability::InStock,
            n_buyers: 5,
            n_buyers_recent: 0,
            picture: 4,
            code: vec![1; 64],
            unconfirmed: Vec::new(),
            explanation: Vec::new(),
        }],
        ..SearchReply::default()
    }
}
