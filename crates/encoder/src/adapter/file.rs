//! An adapter as bytes.

use std::collections::{HashMap, HashSet};

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::AdapterTarget;
use crate::EncoderError;
use crate::config::ModelConfig;
use crate::weights::ModelFiles;

/// Largest file of an adapter.
pub const BYTES_MAX: usize = 2 << 20;
/// Most ranks of one product.
pub(super) const RANK_MAX: usize = 64;
/// Of the file; a reader refuses others.
const VERSION: &str = "1";
/// Of a name, each of four bits.
const NAME_DIGITS: usize = 16;
/// Name of its only metadata: version, BLAKE3 of the model's weights and scale, with spaces. One
/// text, because several would be written in any order.
const SAID: &str = "vitrine-adapter";
/// Behind the name of a product, as in the `peft` package.
const A: &str = ".lora_A";
const B: &str = ".lora_B";

/// Why bytes are no adapter of a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdapterFault {
    /// More than [`BYTES_MAX`].
    #[error(
        "the adapter has {n_bytes} bytes, more than {BYTES_MAX}: a smaller rank or fewer layers make it smaller"
    )]
    TooLarge {
        /// How many.
        n_bytes: usize,
    },
    /// Not a file of tensors.
    #[error("the adapter is damaged or no safetensors file")]
    NotTensors(#[from] safetensors::SafeTensorError),
    /// Not one that this version writes.
    #[error("the adapter is of another version: fit it again")]
    Version,
    /// Something that no fit writes.
    #[error(
        "the adapter is damaged: {0}; `vitrine adapt` fits another, --adapter none does without"
    )]
    Damaged(String),
    /// It was fitted to other weights.
    #[error("the adapter was fitted to another model than the one in {}: `vitrine adapt` fits one to this, --adapter none does without", dir.display())]
    OtherBase {
        /// Folder of the model that it was to be merged into.
        dir: PathBuf,
    },
}

/// What a fit learned of one product.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LowRank {
    pub n_in: usize,
    pub n_out: usize,
    /// \[rank, n_in\]
    pub a: Vec<f32>,
    /// \[n_out, rank\]
    pub b: Vec<f32>,
}

/// What a fit learned, by the names of the model's products.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    pub(super) products: HashMap<String, LowRank>,
    pub(super) scale: f32,
    /// BLAKE3 of the weights that it was fitted to.
    pub(super) base: [u8; 32],
}

