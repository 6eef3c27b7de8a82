//! `vitrine graph`: what the catalogue knows of an item, and how two items hang together.
//!
//! A command and not an address of the server: a page that asked for one product's links
//! would tell the server which product is looked at. The Shop finds links on the device.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use vitrine_domain::{ATTRIBUTE_SEPARATOR, Item, ItemId};
use vitrine_graph::{Builder, EntityId, Graph, Path, Relation};

use crate::catalogue::StoredCatalogue;
use crate::cli::GraphArgs;
use crate::settings::ServerSettings;

/// Items that are listed beside a name, or when several match a text.
const SHOWN_MAX: usize = 12;

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &GraphArgs) -> Result<ExitCode> {
    let (catalogue, _) = StoredCatalogue::published(settings)?;
    let graph = of_catalogue(&catalogue)?;
    let Some(item) = &args.item else {
        crate::print(&counts(&graph, args.json));
        return Ok(ExitCode::SUCCESS);
    };
    let at = find(&catalogue.items, item)?;
    let answer = match &args.to {
        Some(other) => {
            let to = find(&catalogue.items, other)?;
            ensure!(at != to, "both are {}", catalogue.items[at as usize].title);
            ways(&graph, &catalogue.items, at, to, args.json)
        }
        None => beside(&graph, &catalogue.items, at, args.json),
    };
    crate::print(&answer);
    Ok(ExitCode::SUCCESS)
}

/// The graph of a catalogue version: of facts on its cards and of the pairs that enough
/// buyers share. Items are numbered as the catalogue's.
///
/// # Errors
/// Only for more entities than 32 bits can number.
fn of_catalogue(catalogue: &StoredCatalogue) -> Result<Graph> {
    let items = &catalogue.items;
    let mut builder = facts(items)?;
    let index = |id: &ItemId| items.binary_search_by_key(id, |item| item.id).ok();
    for (id, list) in &catalogue.related {
        for (item, other) in list.iter().filter_map(|(other, _)| index(id).zip(index(other))) {
            builder.bought_with(item as u32, other as u32)?;
        }
    }
    Ok(builder.build()?)
}

/// What is written on cards: nothing that was counted over a log.
///
/// # Errors
/// Only for more entities than 32 bits can number.
pub fn facts(items: &[Item]) -> Result<Builder> {
    let mut builder = Builder::new(u32::try_from(items.len())?);
    for (n, item) in (0..).zip(items) {
        builder.named(n, Relation::Brand, &item.brand)?;
        builder.named(n, Relation::Category, &item.category)?;
        builder.named(n, Relation::Department, &item.department)?;
        for value in item.attributes.split(ATTRIBUTE_SEPARATOR).map(str::trim) {
            builder.named(n, Relation::Attribute, value)?;
        }
    }
    Ok(builder)
}

/// An item by its id, or by words of its title.
fn find(items: &[Item], text: &str) -> Result<u32> {
    if let Ok(id) = text.parse::<ItemId>() {
        let at = items.binary_search_by_key(&id, |item| item.id);
        return Ok(at.ok().with_context(|| format!("no item has the id {id}"))? as u32);
    }
    let wanted = text.to_lowercase();
    let title = |n: u32| items[n as usize].title.to_lowercase();
    let all = 0..items.len() as u32;
    let exact: Vec<u32> = all.clone().filter(|n| title(*n) == wanted).collect();
    let found = if exact.is_empty() {
        all.filter(|n| title(*n).contains(&wanted)).collect()
    } else {
        exact
    };
    match found[..] {
        [one] => Ok(one),
        [] => bail!("no item has {text:?} in its title"),
        _ => {
            let line = |n: &u32| {
                let item = &items[*n as usize];
                format!("  {}  {}", item.id, item.text())
            };
            let lines: Vec<String> = found.iter().take(SHOWN_MAX).map(line).collect();
            let n = found.len();
            bail!("{n} items have {text:?} in their title; give an id:\n{}", lines.join("\n"))
        }
    }
}

fn counts(graph: &Graph, is_json: bool) -> String {
    let rows = Relation::ALL.map(|relation| (word(relation), graph.n_triples(relation)));
    if is_json {
        let triples: serde_json::Map<String, Value> =
            rows.iter().map(|(name, n)| ((*name).to_owned(), json!(n))).collect();
        let (items, entities) = (graph.n_items(), graph.n_entities());
        return json!({ "items": items, "entities": entities, "triples": triples }).to_string();
    }
    let mut text = format!("{} items, {} entities\n", graph.n_items(), graph.n_entities());
    for (name, n) in rows {
        let _ = writeln!(text, "{n:>9}  {name}");
    }
    text
}

