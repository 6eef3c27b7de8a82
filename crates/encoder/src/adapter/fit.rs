//! From pairs of texts to an adapter.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Device, Tensor, Var};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vitrine_optim::{Adam, Epochs, Fall, Moments, Schedule, Update};

use super::AdapterTarget;
use super::contrast::{Batch, contrast};
use super::file::{Adapter, BYTES_MAX, LowRank, RANK_MAX};
use super::negatives::{Adversary, Candidates, Choice, Drawn, Negatives};
use super::network::{Beside, BesideAll, FrozenNetwork};
use super::ops::dot;
use crate::config::ModelConfig;
use crate::weights::{Weights, read_weight_file};
use crate::{EncoderError, TEXT_DIM, TOKENS_MAX, TextEncoder, TextRole};

/// Room for the names in an adapter's file.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Tokens that one core works at, at once.
const CHUNK_TOKENS: usize = 256;
const ADAM: Adam = Adam::new(0.999);

/// How an adapter is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdapterConfig {
    /// Of A · B.
    pub rank: usize,
    /// How many of the last layers are adapted.
    pub n_layers: usize,
    /// Which of their products.
    pub targets: Vec<AdapterTarget>,
    /// What A · B is multiplied by.
    pub scale: f32,
    /// Highest learning rate.
    pub rate: f32,
    /// Pairs of a step.
    pub batch: usize,
    /// Times that each pair is seen.
    pub n_passes: usize,
    /// What cosines are divided by in the loss.
    pub temperature: f32,
    /// Which wrong passages are shown.
    pub negatives: Negatives,
    /// How much less near than the right one a wrong passage has to be without the adapter.
    pub margin: f32,
    /// Tokens of a passage that are read while fitting.
    pub n_tokens: usize,
    /// Of everything that is drawn.
    pub seed: u64,
}

impl Default for AdapterConfig {
    fn default() -> Self {
        Self {
            rank: 8,
            n_layers: 3,
            targets: vec![AdapterTarget::Query, AdapterTarget::Value],
            scale: 2.0,
            rate: 5e-4,
            batch: 64,
            n_passes: 1,
            temperature: 0.05,
            negatives: Negatives::Hard,
            margin: 0.02,
            n_tokens: 32,
            seed: 7,
        }
    }
}

impl AdapterConfig {
    /// # Errors
    /// A number that no fit can work with, by its name.
    pub fn check(&self) -> Result<(), EncoderError> {
        let positive = |x: f32| x > 0.0 && x.is_finite();
        for (name, is_good, needed) in [
            ("rank", (1..=RANK_MAX).contains(&self.rank), "1 to 64"),
            ("n_layers", self.n_layers > 0, "1 or more"),
            ("targets", !self.targets.is_empty(), "at least one"),
            ("scale", positive(self.scale), "above 0"),
            ("rate", positive(self.rate), "above 0"),
            ("batch", (2..=1_024).contains(&self.batch), "2 to 1024"),
            ("n_passes", self.n_passes > 0, "1 or more"),
            ("temperature", positive(self.temperature), "above 0"),
            ("margin", self.margin.is_finite(), "a number"),
            ("n_tokens", (8..=TOKENS_MAX).contains(&self.n_tokens), "8 to 256"),
        ] {
            if !is_good {
                return Err(EncoderError::AdapterConfig { name, needed });
            }
        }
        Ok(())
    }
}

/// A text, and the passage that it is to lie near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingPair {
    /// What was searched for, or what is said of an item that is bought with the other.
    pub text: String,
    /// What it is.
    pub role: TextRole,
    /// Number of the passage.
    pub passage: u32,
}

/// What an adapter is fitted to, with what the model without adapter makes of it.
#[derive(Clone, Copy, Debug)]
pub struct TrainingTexts<'a> {
    /// What is said of the items.
    pub passages: &'a [&'a str],
    /// Their vectors. \[passages, 384\]
    pub passage_vectors: &'a [f32],
    /// What lies near what.
    pub pairs: &'a [TrainingPair],
    /// Vectors of the pairs' texts. \[pairs, 384\]
    pub pair_vectors: &'a [f32],
}

/// How far a fit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdapterStep {
    /// Steps done.
    pub n_done: usize,
    /// Steps in all.
    pub n_total: usize,
    /// Mean loss of the last steps.
    pub loss: f32,
}

