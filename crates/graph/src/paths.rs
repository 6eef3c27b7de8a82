//! How two items hang together.

use crate::{EntityId, Graph, PATH_NEIGHBOURS_MAX, PATHS_MAX, Relation};

/// One edge of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The relation it goes along.
    pub relation: Relation,
    /// The entity it ends at.
    pub to: EntityId,
}

/// A way from one item to another: at most three steps, the last to the other item.
pub type Path = Vec<Step>;

impl Graph {
    /// At most [`PATHS_MAX`] ways between two different items: the shortest first, and
    /// among those of one length the ones through what fewest have. Of each relation at
    /// most [`PATH_NEIGHBOURS_MAX`] neighbours of an end are looked at; what more than a
    /// twentieth of the items have ("Own brand") is no part of three steps.
    pub fn paths(&self, from: EntityId, to: EntityId) -> Vec<Path> {
        if from == to || from.0.max(to.0) >= self.n_items {
            return Vec::new();
        }
        let mut paths: Vec<Path> = Vec::new();
        if self.joins(from, to, Relation::BoughtWith) {
            paths.push(vec![Step { relation: Relation::BoughtWith, to }]);
        }
        let (starts, ends) = (self.steps(from), self.steps(to));
        for start in starts.iter().filter(|step| step.to != to) {
            let last = |relation| Step { relation, to };
            for end in ends.iter().filter(|step| step.to != from) {
                if end.to == start.to {
                    paths.push(vec![*start, last(end.relation)]);
                    continue;
                }
                if self.is_common(start.to) || self.is_common(end.to) {
                    continue;
                }
                for relation in Relation::ALL {
                    if self.joins(start.to, end.to, relation) {
                        paths.push(vec![*start, Step { relation, to: end.to }, last(end.relation)]);
                    }
                }
            }
        }
        paths.sort_by(|a, b| {
            let cost = |path: &Path| path.len() as f64 * LONGER + self.commonness(path);
            cost(a).total_cmp(&cost(b)).then_with(|| a.cmp(b))
        });
        paths.truncate(PATHS_MAX);
        paths
    }

    fn steps(&self, entity: EntityId) -> Vec<Step> {
        let of = |relation| {
            let row = self.neighbours(entity, relation).iter().take(PATH_NEIGHBOURS_MAX);
            row.map(move |to| Step { relation, to: EntityId(*to) })
        };
        Relation::ALL.into_iter().flat_map(of).collect()
    }

    /// Whether a name is on so many items that to share it says nothing.
    fn is_common(&self, entity: EntityId) -> bool {
        let most = (self.n_items as usize / COMMON_PART).max(COMMON_ITEMS_MIN);
        entity.0 >= self.n_items && self.degree(entity) > most
    }

    fn joins(&self, a: EntityId, b: EntityId, relation: Relation) -> bool {
        self.neighbours(a, relation).binary_search(&b.0).is_ok()
    }

    /// ln of how many ways lead through what stands between.
    fn commonness(&self, path: &Path) -> f64 {
        let between = &path[..path.len() - 1];
        between.iter().map(|step| (self.degree(step.to).max(1) as f64).ln()).sum()
    }
}

/// One in so many items with a name makes it a common one, …
const COMMON_PART: usize = 20;
/// … if there are more than so many.
const COMMON_ITEMS_MIN: usize = 20;

/// More than any commonness, so that a shorter path comes first.
const LONGER: f64 = 1e3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    /// 0 and 1 of a rare brand, 0 to 5 of one department; 1 is bought with 2, 2 with 3.
    fn graph() -> Graph {
        let mut builder = Builder::new(7);
        for item in 0..6 {
            if item < 2 {
                builder.named(item, Relation::Brand, "Rare").expect("in range");
            }
            builder.named(item, Relation::Department, "Food").expect("in range");
        }
        builder.bought_with(1, 2).expect("in range");
        builder.bought_with(2, 3).expect("in range");
        builder.build().expect("small")
    }

    fn words(graph: &Graph, from: u32, to: u32) -> Vec<String> {
        let paths = graph.paths(EntityId(from), EntityId(to));
        let step = |step: &Step| match graph.name(step.to) {
            Some((_, name)) => format!("{:?} {name}", step.relation),
            None => format!("{:?} {}", step.relation, step.to.0),
        };
        paths.iter().map(|path| path.iter().map(step).collect::<Vec<_>>().join(", ")).collect()
    }

    #[test]
    fn short_and_rare_ways_come_first() {
        let graph = graph();
        assert_eq!(
            words(&graph, 0, 1)[..2],
            ["Brand Rare, Brand 1", "Department Food, Department 1"]
        );
        assert_eq!(words(&graph, 1, 2)[0], "BoughtWith 2");
        let far = words(&graph, 0, 2);
        assert_eq!(far[0], "Department Food, Department 2");
        assert!(far.contains(&"Brand Rare, Brand 1, BoughtWith 2".to_owned()), "{far:?}");
        assert_eq!(words(&graph, 1, 3)[0], "BoughtWith 2, BoughtWith 3");
    }

    #[test]
    fn what_everything_has_leads_nowhere_further() {
        let mut builder = Builder::new(40);
        (0..30).for_each(|item| {
            builder.named(item, Relation::Brand, "Own brand").expect("in range");
        });
        builder.bought_with(0, 39).expect("in range");
        let graph = builder.build().expect("small");
        assert!(words(&graph, 39, 1).is_empty(), "by way of item 0 and the brand");
        assert_eq!(words(&graph, 0, 1), ["Brand Own brand, Brand 1"]);
    }

    #[test]
    fn every_path_is_one_along_edges_and_ends_at_the_other_item() {
        let graph = graph();
        for (from, to) in (0..7).flat_map(|a| (0..7).map(move |b| (EntityId(a), EntityId(b)))) {
            let paths = graph.paths(from, to);
            assert!(paths.len() <= PATHS_MAX);
            for path in paths {
                let mut at = from;
                for step in &path {
                    assert!(graph.joins(at, step.to, step.relation));
                    assert_ne!(step.to, from, "a path does not turn back");
                    at = step.to;
                }
                assert_eq!(at, to);
            }
        }
        assert!(graph.paths(EntityId(0), EntityId(6)).is_empty(), "nothing is known of item 6");
        assert!(graph.paths(EntityId(0), EntityId(0)).is_empty());
        assert!(graph.paths(EntityId(0), EntityId(7)).is_empty(), "that is no item");
    }
}
