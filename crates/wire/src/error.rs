//! Why bytes are not a valid document.

use std::fmt;

use vitrine_domain::{ContentHash, ItemId, ShardKind, ShardRole};

use crate::svg::SvgFault;

/// A place inside a shard, shown as `Cards.variants[17]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Kind of the shard.
    pub kind: ShardKind,
    /// Field.
    pub field: &'static str,
    /// Row or entry, from 0.
    pub idx: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}.{}[{}]", self.kind, self.field, self.idx)
    }
}

/// Why bytes are not a valid document, or a document may not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// More bytes than the named limit allows.
    #[error("{what} has {bytes} bytes, at most {bytes_max} are allowed")]
    TooLarge {
        /// Which document or part.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The first three bytes are not `VTR`.
    #[error("not a shard: it does not start with the magic bytes")]
    Magic,
    /// A version of the shard format that this code does not read.
    #[error("shard format {found} is not supported: it is of another version of Vitrine")]
    ShardFormat {
        /// Version in the header.
        found: u8,
    },
    /// A kind of shard that this code does not know.
    #[error("shard kind {found} is unknown")]
    ShardKind {
        /// Kind in the header.
        found: u8,
    },
    /// Rules of the shop that are not as rules must be.
    #[error(transparent)]
    Rules(#[from] vitrine_rules::RulesError),
    /// The payload is not the structure that its kind promises.
    #[error("payload of the {kind:?} shard is malformed")]
    Payload {
        /// Kind in the header.
        kind: ShardKind,
        /// What the decoder met.
        source: postcard::Error,
    },
    /// Bytes after the end of the payload.
    #[error("{bytes} bytes follow the payload of the {kind:?} shard")]
    Trailing {
        /// Kind in the header.
        kind: ShardKind,
        /// How many.
        bytes: usize,
    },
    /// Ids are not strictly ascending, so unsorted or listed twice.
    #[error("{0} does not come after the entry before it")]
    Order(Place),
    /// An id is both a row and removed.
    #[error("{0} is removed and has a row")]
    RemovedRow(Place),
    /// Arrays that belong together differ in length.
    #[error("{place} has {found} entries, expected {expected}")]
    Length {
        /// Which array.
        place: Place,
        /// Length that the others have.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// More entries than the named limit allows (counting stops one past it).
    #[error("{place} has more than {n_max} entries")]
    TooMany {
        /// Which list.
        place: Place,
        /// The limit.
        n_max: usize,
    },
    /// An index outside its table.
    #[error("{place} is index {index} of a table of {len}")]
    Index {
        /// Which index.
        place: Place,
        /// Its value.
        index: usize,
        /// Length of the table.
        len: usize,
    },
    /// A text longer than [`vitrine_domain::limits::TEXT_CHARS_MAX`].
    #[error("{0} is too long")]
    TextTooLong(Place),
    /// A number is infinite or no number.
    #[error("{0} is not finite")]
    NotFinite(Place),
    /// A buyer count that could single people out, or that contradicts another.
    #[error("{place} counts {n_buyers} buyers, which may not be published")]
    Buyers {
        /// Which count.
        place: Place,
        /// Its value.
        n_buyers: u32,
    },
    /// Related items that repeat, name the card itself, or are not best first.
    #[error("{0} is not a list of distinct other items, best first")]
    Related(Place),
    /// An offer of no variant that is published.
    #[error("{0}: not a variant that is published")]
    Offer(Place),
    /// A value that no valid document has.
    #[error("{0} has a value that is out of range")]
    Value(Place),
    /// Picture markup that is more than shapes.
    #[error("{place}: {fault}")]
    Svg {
        /// Which picture.
        place: Place,
        /// What is wrong with it.
        fault: SvgFault,
    },
    /// Not JSON of the expected shape.
    #[error("not valid JSON of a {what}")]
    Json {
        /// Which document.
        what: &'static str,
        /// What the parser met.
        source: serde_json::Error,
    },
    /// A manifest of a format that this code does not read.
    #[error("manifest format {found} is not supported: it is of another version of Vitrine")]
    ManifestFormat {
        /// Its format.
        found: u16,
    },
    /// A field whose value cannot be right.
    #[error("{field} of the {what} is {found}, which is out of range")]
    Field {
        /// Which document.
        what: &'static str,
        /// Which field.
        field: &'static str,
        /// Its value.
        found: String,
    },
    /// Two references that share kind, role and cell, or two deltas of one kind.
    #[error("{kind:?} {role:?} {cell} is listed twice")]
    ShardTwice {
        /// Kind.
        kind: ShardKind,
        /// Role.
        role: ShardRole,
        /// Cell.
        cell: u32,
    },
    /// Two references to one hash.
    #[error("shard {0} is listed twice")]
    HashTwice(ContentHash),
    /// A shard reference whose sizes or counts are impossible.
    #[error("size or row count of shard {hash} is out of range: {field} = {found}")]
    ShardField {
        /// Which shard.
        hash: ContentHash,
        /// Which field.
        field: &'static str,
        /// Its value.
        found: u32,
    },
    /// A delta of a kind that has no bases.
    #[error("there is a {0:?} delta but no base")]
    DeltaWithoutBase(ShardKind),
    /// Model and shards disagree: a model needs codes and one student, and no
    /// model has neither; items need cards and prices.
    #[error("{n} {kind:?} bases do not fit the manifest's versions")]
    ShardsOfKind {
        /// Kind.
        kind: ShardKind,
        /// How many bases there are.
        n: usize,
    },
    /// The number of items contradicts the rows of the shards.
    #[error("{n_items} items cannot come from {n_rows} {kind:?} rows")]
    Totals {
        /// Kind.
        kind: ShardKind,
        /// What the catalogue says.
        n_items: u32,
        /// Rows of all shards of the kind.
        n_rows: u64,
    },
    /// A base shard that lists removed ids.
    #[error("a {0:?} base lists removed items")]
    RemovedInBase(ShardKind),
    /// Two bases that hold the same row.
    #[error("two {kind:?} bases hold {id}")]
    RowTwice {
        /// Kind.
        kind: ShardKind,
        /// The id (a picture's number for pictures).
        id: ItemId,
    },
    /// More distinct names than a merged table can index.
    #[error("more than {n_max} distinct {field}")]
    TableFull {
        /// Which table.
        field: &'static str,
        /// Its limit.
        n_max: usize,
    },
}
