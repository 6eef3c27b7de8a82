//! Measures the checks: plants faults in the clean part of a shop's own files
//! and counts which are found, and what else is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_quality::checks::{Action, Checks, Field, ImportSnapshot, Plan};
use vitrine_quality::titles::{Titles, Vocabulary};
use vitrine_quality::{InteractionRow, ProductRow};
use vitrine_server::commands::quality::{Assessed, Assessment, Rows, Visit, assess};
use vitrine_server::signals::Stop;
use vitrine_server::texts::LazyTexts;

use super::drifts::{DRIFTS, drifted};
use super::faults::{Numbered, PRODUCT_FAULTS, Planter};
use super::line_faults::LINE_FAULTS;

/// Faults whose checks ask the language model.
const NEED_VECTORS: [&str; 4] = ["category_missing", "near_duplicate", "misfiled", "abbreviated"];
/// Mistakes of a check that the log shows at level debug.
const FALSE_FINDS_SHOWN: usize = 8;
/// Rounds of leaving out what fails, until the rest is clean.
const CLEANING_ROUNDS_MAX: usize = 12;

/// What to measure on.
pub struct Planting<'a> {
    pub rows: &'a dyn Rows,
    pub texts: Option<&'a LazyTexts<'a>>,
    /// Share of rows that get a fault.
    pub share: f64,
    /// Names of the faults to measure with; all when empty.
    pub faults: &'a [String],
    /// Lines of the log that are read, about; whole shoppers are taken.
    pub lines_max: usize,
    pub seed: u64,
    pub now_seconds: i64,
    pub stop: &'a Stop,
}

/// Rows in memory.
#[derive(Clone, Default)]
pub struct Clean {
    currency_decimals: u32,
    pub products: Vec<Numbered<ProductRow>>,
    pub lines: Vec<Numbered<InteractionRow>>,
    /// Days that are odd before anything is planted, by check.
    odd_days: Vec<(String, BTreeSet<u64>)>,
}

impl Rows for Clean {
    fn currency_decimals(&self) -> u32 {
        self.currency_decimals
    }

    fn products(&self, visit: Visit<'_, ProductRow>) -> Result<()> {
        self.products.iter().try_for_each(|(line, row)| visit(*line, Ok(row.clone())))
    }

    fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    fn lines(&self, visit: Visit<'_, InteractionRow>) -> Result<()> {
        self.lines.iter().try_for_each(|(line, row)| visit(*line, Ok(row.clone())))
    }
}

/// Found and planted lines of one check.
struct Count {
    planted: usize,
    found: usize,
    both: usize,
    /// Of planted rows whose texts are to be repaired, those that get their original back.
    mended: Option<(usize, usize)>,
}

/// Plants every fault by itself and all together; a table of what is found.
///
/// # Errors
/// The files cannot be read, nothing clean is left, or the process was asked to stop.
pub fn measure(p: &Planting<'_>) -> Result<String> {
    let (clean, hopeless) = clean(p)?;
    ensure!(!clean.products.is_empty(), "no product is without faults: nothing to plant in");
    tracing::info!(products = clean.products.len(), lines = clean.lines.len(), "clean part");
    let mut table = format!(
        "clean part: {} products, {} lines; faults in {:.1} % of the rows, seed {}\n\n\
         {:<28} {:>8} {:>8} {:>10} {:>8} {:>10}\n",
        clean.products.len(),
        clean.lines.len(),
        p.share * 100.0,
        p.seed,
        "fault",
        "planted",
        "found",
        "precision",
        "recall",
        "mended"
    );
    let faults: Vec<&str> = PRODUCT_FAULTS
        .into_iter()
        .filter(|fault| !["misfiled", "abbreviated"].contains(fault) || p.texts.is_some())
        .chain(LINE_FAULTS.into_iter().filter(|_| clean.has_lines()))
        .filter(|fault| !hopeless.contains(*fault))
        .filter(|fault| p.faults.is_empty() || p.faults.iter().any(|name| name == fault))
        .collect();
    ensure!(!faults.is_empty(), "no such fault, or one that cannot be measured in these files");
    for fault in &faults {
        // What cannot have a fault (prices without categories) is not measured.
        for (name, count) in planted(p, &clean, &[fault])?.iter().filter(|(_, c)| c.planted > 0) {
            row(&mut table, name, count);
        }
    }
    table.push_str("\nall together\n");
    let counts = planted(p, &clean, &faults)?;
    for (name, count) in counts.iter().filter(|(_, count)| count.planted > 0) {
        row(&mut table, name, count);
    }
    if p.faults.is_empty() {
        drift(p, &clean, &mut table)?;
    }
    Ok(table)
}

