//! One catalogue gives one table, whoever builds it: a training, the server from what it
//! stored, a browser from what it fetched.

use std::fs;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use vitrine_domain::{EventKind, Interaction, Item, ItemId, ShopperId};
use vitrine_encoder::TEXT_DIM;
use vitrine_publish::{Encoding, ModelInput, Snapshot, Store, prepare_model};
use vitrine_ranking::{Popularity, PurchaseLog, neighbour_lists, related_lists};
use vitrine_student::golden::Generator;
use vitrine_student::{CODE_DIM, ItemTable, PackedStudent, TableBuilder, Weights};
use vitrine_training::snapshots::item_table;
use vitrine_training::{PreparedData, TrainingData};
use vitrine_wire::{CatalogueRows, Layer, RelatedRow, content_hash, decode_shard};

use crate::catalogue::{self, StoredCatalogue};
use crate::commands::import;
use crate::publishing;
use crate::settings::ServerSettings;

/// Cards of all sorts: unpriced, unnamed, bought by hundreds or by four; an even number of
/// prices, so that their median is not one number.
fn shop(rng: &mut SmallRng) -> (Vec<Item>, Vec<Interaction>) {
    let n_items = rng.random_range(20..60);
    let mut items: Vec<Item> = (0..n_items)
        .map(|i| Item {
            id: ItemId(rng.random()),
            title: format!("Card {i}"),
            department: ["Food", "Home", ""][rng.random_range(0..3)].to_owned(),
            category: format!("Category {}", rng.random_range(0..9)),
            price_minor: if rng.random_bool(0.2) { 0 } else { rng.random_range(1..5_000) },
            ..Item::default()
        })
        .collect();
    if items.iter().filter(|item| item.price_minor > 0).count() % 2 == 1 {
        let title = "Odd one".to_owned();
        items.push(Item { id: ItemId(7), title, price_minor: 4_999, ..Item::default() });
    }
    items.sort_by_key(|item| item.id);
    let line = |n: u32, rng: &mut SmallRng| {
        let item = &items[(rng.random::<f32>().powi(8) * items.len() as f32) as usize];
        Interaction {
            shopper: ShopperId(rng.random_range(0..40)),
            item: item.id,
            kind: EventKind::Purchase,
            at_seconds: rng.random_range(0..100) * 86_400,
            basket: n / 3,
            quantity: 1,
            price_minor: item.price_minor,
        }
    };
    let interactions = (0..400).map(|n| line(n, rng)).collect();
    (items, interactions)
}

/// The bits of everything that is ranked with.
fn bytes(table: &ItemTable) -> Vec<u8> {
    let scale = table.scale();
    let mut bytes = format!("{scale:?}{:?}{:?}", table.ids(), table.places()).into_bytes();
    bytes.extend(table.codes().iter().map(|q| *q as u8));
    for places in [table.departments(), table.categories()] {
        bytes.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    }
    for numbers in [table.price_minor(), table.n_buyers(), table.n_buyers_recent()] {
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
    for numbers in [table.all_static_scalars(), table.pre()] {
        bytes.extend(numbers.iter().flat_map(|number| number.to_bits().to_le_bytes()));
    }
    for row in 0..table.n_items() as u32 {
        let lists = (table.related(row), table.neighbours(row));
        bytes.extend(format!("{lists:?}").into_bytes());
    }
    bytes
}

/// The table of a training that has the whole log.
fn trained(
    items: &[Item],
    vectors: &[f32],
    interactions: &[Interaction],
    (weights, codes): (&Weights, &[i8]),
) -> ItemTable {
    let data = PreparedData::new(TrainingData { items, vectors, interactions }).expect("it fits");
    let until = data.log.last_seconds().map_or(0, |last| last + 1);
    let related = related_lists(&data.log, &data.ids);
    let neighbours = neighbour_lists(&data.log, &data.ids);
    let popularity = Popularity::new(&data.log, until);
    item_table(&data, &popularity, (&related, &neighbours), codes, weights)
}

/// The table of a browser that has fetched every shard of the manifest.
fn synced(store: &Store, weights: &Weights) -> ItemTable {
    let manifest = store.current().expect("readable").expect("published");
    let shards = manifest.shards.iter().map(|shard| {
        let bytes = store.shard(shard.hash, Encoding::Raw).expect("stored");
        Layer { role: shard.role, cell: shard.cell, shard: decode_shard(&bytes).expect("valid") }
    });
    let rows = CatalogueRows::from_shards(shards).expect("they belong together");
    TableBuilder::new(rows.listed())
        .related(rows.related.iter().map(RelatedRow::list))
        .neighbours(rows.neighbours.iter().map(RelatedRow::list))
        .price_minor_median(manifest.catalogue.price_minor_median)
        .build(weights)
}

#[test]
fn training_server_and_browser_build_the_same_bytes() {
    for seed in 0..6 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let (items, interactions) = shop(&mut rng);
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        let vectors = vec![0.0; items.len() * TEXT_DIM];
        let student = PackedStudent::pack(&Generator::new(seed as u32).weights()).expect("finite");
        let weights = student.weights();
        let codes: Vec<i8> =
            (0..items.len() * CODE_DIM).map(|_| rng.random_range(-127..=127)).collect();

        let folder = tempfile::tempdir().expect("a folder");
        let settings = ServerSettings::in_folder(folder.path());
        let store = Store::open(settings.data_dir.join("store")).expect("a store");
        let log = PurchaseLog::new(&ids, &interactions).expect("distinct ids");
        let catalogue = StoredCatalogue {
            shop: "Shop".to_owned(),
            currency: "USD".to_owned(),
            positives: log.positives(),
            buyers: import::buyers(&log),
            related: related_lists(&log, &ids),
            alternatives: vec![Vec::new(); items.len()],
            vectors: vectors.clone(),
            items: items.clone(),
            ..StoredCatalogue::default()
        };
        let staging = catalogue::staging(&settings.data_dir);
        fs::create_dir_all(&staging).expect("a folder");
        catalogue.save(&staging).expect("written");
        let neighbours = neighbour_lists(&log, &ids);
        publishing::publish_catalogue(&settings, &store, &catalogue, &neighbours, &staging)
            .expect("published");
        let payload = student.to_bytes();
        let base = content_hash(&payload);
        let model =
            ModelInput { payload: &payload, base, ids: &ids, codes: &codes, explore_every: None };
        let prepared = prepare_model(&store, &model).expect("every card has a code");
        store.commit(&prepared).expect("committed");

        let trained = bytes(&trained(&items, &vectors, &interactions, (&weights, &codes)));
        let served = Snapshot::load(&store).expect("readable").item_table(&weights);
        assert!(served.n_buyers().iter().any(|n| *n > 0) && served.n_buyers().contains(&0));
        assert_eq!(bytes(&served), trained, "seed {seed}: the server's is that of training");
        assert_eq!(bytes(&synced(&store, &weights)), trained, "seed {seed}: so is the browser's");
    }
}
