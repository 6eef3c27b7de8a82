//! What the nearest texts say about a product's category.

use std::collections::{BTreeMap, HashMap};
use std::thread;

use super::fields::is_missing;
use super::findings::Vectors;
use super::profile::{Group, Texts};

/// Neighbours that are asked.
const NEIGHBOURS: usize = 10;
/// Texts that are compared with: beyond, every n-th.
pub const REFERENCES_MAX: usize = 20_000;
/// Neighbours below this cosine are no neighbours.
const COSINE_MIN: f32 = 0.45;
/// Neighbours that must be near enough.
const ASKED_MIN: usize = 5;
/// Groups that a category must have to be proposed.
const SHELF_GROUPS_MIN: u32 = 3;

/// What the neighbours say instead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proposal {
    pub department: String,
    pub category: String,
    /// Share of the neighbours, weighted by nearness, that agree on it.
    pub share: f64,
}

/// One distinct (text, category) with how many groups have it.
struct Point<'a> {
    text: u32,
    shelf: (&'a str, &'a str),
}

/// For each group that `asks`, the category its neighbours agree on, when that is
/// not its own and hardly any neighbour shares its own.
pub(crate) fn proposals(
    groups: &[(u64, &Group)],
    texts: &Texts,
    vectors: &Vectors<'_>,
    asks: &(dyn Fn(&Group) -> bool + Sync),
) -> BTreeMap<u32, Proposal> {
    let mut shelf_sizes: HashMap<(&str, &str), u32> = HashMap::new();
    let mut points: Vec<Point<'_>> = Vec::new();
    for (idx, (_, group)) in groups.iter().enumerate() {
        if is_missing(&group.category) || is_missing(&group.title) {
            continue;
        }
        let shelf = (group.department.as_str(), group.category.as_str());
        *shelf_sizes.entry(shelf).or_default() += 1;
        points.push(Point { text: texts.text_of[idx], shelf });
    }
    points.sort_by_key(|point| (point.text, point.shelf));
    points.dedup_by_key(|point| (point.text, point.shelf));
    let step = points.len().div_ceil(REFERENCES_MAX).max(1);
    let references: Vec<&Point<'_>> = points.iter().step_by(step).collect();

    let asked: Vec<u32> = (0..groups.len() as u32)
        .filter(|&idx| {
            let group = groups[idx as usize].1;
            !is_missing(&group.title) && asks(group)
        })
        .collect();
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let chunk = asked.len().div_ceil(n_threads).max(1);
    let judge = |idx: u32| {
        let group = groups[idx as usize].1;
        let near = nearest(texts.text_of[idx as usize], group, &references, vectors);
        vote(group, &near, &shelf_sizes).map(|proposal| (idx, proposal))
    };
    thread::scope(|scope| {
        let parts: Vec<_> = asked
            .chunks(chunk)
            .map(|part| {
                let judge = &judge;
                scope.spawn(move || part.iter().filter_map(|&idx| judge(idx)).collect::<Vec<_>>())
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("no neighbour panics")).collect()
    })
}

/// The nearest references, its own (text, category) left out.
fn nearest<'a>(
    text: u32,
    group: &Group,
    references: &[&'a Point<'a>],
    vectors: &Vectors<'_>,
) -> Vec<(f32, &'a Point<'a>)> {
    let own = (group.department.as_str(), group.category.as_str());
    let mut near: Vec<(f32, &Point<'_>)> = Vec::with_capacity(NEIGHBOURS + 1);
    for point in references {
        if point.text == text && point.shelf == own {
            continue;
        }
        let cosine = vectors.cosine(text as usize, point.text as usize);
        let enters = near.len() < NEIGHBOURS || near.last().is_some_and(|last| cosine > last.0);
        if cosine >= COSINE_MIN && enters {
            let at = near.partition_point(|known| known.0 >= cosine);
            near.insert(at, (cosine, point));
            near.truncate(NEIGHBOURS);
        }
    }
    near
}

fn vote(
    group: &Group,
    near: &[(f32, &Point<'_>)],
    shelf_sizes: &HashMap<(&str, &str), u32>,
) -> Option<Proposal> {
    if near.len() < ASKED_MIN {
        return None;
    }
    let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
    for (cosine, point) in near {
        *votes.entry(point.shelf.1).or_default() += f64::from(*cosine).powi(4);
    }
    let total: f64 = votes.values().sum();
    let (category, weight) =
        votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0)))?;
    if category.eq_ignore_ascii_case(&group.category) {
        return None;
    }
    let of_it = near.iter().map(|(_, point)| point.shelf).find(|shelf| shelf.1 == category)?;
    let big_enough = shelf_sizes.get(&of_it).is_some_and(|&n| n >= SHELF_GROUPS_MIN);
    big_enough.then(|| Proposal {
        department: of_it.0.to_owned(),
        category: of_it.1.to_owned(),
        share: weight / total,
    })
}
