//! What parent and child say to each other: frames of bounded length over a pipe.
//!
//! A frame is the length of its payload (u32), what it is (u8), and the payload; numbers are
//! little endian. The child speaks first, a [`Hello`]. Then each [`TokenBatch`] of the parent is
//! answered, in order, by its vectors or by a [`BatchFailure`]. The parent ends it by closing the
//! child's standard input.
//!
//! Both sides distrust each other's bytes: what decodes is within the limits here, and no more
//! memory is taken than bytes have come.

use std::io::{self, Read, Write};

use crate::{TEXT_DIM, TOKENS_MAX};

/// Raised by any change of what is sent.
pub const PROTOCOL_VERSION: u32 = 1;
/// Tokens of one batch at most, those counted that fill short texts up.
pub const BATCH_TOKENS_MAX: usize = 32_768;
/// Texts of one batch at most.
pub const BATCH_TEXTS_MAX: usize = 4_096;
/// Longest name of a device, in bytes.
pub const NAME_BYTES_MAX: usize = 256;
/// Longest message of a failure, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1_024;

/// Begins a hello, so that no other program is taken for a child.
const MAGIC: [u8; 8] = *b"VITRCUDA";
const VECTOR_BYTES: usize = TEXT_DIM * size_of::<f32>();
/// The longest frame has the vectors of a full batch.
const PAYLOAD_BYTES_MAX: usize = 8 + BATCH_TEXTS_MAX * VECTOR_BYTES;
const HEADER_BYTES: usize = 5;

const KIND_HELLO: u8 = 1;
const KIND_BATCH: u8 = 2;
const KIND_VECTORS: u8 = 3;
const KIND_FAILURE: u8 = 4;

/// One frame.
#[derive(Clone, Debug, PartialEq)]
pub enum PipeMessage {
    /// The first of the child.
    Hello(Hello),
    /// To the child.
    Batch(TokenBatch),
    /// The answer to a batch.
    Vectors(BatchVectors),
    /// The other answer.
    Failure(BatchFailure),
}

/// What a child is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// That of [`TextEncoder`](crate::TextEncoder).
    pub model_id: [u8; 32],
    /// Name of its device.
    pub device: String,
    /// Memory of its device; 0 where that is unknown.
    pub memory_bytes: u64,
}

/// Texts of 1 to [`TOKENS_MAX`] tokens, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenBatch {
    /// Is repeated in the answer.
    pub id: u32,
    /// Tokens of each text. \[n_texts\]
    pub lengths: Vec<u16>,
    /// \[sum of the lengths\]
    pub token_ids: Vec<u32>,
}

/// Unit vectors in the order of the texts.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchVectors {
    /// That of the batch.
    pub id: u32,
    /// \[n_texts, 384\]
    pub vectors: Vec<f32>,
}

/// Why a batch has no vectors, or why there is no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchFailure {
    /// That of the batch; of no meaning before the hello.
    pub id: u32,
    /// What failed.
    pub fault: DeviceFault,
    /// What failed, in words.
    pub message: String,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceFault {
    /// The batch does not fit into the device's memory; a smaller one may.
    OutOfMemory,
    /// There is no such device; said in place of a hello.
    NoDevice,
    /// The model cannot be read or is not supported; said in place of a hello.
    Model,
    /// The computation failed.
    Computation,
}

impl DeviceFault {
    const ALL: [Self; 4] = [Self::OutOfMemory, Self::NoDevice, Self::Model, Self::Computation];

    /// Its number in a frame: the place in [`Self::ALL`].
    fn code(self) -> u8 {
        self as u8
    }
}