/// Fits an adapter of the model in `dir`, which `encoder` was loaded from without one.
///
/// # Errors
/// The configuration makes no sense; there are vectors of other texts; a file of the
/// model cannot be read; `cancel` was set.
///
/// # Source
/// Loss over all texts of a step, though each core computes a part of them: Gao et al.,
/// "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup" (2021). Passages
/// that the unadapted model finds nearer than the right one are no wrong ones: Solatorio,
/// "GISTEmbed" (2024).
pub fn fit_adapter(
    dir: &Path,
    encoder: &TextEncoder,
    texts: TrainingTexts<'_>,
    config: &AdapterConfig,
    progress: &mut dyn FnMut(AdapterStep),
    cancel: &AtomicBool,
) -> Result<Adapter, EncoderError> {
    config.check()?;
    texts.check()?;
    let weight_bytes = read_weight_file(dir, "model.safetensors")?;
    let (model, _) = ModelConfig::read(dir)?;
    let network = FrozenNetwork::load(&model, &Weights::open(&weight_bytes)?)?;
    let mut rng = SmallRng::seed_from_u64(config.seed);
    let mut learned = Learned::new(&model, config, &mut rng);
    learned.check()?;
    let guide = Guide::new(texts, config);
    let tokens = Tokens::of(encoder, texts, config.n_tokens)?;
    let mut adversary = Adversary::new(config.negatives == Negatives::Adversarial);
    let epochs =
        Epochs { n_examples: texts.pairs.len(), batch: config.batch, n_passes: config.n_passes };
    let n_total = epochs.n_steps();
    let schedule = Schedule {
        peak: config.rate,
        n_steps: n_total,
        n_warm_up: n_total / 10,
        fall: Fall::Linear,
    };
    let mut shown_loss = f32::NAN;
    let mut choices = SmallRng::seed_from_u64(config.seed.wrapping_add(1));
    epochs.run(&mut rng, |batch| {
        if cancel.load(Ordering::Relaxed) {
            return Err(EncoderError::Cancelled { n_done: batch.step, n_total });
        }
        let pairs = batch.examples;
        let chosen: Vec<Option<Choice>> =
            pairs.iter().map(|&i| adversary.choose(&guide.candidates, i, &mut choices)).collect();
        let own = pairs.iter().map(|&i| texts.pairs[i].passage);
        let passages: Vec<u32> =
            own.chain(chosen.iter().flatten().map(|choice| choice.passage)).collect();
        let beside = learned.beside(&model)?;
        let beside = BesideAll { all: &beside, scale: f64::from(config.scale) };
        let all = pairs.iter().map(|&i| &tokens.pairs[i][..]);
        let all: Vec<&[u32]> =
            all.chain(passages.iter().map(|&p| &tokens.passages[p as usize][..])).collect();
        let chunks = encode(&network, &all, &beside)?;
        let dim = model.n_kept();
        let vectors: Vec<f32> = chunks.iter().flat_map(|chunk| &chunk.vectors).copied().collect();
        let (of_queries, of_passages) = vectors.split_at(pairs.len() * dim);
        let told = contrast(&Batch {
            queries: of_queries,
            passages: of_passages,
            dim,
            is_wrong: &|i, j| guide.is_wrong(pairs[i], passages[j]),
            temperature: config.temperature,
        });
        let mut at = pairs.len();
        for (i, choice) in chosen.iter().enumerate() {
            let Some(choice) = choice else { continue };
            let row = &told.probabilities[i * passages.len()..][..passages.len()];
            let (wrong, right) = (row[at], row[i]);
            adversary.learn(choice, wrong / (wrong + right).max(f32::MIN_POSITIVE));
            at += 1;
        }
        let gradient: Vec<f32> = told.of_queries.into_iter().chain(told.of_passages).collect();
        let gradients = backward(&chunks, &gradient, dim, &beside)?;
        learned.step(batch.step, schedule.rate(batch.step), &gradients);
        let part = if shown_loss.is_nan() { 1.0 } else { 0.1 };
        shown_loss =
            if part == 1.0 { told.loss } else { shown_loss + part * (told.loss - shown_loss) };
        progress(AdapterStep { n_done: batch.step + 1, n_total, loss: shown_loss });
        Ok(())
    })?;
    Ok(learned.into_adapter(&model, config.scale, *blake3::hash(&weight_bytes).as_bytes()))
}

/// The numbers that are fitted.
struct Learned {
    products: Vec<Product>,
    rank: usize,
}

