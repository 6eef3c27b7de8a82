//! What pictures look like: cards that look like another, and searches with a picture of the
//! shopper's, which stays where it is. Nothing here sends anything.

use std::rc::Rc;

use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ItemId, PICTURE_CODE_DIM, ShardKind};
use vitrine_vision::{
    CODE_BYTES, PictureCode, PictureProjection, QuantisedNetwork, RgbView, VisionError,
    VisionNetwork, network_input,
};
use vitrine_wire::PictureNetworkShard;

use crate::ItemCard;
use crate::eye::Eye;
use crate::pair::Pair;
use crate::session::Session;

const _: () = assert!(CODE_BYTES == PICTURE_CODE_DIM, "codes are made as they are published");

/// Cosine of codes below which two pictures have nothing to do with each other: what is found with
/// a picture of the shopper's is above it, the most alike first.
pub const LIKENESS_MIN: f32 = 0.25;
/// Cosine of codes from which a card is said to look like another, unasked; docs/experiments/pictures.md
/// says how often it is of the same kind.
pub const LOOKS_LIKE_MIN: f32 = 0.45;

/// Why a picture could not be searched with.
#[derive(Debug, thiserror::Error)]
pub enum PictureSearchError {
    /// What it takes is not on the device: it was not chosen, or is still to come.
    #[error("what it takes to look at pictures is not on this device yet")]
    NotHere,
    /// The shop published something that cannot be used.
    #[error("what the shop published to look at pictures cannot be used")]
    Unusable(#[from] VisionError),
}

impl Session {
    /// Whether the shopper searches with pictures of their own. The next sync fetches what that
    /// takes, or drops it; call [`Session::sync_head`] and [`Session::sync_rest`] after it.
    pub async fn set_picture_search(&self, is_on: bool) {
        self.inner.state.borrow_mut().settings.picture_search = is_on;
        self.store_settings().await;
    }

    /// Cards whose pictures look like that of a card, the most alike first, at most `limit`. What
    /// the shop never recommends unasked is there only for a card of which the same is true.
    pub fn looks_like(&self, id: ItemId, limit: usize) -> Vec<ItemCard> {
        let Some(pair) = self.active() else { return Vec::new() };
        let catalogue = &pair.catalogue;
        let Some(own) = catalogue.rows().picture_code(id) else { return Vec::new() };
        let is_restricted = |index| pair.is_restricted(index);
        let may_have = catalogue.index_of(id).is_some_and(is_restricted);
        let may_show = |index| {
            catalogue.id(index) != id
                && catalogue.is_available(index)
                && (may_have || !is_restricted(index))
        };
        let nearest = nearest(&pair, (&own.code, LOOKS_LIKE_MIN), &may_show, limit);
        let shown = self.inner.state.borrow().shown_prices();
        nearest.into_iter().map(|index| shown.card(catalogue.card(index))).collect()
    }

    /// Cards that look like a picture, the most alike first, at most `limit`; works in pieces. The
    /// picture is neither sent nor kept, and that it was asked for is in no log.
    ///
    /// # Errors
    /// [`PictureSearchError`].
    pub async fn search_by_picture(
        &self,
        picture: &RgbView<'_>,
        limit: usize,
    ) -> Result<Vec<ItemCard>, PictureSearchError> {
        let pair = self.active().ok_or(PictureSearchError::NotHere)?;
        let eye = self.eye(&pair).await?;
        let mut encoding = eye.network.begin(network_input(picture));
        let vector = loop {
            self.pace().breathe().await;
            if let Some(vector) = encoding.step() {
                break vector;
            }
        };
        let code = eye.projection.code(&vector);
        // Whoever shows a bottle asks for one.
        let nearest = nearest(&pair, (&code, LIKENESS_MIN), &|_| true, limit);
        let shown = self.inner.state.borrow().shown_prices();
        Ok(nearest.into_iter().map(|index| shown.card(pair.catalogue.card(index))).collect())
    }

    /// What makes codes of pictures, read once for each that the shop publishes.
    async fn eye(&self, pair: &Pair) -> Result<Rc<Eye>, PictureSearchError> {
        let rows = pair.catalogue.rows();
        let mut shards = pair.manifest.shards.iter();
        let shard = shards.find(|shard| shard.kind == ShardKind::PictureNetwork);
        let (Some(shard), Some(bytes)) = (shard, &rows.picture_network) else {
            return Err(PictureSearchError::NotHere);
        };
        let known = self.inner.eye.borrow().clone();
        if let Some(eye) = known.filter(|eye| eye.of == shard.hash) {
            return Ok(eye);
        }
        self.pace().breathe().await;
        let PictureNetworkShard { network, projection } = bytes;
        let projection = PictureProjection::from_bytes(projection)?;
        self.pace().breathe().await;
        let network = QuantisedNetwork::from_bytes(network)?;
        self.pace().breathe().await;
        let network = VisionNetwork::new(&network);
        let eye = Rc::new(Eye { of: shard.hash, network, projection });
        *self.inner.eye.borrow_mut() = Some(Rc::clone(&eye));
        Ok(eye)
    }
}

/// Indexes of the cards whose pictures are at least so much like a code, the most alike first, of
/// those that may be shown.
fn nearest(
    pair: &Pair,
    (code, likeness_min): (&PictureCode, f32),
    may_show: &dyn Fn(u32) -> bool,
    limit: usize,
) -> Vec<u32> {
    let catalogue = &pair.catalogue;
    let alike = |row: &vitrine_wire::PictureCodeRow| {
        let likeness = PictureProjection::likeness(code, &row.code);
        let index = (likeness >= likeness_min).then(|| catalogue.index_of(row.id)).flatten()?;
        may_show(index).then_some((index, likeness))
    };
    let mut found: Vec<(u32, f32)> =
        catalogue.rows().picture_codes.iter().filter_map(alike).collect();
    sort_by(&mut found, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(limit);
    found.into_iter().map(|(index, _)| index).collect()
}
