//! Frames of a segment: what is written at once and synced with one call.
//!
//! A frame is 28 bytes of head (magic, bytes of payload, number of the first record,
//! records, check) and a payload of records, a line of JSON each. The check is the first
//! 8 bytes of BLAKE3 over the rest of head and payload. The magic has bytes that UTF-8
//! never has, so no text in a payload can pass for a frame.

use serde::Serialize;

use crate::error::CatalogueError;
use crate::limits::FRAME_BYTES_MAX;

const MAGIC: [u8; 4] = [0xff, b'V', b'F', 0xfe];
const CHECK_BYTES: usize = 8;
const CHECK_AT: usize = 20;
/// Bytes of a frame before its payload.
pub(crate) const HEAD_BYTES: usize = CHECK_AT + CHECK_BYTES;

/// Records that become one frame.
pub(crate) struct RecordBatch {
    first: u64,
    n_records: u32,
    bytes: Vec<u8>,
}

/// A place in a batch to go back to.
#[derive(Clone, Copy)]
pub(crate) struct BatchMark {
    n_records: u32,
    n_bytes: usize,
}

impl RecordBatch {
    /// No records yet; the first will have number `first`.
    pub(crate) fn new(first: u64) -> Self {
        Self { first, n_records: 0, bytes: vec![0; HEAD_BYTES] }
    }

    /// Adds a record and gives its number; after an error the batch is as before.
    pub(crate) fn push(&mut self, record: &impl Serialize) -> Result<u64, serde_json::Error> {
        let mark = self.mark();
        if let Err(error) = serde_json::to_writer(&mut self.bytes, record) {
            self.go_back(mark);
            return Err(error);
        }
        self.bytes.push(b'\n');
        self.n_records += 1;
        Ok(self.last())
    }

    pub(crate) fn mark(&self) -> BatchMark {
        BatchMark { n_records: self.n_records, n_bytes: self.bytes.len() }
    }

    /// Forgets the records since a mark.
    pub(crate) fn go_back(&mut self, mark: BatchMark) {
        self.n_records = mark.n_records;
        self.bytes.truncate(mark.n_bytes);
    }

    /// Bytes of the records since a mark.
    pub(crate) fn bytes_since(&self, mark: BatchMark) -> usize {
        self.bytes.len() - mark.n_bytes
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Number of the last record; the one before the first while there is none.
    pub(crate) fn last(&self) -> u64 {
        self.first + u64::from(self.n_records) - 1
    }

    pub(crate) fn n_records(&self) -> u32 {
        self.n_records
    }

    /// The frame with its head.
    pub(crate) fn frame(&mut self) -> Result<&[u8], CatalogueError> {
        let payload_bytes = self.bytes.len() - HEAD_BYTES;
        let length = u32::try_from(payload_bytes).ok().filter(|_| payload_bytes <= FRAME_BYTES_MAX);
        let length = length.ok_or(CatalogueError::RequestTooLarge)?;
        self.bytes[..4].copy_from_slice(&MAGIC);
        self.bytes[4..8].copy_from_slice(&length.to_le_bytes());
        self.bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        self.bytes[16..CHECK_AT].copy_from_slice(&self.n_records.to_le_bytes());
        let check = check_of(&self.bytes);
        self.bytes[CHECK_AT..HEAD_BYTES].copy_from_slice(&check);
        Ok(&self.bytes)
    }
}

/// A frame that was read and is whole.
pub(crate) struct Frame<'b> {
    /// Number of its first record.
    pub(crate) first: u64,
    pub(crate) n_records: u32,
    payload: &'b [u8],
}

impl<'b> Frame<'b> {
    /// The frame at the beginning of `bytes`; `None` unless it is whole.
    pub(crate) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
        let length = u32::from_le_bytes(*head[4..].first_chunk()?) as usize;
        if head[..4] != MAGIC || length > FRAME_BYTES_MAX || length > rest.len() {
            return None;
        }
        let whole = &bytes[..HEAD_BYTES + length];
        (check_of(whole) == head[CHECK_AT..]).then_some(Self {
            first: u64::from_le_bytes(*head[8..].first_chunk()?),
            n_records: u32::from_le_bytes(*head[16..].first_chunk()?),
            payload: &rest[..length],
        })
    }

    /// Bytes of head and payload.
    pub(crate) fn n_bytes(&self) -> usize {
        HEAD_BYTES + self.payload.len()
    }

    /// Number of the record after its last.
    pub(crate) fn next(&self) -> u64 {
        self.first + u64::from(self.n_records)
    }

    /// Its records with their numbers.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, &'b [u8])> {
        let lines = self.payload.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        (self.first..).zip(lines)
    }
}

/// Whether a whole frame begins anywhere in `bytes`.
pub(crate) fn has_frame(bytes: &[u8]) -> bool {
    let starts = bytes.windows(MAGIC.len()).enumerate();
    starts.filter(|(_, window)| *window == MAGIC).any(|(at, _)| Frame::read(&bytes[at..]).is_some())
}

fn check_of(frame: &[u8]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&frame[..CHECK_AT]).update(&frame[HEAD_BYTES..]);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK_BYTES]);
    check
}
