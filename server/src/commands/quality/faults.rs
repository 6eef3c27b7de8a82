//! Faults that are planted in clean rows, each at a known rate by a seeded generator.

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vitrine_domain::EventKind;
use vitrine_quality::checks::DAY_SECONDS;
use vitrine_quality::{InteractionRow, ProductRow};

/// A numbered row; planted rows get numbers of their own.
pub type Numbered<T> = (u64, T);

/// Faults of products, by the name of the check that must find them, in the order of
/// planting: a row has at most one of the first eleven, which would hide each other,
/// and any of the others besides.
pub const PRODUCT_FAULTS: [&str; 16] = [
    "sku_repeated",
    "near_duplicate",
    "sku_invalid",
    "title_missing",
    "category_missing",
    "price_invalid",
    "shouting",
    "truncated",
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

/// Faults of lines, days and shoppers, by the name of the check that must find them, in
/// the order of planting: the last three may meet in a line.
pub const LINE_FAULTS: [&str; 10] = [
    "gap",
    "spike",
    "repeated_line",
    "returned",
    "unmatched_return",
    "bot",
    "reseller",
    "unknown_item",
    "impossible_time",
    "shopper_missing",
];

/// Rows that a category must have for a price in it to be called out of line, twice
/// what the check needs, as planted prices shift the middle.
const PEERS_MIN: usize = 40;
/// Days on which nothing happens to be planted: the first and last weeks.
const MARGIN_DAYS: i64 = 28;

/// A generator of faults.
pub struct Planter {
    random: SmallRng,
    share: f64,
    next_line: u64,
    /// Rows with a fault that others would hide.
    taken: HashSet<u64>,
}

impl Planter {
    /// Plants in `share` of the rows; new rows are numbered from `next_line`.
    pub fn new(seed: u64, share: f64, next_line: u64) -> Self {
        Self { random: SmallRng::seed_from_u64(seed), share, next_line, taken: HashSet::new() }
    }

    fn chance(&mut self) -> bool {
        self.random.random_bool(self.share)
    }

    fn line(&mut self) -> u64 {
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
                product.category = self.one_of(&["", "None", "UNKNOWN"]);
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
            .filter(|((_, category), n)| !category.is_empty() && **n >= PEERS_MIN)
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

    fn one_of<T: Clone + Into<U>, U>(&mut self, values: &[T]) -> U {
        values[self.random.random_range(0..values.len())].clone().into()
    }

    /// Plants a fault in the log; the lines that have it, or the days.
    pub fn lines(
        &mut self,
        fault: &str,
        rows: &mut Vec<Numbered<InteractionRow>>,
    ) -> BTreeSet<u64> {
        match fault {
            "bot" | "reseller" => self.strangers(fault == "bot", rows),
            "gap" | "spike" => self.days(fault == "gap", rows),
            "repeated_line" | "returned" | "unmatched_return" => self.more_lines(fault, rows),
            _ => {
                let mut planted = BTreeSet::new();
                for (line, row) in rows.iter_mut() {
                    if !self.chance() || self.taken.contains(line) {
                        continue;
                    }
                    planted.insert(*line);
                    match fault {
                        "shopper_missing" => row.shopper.clear(),
                        "unknown_item" => row.sku = format!("no-{}", row.sku),
                        _ => row.at_seconds = self.one_of(&[0_i64, 86_400, 7_000_000_000]),
                    }
                }
                planted
            }
        }
    }

    fn more_lines(
        &mut self,
        fault: &str,
        rows: &mut Vec<Numbered<InteractionRow>>,
    ) -> BTreeSet<u64> {
        let mut planted = BTreeSet::new();
        let bought: std::collections::HashSet<(String, String)> =
            rows.iter().map(|(_, row)| (row.shopper.clone(), row.sku.clone())).collect();
        let skus: Vec<String> = rows.iter().map(|(_, row)| row.sku.clone()).collect();
        let chosen: Vec<Numbered<InteractionRow>> = rows
            .iter()
            .filter(|(line, _)| self.chance() && !self.taken.contains(line))
            .cloned()
            .collect();
        for (original, mut row) in chosen {
            if fault != "repeated_line" {
                if row.quantity <= 0 || row.shopper.is_empty() {
                    continue;
                }
                row.at_seconds += self.random.random_range(3_600..10 * DAY_SECONDS);
                row.basket = format!("C{}", row.basket);
                row.quantity = -row.quantity;
                if fault == "unmatched_return" {
                    row.sku = skus[self.random.random_range(0..skus.len())].clone();
                    if bought.contains(&(row.shopper.clone(), row.sku.clone())) {
                        continue;
                    }
                }
            }
            let line = self.line();
            planted.insert(line);
            self.taken.extend([original, line]);
            rows.push((line, row));
        }
        planted
    }

    /// Shoppers who are machines, or buy to sell.
    fn strangers(&mut self, bots: bool, rows: &mut Vec<Numbered<InteractionRow>>) -> BTreeSet<u64> {
        let mut planted = BTreeSet::new();
        let shoppers: BTreeSet<&str> = rows.iter().map(|(_, row)| row.shopper.as_str()).collect();
        let n = ((shoppers.len() as f64 * self.share / 4.0) as usize).max(3);
        let mut quantities: Vec<i64> = rows.iter().map(|(_, row)| row.quantity).collect();
        quantities.sort_unstable();
        let usual = quantities[quantities.len() / 2].max(1);
        let source: Vec<InteractionRow> = rows.iter().map(|(_, row)| row.clone()).collect();
        for stranger in 0..n {
            let (n_baskets, n_lines) = if bots {
                (self.random.random_range(1..4), self.random.random_range(600..1_200))
            } else {
                (self.random.random_range(3..12), self.random.random_range(1..6))
            };
            for basket in 0..n_baskets {
                let day = source[self.random.random_range(0..source.len())].at_seconds;
                for _ in 0..n_lines {
                    let like = &source[self.random.random_range(0..source.len())];
                    let line = self.line();
                    planted.insert(line);
                    self.taken.insert(line);
                    let times = self.random.random_range(100..1_000);
                    let quantity = if bots { 1 } else { usual * times };
                    rows.push((
                        line,
                        InteractionRow {
                            shopper: format!("stranger-{bots}-{stranger}"),
                            basket: format!("s-{bots}-{stranger}-{basket}"),
                            at_seconds: day - day.rem_euclid(DAY_SECONDS)
                                + self.random.random_range(0..DAY_SECONDS),
                            quantity,
                            kind: EventKind::Purchase,
                            ..like.clone()
                        },
                    ));
                }
            }
        }
        planted
    }

    /// Days that lose most of their lines, or have several times as many.
    fn days(&mut self, gaps: bool, rows: &mut Vec<Numbered<InteractionRow>>) -> BTreeSet<u64> {
        let day_of = |row: &InteractionRow| row.at_seconds.div_euclid(DAY_SECONDS);
        let mut counts: HashMap<i64, usize> = HashMap::new();
        rows.iter().for_each(|(_, row)| *counts.entry(day_of(row)).or_default() += 1);
        let (Some(&first), Some(&last)) = (counts.keys().min(), counts.keys().max()) else {
            return BTreeSet::new();
        };
        let usual = rows.len() / counts.len().max(1);
        let mut days: Vec<i64> = counts
            .iter()
            .filter(|&(&day, &n)| {
                n * 2 > usual && day > first + MARGIN_DAYS && day < last - MARGIN_DAYS
            })
            .map(|(&day, _)| day)
            .collect();
        days.sort_unstable();
        let chosen: BTreeSet<i64> = days.into_iter().filter(|_| self.chance()).collect();
        if gaps {
            let mut kept = Vec::with_capacity(rows.len());
            for (line, row) in rows.drain(..) {
                if !chosen.contains(&day_of(&row)) || self.random.random_bool(0.05) {
                    kept.push((line, row));
                }
            }
            *rows = kept;
        } else {
            let of_day: Vec<InteractionRow> = rows
                .iter()
                .filter(|(_, row)| chosen.contains(&day_of(row)))
                .map(|(_, row)| row.clone())
                .collect();
            for (n, row) in (0..3).flat_map(|n| of_day.iter().map(move |row| (n, row))) {
                let line = self.line();
                let basket = format!("{}-{n}", row.basket);
                let shopper = format!("{}-{n}", row.shopper);
                rows.push((line, InteractionRow { basket, shopper, ..row.clone() }));
            }
        }
        chosen.into_iter().map(i64::unsigned_abs).collect()
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
