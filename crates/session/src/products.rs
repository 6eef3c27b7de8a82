//! Products as a shop's own page names them.

use vitrine_domain::ItemId;

use crate::session::Session;

impl Session {
    /// The synced card that has a variant with this sku. A card publishes its most bought
    /// variants alone; `None` for the others, and while the card is not on the device.
    pub fn item_of_sku(&self, sku: &str) -> Option<ItemId> {
        let pair = self.active()?;
        let catalogue = &pair.catalogue;
        let has_it =
            |index: &u32| catalogue.raw(*index).variants.iter().any(|variant| variant.sku == sku);
        (0..catalogue.n_items()).find(has_it).map(|index| catalogue.id(index))
    }

    /// The first synced card, by its identifier, of which something holds.
    pub fn item_where(&self, holds: impl Fn(ItemId) -> bool) -> Option<ItemId> {
        let pair = self.active()?;
        let mut ids = (0..pair.catalogue.n_items()).map(|index| pair.catalogue.id(index));
        ids.find(|id| holds(*id))
    }
}