struct Product {
    layer: usize,
    target: AdapterTarget,
    /// A \[rank, in\], then B \[out, rank\].
    values: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Learned {
    /// A is drawn and B is 0, so that nothing is added at first.
    fn new(model: &ModelConfig, config: &AdapterConfig, rng: &mut SmallRng) -> Self {
        let rank = config.rank;
        let first = model.n_layers().saturating_sub(config.n_layers);
        let mut targets = config.targets.clone();
        targets.sort_by_key(|target| *target as usize);
        targets.dedup();
        let mut products = Vec::new();
        for layer in first..model.n_layers() {
            for &target in &targets {
                let (n_in, n_out) = target.shape(model.dim(), model.n_inner());
                let most = (3.0 / n_in as f32).sqrt();
                let mut values: Vec<f32> =
                    (0..rank * n_in).map(|_| rng.random_range(-most..most)).collect();
                values.resize(rank * (n_in + n_out), 0.0);
                let zeros = vec![0.0; values.len()];
                products.push(Product {
                    layer,
                    target,
                    values,
                    first: zeros.clone(),
                    second: zeros,
                });
            }
        }
        Self { products, rank }
    }

    /// # Errors
    /// It would be no adapter that is taken: better now than after the fit.
    fn check(&self) -> Result<(), EncoderError> {
        let n_numbers: usize = self.products.iter().map(|product| product.values.len()).sum();
        let n_bytes = n_numbers * size_of::<f32>() + HEADER_BYTES_MAX;
        match n_bytes <= BYTES_MAX {
            true => Ok(()),
            false => Err(EncoderError::AdapterConfig {
                name: "rank",
                needed: "smaller, or layers and targets fewer: an adapter has 2 MiB at most",
            }),
        }
    }

    fn beside(&self, model: &ModelConfig) -> candle_core::Result<Vec<Beside>> {
        let of = |product: &Product| {
            let (n_in, n_out) = product.target.shape(model.dim(), model.n_inner());
            let (a, b) = product.values.split_at(self.rank * n_in);
            let var = |values: &[f32], shape| {
                Var::from_tensor(&Tensor::from_slice(values, shape, &Device::Cpu)?)
            };
            Ok(Beside {
                layer: product.layer,
                target: product.target,
                a: var(a, (self.rank, n_in))?,
                b: var(b, (n_out, self.rank))?,
            })
        };
        self.products.iter().map(of).collect()
    }

    fn step(&mut self, number: usize, rate: f32, gradients: &[Vec<f32>]) {
        let update = Update { number: number as u32 + 1, rate, decay: 0.0 };
        for (product, gradient) in self.products.iter_mut().zip(gradients) {
            let moments = Moments { first: &mut product.first, second: &mut product.second };
            ADAM.update(update, &mut product.values, gradient, moments);
        }
    }

    fn into_adapter(self, model: &ModelConfig, scale: f32, base: [u8; 32]) -> Adapter {
        let rank = self.rank;
        let products = self.products.into_iter().map(|mut product| {
            let (n_in, n_out) = product.target.shape(model.dim(), model.n_inner());
            let b = product.values.split_off(rank * n_in);
            let name = product.target.tensor_name(product.layer);
            (name, LowRank { n_in, n_out, a: product.values, b })
        });
        Adapter { products: products.collect(), scale, base }
    }
}

impl TrainingTexts<'_> {
    fn check(&self) -> Result<(), EncoderError> {
        let Self { passages, passage_vectors, pairs, pair_vectors } = self;
        let fits = passage_vectors.len() == passages.len() * TEXT_DIM
            && pair_vectors.len() == pairs.len() * TEXT_DIM
            && pairs.iter().all(|pair| (pair.passage as usize) < passages.len());
        let (name, needed) =
            ("texts", "as many vectors as texts, and pairs of passages that are there");
        if fits { Ok(()) } else { Err(EncoderError::AdapterConfig { name, needed }) }
    }
}

/// What the model without adapter says of the texts.
struct Guide<'a> {
    texts: TrainingTexts<'a>,
    candidates: Candidates,
    /// Right passages of each text, which may stand in several pairs.
    right: HashMap<&'a str, HashSet<u32>>,
    margin: f32,
}

impl<'a> Guide<'a> {
    fn new(texts: TrainingTexts<'a>, config: &AdapterConfig) -> Self {
        let own: Vec<u32> = texts.pairs.iter().map(|pair| pair.passage).collect();
        let candidates = match config.negatives {
            Negatives::InBatch => Candidates::none(own.len()),
            Negatives::Hard | Negatives::Adversarial => Candidates::find(&Drawn {
                queries: texts.pairs.iter().map(|pair| pair.text.as_str()).collect(),
                passages: texts.passages,
                query_vectors: texts.pair_vectors,
                passage_vectors: texts.passage_vectors,
                own: &own,
                margin: config.margin,
            }),
        };
        let mut right: HashMap<&str, HashSet<u32>> = HashMap::new();
        for pair in texts.pairs {
            right.entry(&pair.text).or_default().insert(pair.passage);
        }
        Self { texts, candidates, right, margin: config.margin }
    }

