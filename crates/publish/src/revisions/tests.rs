use std::collections::BTreeMap;

use vitrine_domain::{Availability, ListPrice, Positives, PriceListInfo, PriceTerms, Variant};
use vitrine_rules::{QueryCondition, Rule, RuleAction, RuleCondition, RuleId, RuleTarget};
use vitrine_wire::Layer;

use super::*;
use crate::snapshot::decode;
use crate::{CatalogueInput, Encoding, Snapshot, publish_catalogue};

fn item(n: u64, price_minor: u32) -> Item {
    let variant = Variant { sku: format!("s{n}"), price_minor, ..Variant::default() };
    Item {
        id: ItemId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        title: format!("Article {n}"),
        department: format!("Department {}", n % 7),
        description: if n.is_multiple_of(3) { format!("About {n}.") } else { String::new() },
        price_minor,
        variants: vec![variant],
        ..Item::default()
    }
}

/// One price list, which prices nothing until a test says so.
fn trade() -> PriceTerms {
    let list = PriceListInfo {
        key: "trade".into(),
        name: "Trade".into(),
        currency: "EUR".into(),
        tax_included: Some(false),
    };
    PriceTerms { tax_included: Some(true), lists: vec![list] }
}

/// A published shop, its revisions, and every shard that was ever made.
struct Published {
    _folder: tempfile::TempDir,
    items: BTreeMap<u64, Item>,
    revisions: Revisions,
    rows: RwLock<CatalogueRows>,
    shards: HashMap<vitrine_domain::ContentHash, Vec<u8>>,
    n: u64,
}

impl Published {
    fn new(n_items: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let items: BTreeMap<u64, Item> = (0..n_items).map(|n| (n, item(n, 100))).collect();
        let listed: Vec<Item> = items.values().cloned().collect();
        let n = listed.len();
        let input = CatalogueInput {
            shop: "Shop",
            currency: "EUR",
            prices: &trade(),
            positives: Positives::Purchases,
            picture_mode: Default::default(),
            never_recommended: &["Department 3".to_owned()],
            items: &listed,
            n_buyers: &vec![50; n],
            n_buyers_recent: &vec![0; n],
            pictures: &[],
            picture_of: &[],
            photos: &[],
            photos_of: &[],
            related: &vec![Vec::new(); n],
            alternatives: &vec![Vec::new(); n],
            neighbours: &vec![Vec::new(); n],
            offers: &[],
            reviews: &[],
            model: None,
            private_search: None,
            looks: None,
        };
        publish_catalogue(&store, &input, 0).unwrap();
        let Snapshot { manifest, rows } = Snapshot::load(&store).unwrap();
        let revisions = Revisions::start(&store, &manifest).unwrap();
        let bytes =
            |shard: &ShardRef| (shard.hash, store.shard(shard.hash, Encoding::Raw).unwrap());
        let shards = manifest.shards.iter().map(bytes).collect();
        Self { _folder: folder, items, revisions, rows: RwLock::new(rows), shards, n: 0 }
    }

    /// Makes a revision of some cards; how many rows and compressed bytes were new.
    fn revise(&mut self, changed: &[u64], removed: &[u64]) -> (u32, u32) {
        self.n += 1;
        let cards: Vec<RevisedCard<'_>> = changed
            .iter()
            .map(|n| RevisedCard { item: &self.items[n], code: None, offer: None })
            .collect();
        let removed: Vec<ItemId> = removed.iter().map(|n| item(*n, 0).id).collect();
        let input = RevisionInput { cards: &cards, removed: &removed, revision: self.n };
        let new = self.revisions.revise(&self.rows, &input).unwrap();
        let cost = new.iter().fold((0, 0), |(rows, bytes), shard| {
            (rows + shard.reference.n_rows, bytes + shard.reference.bytes_compressed)
        });
        self.shards.extend(new.into_iter().map(|shard| (shard.reference.hash, shard.raw)));
        cost
    }

    /// What a browser makes of the manifest.
    fn synced(&self) -> CatalogueRows {
        let layer = |shard: &ShardRef| {
            let (at, shard): (ShardRef, Shard) = decode(shard, &self.shards[&shard.hash]).unwrap();
            Layer { role: at.role, cell: at.cell, shard }
        };
        let shards = &self.revisions.manifest().shards;
        CatalogueRows::from_shards(shards.iter().map(layer)).unwrap()
    }
}

