//! Pictures that a catalogue has twice: all but the same picture on several items.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_optim::principal_directions;
use vitrine_vision::PICTURE_DIM;

use super::ImageError;
use crate::lanes::dot;

/// Directions in which pairs are compared before all of their numbers are.
const SKETCH_DIM: usize = 16;
/// Most pairs that are told; a placeholder on every item would be as many as there are items, squared.
pub const PICTURE_PAIRS_MAX: usize = 10_000;
/// Most pictures that are compared with each other: the work grows with their square, and of more than
/// these it can take hours.
pub const PICTURES_COMPARED_MAX: usize = 200_000;
/// Cosine from which two pictures are reported as one.
pub const NEAR_DUPLICATE_COSINE: f32 = 0.93;
/// How much rounding may move a distance.
const SLACK: f32 = 1e-4;

/// Two items whose pictures are all but the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PicturePair {
    /// Number of one item.
    pub first: u32,
    /// Number of the other, larger.
    pub second: u32,
    /// Cosine of their vectors.
    pub cosine: f32,
}

/// Pairs of pictures whose cosine is at least `cosine_min`, nearest first: of the first
/// [`PICTURE_PAIRS_MAX`] that are found. Items without a picture (rows of zeros) have no pair.
///
/// Exact: a pair is passed over only where its distance along a few directions is already too
/// large. Time grows with the number of pairs that lie near each other along the first of them.
///
/// # Shapes
/// `vectors` \[n, 1280\] of norm 1 or zero.
///
/// # Errors
/// [`ImageError::Cancelled`] soon after `cancel` is set.
pub fn near_duplicate_pictures(
    vectors: &[f32],
    cosine_min: f32,
    cancel: &AtomicBool,
) -> Result<Vec<PicturePair>, ImageError> {
    let mut listed = ListedPairs(Vec::new());
    scan(vectors, cosine_min, &mut listed, cancel)?;
    let ListedPairs(mut pairs) = listed;
    pairs.sort_by(|a, b| {
        b.cosine.total_cmp(&a.cosine).then((a.first, a.second).cmp(&(b.first, b.second)))
    });
    Ok(pairs)
}

/// Groups of items with all but the same picture: those that are linked by pairs whose cosine is at
/// least `cosine_min`, each group and all groups in the order of the items. Items whose picture no
/// other has are in none. A picture on n items costs n - 1 pairs, since what is in a group already is
/// not compared again; for how many pictures that is reasonable work, see [`PICTURES_COMPARED_MAX`].
///
/// # Shapes
/// `vectors` \[n, 1280\] of norm 1 or zero.
///
/// # Errors
/// [`ImageError::Cancelled`] soon after `cancel` is set.
pub fn repeated_pictures(
    vectors: &[f32],
    cosine_min: f32,
    cancel: &AtomicBool,
) -> Result<Vec<Vec<u32>>, ImageError> {
    let n = (vectors.len() / PICTURE_DIM) as u32;
    let mut linked = LinkedPictures { parent: (0..n).collect() };
    scan(vectors, cosine_min, &mut linked, cancel)?;
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for item in 0..n {
        groups.entry(linked.root(item)).or_default().push(item);
    }
    Ok(groups.into_values().filter(|group| group.len() > 1).collect())
}

/// What becomes of pairs that a scan finds.
trait PairReader {
    /// Whether nothing new would follow from these two being near each other.
    fn is_settled(&mut self, a: u32, b: u32) -> bool;

    /// Takes a pair; whether to go on.
    fn found(&mut self, pair: PicturePair) -> ControlFlow<()>;
}

struct ListedPairs(Vec<PicturePair>);

impl PairReader for ListedPairs {
    fn is_settled(&mut self, _: u32, _: u32) -> bool {
        false
    }

