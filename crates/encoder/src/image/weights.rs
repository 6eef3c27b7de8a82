//! From tensors by name to layers with their batch normalisation folded in.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use vitrine_vision::{
    ConvolutionKind, ConvolutionLayer, FloatLayer, FloatNetwork, LayerPlace, QuantisedNetwork,
    convolution_layers,
};

use super::torch::StateDict;
use super::{ImageError, PICTURE_WEIGHTS};

/// Added to a variance before its root is taken: `batch_norm_epsilon` of the package.
const VARIANCE_MIN: f64 = 1e-3;

/// Numbers of a tensor by its name.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<Vec<f32>> + 'a;

/// The tensors of a state dictionary.
pub(super) fn of_state(state: &StateDict) -> impl Fn(&str) -> Option<Vec<f32>> {
    |name| state.get(name).map(|tensor| tensor.values.clone())
}

/// The folder of the picture weights: `VITRINE_PICTURE_WEIGHTS`, else
/// `vitrine/weights/efficientnet-lite0` in the user's cache folder (`XDG_CACHE_HOME`, else
/// `~/.cache`).
///
/// `None` when none of these variables nor `HOME` is set. The folder need not exist.
pub fn picture_weights_dir() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("VITRINE_PICTURE_WEIGHTS").or_else(|| {
        let cache =
            variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
        Some(cache.join("vitrine/weights/efficientnet-lite0"))
    })
}

/// The bytes of [`PICTURE_WEIGHTS`] in a folder.
pub(super) fn read_weights(dir: &Path) -> Result<Vec<u8>, ImageError> {
    let path = dir.join(PICTURE_WEIGHTS);
    fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ImageError::NoWeights { path },
        _ => ImageError::Io { path, source },
    })
}

/// The layers of the file [`PICTURE_WEIGHTS`].
pub(super) fn float_network(bytes: &[u8]) -> Result<FloatNetwork, ImageError> {
    let tensors = SafeTensors::deserialize(bytes)?;
    fold(&|name| {
        let tensor = tensors.tensor(name).ok().filter(|tensor| tensor.dtype() == Dtype::F32)?;
        let numbers = tensor.data().as_chunks::<4>().0;
        Some(numbers.iter().map(|four| f32::from_le_bytes(*four)).collect())
    })
}

/// The network in eight bits for browsers, made of the weights in a folder.
///
/// # Errors
/// The weights are missing or of another network.
pub fn quantised_network(dir: &Path) -> Result<QuantisedNetwork, ImageError> {
    Ok(QuantisedNetwork::quantise(&float_network(&read_weights(dir)?)?)?)
}

/// Folds each layer's batch normalisation into its weights and biases.
///
/// # Errors
/// [`ImageError::Tensor`], [`ImageError::Vision`].
pub(super) fn fold(lookup: &Lookup<'_>) -> Result<FloatNetwork, ImageError> {
    let layers: Result<Vec<_>, _> =
        convolution_layers().into_iter().map(|shape| folded(shape, lookup)).collect();
    Ok(FloatNetwork::new(layers?)?)
}

fn folded(shape: ConvolutionLayer, lookup: &Lookup<'_>) -> Result<FloatLayer, ImageError> {
    let (convolution, normalisation) = names(&shape);
    let tensor = |name: String, n: usize| {
        let found = lookup(&name).filter(|values| values.len() == n);
        found.ok_or(ImageError::Tensor { name, n })
    };
    let weights = tensor(format!("{convolution}.weight"), shape.n_weights())?;
    let of = |part: &str| tensor(format!("{normalisation}.{part}"), shape.n_out);
    let (gains, shifts) = (of("weight")?, of("bias")?);
    let (means, variances) = (of("running_mean")?, of("running_var")?);
    let scales: Vec<f64> = gains
        .iter()
        .zip(&variances)
        .map(|(gain, variance)| f64::from(*gain) / (f64::from(*variance) + VARIANCE_MIN).sqrt())
        .collect();
    let biases = shifts
        .iter()
        .zip(&means)
        .zip(&scales)
        .map(|((shift, mean), scale)| (f64::from(*shift) - f64::from(*mean) * scale) as f32)
        .collect();
    Ok(FloatLayer { weights: by_terms(&shape, &weights, &scales), biases, shape })
}

/// Weights \[n_out, n_in, kernel, kernel\] (one channel before where it is depthwise) to
/// \[kernel · kernel · n_in, n_out\], scaled.
fn by_terms(shape: &ConvolutionLayer, weights: &[f32], scales: &[f64]) -> Vec<f32> {
    let (n_out, area) = (shape.n_out, shape.kernel * shape.kernel);
    let n_in = if shape.kind == ConvolutionKind::Depthwise { 1 } else { shape.n_in };
    let mut out = vec![0.0; weights.len()];
    for (o, (weights, scale)) in weights.chunks_exact(n_in * area).zip(scales).enumerate() {
        for (at, weight) in weights.iter().enumerate() {
            let (channel, position) = (at / area, at % area);
            out[(position * n_in + channel) * n_out + o] = (f64::from(*weight) * scale) as f32;
        }
    }
    out
}

/// What the package calls a layer's convolution and its batch normalisation.
fn names(shape: &ConvolutionLayer) -> (String, String) {
    let of = |block: usize, convolution: &str, normalisation: &str| {
        (format!("_blocks.{block}.{convolution}"), format!("_blocks.{block}.{normalisation}"))
    };
    match shape.place {
        LayerPlace::Stem => ("_conv_stem".to_owned(), "_bn0".to_owned()),
        LayerPlace::Expand(block) => of(block, "_expand_conv", "_bn0"),
        LayerPlace::Depthwise(block) => of(block, "_depthwise_conv", "_bn1"),
        LayerPlace::Project(block) => of(block, "_project_conv", "_bn2"),
        LayerPlace::Head => ("_conv_head".to_owned(), "_bn1".to_owned()),
    }
}
