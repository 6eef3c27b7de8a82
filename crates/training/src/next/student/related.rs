//! The teacher's item-to-item knowledge as related lists: what it recommends after one
//! item alone, among the pairs that enough buyers share.

use rayon::prelude::*;

use vitrine_domain::ItemId;
use vitrine_evaluation::top_k;
use vitrine_ranking::PastPurchase;
use vitrine_ranking::cooccurrence::{self, CooccurrenceConfig, Together};
use vitrine_student::RelatedList;

use super::super::sequence::softmax;
use super::{Shelf, StudentConfig};
use crate::TrainingError;
use crate::next::{Scorer, Task};

/// Items asked about at once.
const AT_ONCE: usize = 256;

/// For each item its related ones, best first, with strength 1..=255: the square root
/// of the teacher's probability that it comes next, relative to the largest of all.
///
/// # Errors
/// What the teacher says.
pub fn lists(
    teacher: &dyn Scorer,
    task: &Task,
    shelf: &Shelf,
    config: &StudentConfig,
) -> Result<Vec<RelatedList>, TrainingError> {
    let n_items = shelf.departments.len();
    let shared = cooccurrence::neighbours(
        &task.fit,
        &CooccurrenceConfig {
            together: Together::Shopper,
            exponent_from: 0.0,
            exponent_to: 0.0,
            buyers_min: config.pair_buyers_min,
            n_neighbours: n_items,
        },
    );
    let mut lists: Vec<Vec<(u32, f32)>> = Vec::with_capacity(n_items);
    let items: Vec<u32> = (0..n_items as u32).collect();
    for items in items.chunks(AT_ONCE) {
        let single = |item: &u32| [PastPurchase { at_seconds: 0, basket: 0, item_idx: *item }];
        let histories: Vec<[PastPurchase; 1]> = items.iter().map(single).collect();
        let histories: Vec<&[PastPurchase]> = histories.iter().map(|of| of.as_slice()).collect();
        let scores = teacher.score(&histories, task.now_seconds())?;
        lists.par_extend(scores.par_chunks_exact(n_items).zip(items).map(|(scores, item)| {
            let shares = softmax(scores.to_vec());
            let mut allowed = vec![f32::NEG_INFINITY; n_items];
            shared
                .of(*item)
                .for_each(|(other, _)| allowed[other as usize] = shares[other as usize]);
            let best = top_k(&allowed, config.n_related).into_iter();
            let best = best.map(|other| (other, allowed[other as usize]));
            best.filter(|(_, share)| *share > 0.0).collect()
        }));
    }
    let largest = lists.iter().flatten().map(|(_, share)| *share).fold(f32::MIN_POSITIVE, f32::max);
    let byte = |share: f32| (255.0 * (share / largest).sqrt()).round().max(1.0) as u8;
    let list = |(item, list): (usize, Vec<(u32, f32)>)| {
        let related = list.into_iter().map(|(other, share)| (ItemId(other.into()), byte(share)));
        (ItemId(item as u64), related.collect())
    };
    Ok(lists.into_iter().enumerate().map(list).collect())
}