    fn found(&mut self, pair: PicturePair) -> ControlFlow<()> {
        self.0.push(pair);
        if self.0.len() < PICTURE_PAIRS_MAX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

/// Groups as trees, each of which the least of its items is the root of.
///
/// # Source
/// Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms" (1984): path halving.
struct LinkedPictures {
    parent: Vec<u32>,
}

impl LinkedPictures {
    fn root(&mut self, mut item: u32) -> u32 {
        while self.parent[item as usize] != item {
            let above = self.parent[self.parent[item as usize] as usize];
            self.parent[item as usize] = above;
            item = above;
        }
        item
    }
}

impl PairReader for LinkedPictures {
    fn is_settled(&mut self, a: u32, b: u32) -> bool {
        self.root(a) == self.root(b)
    }

    fn found(&mut self, pair: PicturePair) -> ControlFlow<()> {
        let (a, b) = (self.root(pair.first), self.root(pair.second));
        self.parent[a.max(b) as usize] = a.min(b);
        ControlFlow::Continue(())
    }
}

/// Finds the pairs whose cosine is at least `cosine_min`, but those that are settled.
fn scan(
    vectors: &[f32],
    cosine_min: f32,
    reader: &mut impl PairReader,
    cancel: &AtomicBool,
) -> Result<(), ImageError> {
    let row = |at: usize| &vectors[at * PICTURE_DIM..][..PICTURE_DIM];
    let n = vectors.len() / PICTURE_DIM;
    let there: Vec<usize> = (0..n).filter(|&at| row(at).iter().any(|x| *x != 0.0)).collect();
    let directions = principal_directions(vectors, PICTURE_DIM, SKETCH_DIM).directions;
    let sketch = |at: usize| -> [f32; SKETCH_DIM] {
        std::array::from_fn(|d| dot(&directions[d * PICTURE_DIM..][..PICTURE_DIM], row(at)))
    };
    let mut sketches: Vec<(usize, [f32; SKETCH_DIM])> =
        there.into_iter().map(|at| (at, sketch(at))).collect();
    sketches.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]).then(a.0.cmp(&b.0)));
    // |a − b|² = 2 − 2 cos for vectors of norm 1, and no less than along some directions.
    let far = 2.0 - 2.0 * cosine_min + SLACK;
    for (i, (a, sketch_a)) in sketches.iter().enumerate() {
        if cancel.load(Ordering::Relaxed) {
            return Err(ImageError::Cancelled { n_done: i, n_total: sketches.len() });
        }
        for (b, sketch_b) in &sketches[i + 1..] {
            if (sketch_b[0] - sketch_a[0]).powi(2) > far {
                break;
            }
            let (first, second) = (*a.min(b) as u32, *a.max(b) as u32);
            if reader.is_settled(first, second) {
                continue;
            }
            let away: f32 = sketch_a.iter().zip(sketch_b).map(|(a, b)| (a - b).powi(2)).sum();
            if away > far {
                continue;
            }
            let cosine = dot(row(*a), row(*b));
            if cosine >= cosine_min
                && reader.found(PicturePair { first, second, cosine }).is_break()
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;

    static NEVER: AtomicBool = AtomicBool::new(false);

    /// Unit vectors about three corners, in turn.
    fn vectors(n: usize, seed: u64) -> Vec<f32> {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut row = |at: usize| {
            let mut row: Vec<f32> =
                (0..PICTURE_DIM).map(|_| rng.random_range(-0.01..0.01)).collect();
            row[at % 3] += 0.5;
            let norm = dot(&row, &row).sqrt();
            row.into_iter().map(|x| x / norm).collect::<Vec<f32>>()
        };
        (0..n).flat_map(&mut row).collect()
    }

    #[test]
    fn pairs_are_those_that_comparing_all_finds() {
        let mut vectors = vectors(60, 1);
        vectors.copy_within(3 * PICTURE_DIM..4 * PICTURE_DIM, 40 * PICTURE_DIM);
        vectors[7 * PICTURE_DIM..8 * PICTURE_DIM].fill(0.0);
        vectors[8 * PICTURE_DIM..9 * PICTURE_DIM].fill(0.0);
        let row = |at: usize| &vectors[at * PICTURE_DIM..][..PICTURE_DIM];
        for cosine_min in [0.2, 0.85, 0.9] {
            let mut expected: Vec<(u32, u32)> = (0..60)
                .flat_map(|b| (0..b).map(move |a| (a, b)))
                .filter(|(a, b)| dot(row(*a), row(*b)) >= cosine_min)
                .map(|(a, b)| (a as u32, b as u32))
                .collect();
            expected.sort_unstable();
            let found = near_duplicate_pictures(&vectors, cosine_min, &NEVER).unwrap();
            assert!(found.is_sorted_by(|a, b| a.cosine >= b.cosine));
            let mut found: Vec<_> = found.iter().map(|pair| (pair.first, pair.second)).collect();
            found.sort_unstable();
            assert_eq!(found, expected);
            assert!(found.contains(&(3, 40)));
        }
        assert!(near_duplicate_pictures(&[], 0.9, &NEVER).unwrap().is_empty());
    }

    #[test]
    fn one_picture_on_every_item_is_bounded_and_a_stop_is_heard() {
        let same = vectors(1, 3).repeat(200);
        let pairs = near_duplicate_pictures(&same, 0.9, &NEVER).unwrap();
        assert_eq!(pairs.len(), PICTURE_PAIRS_MAX);
        let stopped = near_duplicate_pictures(&same, 0.9, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(ImageError::Cancelled { .. })));
    }

    struct CountedLinks {
        linked: LinkedPictures,
        n_links: usize,
    }

    impl PairReader for CountedLinks {
        fn is_settled(&mut self, a: u32, b: u32) -> bool {
            self.linked.is_settled(a, b)
        }

        fn found(&mut self, pair: PicturePair) -> ControlFlow<()> {
            self.n_links += 1;
            self.linked.found(pair)
        }
    }

    #[test]
    fn groups_are_those_that_all_pairs_link() {
        let mut vectors = vectors(60, 5);
        vectors.copy_within(3 * PICTURE_DIM..4 * PICTURE_DIM, 40 * PICTURE_DIM);
        for cosine_min in [0.2, 0.85, 0.9, 0.99] {
            let mut of: Vec<u32> = (0..60).collect();
            let pairs = near_duplicate_pictures(&vectors, cosine_min, &NEVER).unwrap();
            for pair in &pairs {
                let (a, b) = (of[pair.first as usize], of[pair.second as usize]);
                of.iter_mut().filter(|of| **of == a.max(b)).for_each(|of| *of = a.min(b));
            }
            let group =
                |root: u32| -> Vec<u32> { (0..60).filter(|at| of[*at as usize] == root).collect() };
            let mut expected: Vec<Vec<u32>> = (0..60).map(group).collect();
            expected.retain(|group| group.len() > 1);
            assert_eq!(repeated_pictures(&vectors, cosine_min, &NEVER).unwrap(), expected);
            assert!(expected.iter().any(|group| group.contains(&3) && group.contains(&40)));
        }
        assert!(repeated_pictures(&[], 0.9, &NEVER).unwrap().is_empty());
    }

    #[test]
    fn one_picture_on_many_items_hides_no_other_and_costs_a_link_each() {
        // 150 items with one picture have more pairs than are listed.
        let mut vectors: Vec<f32> = vectors(6, 6);
        let mut placeholder = vec![0.0_f32; PICTURE_DIM];
        placeholder[900] = 1.0;
        vectors.extend(placeholder.repeat(150));
        vectors.copy_within(PICTURE_DIM..2 * PICTURE_DIM, 4 * PICTURE_DIM);
        let expected: [Vec<u32>; 2] = [vec![1, 4], (6..156).collect()];
        assert_eq!(repeated_pictures(&vectors, 0.999, &NEVER).unwrap(), expected);
        let linked = LinkedPictures { parent: (0..156).collect() };
        let mut counted = CountedLinks { linked, n_links: 0 };
        scan(&vectors, 0.999, &mut counted, &NEVER).unwrap();
        assert_eq!(counted.n_links, 149 + 1);
        let stopped = repeated_pictures(&vectors, 0.9, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(ImageError::Cancelled { .. })));
    }
}
