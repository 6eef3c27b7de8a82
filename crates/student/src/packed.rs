//! The shipped student: int8 matrices, f32 vectors, one versioned file.
//!
//! `VSTU`, format as u16 little-endian, then postcard of the code scale, the
//! outputs, the tensors in layout order and the last layer.
//! Matrices have one symmetric scale a column (largest absolute value / 127)
//! and values rounded half away from zero, clamped to ±127. What is loaded,
//! measured and shipped is the f32 that these bytes stand for.

use serde::{Deserialize, Serialize};

use crate::counting::{N_INPUTS, N_SHARED};
use crate::last_layer::LinearLayer;
use crate::layout::{N_TENSORS, TENSORS, TensorEncoding, TensorSpec};
use crate::weights::{check_code_scale, check_finite};
use crate::{LastLayer, StudentError, Weights};

const MAGIC: [u8; 4] = *b"VSTU";
/// The format this code writes; the two before it are read, too.
pub const FORMAT: u16 = 3;
/// The format whose last layer took a card without a past for any other.
pub const FORMAT_OF_TWO_GROUPS: u16 = 2;
/// The format before there was a last layer.
pub const FORMAT_WITHOUT_LAST_LAYER: u16 = 1;
/// Largest packed student, in bytes.
pub const PACKED_BYTES_MAX: usize = 1 << 20;
/// The outputs this code can read, in order.
pub const OUTPUTS: [&str; 1] = ["purchase"];

/// One tensor as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PackedTensor {
    /// Name in the layout.
    name: String,
    /// Values.
    data: PackedData,
}

/// Values of a tensor as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum PackedData {
    /// A matrix `[in, out]`: value = q · scale of its column.
    Int8 {
        /// `[out]`.
        scales: Vec<f32>,
        /// `[in, out]`.
        values: Vec<i8>,
    },
    /// As it is.
    Float(Vec<f32>),
}

/// The file's content, unchecked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Document {
    code_scale: f32,
    outputs: Vec<String>,
    tensors: Vec<PackedTensor>,
    last_layer: Option<LastLayer>,
}

/// The content of a file of [`FORMAT_WITHOUT_LAST_LAYER`].
#[derive(Deserialize)]
struct DocumentBefore {
    code_scale: f32,
    outputs: Vec<String>,
    tensors: Vec<PackedTensor>,
}

/// The content of a file of [`FORMAT_OF_TWO_GROUPS`].
#[derive(Deserialize)]
struct DocumentOfTwoGroups {
    before: DocumentBefore,
    last_layer: Option<[LinearLayerBefore; 2]>,
}

/// A linear layer without weights for cards without a past.
#[derive(Deserialize)]
struct LinearLayerBefore {
    new: [f32; N_SHARED],
    repeat: [f32; N_INPUTS],
}

impl From<LinearLayerBefore> for LinearLayer {
    fn from(LinearLayerBefore { new, repeat }: LinearLayerBefore) -> Self {
        let mut layer = Self { new, repeat, ..Self::ZERO };
        layer.without_past[..N_SHARED].copy_from_slice(&new);
        layer
    }
}

impl From<DocumentOfTwoGroups> for Document {
    fn from(DocumentOfTwoGroups { before, last_layer }: DocumentOfTwoGroups) -> Self {
        let last_layer = last_layer.map(|layers| layers.map(LinearLayer::from));
        let last_layer = last_layer.map(|[long, short]| LastLayer { long, short });
        Self { last_layer, ..before.into() }
    }
}

impl From<DocumentBefore> for Document {
    fn from(before: DocumentBefore) -> Self {
        let DocumentBefore { code_scale, outputs, tensors } = before;
        Self { code_scale, outputs, tensors, last_layer: None }
    }
}

/// The student as shipped. Always valid: every tensor of the layout, in its
/// order, with its shape and finite values.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedStudent {
    document: Document,
}

impl PackedStudent {
    /// Rounds weights to their shipped form.
    ///
    /// # Errors
    /// When a weight or the code scale is not finite.
    pub fn pack(weights: &Weights) -> Result<Self, StudentError> {
        check_code_scale(weights.code_scale())?;
        let mut tensors = Vec::with_capacity(N_TENSORS);
        for (spec, values) in TENSORS.iter().zip(weights.fields()) {
            check_finite(spec, values)?;
            let data = match spec.encoding {
                TensorEncoding::Float => PackedData::Float(values.clone()),
                TensorEncoding::Int8Columns => pack_columns(values, spec.shape[1]),
            };
            tensors.push(PackedTensor { name: spec.name.to_owned(), data });
        }
        let outputs = OUTPUTS.map(str::to_owned).to_vec();
        let (code_scale, last_layer) = (weights.code_scale(), weights.last_layer().copied());
        last_layer.as_ref().map_or(Ok(()), LastLayer::check)?;
        Ok(Self { document: Document { code_scale, outputs, tensors, last_layer } })
    }

