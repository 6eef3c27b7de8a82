//! What BERT does between its matrix products, each step in one pass over its rows, whose
//! results are the next product's input as well.
//!
//! Each is compiled for the vectors of every kernel.
#![allow(unsafe_code, reason = "calls of features that the choice of the kernel has detected")]

use super::{Kernel, Rows};

/// A function with its twins for wider vectors; the kernel says which are there.
macro_rules! for_each_width {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        pub(super) fn $name(kernel: Kernel, $($arg: $type),*) {
            #[inline(always)]
            fn any_width($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512($($arg: $type),*) {
                any_width($($arg),*);
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $type),*) {
                any_width($($arg),*);
            }

            match kernel {
                // SAFETY: no kernel is used that is not available.
                #[cfg(target_arch = "x86_64")]
                Kernel::Amx | Kernel::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => unsafe { avx2($($arg),*) },
                _ => any_width($($arg),*),
            }
        }
    };
}

for_each_width! {
    /// Adds a bias \[d\] and a residual \[n, d\] to `x` \[n, d\] and normalises each row, which
    /// `rows` \[n, d\] then have, too.
    ///
    /// # Source
    /// Ba, Kiros, Hinton, "Layer Normalization", 2016.
    fn add_norm(x: &mut [f32], residual: &[f32], norm: &NormParameters, rows: &mut Rows) {
        let dim = norm.bias.len();
        let residual = residual.chunks_exact(dim);
        for (row, (x, residual)) in x.chunks_exact_mut(dim).zip(residual).enumerate() {
            for ((x, residual), bias) in x.iter_mut().zip(residual).zip(&norm.bias) {
                *x += residual + bias;
            }
            normalise(x, norm);
            rows.set(row, x);
        }
    }
}

/// Parameters of a bias followed by a layer normalisation. Each \[d\]
#[derive(Clone, Debug)]
pub(super) struct NormParameters {
    pub bias: Vec<f32>,
    pub gain: Vec<f32>,
    pub offset: Vec<f32>,
    pub eps: f32,
}

#[inline(always)]
fn normalise(x: &mut [f32], norm: &NormParameters) {
    let n = x.len() as f32;
    let mean = sum(x, |x| x) / n;
    let variance = sum(x, |x| (x - mean) * (x - mean)) / n;
    let factor = (variance + norm.eps).sqrt().recip();
    for ((x, gain), offset) in x.iter_mut().zip(&norm.gain).zip(&norm.offset) {
        *x = (*x - mean) * factor * gain + offset;
    }
}

/// Sum of a function over a slice in 16 independent parts, which the compiler
/// turns into vector instructions.
#[inline(always)]
fn sum(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = x.as_chunks::<16>();
    let mut parts = [0.0f32; 16];
    for chunk in chunks {
        for (part, x) in parts.iter_mut().zip(chunk) {
            *part += f(*x);
        }
    }
    parts.iter().sum::<f32>() + rest.iter().map(|x| f(*x)).sum::<f32>()
}

for_each_width! {
    /// Adds a bias \[d\] to `x` \[n, d\] and applies x · Φ(x); `rows` \[n, d\] get the result.
    ///
    /// # Source
    /// Hendrycks, Gimpel, "Gaussian Error Linear Units", 2016.
    fn bias_gelu(x: &mut [f32], bias: &[f32], rows: &mut Rows) {
        for (row, x) in x.chunks_exact_mut(bias.len()).enumerate() {
            for (x, bias) in x.iter_mut().zip(bias) {
                let y = *x + bias;
                *x = 0.5 * y * (1.0 + erf(y * std::f32::consts::FRAC_1_SQRT_2));
            }
            rows.set(row, x);
        }
    }
}

/// Rational approximation of the error function, within 4e-7 everywhere.
///
/// # Source
/// The float kernel of Eigen and XLA (`ErfImpl32`).
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let p = -2.726_142_3e-10;
    let p = p * s + 2.770_681_5e-8;
    let p = p * s - 2.101_024e-6;
    let p = p * s - 5.692_506_5e-5;
    let p = p * s - 7.349_906_5e-4;
    let p = p * s - 2.954_6e-3;
    let p = p * s - 1.609_603_4e-2;
    let q = -1.456_607_2e-5;
    let q = q * s - 2.133_740_5e-4;
    let q = q * s - 1.682_827e-3;
    let q = q * s - 7.373_329e-3;
    let q = q * s - 1.426_473_9e-2;
    x * p / q
}

/// The exponential of a number that is not positive, within 1e-6 relative.
///
/// # Source
/// The float kernel of Cephes (`expf`).
#[inline(always)]
fn exp_of_negative(x: f32) -> f32 {
    // Adding and subtracting this rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let n = x * std::f32::consts::LOG2_E + ROUND;
    let power = ((n.to_bits() as i32) << 23).wrapping_add(1.0f32.to_bits() as i32);
    let n = n - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    (p * r * r + r + 1.0) * f32::from_bits(power as u32)
}

/// Numbers of the widest vector.
const LANES: usize = 16;

/// Shape of the attention of a batch of texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttentionShape<'a> {
    /// Tokens of each text.
    pub lengths: &'a [usize],
    pub n_heads: usize,
}