fn beside(graph: &Graph, items: &[Item], at: u32, is_json: bool) -> String {
    let item = &items[at as usize];
    let row = |relation| graph.neighbours(EntityId(at), relation);
    if is_json {
        let links: serde_json::Map<String, Value> = Relation::ALL
            .into_iter()
            .map(|relation| {
                let named = |to: &u32| entity(graph, items, EntityId(*to));
                (word(relation).to_owned(), row(relation).iter().map(named).collect())
            })
            .collect();
        return json!({ "item": item.id, "title": item.title, "links": links }).to_string();
    }
    let mut text = format!("{}  {}\n", item.id, item.title);
    for relation in Relation::ALL {
        for to in row(relation) {
            let n = graph.neighbours(EntityId(*to), relation).len();
            let more = if relation == Relation::BoughtWith {
                String::new()
            } else {
                format!(" ({n} items)")
            };
            let _ = writeln!(
                text,
                "{:>12}  {}{more}",
                word(relation),
                label(graph, items, EntityId(*to))
            );
        }
    }
    text
}

fn ways(graph: &Graph, items: &[Item], from: u32, to: u32, is_json: bool) -> String {
    let paths = graph.paths(EntityId(from), EntityId(to));
    if is_json {
        let step = |step: &vitrine_graph::Step| json!({ "relation": word(step.relation), "to": entity(graph, items, step.to) });
        let of = |path: &Path| path.iter().map(step).collect::<Vec<Value>>();
        let id = |n: u32| items[n as usize].id;
        let paths: Vec<Vec<Value>> = paths.iter().map(of).collect();
        return json!({ "from": id(from), "to": id(to), "paths": paths }).to_string();
    }
    if paths.is_empty() {
        return "nothing within three steps".to_owned();
    }
    let start = label(graph, items, EntityId(from));
    let line = |path: &Path| {
        let steps = path
            .iter()
            .map(|step| format!(" –{}→ {}", word(step.relation), label(graph, items, step.to)));
        format!("{start}{}", steps.collect::<String>())
    };
    paths.iter().map(line).collect::<Vec<String>>().join("\n")
}

fn label<'a>(graph: &'a Graph, items: &'a [Item], entity: EntityId) -> &'a str {
    graph.name(entity).map_or_else(|| items[entity.0 as usize].title.as_str(), |(_, name)| name)
}

fn entity(graph: &Graph, items: &[Item], entity: EntityId) -> Value {
    match graph.name(entity) {
        Some((_, name)) => json!(name),
        None => {
            let item = &items[entity.0 as usize];
            json!({ "item": item.id, "title": item.title })
        }
    }
}

fn word(relation: Relation) -> &'static str {
    match relation {
        Relation::BoughtWith => "bought with",
        Relation::Brand => "brand",
        Relation::Category => "category",
        Relation::Department => "department",
        Relation::Attribute => "attribute",
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Variant;

    use super::*;

    fn item(id: u64, title: &str, brand: &str, attributes: &str) -> Item {
        Item {
            id: ItemId(id),
            title: title.to_owned(),
            brand: brand.to_owned(),
            category: "Bath".to_owned(),
            attributes: attributes.to_owned(),
            variants: vec![Variant::default()],
            ..Item::default()
        }
    }

    fn catalogue() -> StoredCatalogue {
        let red = format!("Red{}Cotton", ATTRIBUTE_SEPARATOR);
        StoredCatalogue {
            positives: vitrine_domain::Positives::Purchases,
            never_recommended: Vec::new(),
            shop: String::new(),
            currency: "USD".to_owned(),
            items: vec![
                item(1, "Soap", "Acme", ""),
                item(2, "Soap dish", "Acme", &red),
                item(3, "Towel", "", &red),
            ],
            buyers: Vec::new(),
            related: vec![(ItemId(1), vec![(ItemId(3), 255), (ItemId(9), 255)])],
            alternatives: Vec::new(),
            vectors: Vec::new(),
            ..StoredCatalogue::default()
        }
    }

    #[test]
    fn a_catalogue_becomes_triples_and_its_paths_can_be_read() {
        let catalogue = catalogue();
        let graph = of_catalogue(&catalogue).expect("small");
        let counts = Relation::ALL.map(|relation| graph.n_triples(relation));
        assert_eq!(counts, [1, 2, 4, 3, 0], "bought with, brand, attribute, category, department");
        let text = ways(&graph, &catalogue.items, 1, 2, false);
        assert!(text.starts_with("Soap dish –attribute→ Red –attribute→ Towel\n"), "{text}");
        assert!(text.contains("Soap dish –brand→ Acme –brand→ Soap –bought with→ Towel"), "{text}");
        assert!(beside(&graph, &catalogue.items, 0, false).contains("bought with  Towel"));
    }

    #[test]
    fn an_item_is_found_by_id_or_title_and_doubt_is_named() {
        let items = catalogue().items;
        assert_eq!(find(&items, "0000000000000003").expect("there"), 2);
        assert_eq!(find(&items, "soap").expect("exactly one is called so"), 0);
        assert_eq!(find(&items, "dish").expect("one has it"), 1);
        assert!(find(&items, "o").expect_err("all have it").to_string().starts_with("3 items"));
        assert!(find(&items, "hat").is_err() && find(&items, "00000000000000ff").is_err());
    }
}
