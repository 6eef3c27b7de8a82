//! Learns the head.

use std::collections::HashSet;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::loss::cross_entropy;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use vitrine_optim::{Adam, Moments, Update};

use super::head::{IntentHead, Softmax};
use super::queries::{Kind, LabelledQuery};
use crate::{EncoderError, TEXT_DIM};

/// How to learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitConfig {
    /// Most passes over the queries.
    pub n_passes: usize,
    /// Queries of a step.
    pub batch: usize,
    /// Learning rate.
    pub rate: f32,
    /// Pull of the weights towards zero, decoupled.
    pub decay: f32,
    /// Seed of the order.
    pub seed: u64,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self { n_passes: 60, batch: 256, rate: 0.02, decay: 0.01, seed: 1 }
    }
}

/// Of so many cards, one is kept from learning with all its queries: they say when
/// to stop and set the temperatures.
const HELD_OUT_EVERY: usize = 10;
/// Passes without a better loss before it stops.
const PATIENCE: usize = 3;
/// Length of the class directions that learning starts with.
const CENTROID_NORM: f32 = 12.0;
const ADAM: Adam = Adam::new(0.999);
/// Temperatures that are tried, as 1.08^n.
const TEMPERATURE_STEPS: std::ops::RangeInclusive<i32> = -25..=25;

/// Learns to tell `categories` and kinds from the vectors of `queries`.
///
/// # Shapes
/// `vectors` `[n, 384]`, one row a query.
///
/// # Errors
/// A computation that fails.
///
/// # Panics
/// When the lengths do not fit each other.
pub fn fit(
    categories: Vec<String>,
    queries: &[LabelledQuery],
    vectors: &[f32],
    config: &FitConfig,
) -> Result<IntentHead, EncoderError> {
    assert_eq!(vectors.len(), queries.len() * TEXT_DIM, "a vector a query");
    let of_category = Examples::of(queries, vectors, |query| query.category);
    let of_kind = Examples::of(queries, vectors, |query| query.kind.map(|kind| kind as u32));
    Ok(IntentHead {
        category: of_category.fit(categories.len(), config)?,
        kind: of_kind.fit(Kind::ALL.len(), config)?,
        categories,
    })
}

/// Rows of vectors with a label each, and the card that each is of.
struct Examples {
    rows: Vec<f32>,
    labels: Vec<u32>,
    cards: Vec<Option<u32>>,
}

impl Examples {
    fn of(
        queries: &[LabelledQuery],
        vectors: &[f32],
        label: impl Fn(&LabelledQuery) -> Option<u32>,
    ) -> Self {
        let mut examples = Self { rows: Vec::new(), labels: Vec::new(), cards: Vec::new() };
        for (query, vector) in queries.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
            if let Some(label) = label(query) {
                examples.rows.extend_from_slice(vector);
                examples.labels.push(label);
                examples.cards.push(query.card);
            }
        }
        examples
    }

    fn part(&self, idx: &[usize]) -> Result<(Tensor, Tensor), candle_core::Error> {
        let rows: Vec<f32> = idx
            .iter()
            .flat_map(|&i| self.rows[i * TEXT_DIM..][..TEXT_DIM].iter().copied())
            .collect();
        let labels: Vec<u32> = idx.iter().map(|&i| self.labels[i]).collect();
        let n = idx.len();
        Ok((
            Tensor::from_vec(rows, (n, TEXT_DIM), &Device::Cpu)?,
            Tensor::from_vec(labels, n, &Device::Cpu)?,
        ))
    }

    /// Where learning starts: the mean direction of each class.
    fn centroids(&self, idx: &[usize], n_classes: usize) -> Softmax {
        let mut weights = vec![0.0; n_classes * TEXT_DIM];
        for &i in idx {
            let row = &mut weights[self.labels[i] as usize * TEXT_DIM..][..TEXT_DIM];
            let vector = &self.rows[i * TEXT_DIM..][..TEXT_DIM];
            row.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
        }
        for row in weights.chunks_exact_mut(TEXT_DIM) {
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            // A class that no query is of keeps its zeros.
            if norm > 0.0 {
                row.iter_mut().for_each(|x| *x *= CENTROID_NORM / norm);
            }
        }
        Softmax { weights, bias: vec![0.0; n_classes], temperature: 1.0 }
    }

    fn fit(&self, n_classes: usize, config: &FitConfig) -> Result<Softmax, EncoderError> {
        let mut rng = SmallRng::seed_from_u64(config.seed);
        let mut cards: Vec<u32> = self.cards.iter().flatten().copied().collect();
        cards.sort_unstable();
        cards.dedup();
        cards.shuffle(&mut rng);
        let kept: HashSet<u32> = cards.into_iter().step_by(HELD_OUT_EVERY).collect();
        let is_kept = |i: &usize| self.cards[*i].is_some_and(|card| kept.contains(&card));
        let (held_out, mut learned): (Vec<usize>, Vec<usize>) =
            (0..self.labels.len()).partition(is_kept);
        let mut best = self.centroids(&learned, n_classes);
        if held_out.is_empty() || n_classes == 0 {
            return Ok(best);
        }
        let start = Tensor::from_slice(&best.weights, (n_classes, TEXT_DIM), &Device::Cpu)?;
        let weights = Var::from_tensor(&start)?;
        let bias = Var::zeros(n_classes, DType::F32, &Device::Cpu)?;
        let logits = |rows: &Tensor| -> Result<Tensor, candle_core::Error> {
            rows.matmul(&weights.t()?)?.broadcast_add(&bias)
        };
        let mut steps = [Learned::new(&weights), Learned::new(&bias)];
        let (known_rows, known_labels) = self.part(&held_out)?;
        let (mut least, mut n_worse) = (f32::INFINITY, 0);
        for _ in 0..config.n_passes {
            learned.shuffle(&mut rng);
            for batch in learned.chunks(config.batch) {
                let (rows, labels) = self.part(batch)?;
                let gradients = cross_entropy(&logits(&rows)?, &labels)?.backward()?;
                steps.iter_mut().try_for_each(|array| array.step(&gradients, config))?;
            }
            let loss = cross_entropy(&logits(&known_rows)?, &known_labels)?.to_scalar::<f32>()?;
            if loss < least {
                (least, n_worse) = (loss, 0);
                best.weights = weights.flatten_all()?.to_vec1()?;
                best.bias = bias.to_vec1()?;
            } else {
                n_worse += 1;
                if n_worse == PATIENCE {
                    break;
                }
            }
        }
        best.temperature = temperature(&best, &known_rows, &known_labels)?;
        Ok(best)
    }
}

