//! The versioned bytes that cross the network: manifest, shards, search reply,
//! problem details. Encoding, decoding, validation, size limits and the merge of
//! bases with deltas; no IO.
//!
//! There is deliberately no type here for anything a shopper did.
//!
//! ```
//! use vitrine_domain::ItemId;
//! use vitrine_wire::{PriceRow, PriceShard, Shard, content_hash, decode_shard, encode_shard};
//!
//! let row = PriceRow { id: ItemId(7), price_minor: 349, ..PriceRow::default() };
//! let shard = Shard::Prices(PriceShard { rows: vec![row], removed: Vec::new() });
//! let bytes = encode_shard(&shard)?;
//! println!("its name is {}", content_hash(&bytes));
//! assert_eq!(decode_shard(&bytes)?, shard);
//! assert!(decode_shard(&bytes[..bytes.len() - 1]).is_err(), "what is cut off is refused");
//! # Ok::<(), vitrine_wire::WireError>(())
//! ```
#![deny(missing_docs)]

mod bounded;
pub mod codec;
pub mod error;
pub mod layers;
pub mod manifest;
mod merge;
pub mod model_answer;
mod override_rows;
mod payload;
pub mod picture_codes;
pub mod problem;
pub mod query_table;
pub mod reply;
mod restricted;
pub mod reviews;
mod rules;
pub mod search;
pub mod shard;
pub mod svg;
#[cfg(feature = "v1")]
mod v1;
mod validate;

pub use codec::{content_hash, decode_shard, encode_shard};
pub use error::{Place, WireError};
pub use manifest::{decode_manifest, encode_manifest};
pub use merge::{Card, CatalogueRows, Layer, Picture};
pub use model_answer::{
    CitedOrigin, CitedText, ModelAnswer, ModelQuestion, ModelSentence, decode_model_answer,
    encode_model_answer,
};
pub use picture_codes::{PictureCodeRow, PictureCodeShard, PictureNetworkShard};
pub use problem::ProblemDetails;
pub use query_table::QueryTableShard;
pub use reply::{decode_search_reply, encode_search_reply};
pub use restricted::Restricted;
pub use reviews::{AspectRow, QuoteRow, ReviewRow, ReviewShard};
pub use search::{Contribution, QueryIntent, SearchHit, SearchReply};
pub use shard::{
    CardListPrices, CardRow, CardShard, CodeShard, DetailRow, DetailShard, OfferAmount, OfferRow,
    OfferShard, PhotoRow, PhotoShard, PictureShard, PriceListRow, PriceListShard, PriceRow,
    PriceShard, RelatedRow, RelatedShard, Shard, StudentShard, TextCode, TextCodeShard,
    VariantFacts, VariantRow,
};
pub use svg::SvgFault;
pub use validate::is_web_address;