    /// Whether a passage is wrong for a pair.
    fn is_wrong(&self, pair: usize, passage: u32) -> bool {
        let cosine = |passage: u32| {
            let query = &self.texts.pair_vectors[pair * TEXT_DIM..][..TEXT_DIM];
            dot(query, &self.texts.passage_vectors[passage as usize * TEXT_DIM..][..TEXT_DIM])
        };
        let TrainingPair { text, passage: own, .. } = &self.texts.pairs[pair];
        let is_right = self.right.get(text.as_str()).is_some_and(|right| right.contains(&passage));
        !is_right && cosine(passage) < cosine(*own) - self.margin
    }
}

/// Ids of all texts, cut.
struct Tokens {
    pairs: Vec<Vec<u32>>,
    passages: Vec<Vec<u32>>,
}

impl Tokens {
    fn of(
        encoder: &TextEncoder,
        texts: TrainingTexts<'_>,
        n_max: usize,
    ) -> Result<Self, EncoderError> {
        let ids = |text: &str, role| {
            let mut ids = encoder.tokenise(text, role)?;
            if ids.len() > n_max {
                // The last token says that the text ends.
                ids.drain(n_max - 1..ids.len() - 1);
            }
            Ok(ids)
        };
        let pairs = texts.pairs.par_iter().map(|pair| ids(&pair.text, pair.role));
        let passages = texts.passages.par_iter().map(|text| ids(text, TextRole::Passage));
        let pairs: Result<Vec<_>, EncoderError> = pairs.collect();
        let passages: Result<Vec<_>, EncoderError> = passages.collect();
        Ok(Self { pairs: pairs?, passages: passages? })
    }
}

/// Texts that one core encoded, and how.
struct Chunk {
    unit: Tensor,
    /// \[n_texts, dim\]
    vectors: Vec<f32>,
}

fn encode(
    network: &FrozenNetwork,
    texts: &[&[u32]],
    beside: &BesideAll<'_>,
) -> candle_core::Result<Vec<Chunk>> {
    let mut ranges = Vec::new();
    let (mut first, mut n_tokens) = (0, 0);
    for (at, text) in texts.iter().enumerate() {
        if at > first && n_tokens + text.len() > CHUNK_TOKENS {
            ranges.push(first..at);
            (first, n_tokens) = (at, 0);
        }
        n_tokens += text.len();
    }
    ranges.push(first..texts.len());
    let chunk = |range: std::ops::Range<usize>| {
        let lengths: Vec<usize> = texts[range.clone()].iter().map(|text| text.len()).collect();
        let unit = network.forward(&texts[range].concat(), &lengths, beside)?;
        let vectors = unit.flatten_all()?.to_vec1()?;
        Ok(Chunk { unit, vectors })
    };
    ranges.into_par_iter().map(chunk).collect()
}

/// The gradient of each product's numbers, of that of the vectors \[n_texts, dim\].
fn backward(
    chunks: &[Chunk],
    gradient: &[f32],
    dim: usize,
    beside: &BesideAll<'_>,
) -> candle_core::Result<Vec<Vec<f32>>> {
    let starts = chunks.iter().scan(0, |start, chunk| {
        let first = *start;
        *start += chunk.vectors.len();
        Some(first)
    });
    let starts: Vec<usize> = starts.collect();
    let of_chunk = |(chunk, start): (&Chunk, usize)| -> candle_core::Result<Vec<Vec<f32>>> {
        let gradient = &gradient[start..][..chunk.vectors.len()];
        let gradient = Tensor::from_slice(gradient, (gradient.len() / dim, dim), &Device::Cpu)?;
        let gradients = (&chunk.unit * gradient)?.sum_all()?.backward()?;
        let of = |var: &Var| -> candle_core::Result<Vec<f32>> {
            match gradients.get(var) {
                Some(gradient) => gradient.flatten_all()?.to_vec1(),
                None => Ok(vec![0.0; var.elem_count()]),
            }
        };
        beside.all.iter().map(|beside| Ok([of(&beside.a)?, of(&beside.b)?].concat())).collect()
    };
    let work: Vec<(&Chunk, usize)> = chunks.iter().zip(starts).collect();
    let all: Vec<Vec<Vec<f32>>> =
        work.into_par_iter().map(of_chunk).collect::<candle_core::Result<_>>()?;
    let mut all = all.into_iter();
    let mut sum = all.next().unwrap_or_default();
    for gradients in all {
        for (sum, gradient) in sum.iter_mut().zip(gradients) {
            sum.iter_mut().zip(gradient).for_each(|(sum, x)| *sum += x);
        }
    }
    Ok(sum)
}
