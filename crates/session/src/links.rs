//! How two cards hang together, from the synced catalogue alone: what the shop knows of
//! them, not what the shopper did.

use crate::catalogue::Catalogue;
use crate::{ItemCard, Link};

/// Most links that are named.
const LINKS_MAX: usize = 2;
/// A brand of a larger share of all cards says nothing ("Own brand").
const BRAND_SHARE_MAX: f64 = 0.05;

/// At most two links between different cards, the strongest first.
pub(crate) fn links(catalogue: &Catalogue, a: &ItemCard, b: &ItemCard) -> Vec<Link> {
    if a.id == b.id {
        return Vec::new();
    }
    let rows = catalogue.rows();
    let lists = |from: &ItemCard, to: &ItemCard| {
        let has = |row: Option<&vitrine_wire::RelatedRow>| {
            row.is_some_and(|row| row.related.contains(&to.id))
        };
        (has(rows.alternatives_to(from.id)), has(rows.related_to(from.id)))
    };
    let (there, back) = (lists(a, b), lists(b, a));
    let same = |x: &String, y: &String| !x.is_empty() && x == y;
    let category = same(&a.category, &b.category);
    let all = [
        (there.0 || back.0).then_some(Link::Alternative),
        (there.1 || back.1).then_some(Link::BoughtTogether),
        category.then(|| Link::Category(a.category.clone())),
        (same(&a.brand, &b.brand) && is_telling(catalogue, &a.brand))
            .then(|| Link::Brand(a.brand.clone())),
        // Whoever shares the category shares this, too.
        (!category && same(&a.department, &b.department))
            .then(|| Link::Department(a.department.clone())),
    ];
    all.into_iter().flatten().take(LINKS_MAX).collect()
}

fn is_telling(catalogue: &Catalogue, brand: &str) -> bool {
    let n_items = catalogue.n_items();
    let n = (0..n_items).filter(|index| catalogue.raw(*index).brand == brand).count();
    n as f64 <= f64::from(n_items) * BRAND_SHARE_MAX
}
