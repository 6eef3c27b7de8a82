//! A shop that keeps the basket itself, and names products as its feed does.

use pollster::block_on;
use vitrine_domain::EventKind::{AddToCart, Purchase, RemoveFromCart, ViewItem};
use vitrine_session::{PIECES_MAX, Recorded};

use crate::device::Device;
use crate::server::FakeServer;
use crate::shop::{SIZES, Shop, sku};

#[test]
fn what_the_host_says_of_its_basket_is_recorded_with_variant_and_pieces() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let item = shop.products[2].id;
        let [small, large] = SIZES.map(|(size, _)| sku(item, size));
        assert_eq!(session.item_of_sku(&large), Some(item));

        session.record_pieces(ViewItem, item, Some(&large), Some(3)).await;
        session.record_pieces(AddToCart, item, Some(&large), Some(3)).await;
        session.record_pieces(AddToCart, item, Some(&small), None).await;
        let pieces = |session: &vitrine_session::Session| -> Vec<(Option<String>, u32)> {
            let lines = session.basket().lines;
            lines.iter().map(|line| (line.sku().map(str::to_owned), line.quantity)).collect()
        };
        assert_eq!(pieces(&session), [(Some(large.clone()), 3), (Some(small.clone()), 1)]);
        session.record_pieces(RemoveFromCart, item, Some(&large), Some(1)).await;
        session.record_pieces(Purchase, item, Some(&large), Some(2)).await;
        assert_eq!(pieces(&session), [(Some(small.clone()), 1)]);
        session.record_pieces(RemoveFromCart, item, None, None).await;
        assert_eq!(pieces(&session), []);
        let n_events = session.history().len();
        let nothing = session.record_pieces(RemoveFromCart, item, Some(&large), None).await;
        assert_eq!((nothing, session.history().len()), (Recorded::Logged, n_events));
        session.record_pieces(Purchase, item, Some(&small), Some(u32::MAX)).await;
        assert_eq!(session.history().last().and_then(|event| event.pieces), Some(PIECES_MAX));
    });
}

#[test]
fn products_are_found_once_they_are_here() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open().await;
        let item = shop.products[5].id;
        let of_item = sku(item, SIZES[0].0);
        assert_eq!(session.item_of_sku(&of_item), None, "nothing is synced");
        assert_eq!(session.item_where(|id| id == item), None);
        let session = device.open_synced().await;
        assert_eq!(session.item_of_sku(&of_item), Some(item));
        assert_eq!(session.item_where(|id| id == item), Some(item));
        assert_eq!(session.item_of_sku("no such"), None);
    });
}
