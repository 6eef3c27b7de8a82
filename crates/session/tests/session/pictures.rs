//! What pictures look like: fetched by a setting, compared on the device, sent nowhere.

use pollster::block_on;
use vitrine_domain::{ItemId, PICTURE_CODE_DIM};
use vitrine_session::{PictureSearchError, RgbView, Session};
use vitrine_vision::{
    ConvolutionKind, FloatNetwork, LayerPlace, PICTURE_DIM, PictureProjection, QuantisedNetwork,
    VisionNetwork,
};
use vitrine_wire::{PictureCodeShard, PictureNetworkShard, Shard};

use crate::device::Device;
use crate::server::FakeServer;
use crate::shop::Shop;

const PIXELS: [u8; 48] = [90; 48];

fn picture() -> RgbView<'static> {
    RgbView::new(4, 4, &PIXELS).expect("a picture")
}

/// A network in whose eyes every picture is the same, and not nothing.
fn network() -> QuantisedNetwork {
    let mut layers = FloatNetwork::zeros().layers().to_vec();
    let head = layers.last_mut().expect("a head");
    assert_eq!((head.shape.place, head.shape.kind), (LayerPlace::Head, ConvolutionKind::Pointwise));
    for (at, bias) in head.biases.iter_mut().enumerate() {
        *bias = (at % 7) as f32 / 2.0;
    }
    let network = FloatNetwork::new(layers).expect("of this shape");
    QuantisedNetwork::quantise(&network).expect("finite")
}

/// A shop whose first cards look like every picture, the others like its opposite; the last has
/// none.
fn shop() -> (Shop, Vec<ItemId>) {
    let mut shop = Shop::new(60);
    let mut ids: Vec<_> = shop.products.iter().map(|product| product.id).collect();
    ids.sort_unstable();
    let mut directions = vec![0.0; PICTURE_CODE_DIM * PICTURE_DIM];
    (0..PICTURE_CODE_DIM).for_each(|d| directions[d * PICTURE_DIM + 7 * d + 3] = 1.0);
    let projection =
        PictureProjection::new(vec![0.0; PICTURE_DIM], directions, 0.02).expect("finite");
    let code = projection.code(&VisionNetwork::new(&network()).encode(&picture()));
    assert_ne!(code, [0; PICTURE_CODE_DIM]);
    let seen = &ids[..ids.len() - 1];
    let codes = seen.iter().enumerate().flat_map(|(at, _)| match at {
        0..5 => code,
        _ => code.map(|x| -x),
    });
    let codes = PictureCodeShard { codes: codes.collect(), ids: seen.to_vec(), removed: vec![] };
    let (network, projection) = (network().to_bytes(), projection.to_bytes());
    shop.more.push(Shard::PictureCodes(codes));
    shop.more.push(Shard::PictureNetwork(PictureNetworkShard { network, projection }));
    (shop, ids)
}

async fn sync(session: &Session) {
    session.sync_head().await.expect("served");
    session.sync_rest(|_| {}).await.expect("served");
}

fn ids_of(cards: &[vitrine_session::ItemCard]) -> Vec<ItemId> {
    cards.iter().map(|card| card.id).collect()
}

#[test]
fn a_picture_is_searched_with_on_the_device_and_nothing_is_sent() {
    block_on(async {
        let (shop, ids) = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let status = session.status();
        assert!(status.offers_picture_search && !status.has_picture_network);
        let refused = session.search_by_picture(&picture(), 9).await;
        assert!(matches!(refused, Err(PictureSearchError::NotHere)), "it is not fetched by use");
        server.take_paths();

        session.set_picture_search(true).await;
        assert_eq!(server.take_paths(), [""; 0]);
        sync(&session).await;
        assert_eq!(server.take_paths().len(), 2, "manifest and network");
        assert!(session.status().has_picture_network);
        let n_events = session.history().len();
        let found = session.search_by_picture(&picture(), 3).await.expect("found");
        assert_eq!(ids_of(&found), ids[..3]);
        assert_eq!(session.search_by_picture(&picture(), 60).await.expect("found").len(), 5);
        assert_eq!((server.take_paths().len(), session.history().len()), (0, n_events));

        let later = device.open_synced().await;
        assert_eq!(server.take_paths().len(), 1, "all but the manifest is here");
        later.set_picture_search(false).await;
        sync(&later).await;
        assert!(!later.status().has_picture_network);
        let again = device.open_synced().await;
        assert!(!again.status().has_picture_network, "what nobody has a use for is dropped");
    });
}

#[test]
fn cards_look_like_each_other_without_the_network() {
    block_on(async {
        let (shop, ids) = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        server.take_paths();
        let like = ids_of(&session.looks_like(ids[0], 30));
        assert!(!like.is_empty() && like.iter().all(|id| ids[1..5].contains(id)), "{like:?}");
        let like = ids_of(&session.looks_like(ids[20], 100));
        assert!(!like.contains(&ids[20]) && like.iter().all(|id| !ids[..5].contains(id)));
        assert_eq!(session.looks_like(ids[20], 4).len(), 4);
        assert!(session.looks_like(ids[ids.len() - 1], 4).is_empty(), "it has no picture");
        assert_eq!(server.take_paths(), [""; 0]);
    });
}