fn row(table: &mut String, name: &str, count: &Count) {
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    let mended = count.mended.map_or(String::new(), |(n, of)| format!("{:.3}", share(n, of)));
    // Writing to a string cannot fail.
    let _ = writeln!(
        table,
        "{name:<28} {:>8} {:>8} {:>10.3} {:>8.3} {mended:>10}",
        count.planted,
        count.found,
        share(count.both, count.found),
        share(count.both, count.planted),
    );
}

/// Plants `faults` in the clean part and counts what their checks find.
fn planted<'f>(
    p: &Planting<'_>,
    clean: &Clean,
    faults: &[&'f str],
) -> Result<Vec<(&'f str, Count)>> {
    let mut rows = clean.clone();
    let last = rows.products.iter().map(|(line, _)| *line);
    let last = last.chain(rows.lines.iter().map(|(line, _)| *line)).max().unwrap_or(0);
    let mut planter = Planter::new(p.seed, p.share, last);
    let mut truth: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for fault in faults {
        let lines = if PRODUCT_FAULTS.contains(fault) {
            planter.products(fault, &mut rows.products)
        } else {
            planter.lines(fault, &mut rows.lines)
        };
        truth.insert(fault, lines);
    }
    add_lost_items(&rows, &mut truth);
    if faults.len() == 1 && PRODUCT_FAULTS.contains(&faults[0]) {
        rows.lines.clear();
    }
    // Encoding every spoilt title would take longest, and most checks don't look at vectors.
    let by_vectors = faults.iter().any(|fault| NEED_VECTORS.contains(fault));
    let texts = p.texts.filter(|_| by_vectors);
    let assessed = run(p, &rows, &Checks::built_in(), texts)?;
    let mut found: HashMap<&str, BTreeSet<u64>> = assessed
        .lines
        .iter()
        .map(|(check, lines)| (check.as_str(), lines.iter().copied().collect()))
        .collect();
    settle(clean, &rows, &mut truth, &mut found);
    let none = BTreeSet::new();
    let counts = faults.iter().map(|fault| {
        let (truth, found) = (&truth[fault], found.get(fault).unwrap_or(&none));
        let both = truth.intersection(found).count();
        for line in found.difference(truth).take(FALSE_FINDS_SHOWN) {
            let product =
                rows.products.iter().find(|(of, _)| of == line).map(|(_, row)| &row.product);
            tracing::debug!(fault, line, ?product, "found and not planted");
        }
        for line in truth.difference(found).take(FALSE_FINDS_SHOWN) {
            let product =
                rows.products.iter().find(|(of, _)| of == line).map(|(_, row)| &row.product);
            tracing::debug!(fault, line, ?product, "planted and not found");
        }
        let mended =
            (faults.len() == 1).then(|| mended(fault, truth, clean, &assessed.plan)).flatten();
        (*fault, Count { planted: truth.len(), found: found.len(), both, mended })
    });
    Ok(counts.collect())
}

/// Whoever bought what has another id now bought what is not listed, too.
fn add_lost_items(rows: &Clean, truth: &mut BTreeMap<&str, BTreeSet<u64>>) {
    if let Some(unknown) = truth.get_mut("unknown_item") {
        let skus: HashSet<&str> =
            rows.products.iter().map(|(_, row)| row.product.sku.as_str()).collect();
        let lost = rows.lines.iter().filter(|(_, row)| !skus.contains(row.sku.as_str()));
        unknown.extend(lost.map(|(line, _)| *line));
    }
}

