//! Everything that is wrong with a feed, in one pass, and what each thing costs.

mod fault;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

pub use fault::FeedFault;

use crate::error::{IngestError, truncated};
use crate::mapping::Mapping;
use crate::products::{RawProduct, open_products};

/// Lines shown of each fault.
const EXAMPLES_MAX: usize = 3;
/// Text shown of an example, in characters.
const EXAMPLE_CHARS_MAX: usize = 80;

/// What a look at a whole feed has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedExamination {
    /// Rows of the feed.
    pub n_rows: u64,
    /// Rows that become a product: they can be read, have an id of their own, and the shop
    /// lists them.
    pub n_products: u64,
    /// What is wrong, the worst first, then the most frequent.
    pub findings: Vec<FeedFinding>,
    /// Why the feed could not be read to its end.
    pub stopped: Option<String>,
}

/// A fault with where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedFinding {
    /// What is wrong.
    pub fault: FeedFault,
    /// In how many rows.
    pub n_rows: u64,
    /// The first of them: line, and what stands there.
    pub examples: Vec<(u64, String)>,
}

#[derive(Default)]
struct Findings {
    of: BTreeMap<FeedFault, FeedFinding>,
}

impl Findings {
    fn add(&mut self, fault: FeedFault, line: u64, text: &str) {
        let new = || FeedFinding { fault, n_rows: 0, examples: Vec::new() };
        let finding = self.of.entry(fault).or_insert_with(new);
        finding.n_rows += 1;
        if finding.examples.len() < EXAMPLES_MAX {
            finding.examples.push((line, truncated(text, EXAMPLE_CHARS_MAX)));
        }
    }
}

/// Reads a feed to its end. Memory grows with the number of distinct ids alone.
///
/// # Errors
/// The feed cannot be opened. One that breaks off later is examined up to there.
pub fn examine_feed(path: &Path, mapping: &Mapping) -> Result<FeedExamination, IngestError> {
    let (mut examination, mut findings) = (FeedExamination::default(), Findings::default());
    let mut seen: HashMap<Box<str>, u64> = HashMap::new();
    for row in open_products(path, mapping)? {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                examination.stopped = Some(error.to_string());
                break;
            }
        };
        examination.n_rows += 1;
        let product = match row.record {
            Ok(product) => product,
            Err(error) => {
                findings.add(FeedFault::of_row(&error.problem), row.line, &error.to_string());
                continue;
            }
        };
        if product.sku.is_empty() {
            findings.add(FeedFault::NoId, row.line, &product.title);
            continue;
        }
        if let Some(first) = seen.get(product.sku.as_str()) {
            let text = format!("{}, first in line {first}", product.sku);
            findings.add(FeedFault::RepeatedId, row.line, &text);
            continue;
        }
        seen.insert(product.sku.as_str().into(), row.line);
        if mapping.excludes(&product) {
            findings.add(FeedFault::LeftOut, row.line, &product.sku);
            continue;
        }
        examination.n_products += 1;
        look_at(&product, row.line, &mut findings);
    }
    let mut found: Vec<FeedFinding> = findings.of.into_values().collect();
    found.sort_by_key(|finding| (finding.fault.weight(), std::cmp::Reverse(finding.n_rows)));
    examination.findings = found;
    Ok(examination)
}

/// What is wrong with a product that can be read.
fn look_at(product: &RawProduct, line: u64, findings: &mut Findings) {
    let shown = if product.title.is_empty() { &product.sku } else { &product.title };
    let missing = [
        (product.title.is_empty(), FeedFault::NoTitle),
        (product.price_minor.is_none(), FeedFault::NoPrice),
        (product.price_minor.is_some_and(|price| price <= 0), FeedFault::PriceNotPositive),
        (product.image_link.is_empty(), FeedFault::NoImage),
        (product.department.is_empty() && product.category.is_empty(), FeedFault::NoCategory),
        (product.description.is_empty(), FeedFault::NoDescription),
        (product.brand.is_empty(), FeedFault::NoBrand),
        (product.link.is_empty(), FeedFault::NoLink),
        (is_no_address(&product.link), FeedFault::LinkNotAbsolute),
        (is_no_address(&product.image_link), FeedFault::ImageNotAbsolute),
        (sale_is_not_lower(product), FeedFault::SaleNotLower),
    ];
    for (_, fault) in missing.into_iter().filter(|(is_wrong, _)| *is_wrong) {
        findings.add(fault, line, shown);
    }
    for problem in &product.problems {
        findings.add(FeedFault::of_field(&problem.problem), line, &problem.to_string());
    }
}

fn is_no_address(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("https://") && !text.starts_with("http://")
}

fn sale_is_not_lower(product: &RawProduct) -> bool {
    match (product.sale_price_minor, product.price_minor) {
        (Some(sale), Some(price)) => sale <= 0 || sale >= price,
        (Some(sale), None) => sale <= 0,
        (None, _) => false,
    }
}
