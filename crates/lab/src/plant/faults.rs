//! Faults of products that are planted in clean rows, each at a known rate by a seeded generator.

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet, HashSet};

use vitrine_quality::ProductRow;

/// A numbered row; planted rows get numbers of their own.
pub type Numbered<T> = (u64, T);

/// Faults of products, by the name of the check that must find them, in the order of
/// planting: a row has at most one of the first twelve, which would hide each other,
/// and any of the others besides.
pub const PRODUCT_FAULTS: [&str; 17] = [
    "sku_repeated",
    "near_duplicate",
    "sku_invalid",
    "title_missing",
    "category_missing",
    "price_invalid",
    "shouting",
    "truncated",
    "abbreviated",
    "boilerplate",
    "price_outlier",
    "misfiled",
    "title_invalid",
    "mojibake",
    "html",
    "gtin_invalid",
    "availability_date_invalid",
];

/// Faults that leave a row open for others.
const COMBINING: [&str; 5] =
    ["title_invalid", "mojibake", "html", "gtin_invalid", "availability_date_invalid"];

/// Rows that a category must have for a price in it to be called out of line, twice
/// what the check needs, as planted prices shift the middle.
const PEERS_MIN: usize = 40;

/// What stands for no category.
const NO_CATEGORY: [&str; 3] = ["", "None", "UNKNOWN"];

/// A generator of faults.
pub struct Planter {
    pub(super) random: SmallRng,
    pub(super) share: f64,
    next_line: u64,
    /// Rows with a fault that others would hide.
    pub(super) taken: HashSet<u64>,
}

impl Planter {
    /// Plants in `share` of the rows; new rows are numbered from `next_line`.
    pub fn new(seed: u64, share: f64, next_line: u64) -> Self {
        Self { random: SmallRng::seed_from_u64(seed), share, next_line, taken: HashSet::new() }
    }

    pub(super) fn chance(&mut self) -> bool {
        self.random.random_bool(self.share)
    }

    pub(super) fn line(&mut self) -> u64 {
        self.next_line += 1;
        self.next_line
    }

    /// Plants a fault in products; the lines that have it.
    pub fn products(&mut self, fault: &str, rows: &mut Vec<Numbered<ProductRow>>) -> BTreeSet<u64> {
        if fault == "near_duplicate" || fault == "sku_repeated" {
            return self.copies(fault == "near_duplicate", rows);
        }
        let shelves = shelves(rows);
        let combines = COMBINING.contains(&fault);
        let in_title = fault != "gtin_invalid" && fault != "availability_date_invalid";
        let mut planted = BTreeSet::new();
        for (line, row) in rows.iter_mut() {
            let open = !self.taken.contains(line) || (combines && !in_title);
            if self.chance() && open && self.spoil(fault, row, &shelves) {
                planted.insert(*line);
                if !combines {
                    self.taken.insert(*line);
                }
            }
        }
        planted
    }

    /// Lists products again, under their id or written a little differently.
    fn copies(&mut self, respelt: bool, rows: &mut Vec<Numbered<ProductRow>>) -> BTreeSet<u64> {
        let mut planted = BTreeSet::new();
        let chosen: Vec<Numbered<ProductRow>> = rows
            .iter()
            .filter(|(line, _)| self.chance() && !self.taken.contains(line))
            .cloned()
            .collect();
        for (original, mut copy) in chosen {
            if respelt && !self.respell(&mut copy) {
                continue;
            }
            let line = self.line();
            if respelt {
                copy.product.sku = format!("{}-again", copy.product.sku);
                copy.merchant.gtin.clear();
            }
            planted.insert(line);
            self.taken.extend([original, line]);
            rows.push((line, copy));
        }
        planted
    }

    /// Spoils one product; false when it cannot have the fault.
    fn spoil(
        &mut self,
        fault: &str,
        row: &mut ProductRow,
        shelves: &BTreeMap<(String, String), usize>,
    ) -> bool {
        let product = &mut row.product;
        match fault {
            "sku_invalid" => product.sku.insert(product.sku.len() / 2, ' '),
            "title_missing" => product.title = self.one_of(&["", "N/A", "TBD", "-"]),
            "title_invalid" => product.title.push(self.one_of(&['\u{7}', '\u{1b}', '\0'])),
            "category_missing" => {
                let had = !product.category.is_empty();
                product.category = self.one_of(&NO_CATEGORY);
                return had;
            }
            "price_invalid" => row.price_minor = Some(self.one_of(&[0_i64, -100, -1])),
            "gtin_invalid" => {
                let valid = ["4006381333931", "0095205603217", "96385074"];
                let mut gtin: String = self.one_of(&valid);
                let last = gtin.pop().and_then(|digit| digit.to_digit(10)).unwrap_or(0);
                gtin.push_str(&((last + self.random.random_range(1..10)) % 10).to_string());
                row.merchant.gtin = gtin;
            }
            "availability_date_invalid" => {
                row.merchant.availability_date =
                    self.one_of(&["31.12.2011", "2011-02-30", "soon", "2190-01-01"]);
            }
            "mojibake" => return spoil_letters(&mut product.title),
            // Longer, it would be too long a title besides.
            "html" if product.title.chars().count() > 140 => return false,
            "html" => {
                product.title = match self.random.random_range(0..3) {
                    0 => format!("<b>{}</b>", product.title),
                    1 => format!("{}<br/>", product.title),
                    _ => format!("{} &amp; more", product.title),
                };
            }
            "shouting" => {
                let words = product.title.split(' ');
                let fits = words.clone().filter(|word| word.len() > 3 && is_word(word)).count() > 0
                    && product.title.chars().filter(|c| c.is_alphabetic()).count() >= 6
                    && product.title.is_ascii();
                if fits {
                    product.title.make_ascii_uppercase();
                }
                return fits;
            }
            "truncated" => return self.cut(&mut product.title),
            "abbreviated" => return self.abbreviate(&mut product.title),
            "boilerplate" => product.title.push_str(&self.one_of::<&str, String>(&[
                " - Free shipping, order now",
                " | Best price at our shop",
                " by your trusted house of goods",
            ])),
            "price_outlier" => {
                let shelf = (product.department.clone(), product.category.clone());
                let named = !(shelf.0.is_empty() && shelf.1.is_empty());
                let peers = shelves.get(&shelf).copied().filter(|_| named).unwrap_or(0);
                let Some(price) = row.price_minor.filter(|_| peers >= PEERS_MIN) else {
                    return false;
                };
                let dear = price < 100 || self.random.random_bool(0.5);
                row.price_minor = Some(if dear { price * 100 } else { (price / 100).max(1) });
            }
            _ => return self.misfile(row, shelves),
        }
        true
    }

