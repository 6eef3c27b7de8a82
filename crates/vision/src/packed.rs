//! The network in eight bits, and its file.
//!
//! Layout, little endian: 8 bytes of magic, the format (u32), the number of layers (u32); then
//! of each layer `n_out` scales (f32), `n_out` biases (f32) and `n_terms · n_out` weights: i8 where
//! a layer is pointwise, else i16; then 32 bytes of BLAKE3 of all before. A weight is its number
//! times the scale of its channel. The architecture is not in the file: the length follows from
//! it alone.
//!
//! The stem and the depthwise layers have one weight in fifty and make most of the error of eight
//! bits, so that they get sixteen.

use crate::architecture::convolution_layers;
use crate::{ConvolutionKind, ConvolutionLayer, FloatLayer, FloatNetwork, VisionError};

const MAGIC: [u8; 8] = *b"VITRVISN";
const FORMAT: u32 = 1;
const HEADER_BYTES: usize = 16;
const CHECK_BYTES: usize = 32;
const WHAT: &str = "picture network";
/// Largest scale or bias that is read. Those of the published network are below 64; with this
/// no sum of a layer overflows.
const VALUE_MAX: f32 = 1e6;

/// Weights of one layer in eight bits.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantisedLayer {
    /// Its shape.
    pub shape: ConvolutionLayer,
    /// What a weight of each channel is a multiple of. \[n_out\]
    pub scales: Vec<f32>,
    /// \[n_out\]
    pub biases: Vec<f32>,
    /// \[n_terms, n_out\], as in [`FloatLayer`].
    pub weights: Vec<i16>,
}

/// Bytes of a weight in the file.
fn weight_bytes(shape: &ConvolutionLayer) -> usize {
    if shape.kind == ConvolutionKind::Pointwise { 1 } else { 2 }
}

/// Largest weight: symmetric, so that none lacks its negative.
fn weight_max(shape: &ConvolutionLayer) -> f32 {
    if shape.kind == ConvolutionKind::Pointwise { 127.0 } else { 32_767.0 }
}

/// All weights in eight bits.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantisedNetwork {
    layers: Vec<QuantisedLayer>,
}

impl QuantisedNetwork {
    /// Rounds each weight to one of 255 steps (65,535 in the stem and depthwise layers) that reach to the largest of its channel.
    ///
    /// # Errors
    /// [`VisionError::NotFinite`] for weights beyond what a file holds.
    pub fn quantise(network: &FloatNetwork) -> Result<Self, VisionError> {
        let layers: Vec<_> = network.layers().iter().map(quantised).collect();
        layers.iter().enumerate().try_for_each(|(at, layer)| check(at, layer))?;
        Ok(Self { layers })
    }

    /// Its layers, in the order in which they are computed.
    pub fn layers(&self) -> &[QuantisedLayer] {
        &self.layers
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(file_bytes());
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend((self.layers.len() as u32).to_le_bytes());
        for layer in &self.layers {
            let values = layer.scales.iter().chain(&layer.biases);
            bytes.extend(values.flat_map(|value| value.to_le_bytes()));
            let n = weight_bytes(&layer.shape);
            bytes.extend(
                layer.weights.iter().flat_map(|weight| weight.to_le_bytes().into_iter().take(n)),
            );
        }
        let check = blake3::hash(&bytes);
        bytes.extend(check.as_bytes());
        bytes
    }

    /// Reads a file. Memory stays within three times its length.
    ///
    /// # Errors
    /// Not such a file, of another format, of another length, damaged, or with numbers that
    /// cannot be computed with.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VisionError> {
        let header = bytes.get(..HEADER_BYTES).ok_or(VisionError::AnotherFile { what: WHAT })?;
        if header[..8] != MAGIC {
            return Err(VisionError::AnotherFile { what: WHAT });
        }
        let mut rest = &header[8..];
        let format = word(&mut rest);
        if format != FORMAT {
            return Err(VisionError::AnotherFormat { what: WHAT, found: format, read: FORMAT });
        }
        let shapes = convolution_layers();
        let found = word(&mut rest) as usize;
        if found != shapes.len() {
            return Err(VisionError::Shape { layer: 0, found, needed: shapes.len() });
        }
        if bytes.len() != file_bytes() {
            let (found, needed) = (bytes.len(), file_bytes());
            return Err(VisionError::Length { what: WHAT, found, needed });
        }
        let (content, stated) = bytes.split_at(bytes.len() - CHECK_BYTES);
        if blake3::hash(content).as_bytes() != stated {
            return Err(VisionError::Damaged { what: WHAT });
        }
        let mut rest = &content[HEADER_BYTES..];
        let layers: Vec<_> = shapes.into_iter().map(|shape| read_layer(shape, &mut rest)).collect();
        layers.iter().enumerate().try_for_each(|(at, layer)| check(at, layer))?;
        Ok(Self { layers })
    }
}

