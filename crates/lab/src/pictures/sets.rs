//! The sets of pictures, and their vectors.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};
use vitrine_encoder::VectorCache;
use vitrine_encoder::image::{
    ImageEncoder, PICTURE_DIM, PictureProgressNote, RgbView, encode_pictures_cached, network_input,
};
use vitrine_pictures::PicturePixels;

/// An item of a set.
pub struct PictureItem {
    /// Bytes of its picture's file.
    pub path: PathBuf,
    /// Number of its category.
    pub category: u32,
    /// Whether others are found by it rather than it by others.
    pub asks: bool,
    /// What the shop says of it.
    pub title: String,
}

/// Items of known categories, with their pictures' vectors.
pub struct PictureSet {
    /// Its items.
    pub items: Vec<PictureItem>,
    /// Names of the categories.
    pub categories: Vec<String>,
    /// \[n, 1280\]
    pub vectors: Vec<f32>,
}

impl PictureSet {
    /// Numbers of the items that ask, or of the others.
    pub fn numbers(&self, asks: bool) -> Vec<usize> {
        (0..self.items.len()).filter(|at| self.items[*at].asks == asks).collect()
    }

    /// Categories of all items.
    pub fn labels(&self) -> Vec<u32> {
        self.items.iter().map(|item| item.category).collect()
    }

    /// Garments: `train` and `validation`, each with a folder a category.
    pub fn clothing(folder: &Path) -> Result<Self> {
        let mut found = Vec::new();
        for (part, asks) in [("train", false), ("validation", true)] {
            for of_category in sorted(&folder.join(part))? {
                let category = name(&of_category);
                for path in sorted(&of_category)? {
                    found.push((category.clone(), path, asks, category.replace('-', " ")));
                }
            }
        }
        Self::of(found)
    }

    /// Groceries: a table of classes with the place of their picture. All ask.
    pub fn grocery(folder: &Path) -> Result<Self> {
        let table = folder.join("classes.csv");
        let mut lines = csv::Reader::from_path(&table)
            .with_context(|| format!("reading {}", table.display()))?;
        let mut found = Vec::new();
        for line in lines.records() {
            let line = line?;
            let field = |at: usize| line.get(at).context("a line of classes.csv is too short");
            let path = folder.join(field(4)?.trim_start_matches('/'));
            found.push((field(2)?.to_owned(), path, true, field(0)?.replace('-', " ")));
        }
        Self::of(found)
    }

    fn of(found: Vec<(String, PathBuf, bool, String)>) -> Result<Self> {
        let names: BTreeSet<String> = found.iter().map(|(category, ..)| category.clone()).collect();
        let categories: Vec<String> = names.into_iter().collect();
        let item = |(category, path, asks, title): (String, PathBuf, bool, String)| PictureItem {
            category: categories.binary_search(&category).unwrap_or(0) as u32,
            path,
            asks,
            title,
        };
        let items: Vec<_> = found.into_iter().map(item).collect();
        ensure!(!items.is_empty(), "the set has no pictures");
        Ok(Self { items, categories, vectors: Vec::new() })
    }

    /// Encodes all pictures that the cache does not have.
    pub fn encode(
        &mut self,
        encoder: &ImageEncoder,
        cache: &mut VectorCache,
        progress: &mut dyn FnMut(PictureProgressNote),
        stop: &AtomicBool,
    ) -> Result<()> {
        let hash = |item: &PictureItem| -> Result<[u8; 32]> {
            Ok(blake3::hash(&read(&item.path)?).into())
        };
        let contents: Vec<[u8; 32]> = self.items.iter().map(hash).collect::<Result<_>>()?;
        let input = |at: usize| {
            let pixels = PicturePixels::decode(&read(&self.items[at].path).ok()?).ok()?;
            let view = RgbView::new(pixels.width, pixels.height, &pixels.rgb).ok()?;
            Some(network_input(&view))
        };
        let encoded = encode_pictures_cached(encoder, cache, &contents, &input, progress, stop)?;
        let unread = encoded.is_read.iter().position(|is_read| !is_read);
        ensure!(
            unread.is_none(),
            "{} is no picture",
            self.items[unread.unwrap_or(0)].path.display()
        );
        self.vectors = encoded.vectors;
        Ok(())
    }

    /// The pixels of an item's picture.
    pub fn pixels(&self, at: usize) -> Result<PicturePixels> {
        let path = &self.items[at].path;
        let pixels = PicturePixels::decode(&read(path)?);
        pixels.with_context(|| format!("decoding {}", path.display()))
    }

    /// The vector of an item's picture. \[1280\]
    pub fn vector(&self, at: usize) -> &[f32] {
        &self.vectors[at * PICTURE_DIM..][..PICTURE_DIM]
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
