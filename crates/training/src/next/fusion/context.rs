//! Where a weight of the fusion holds.

use vitrine_ranking::PurchaseLog;

use crate::next::counts::item_counts;

/// Upper ends of the classes of histories, in entries; without one only what does not ask
/// for it can speak.
const HISTORY_ENDS: [usize; 4] = [0, 4, 8, 16];
/// Upper ends of the classes of items, in interactions.
const SUPPORT_ENDS: [u32; 3] = [4, 9, 29];
/// Contexts of a weight: always, by history, by item, taken before by this shopper.
pub(super) const N_CONTEXTS: usize = 1 + (HISTORY_ENDS.len() + 1) + (SUPPORT_ENDS.len() + 1) + 2;

/// Class of each item by its number of interactions.
pub(crate) fn supports(log: &PurchaseLog) -> Vec<u8> {
    let class = |count| SUPPORT_ENDS.partition_point(|end| *end < count) as u8;
    item_counts(log).into_iter().map(class).collect()
}

/// Standard scores reach 100; weights learn best where inputs are about 1.
pub(super) const LINEAR_SCALE: f32 = 0.1;

pub(crate) fn compressed(value: f32) -> f32 {
    value.signum() * value.abs().ln_1p()
}

/// Where a weight holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Class of the history.
    pub history: usize,
    /// Class of the item.
    pub support: u8,
    /// Whether this shopper took the item before.
    pub is_repeat: bool,
}

impl Context {
    /// Places of the weights that add up in it.
    pub fn indices(self) -> [usize; 4] {
        let (histories, supports) = (HISTORY_ENDS.len() + 1, SUPPORT_ENDS.len() + 1);
        [
            0,
            1 + self.history,
            1 + histories + usize::from(self.support),
            1 + histories + supports + usize::from(self.is_repeat),
        ]
    }
}

pub(super) fn history_class(n: usize) -> usize {
    HISTORY_ENDS.partition_point(|end| *end < n)
}

pub(super) fn fuse(weights: &[f32], values: impl Iterator<Item = f32>, context: Context) -> f32 {
    let parts = weights.chunks_exact(2 * N_CONTEXTS).zip(values);
    parts.map(|(of_part, value)| term(summed(of_part, context), value)).sum()
}

/// Linear and logarithmic weight of one part in a context.
fn summed(of_part: &[f32], context: Context) -> [f32; 2] {
    let (linear, logarithmic) = of_part.split_at(N_CONTEXTS);
    let at = context.indices();
    let sum = |weights: &[f32]| at.iter().map(|context| weights[*context]).sum::<f32>();
    [sum(linear), sum(logarithmic)]
}

fn term([linear, logarithmic]: [f32; 2], value: f32) -> f32 {
    linear * value * LINEAR_SCALE + logarithmic * compressed(value)
}

/// The weights of all parts after one history, by class of the item and whether it was
/// taken before.
pub(super) struct Summed {
    n_parts: usize,
    /// \[classes · 2 · parts\]
    weights: Vec<[f32; 2]>,
}

impl Summed {
    /// Sums the weights that hold after a history of some class.
    ///
    /// # Shapes
    /// `weights` \[parts · 2 · contexts\].
    pub fn of(weights: &[f32], history: usize) -> Self {
        let n_parts = weights.len() / (2 * N_CONTEXTS);
        let mut sums = Vec::with_capacity((SUPPORT_ENDS.len() + 1) * 2 * n_parts);
        for support in 0..=SUPPORT_ENDS.len() as u8 {
            for is_repeat in [false, true] {
                let context = Context { history, support, is_repeat };
                let parts = weights.chunks_exact(2 * N_CONTEXTS);
                sums.extend(parts.map(|of_part| summed(of_part, context)));
            }
        }
        Self { n_parts, weights: sums }
    }

    fn at(&self, support: u8, is_repeat: bool) -> &[[f32; 2]] {
        let n = 2 * usize::from(support) + usize::from(is_repeat);
        &self.weights[n * self.n_parts..][..self.n_parts]
    }

    /// The fused score of one item.
    pub fn fuse(&self, values: impl Iterator<Item = f32>, support: u8, is_repeat: bool) -> f32 {
        let weights = self.at(support, is_repeat).iter().copied();
        weights.zip(values).map(|(weights, value)| term(weights, value)).sum()
    }

    /// What each part adds to it.
    ///
    /// # Shapes
    /// `values` \[parts\] → \[parts\].
    pub fn terms(&self, values: &[f32], support: u8, is_repeat: bool) -> Vec<f32> {
        let weights = self.at(support, is_repeat).iter().copied();
        weights.zip(values).map(|(weights, value)| term(weights, *value)).collect()
    }
}