/// Why bytes are no frame.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The pipe failed.
    #[error("the pipe failed")]
    Io(#[from] io::Error),
    /// The bytes end within a frame.
    #[error("the bytes end within a frame")]
    CutOff,
    /// A frame that is longer than any.
    #[error("a frame of {0} bytes, more than there may be")]
    TooLong(usize),
    /// A kind of frame that is not known.
    #[error("a frame of the unknown kind {0}")]
    UnknownKind(u8),
    /// A hello of some other program.
    #[error("it is not a vitrine-cuda")]
    NotOurs,
    /// A hello of another version.
    #[error(
        "it speaks version {0} of the protocol, and this program version {PROTOCOL_VERSION}: take \
         both programs from the same build"
    )]
    Version(u32),
    /// A payload that contradicts itself or a limit.
    #[error("a frame with {0}")]
    Malformed(&'static str),
    /// A frame that is in order, but not now.
    #[error("a frame out of turn")]
    OutOfTurn,
}

/// Writes one frame.
///
/// # Errors
/// The pipe's.
pub fn write_message(to: &mut impl Write, message: &PipeMessage) -> io::Result<()> {
    to.write_all(&encode(message))?;
    to.flush()
}

/// Reads one frame; `None` where the bytes end before it.
///
/// # Errors
/// Any other [`ProtocolError`] than [`ProtocolError::OutOfTurn`].
pub fn read_message(from: &mut impl Read) -> Result<Option<PipeMessage>, ProtocolError> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    from.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    let [a, b, c, d, kind] = match header[..] {
        [] => return Ok(None),
        [a, b, c, d, kind] => [a, b, c, d, kind],
        _ => return Err(ProtocolError::CutOff),
    };
    let n_bytes = u32::from_le_bytes([a, b, c, d]) as usize;
    if n_bytes > PAYLOAD_BYTES_MAX {
        return Err(ProtocolError::TooLong(n_bytes));
    }
    // Grows with what comes, not with what was announced.
    let mut payload = Vec::new();
    from.take(n_bytes as u64).read_to_end(&mut payload)?;
    if payload.len() < n_bytes {
        return Err(ProtocolError::CutOff);
    }
    decode(kind, &payload).map(Some)
}

/// The bytes of a frame. A message beyond the limits is one that no reader takes.
pub fn encode(message: &PipeMessage) -> Vec<u8> {
    let mut out = vec![0; HEADER_BYTES];
    out[HEADER_BYTES - 1] = match message {
        PipeMessage::Hello(hello) => {
            out.extend(MAGIC);
            out.extend(PROTOCOL_VERSION.to_le_bytes());
            out.extend(hello.model_id);
            out.extend(hello.memory_bytes.to_le_bytes());
            put_text(&mut out, &hello.device, NAME_BYTES_MAX);
            KIND_HELLO
        }
        PipeMessage::Batch(batch) => {
            out.extend(batch.id.to_le_bytes());
            out.extend((batch.lengths.len() as u32).to_le_bytes());
            out.extend(batch.lengths.iter().flat_map(|length| length.to_le_bytes()));
            out.extend(batch.token_ids.iter().flat_map(|id| id.to_le_bytes()));
            KIND_BATCH
        }
        PipeMessage::Vectors(BatchVectors { id, vectors }) => {
            out.reserve(8 + vectors.len() * size_of::<f32>());
            out.extend(id.to_le_bytes());
            out.extend(((vectors.len() / TEXT_DIM) as u32).to_le_bytes());
            out.extend(vectors.iter().flat_map(|x| x.to_le_bytes()));
            KIND_VECTORS
        }
        PipeMessage::Failure(failure) => {
            out.extend(failure.id.to_le_bytes());
            out.push(failure.fault.code());
            put_text(&mut out, &failure.message, MESSAGE_BYTES_MAX);
            KIND_FAILURE
        }
    };
    let n_bytes = (out.len() - HEADER_BYTES) as u32;
    out[..4].copy_from_slice(&n_bytes.to_le_bytes());
    out
}

/// As much of a text as a limit allows, up to the end of the frame.
fn put_text(out: &mut Vec<u8>, text: &str, n_bytes_max: usize) {
    let end = text.floor_char_boundary(n_bytes_max);
    out.extend(&text.as_bytes()[..end]);
}

