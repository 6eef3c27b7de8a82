//! Arrays as leaves of a graph, and the gradients that come back for them.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor, Var, bail};

use crate::params::{CODEC, Params, RESIDUAL};

/// The name under which the gradient of the codes is found.
pub const CODES: &str = "codes";

/// Gradients by name.
pub type Gradients = BTreeMap<String, Vec<f32>>;

/// Adds the gradients of a part of a batch to those of the parts before it.
pub fn add_gradients(sums: &mut Gradients, part: Gradients) {
    for (name, gradient) in part {
        match sums.get_mut(&name) {
            Some(sum) => sum.iter_mut().zip(&gradient).for_each(|(a, b)| *a += b),
            None => drop(sums.insert(name, gradient)),
        }
    }
}

/// All weights as leaves of the graph, and the (rounded) codes, \[n_items, 64\].
pub struct Leaves {
    vars: BTreeMap<String, Var>,
}

impl Leaves {
    /// The student's leaves.
    ///
    /// # Shapes
    /// `codes` \[n_items · 64\], dequantised.
    ///
    /// # Errors
    /// When shapes do not fit.
    pub fn new(params: &Params, codes: &[f32]) -> Result<Self> {
        Self::with_table(params, codes, vitrine_student::CODE_DIM)
    }

    /// Leaves of any model: all arrays but codec and residuals, in whose place
    /// stand the rows that were made of them.
    ///
    /// # Shapes
    /// `codes` \[n · width\].
    ///
    /// # Errors
    /// When shapes do not fit.
    pub(crate) fn with_table(params: &Params, codes: &[f32], width: usize) -> Result<Self> {
        let mut leaves = Self::plain(params)?;
        let codes = Var::from_slice(codes, (codes.len() / width, width), &Device::Cpu)?;
        leaves.vars.insert(CODES.to_owned(), codes);
        Ok(leaves)
    }

    /// Leaves of all arrays but codec and residuals.
    ///
    /// # Errors
    /// When shapes do not fit.
    pub(crate) fn plain(params: &Params) -> Result<Self> {
        let mut vars = BTreeMap::new();
        for param in params.list().iter().filter(|param| ![CODEC, RESIDUAL].contains(&&*param.name))
        {
            let var = Var::from_slice(&param.values, param.shape.as_slice(), &Device::Cpu)?;
            vars.insert(param.name.clone(), var);
        }
        Ok(Self { vars })
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Tensor> {
        match self.vars.get(name) {
            Some(var) => Ok(var.as_tensor()),
            None => bail!("no tensor named {name}"),
        }
    }

    /// Gradients of a loss by name.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn gradients(&self, loss: &Tensor) -> Result<Gradients> {
        let grads = loss.backward()?;
        let mut by_name = BTreeMap::new();
        for (name, var) in &self.vars {
            if let Some(grad) = grads.get(var) {
                by_name.insert(name.clone(), grad.flatten_all()?.to_vec1()?);
            }
        }
        Ok(by_name)
    }
}
