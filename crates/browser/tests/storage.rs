//! IndexedDB as a browser has it. Run with `wasm-bindgen-test-runner`.
#![cfg(target_arch = "wasm32")]

use vitrine_browser::{BrowserClock, IndexedDbStorage};
use vitrine_session::{Clock, Durability, Storage, Store};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

async fn empty() -> IndexedDbStorage {
    let storage = IndexedDbStorage::open().await.expect("a browser with IndexedDB");
    for store in Store::ALL {
        storage.clear(store).await.expect("writable");
    }
    storage
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

#[wasm_bindgen_test]
async fn values_by_key_are_written_replaced_listed_and_removed() {
    let storage = empty().await;
    storage.put(Store::Shards, "b", &[1, 2, 3]).await.expect("writable");
    storage.put(Store::Shards, "a", &[]).await.expect("writable");
    storage.put(Store::Shards, "b", &[9]).await.expect("writable");
    storage.put(Store::Meta, "c", &[7]).await.expect("writable");
    let read = storage.get(Store::Shards, &keys(&["b", "c", "a"])).await.expect("readable");
    assert_eq!(read, [Some(vec![9]), None, Some(vec![])]);
    assert_eq!(storage.keys(Store::Shards).await.expect("readable"), ["a", "b"]);
    storage.remove(Store::Shards, &keys(&["b", "zzz"])).await.expect("writable");
    assert_eq!(storage.keys(Store::Shards).await.expect("readable"), ["a"]);
    assert_eq!(storage.get(Store::Shards, &[]).await.expect("readable"), []);
}

#[wasm_bindgen_test]
async fn lists_keep_their_order_and_outlive_the_connection() {
    let storage = empty().await;
    let values: Vec<Vec<u8>> = (0..20).map(|i| vec![i]).collect();
    storage.append(Store::Events, &values[..12]).await.expect("writable");
    storage.append(Store::Events, &values[12..]).await.expect("writable");
    drop(storage);
    let storage = IndexedDbStorage::open().await.expect("a browser with IndexedDB");
    assert_eq!(storage.entries(Store::Events).await.expect("readable"), values);
    let usage = storage.usage().await.expect("readable");
    let events = usage.iter().find(|usage| usage.store == Store::Events).expect("listed");
    assert_eq!((events.n_entries, events.bytes), (20, 20));
    assert_eq!(storage.durability(), Durability::Persistent);
    storage.clear(Store::Events).await.expect("writable");
    assert!(storage.entries(Store::Events).await.expect("readable").is_empty());
}

#[wasm_bindgen_test]
async fn a_call_that_cannot_work_is_an_error_and_takes_no_effect() {
    let storage = empty().await;
    // A list takes no keys, so IndexedDB refuses; the store stays usable.
    let values = [vec![1], vec![2]];
    assert!(storage.append(Store::Meta, &values).await.is_err());
    assert!(storage.keys(Store::Meta).await.expect("readable").is_empty());
    storage.put(Store::Meta, "k", &[1]).await.expect("writable");
}

#[wasm_bindgen_test]
fn clocks_tell_the_time() {
    let clock = BrowserClock;
    assert!(clock.now_ms() > 1_700_000_000_000);
    let start = clock.monotonic_ms();
    assert!(clock.monotonic_ms() >= start);
}
