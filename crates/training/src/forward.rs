//! The student's formula in candle, for gradients. The same numbers as
//! `vitrine_student`'s forward, to rounding: the golden test says so.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use vitrine_student::N_SCALARS;
use vitrine_student::layout::HEAD_DIM;

use crate::batch::{Batch, Events};
use crate::block::{Block, Dropout};
use crate::leaves::{CODES, Leaves};
use crate::ops::{
    AttentionWindow, add_rows, add_rows_relu, contrast, cross_entropy, group_dot, layer_norm,
    score_inputs,
};

/// Losses of one batch, each summed over its cuts, \[1\].
pub struct Losses {
    /// Listwise, over all candidates.
    pub listwise: Tensor,
    /// Listwise, over those that are new to the shopper: in the other they are a
    /// small part and would be learned late.
    pub new: Tensor,
    /// Of retrieval.
    pub retrieval: Tensor,
}

impl Leaves {
    /// The state u after each cut, \[cuts, 64\].
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn states(&self, batch: &Batch) -> Result<Tensor> {
        self.encode(&batch.events, Some((&batch.cut_rows, &batch.cuts)), &Dropout::NONE)
    }

    /// States after some rows, or after all: \[rows read, 64\].
    pub(crate) fn encode(
        &self,
        events: &Events,
        read: Option<(&Tensor, &Arc<[AttentionWindow]>)>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let embed = |table: &str, rows: &Tensor| self.get(table)?.index_select(rows, 0);
        let codes = embed(CODES, &events.items)?;
        let tokens = codes.matmul(self.get("in")?)?;
        let x = ((tokens + embed("kind", &events.kinds)?)? + embed("gap", &events.gaps)?)?;
        let block = |name| Block { leaves: self, name, head_dim: HEAD_DIM, dropout };
        let x = block("block0").forward(&dropout.apply(&x)?, None, &events.rows)?;
        // Of the second block only the rows that rank are read.
        let (rows, queries) = read.map_or((None, &events.rows), |(rows, q)| (Some(rows), q));
        let x = block("block1").forward(&x, rows, queries)?;
        layer_norm(&x, self.get("lnf.g")?, self.get("lnf.b")?)
    }

    /// Scores of the candidates of each cut, up to one constant.
    ///
    /// # Shapes
    /// `u` \[cuts, 64\], `codes` \[cuts · n, 64\], `scalars` \[cuts · n · 16\] → \[cuts, n\].
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn scores(&self, u: &Tensor, codes: &Tensor, scalars: &Arc<[f32]>) -> Result<Tensor> {
        let inputs = score_inputs(u, codes, Arc::clone(scalars))?;
        let user = add_rows(&u.matmul(self.get("score.u")?)?, self.get("score.b1")?)?;
        let hidden = add_rows_relu(&inputs.matmul(self.get("score.inputs")?)?, &user)?;
        let second = hidden.matmul(self.get("score.w2")?)?;
        let second = add_rows_relu(&second, self.get("score.b2")?)?;
        let deep = second.matmul(&self.get("score.w3")?.unsqueeze(1)?)?;
        let rows = (scalars.len() / N_SCALARS, N_SCALARS);
        let scalars = Tensor::from_slice(scalars, rows, &Device::Cpu)?;
        let linear = scalars.matmul(&self.get("score.lin")?.unsqueeze(1)?)?;
        (deep + linear)?.reshape((u.dim(0)?, ()))
    }

    /// The losses of a batch.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn losses(&self, batch: &Batch) -> Result<Losses> {
        let u = self.states(batch)?;
        let codes = self.get(CODES)?.index_select(&batch.candidates, 0)?;
        let scores = self.scores(&u, &codes, &batch.scalars)?;
        let r = u.matmul(self.get("retrieve")?)?;
        let pool = self.get(CODES)?.index_select(&batch.pool, 0)?;
        let retrieved = Tensor::cat(&[group_dot(&r, &codes)?, r.matmul(&pool.t()?)?], 1)?;
        let list = |targets: &Arc<[f32]>, bought: &Arc<[f32]>, offsets: &Arc<[f32]>| {
            let taught = cross_entropy(&scores, Arc::clone(targets), Arc::clone(offsets))?;
            taught + contrast(&scores, Arc::clone(bought), Arc::clone(offsets))?
        };
        let retrieval_targets = Arc::clone(&batch.retrieval_targets);
        let retrieval_offsets = Arc::clone(&batch.retrieval_offsets);
        Ok(Losses {
            listwise: list(&batch.taught, &batch.bought, &batch.offsets)?,
            new: list(&batch.new_taught, &batch.new_bought, &batch.new_offsets)?,
            retrieval: cross_entropy(&retrieved, retrieval_targets, retrieval_offsets)?,
        })
    }
}