/// Leaves out what one fault makes of another, which is no mistake of a check.
fn settle<'a>(
    clean: &'a Clean,
    rows: &Clean,
    truth: &mut BTreeMap<&str, BTreeSet<u64>>,
    found: &mut HashMap<&'a str, BTreeSet<u64>>,
) {
    // The days of planted machines are spikes, too, and no mistake of that check.
    let busy: BTreeSet<u64> = truth.get("bot").map_or_else(BTreeSet::new, |bots| {
        let lines = rows.lines.iter().filter(|(line, _)| bots.contains(line));
        lines.map(|(_, row)| row.at_seconds.div_euclid(DAY_SECONDS).unsigned_abs()).collect()
    });
    if let Some(spikes) = truth.get_mut("spike") {
        spikes.retain(|day| !busy.contains(day));
        found.entry("spike").or_default().retain(|day| !busy.contains(day));
    }
    // A title with another fault is a misspelling of the same title of other products.
    let spoilt = ["mojibake", "html", "title_invalid", "truncated"];
    let spoilt: BTreeSet<u64> =
        spoilt.iter().filter_map(|fault| truth.get(fault)).flatten().copied().collect();
    found.entry("near_duplicate").or_default().retain(|line| !spoilt.contains(line));
    for (check, days) in &clean.odd_days {
        found.entry(check).or_default().retain(|day| !days.contains(day));
    }
}

/// Of the planted rows, those whose planned repair gives the original back.
fn mended(
    fault: &str,
    planted: &BTreeSet<u64>,
    clean: &Clean,
    plan: &Plan,
) -> Option<(usize, usize)> {
    let field = match fault {
        "mojibake" | "html" => Field::Title,
        "category_missing" => Field::Category,
        _ => return None,
    };
    let originals: HashMap<u64, &ProductRow> =
        clean.products.iter().map(|(line, row)| (*line, row)).collect();
    let is_right = |line: &u64| {
        let product = &originals[line].product;
        // The planted accent is right, the planted words are not the title's own.
        let original = match fault {
            "category_missing" => product.category.clone(),
            _ => plain(&product.title),
        };
        let planned = plan.products.get(line).into_iter().flatten();
        let mut after = planned.filter_map(|planned| match &planned.action {
            Action::SetText { field: of, after } if *of == field => Some(after),
            _ => None,
        });
        after.next_back().is_some_and(|after| plain(after) == plain(&original))
    };
    Some((planted.iter().filter(|line| is_right(line)).count(), planted.len()))
}

/// Without accents and what the planted HTML adds in words.
fn plain(text: &str) -> String {
    let text = text.trim_end_matches(" & more").trim();
    let letter = |c: char| match c {
        'é' => 'e',
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        c => c,
    };
    text.chars().map(letter).collect()
}

fn run(
    p: &Planting<'_>,
    rows: &Clean,
    checks: &Checks,
    texts: Option<&LazyTexts<'_>>,
) -> Result<Assessed> {
    assess(&Assessment {
        checks,
        rows,
        previous: None,
        texts,
        now_seconds: p.now_seconds,
        remember_lines: true,
        stop: p.stop,
    })
}