impl Adapter {
    /// The file.
    ///
    /// # Errors
    /// It is too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AdapterFault> {
        let mut names: Vec<&String> = self.products.keys().collect();
        names.sort();
        let mut tensors = Vec::new();
        for name in names {
            let LowRank { n_in, n_out, a, b } = &self.products[name];
            let rank = a.len() / n_in;
            for (end, shape, values) in [(A, vec![rank, *n_in], a), (B, vec![*n_out, rank], b)] {
                let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
                tensors.push((format!("{name}{end}"), shape, bytes));
            }
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
        });
        let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        let base = blake3::Hash::from(self.base).to_hex().to_string();
        let said = format!("{VERSION} {base} {}", self.scale);
        let metadata = HashMap::from([(SAID.to_owned(), said)]);
        let bytes = safetensors::serialize(views, Some(metadata))?;
        match bytes.len() {
            n_bytes if n_bytes > BYTES_MAX => Err(AdapterFault::TooLarge { n_bytes }),
            _ => Ok(bytes),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is none, too large or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AdapterFault> {
        if bytes.len() > BYTES_MAX {
            return Err(AdapterFault::TooLarge { n_bytes: bytes.len() });
        }
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let said = metadata.get(SAID).map_or("", String::as_str);
        let Some((VERSION, said)) = said.split_once(' ') else { return Err(AdapterFault::Version) };
        let damaged = |what: &str| AdapterFault::Damaged(what.to_owned());
        let (base, scale) = said.split_once(' ').ok_or_else(|| damaged("what it is for"))?;
        let base = blake3::Hash::from_hex(base).map_err(|_| damaged("the name of its model"))?;
        let base = *base.as_bytes();
        let scale = scale.parse().ok().filter(|scale: &f32| scale.is_finite());
        let scale = scale.ok_or_else(|| damaged("its scale"))?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let mut products = HashMap::new();
        let mut n_used = 0;
        for (name, a) in tensors.iter() {
            let Some(product) = name.strip_suffix(A) else { continue };
            let b = tensors.tensor(&format!("{product}{B}"))?;
            n_used += 2;
            let ([rank, n_in], [n_out, other_rank]) = (a.shape(), b.shape()) else {
                return Err(damaged(name));
            };
            let is_empty = *n_in == 0 || *n_out == 0;
            if is_empty || rank != other_rank || !(1..=RANK_MAX).contains(rank) {
                return Err(damaged(name));
            }
            let (n_in, n_out) = (*n_in, *n_out);
            let (a, b) = (values(&a), values(&b));
            let (a, b) = a.zip(b).ok_or_else(|| damaged(name))?;
            products.insert(product.to_owned(), LowRank { n_in, n_out, a, b });
        }
        match n_used == tensors.len() && !products.is_empty() {
            true => Ok(Self { products, scale, base }),
            false => Err(damaged("it has tensors of no product")),
        }
    }

    /// What a file with these bytes is called: the same bytes, the same name.
    pub fn name(bytes: &[u8]) -> String {
        blake3::hash(bytes).to_hex()[..NAME_DIGITS].to_owned()
    }

    /// A weight \[out, in\] with what was learned of it; as it is where nothing was.
    ///
    /// # Errors
    /// It has another shape than the one that was adapted.
    pub(crate) fn merged(&self, name: &str, weight: Tensor) -> candle_core::Result<Tensor> {
        let product = name.strip_suffix(".weight").and_then(|name| self.products.get(name));
        let Some(LowRank { n_in, n_out, a, b }) = product else { return Ok(weight) };
        if weight.dims() != [*n_out, *n_in] {
            candle_core::bail!(
                "{name} is {:?}, but the adapter's [{n_out}, {n_in}]",
                weight.dims()
            );
        }
        let rank = a.len() / n_in;
        let a = Tensor::from_slice(a, (rank, *n_in), &Device::Cpu)?;
        let b = Tensor::from_slice(b, (*n_out, rank), &Device::Cpu)?;
        let added = (b.matmul(&a)? * f64::from(self.scale))?;
        weight.to_dtype(candle_core::DType::F32)? + added
    }

    /// A product that a model of so many layers does not have.
    fn unknown(&self, n_layers: usize) -> Option<&str> {
        let known: HashSet<String> = (0..n_layers)
            .flat_map(|layer| AdapterTarget::ALL.map(|target| target.tensor_name(layer)))
            .collect();
        self.products.keys().map(String::as_str).find(|name| !known.contains(*name))
    }
}

/// An adapter of a model, from its file.
pub(crate) struct ReadAdapter {
    pub adapter: Adapter,
    pub name: String,
}

impl ReadAdapter {
    /// The adapter that is named, if one is.
    ///
    /// # Errors
    /// The file cannot be read, or is no adapter of the model in the folder.
    pub(crate) fn of(
        files: &ModelFiles,
        weights: &[u8],
        config: &ModelConfig,
    ) -> Result<Option<Self>, EncoderError> {
        let Some(path) = &files.adapter else { return Ok(None) };
        let at = |source| EncoderError::Io { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(at)?;
        file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(at)?;
        let adapter = Adapter::from_bytes(&bytes).and_then(|adapter| {
            if blake3::hash(weights).as_bytes() != &adapter.base {
                return Err(AdapterFault::OtherBase { dir: files.dir.clone() });
            }
            match adapter.unknown(config.n_layers()) {
                Some(name) => Err(AdapterFault::Damaged(name.to_owned())),
                None => Ok(adapter),
            }
        });
        let fault = |source| EncoderError::Adapter { path: path.to_owned(), source };
        Ok(Some(Self { adapter: adapter.map_err(fault)?, name: Adapter::name(&bytes) }))
    }
}

/// Finite f32 values; `None` for others.
fn values(tensor: &TensorView<'_>) -> Option<Vec<f32>> {
    let (chunks, []) = tensor.data().as_chunks::<4>() else { return None };
    let values: Vec<f32> = chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    (tensor.dtype() == Dtype::F32 && values.iter().all(|x| x.is_finite())).then_some(values)
}
