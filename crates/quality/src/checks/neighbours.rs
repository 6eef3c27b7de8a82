//! What the nearest texts say about a product's category.

use std::collections::{BTreeMap, HashMap};
use std::thread;

use super::profile::{Group, Texts};
use super::vectors::Vectors;
use crate::titles::says_nothing;

/// Neighbours that are asked.
const NEIGHBOURS: usize = 10;
/// Texts that are compared with: beyond, every n-th.
pub const REFERENCES_MAX: usize = 20_000;
/// Neighbours below this cosine are no neighbours.
const COSINE_MIN: f32 = 0.45;
/// From here on two texts are one.
const SAME_COSINE: f32 = 0.999;
/// Neighbours that must be near enough, unless one has the very text.
const ASKED_MIN: usize = 5;
/// Who has a text this near, as a share of the nearest one's, in the own category is
/// not out of place in it.
const OWN_NEARNESS_MAX: f32 = 0.70;
/// Texts of the own category that are looked at.
const OWN_TEXTS: usize = 3;
/// So many times more products with the same text must be elsewhere.
const ELSEWHERE_TIMES: u32 = 3;
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

/// One distinct (text, category) with how many products have it.
struct Point<'a> {
    text: u32,
    shelf: (&'a str, &'a str),
    n: u32,
}

/// Products with one text count as one neighbour to this power.
const CROWD_POWER: f64 = 0.5;
/// Largest weight of products with one text.
const CROWD_MAX: f64 = 10.0;
/// Nearness counts to this power, so that the nearest decide.
const NEARNESS_POWER: i32 = 8;

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
        if says_nothing(&group.category) || says_nothing(&group.title) {
            continue;
        }
        let shelf = (group.department.as_str(), group.category.as_str());
        *shelf_sizes.entry(shelf).or_default() += 1;
        points.push(Point { text: texts.text_of[idx], shelf, n: group.n });
    }
    points.sort_by_key(|point| (point.text, point.shelf));
    points.dedup_by(|next, kept| {
        let same = (next.text, next.shelf) == (kept.text, kept.shelf);
        kept.n += if same { next.n } else { 0 };
        same
    });
    let step = points.len().div_ceil(REFERENCES_MAX).max(1);
    let references: Vec<&Point<'_>> = points.iter().step_by(step).collect();

    let asked: Vec<u32> = (0..groups.len() as u32)
        .filter(|&idx| {
            let group = groups[idx as usize].1;
            !says_nothing(&group.title) && asks(group)
        })
        .collect();
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let chunk = asked.len().div_ceil(n_threads).max(1);
    let judge = |idx: u32| {
        let group = groups[idx as usize].1;
        let near = nearest(texts.text_of[idx as usize], group, &references, vectors);
        let best = near.all.first().map_or(0.0, |(cosine, _)| *cosine);
        if near.own > OWN_NEARNESS_MAX * best {
            return None;
        }
        vote(group, &near.all, &shelf_sizes).map(|proposal| (idx, proposal))
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

/// The nearest references, and how near the third other text of the own category is:
/// one or two may be misfiled there, too.
struct Near<'a> {
    all: Vec<(f32, &'a Point<'a>)>,
    own: f32,
}

/// The nearest references, its own (text, category) left out.
fn nearest<'a>(
    text: u32,
    group: &Group,
    references: &[&'a Point<'a>],
    vectors: &Vectors<'_>,
) -> Near<'a> {
    let own = (group.department.as_str(), group.category.as_str());
    // A product without a category is asked for one in its own department.
    let within = says_nothing(own.1) && !says_nothing(own.0);
    let mut near: Vec<(f32, &Point<'_>)> = Vec::with_capacity(NEIGHBOURS + 1);
    let mut own_nearest = [0.0_f32; OWN_TEXTS];
    for point in references {
        if (point.text == text && point.shelf == own) || (within && point.shelf.0 != own.0) {
            continue;
        }
        let cosine = vectors.cosine(text as usize, point.text as usize);
        if point.shelf.1 == own.1 && point.text != text {
            let at = own_nearest.partition_point(|known| *known >= cosine);
            if at < OWN_TEXTS {
                own_nearest[at..].rotate_right(1);
                own_nearest[at] = cosine;
            }
        }
        let enters = near.len() < NEIGHBOURS || near.last().is_some_and(|last| cosine > last.0);
        if cosine >= COSINE_MIN && enters {
            let at = near.partition_point(|known| known.0 >= cosine);
            near.insert(at, (cosine, point));
            near.truncate(NEIGHBOURS);
        }
    }
    Near { all: near, own: own_nearest[OWN_TEXTS - 1] }
}

fn vote(
    group: &Group,
    near: &[(f32, &Point<'_>)],
    shelf_sizes: &HashMap<(&str, &str), u32>,
) -> Option<Proposal> {
    let same_text = near.first().is_some_and(|(cosine, _)| *cosine > SAME_COSINE);
    if near.len() < ASKED_MIN && !same_text {
        return None;
    }
    let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
    for (cosine, point) in near {
        let crowd = f64::from(point.n).powf(CROWD_POWER).min(CROWD_MAX);
        *votes.entry(point.shelf.1).or_default() += f64::from(*cosine).powi(NEARNESS_POWER) * crowd;
    }
    let total: f64 = votes.values().sum();
    let (category, weight) =
        votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0)))?;
    if category.eq_ignore_ascii_case(&group.category) {
        return None;
    }
    // Nearly as many products with this text are here as there: then both are right.
    let there =
        near.iter().find(|(cosine, point)| *cosine > SAME_COSINE && point.shelf.1 == category);
    if there.is_some_and(|(_, point)| point.n < group.n.saturating_mul(ELSEWHERE_TIMES)) {
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
