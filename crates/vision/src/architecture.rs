//! The layers of EfficientNet-lite0, in the order in which they are computed.
//!
//! Source: Tan and Le, EfficientNet (2019); the lite variant has no squeeze-and-excitation and
//! ReLU6 for swish. The table is `efficientnet_lite` of the PyPI package
//! efficientnet-lite-pytorch 0.1.0.

use crate::{PICTURE_DIM, PICTURE_SIDE};

/// Channels of a picture.
pub(crate) const INPUT_CHANNELS: usize = 3;
const STEM_CHANNELS: usize = 32;

/// Blocks of one shape.
struct Stage {
    n_blocks: usize,
    kernel: usize,
    /// Of the first block; that of the others is 1.
    stride: usize,
    expansion: usize,
    n_out: usize,
}

const fn stage(
    n_blocks: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    n_out: usize,
) -> Stage {
    Stage { n_blocks, kernel, stride, expansion, n_out }
}

const STAGES: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),
    stage(2, 3, 2, 6, 24),
    stage(2, 5, 2, 6, 40),
    stage(3, 3, 2, 6, 80),
    stage(3, 5, 1, 6, 112),
    stage(4, 5, 2, 6, 192),
    stage(1, 3, 1, 6, 320),
];

/// How a layer combines its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvolutionKind {
    /// All channels of a neighbourhood: weights \[kernel · kernel · n_in, n_out\].
    Full,
    /// All channels of one pixel: weights \[n_in, n_out\].
    Pointwise,
    /// A neighbourhood of each channel by itself: weights \[kernel · kernel, n_out\].
    Depthwise,
}

/// Where a layer stands in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerPlace {
    /// Before the blocks.
    Stem,
    /// First of a block.
    Expand(usize),
    /// Middle of a block.
    Depthwise(usize),
    /// Last of a block.
    Project(usize),
    /// Behind the blocks.
    Head,
}

/// The shape of one layer: a convolution with a bias, whose batch normalisation is folded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvolutionLayer {
    /// Where it stands.
    pub place: LayerPlace,
    /// How it combines its inputs.
    pub kind: ConvolutionKind,
    /// Side of its neighbourhood, in pixels.
    pub kernel: usize,
    /// Pixels between two neighbourhoods.
    pub stride: usize,
    /// Channels before.
    pub n_in: usize,
    /// Channels after.
    pub n_out: usize,
    /// Side of the square before, in pixels.
    pub side_in: usize,
    /// Whether ReLU6 follows.
    pub is_rectified: bool,
    /// Whether what went into the block is added to what comes out.
    pub is_residual: bool,
}

impl ConvolutionLayer {
    /// Side of the square after, in pixels.
    pub fn side_out(&self) -> usize {
        self.side_in.div_ceil(self.stride)
    }

    /// Zeros before the first pixel: as many in all as make each neighbourhood whole, the
    /// smaller half of them before.
    pub fn padding_before(&self) -> usize {
        let reached = (self.side_out() - 1) * self.stride + self.kernel;
        reached.saturating_sub(self.side_in) / 2
    }

    /// Numbers that each output is a sum over.
    pub fn n_terms(&self) -> usize {
        match self.kind {
            ConvolutionKind::Full => self.kernel * self.kernel * self.n_in,
            ConvolutionKind::Pointwise => self.n_in,
            ConvolutionKind::Depthwise => self.kernel * self.kernel,
        }
    }

    /// Its weights without biases.
    pub fn n_weights(&self) -> usize {
        self.n_terms() * self.n_out
    }
}

/// All layers, in the order in which they are computed.
pub fn convolution_layers() -> Vec<ConvolutionLayer> {
    let stem = ConvolutionLayer {
        place: LayerPlace::Stem,
        kind: ConvolutionKind::Full,
        kernel: 3,
        stride: 2,
        n_in: INPUT_CHANNELS,
        n_out: STEM_CHANNELS,
        side_in: PICTURE_SIDE,
        is_rectified: true,
        is_residual: false,
    };
    let mut layers = vec![stem];
    let (mut side, mut n_in, mut block) = (stem.side_out(), STEM_CHANNELS, 0);
    for stage in STAGES {
        for at in 0..stage.n_blocks {
            let stride = if at == 0 { stage.stride } else { 1 };
            push_block(&mut layers, &stage, block, (side, n_in, stride));
            (side, n_in, block) = (side.div_ceil(stride), stage.n_out, block + 1);
        }
    }
    let head = pointwise(LayerPlace::Head, (n_in, PICTURE_DIM), side);
    layers.push(ConvolutionLayer { is_rectified: true, ..head });
    layers
}

fn pointwise(place: LayerPlace, (n_in, n_out): (usize, usize), side_in: usize) -> ConvolutionLayer {
    ConvolutionLayer {
        place,
        kind: ConvolutionKind::Pointwise,
        kernel: 1,
        stride: 1,
        n_in,
        n_out,
        side_in,
        is_rectified: false,
        is_residual: false,
    }
}

fn push_block(
    layers: &mut Vec<ConvolutionLayer>,
    stage: &Stage,
    block: usize,
    (side, n_in, stride): (usize, usize, usize),
) {
    let n_inner = n_in * stage.expansion;
    if stage.expansion > 1 {
        let expand = pointwise(LayerPlace::Expand(block), (n_in, n_inner), side);
        layers.push(ConvolutionLayer { is_rectified: true, ..expand });
    }
    let depthwise = ConvolutionLayer {
        kind: ConvolutionKind::Depthwise,
        kernel: stage.kernel,
        stride,
        is_rectified: true,
        ..pointwise(LayerPlace::Depthwise(block), (n_inner, n_inner), side)
    };
    layers.push(depthwise);
    let project =
        pointwise(LayerPlace::Project(block), (n_inner, stage.n_out), depthwise.side_out());
    let is_residual = stride == 1 && n_in == stage.n_out;
    layers.push(ConvolutionLayer { is_residual, ..project });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_are_those_of_the_published_network() {
        let layers = convolution_layers();
        // A stem, a head, sixteen blocks of three layers, the first of which has no expansion.
        assert_eq!(layers.len(), 2 + 16 * 3 - 1);
        // 4,652,008 parameters less the 1,281,000 of the classifier; a batch normalisation has
        // two a channel where a folded layer has a scale and a bias.
        let n_weights: usize = layers.iter().map(ConvolutionLayer::n_weights).sum();
        let n_channels: usize = layers.iter().map(|layer| layer.n_out).sum();
        assert_eq!(n_weights + 2 * n_channels, 4_652_008 - 1_281_000);
        let last = layers.last().expect("layers");
        assert_eq!((last.side_in, last.n_out), (7, PICTURE_DIM));
        assert_eq!(layers.iter().filter(|layer| layer.is_residual).count(), 9);
    }

    #[test]
    fn each_layer_takes_what_the_one_before_it_gives() {
        for pair in convolution_layers().windows(2) {
            assert_eq!((pair[0].side_out(), pair[0].n_out), (pair[1].side_in, pair[1].n_in));
        }
    }

    #[test]
    fn padding_is_that_of_the_published_network() {
        let layers = convolution_layers();
        let found = |kernel, stride| {
            let of = |layer: &&ConvolutionLayer| (layer.kernel, layer.stride) == (kernel, stride);
            layers.iter().find(of).expect("such a layer").padding_before()
        };
        assert_eq!([found(3, 2), found(3, 1), found(5, 2), found(5, 1)], [0, 1, 1, 2]);
    }
}
