//! What an import reads: the files of a shop with their mapping, or a folder of
//! sequences, which is written out as such files.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use vitrine_evaluation::SequenceSet;
use vitrine_evaluation::sequences::ItemText;
use vitrine_ingest::{
    IngestError, Mapping, open_campaigns, open_interactions, open_offers, open_products,
    open_reviews,
};

use crate::cli::SourceArgs;
use crate::feeds::{FeedAddress, FeedFiles, FeedRole};

/// Two entries of a sequence lie as far apart as a window of the evaluation is long:
/// so the last of each is what tests, the last but one what validates.
const STEP_SECONDS: i64 = 28 * 86_400;
/// Newest entries that are a step apart; older ones are a minute apart, so that a few
/// long sequences do not stretch the log over decades.
const STEPS_MAX: i64 = 24;
/// The last entry of each sequence: 2020-01-01 00:00 UTC.
const LAST_SECONDS: i64 = 1_577_836_800;

/// The mapping that needs no file.
const BUILT_IN: &str = "journey";

/// Files and how to read them.
pub struct Source {
    /// Product feed.
    pub products: PathBuf,
    /// Order log; a new shop has none.
    pub interactions: Option<PathBuf>,
    /// Which column is what.
    pub mapping: Mapping,
}

impl Source {
    /// The feeds as they were found, with their mapping; those of sequences are written to
    /// `data_dir`.
    ///
    /// # Errors
    /// The mapping or the sequences cannot be read, or the disk refuses.
    pub fn of(args: &SourceArgs, feeds: &FeedFiles, data_dir: &Path) -> Result<Self> {
        if let Some(folder) = &args.data {
            return sequences(folder, &data_dir.join("sequences"));
        }
        Ok(Self {
            products: feeds.products.clone().context("--products is missing")?,
            interactions: feeds.interactions.clone(),
            mapping: args.mapping()?,
        })
    }
}

impl SourceArgs {
    /// The mapping that they name.
    ///
    /// # Errors
    /// They name none, or it cannot be read.
    pub fn mapping(&self) -> Result<Mapping> {
        mapping(self.mapping.as_deref().context("--mapping is missing")?)
    }

    /// Where the feeds are.
    pub fn feeds(&self) -> [(FeedRole, Option<&FeedAddress>); 2] {
        [
            (FeedRole::Products, self.products.as_ref()),
            (FeedRole::Interactions, self.interactions.as_ref()),
        ]
    }

    /// The file of the mapping; a built-in one has none.
    pub fn mapping_file(&self) -> Option<&Path> {
        self.mapping.as_deref().filter(|name| *name != BUILT_IN).map(Path::new)
    }
}

/// A mapping by the name of its file, or a built-in one.
///
/// # Errors
/// The file cannot be read or is no mapping.
pub fn mapping(name: &str) -> Result<Mapping> {
    if name == BUILT_IN {
        return Ok(Mapping::journey());
    }
    let text = fs::read_to_string(name)
        .with_context(|| format!("reading the mapping {name} (the built-in one is `journey`)"))?;
    Mapping::from_toml(&text).with_context(|| format!("the mapping {name}"))
}

/// The files that a command reads.
#[derive(Clone, Copy, Default)]
pub struct Tables<'a> {
    /// Product feed.
    pub products: Option<&'a Path>,
    /// Order log.
    pub interactions: Option<&'a Path>,
    /// Which product is on offer in which campaign.
    pub offers: Option<&'a Path>,
    /// When each campaign runs.
    pub campaigns: Option<&'a Path>,
    /// What buyers wrote.
    pub reviews: Option<&'a Path>,
}

impl Tables<'_> {
    /// Opens each file as the mapping says, so that all that does not fit is told at once
    /// and before any of them is read.
    ///
    /// # Errors
    /// A file is missing or damaged, lacks columns, or has no table in the mapping: what
    /// is wrong with each of them.
    pub fn check(&self, mapping: &Mapping) -> Result<()> {
        type Open = fn(&Path, &Mapping) -> Option<IngestError>;
        let tables: [(Option<&Path>, Open); 5] = [
            (self.products, |path, mapping| open_products(path, mapping).err()),
            (self.interactions, |path, mapping| open_interactions(path, mapping).err()),
            (self.offers, |path, mapping| open_offers(path, mapping).err()),
            (self.campaigns, |path, mapping| open_campaigns(path, mapping).err()),
            (self.reviews, |path, mapping| open_reviews(path, mapping).err()),
        ];
        let wrong = tables.into_iter().filter_map(|(path, open)| open(path?, mapping));
        let wrong: Vec<String> = wrong.map(|error| error.to_string()).collect();
        match wrong.as_slice() {
            [] => Ok(()),
            [one] => bail!("{one}"),
            many => bail!("{} files cannot be read:\n  {}", many.len(), many.join("\n  ")),
        }
    }
}