fn decode(kind: u8, payload: &[u8]) -> Result<PipeMessage, ProtocolError> {
    let mut rest = Rest(payload);
    match kind {
        KIND_HELLO => {
            if rest.array().ok() != Some(MAGIC) {
                return Err(ProtocolError::NotOurs);
            }
            // Nothing after it need be as here.
            let version = rest.u32()?;
            if version != PROTOCOL_VERSION {
                return Err(ProtocolError::Version(version));
            }
            let (model_id, memory_bytes) = (rest.array()?, u64::from_le_bytes(rest.array()?));
            let device = rest.text(NAME_BYTES_MAX)?;
            Ok(PipeMessage::Hello(Hello { model_id, device, memory_bytes }))
        }
        KIND_BATCH => rest.batch().map(PipeMessage::Batch),
        KIND_VECTORS => {
            let (id, n_texts) = (rest.u32()?, rest.u32()? as usize);
            if n_texts > BATCH_TEXTS_MAX || rest.0.len() != n_texts * VECTOR_BYTES {
                return Err(ProtocolError::Malformed("another number of vectors than it says"));
            }
            let vectors = rest.0.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            Ok(PipeMessage::Vectors(BatchVectors { id, vectors: vectors.collect() }))
        }
        KIND_FAILURE => {
            let (id, [code]) = (rest.u32()?, rest.array()?);
            let fault = DeviceFault::ALL.get(usize::from(code));
            let fault = *fault.ok_or(ProtocolError::Malformed("an unknown fault"))?;
            Ok(PipeMessage::Failure(BatchFailure {
                id,
                fault,
                message: rest.text(MESSAGE_BYTES_MAX)?,
            }))
        }
        kind => Err(ProtocolError::UnknownKind(kind)),
    }
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        let short = ProtocolError::Malformed("less in it than it needs");
        let (bytes, rest) = self.0.split_first_chunk().ok_or(short)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn u32(&mut self) -> Result<u32, ProtocolError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// All that is left.
    fn text(&mut self, n_bytes_max: usize) -> Result<String, ProtocolError> {
        if self.0.len() > n_bytes_max {
            return Err(ProtocolError::Malformed("a text that is too long"));
        }
        let text = str::from_utf8(self.0);
        Ok(text.map_err(|_| ProtocolError::Malformed("a text that is not UTF-8"))?.to_owned())
    }

    fn batch(&mut self) -> Result<TokenBatch, ProtocolError> {
        let (id, n_texts) = (self.u32()?, self.u32()? as usize);
        if n_texts == 0 || n_texts > BATCH_TEXTS_MAX || self.0.len() < n_texts * 2 {
            return Err(ProtocolError::Malformed("another number of texts than it says"));
        }
        let (lengths, ids) = self.0.split_at(n_texts * 2);
        let lengths = lengths.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
        let batch = TokenBatch {
            id,
            lengths: lengths.collect(),
            token_ids: ids.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
        };
        let n_tokens: usize = batch.lengths.iter().map(|length| usize::from(*length)).sum();
        if ids.len() != n_tokens * size_of::<u32>() {
            return Err(ProtocolError::Malformed("another number of tokens than it says"));
        }
        if batch.lengths.contains(&0) || batch.n_tokens_longest() > TOKENS_MAX {
            return Err(ProtocolError::Malformed("a text without tokens, or with too many"));
        }
        if batch.n_tokens_padded() > BATCH_TOKENS_MAX {
            return Err(ProtocolError::Malformed("too many tokens"));
        }
        Ok(batch)
    }
}

/// Lengths are filled up to a multiple of it: that is what tensor cores take.
const LENGTH_STEP: usize = 8;

/// A length, filled up to what is computed with.
pub(crate) fn padded_length(n_tokens: usize) -> usize {
    n_tokens.next_multiple_of(LENGTH_STEP).min(TOKENS_MAX)
}

impl TokenBatch {
    /// Tokens of the longest text.
    pub fn n_tokens_longest(&self) -> usize {
        self.lengths.iter().max().map_or(0, |length| usize::from(*length))
    }

    /// Tokens that are computed with: all texts are filled up to the same length.
    pub fn n_tokens_padded(&self) -> usize {
        self.lengths.len() * padded_length(self.n_tokens_longest())
    }
}
