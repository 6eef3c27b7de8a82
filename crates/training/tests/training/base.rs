//! What was learned on some shops helps in another, unchanged.

use std::sync::atomic::AtomicBool;

use vitrine_training::base::{Base, train_base};
use vitrine_training::train::train_prepared;
use vitrine_training::{Config, Control, Outcome, PreparedData, Trained};

use crate::device::Device;
use crate::run::config;
use crate::shop::{N_ITEMS, Shop};

/// The same kinds of cards in another order: what a place in the catalogue says is lost.
fn reordered(shop: &mut Shop) {
    let width = shop.vectors.len() / N_ITEMS;
    let order: Vec<usize> = (0..N_ITEMS).map(|i| (i * 37 + 11) % N_ITEMS).collect();
    // Camps are the parity of a card's number: 37 and 11 are odd, so the other one.
    let vectors = order.iter().flat_map(|i| &shop.vectors[i * width..][..width]);
    shop.vectors = vectors.copied().collect();
    let ids: Vec<_> = shop.items.iter().map(|item| item.id).collect();
    let place = |id| ids.iter().position(|other| *other == id).expect("a card");
    for line in &mut shop.interactions {
        let at = place(line.item);
        let to = order.iter().position(|i| *i == at).expect("a place");
        line.item = ids[to];
    }
    for (item, i) in shop.items.iter_mut().zip(&order) {
        item.category = format!("Sort {}", i % 8);
        item.department = format!("Floor {}", i % 2);
    }
}

fn unchanged(data: &PreparedData<'_>, base: Option<&Base>) -> Trained {
    let stop = AtomicBool::new(false);
    let mut progress = |_| {};
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
    let config = Config { n_entries: 0, ..config(0) };
    match train_prepared(data, &config, base, &mut control).expect("trains") {
        Outcome::Finished(trained) => *trained,
        Outcome::Stopped => panic!("it was not stopped"),
    }
}

#[test]
fn a_base_knows_taste_in_a_shop_that_it_has_not_seen() {
    let shops = [Shop::new(5), Shop::new(6)];
    let prepared = shops.each_ref().map(Shop::prepared);
    let stop = AtomicBool::new(false);
    let mut progress = |_| {};
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
    let trained = train_base(&prepared, &config(150), &mut control).expect("trains");
    let base = trained.expect("it was not stopped");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("base.safetensors");
    base.save(&path).expect("written");
    assert_eq!(Base::load(&path).expect("as written"), base);

    let mut other = Shop::new(4);
    reordered(&mut other);
    let data = other.prepared();
    let share = |base: Option<&Base>| {
        let device = Device::new(other.prepared(), &unchanged(&data, base));
        device.without_last_layer().own_camp_share()
    };
    let (with, without) = (share(Some(&base)), share(None));
    assert!(with > 0.8 && with > without + 0.2, "{with} with the base, {without} without");
}
