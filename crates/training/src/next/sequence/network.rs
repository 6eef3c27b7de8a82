//! The transformer as a graph of tensor operations.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use vitrine_domain::EventKind;
use vitrine_student::CODE_DIM;

use super::SequenceConfig;
use super::batches::{Batch, Step};
use crate::block::{Block, Dropout};
use crate::leaves::{CODES, Leaves};
use crate::ops::{AttentionWindow, layer_norm};
use crate::params::{Params, uniform};

const PLACES: &str = "place";
const START: &str = "start";

/// Whose network reads the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A network as wide as configured, with places, over rows as they are learned.
    Wide,
    /// The student's own, over rounded codes.
    Device {
        /// Milliseconds of a second of the log: logs of bare sequences count in steps.
        ms_a_second: i64,
        /// What the entries of the log are on a device.
        kind: EventKind,
    },
}

impl Form {
    /// Whether each sequence begins with a row for "nothing yet".
    pub(super) fn has_start(self) -> bool {
        self == Self::Wide
    }

    /// Entries of a sequence that are predicted from those before them.
    pub(super) fn n_targets(self, sequence: &[Step]) -> usize {
        if self.has_start() { sequence.len() } else { sequence.len().saturating_sub(1) }
    }

    /// Adds the network's arrays to a model.
    pub(super) fn push_params(self, params: &mut Params, config: &SequenceConfig) {
        match self {
            Self::Wide => push_wide(params, config),
            Self::Device { .. } => {
                let mut rng = SmallRng::seed_from_u64(config.seed);
                let is_encoders = |name: &str| !name.starts_with("score") && name != "retrieve";
                params.push_initial(&mut rng, is_encoders);
                // Tokens begin as the codes, as large as the wide network has them.
                let width = (CODE_DIM as f32).sqrt();
                if let Some(values) = params.values_mut("in") {
                    values.fill(0.0);
                    values.iter_mut().step_by(CODE_DIM + 1).for_each(|x| *x = width);
                }
            }
        }
    }
}

fn push_wide(params: &mut Params, config: &SequenceConfig) {
    let width = config.width;
    let mut rng = SmallRng::seed_from_u64(config.seed);
    let mut matrix = |shape: [usize; 2], gain: f32| -> Vec<f32> {
        uniform(&mut rng, shape[0] * shape[1], gain / (shape[0] as f32).sqrt())
    };
    let places = [config.length_max + 1, width];
    params.push(PLACES, &places, matrix(places, 0.1));
    params.push(START, &[1, width], vec![0.0; width]);
    for block in 0..config.n_blocks {
        let mut push = |part: &str, shape: &[usize], values: Vec<f32>| {
            params.push(&format!("block{block}.{part}"), shape, values);
        };
        for norm in ["ln1", "ln2"] {
            push(&format!("{norm}.g"), &[width], vec![1.0; width]);
            push(&format!("{norm}.b"), &[width], vec![0.0; width]);
        }
        for part in ["q", "k", "v"] {
            push(part, &[width, width], matrix([width, width], 1.0));
        }
        // A block starts close to the identity.
        push("o", &[width, width], matrix([width, width], 0.5));
        push("ff1", &[width, 4 * width], matrix([width, 4 * width], 1.0));
        push("ff1.b", &[4 * width], vec![0.0; 4 * width]);
        push("ff2", &[4 * width, width], matrix([4 * width, width], 0.5));
        push("ff2.b", &[width], vec![0.0; width]);
    }
    params.push("lnf.g", &[width], vec![1.0; width]);
    params.push("lnf.b", &[width], vec![0.0; width]);
}

/// One forward pass.
pub(super) struct Network<'a> {
    pub leaves: &'a Leaves,
    pub config: &'a SequenceConfig,
    pub form: Form,
    pub dropout: Dropout,
}

impl Network<'_> {
    fn get(&self, name: &str) -> Result<&Tensor> {
        self.leaves.get(name)
    }

    /// The table that a batch indexes: items, then "nothing yet".
    fn table(&self) -> Result<Tensor> {
        Tensor::cat(&[self.get(CODES)?, self.get(START)?], 0)
    }

    /// States after the rows of a batch, \[rows, width\]; with `ends_only` after
    /// the end of each sequence, \[sequences, width\].
    pub fn states(&self, batch: &Batch, ends_only: bool) -> Result<Tensor> {
        let read = ends_only.then_some((&batch.ends, &batch.end_queries));
        match self.form {
            Form::Wide => self.wide_states(batch, read),
            Form::Device { .. } => self.leaves.encode(&batch.events, read, &self.dropout),
        }
    }

    fn wide_states(
        &self,
        batch: &Batch,
        read: Option<(&Tensor, &Arc<[AttentionWindow]>)>,
    ) -> Result<Tensor> {
        let scale = (self.config.width as f64).sqrt();
        let items = (self.table()?.index_select(&batch.events.items, 0)? * scale)?;
        let x = (items + self.get(PLACES)?.index_select(&batch.places, 0)?)?;
        let mut x = self.dropout.apply(&x)?;
        for n in 0..self.config.n_blocks {
            let name = format!("block{n}");
            let (leaves, head_dim, dropout) = (self.leaves, self.config.head_dim, &self.dropout);
            let block = Block { leaves, name: &name, head_dim, dropout };
            let is_last = n + 1 == self.config.n_blocks;
            x = match read.filter(|_| is_last) {
                Some((rows, queries)) => block.forward(&x, Some(rows), queries)?,
                None => block.forward(&x, None, &batch.events.rows)?,
            };
        }
        layer_norm(&x, self.get("lnf.g")?, self.get("lnf.b")?)
    }
}
