//! The versioned bytes that cross the network: manifest, shards, search reply,
//! problem details. Encoding, decoding, validation and size limits; no IO.
//!
//! There is deliberately no type here for anything a shopper did.
#![deny(missing_docs)]

pub mod codec;
pub mod problem;
pub mod search;
pub mod shard;

pub use codec::{
    WireError, content_hash, decode_manifest, decode_shard, encode_manifest, encode_shard,
};
pub use problem::Problem;
pub use search::{SearchHit, SearchReply};
pub use shard::{
    CardRow, CardShard, CodeShard, PictureShard, PriceRow, PriceShard, RelatedRow, RelatedShard,
    Shard, StudentShard, VariantRow,
};
