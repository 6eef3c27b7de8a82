//! Entities, relations, and what stands beside what.

use crate::csr::Csr;

/// How an item hangs together with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It is bought with another item.
    BoughtWith,
    /// It is of a brand.
    Brand,
    /// It is in a category.
    Category,
    /// It is in a department.
    Department,
    /// It has an attribute.
    Attribute,
}

impl Relation {
    /// All of them, the most telling first.
    pub const ALL: [Self; 5] =
        [Self::BoughtWith, Self::Brand, Self::Attribute, Self::Category, Self::Department];

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// An item, or a name that items share. Items come first, in the order of their indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub u32);

/// The graph of one catalogue version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    pub(crate) n_items: u32,
    /// Relation and name of the entities that are no items.
    pub(crate) names: Vec<(Relation, String)>,
    /// By relation, each edge in both directions.
    pub(crate) edges: [Csr; Relation::ALL.len()],
}

impl Graph {
    /// How many items it has: entities below this number are items.
    pub fn n_items(&self) -> u32 {
        self.n_items
    }

    /// How many entities it has.
    pub fn n_entities(&self) -> u32 {
        self.n_items + self.names.len() as u32
    }

    /// Triples of a relation; a pair that is bought together is one.
    pub fn n_triples(&self, relation: Relation) -> usize {
        self.edges[relation.index()].n_edges() / 2
    }

    /// The name of an entity and what items have to do with it; `None` for an item.
    pub fn name(&self, entity: EntityId) -> Option<(Relation, &str)> {
        let index = entity.0.checked_sub(self.n_items)?;
        self.names.get(index as usize).map(|(relation, name)| (*relation, name.as_str()))
    }

    /// What an entity is related to: the names of an item, the items of a name, or the
    /// items that an item is bought with. Ascending; empty for an entity there is not.
    pub fn neighbours(&self, entity: EntityId, relation: Relation) -> &[u32] {
        self.edges[relation.index()].row(entity.0)
    }

    /// How many entities stand beside one, by all relations.
    pub fn degree(&self, entity: EntityId) -> usize {
        self.edges.iter().map(|edges| edges.row(entity.0).len()).sum()
    }
}
