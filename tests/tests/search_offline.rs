//! The shop's search without its server reads a text as the server does, judges products
//! as it does, and leaves out what nothing meets in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use async_trait::async_trait;
use pollster::block_on;
use vitrine_domain::{
    CatalogueInfo, CatalogueVersion, Item, ItemId, Manifest, Query, ReadFilter, Relaxed, ShardRef,
    ShardRole,
};
use vitrine_recall::{
    Answer, Deadline, EmbeddedRecall, Language, RecallError, Searcher, Synonyms, TEXT_DIM,
    Understanding,
};
use vitrine_session::{
    Adapters, FixedClock, LoneTab, MemoryStorage, Response, SearchResults, Session, Settings,
    Transport, TransportError,
};
use vitrine_wire::{
    CardRow, CardShard, DetailRow, DetailShard, PriceRow, PriceShard, Shard, VariantRow,
    content_hash, encode_manifest, encode_shard,
};

const CURRENCY: &str = "EUR";

/// Title, description, category, brand, price in cents.
const ITEMS: [(&str, &str, &str, &str, u32); 20] = [
    ("Peanut butter cookies", "", "Cookies", "Acme", 299),
    ("Oat cookies", "May contain traces of peanuts.", "Cookies", "Acme", 349),
    ("Peanut free cookies", "", "Cookies", "Safe Bite", 599),
    ("Lemon cookies", "Baked without peanuts or eggs.", "Cookies", "Safe Bite", 799),
    ("Butter cookies", "", "Cookies", "Best", 199),
    ("Gluten free pasta", "", "Pasta", "Acme", 449),
    ("Wheat pasta", "", "Pasta", "Acme", 129),
    ("Rice pasta", "A pasta without gluten.", "Pasta", "Best", 549),
    ("Egg pasta", "Contains wheat and eggs.", "Pasta", "Best", 249),
    ("Lactose free milk", "", "Milk", "Meadow", 139),
    ("Whole milk", "", "Milk", "Meadow", 99),
    ("Oat milk", "Dairy free. No sugar added.", "Milk", "Best", 219),
    ("Sugar free gum", "", "Sweets", "Chewy", 149),
    ("Mint gum", "Sweetened with sugar.", "Sweets", "Chewy", 129),
    ("Gum drops", "", "Sweets", "Acme", 259),
    ("Dog food chicken", "", "Pets", "Rex", 1_899),
    ("Dog food beef", "No corn, wheat or soy.", "Pets", "Rex", 2_499),
    ("Dog food duck", "", "Pets", "Acme", 3_199),
    ("Goat cheese", "", "Cheese", "Meadow", 1_250),
    ("Soft cheese", "", "Cheese", "Best", 399),
];

const QUERIES: [&str; 44] = [
    "peanut free cookies",
    "peanut-free cookies",
    "cookies without peanuts",
    "cookies no nuts",
    "nut free cookies",
    "cookies free of peanuts and eggs",
    "egg and milk free cookies",
    "cookies -peanut",
    "cookies peanut allergy",
    "penut free cookies",
    "gluten free pasta",
    "gluten free pasta under 5",
    "pasta without gluten",
    "without gluten pasta",
    "glutenfree pasta",
    "wheat free pasta",
    "pasta no eggs",
    "lactose-free milk",
    "lactose free milk under 1 €",
    "dairy free milk",
    "milk no sugar",
    "no sugar gum",
    "sugar free gum under 5",
    "gum without sugar",
    "dog food under 20",
    "dog food over 20",
    "dog food no corn",
    "dog food no corn under 20",
    "dog food between 20 and 30",
    "cheese over 10 €",
    "cheese over 10",
    "cheese up to 4 euros",
    "cheese cheaper than 4",
    "cheese over 500",
    "cookies not acme",
    "milk without meadow",
    "cookies -acme under 5",
    "cookies under $5",
    "soy free",
    "under 1",
    "peanut free",
    "sugarless gum",
    "vegan cookies",
    "vegetarian pasta",
];

fn items() -> Vec<Item> {
    let item = |(n, (title, description, category, brand, price_minor)): (u64, _)| Item {
        id: ItemId(n),
        title: str::to_owned(title),
        description: str::to_owned(description),
        category: str::to_owned(category),
        department: "Food".to_owned(),
        brand: str::to_owned(brand),
        price_minor,
        ..Item::default()
    };
    (1..).zip(ITEMS).map(item).collect()
}

/// Knows no meaning and no word.
struct Mute;

impl Language for Mute {
    type Error = RecallError;

    fn encode(&self, _: &str, _: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, _: &str) -> bool {
        false
    }
}

/// Serves a catalogue once, and then nothing.
struct Gone(BTreeMap<String, Vec<u8>>);

