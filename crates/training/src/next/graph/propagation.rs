//! Rows of items, smoothed along what connects them.

use rayon::prelude::*;

use vitrine_graph::{EntityId, Graph, Relation};
use vitrine_ranking::PurchaseLog;

/// Newest distinct items of a shopper that connect: one shopper of everything must not
/// connect everything.
const SHOPPER_ITEMS_MAX: usize = 1_000;
/// A name that a larger share of all items has connects nothing ("All products").
const NAME_SHARE_MAX: f64 = 0.2;
/// Relations of the product graph that connect.
const RELATIONS: [Relation; 4] =
    [Relation::Brand, Relation::Category, Relation::Department, Relation::Attribute];

/// The smoothing S = Σ share · D^−½ X G⁻¹ Xᵀ D^−½ over groups of items (shoppers, names):
/// X says which item is in which group, D and G count. It is symmetric, and no row grows.
///
/// # Source
/// He et al., LightGCN (2020), two of its layers in one, without rows for shoppers; Zhou
/// et al., Learning with hypergraphs (2006), for G⁻¹.
pub struct Propagation {
    n_items: usize,
    sorts: Vec<(f32, Groups)>,
}

impl Propagation {
    /// Connects items by the shoppers of a log and, with a share of `name_share`, by the
    /// names of a graph. A co-purchase of the graph connects nothing: it may have been
    /// counted over more than the log.
    pub fn new(log: &PurchaseLog, graph: &Graph, name_share: f32) -> Self {
        let n_items = log.n_items();
        let baskets = (0..log.n_shoppers()).map(|n| {
            let newest = log.of(n).iter().rev().map(|entry| entry.item_idx);
            newest.take(SHOPPER_ITEMS_MAX).collect()
        });
        let shoppers = Groups::new(n_items, baskets);
        let most = (n_items as f64 * NAME_SHARE_MAX) as usize;
        let names = (graph.n_items()..graph.n_entities()).flat_map(|name| {
            let of = move |relation| graph.neighbours(EntityId(name), relation).to_vec();
            RELATIONS.map(of)
        });
        let names = Groups::new(n_items, names.filter(|items| items.len() <= most));
        let sorts = vec![(1.0 - name_share, shoppers), (name_share, names)];
        Self { n_items, sorts: sorts.into_iter().filter(|(share, _)| *share > 0.0).collect() }
    }

    /// The mean of rows that were smoothed 0 to `n_layers` times. As S is symmetric, this
    /// also takes the gradient of what it gives back to that of what it was given.
    ///
    /// # Shapes
    /// `rows` \[n_items · width\] → the same.
    pub fn smooth(&self, rows: Vec<f32>, width: usize, n_layers: usize) -> Vec<f32> {
        if n_layers == 0 {
            return rows;
        }
        let mut sum = rows.clone();
        let mut layer = rows;
        for _ in 0..n_layers {
            let mut next = vec![0.0; self.n_items * width];
            for (share, groups) in &self.sorts {
                groups.add_smoothed(&layer, width, *share, &mut next);
            }
            layer = next;
            sum.iter_mut().zip(&layer).for_each(|(sum, x)| *sum += x);
        }
        let scale = 1.0 / (n_layers + 1) as f32;
        sum.iter_mut().for_each(|x| *x *= scale);
        sum
    }
}

impl Propagation {
    /// Names what connects, for a run's fingerprint.
    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for (share, groups) in &self.sorts {
            hasher.update(&share.to_le_bytes());
            for members in &groups.members {
                for item in members {
                    hasher.update(&item.to_le_bytes());
                }
                hasher.update(&u32::MAX.to_le_bytes());
            }
        }
    }
}

/// Which items are in which groups.
struct Groups {
    /// Items of each group, ascending.
    members: Vec<Vec<u32>>,
    /// Groups of each item, ascending.
    of_item: Vec<Vec<u32>>,
    /// 1 / √groups by item.
    scale: Vec<f32>,
}

impl Groups {
    fn new(n_items: usize, groups: impl Iterator<Item = Vec<u32>>) -> Self {
        let mut members = Vec::new();
        let mut of_item = vec![Vec::new(); n_items];
        for mut group in groups {
            group.sort_unstable();
            group.dedup();
            // One item alone is connected to nothing.
            if group.len() > 1 {
                group.iter().for_each(|item| of_item[*item as usize].push(members.len() as u32));
                members.push(group);
            }
        }
        let scale = of_item.iter().map(|of| 1.0 / (of.len().max(1) as f32).sqrt()).collect();
        Self { members, of_item, scale }
    }

    /// Sums are made row by row in one order, so that cores do not matter.
    fn add_smoothed(&self, rows: &[f32], width: usize, share: f32, out: &mut [f32]) {
        let mut means = vec![0.0; self.members.len() * width];
        means.par_chunks_exact_mut(width).zip(&self.members).for_each(|(mean, members)| {
            for item in members {
                let factor = self.scale[*item as usize] / members.len() as f32;
                add(mean, &rows[*item as usize * width..][..width], factor);
            }
        });
        out.par_chunks_exact_mut(width).enumerate().for_each(|(item, out)| {
            let factor = share * self.scale[item];
            for group in &self.of_item[item] {
                add(out, &means[*group as usize * width..][..width], factor);
            }
        });
    }
}

/// `sum` += `factor` · `row`.
///
/// # Shapes
/// `sum`, `row`: \[width\].
pub fn add(sum: &mut [f32], row: &[f32], factor: f32) {
    sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += factor * x);
}
