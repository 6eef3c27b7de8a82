//! What a change costs a browser.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use common::{Shop, model, student};
use vitrine_publish::{Store, cost, prepare_model, publish_catalogue};

#[test]
fn a_price_change_costs_its_rows_and_not_the_catalogue() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let shop = Shop::new(4_800);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    let (payload, ids) = (student(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    store.commit(&prepared).unwrap();
    let cost = cost::price_change(&store, 100).unwrap();
    eprintln!("{cost:?}");
    assert_eq!((cost.n_changed, cost.n_items), (48, 4_800));
    // An id has 8 bytes that do not compress; a row has a few more.
    assert!((48 * 8..48 * 60).contains(&(cost.bytes_to_fetch as usize)), "{cost:?}");
    assert!(cost.bytes_of_head <= 1_500_000 && cost.bytes_of_head < cost.bytes_in_all);
    assert_eq!(store.current_number().unwrap(), Some(2), "nothing was published");
}