#[test]
fn a_price_is_shown_and_does_not_change_rankings() {
    let mut shop = Published::new(50);
    let before = shop.revisions.manifest().clone();
    shop.items.get_mut(&7).unwrap().price_minor = 79;
    shop.revise(&[7], &[]);
    let rows = shop.synced();
    let row = rows.price(item(7, 0).id).unwrap();
    assert_eq!((row.price_minor, row.price_minor_ranked(), row.n_buyers), (79, 100, 50));
    let after = shop.revisions.manifest();
    assert_eq!(after.catalogue.never_recommended, ["Department 3"], "a fact that stays");
    assert_eq!(after.catalogue.version, before.catalogue.version);
    assert_eq!((after.catalogue.revision, before.catalogue.revision), (1, 0));
    assert_eq!(after.shards.len(), before.shards.len() + 1, "one delta of prices");

    shop.items.get_mut(&7).unwrap().price_minor = 100;
    shop.revise(&[7], &[]);
    assert_eq!(shop.synced().price(item(7, 0).id).unwrap().ranked_price_minor, None);
    assert!(shop.revise(&[7], &[]) == (0, 0), "the same again is nothing");
}

/// A list's price is a delta of its own kind, whatever the standard price does.
#[test]
fn a_price_of_a_list_comes_changes_and_goes() {
    let mut shop = Published::new(50);
    assert_eq!(shop.revisions.manifest().prices, trade());
    let before = shop.rows.read().unwrap().clone();
    let id = item(7, 0).id;
    for price_minor in [80, 75] {
        let price = ListPrice { list: 0, price_minor, sale: None };
        shop.items.get_mut(&7).unwrap().variants[0].list_prices = vec![price];
        let (n_rows, bytes) = shop.revise(&[7], &[]);
        assert!(n_rows == 1 && bytes <= 40, "{n_rows} rows of {bytes} bytes");
        let rows = shop.synced();
        assert_eq!(rows.list_prices(id).unwrap().price_of(0, 0), Some((price_minor, None)));
        assert_eq!(rows.prices, before.prices, "rankings and standard prices stay");
        assert_eq!(rows, *shop.rows.read().unwrap());
    }
    shop.revise(&[], &[7]);
    assert_eq!(shop.synced().list_prices(id), None, "it is hidden");
    shop.revise(&[7], &[]);
    assert!(shop.synced().list_prices(id).is_some());
    shop.items.get_mut(&7).unwrap().variants[0].list_prices.clear();
    shop.revise(&[7], &[]);
    assert_eq!(shop.synced().list_prices(id), None, "no list prices it");
}

/// There and back, each in a revision of its own: equal deltas in two places.
#[test]
fn what_goes_back_to_what_it_was_is_shown() {
    let mut shop = Published::new(50);
    for price_minor in [79, 100, 79, 100, 79] {
        shop.items.get_mut(&7).unwrap().price_minor = price_minor;
        shop.revise(&[7], &[]);
        shop.revise(&[], &[3]);
        shop.revise(&[3], &[]);
        assert_eq!(shop.synced().price(item(7, 0).id).unwrap().price_minor, price_minor);
    }
    assert!(shop.synced().card(item(3, 0).id).is_some());
}

#[test]
fn what_is_hidden_comes_back_as_it_was() {
    let mut shop = Published::new(50);
    let before = shop.rows.read().unwrap().clone();
    shop.revise(&[], &[6]);
    assert_eq!(shop.synced().card(item(6, 0).id), None);
    assert_eq!(shop.revisions.manifest().catalogue.n_items, 49);
    shop.revise(&[6], &[]);
    assert_eq!(shop.synced(), before, "with its buyers and its details");
}

#[test]
fn a_new_card_has_a_department_of_its_own_and_no_buyers() {
    let mut shop = Published::new(50);
    let new = Item { department: "A new one".into(), ..item(99, 250) };
    shop.items.insert(99, new);
    shop.revise(&[99], &[]);
    let rows = shop.synced();
    let card = rows.card(item(99, 0).id).unwrap();
    assert_eq!(rows.departments[usize::from(card.department)], "A new one");
    assert_eq!(rows.price(card.id).map(|row| (row.price_minor, row.n_buyers)), Some((250, 0)));
    assert_eq!(rows, *shop.rows.read().unwrap());
}

/// Whatever happens, browsers have what the server has, and few deltas.
#[test]
fn many_revisions_are_few_shards() {
    let mut shop = Published::new(3_000);
    let mut random = 1_u64;
    let mut next = |n: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) % n
    };
    for _ in 0..400 {
        let changed: Vec<u64> = (0..20).map(|_| next(3_100)).collect();
        for n in &changed {
            let stock = Availability::InStock;
            let item = Item { availability: stock, ..item(*n, 1 + next(500) as u32) };
            shop.items.insert(*n, item);
        }
        let removed: Vec<u64> = vec![next(3_000)];
        let changed: Vec<u64> = changed.into_iter().filter(|n| !removed.contains(n)).collect();
        let mut once = changed.clone();
        once.sort_unstable();
        once.dedup();
        shop.revise(&once, &removed);
        assert!(shop.revisions.manifest().shards.len() < 60);
    }
    assert_eq!(shop.synced(), *shop.rows.read().unwrap());
}

