//! What a publish makes of a catalogue and of a model, and what it keeps.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::collections::HashSet;

use common::{Shop, model, student};
use vitrine_domain::{CatalogueVersion, ContentHash, ItemId, Manifest, ModelVersion, ShardKind};
use vitrine_domain::{ShardRef, ShardRole};
use vitrine_evaluation::{Gate, GateCheck, Interval};
use vitrine_publish::{
    PublishError, Snapshot, Store, prepare_catalogue, prepare_model, publish_catalogue,
    publish_model,
};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

fn gate(passed: bool) -> Gate {
    let check = GateCheck {
        condition: "the student keeps up".into(),
        estimate: Interval::default(),
        threshold: 0.9,
        passed,
    };
    Gate { passed, checks: vec![check] }
}

/// Publishes the shop and a model for it.
fn with_model(store: &Store, shop: &Shop) {
    publish_catalogue(store, &shop.without_model(), 1).unwrap();
    let (payload, ids) = (student(), shop.ids());
    let prepared = prepare_model(store, &model(shop, &payload, &ids)).unwrap();
    publish_model(store, &prepared, &gate(true)).unwrap();
}

fn of(manifest: &Manifest, kind: ShardKind, role: ShardRole) -> Vec<ShardRef> {
    let is_it = |shard: &&ShardRef| shard.kind == kind && shard.role == role;
    manifest.shards.iter().filter(is_it).copied().collect()
}

fn hashes(manifest: &Manifest) -> HashSet<ContentHash> {
    manifest.shards.iter().map(|shard| shard.hash).collect()
}

/// Every row of the snapshot against the input.
fn assert_is(snapshot: &Snapshot, shop: &Shop) {
    let rows = &snapshot.rows;
    assert_eq!(rows.cards.len(), shop.items.len());
    assert_eq!(rows.prices.len(), shop.items.len());
    assert_eq!(snapshot.manifest.catalogue.n_items as usize, shop.items.len());
    for (idx, item) in shop.items.iter().enumerate() {
        let card = rows.card(item.id).unwrap();
        assert_eq!(card.title, item.title);
        assert_eq!(rows.departments[usize::from(card.department)], item.department);
        assert_eq!(rows.categories[usize::from(card.category)], item.category);
        assert_eq!(card.brand, item.brand);
        assert_eq!(card.n_variants as usize, item.variants.len());
        assert_eq!(card.variants.len(), item.variants.len().min(12));
        assert_eq!(card.variants[0].sku, item.variants[0].sku);
        assert_eq!(
            rows.picture(card.picture).unwrap().name,
            shop.pictures[card.picture as usize - 1].name
        );
        let price = rows.price(item.id).unwrap();
        assert_eq!(price.price_minor, item.price_minor);
        assert_eq!(price.variant_prices_minor.len(), card.variants.len());
        assert_eq!(price.n_buyers, shop.n_buyers[idx] / 5 * 5);
        assert_eq!(price.n_buyers_recent, shop.n_buyers_recent[idx] / 5 * 5);
        if snapshot.manifest.model.is_some() {
            assert_eq!(rows.code(item.id).unwrap()[..], shop.codes[idx * 64..][..64]);
        }
        let n_related = rows.related_to(item.id).map_or(0, |row| row.related.len());
        assert_eq!(n_related > 0, shop.related[idx].iter().any(|(other, _)| *other != idx));
    }
    let ids: HashSet<ItemId> = shop.ids().into_iter().collect();
    assert!(rows.related.iter().flat_map(|row| &row.related).all(|id| ids.contains(id)));
}