#[async_trait(?Send)]
impl Transport for Gone {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        let body = self.0.get(path).cloned().unwrap_or_default();
        Ok(Response { status: 200, body, bytes_on_wire: None })
    }

    async fn post_json(&self, path: &str, _: &str) -> Result<Response, TransportError> {
        Err(TransportError { path: path.to_owned(), reason: "the server is gone".to_owned() })
    }
}

fn shards(items: &[Item]) -> Vec<Shard> {
    let names = |of: fn(&Item) -> &String| -> Vec<String> {
        let distinct: BTreeSet<&String> = items.iter().map(of).collect();
        distinct.into_iter().cloned().collect()
    };
    let (categories, brands) = (names(|item| &item.category), names(|item| &item.brand));
    let place = |names: &[String], name: &String| {
        names.iter().position(|other| other == name).expect("listed") as u16
    };
    let card = |item: &Item| CardRow {
        id: item.id,
        title: item.title.clone(),
        department: place(&names(|item| &item.department), &item.department),
        category: place(&categories, &item.category),
        brand: place(&brands, &item.brand),
        variants: vec![VariantRow {
            sku: item.id.to_string(),
            size: String::new(),
            manufacturer: String::new(),
        }],
        n_variants: 1,
        ..CardRow::default()
    };
    let price = |item: &Item| PriceRow {
        id: item.id,
        price_minor: item.price_minor,
        variant_prices_minor: vec![item.price_minor],
        ..PriceRow::default()
    };
    let details = |item: &Item| DetailRow {
        id: item.id,
        description: item.description.clone(),
        ..DetailRow::default()
    };
    vec![
        Shard::Cards(CardShard {
            departments: names(|item| &item.department),
            categories: categories.clone(),
            brands: brands.clone(),
            rows: items.iter().map(card).collect(),
            removed: Vec::new(),
        }),
        Shard::Prices(PriceShard { rows: items.iter().map(price).collect(), removed: Vec::new() }),
        Shard::Details(DetailShard {
            rows: items.iter().map(details).collect(),
            removed: Vec::new(),
        }),
    ]
}

/// A shopper's session that has the catalogue and no server.
async fn session(items: &[Item], currency: &str) -> Session {
    let mut served = BTreeMap::new();
    let mut references = Vec::new();
    for shard in shards(items) {
        let bytes = encode_shard(&shard).expect("a valid shard");
        let hash = content_hash(&bytes);
        references.push(ShardRef {
            kind: shard.kind(),
            role: ShardRole::Base,
            cell: 0,
            hash,
            bytes: bytes.len() as u32,
            bytes_compressed: bytes.len() as u32,
            n_rows: items.len() as u32,
        });
        served.insert(format!("/v1/shards/{hash}"), bytes);
    }
    let manifest = Manifest {
        format: Manifest::FORMAT,
        shop: "Shop".to_owned(),
        currency: currency.to_owned(),
        prices: Default::default(),
        catalogue: CatalogueInfo {
            version: CatalogueVersion(1),
            revision: 0,
            n_items: items.len() as u32,
            published_at_seconds: 1_700_000_000,
            price_minor_median: 300,
            positives: Default::default(),
            picture_mode: Default::default(),
            never_recommended: Vec::new(),
        },
        model: None,
        n_head: references.len() as u32,
        has_real_urls: false,
        has_language_model: false,
        shards: references,
    };
    served.insert("/v1/manifest".to_owned(), encode_manifest(&manifest).expect("valid"));
    let adapters = Adapters {
        transport: Rc::new(Gone(served)),
        storage: Rc::new(MemoryStorage::new("a test")),
        clock: Rc::new(FixedClock::new(1_700_000_000_000)),
        tab: Rc::new(LoneTab::default()),
    };
    let session = Session::open(adapters, Settings::default()).await.expect("opened");
    session.sync_head().await.expect("served");
    session.sync_rest(|_| {}).await.expect("served");
    session
}

/// What both sides must agree on.
#[derive(Debug, PartialEq)]
struct Reading {
    read: Vec<ReadFilter>,
    /// Conditions and words that were left out.
    left_out: Vec<Relaxed>,
    /// How many say that they are free of each thing.
    free_of: Vec<(String, u32)>,
    /// Results, with what each does not say.
    results: BTreeMap<ItemId, Vec<String>>,
}

fn of_server(answer: Answer) -> Reading {
    let counts = answer.reply.free_of.into_iter();
    Reading {
        read: answer.read.filters,
        left_out: answer.relaxed,
        free_of: counts.map(|count| (count.name, count.n_results)).collect(),
        results: answer.reply.hits.into_iter().map(|hit| (hit.item, hit.unconfirmed)).collect(),
    }
}

