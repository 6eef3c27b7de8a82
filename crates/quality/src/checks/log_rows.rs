//! The second pass over the log: every line against every check. Mergeable.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use vitrine_domain::calendar::{day_of, time_text};

use super::batch::{LineColumns, LineView};
use super::days::{self, Days};
use super::declare::{Check, Checks, Field, Repair};
use super::failures::{Action, FailingRow, Failures, mixed};
use super::hashing::{IdMap, hash};
use super::kinds::Kind;
use super::log_profile::LogProfile;
use super::profile::ProductProfile;
use super::returns::{Movement, net};
use super::shoppers;
use super::subject::Subject;
use crate::FUTURE_SECONDS_MAX;

/// No shop of this kind has a log from before 1995-01-01 UTC.
const FIRST_SECONDS: i64 = 788_918_400;
/// Lines whose fields are remembered in case they are examples.
const RECORDS_KEPT: usize = 2_048;

/// What the whole log tells about its lines.
pub struct LogFindings<'a> {
    checks: Vec<&'a Check>,
    products: &'a ProductProfile,
    profile: &'a LogProfile,
    flagged: Vec<IdMap<String>>,
    /// Days that a log can have.
    days: Days,
    now_seconds: i64,
    remember_lines: bool,
}

impl<'a> LogFindings<'a> {
    /// Finds what is to be found in all lines together.
    pub fn find(
        checks: &'a Checks,
        products: &'a ProductProfile,
        profile: &'a LogProfile,
        now_seconds: i64,
        remember_lines: bool,
    ) -> Self {
        let checks = checks.on(Subject::Interactions);
        let flagged = checks
            .iter()
            .map(|check| match check.kind {
                Kind::Bot | Kind::Reseller => shoppers::flagged(check, profile),
                _ => IdMap::default(),
            })
            .collect();
        // A line from 1970 makes no gap of forty years.
        let possible =
            day_of(FIRST_SECONDS)..=day_of(now_seconds.saturating_add(FUTURE_SECONDS_MAX));
        let days = profile.days.range(possible).map(|(day, n)| (*day, *n)).collect();
        Self { checks, products, profile, flagged, days, now_seconds, remember_lines }
    }

    /// The checks that are judged, in order.
    pub fn checks(&self) -> &[&'a Check] {
        &self.checks
    }

    /// An empty state of the second pass.
    pub fn rows(&self) -> LogRows<'_> {
        let empty = || Failures::remembering(self.remember_lines);
        LogRows {
            findings: self,
            failures: self.checks.iter().map(|_| empty()).collect(),
            repeats: IdMap::default(),
            movements: IdMap::default(),
            loose_returns: Vec::new(),
            records: BTreeMap::new(),
        }
    }

    fn has(&self, kind: Kind) -> bool {
        self.checks.iter().any(|check| check.kind == kind)
    }

    /// Why a line fails a check that looks at single lines.
    fn judge(&self, idx: usize, check: &Check, line: &LineView<'_>) -> Result<(), Option<String>> {
        let fail = |reason: String| Err(Some(reason));
        match check.kind {
            Kind::Missing => {
                let missing = match check.field {
                    Some(Field::Shopper) => line.shopper.is_empty(),
                    Some(Field::Sku) => line.sku.is_empty(),
                    Some(Field::Basket) => line.basket.is_empty(),
                    _ => line.price_minor.is_none(),
                };
                if missing { fail("blank".to_owned()) } else { Ok(()) }
            }
            Kind::UnknownItem if !self.products.knows(line.sku) => {
                fail(format!("the feed has no “{}”", line.sku))
            }
            Kind::ImpossibleTime if line.at_seconds < FIRST_SECONDS => {
                fail(format!("{} is before 1995", time_text(line.at_seconds)))
            }
            Kind::ImpossibleTime
                if line.at_seconds > self.now_seconds.saturating_add(FUTURE_SECONDS_MAX) =>
            {
                fail(format!("{} is in the future", time_text(line.at_seconds)))
            }
            Kind::Bot | Kind::Reseller if !self.flagged[idx].is_empty() => {
                match self.flagged[idx].get(&hash(line.shopper)) {
                    Some(reason) if !line.shopper.is_empty() => fail(reason.clone()),
                    _ => Ok(()),
                }
            }
            Kind::Predicate => {
                match check.predicate.as_ref().and_then(|p| p.fails(|name| line.value(name))) {
                    Some(true) => fail(check.what.clone()),
                    Some(false) => Ok(()),
                    None => Err(None),
                }
            }
            _ => Ok(()),
        }
    }
}

/// The state of the second pass. Besides failures it grows with the number of
/// lines that may repeat another, and of purchases that may have come back.
pub struct LogRows<'f> {
    findings: &'f LogFindings<'f>,
    failures: Vec<Failures>,
    /// Lines by the hash of all their fields, of those that may repeat another.
    repeats: IdMap<Vec<u64>>,
    /// Purchases and returns by (shopper, product), of those that brought something back.
    movements: IdMap<Vec<Movement>>,
    /// Returns of nobody in particular.
    loose_returns: Vec<u64>,
    /// Fields of lines that may become examples, by the mixed line.
    records: BTreeMap<u64, Vec<(String, String)>>,
}