#[test]
fn what_was_published_is_read_back() {
    let (_dir, store) = store();
    assert!(matches!(Snapshot::load(&store), Err(PublishError::Empty)));
    let shop = Shop::new(3_000);
    let published = publish_catalogue(&store, &shop.without_model(), 77).unwrap();
    assert_eq!(published.number, 1);
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(1));
    assert_eq!(published.manifest.catalogue.published_at_seconds, 77);
    assert!(published.manifest.model.is_none());
    assert!(of(&published.manifest, ShardKind::Codes, ShardRole::Base).is_empty());
    assert_is(&Snapshot::load(&store).unwrap(), &shop);

    let (payload, ids) = (student(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    assert_eq!(Snapshot::of_prepared(&store, &prepared).unwrap().rows.student, Some(payload));
    assert!(Snapshot::load(&store).unwrap().rows.student.is_none(), "not public yet");
    let published = publish_model(&store, &prepared, &gate(true)).unwrap();
    let info = published.manifest.model.clone().unwrap();
    assert_eq!(info.version, ModelVersion(2), "the number of its manifest");
    assert_eq!(info.outputs, ["purchase"]);
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(1), "still the same");
    assert_is(&Snapshot::load(&store).unwrap(), &shop);
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_order() {
    let shop = Shop::new(2_500);
    let ((_a, one), (_b, two)) = (store(), store());
    with_model(&one, &shop);
    with_model(&two, &shop);
    assert_eq!(one.current().unwrap(), two.current().unwrap());
    let prepared = prepare_catalogue(&one, &shop.with_codes(), 5).unwrap();
    assert_eq!(prepared.bytes_to_fetch, 0, "nothing changed");
    assert_eq!(hashes(&prepared.manifest), hashes(&two.current().unwrap().unwrap()));
}

#[test]
fn the_first_feed_comes_first_and_fits_its_budget() {
    use ShardKind::*;
    let (_dir, store) = store();
    let mut shop = Shop::new(4_800);
    with_model(&store, &shop);
    shop.items[3].price_minor += 1;
    let manifest = publish_catalogue(&store, &shop.with_codes(), 2).unwrap().manifest;
    let (head, rest) = manifest.shards.split_at(manifest.n_head as usize);
    let kinds: Vec<_> = head.iter().map(|shard| (shard.kind, shard.role)).collect();
    let expected = [Prices, Cards, Codes, Student, Pictures].map(|k| (k, ShardRole::Base));
    assert_eq!(kinds[..5], expected);
    assert_eq!(kinds[5..], [(Prices, ShardRole::Delta)]);
    let (late, rest): (Vec<&ShardRef>, Vec<&ShardRef>) =
        rest.iter().partition(|shard| matches!(shard.kind, Related | Alternatives | Neighbours));
    assert!(late.iter().any(|shard| shard.kind == Related && shard.cell == 0));
    assert!(late.iter().any(|shard| shard.kind == Alternatives && shard.cell == 0));
    assert!(late.iter().any(|shard| shard.kind == Neighbours && shard.cell == 0));
    assert!(rest.iter().all(|shard| shard.role == ShardRole::Base && shard.cell > 0));
    assert!(head.iter().map(|shard| shard.bytes_compressed).sum::<u32>() <= 1_500_000);

    // The head is the most popular 400, with every picture that they show.
    let snapshot = Snapshot::load(&store).unwrap();
    let in_head = |kind| {
        let shard = head.iter().find(|shard| shard.kind == kind).unwrap();
        let bytes = store.shard(shard.hash, vitrine_publish::Encoding::Raw).unwrap();
        vitrine_wire::decode_shard(&bytes).unwrap()
    };
    let vitrine_wire::Shard::Prices(prices) = in_head(Prices) else { unreachable!() };
    assert_eq!(prices.rows.len(), 400);
    let least = prices.rows.iter().map(|row| row.n_buyers).min().unwrap();
    let ids: HashSet<ItemId> = prices.rows.iter().map(|row| row.id).collect();
    let outside = snapshot.rows.prices.iter().filter(|row| !ids.contains(&row.id));
    assert!(outside.map(|row| row.n_buyers).max().unwrap() <= least);
    let vitrine_wire::Shard::Pictures(pictures) = in_head(Pictures) else { unreachable!() };
    let shown = ids.iter().map(|id| snapshot.rows.card(*id).unwrap().picture);
    assert!(shown.collect::<HashSet<_>>().is_subset(&pictures.ids.iter().copied().collect()));
}

#[test]
fn a_small_change_is_a_small_delta_and_a_large_one_new_bases() {
    use ShardKind::*;
    let (_dir, store) = store();
    let mut shop = Shop::new(4_800);
    with_model(&store, &shop);
    let before = store.current().unwrap().unwrap();

    shop.items.iter_mut().step_by(100).for_each(|item| item.price_minor += 10);
    let published = publish_catalogue(&store, &shop.with_codes(), 2).unwrap();
    assert_eq!(of(&published.manifest, Prices, ShardRole::Delta)[0].n_rows, 48);
    assert_eq!(published.manifest.shards.len(), before.shards.len() + 1, "all else is kept");
    assert!(hashes(&published.manifest).is_superset(&hashes(&before)));
    eprintln!(
        "1 % of {} prices changed: {} bytes to fetch of {}",
        shop.items.len(),
        published.bytes_to_fetch,
        before.shards.iter().map(|shard| shard.bytes_compressed).sum::<u32>()
    );
    assert!(published.bytes_to_fetch < 3_000, "{}", published.bytes_to_fetch);
    assert_is(&Snapshot::load(&store).unwrap(), &shop);

    // The next change is counted from the bases, so the delta holds both.
    shop.items.iter_mut().skip(1).step_by(100).for_each(|item| item.price_minor += 10);
    let published = publish_catalogue(&store, &shop.with_codes(), 3).unwrap();
    assert_eq!(of(&published.manifest, Prices, ShardRole::Delta)[0].n_rows, 96);
    assert_is(&Snapshot::load(&store).unwrap(), &shop);

    shop.items.iter_mut().for_each(|item| item.price_minor += 1);
    let published = publish_catalogue(&store, &shop.with_codes(), 4).unwrap();
    assert!(of(&published.manifest, Prices, ShardRole::Delta).is_empty());
    let bases = |manifest, kind| {
        of(manifest, kind, ShardRole::Base).iter().map(|s| s.hash).collect::<HashSet<_>>()
    };
    assert!(bases(&published.manifest, Prices).is_disjoint(&bases(&before, Prices)));
    assert_eq!(bases(&published.manifest, Cards), bases(&before, Cards));
    assert_is(&Snapshot::load(&store).unwrap(), &shop);
}

#[test]
fn items_come_and_go() {
    let (_dir, store) = store();
    let mut shop = Shop::new(3_000);
    with_model(&store, &shop);
    let gone = shop.items[5].id;
    shop.items[5].id = ItemId(123);
    for seed in 0..20 {
        shop.grow(seed);
    }
    let published = publish_catalogue(&store, &shop.with_codes(), 2).unwrap();
    for kind in [ShardKind::Cards, ShardKind::Prices, ShardKind::Codes] {
        assert_eq!(of(&published.manifest, kind, ShardRole::Delta)[0].n_rows, 21, "{kind:?}");
    }
    let snapshot = Snapshot::load(&store).unwrap();
    assert_is(&snapshot, &shop);
    assert!(snapshot.rows.card(gone).is_none());
    assert!(snapshot.rows.code(gone).is_none());
    assert!(snapshot.rows.related_to(gone).is_none());
}

#[test]
fn cells_that_no_longer_fit_are_laid_out_anew() {
    let (_dir, store) = store();
    let small = Shop::new(50);
    publish_catalogue(&store, &small.without_model(), 1).unwrap();
    assert!(store.current().unwrap().unwrap().shards.iter().all(|shard| shard.cell == 0));

    let large = Shop::new(4_800);
    let manifest = publish_catalogue(&store, &large.without_model(), 2).unwrap().manifest;
    let cells = of(&manifest, ShardKind::Prices, ShardRole::Base);
    assert_eq!(cells.iter().map(|shard| shard.cell).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert_is(&Snapshot::load(&store).unwrap(), &large);

    // Everything popular is not any more, and the other way round.
    let mut turned = large.clone();
    turned.n_buyers.iter_mut().for_each(|n| *n = 3_000 - *n);
    let manifest = publish_catalogue(&store, &turned.without_model(), 3).unwrap().manifest;
    let cards = of(&manifest, ShardKind::Cards, ShardRole::Base)[0].hash;
    assert_ne!(cards, of(&store.manifest(2).unwrap(), ShardKind::Cards, ShardRole::Base)[0].hash);
    assert_is(&Snapshot::load(&store).unwrap(), &turned);
}

#[test]
fn a_head_over_its_budget_becomes_smaller_and_in_the_end_an_error() {
    let (_dir, store) = store();
    let mut shop = Shop::new(620);
    let mut random = common::Random::new(3);
    let mut fill = |shop: &mut Shop, n_words: usize| {
        for variant in shop.items.iter_mut().flat_map(|item| &mut item.variants) {
            for text in [&mut variant.sku, &mut variant.size, &mut variant.manufacturer] {
                *text = (0..n_words).map(|_| format!("{:016x}", random.next())).collect();
            }
        }
    };
    // Texts that hardly compress: about 4,800 bytes a card.
    fill(&mut shop, 22);
    let manifest = publish_catalogue(&store, &shop.without_model(), 1).unwrap().manifest;
    let head = of(&manifest, ShardKind::Cards, ShardRole::Base)[0];
    assert_eq!(head.n_rows, 200);
    assert_is(&Snapshot::load(&store).unwrap(), &shop);

    // And about 8,600 bytes a card: not even the smallest head fits.
    let mut shop = Shop::new(300);
    fill(&mut shop, 40);
    let error = publish_catalogue(&store, &shop.without_model(), 2).unwrap_err();
    assert!(matches!(error, PublishError::HeadTooLarge { .. }), "{error}");
    assert_eq!(store.current_number().unwrap(), Some(1));
}

#[test]
fn a_closed_gate_keeps_the_model_and_the_catalogue_goes_on() {
    let (_dir, store) = store();
    let mut shop = Shop::new(300);
    with_model(&store, &shop);
    let (payload, ids) = (student(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    let error = publish_model(&store, &prepared, &gate(false)).unwrap_err();
    assert_eq!(error.to_string(), "the gate refused the model: the student keeps up");
    let nothing = Gate { passed: true, checks: vec![] };
    assert!(publish_model(&store, &prepared, &nothing).is_err(), "nothing was judged");
    assert_eq!(store.current_number().unwrap(), Some(2));

    shop.items[0].price_minor += 1;
    let manifest = publish_catalogue(&store, &shop.with_codes(), 9).unwrap().manifest;
    assert_eq!(manifest.model.unwrap().version, ModelVersion(2));
    assert_eq!(manifest.catalogue.version, CatalogueVersion(3), "the number of its manifest");
}

#[test]
fn a_model_that_was_overtaken_is_not_published() {
    let (_dir, store) = store();
    let shop = Shop::new(100);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    let (payload, ids) = (student(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    publish_catalogue(&store, &shop.without_model(), 2).unwrap();
    let error = publish_model(&store, &prepared, &gate(true)).unwrap_err();
    let (before, now) = (Some(1), Some(2));
    assert!(
        matches!(error, PublishError::Conflict { prepared, current } if prepared == before && current == now)
    );
}

#[test]
fn contradicting_input_is_refused() {
    let (_dir, store) = store();
    let shop = Shop::new(20);
    let refused = |change: &dyn Fn(&mut Shop), words: &str| {
        let mut shop = shop.clone();
        change(&mut shop);
        let error = publish_catalogue(&store, &shop.without_model(), 1).unwrap_err().to_string();
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    };
    refused(&|s| *s = Shop { items: vec![], ..s.clone() }, "no items");
    refused(&|s| s.n_buyers.truncate(3), "n_buyers has 3 entries, expected 20");
    refused(&|s| s.n_buyers_recent.truncate(3), "n_buyers_recent has 3");
    refused(&|s| s.related.truncate(3), "related has 3");
    refused(&|s| s.picture_of.truncate(3), "picture_of has 3");
    refused(&|s| s.picture_of[4] = Some(99), "picture_of of item 4 points at 99");
    refused(&|s| s.related[2] = vec![(20, 1.0)], "related of item 2 points at 20, there are 20");
    refused(&|s| s.items[1].id = s.items[0].id, "is listed twice");
    refused(&|s| s.items[1].title = "x".repeat(2_001), "Cards.title");
    refused(
        &|s| s.pictures.iter_mut().for_each(|p| p.body = "<script/>".into()),
        "not an allowed shape",
    );
    let codes = publish_catalogue(&store, &shop.with_codes(), 1);
    assert!(matches!(codes, Err(PublishError::UnknownModel(2))), "there is no model");
    with_model(&store, &shop);
    let mut short = shop.clone();
    short.codes.truncate(64);
    let length = publish_catalogue(&store, &short.with_codes(), 1);
    assert!(matches!(length, Err(PublishError::Length { field: "codes", .. })));
    let (payload, mut ids) = (student(), shop.ids());
    ids[0] = ItemId(1);
    let missing = prepare_model(&store, &model(&shop, &payload, &ids));
    assert!(matches!(missing, Err(PublishError::CodeMissing(_))));
    let garbage = prepare_model(&store, &model(&shop, b"VSTU", &shop.ids()));
    assert!(matches!(garbage, Err(PublishError::Student(_))));
}