fn of_device(found: SearchResults) -> Reading {
    assert!(found.offline);
    let counts = found.free_of.into_iter();
    let tile = |tile: vitrine_session::Tile| {
        (tile.card.id, tile.found.map(|found| found.unconfirmed).unwrap_or_default())
    };
    Reading {
        read: found.filters_read,
        left_out: found.relaxed,
        free_of: counts.map(|count| (count.name, count.n_results)).collect(),
        results: found.tiles.into_iter().map(tile).collect(),
    }
}

#[test]
fn the_device_reads_and_judges_as_the_server_does() {
    let items = items();
    let understanding =
        Understanding::new(&items, CURRENCY, Synonyms::with(None).expect("they ship"));
    let n = items.len();
    let engine = EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n])
        .expect("a legal catalogue");
    let searcher = Searcher { engine: &engine, understanding: &understanding, language: &Mute };
    let session = block_on(session(&items, CURRENCY));
    let (mut n_read, mut n_left_out, mut n_unconfirmed) = (0, 0, 0);
    let ask = |text: &str| {
        let query = Query { text: text.to_owned(), ..Query::default() };
        let server = of_server(searcher.search(&query, Deadline::NONE).expect("an answer"));
        (server, of_device(block_on(session.search(query)).expect("an answer")))
    };
    for text in QUERIES {
        let (server, device) = ask(text);
        assert_eq!(device, server, "{text}");
        n_read += device.read.len();
        n_left_out += device.left_out.len();
        n_unconfirmed += device.results.values().filter(|names| !names.is_empty()).count();
    }
    let counts = (n_read, n_left_out, n_unconfirmed);
    assert!(n_read >= 40 && n_left_out >= 1 && n_unconfirmed >= 10, "{counts:?}");
    // Words in quotes are words.
    let (server, device) = ask("\"peanut free\" cookies");
    assert!(device.read.is_empty() && !device.results.is_empty());
    assert_eq!(device, server);
}

/// The products of the made-up shop in Chinese.
fn chinese_items() -> Vec<Item> {
    let lines = include_str!("../data/chinese_shop.csv").lines().skip(1);
    let item = |(n, line): (u64, &str)| {
        let columns: Vec<&str> = line.split(',').collect();
        let [_, title, department, category, brand, price, description] = columns[..] else {
            panic!("seven columns: {line}");
        };
        let yuan: f64 = price.parse().expect("a price");
        Item {
            id: ItemId(n),
            title: title.to_owned(),
            description: description.to_owned(),
            category: category.to_owned(),
            department: department.to_owned(),
            brand: brand.to_owned(),
            price_minor: (yuan * 100.0).round() as u32,
            ..Item::default()
        }
    };
    (1..).zip(lines).map(item).collect()
}

/// Searches with one best answer, and those of the other languages in which conditions are read.
const CHINESE_QUERIES: [&str; 25] = [
    "手机壳 华为",
    "苹果手机壳",
    "蓝牙耳机 降噪",
    "龙井",
    "龙井绿茶",
    "龙井茶叶",
    "花茶",
    "咖啡机",
    "咖非机",
    "ＴＹＰＥ－Ｃ 数据线",
    "红色连衣裙",
    "洗衣液🧺",
    "全麦饼干20元以下",
    "20块以内的苏打饼干",
    "普洱 50到130元",
    "苹果手机 4000元以上",
    "扫地机器人 不超过1万元",
    "手机不要华为和小米 老人",
    "饼干 苏打 不要花生",
    "不含麸质的饼干 禾谷",
    "无糖可乐",
    "牛奶 不含乳糖",
    "羽绒服 under 1000",
    "羽绒服 unter 1000 ¥",
    "挖掘机",
];

#[test]
fn chinese_is_answered_alike_with_and_without_the_server() {
    let items = chinese_items();
    let understanding = Understanding::new(&items, "CNY", Synonyms::with(None).expect("they ship"));
    let n = items.len();
    let engine = EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n])
        .expect("a legal catalogue");
    let searcher = Searcher { engine: &engine, understanding: &understanding, language: &Mute };
    let session = block_on(session(&items, "CNY"));
    for text in CHINESE_QUERIES {
        let query = Query { text: text.to_owned(), ..Query::default() };
        let server = searcher.search(&query, Deadline::NONE).expect("an answer");
        let device = block_on(session.search(query)).expect("an answer");
        assert_eq!(device.filters_read, server.read.filters, "{text}");
        assert_eq!(device.relaxed, server.relaxed, "{text}");
        let title = |id: ItemId| items[id.0 as usize - 1].title.as_str();
        let first = (
            server.reply.hits.first().map(|hit| title(hit.item)),
            device.tiles.first().map(|tile| title(tile.card.id)),
        );
        assert_eq!(first.0, first.1, "{text}");
        assert_eq!(first.0.is_some(), text != "挖掘机", "{text}");
    }
}