/// An array that is learned, with its moments.
struct Learned {
    var: Var,
    n_steps: u32,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Learned {
    fn new(var: &Var) -> Self {
        let n = var.elem_count();
        Self { var: var.clone(), n_steps: 0, first: vec![0.0; n], second: vec![0.0; n] }
    }

    fn step(&mut self, gradients: &GradStore, config: &FitConfig) -> candle_core::Result<()> {
        let Some(gradient) = gradients.get(&self.var) else { return Ok(()) };
        let gradient: Vec<f32> = gradient.flatten_all()?.to_vec1()?;
        let mut values: Vec<f32> = self.var.flatten_all()?.to_vec1()?;
        self.n_steps += 1;
        let decay = config.rate * config.decay;
        let update = Update { number: self.n_steps, rate: config.rate, decay };
        let moments = Moments { first: &mut self.first, second: &mut self.second };
        ADAM.update(update, &mut values, &gradient, moments);
        self.var.set(&Tensor::from_vec(values, self.var.shape(), &Device::Cpu)?)
    }
}

/// The temperature under which the held-out labels are likeliest.
fn temperature(
    softmax: &Softmax,
    rows: &Tensor,
    labels: &Tensor,
) -> Result<f32, candle_core::Error> {
    let n_classes = softmax.bias.len();
    let weights = Tensor::from_slice(&softmax.weights, (n_classes, TEXT_DIM), &Device::Cpu)?;
    let bias = Tensor::from_slice(&softmax.bias, n_classes, &Device::Cpu)?;
    let logits = rows.matmul(&weights.t()?)?.broadcast_add(&bias)?;
    let mut best = (f32::INFINITY, 1.0);
    for step in TEMPERATURE_STEPS {
        let temperature = 1.08_f64.powi(step);
        let loss = cross_entropy(&(&logits / temperature)?, labels)?.to_scalar::<f32>()?;
        if loss < best.0 {
            best = (loss, temperature as f32);
        }
    }
    Ok(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors around one of two directions.
    fn examples(n: usize) -> (Vec<LabelledQuery>, Vec<f32>) {
        let mut vectors = vec![0.0; n * TEXT_DIM];
        let mut queries = Vec::new();
        for (i, vector) in vectors.chunks_exact_mut(TEXT_DIM).enumerate() {
            let class = i % 2;
            vector[class] = 0.9;
            vector[2 + i % 50] = 0.4;
            queries.push(LabelledQuery {
                text: format!("query {i}"),
                category: Some(class as u32),
                kind: Some(Kind::ALL[class]),
                card: Some(i as u32),
            });
        }
        (queries, vectors)
    }

    #[test]
    fn what_can_be_told_apart_is_and_a_seed_decides() {
        let (queries, vectors) = examples(400);
        let names = vec!["a".to_owned(), "b".to_owned()];
        let config = FitConfig::default();
        let head = fit(names.clone(), &queries, &vectors, &config).expect("learns");
        assert!(head == fit(names, &queries, &vectors, &config).expect("learns"));
        let mut vector = vec![0.0; TEXT_DIM];
        vector[1] = 1.0;
        let intent = head.of(&vector);
        let (category, probability) = intent.category().expect("two categories");
        assert_eq!((category, intent.kind().0), (1, Kind::Browse));
        assert!(probability > 0.9, "{probability}");
    }

    #[test]
    fn nothing_to_learn_from_gives_even_probabilities() {
        let head = fit(vec!["a".into()], &[], &[], &FitConfig::default()).expect("learns");
        let intent = head.of(&vec![0.0; TEXT_DIM]);
        assert_eq!(intent.categories, [1.0]);
        assert!((intent.kinds[0] - 1.0 / 3.0).abs() < 1e-6);
    }
}
