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
pub(super) fn supports(log: &PurchaseLog) -> Vec<u8> {
    let class = |count| SUPPORT_ENDS.partition_point(|end| *end < count) as u8;
    item_counts(log).into_iter().map(class).collect()
}

/// Standard scores reach 100; weights learn best where inputs are about 1.
pub(super) const LINEAR_SCALE: f32 = 0.1;

pub(in crate::next) fn compressed(value: f32) -> f32 {
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
    let at = context.indices();
    let parts = weights.chunks_exact(2 * N_CONTEXTS).zip(values);
    parts
        .map(|(of_part, value)| {
            let sum = |weights: &[f32]| at.iter().map(|context| weights[*context]).sum::<f32>();
            sum(&of_part[..N_CONTEXTS]) * value * LINEAR_SCALE
                + sum(&of_part[N_CONTEXTS..]) * compressed(value)
        })
        .sum()
}