/// Length of every file.
fn file_bytes() -> usize {
    let of = |layer: &ConvolutionLayer| 8 * layer.n_out + layer.n_weights() * weight_bytes(layer);
    HEADER_BYTES + convolution_layers().iter().map(of).sum::<usize>() + CHECK_BYTES
}

fn word(rest: &mut &[u8]) -> u32 {
    u32::from_le_bytes(*rest.split_off(..4).and_then(<[u8]>::first_chunk).unwrap_or(&[0; 4]))
}

fn read_layer(shape: ConvolutionLayer, rest: &mut &[u8]) -> QuantisedLayer {
    let mut values =
        || -> Vec<f32> { (0..shape.n_out).map(|_| f32::from_bits(word(rest))).collect() };
    let (scales, biases) = (values(), values());
    let n = weight_bytes(&shape);
    let bytes = rest.split_off(..shape.n_weights() * n).unwrap_or_default();
    let weights = match n {
        1 => bytes.iter().map(|byte| i16::from(byte.cast_signed())).collect(),
        _ => bytes.as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two)).collect(),
    };
    QuantisedLayer { shape, scales, biases, weights }
}

fn check(at: usize, layer: &QuantisedLayer) -> Result<(), VisionError> {
    let is_scale = |scale: &f32| (0.0..=VALUE_MAX).contains(scale);
    let is_bias = |bias: &f32| bias.abs() <= VALUE_MAX;
    match layer.scales.iter().all(is_scale) && layer.biases.iter().all(is_bias) {
        true => Ok(()),
        false => Err(VisionError::NotFinite { what: WHAT, layer: at }),
    }
}

fn quantised(layer: &FloatLayer) -> QuantisedLayer {
    let n_out = layer.shape.n_out;
    let mut most = vec![0.0f32; n_out];
    for row in layer.weights.chunks_exact(n_out) {
        most.iter_mut().zip(row).for_each(|(most, weight)| *most = most.max(weight.abs()));
    }
    let scales: Vec<f32> = most.iter().map(|most| most / weight_max(&layer.shape)).collect();
    let steps = |(weight, scale): (&f32, &f32)| match *scale > 0.0 {
        true => {
            let most = weight_max(&layer.shape);
            (weight / scale).round().clamp(-most, most) as i16
        }
        false => 0,
    };
    let rows = layer.weights.chunks_exact(n_out);
    QuantisedLayer {
        shape: layer.shape,
        weights: rows.flat_map(|row| row.iter().zip(&scales).map(steps)).collect(),
        biases: layer.biases.clone(),
        scales,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> QuantisedNetwork {
        let mut layers = FloatNetwork::zeros().layers().to_vec();
        let mut state = 1u32;
        for layer in &mut layers {
            for value in layer.weights.iter_mut().chain(&mut layer.biases) {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *value = (state >> 8) as f32 / 16_777_216.0 - 0.5;
            }
        }
        QuantisedNetwork::quantise(&FloatNetwork::new(layers).unwrap()).unwrap()
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_is_small() {
        let packed = packed();
        let bytes = packed.to_bytes();
        assert_eq!(bytes.len(), file_bytes());
        assert!(bytes.len() < 5_000_000);
        assert_eq!(QuantisedNetwork::from_bytes(&bytes), Ok(packed));
    }

    #[test]
    fn weights_are_within_half_a_step() {
        for mut layer in FloatNetwork::zeros().layers()[..3].iter().cloned() {
            let weights = layer.weights.iter_mut().zip(0..);
            weights.for_each(|(weight, at)| *weight = (at as f32).sin());
            let found = quantised(&layer);
            for (at, weight) in layer.weights.iter().enumerate() {
                let scale = found.scales[at % layer.shape.n_out];
                assert!((weight - f32::from(found.weights[at]) * scale).abs() <= scale * 0.51);
            }
        }
    }

    #[test]
    fn what_is_changed_or_cut_is_refused() {
        let bytes = packed().to_bytes();
        let read = |bytes: &[u8]| QuantisedNetwork::from_bytes(bytes).unwrap_err();
        for end in [0, 7, 15, 16, 1_000, bytes.len() - 1] {
            read(&bytes[..end]);
        }
        for at in [16, 5_000, bytes.len() - 33, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(read(&changed), VisionError::Damaged { what: WHAT });
        }
        let mut newer = bytes.clone();
        newer[8] = 2;
        let expected = VisionError::AnotherFormat { what: WHAT, found: 2, read: 1 };
        assert_eq!(read(&newer), expected);
        // With a right checksum numbers are still looked at.
        let mut infinite = bytes;
        infinite[16..20].copy_from_slice(&f32::INFINITY.to_le_bytes());
        let end = infinite.len() - CHECK_BYTES;
        let check = *blake3::hash(&infinite[..end]).as_bytes();
        infinite[end..].copy_from_slice(&check);
        assert_eq!(read(&infinite), VisionError::NotFinite { what: WHAT, layer: 0 });
    }
}
