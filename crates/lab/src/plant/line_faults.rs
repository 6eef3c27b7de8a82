//! Faults of lines, days and shoppers that are planted in a clean log.

use std::collections::{BTreeSet, HashMap};

use rand::Rng as _;
use vitrine_domain::EventKind;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_quality::InteractionRow;

use super::faults::{Numbered, Planter};

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

/// Days on which nothing happens to be planted: the first and last weeks.
const MARGIN_DAYS: i64 = 28;

impl Planter {
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
        let last = rows.iter().map(|(_, row)| row.at_seconds).max().unwrap_or(0);
        for (original, mut row) in chosen {
            if fault != "repeated_line" {
                if row.quantity <= 0 || row.shopper.is_empty() {
                    continue;
                }
                let later = self.random.random_range(3_600..10 * DAY_SECONDS);
                row.at_seconds = (row.at_seconds + later).min(last);
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
