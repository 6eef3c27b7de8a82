//! Triples become a graph.

use std::collections::HashMap;

use crate::csr::Csr;
use crate::{Graph, GraphError, NAMES_PER_RELATION_MAX, Relation};

/// Collects triples.
#[derive(Clone, Debug)]
pub struct Builder {
    n_items: u32,
    numbers: HashMap<(Relation, String), u32>,
    names: Vec<(Relation, String)>,
    /// By relation: (item, entity).
    edges: [Vec<(u32, u32)>; Relation::ALL.len()],
    /// Names that one item may still get; the triples of an item come together.
    last: Option<(u32, Relation, usize)>,
}

impl Builder {
    /// A graph of items 0 to `n_items` − 1 that nothing is known of.
    pub fn new(n_items: u32) -> Self {
        Self {
            n_items,
            numbers: HashMap::new(),
            names: Vec::new(),
            edges: Default::default(),
            last: None,
        }
    }

    /// Says that an item has a name: its brand, a category, …. An empty name says nothing;
    /// names are told apart letter by letter. Of names that are given to an item one after
    /// the other, those beyond [`NAMES_PER_RELATION_MAX`] are left out.
    ///
    /// # Errors
    /// [`GraphError::ItemOutOfRange`]; [`GraphError::NotNamed`] for
    /// [`Relation::BoughtWith`]; [`GraphError::TooManyEntities`].
    pub fn named(&mut self, item: u32, relation: Relation, name: &str) -> Result<(), GraphError> {
        self.check(item)?;
        if relation == Relation::BoughtWith {
            return Err(GraphError::NotNamed);
        }
        if name.is_empty() {
            return Ok(());
        }
        let given = match self.last {
            Some((last, of, n)) if (last, of) == (item, relation) => n,
            _ => 0,
        };
        self.last = Some((item, relation, given + 1));
        if given >= NAMES_PER_RELATION_MAX {
            return Ok(());
        }
        let entity = self.entity(relation, name)?;
        self.edges[relation.index()].push((item, entity));
        Ok(())
    }

    /// Says that two items are bought together, by so many buyers that it may be
    /// published; that one is bought with itself says nothing.
    ///
    /// # Errors
    /// [`GraphError::ItemOutOfRange`].
    pub fn bought_with(&mut self, item: u32, other: u32) -> Result<(), GraphError> {
        self.check(item)?;
        self.check(other)?;
        if item != other {
            self.edges[Relation::BoughtWith.index()].push((item, other));
        }
        Ok(())
    }

    /// The graph.
    ///
    /// # Errors
    /// [`GraphError::TooManyEdges`].
    pub fn build(self) -> Result<Graph, GraphError> {
        let n_entities = self.n_items as usize + self.names.len();
        let mut edges: [Csr; Relation::ALL.len()] = Default::default();
        for (csr, of_relation) in edges.iter_mut().zip(self.edges) {
            let both = of_relation.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]).collect();
            *csr = Csr::new(n_entities, both)?;
        }
        Ok(Graph { n_items: self.n_items, names: self.names, edges })
    }

    fn check(&self, item: u32) -> Result<(), GraphError> {
        let n_items = self.n_items;
        if item < n_items { Ok(()) } else { Err(GraphError::ItemOutOfRange { item, n_items }) }
    }

    fn entity(&mut self, relation: Relation, name: &str) -> Result<u32, GraphError> {
        let key = (relation, name.to_owned());
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        let next = u32::try_from(self.names.len())
            .ok()
            .and_then(|n| self.n_items.checked_add(n))
            .filter(|next| *next < u32::MAX)
            .ok_or(GraphError::TooManyEntities)?;
        self.names.push(key.clone());
        self.numbers.insert(key, next);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::EntityId;

    #[test]
    fn every_edge_is_found_from_both_ends() {
        let mut builder = Builder::new(3);
        for (item, relation, name) in [
            (0, Relation::Brand, "Acme"),
            (2, Relation::Brand, "Acme"),
            (2, Relation::Category, "Acme"),
            (1, Relation::Brand, ""),
        ] {
            builder.named(item, relation, name).expect("in range");
        }
        builder.bought_with(0, 1).expect("in range");
        builder.bought_with(1, 0).expect("in range");
        builder.bought_with(2, 2).expect("in range");
        let graph = builder.build().expect("small");
        assert_eq!((graph.n_items(), graph.n_entities()), (3, 5));
        let brand = graph.neighbours(EntityId(0), Relation::Brand);
        assert_eq!(brand, graph.neighbours(EntityId(2), Relation::Brand));
        let brand = EntityId(brand[0]);
        assert_eq!(graph.name(brand), Some((Relation::Brand, "Acme")));
        assert_eq!(graph.neighbours(brand, Relation::Brand), [0, 2]);
        assert!(graph.neighbours(brand, Relation::Category).is_empty());
        assert_eq!(graph.neighbours(EntityId(1), Relation::BoughtWith), [0]);
        assert_eq!(graph.n_triples(Relation::BoughtWith), 1);
        assert_eq!((graph.degree(EntityId(2)), graph.name(EntityId(2))), (2, None));
        assert!(graph.neighbours(EntityId(99), Relation::Brand).is_empty());
    }

    #[test]
    fn what_cannot_be_is_refused_and_what_is_too_much_is_left_out() {
        let mut builder = Builder::new(2);
        let beyond = GraphError::ItemOutOfRange { item: 2, n_items: 2 };
        assert_eq!(builder.named(2, Relation::Brand, "b"), Err(beyond));
        assert_eq!(builder.bought_with(0, 2), Err(beyond));
        assert_eq!(builder.named(0, Relation::BoughtWith, "b"), Err(GraphError::NotNamed));
        for n in 0..NAMES_PER_RELATION_MAX + 5 {
            builder.named(1, Relation::Attribute, &n.to_string()).expect("in range");
        }
        let graph = builder.build().expect("small");
        assert_eq!(graph.n_triples(Relation::Attribute), NAMES_PER_RELATION_MAX);
    }

    proptest! {
        /// The rows hold exactly what was said, each edge from both ends.
        #[test]
        fn rows_hold_what_was_said(
            said in prop::collection::vec((0u32..12, 0u32..12), 0..60),
        ) {
            let mut builder = Builder::new(12);
            for (a, b) in &said {
                builder.bought_with(*a, *b).expect("in range");
            }
            let graph = builder.build().expect("small");
            for a in 0..12 {
                let row = graph.neighbours(EntityId(a), Relation::BoughtWith);
                for b in 0..12 {
                    let is_said = a != b && (said.contains(&(a, b)) || said.contains(&(b, a)));
                    prop_assert_eq!(row.binary_search(&b).is_ok(), is_said);
                }
            }
        }
    }
}
