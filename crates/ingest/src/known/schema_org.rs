//! Products as schema.org describes them, in JSON-LD.
//!
//! # Source
//! <https://schema.org/Product>, <https://schema.org/ProductGroup>

mod offer;
mod product;

use std::collections::VecDeque;
use std::path::Path;

use serde_json::Value;

use crate::JSON_DEPTH_MAX;
use crate::error::IngestError;
use crate::input::TextInput;
use crate::json::{JsonScan, scripts, value};
use crate::objects::{ObjectAt, ObjectSource, ValueAt};

/// The list of nodes of a JSON-LD document.
const GRAPH: &str = "@graph";
/// Properties whose values may be products.
const LEADS_TO_PRODUCTS: &[&str] =
    &[GRAPH, "itemListElement", "item", "mainEntity", "mainEntityOfPage", "offers", "itemOffered"];

/// Yields one object for each product: a `Product`, or each variant of a `ProductGroup`. Its
/// names are those of the Merchant feed.
pub(crate) struct SchemaOrg {
    documents: Documents,
    ready: VecDeque<ObjectAt>,
}

/// Where the documents come from.
enum Documents {
    File(JsonScan),
    Page(std::vec::IntoIter<(u64, String)>),
}

impl SchemaOrg {
    /// Reads a file of JSON-LD, or the scripts of a page when it begins as HTML does.
    pub(crate) fn open(path: &Path, mut input: TextInput) -> Result<Self, IngestError> {
        let failed = |source| IngestError::Read { path: path.to_owned(), line: 0, source };
        let is_page = input.head().map_err(failed)?.trim_ascii_start().starts_with(b"<");
        let documents = if is_page {
            Documents::Page(scripts(path, input)?.into_iter())
        } else {
            Documents::File(JsonScan::new(path, input, Some(GRAPH)))
        };
        Ok(Self { documents, ready: VecDeque::new() })
    }

    fn next_document(&mut self) -> Option<ValueAt> {
        match &mut self.documents {
            Documents::File(scan) => scan.next_value(),
            Documents::Page(scripts) => {
                let (line, text) = scripts.next()?;
                Some(Ok((line, value(text.as_bytes()))))
            }
        }
    }
}

/// Adds the products within a document.
fn collect(node: &Value, line: u64, depth: usize, found: &mut VecDeque<ObjectAt>) {
    if depth > JSON_DEPTH_MAX {
        return;
    }
    match node {
        Value::Array(nodes) => {
            nodes.iter().for_each(|node| collect(node, line, depth + 1, found));
        }
        Value::Object(object) if product::is_product(object) => {
            let objects = product::objects(object).into_iter();
            found.extend(objects.map(|object| ObjectAt { line, object: Ok(object) }));
        }
        Value::Object(object) => {
            for value in LEADS_TO_PRODUCTS.iter().filter_map(|name| object.get(*name)) {
                collect(value, line, depth + 1, found);
            }
        }
        _ => {}
    }
}

impl ObjectSource for SchemaOrg {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        while self.ready.is_empty() {
            match self.next_document()? {
                Err(error) => return Some(Err(error)),
                Ok((line, Err(bad))) => return Some(Ok(ObjectAt { line, object: Err(bad) })),
                Ok((line, Ok(document))) => collect(&document, line, 0, &mut self.ready),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