    fn misfile(
        &mut self,
        row: &mut ProductRow,
        shelves: &BTreeMap<(String, String), usize>,
    ) -> bool {
        let all: Vec<&(String, String)> = shelves
            .iter()
            .filter(|((_, category), n)| {
                !NO_CATEGORY.contains(&category.as_str()) && **n >= PEERS_MIN
            })
            .map(|(shelf, _)| shelf)
            .collect();
        let Some((department, category)) = all.choose(&mut self.random) else { return false };
        let product = &mut row.product;
        if product.category.is_empty() || product.category == *category {
            return false;
        }
        product.department.clone_from(department);
        product.category.clone_from(category);
        true
    }

    /// Cuts a title within a word, at least two letters before and after the cut.
    fn cut(&mut self, title: &mut String) -> bool {
        let starts: Vec<usize> = title
            .match_indices(' ')
            .map(|(at, _)| at + 1)
            .filter(|&at| {
                let word = title[at..].split(' ').next().unwrap_or("");
                word.len() >= 6 && is_word(word)
            })
            .collect();
        let Some(&start) = starts.choose(&mut self.random) else { return false };
        let n = title[start..].split(' ').next().unwrap_or("").len();
        title.truncate(start + self.random.random_range(2..=n - 3));
        true
    }

    /// Leaves the vowels out of a word, but for the first letter and one at the end.
    fn abbreviate(&mut self, title: &mut String) -> bool {
        let mut words: Vec<String> = title.split(' ').map(str::to_owned).collect();
        let short = |word: &String| -> Option<String> {
            let kept: String = word
                .char_indices()
                .filter(|(at, c)| *at == 0 || !"aeiou".contains(*c))
                .map(|(_, c)| c)
                .collect();
            let fits = is_word(word) && word.len() >= 6 && kept.len() + 2 <= word.len();
            fits.then_some(kept)
        };
        let all: Vec<(usize, String)> =
            words.iter().enumerate().filter_map(|(at, word)| Some((at, short(word)?))).collect();
        let Some((at, short)) = all.choose(&mut self.random).cloned() else { return false };
        words[at] = short;
        *title = words.join(" ");
        true
    }

    /// Writes a title a little differently; false when it has no word for it.
    fn respell(&mut self, row: &mut ProductRow) -> bool {
        let title = &mut row.product.title;
        let mut words: Vec<String> = title.split(' ').map(str::to_owned).collect();
        match self.random.random_range(0..4) {
            0 if words.len() > 2 => {
                let at = self.random.random_range(1..words.len());
                words.swap(at - 1, at);
            }
            1 if words.len() > 1 => {
                let at = self.random.random_range(1..words.len());
                words[at - 1].push(self.one_of(&[',', ';']));
            }
            _ => {
                let long: Vec<usize> = (0..words.len())
                    .filter(|&at| words[at].len() >= 5 && is_word(&words[at]))
                    .collect();
                let Some(&at) = long.choose(&mut self.random) else { return false };
                words[at] = self.misspell(&words[at]);
            }
        }
        let spelt = words.join(" ");
        let changed = spelt != *title;
        *title = spelt;
        changed
    }

    /// One slip: letters swapped, left out or doubled.
    fn misspell(&mut self, word: &str) -> String {
        let mut letters: Vec<char> = word.chars().collect();
        let at = self.random.random_range(1..letters.len() - 1);
        match self.random.random_range(0..3) {
            0 => letters.swap(at, at + 1),
            1 => {
                letters.remove(at);
            }
            _ => letters.insert(at, letters[at]),
        }
        letters.into_iter().collect()
    }

    pub(super) fn one_of<T: Clone + Into<U>, U>(&mut self, values: &[T]) -> U {
        values[self.random.random_range(0..values.len())].clone().into()
    }
}

/// How many products each (department, category) has.
fn shelves(rows: &[Numbered<ProductRow>]) -> BTreeMap<(String, String), usize> {
    let mut shelves = BTreeMap::new();
    for (_, ProductRow { product, .. }) in rows {
        *shelves.entry((product.department.clone(), product.category.clone())).or_default() += 1;
    }
    shelves
}

fn is_word(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphabetic())
}

/// Writes an accent and reads it with the wrong character set.
fn spoil_letters(title: &mut String) -> bool {
    for (plain, spoilt) in [('e', "Ã©"), ('a', "Ã¤"), ('o', "Ã¶"), ('u', "Ã¼")] {
        if let Some(at) = title.find(plain) {
            title.replace_range(at..=at, spoilt);
            return true;
        }
    }
    false
}
