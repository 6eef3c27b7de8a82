//! The first pass over the feed: what must be known of all products before one
//! can be judged. Mergeable.

use std::collections::{BTreeSet, HashMap, HashSet};

use arrow_array::RecordBatch;

use super::batch::{ProductColumns, ProductView};
use super::declare::Field;
use super::hashing::{IdMap, IdSet, hash};
use super::text::words;

/// Makers and sizes, and GTINs, remembered of products with one text.
pub(crate) const MAKES_KEPT: usize = 8;

/// What all products say. Its memory grows with the number of products and of
/// distinct texts, as the catalogue's own does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductProfile {
    /// Rows that could be read and that no rule leaves out.
    pub n_rows: u64,
    pub(crate) skus: IdMap<Sku>,
    pub(crate) groups: IdMap<Group>,
    pub(crate) gtins: IdMap<u64>,
    excluded: IdSet,
}

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sku {
    pub first_line: u64,
    pub group: u64,
    pub price_minor: Option<i64>,
}

/// Products with equal texts: one card.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub title: String,
    pub department: String,
    pub category: String,
    pub brand: String,
    pub n: u32,
    pub first_line: u64,
    /// Hashes of (maker, size), the smallest few.
    pub makes: BTreeSet<u64>,
    /// Hashes of GTINs, the smallest few.
    pub gtins: BTreeSet<u64>,
}

impl Group {
    /// What tells which goods are alike: the category, or else the department.
    pub(crate) fn shelf(&self) -> &str {
        if self.category.is_empty() { &self.department } else { &self.category }
    }
}

/// The key of products with the texts of `row`.
pub(crate) fn group_of(row: &ProductView<'_>) -> u64 {
    let fields = [Field::Title, Field::Department, Field::Category, Field::Brand];
    hash(&fields.map(|field| row.text(field)))
}

impl ProductProfile {
    /// Adds the rows of a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        for row in ProductColumns::of(batch).rows() {
            self.n_rows += 1;
            let group = group_of(&row);
            let sku = Sku { first_line: row.line(), group, price_minor: row.price_minor() };
            keep_first(&mut self.skus, hash(row.text(Field::Sku)), sku);
            let gtin = row.text(Field::Gtin);
            if !gtin.is_empty() {
                let first = self.gtins.entry(hash(gtin)).or_insert(row.line());
                *first = row.line().min(*first);
            }
            let known = self.groups.entry(group).or_insert_with(|| new_group(&row));
            known.n += 1;
            known.first_line = known.first_line.min(row.line());
            let make = (row.text(Field::Manufacturer), row.text(Field::Size));
            keep_smallest(&mut known.makes, (make != ("", "")).then(|| hash(&make)));
            keep_smallest(&mut known.gtins, (!gtin.is_empty()).then(|| hash(gtin)));
        }
    }

    /// Notes a product that a rule leaves out: lines that name it are no mistakes.
    pub fn exclude(&mut self, sku: &str) {
        self.excluded.insert(hash(sku));
    }

    /// Adds what another part of the feed gave.
    pub fn merge(&mut self, other: Self) {
        self.n_rows += other.n_rows;
        for (key, sku) in other.skus {
            keep_first(&mut self.skus, key, sku);
        }
        for (key, line) in other.gtins {
            let first = self.gtins.entry(key).or_insert(line);
            *first = line.min(*first);
        }
        for (key, group) in other.groups {
            match self.groups.get_mut(&key) {
                Some(known) => {
                    known.n += group.n;
                    known.first_line = known.first_line.min(group.first_line);
                    keep_smallest(&mut known.makes, group.makes);
                    keep_smallest(&mut known.gtins, group.gtins);
                }
                None => {
                    self.groups.insert(key, group);
                }
            }
        }
        self.excluded.extend(other.excluded);
    }

    /// Whether the feed lists the product, or leaves it out on purpose.
    pub(crate) fn knows(&self, sku: &str) -> bool {
        self.skus.contains_key(&hash(sku)) || self.leaves_out(sku)
    }

    /// Whether a rule leaves the product out on purpose.
    pub fn leaves_out(&self, sku: &str) -> bool {
        self.excluded.contains(&hash(sku))
    }

    /// The groups in the order of the feed.
    pub(crate) fn ordered(&self) -> Vec<(u64, &Group)> {
        let mut groups: Vec<(u64, &Group)> =
            self.groups.iter().map(|(key, group)| (*key, group)).collect();
        groups.sort_by_key(|(key, group)| (group.first_line, *key));
        groups
    }

    /// The distinct words of titles, in lower case, sorted.
    pub fn words(&self) -> BTreeSet<String> {
        self.groups.values().flat_map(|group| words(&group.title)).collect()
    }

    /// Distinct texts by which products are compared: title and brand, without
    /// what files them. In the order of [`Texts::texts`], vectors of them go to
    /// [`Findings::find`](super::findings::Findings::find).
    pub fn texts(&self) -> Texts {
        let mut texts = Vec::new();
        let mut at: HashMap<String, u32> = HashMap::new();
        let groups = self.ordered();
        let text_of = groups
            .iter()
            .map(|(_, group)| {
                let text = match group.brand.as_str() {
                    "" => group.title.to_lowercase(),
                    brand => format!("{}, {}", group.title, brand).to_lowercase(),
                };
                *at.entry(text).or_insert_with_key(|text| {
                    texts.push(text.clone());
                    texts.len() as u32 - 1
                })
            })
            .collect();
        Texts { texts, text_of }
    }
}

/// Distinct texts of products, and which one each group has.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The texts.
    pub texts: Vec<String>,
    pub(crate) text_of: Vec<u32>,
}

fn new_group(row: &ProductView<'_>) -> Group {
    let text = |field| row.text(field).to_owned();
    Group {
        title: text(Field::Title),
        department: text(Field::Department),
        category: text(Field::Category),
        brand: text(Field::Brand),
        n: 0,
        first_line: row.line(),
        makes: BTreeSet::new(),
        gtins: BTreeSet::new(),
    }
}

fn keep_first(skus: &mut IdMap<Sku>, key: u64, sku: Sku) {
    let known = skus.entry(key).or_insert(sku);
    if sku.first_line < known.first_line {
        *known = sku;
    }
}

fn keep_smallest(kept: &mut BTreeSet<u64>, new: impl IntoIterator<Item = u64>) {
    kept.extend(new);
    while kept.len() > MAKES_KEPT {
        kept.pop_last();
    }
}

/// Categories that have at least one product.
pub(crate) fn shelves<'a>(groups: &[(u64, &'a Group)]) -> HashSet<&'a str> {
    groups.iter().map(|(_, group)| group.shelf()).filter(|shelf| !shelf.is_empty()).collect()
}