/// The wire's price of a change in a price list.
#[test]
fn a_changed_price_of_a_list_is_at_most_20_bytes() {
    let mut shop = Published::new(3_000);
    let changed: Vec<u64> = (0..500).map(|n| n * 5).collect();
    for n in &changed {
        let price = ListPrice { list: 0, price_minor: 1_000 + (*n as u32 * 37) % 900, sale: None };
        shop.items.get_mut(n).unwrap().variants[0].list_prices = vec![price];
    }
    let (n_rows, bytes) = shop.revise(&changed, &[]);
    assert_eq!(n_rows, 500);
    assert!(bytes <= 20 * n_rows, "{bytes} bytes for {n_rows} rows");
}

/// The wire's price of a change: a row that goes out alone, not what is merged later.
#[test]
fn a_changed_price_is_at_most_25_bytes() {
    let mut shop = Published::new(3_000);
    let changed: Vec<u64> = (0..500).map(|n| n * 5).collect();
    for n in &changed {
        shop.items.insert(*n, item(*n, 1_000 + (*n as u32 * 37) % 900));
    }
    let (n_rows, bytes) = shop.revise(&changed, &[]);
    assert_eq!(n_rows, 500);
    assert!(bytes <= 25 * n_rows, "{bytes} bytes for {n_rows} rows");
}

fn hidden(id: u32, when: RuleCondition) -> Rule {
    let target = RuleTarget::department("Department 1");
    let then = vec![RuleAction::Hide { target }];
    Rule { id: RuleId(id), when, then, label: "Not shown".into(), ..Rule::default() }
}

/// Rules come, change and go with a revision of their own, and those of the first tiles first.
#[test]
fn rules_are_shards_of_a_revision() {
    let mut shop = Published::new(50);
    let before = shop.revisions.manifest().clone();
    let search = RuleCondition {
        query: Some(QueryCondition::Is(vec!["tea".into()])),
        ..RuleCondition::default()
    };
    let set = |rules: &[Rule]| PublicRules { rules: rules.to_vec() };
    let (everywhere, searched) = (hidden(2, RuleCondition::default()), hidden(1, search));
    let mut publish = |rules: &[Rule]| {
        let made = PublishedRules::new(set(rules)).unwrap();
        let new = shop.revisions.set_rules(&shop.rows, made);
        let n_new = new.len();
        shop.shards.extend(new.into_iter().map(|shard| (shard.reference.hash, shard.raw)));
        shop.revise(&[], &[]);
        assert_eq!(shop.synced(), *shop.rows.read().unwrap());
        assert_eq!(shop.synced().rules, *shop.revisions.rules());
        n_new
    };
    assert_eq!(publish(&[everywhere.clone(), searched.clone()]), 2);
    assert_eq!(publish(&[searched.clone(), everywhere.clone()]), 0, "in whatever order");
    assert_eq!(publish(std::slice::from_ref(&searched)), 0, "its shard is there");
    assert_eq!(publish(&[searched, everywhere]), 1, "the other comes again");
    assert_eq!(publish(&[]), 0);
    let mut after = shop.revisions.manifest().clone();
    after.catalogue.revision = before.catalogue.revision;
    assert_eq!(after, before, "as if there had been none");
}

#[test]
fn rules_that_the_first_tiles_do_not_need_come_later() {
    let n = 1_000;
    let rules: Vec<Rule> = (0..n)
        .map(|id| Rule { priority: id as i16, ..hidden(id, RuleCondition::default()) })
        .collect();
    let mut shop = Published::new(50);
    let made = PublishedRules::new(PublicRules { rules }).unwrap();
    let new = shop.revisions.set_rules(&shop.rows, made);
    assert_eq!(new.len(), 2);
    let [first, later] = [&new[0], &new[1]].map(|shard| shard.reference);
    assert!(is_head(&first) && !is_head(&later));
    assert!(first.bytes <= 8 << 10 && first.n_rows > 100, "{first:?}");
    assert_eq!(first.n_rows + later.n_rows, n);
    let Shard::Rules(part) = decode_shard(&new[0].raw).unwrap() else { panic!("rules") };
    assert!(part.rules.iter().any(|rule| rule.id.0 == n - 1), "what comes first is in the first");
}
