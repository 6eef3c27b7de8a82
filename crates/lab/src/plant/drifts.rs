//! Imports that drift from the previous one, each in its way.

use std::collections::{BTreeMap, HashSet};

use vitrine_quality::{InteractionRow, ProductRow};

use super::faults::Numbered;

/// The ways; the first is none.
pub const DRIFTS: [&str; 6] =
    ["none", "fewer products", "fewer lines", "new words", "prices", "categories"];

/// Changes an import in one way.
pub fn drifted(
    what: &str,
    products: &mut Vec<Numbered<ProductRow>>,
    lines: &mut Vec<Numbered<InteractionRow>>,
) {
    match what {
        // A tenth changes from one import to the next.
        "none" => products.retain(|(line, _)| line % 10 != 0),
        "fewer products" => products.retain(|(line, _)| line % 3 == 0),
        "fewer lines" => lines.retain(|(line, _)| line % 3 == 0),
        "new words" => {
            for (line, row) in &mut *products {
                if *line % 2 == 0 {
                    let words = row.product.title.split(' ');
                    let turned: Vec<String> =
                        words.map(|word| word.chars().rev().collect()).collect();
                    row.product.title = turned.join(" ");
                }
            }
        }
        "prices" => {
            for (_, row) in &mut *products {
                row.price_minor = row.price_minor.map(|price| price * 2);
            }
        }
        _ => {
            let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
            for (_, row) in &*products {
                *sizes.entry(row.product.category.clone()).or_default() += 1;
            }
            let mut by_size: Vec<(usize, String)> =
                sizes.into_iter().map(|(category, n)| (n, category)).collect();
            by_size.sort_unstable();
            let mut left = products.len() * 2 / 5;
            let gone: HashSet<String> = by_size
                .into_iter()
                .rev()
                .take_while(|(n, _)| {
                    let takes = left > 0;
                    left = left.saturating_sub(*n);
                    takes
                })
                .map(|(_, category)| category)
                .collect();
            products.retain(|(_, row)| !gone.contains(&row.product.category));
        }
    }
}