/// The rows that no check which is measured finds anything in.
///
/// Titles are made readable as an import does it, and products get the log's price,
/// so that capitals and prices can be planted. Checks that most rows fail (a feed
/// without categories) are not measured; their names are the second value.
pub fn clean(p: &Planting<'_>) -> Result<(Clean, HashSet<String>)> {
    let mut rows = load(p)?;
    let mut hopeless: HashSet<String> = HashSet::new();
    for _ in 0..CLEANING_ROUNDS_MAX {
        let assessed = run(p, &rows, &Checks::built_in(), p.texts)?;
        let results = assessed.report.results.iter();
        hopeless.extend(results.filter(|r| r.rate() > 0.5).map(|r| r.name.clone()));
        let bad = |faults: &[&str]| -> HashSet<u64> {
            let named = assessed
                .lines
                .iter()
                .filter(|(check, _)| faults.contains(&check.as_str()) && !hopeless.contains(check));
            named.flat_map(|(_, lines)| lines.iter().copied()).collect()
        };
        let bad_products = bad(&PRODUCT_FAULTS);
        let day_checks = ["gap", "spike"];
        let of_lines: Vec<&str> =
            LINE_FAULTS.into_iter().filter(|fault| !day_checks.contains(fault)).collect();
        let bad_lines = bad(&of_lines);
        let odd = assessed.lines.iter().filter(|(check, _)| day_checks.contains(&check.as_str()));
        rows.odd_days =
            odd.map(|(check, days)| (check.clone(), days.iter().copied().collect())).collect();
        rows.products.retain(|(line, _)| !bad_products.contains(line));
        let skus: HashSet<&str> =
            rows.products.iter().map(|(_, row)| row.product.sku.as_str()).collect();
        rows.lines
            .retain(|(line, row)| skus.contains(row.sku.as_str()) && !bad_lines.contains(line));
        let (products, lines) = (bad_products.len(), bad_lines.len());
        tracing::info!(products, lines, "left out, as they fail");
        if bad_products.is_empty() && bad_lines.is_empty() {
            break;
        }
    }
    Ok((rows, hopeless))
}

fn load(p: &Planting<'_>) -> Result<Clean> {
    let mut rows = Clean { currency_decimals: p.rows.currency_decimals(), ..Clean::default() };
    p.rows.products(&mut |line, row| {
        rows.products.extend(row.ok().filter(|row| !row.excluded).map(|row| (line, row)));
        Ok(())
    })?;
    let mut n_lines: usize = 0;
    p.rows.lines(&mut |_, _| {
        n_lines += 1;
        Ok(())
    })?;
    let one_of = n_lines.div_ceil(p.lines_max).max(1) as u64;
    let mut prices: HashMap<String, i64> = HashMap::new();
    p.rows.lines(&mut |line, row| {
        let Ok(row) = row else { return Ok(()) };
        if let Some(price) = row.price_minor.filter(|&price| price > 0) {
            prices.insert(row.sku.clone(), price);
        }
        // Whole histories, so that what a shopper does stays what it was.
        let who = if row.shopper.is_empty() { &row.basket } else { &row.shopper };
        let hash = blake3::hash(who.as_bytes());
        if u64::from(hash.as_bytes()[0]) % one_of == 0 {
            rows.lines.push((line, row));
        }
        Ok(())
    })?;
    let titles: BTreeSet<&str> =
        rows.products.iter().map(|(_, row)| row.product.title.as_str()).collect();
    let titles = Titles::new(Vocabulary::learn(titles.iter().copied()));
    for (_, row) in &mut rows.products {
        let product = &mut row.product;
        if !product.title.is_empty() {
            let texts = titles.readable(&product.title, &product.category, &product.department);
            product.title = texts.title;
        }
        row.price_minor = row.price_minor.or_else(|| prices.get(&product.sku).copied());
    }
    Ok(rows)
}

/// Imports that drift, each in its way, against the clean one; and one that does not.
fn drift(p: &Planting<'_>, clean: &Clean, table: &mut String) -> Result<()> {
    let checks = Checks::built_in();
    let shot = |rows: &Clean, previous: Option<&ImportSnapshot>| {
        assess(&Assessment {
            checks: &checks,
            rows,
            previous,
            texts: p.texts,
            now_seconds: p.now_seconds,
            remember_lines: false,
            stop: p.stop,
        })
    };
    let before = shot(clean, None)?.snapshot;
    table.push_str("\ndrift                        what is found\n");
    for what in DRIFTS {
        let mut rows = clean.clone();
        drifted(what, &mut rows.products, &mut rows.lines);
        let report = shot(&rows, Some(&before))?.report;
        let found: Vec<&str> = report
            .results
            .iter()
            .filter(|result| result.name.starts_with("drift_") && result.n_failed > 0)
            .map(|result| result.name.as_str())
            .collect();
        let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        let _ = writeln!(table, "{what:<28} {found}");
    }
    Ok(())
}
