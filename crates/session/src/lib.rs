//! The shopper's side: event log, sync, ranking, explanation, offline search.
//!
//! A [`Session`] is given a [`Transport`], a [`Storage`], a [`Clock`] and a [`Tab`], and
//! runs the same in a browser tab, in a native test, and for a persona that a
//! product team tries out. It never sends anything that a shopper did: all it
//! can send is a [`Request`], and the [`Ledger`] keeps every one.
//!
//! The order of calls in a page:
//! 1. [`Session::open`] loads what the device has; [`Session::feed`] already works.
//!    Where the shopper has to be asked first, [`Session::require_consent`] follows at once.
//! 2. [`Session::sync_head`], then paint; [`Session::sync_rest`] in the background.
//! 3. At every navigation [`Session::take_up_pending`].
//!
//! ```
//! use std::rc::Rc;
//!
//! use vitrine_domain::{EventKind, ItemId};
//! use vitrine_session::{
//!     Adapters, FeedReason, FixedClock, LoneTab, MemoryStorage, Recorded, Response, Session,
//!     Settings, Transport, TransportError,
//! };
//!
//! /// A network that is down.
//! struct Offline;
//!
//! #[async_trait::async_trait(?Send)]
//! impl Transport for Offline {
//!     async fn get(&self, path: &str) -> Result<Response, TransportError> {
//!         Err(TransportError { path: path.into(), reason: "no network".into() })
//!     }
//!
//!     async fn post_json(&self, path: &str, _: &str) -> Result<Response, TransportError> {
//!         self.get(path).await
//!     }
//! }
//!
//! pollster::block_on(async {
//!     let session = Session::open(
//!         Adapters {
//!             transport: Rc::new(Offline),
//!             storage: Rc::new(MemoryStorage::new("an example")),
//!             clock: Rc::new(FixedClock::new(1_700_000_000_000)),
//!             tab: Rc::new(LoneTab::default()),
//!         },
//!         Settings::default(),
//!     )
//!     .await?;
//!     // What the shopper does is logged on the device, and nothing is sent.
//!     assert_eq!(session.record(EventKind::ViewItem, ItemId(7)).await, Recorded::Logged);
//!     assert!(session.ledger().is_empty());
//!     // Without a catalogue there is nothing to rank yet, and the attempt to get one is listed.
//!     assert_eq!(session.feed(10).await.reason, Some(FeedReason::NotSynced));
//!     assert!(session.sync_head().await.is_err());
//!     assert_eq!(session.ledger()[0].path, "/v1/manifest");
//!     Ok::<(), vitrine_session::SessionError>(())
//! })?;
//! # Ok::<(), vitrine_session::SessionError>(())
//! ```
#![deny(missing_docs)]

mod adapters;
mod ask;
mod ask_model;
mod backend_words;
mod basket;
mod buyable;
mod catalogue;
mod checkout;
mod choices;
mod consent;
mod conversation;
mod counterfactual;
mod device;
mod error;
mod eye;
mod failures;
mod feed;
mod finder;
mod forgotten;
mod fuse;
mod home;
mod judge;
mod language;
mod larger;
mod last_basket;
mod learner;
mod ledger;
mod lexical;
mod links;
mod log;
mod looks;
mod memory;
mod near;
mod notes;
mod obstacle;
mod offers;
mod offline;
mod opinions;
mod others;
mod pace;
mod pair;
mod pairs;
mod personal;
mod photos;
mod placed;
mod placeholder;
mod price_lists;
mod privacy;
mod product_texts;
mod products;
mod profile;
mod rank;
mod rank_input;
mod recent;
mod record;
mod removal;
mod replies;
mod rules;
mod search;
mod select;
mod session;
mod sponsored_day;
mod standing;
mod state;
mod status;
mod subject;
mod sync;
mod tab;
mod transfer;
mod unasked;
mod unwanted;
mod view;
mod wishes;
mod words;

pub use adapters::{
    Adapters, Clock, Durability, Response, Storage, StorageError, StoreName, StoreUsage, Transport,
    TransportError,
};
pub use buyable::STOCK_LOW;
pub use checkout::{
    CHECKOUT_ADDRESS_CHARS_MAX, CheckoutError, CheckoutLine, checkout_address, checkout_json,
};
pub use choices::{LowestPrice, variant_labels};
pub use counterfactual::FeedPlaces;
pub use error::SessionError;
pub use forgotten::{FORGOTTEN_CARDS_MAX, ForgottenBecause, ForgottenCard};
pub use home::{CAROUSEL_CARDS_MAX, Carousel, CarouselKind, Home};
pub use larger::PictureAsker;
pub use last_basket::LastBasket;
pub use ledger::{LEDGER_ENTRIES_MAX, Ledger, LedgerEntry, Purpose, Request};
pub use log::{DeviceEvent, Recorded};
pub use looks::{LIKENESS_MIN, LOOKS_LIKE_MIN, PictureSearchError};
pub use memory::{FixedClock, MemoryStorage};
pub use near::{NEAR_CARDS_MAX, NEAR_CATEGORIES_MAX, NearCategory};
pub use notes::{SearchNote, SearchNoteKind, doubt};
pub use obstacle::Obstacle;
pub use offers::{OFFER_EVERY, OFFER_FLOOR_PLACE};
pub use opinions::{Opinion, OpinionKind, PriceSeen};
pub use photos::{PHOTO_BYTES_SAVING_MAX, PhotoSize};
pub use placed::{PlacedBy, PlacedHow, RuleBanner};
pub use placeholder::BlurredPicture;
pub use profile::{
    PROFILE_GAPS_MIN, PROFILE_NAMED_MIN, PROFILE_PURCHASES_MIN, ProfileLine, ProfilePart,
    ProfileTrait,
};
pub use recent::RECENT_SEARCHES_MAX;
pub use record::PIECES_MAX;
pub use replies::REPLIES_MAX;
pub use select::{CATEGORY_TILES_MAX, SELECT_BLOCK};
pub use session::Session;
pub use standing::CardSince;
pub use status::{
    Backend, BackendChoice, GpuState, Learning, Network, PriceListChoice, PrivacySummary, Progress,
    Settings, Status, Versions,
};
pub use subject::ProfileSubject;
pub use tab::{Change, Heard, LoneTab, Tab};
pub use transfer::{
    FileCipher, PASSPHRASE_CHARS_MIN, PASSPHRASE_ROUNDS, SealTerms, TRANSFER_BYTES_MAX,
    TransferError,
};
pub use view::{
    Basket, BasketLine, CardPicture, Feed, FeedOrder, FeedReason, FoundBecause, ItemCard,
    ItemDetails, ItemReason, Link, Offer, Related, RelatedBy, SearchOrder, SearchResults, Tile,
    VariantView,
};
pub use vitrine_assistant::{
    AnswerVerdict, CardAnswer, ComparisonAspect, ComparisonCell, ComparisonRow, ComparisonTable,
    DialogueTurn, HandOverDraft, HandOverPart, ProductAnswer, Quote, SplitFacet, SplitOption,
    SplittingQuestion, TextOrigin, TurnReply, WishKind,
};
pub use vitrine_rules::{PublicRules, RuleId, RulesError, ShopRoute};
pub use vitrine_suggest::{Suggestion, SuggestionKind};
pub use vitrine_vision::RgbView;
pub use vitrine_wire::{
    AspectRow, CitedOrigin, CitedText, Contribution, ModelAnswer, ModelQuestion, ModelSentence,
    QueryIntent, QuoteRow, ReviewRow,
};
pub use wishes::WishedCard;
