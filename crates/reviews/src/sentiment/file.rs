//! A model as bytes.

use vitrine_optim::LinearMargin;

use super::error::SentimentFileFault;
use super::example::VECTOR_DIM_MAX;
use super::fit::POSITIVE;
use super::model::{Head, Parts, SentimentModel};
use super::stack::Stack;
use super::words::{BayesPart, Standard};
use crate::features::{FEATURES_MAX, N_BLOCKS, Vocabulary, block_of};

/// Largest file of a model.
pub const MODEL_BYTES_MAX: usize = 64 << 20;
/// Names file and version.
const MAGIC: [u8; 8] = *b"VITSENT1";
const CHECKSUM_BYTES: usize = 32;
const HEADS_MAX: usize = 5;

impl SentimentModel {
    /// The file: the same model gives the same bytes. Version, sizes, n-grams, heads, BLAKE3 of all
    /// that; numbers are little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let sizes = [self.vocabulary.len(), self.vector_dim(), self.heads.len()];
        sizes.iter().for_each(|n| out.extend((*n as u32).to_le_bytes()));
        out.push(u8::from(self.shares.is_some()));
        self.vocabulary.keys().iter().for_each(|key| out.extend(key.to_le_bytes()));
        let mut put = |values: &[f32]| values.iter().for_each(|x| out.extend(x.to_le_bytes()));
        put(&self.inverse);
        put(&self.standard.means);
        put(&self.standard.scales);
        put(self.shares.as_ref().map_or(&[], |shares| shares));
        for head in &self.heads {
            put(&[f32::from(head.target)]);
            put(&head.parts.bayes.ratios);
            let vector = head.parts.vector.as_ref();
            let linears = [&head.parts.bayes.linear, &head.parts.frequency];
            for linear in linears.into_iter().chain(vector) {
                put(&linear.weights);
                put(&[linear.bias]);
            }
            put(&head.by_text.weights);
            put(head.by_all.as_ref().map_or(&[], |stack| &stack.weights));
        }
        let checksum = blake3::hash(&out);
        out.extend(checksum.as_bytes());
        out
    }

    /// Reads a file. Memory is taken only for what is there.
    ///
    /// # Errors
    /// It is none, damaged, or has parts that no fit writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SentimentFileFault> {
        let n_bytes = bytes.len();
        if n_bytes > MODEL_BYTES_MAX {
            return Err(SentimentFileFault::TooLarge { n_bytes });
        }
        if !bytes.starts_with(&MAGIC) {
            return Err(SentimentFileFault::Version);
        }
        let end = n_bytes.checked_sub(CHECKSUM_BYTES).ok_or(SentimentFileFault::Checksum)?;
        let (said, checksum) = bytes.split_at(end);
        if blake3::hash(said).as_bytes() != checksum {
            return Err(SentimentFileFault::Checksum);
        }
        let rest = said.get(MAGIC.len()..).ok_or(SentimentFileFault::Damaged)?;
        read(rest).ok_or(SentimentFileFault::Damaged)
    }
}

fn read(bytes: &[u8]) -> Option<SentimentModel> {
    let mut rest = Reader(bytes);
    let [n, dim, n_heads] = [rest.number()?, rest.number()?, rest.number()?];
    let is_small = n <= FEATURES_MAX && dim <= VECTOR_DIM_MAX && (1..=HEADS_MAX).contains(&n_heads);
    let has_shares = match rest.take(1)? {
        [0] => false,
        [1] => true,
        _ => return None,
    };
    if !is_small {
        return None;
    }
    let keys = rest.take(n.checked_mul(4)?)?.as_chunks::<4>().0;
    let keys: Vec<u32> = keys.iter().map(|key| u32::from_le_bytes(*key)).collect();
    if keys.iter().any(|key| block_of(*key) >= N_BLOCKS) {
        return None;
    }
    let vocabulary = Vocabulary::from_keys(keys)?;
    let inverse = rest.values(n)?;
    let standard = Standard { means: rest.values(dim)?, scales: rest.values(dim)? };
    let shares = if has_shares { Some(<[f32; 4]>::try_from(rest.values(4)?).ok()?) } else { None };
    let mut heads = Vec::with_capacity(n_heads);
    for i in 0..n_heads {
        let head = rest.head(n, dim, n_heads)?;
        let is_in_order = if i == 0 {
            head.target == POSITIVE
        } else {
            has_shares && head.target > heads.last().map_or(1, |last: &Head| last.target.max(1))
        };
        if !is_in_order {
            return None;
        }
        heads.push(head);
    }
    rest.0.is_empty().then_some(SentimentModel { vocabulary, inverse, standard, heads, shares })
}

/// What is left of the bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let (chunk, _) = self.take(4)?.as_chunks::<4>();
        chunk.first().map(|bytes| u32::from_le_bytes(*bytes) as usize)
    }

    /// Finite numbers.
    fn values(&mut self, n: usize) -> Option<Vec<f32>> {
        let (chunks, _) = self.take(n.checked_mul(4)?)?.as_chunks::<4>();
        let values: Vec<f32> = chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        values.iter().all(|x| x.is_finite()).then_some(values)
    }

    fn linear(&mut self, n: usize) -> Option<LinearMargin> {
        let weights = self.values(n)?;
        Some(LinearMargin { weights, bias: *self.values(1)?.first()? })
    }

    fn head(&mut self, n: usize, dim: usize, n_heads: usize) -> Option<Head> {
        let target = *self.values(1)?.first()?;
        if ![0.0, 2.0, 3.0, 4.0, 5.0].contains(&target) || target.is_sign_negative() {
            return None;
        }
        let ratios = self.values(n)?;
        let bayes = BayesPart { ratios, linear: self.linear(n)? };
        let frequency = self.linear(n)?;
        let vector = if dim == 0 { None } else { Some(self.linear(dim)?) };
        let parts = Parts { bayes, frequency, vector };
        let by_text = Stack { weights: self.values(2 * n_heads + 1)? };
        let by_all = match dim {
            0 => None,
            _ => Some(Stack { weights: self.values(3 * n_heads + 1)? }),
        };
        Some(Head { target: target as u8, parts, by_text, by_all })
    }
}
