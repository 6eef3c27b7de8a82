//! Search in private: no request, whatever is searched for.

use pollster::block_on;
use vitrine_domain::{Query, Sort, TEXT_CODE_DIM};
use vitrine_session::{SearchOrder, Session};
use vitrine_wire::{QueryTableShard, Shard, TextCodeShard};

use crate::device::Device;
use crate::server::{FakeServer, Fault};
use crate::shop::Shop;

fn query(text: &str) -> Query {
    Query { text: text.into(), ..Query::default() }
}

async fn sync(session: &Session) {
    session.sync_head().await.expect("served");
    session.sync_rest(|_| {}).await.expect("served");
}

/// FNV-1a, as the table has it.
fn hash(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// A shop in whose table "breakfast", a word that no title has, means what bread means.
fn shop() -> Shop {
    let mut shop = Shop::new(120);
    let mut ids: Vec<_> = shop.products.iter().map(|product| product.id).collect();
    ids.sort_unstable();
    let code = |id| {
        let mut code = [1i8; TEXT_CODE_DIM];
        let is_bread = shop.product(id).title.contains("bread");
        code[..64].fill(if is_bread { 120 } else { -20 });
        code
    };
    let codes = ids.iter().flat_map(|id| code(*id)).collect();
    let attributes = vec![String::new(); ids.len()];
    let mut row = [0i8; TEXT_CODE_DIM];
    row[..64].fill(127);
    let table = QueryTableShard {
        mean: vec![0.0; TEXT_CODE_DIM],
        query_mean: vec![0.0; TEXT_CODE_DIM],
        unit: 0.001,
        intercept: vec![0.0; TEXT_CODE_DIM],
        words: vec![hash("breakfast")],
        units: vec![0.001],
        rows: row.to_vec(),
        language: "en".into(),
        relevance: vec![0.0, 0.0, 0.0, 0.0, 1.0, 0.5, 1.0, 2.5],
        synonyms: vec![("drink".into(), vec!["milk".into()])],
    };
    shop.more.push(Shard::QueryTable(table));
    shop.more.push(Shard::TextCodes(TextCodeShard { ids, codes, attributes, removed: Vec::new() }));
    shop
}

#[test]
fn in_private_a_search_is_no_request_and_goes_by_meaning() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let status = session.status();
        assert!(status.offers_meaning && !status.has_meaning, "nobody fetches it unasked");
        let n_before = server.take_paths().len();

        session.set_private(true).await;
        let words = session.search(query("milk")).await.expect("found here");
        assert!(words.private && !words.offline && words.n_total == 20);
        assert_eq!(server.take_paths(), [""; 0], "words are enough until the rest is here");
        sync(&session).await;
        let fetched = server.take_paths();
        assert_eq!(fetched.len(), 3, "manifest, codes and table: {fetched:?}");
        assert!(session.status().has_meaning && n_before > 3);

        for text in ["breakfast", "drink", "milk under €5", "zzqx", ""] {
            for sort in [Sort::Relevance, Sort::PriceAscending] {
                let asked = Query { sort, facets: true, ..query(text) };
                let found = session.search(asked.clone()).await.expect("found here");
                assert!(found.private && found.facets.is_some(), "{text}");
                assert!(session.search_again(&asked).is_none(), "nothing of the server's");
            }
        }
        let meant = session.search(query("breakfast")).await.expect("found here");
        assert_eq!(meant.order, SearchOrder::Device);
        let is_bread = |tile: &vitrine_session::Tile| tile.card.title.contains("bread");
        assert!(meant.n_total == 20 && meant.tiles.iter().all(is_bread), "{}", meant.n_total);
        let stands_for = session.search(query("drink")).await.expect("found here");
        assert_eq!(stands_for.synonyms.len(), 1);
        server.set_fault(Fault::Down);
        assert_eq!(session.search(query("milk")).await.expect("found here").n_total, 20);
        assert_eq!(server.take_paths(), [""; 0]);
    });
}

#[test]
fn the_choice_is_kept_and_taken_back() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_private(true).await;
        sync(&session).await;

        server.take_paths();
        let later = device.open_synced().await;
        assert!(later.status().settings.private_search && later.status().has_meaning);
        assert_eq!(server.take_paths().len(), 1, "all but the manifest is here");
        later.set_private(false).await;
        sync(&later).await;
        assert!(!later.status().has_meaning);
        let found = later.search(query("milk")).await.expect("served");
        assert!(!found.private && found.order == SearchOrder::Server);
        let again = device.open_synced().await;
        assert!(!again.status().has_meaning, "what nobody has a use for is dropped");
    });
}

#[test]
fn a_later_version_is_searched_as_if_it_were_the_first() {
    block_on(async {
        let mut shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_private(true).await;
        sync(&session).await;
        let ids = |found: &vitrine_session::SearchResults| -> Vec<_> {
            found.tiles.iter().map(|tile| (tile.card.id, tile.card.price_minor)).collect()
        };
        let cheap = Query { sort: Sort::PriceAscending, ..query("milk") };
        let before = ids(&session.search(cheap.clone()).await.expect("found here"));

        let milk = before[before.len() - 1].0;
        server.published.borrow_mut().revise(&[(milk, 1)]);
        sync(&session).await;
        let after = ids(&session.search(cheap.clone()).await.expect("found here"));
        assert_eq!((after[0], after.len()), ((milk, 1), before.len()));

        let place = shop.products.iter().position(|product| product.id == milk).expect("listed");
        shop.products[place].title = "Zabaglione".into();
        shop.catalogue += 1;
        server.publish(&shop);
        sync(&session).await;
        session.take_up_pending();
        let sweet = session.search(query("zabaglione")).await.expect("found here");
        assert_eq!(ids(&sweet).len(), 1);
        let left = session.search(cheap).await.expect("found here");
        assert_eq!(left.n_total as usize, before.len() - 1);
    });
}