for_each_width! {
    /// Every token attends to all tokens of its text.
    ///
    /// The query is expected to be divided by the square root of the head's size.
    ///
    /// # Shapes
    /// `qkv`: \[sum of lengths, 3 · d\] without its `bias` \[3 · d\];
    /// `rows`: \[sum of lengths, d\].
    ///
    /// # Source
    /// Vaswani et al., "Attention Is All You Need", 2017.
    fn attention(qkv: &mut [f32], bias: &[f32], shape: AttentionShape<'_>, rows: &mut Rows) {
        let dim = bias.len() / 3;
        let head_dim = dim / shape.n_heads;
        let n_tokens_max = shape.lengths.iter().copied().max().unwrap_or(0);
        let n_lanes_max = n_tokens_max.next_multiple_of(LANES);
        let mut keys = vec![0.0; head_dim * n_lanes_max];
        let mut weights = vec![0.0; n_lanes_max];
        let mut mixed = vec![0.0; dim * n_tokens_max];
        for row in qkv.chunks_exact_mut(bias.len()) {
            for (x, bias) in row.iter_mut().zip(bias) {
                *x += bias;
            }
        }
        let mut first = 0;
        for &n_tokens in shape.lengths {
            let qkv = &qkv[first * bias.len()..][..n_tokens * bias.len()];
            let n_lanes = n_tokens.next_multiple_of(LANES);
            let (keys, weights) = (&mut keys[..head_dim * n_lanes], &mut weights[..n_lanes]);
            let mixed = &mut mixed[..n_tokens * dim];
            for head in 0..shape.n_heads {
                let heads = HeadRows { qkv, dim, start: head * head_dim, head_dim };
                heads.transpose_keys(keys, n_lanes);
                for (token, mixed) in mixed.chunks_exact_mut(dim).enumerate() {
                    heads.weigh(token, keys, weights);
                    heads.mix(weights, &mut mixed[heads.start..][..head_dim]);
                }
            }
            for (token, mixed) in mixed.chunks_exact(dim).enumerate() {
                rows.set(first + token, mixed);
            }
            first += n_tokens;
        }
    }
}

/// Query, key and value of one head in the rows of one text.
#[derive(Clone, Copy)]
struct HeadRows<'a> {
    /// \[n_tokens, 3 · dim\]
    qkv: &'a [f32],
    dim: usize,
    /// Where the head begins within each third of a row.
    start: usize,
    head_dim: usize,
}

impl HeadRows<'_> {
    fn n_tokens(&self) -> usize {
        self.qkv.len() / (3 * self.dim)
    }

    /// \[head_dim, n_lanes\], of which the first n_tokens of each row are used.
    #[inline(always)]
    fn transpose_keys(&self, keys: &mut [f32], n_lanes: usize) {
        for (token, row) in self.qkv.chunks_exact(3 * self.dim).enumerate() {
            for (d, key) in row[self.dim + self.start..][..self.head_dim].iter().enumerate() {
                keys[d * n_lanes + token] = *key;
            }
        }
    }

    /// Softmax of the inner products of a query with all keys. \[n_lanes\], 0 behind the
    /// last token.
    #[inline(always)]
    fn weigh(&self, token: usize, keys: &[f32], weights: &mut [f32]) {
        let query = &self.qkv[token * 3 * self.dim + self.start..][..self.head_dim];
        let n_lanes = weights.len();
        for (at, weights) in weights.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut sums = [0.0; LANES];
            for (query, keys) in query.iter().zip(keys.chunks_exact(n_lanes)) {
                let keys = &keys[at * LANES..][..LANES];
                for (sum, key) in sums.iter_mut().zip(keys) {
                    *sum += query * key;
                }
            }
            *weights = sums;
        }
        let n_tokens = self.n_tokens();
        let largest = weights[..n_tokens].iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
        for weight in weights.iter_mut() {
            *weight = exp_of_negative(*weight - largest);
        }
        weights[n_tokens..].fill(0.0);
        let factor = sum(weights, |weight| weight).recip();
        weights.iter_mut().for_each(|weight| *weight *= factor);
    }

    /// Sum of the values by weight. \[head_dim\]
    #[inline(always)]
    fn mix(&self, weights: &[f32], out: &mut [f32]) {
        let (chunks, rest) = out.as_chunks_mut::<LANES>();
        let n_chunked = chunks.len() * LANES;
        for (at, out) in chunks.iter_mut().enumerate() {
            let mut sums = [0.0; LANES];
            for (weight, row) in weights.iter().zip(self.qkv.chunks_exact(3 * self.dim)) {
                let value = &row[2 * self.dim + self.start + at * LANES..][..LANES];
                for (sum, value) in sums.iter_mut().zip(value) {
                    *sum += weight * value;
                }
            }
            *out = sums;
        }
        rest.fill(0.0);
        for (weight, row) in weights.iter().zip(self.qkv.chunks_exact(3 * self.dim)) {
            let value = &row[2 * self.dim + self.start..][..self.head_dim];
            for (out, value) in rest.iter_mut().zip(&value[n_chunked..]) {
                *out += weight * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Error function by its Taylor series in f64, good for |x| ≤ 4.
    fn exact_erf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn erf_is_near_the_exact_one() {
        for i in -4_000..=4_000 {
            let x = i as f32 / 1_000.0;
            let error = (f64::from(erf(x)) - exact_erf(f64::from(x))).abs();
            assert!(error < 4e-7, "{x}: {error}");
        }
        assert!((erf(30.0) - 1.0).abs() < 4e-7 && (erf(-30.0) + 1.0).abs() < 4e-7);
    }

    #[test]
    fn exp_is_near_the_exact_one() {
        for i in 0..=87_000 {
            let x = -i as f32 / 1_000.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp_of_negative(x)) - exact).abs() / exact;
            assert!(error < 1e-6, "{x}: {error}");
        }
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert!(exp_of_negative(f32::NEG_INFINITY) < 1e-37);
    }
}
