//! What arranging asks its caller.

use vitrine_domain::ItemId;

use crate::audience::ShopperFacts;
use crate::condition::Surface;
use crate::diversity::Diversity;

/// What is known of cards, by their index in the caller's catalogue.
pub trait CardFacts {
    /// The card's id.
    fn id(&self, index: u32) -> ItemId;
    /// Its department; empty where it has none.
    fn department(&self, index: u32) -> &str;
    /// Its category; empty where it has none.
    fn category(&self, index: u32) -> &str;
    /// Its brand; empty where it has none.
    fn brand(&self, index: u32) -> &str;
    /// Its price in minor units, 0 = not priced. The same for everyone.
    fn price_minor(&self, index: u32) -> u32;
    /// Whether it is on offer now.
    fn is_on_offer(&self, index: u32) -> bool;
    /// Whether it can be bought now.
    fn is_available(&self, index: u32) -> bool;
}

/// A card of a ranked list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RankedCard {
    /// Its index in the caller's catalogue.
    pub index: u32,
    /// Its score, higher is better, on any scale; what is not finite sinks.
    pub score: f32,
}

/// A list to arrange.
#[derive(Clone, Copy)]
pub struct ListToArrange<'a> {
    /// All of it, best first, each card once. Scores fall; where the list has no scores,
    /// minus the place is one.
    pub ranked: &'a [RankedCard],
    /// Other cards that a rule may place: those that a reply carries for rules. One that
    /// is in the list, too, is one of the list.
    pub extras: &'a [u32],
    /// What is known of them.
    pub cards: &'a dyn CardFacts,
}

/// Where and when a list is shown, and to whom.
#[derive(Clone, Copy)]
pub struct ListContext<'a> {
    /// Which list it is.
    pub surface: Surface<'a>,
    /// The search as it was typed; empty where nothing is searched for.
    pub query: &'a str,
    /// The department of the page, or of the card that it is about; empty without one.
    pub department: &'a str,
    /// Its category, likewise; of a search the one that it is most likely after.
    pub category: &'a str,
    /// The language that the shop is read in (BCP 47 tag).
    pub locale: &'a str,
    /// Now, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
    /// Places of one page, at least 1.
    pub page_places: usize,
    /// The place of the list's first card, from 0, where the list is one page of a longer one.
    pub first_place: usize,
    /// How many cards come behind the list, likewise.
    pub n_after: usize,
    /// Whether the other pages of such a list have the cards that rules place there: then they
    /// are left out here.
    pub pages_have_extras: bool,
    /// How many sponsored cards the shopper may still see today.
    pub sponsored_left: usize,
    /// Those that they have seen today, which do not count again.
    pub sponsored_seen: &'a [ItemId],
    /// The quota where no rule gives one; `None` = no quota.
    pub diversity: Option<Diversity>,
    /// Whether the shopper chose what the list is sorted by. Then rules leave cards out and
    /// say banners, and move nothing.
    pub is_sorted_by_shopper: bool,
    /// What the device knows; `None` on a server, where no audience is ever met.
    pub shopper: Option<&'a dyn ShopperFacts>,
}

impl Default for ListContext<'_> {
    /// The feed in 1970, for nobody in particular, in pages of twenty.
    fn default() -> Self {
        Self {
            surface: Surface::Feed,
            query: "",
            department: "",
            category: "",
            locale: "",
            now_seconds: 0,
            page_places: 20,
            first_place: 0,
            n_after: 0,
            pages_have_extras: true,
            sponsored_left: usize::MAX,
            sponsored_seen: &[],
            diversity: None,
            is_sorted_by_shopper: false,
            shopper: None,
        }
    }
}

impl std::fmt::Debug for ListContext<'_> {
    /// Without what the device knows.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListContext")
            .field("surface", &self.surface)
            .field("query", &self.query)
            .field("department", &self.department)
            .field("category", &self.category)
            .field("locale", &self.locale)
            .field("now_seconds", &self.now_seconds)
            .field("page_places", &self.page_places)
            .field("first_place", &self.first_place)
            .field("n_after", &self.n_after)
            .field("diversity", &self.diversity)
            .field("is_sorted_by_shopper", &self.is_sorted_by_shopper)
            .finish_non_exhaustive()
    }
}