fn sequences(folder: &Path, to: &Path) -> Result<Source> {
    let set = SequenceSet::read(folder)?;
    let writing = || format!("writing {} as the files of a shop", folder.display());
    fs::create_dir_all(to).with_context(writing)?;
    let products = to.join("items.jsonl");
    let interactions = to.join("events.csv");
    write_items(&set, &products).with_context(writing)?;
    write_events(&set, &interactions).with_context(writing)?;
    Ok(Source { products, interactions: Some(interactions), mapping: Mapping::sequences() })
}

fn write_items(set: &SequenceSet, path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for item in &set.items {
        let title = if item.title.is_empty() { &item.id } else { &item.title };
        let row = json!({
            "id": item.id,
            "title": title,
            "description": item.description,
            "brand": item.brand,
            "department": department(item),
            "category": category(item),
        });
        serde_json::to_writer(&mut file, &row)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn write_events(set: &SequenceSet, path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "user,item,at_seconds")?;
    for (user, sequence) in set.sequences.iter().enumerate() {
        for (position, item) in sequence.iter().enumerate() {
            let item = &set.items[*item as usize].id;
            let age = (sequence.len() - 1 - position) as i64;
            // Ids are words without white space; quotes and commas are doubled and quoted.
            let item = item.replace('"', "\"\"");
            writeln!(file, "{user},\"{item}\",{}", at_seconds(age))?;
        }
    }
    Ok(file.flush()?)
}

/// When an entry happened that has `age` newer ones.
fn at_seconds(age: i64) -> i64 {
    LAST_SECONDS - age.min(STEPS_MAX) * STEP_SECONDS - (age - STEPS_MAX).max(0) * 60
}

/// The first level of an item's path that says something: paths begin with what all
/// items have in common.
pub fn department(item: &ItemText) -> &str {
    let path = path(item);
    path.get(1).or(path.first()).map_or("", String::as_str)
}

/// The last level of an item's path.
pub fn category(item: &ItemText) -> &str {
    path(item).last().map_or("", String::as_str)
}

fn path(item: &ItemText) -> &[String] {
    item.categories.first().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_sequences_becomes_the_files_of_a_shop() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("sequences.txt"), "ann 7 8,\nbob 8, 9\n").expect("written");
        let item = r#"{"id": 7, "title": "Soap", "categories": [["Home", "Bath", "Soaps"]]}"#;
        fs::write(at("items.jsonl"), item).expect("written");
        let args = SourceArgs { data: Some(folder.path().to_owned()), ..SourceArgs::default() };
        let source = Source::of(&args, &FeedFiles::default(), &at("var")).expect("readable");

        let products = vitrine_ingest::open_products(&source.products, &source.mapping);
        let products: Vec<_> = products
            .expect("opens")
            .map(|row| row.expect("reads").record.expect("a product"))
            .map(|product| (product.sku, product.title, product.department, product.category))
            .collect();
        let text = |a: &str, b: &str, c: &str, d: &str| [a, b, c, d].map(str::to_owned).into();
        assert_eq!(
            products,
            [text("7", "Soap", "Bath", "Soaps"), text("8,", "8,", "", ""), text("9", "9", "", "")]
        );
        let log = source.interactions.expect("written");
        let lines = vitrine_ingest::open_interactions(&log, &source.mapping);
        let lines: Vec<_> = lines
            .expect("opens")
            .map(|row| row.expect("reads").record.expect("a line"))
            .map(|line| (line.sku, line.at_seconds - LAST_SECONDS))
            .collect();
        let line = |sku: &str, at: i64| (sku.to_owned(), at);
        let (first, last) = (-STEP_SECONDS, 0);
        assert_eq!(lines, [line("7", first), line("8,", last), line("8,", first), line("9", last)]);
    }

    #[test]
    fn what_is_wrong_with_any_file_is_told_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("items.csv"), "sku,titel\n1,Soap\n").expect("written");
        let text = "name='a'\ncurrency='EUR'\n[products]\nsku='id'\ntitle='title'\n\
            [interactions]\nshopper='u'\nsku='id'\ntimestamp={column='t'}\n\
            kind={constant='purchase'}\n";
        let mapping = Mapping::from_toml(text).expect("a mapping");
        let (products, log, offers) = (at("items.csv"), at("absent.csv"), at("offers.csv"));
        let tables = Tables {
            products: Some(&products),
            interactions: Some(&log),
            offers: Some(&offers),
            campaigns: None,
            reviews: None,
        };
        let message = tables.check(&mapping).expect_err("three are wrong").to_string();
        for named in ["\"id\", \"title\"", "absent.csv", "[offers]", "3 files"] {
            assert!(message.contains(named), "{named} in {message}");
        }
        fs::write(at("items.csv"), "id,title\n1,Soap\n").expect("written");
        let tables = Tables { products: Some(&products), ..Tables::default() };
        tables.check(&mapping).expect("it fits");
    }

    #[test]
    fn long_sequences_stay_in_order_and_within_two_years() {
        let times: Vec<i64> = (0..5_000).map(at_seconds).collect();
        assert!(times.is_sorted_by(|newer, older| newer > older));
        assert!(LAST_SECONDS - times[4_999] < 2 * 366 * 86_400);
    }
}