impl LogRows<'_> {
    /// Judges the lines of a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        let repeats = self.findings.has(Kind::RepeatedLine);
        let returns = self.findings.has(Kind::Returned) || self.findings.has(Kind::UnmatchedReturn);
        for line in LineColumns::of(batch).rows() {
            self.judge(&line);
            if repeats {
                self.note_repeat(&line);
            }
            if returns {
                self.note_movement(&line);
            }
        }
    }

    fn judge(&mut self, line: &LineView<'_>) {
        let findings = self.findings;
        for (idx, (check, failures)) in findings.checks.iter().zip(&mut self.failures).enumerate() {
            failures.n_checked += 1;
            match findings.judge(idx, check, line) {
                Ok(()) => {}
                Err(None) => failures.n_undecided += 1,
                Err(Some(reason)) => {
                    if check.repair == Repair::Quarantine {
                        failures.act(line.line, Action::Quarantine { reason: reason.clone() });
                    }
                    failures.fail(line.line, || FailingRow {
                        line: line.line,
                        reason,
                        record: line.record(),
                    });
                }
            }
        }
    }

    fn note_repeat(&mut self, line: &LineView<'_>) {
        let key = hash(&line.key());
        if self.findings.profile.seen.may_repeat(key) {
            self.repeats.entry(key).or_default().push(line.line);
            self.remember(line);
        }
    }

    fn note_movement(&mut self, line: &LineView<'_>) {
        if line.quantity == 0 || !line.is_purchase() {
            return;
        }
        if line.shopper.is_empty() {
            if line.quantity < 0 {
                self.loose_returns.push(line.line);
                self.remember(line);
            }
            return;
        }
        let key = hash(&(line.shopper, line.sku));
        if self.findings.profile.returning.contains(&key) {
            let LineView { at_seconds, line: number, quantity, .. } = *line;
            let movement = Movement { at_seconds, line: number, quantity };
            self.movements.entry(key).or_default().push(movement);
            if quantity < 0 {
                self.remember(line);
            }
        }
    }

    /// Keeps the fields of the lines with the smallest hashes, like samples do.
    fn remember(&mut self, line: &LineView<'_>) {
        let key = mixed(line.line);
        let worst = self.records.last_key_value().map(|(key, _)| *key);
        if self.records.len() < RECORDS_KEPT || worst.is_some_and(|worst| key < worst) {
            self.records.insert(key, line.record());
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        while self.records.len() > RECORDS_KEPT {
            self.records.pop_last();
        }
    }

    /// Adds what another part of the log gave.
    pub fn merge(&mut self, other: Self) {
        for (mine, more) in self.failures.iter_mut().zip(other.failures) {
            mine.merge(more);
        }
        for (key, lines) in other.repeats {
            self.repeats.entry(key).or_default().extend(lines);
        }
        for (key, movements) in other.movements {
            self.movements.entry(key).or_default().extend(movements);
        }
        self.loose_returns.extend(other.loose_returns);
        self.records.extend(other.records);
        self.shrink();
    }

    /// Failures of each check of [`LogFindings::checks`].
    pub fn finish(mut self) -> Vec<Failures> {
        let findings = self.findings;
        let repeated = self.repeated();
        let (returned, unmatched, left) = self.netted();
        let mut all = Vec::with_capacity(self.failures.len());
        for (check, mut failures) in findings.checks.iter().zip(std::mem::take(&mut self.failures))
        {
            let failed = match check.kind {
                Kind::RepeatedLine => &repeated,
                Kind::Returned => &returned,
                Kind::UnmatchedReturn => &unmatched,
                Kind::Gap | Kind::Spike => {
                    all.push(days::judge(check, &findings.days, findings.remember_lines));
                    continue;
                }
                _ => {
                    all.push(failures);
                    continue;
                }
            };
            for (line, reason) in failed {
                match check.repair {
                    Repair::None => {}
                    Repair::Quarantine => {
                        failures.act(*line, Action::Quarantine { reason: reason.clone() });
                    }
                    Repair::Fix => {
                        let reason = reason.clone();
                        failures.act(*line, Action::SetQuantity { after: 0, reason });
                    }
                }
                failures.fail(*line, || FailingRow {
                    line: *line,
                    reason: reason.clone(),
                    record: self.records.get(&mixed(*line)).cloned().unwrap_or_default(),
                });
            }
            if check.kind == Kind::Returned && check.repair == Repair::Fix {
                for (&line, &after) in &left {
                    let reason = "brought back".to_owned();
                    failures.act(line, Action::SetQuantity { after, reason });
                }
            }
            all.push(failures);
        }
        all
    }

    /// Lines that repeat another, but the first of each.
    fn repeated(&mut self) -> Vec<(u64, String)> {
        let mut repeated = Vec::new();
        for lines in self.repeats.values_mut() {
            lines.sort_unstable();
            let first = lines[0];
            let rest = lines[1..].iter();
            repeated.extend(rest.map(|&line| (line, format!("equal to line {first}"))));
        }
        repeated.sort_unstable();
        repeated
    }

    /// Returns with a purchase, those without, and what is left of purchases.
    #[expect(clippy::type_complexity, reason = "three lists of one loop")]
    fn netted(&mut self) -> (Vec<(u64, String)>, Vec<(u64, String)>, BTreeMap<u64, i64>) {
        let none = || "no earlier purchase".to_owned();
        let (mut returned, mut left) = (Vec::new(), BTreeMap::new());
        let mut unmatched: Vec<(u64, String)> =
            self.loose_returns.iter().map(|&line| (line, "no shopper".to_owned())).collect();
        for movements in self.movements.values_mut() {
            let netted = net(movements);
            unmatched.extend(netted.unmatched.into_iter().map(|line| (line, none())));
            left.extend(netted.left);
            returned.extend(netted.returned.into_iter().map(|(line, undone)| {
                let undone: Vec<String> = undone.iter().map(u64::to_string).collect();
                (line, format!("undoes line {}", undone.join(", ")))
            }));
        }
        returned.sort_unstable();
        unmatched.sort_unstable();
        (returned, unmatched, left)
    }
}
