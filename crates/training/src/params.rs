//! Everything that distillation learns, as named arrays with the moments of Adam.

use std::collections::BTreeMap;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_optim::{Adam, Moments, Update};
use vitrine_student::features::SERVER_SCORE;
use vitrine_student::layout::{HIDDEN1, TENSORS};
use vitrine_student::weights::TensorMap;
use vitrine_student::{CODE_DIM, N_SCALARS};

use crate::codec::RANK;

/// The scorer's first layer over (code, u∘code, scalars), `[144, 64]`: the
/// student's `score.c`, `score.p` and `score.s`, one below the other.
pub const SCORE_INPUTS: &str = "score.inputs";
/// The codec within the text basis, `[128, 64]`.
pub const CODEC: &str = "codec";
/// What co-occurrence adds to each code, `[n_items, 64]`.
pub const RESIDUAL: &str = "residual";
const MERGED: [&str; 3] = ["score.c", "score.p", "score.s"];
/// A constant added to all scores of a list: nothing can be learned about it.
const UNLEARNED: &str = "score.b3";

/// One array with its moments.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Name in checkpoints.
    pub name: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: Vec<f32>,
    /// Adam's first moment.
    pub first: Vec<f32>,
    /// Adam's second moment.
    pub second: Vec<f32>,
}

/// All arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    list: Vec<Param>,
    /// Adam steps made.
    pub n_steps: u32,
}

/// How much a step changes.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Learning rate.
    pub rate: f32,
    /// Pull of residuals towards zero, per step and unit rate.
    pub residual_decay: f32,
}

const ADAM: Adam = Adam::new(0.98);

impl Params {
    /// Random weights for a seed; the codec as given, `[128 · 64]`; residuals zero.
    ///
    /// # Shapes
    /// `codec` \[128 · 64\].
    pub fn new(n_items: usize, codec: Vec<f32>, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut params = Self::empty();
        params.push_initial(&mut rng, |_| true);
        params.push_inputs(&mut rng);
        params.push(CODEC, &[RANK, CODE_DIM], codec);
        params.push(RESIDUAL, &[n_items, CODE_DIM], vec![0.0; n_items * CODE_DIM]);
        params
    }

    /// Random arrays of the student, those of the scorer's first layer over
    /// candidates apart: [`Self::push_inputs`].
    pub(crate) fn push_initial(&mut self, rng: &mut SmallRng, is_wanted: impl Fn(&str) -> bool) {
        let is_own = |name: &str| name != UNLEARNED && !MERGED.contains(&name);
        for spec in TENSORS.iter().filter(|spec| is_own(spec.name) && is_wanted(spec.name)) {
            self.push(spec.name, spec.shape, initial(spec.name, spec.shape, rng));
        }
    }

    /// The scorer's first layer over candidates.
    pub(crate) fn push_inputs(&mut self, rng: &mut SmallRng) {
        let shape = [2 * CODE_DIM + N_SCALARS, HIDDEN1];
        let mut inputs = initial(SCORE_INPUTS, &shape, rng);
        // Zero in every sample of a shop, so without a gradient: what is random stays random.
        let unseen = (2 * CODE_DIM + SERVER_SCORE) * HIDDEN1;
        inputs[unseen..][..HIDDEN1].fill(0.0);
        self.push(SCORE_INPUTS, &shape, inputs);
    }

    /// No arrays yet; [`Self::push`] adds them.
    pub(crate) fn empty() -> Self {
        Self { list: Vec::new(), n_steps: 0 }
    }

    /// Adds an array with moments of zero.
    pub(crate) fn push(&mut self, name: &str, shape: &[usize], values: Vec<f32>) {
        let (first, second) = (vec![0.0; values.len()], vec![0.0; values.len()]);
        let (name, shape) = (name.to_owned(), shape.to_vec());
        self.list.push(Param { name, shape, values, first, second });
    }

    /// Every array.
    pub fn list(&self) -> &[Param] {
        &self.list
    }

    /// Every array, to be filled from a checkpoint.
    pub fn list_mut(&mut self) -> &mut [Param] {
        &mut self.list
    }