    /// The weights that these bytes stand for.
    pub fn weights(&self) -> Weights {
        let mut weights = Weights::zeros(self.document.code_scale);
        for (field, tensor) in weights.fields_mut().into_iter().zip(&self.document.tensors) {
            match &tensor.data {
                PackedData::Float(values) => field.copy_from_slice(values),
                PackedData::Int8 { scales, values } => {
                    let n = scales.len();
                    for (i, (out, q)) in field.iter_mut().zip(values).enumerate() {
                        *out = f32::from(*q) * scales[i % n];
                    }
                }
            }
        }
        weights.with_last_layer(self.document.last_layer)
    }

    /// Scale of the item codes.
    pub fn code_scale(&self) -> f32 {
        self.document.code_scale
    }

    /// The last layer, if there is one.
    pub fn last_layer(&self) -> Option<&LastLayer> {
        self.document.last_layer.as_ref()
    }

    /// Outputs, in order.
    pub fn outputs(&self) -> &[String] {
        &self.document.outputs
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        postcard::to_extend(&self.document, bytes).expect("plain data into memory")
    }

    /// Reads and checks a file. Any bytes are safe to try.
    ///
    /// # Errors
    /// When the bytes are not exactly one valid student of a format that can be read.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StudentError> {
        if bytes.len() > PACKED_BYTES_MAX {
            return Err(StudentError::TooLarge { bytes: bytes.len() });
        }
        let rest = bytes.strip_prefix(&MAGIC).ok_or(StudentError::Magic)?;
        let (format, payload) = rest.split_first_chunk().ok_or(StudentError::Magic)?;
        let found = u16::from_le_bytes(*format);
        let (document, trailing): (Document, _) = match found {
            FORMAT => postcard::take_from_bytes(payload)?,
            FORMAT_OF_TWO_GROUPS => {
                let (before, rest): (DocumentOfTwoGroups, _) = postcard::take_from_bytes(payload)?;
                (before.into(), rest)
            }
            FORMAT_WITHOUT_LAST_LAYER => {
                let (before, rest): (DocumentBefore, _) = postcard::take_from_bytes(payload)?;
                (before.into(), rest)
            }
            _ => return Err(StudentError::Version { found, expected: FORMAT }),
        };
        if !trailing.is_empty() {
            return Err(StudentError::TrailingBytes { n_bytes: trailing.len() });
        }
        document.check()?;
        Ok(Self { document })
    }
}

impl Document {
    fn check(&self) -> Result<(), StudentError> {
        check_code_scale(self.code_scale)?;
        if self.outputs != OUTPUTS {
            return Err(StudentError::Outputs { found: self.outputs.clone() });
        }
        for (i, spec) in TENSORS.iter().enumerate() {
            let missing = StudentError::MissingTensor { name: spec.name };
            let tensor = self.tensors.get(i).ok_or(missing)?;
            if tensor.name != spec.name {
                return Err(StudentError::UnexpectedTensor { name: tensor.name.clone() });
            }
            check_tensor(spec, &tensor.data)?;
        }
        self.last_layer.as_ref().map_or(Ok(()), LastLayer::check)?;
        match self.tensors.get(N_TENSORS) {
            Some(extra) => Err(StudentError::UnexpectedTensor { name: extra.name.clone() }),
            None => Ok(()),
        }
    }
}

fn check_tensor(spec: &TensorSpec, data: &PackedData) -> Result<(), StudentError> {
    let (name, expected) = (spec.name, spec.shape);
    let shape = |found: Vec<usize>| StudentError::Shape { name, expected, found };
    match (spec.encoding, data) {
        (TensorEncoding::Float, PackedData::Float(values)) => {
            if values.len() != spec.n_values() {
                return Err(shape(vec![values.len()]));
            }
            check_finite(spec, values)
        }
        (TensorEncoding::Int8Columns, PackedData::Int8 { scales, values }) => {
            if scales.len() != expected[1] || values.len() != spec.n_values() {
                return Err(shape(vec![values.len(), scales.len()]));
            }
            // A finite scale times 127 can still overflow.
            let largest: Vec<f32> = scales.iter().map(|scale| scale * 127.0).collect();
            check_finite(spec, &largest)
        }
        _ => Err(StudentError::Encoding { name }),
    }
}

/// Rounds a matrix `[in, out]` by columns.
fn pack_columns(values: &[f32], n: usize) -> PackedData {
    let mut scales = vec![0.0f32; n];
    for row in values.chunks_exact(n) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs() / 127.0);
        }
    }
    let round = |(i, value): (usize, &f32)| {
        let scale = scales[i % n];
        if scale == 0.0 { 0 } else { (value / scale).round().clamp(-127.0, 127.0) as i8 }
    };
    let values = values.iter().enumerate().map(round).collect();
    PackedData::Int8 { scales, values }
}