    /// The values of one array.
    ///
    /// # Shapes
    /// → as the array was added, row-major.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn values(&self, name: &str) -> &[f32] {
        let found = self.list.iter().find(|param| param.name == name);
        &found.expect("names are those of the layout").values
    }

    /// One array to be written, if there is one of that name.
    pub(crate) fn values_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        let found = self.list.iter_mut().find(|param| param.name == name);
        found.map(|param| param.values.as_mut_slice())
    }

    /// Takes over the values of every array that another model has in the same shape.
    pub(crate) fn start_from(&mut self, other: &Self) {
        for param in &mut self.list {
            let same = |p: &&Param| p.name == param.name && p.shape == param.shape;
            if let Some(found) = other.list.iter().find(same) {
                param.values.clone_from(&found.values);
            }
        }
    }

    /// Takes over a student's tensors.
    pub(crate) fn take(&mut self, tensors: &TensorMap) {
        let of = |name: &str| tensors.get(name).map(|(_, values)| values.as_slice());
        let inputs: Vec<f32> = MERGED.iter().filter_map(|n| of(n)).flatten().copied().collect();
        for param in &mut self.list {
            let found =
                if param.name == SCORE_INPUTS { Some(&inputs[..]) } else { of(&param.name) };
            if let Some(found) = found.filter(|found| found.len() == param.values.len()) {
                param.values.copy_from_slice(found);
            }
        }
    }

    /// One step of Adam for the arrays that have a gradient.
    ///
    /// # Shapes
    /// Each gradient has the length of its array.
    pub fn step(&mut self, gradients: &BTreeMap<String, Vec<f32>>, rates: Rates) {
        self.n_steps += 1;
        for param in &mut self.list {
            let Some(gradient) = gradients.get(&param.name) else { continue };
            let decay =
                if param.name == RESIDUAL { rates.rate * rates.residual_decay } else { 0.0 };
            let update = Update { number: self.n_steps, rate: rates.rate, decay };
            let moments = Moments { first: &mut param.first, second: &mut param.second };
            ADAM.update(update, &mut param.values, gradient, moments);
        }
    }

    /// The student's tensors.
    pub fn tensors(&self) -> TensorMap {
        let mut rows = self.values(SCORE_INPUTS).chunks_exact(HIDDEN1);
        TENSORS
            .iter()
            .map(|spec| {
                let values = if MERGED.contains(&spec.name) {
                    rows.by_ref().take(spec.shape[0]).flatten().copied().collect()
                } else if spec.name == UNLEARNED {
                    vec![0.0; spec.n_values()]
                } else {
                    self.values(spec.name).to_vec()
                };
                (spec.name.to_owned(), (spec.shape.to_vec(), values))
            })
            .collect()
    }
}

fn initial(name: &str, shape: &[usize], rng: &mut SmallRng) -> Vec<f32> {
    let n: usize = shape.iter().product();
    if name.ends_with(".g") {
        return vec![1.0; n];
    }
    if shape.len() == 1 && name != "score.w3" || name == "score.lin" {
        return vec![0.0; n];
    }
    let mut deviation = 1.0 / (shape[0] as f32).sqrt();
    if name == "kind" || name == "gap" {
        deviation = 0.1;
    } else if name.ends_with(".o") || name.ends_with(".ff2") {
        // A block starts close to the identity.
        deviation *= 0.5;
    }
    uniform(rng, n, deviation)
}

/// `n` values, uniform around 0, of a standard deviation: √12 times that wide.
pub(crate) fn uniform(rng: &mut SmallRng, n: usize, deviation: f32) -> Vec<f32> {
    (0..n).map(|_| (rng.random::<f32>() - 0.5) * 3.464_1 * deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tensors_are_a_valid_student() {
        let mut params = Params::new(3, vec![0.1; RANK * CODE_DIM], 1);
        params.list_mut().iter_mut().for_each(|param| {
            if param.name == SCORE_INPUTS {
                let rows = param.values.chunks_exact_mut(HIDDEN1).enumerate();
                rows.for_each(|(i, row)| row.fill(i as f32));
            }
        });
        let weights = vitrine_student::Weights::from_tensors(&params.tensors(), 1.0);
        let weights = weights.expect("every tensor in its shape");
        assert_eq!(weights.tensor("score.p").map(|p| p[0]), Some(64.0));
        assert_eq!(weights.tensor("score.s").map(|s| s[HIDDEN1]), Some(129.0));
    }

    #[test]
    fn a_step_moves_what_has_a_gradient_and_leaves_the_rest_alone() {
        let mut params = Params::new(1, vec![0.0; RANK * CODE_DIM], 1);
        let before = params.values("retrieve").to_vec();
        for _ in 0..300 {
            let gradient = params.values(RESIDUAL).iter().map(|x| x - 0.3).collect();
            let gradients = [(RESIDUAL.to_owned(), gradient)].into();
            params.step(&gradients, Rates { rate: 0.01, residual_decay: 0.0 });
        }
        assert!(params.values(RESIDUAL).iter().all(|x| (x - 0.3).abs() < 0.01));
        assert_eq!(params.values("retrieve"), before);
    }
}
