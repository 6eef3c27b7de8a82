//! What the whole feed tells about its groups, and the second pass that judges rows by it.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow_array::RecordBatch;

use super::abbreviations::Abbreviations;
use super::batch::{ProductColumns, ProductView};
use super::declare::{Check, Checks, Field, Repair};
use super::failures::{Action, FailingRow, Failures};
use super::fields::invalid;
use super::hashing::{IdMap, hash};
use super::kinds::Kind;
use super::near_duplicates;
use super::neighbours::{self, Proposal};
use super::profile::{Group, ProductProfile, Texts, group_of};
use super::robust::Robust;
use super::subject::Subject;
use super::text::{is_mojibake, is_shouting, mended_mojibake, without_html};
use super::titles_in_use::{Cut, TitlesInUse};
use super::vectors::Vectors;
use crate::titles::says_nothing;

/// Products that a category must have before a price can be out of its line.
pub const PEERS_MIN: usize = 20;
/// Prices of a category are never taken to be closer than this (log units).
const LOG_PRICE_SIGMA_MIN: f64 = 0.15;
/// Share of the neighbours that fills in a category that is missing.
const FILL_SHARE_MIN: f64 = 0.60;

/// What is known besides the feed.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The distinct texts of the profile, and their vectors when there are any.
    pub texts: &'a Texts,
    /// Vectors of the texts; without them near-duplicates are not confirmed and
    /// categories not compared.
    pub vectors: Option<Vectors<'a>>,
    /// Words of the titles, in lower case, that the language has; without them
    /// abbreviations are not told from words.
    pub known_words: Option<&'a HashSet<String>>,
    /// Prices of the log, for products without one in the feed.
    pub log_prices: &'a LogPrices,
    /// Now, in seconds since 1970.
    pub now_seconds: i64,
    /// Whether failing lines are remembered, for measurements.
    pub remember_lines: bool,
}

/// Prices of products in the log, in minor units.
#[derive(Clone, Debug, Default)]
pub struct LogPrices(pub(crate) IdMap<u32>);

/// Of a group that fails: why, and what its texts become.
#[derive(Clone, Debug, Default)]
struct Verdict {
    reason: String,
    set: Vec<(Field, String)>,
}

/// Judges rows of the feed.
pub struct Findings<'a> {
    checks: Vec<&'a Check>,
    profile: &'a ProductProfile,
    evidence: Evidence<'a>,
    known: TitlesInUse,
    by_group: HashMap<(Kind, u64), Verdict>,
    shelf_prices: HashMap<&'a str, Robust>,
}

impl<'a> Findings<'a> {
    /// Finds what is to be found in all products together.
    pub fn find(checks: &'a Checks, profile: &'a ProductProfile, evidence: Evidence<'a>) -> Self {
        let groups = profile.ordered();
        let mut findings = Self {
            checks: checks.on(Subject::Products),
            profile,
            evidence,
            known: TitlesInUse::learn(&groups),
            by_group: HashMap::new(),
            shelf_prices: HashMap::new(),
        };
        for check in findings.checks.clone() {
            match (check.kind, evidence.vectors) {
                (Kind::NearDuplicate, vectors) => {
                    findings.find_duplicates(check, &groups, vectors.as_ref());
                }
                (Kind::Truncated, _) => findings.find_cut(&groups),
                (Kind::Abbreviated, _) => findings.find_abbreviated(&groups),
                (Kind::Misfiled, Some(vectors)) => {
                    let asks = |group: &Group| !says_nothing(&group.category);
                    findings.find_shelves(Kind::Misfiled, &groups, &vectors, &asks, check.limit);
                }
                (Kind::Missing, Some(vectors)) if check.repair == Repair::Fix => {
                    let asks = |group: &Group| says_nothing(&group.category);
                    let share = FILL_SHARE_MIN;
                    findings.find_shelves(Kind::Missing, &groups, &vectors, &asks, share);
                }
                (Kind::PriceOutlier, _) => findings.find_prices(&groups),
                _ => {}
            }
        }
        findings
    }

    /// The checks that are judged, in order.
    pub fn checks(&self) -> &[&'a Check] {
        &self.checks
    }

    /// What a check lacks to run, for the report.
    pub fn lacks(&self, check: &Check) -> Option<&'static str> {
        let without_vectors = self.evidence.vectors.is_none();
        match check.kind {
            Kind::Misfiled if without_vectors => Some("not run: needs text vectors"),
            Kind::Abbreviated if self.evidence.known_words.is_none() => {
                Some("not run: needs the language's words")
            }
            Kind::NearDuplicate if without_vectors => Some("not confirmed by text vectors"),
            Kind::PriceOutlier if self.shelf_prices.is_empty() => {
                Some("not run: no category has prices enough")
            }
            _ => None,
        }
    }

    fn find_duplicates(
        &mut self,
        check: &Check,
        groups: &[(u64, &Group)],
        vectors: Option<&Vectors<'_>>,
    ) {
        let found =
            near_duplicates::find(groups, self.evidence.texts, vectors, &self.known, check.limit);
        for (idx, duplicate) in found {
            let canonical = groups[duplicate.canonical as usize].1;
            let set = vec![
                (Field::Title, canonical.title.clone()),
                (Field::Department, canonical.department.clone()),
                (Field::Category, canonical.category.clone()),
                (Field::Brand, canonical.brand.clone()),
            ];
            let verdict = Verdict { reason: duplicate.reason, set };
            self.by_group.insert((Kind::NearDuplicate, groups[idx as usize].0), verdict);
        }
    }

    fn find_cut(&mut self, groups: &[(u64, &Group)]) {
        for (key, group) in groups {
            if let Some(Cut { reason, whole }) = self.known.cut(&group.title) {
                let set = whole.into_iter().map(|whole| (Field::Title, whole)).collect();
                let verdict = Verdict { reason, set };
                self.by_group.insert((Kind::Truncated, *key), verdict);
            }
        }
    }

    fn find_abbreviated(&mut self, groups: &[(u64, &Group)]) {
        let Some(known) = self.evidence.known_words else { return };
        let abbreviations = Abbreviations::learn(groups, known);
        for (key, group) in groups {
            if let Some((whole, found)) = abbreviations.expand(&group.title) {
                let each = found.iter().map(|(short, long)| format!("“{short}” for “{long}”"));
                let reason = each.collect::<Vec<_>>().join(", ");
                let verdict = Verdict { reason, set: vec![(Field::Title, whole)] };
                self.by_group.insert((Kind::Abbreviated, *key), verdict);
            }
        }
    }

    fn find_shelves(
        &mut self,
        kind: Kind,
        groups: &[(u64, &Group)],
        vectors: &Vectors<'_>,
        asks: &(dyn Fn(&Group) -> bool + Sync),
        share_min: f64,
    ) {
        let proposals = neighbours::proposals(groups, self.evidence.texts, vectors, asks);
        for (idx, proposal) in proposals {
            if proposal.share < share_min {
                continue;
            }
            let Proposal { department, category, share } = proposal;
            let reason =
                format!("its neighbours are in “{category}” ({:.0} % of them)", share * 100.0);
            let set = vec![(Field::Department, department), (Field::Category, category)];
            self.by_group.insert((kind, groups[idx as usize].0), Verdict { reason, set });
        }
    }

    fn find_prices(&mut self, groups: &[(u64, &'a Group)]) {
        let shelf_of: IdMap<&'a str> =
            groups.iter().map(|(key, group)| (*key, group.shelf())).collect();
        let mut prices: HashMap<&'a str, Vec<f64>> = HashMap::new();
        for (key, sku) in &self.profile.skus {
            let logged = || self.evidence.log_prices.0.get(key).map(|&price| i64::from(price));
            let price = sku.price_minor.or_else(logged).filter(|&price| price > 0);
            if let (Some(price), Some(shelf)) = (price, shelf_of.get(&sku.group)) {
                prices.entry(shelf).or_default().push((price as f64).ln());
            }
        }
        self.shelf_prices = prices
            .into_iter()
            .filter(|(shelf, prices)| !shelf.is_empty() && prices.len() > PEERS_MIN)
            .map(|(shelf, mut prices)| (shelf, Robust::of(&mut prices, LOG_PRICE_SIGMA_MIN)))
            .collect();
    }

    /// An empty state of the second pass.
    pub fn rows(&self) -> ProductRows<'_> {
        let empty = || Failures::remembering(self.evidence.remember_lines);
        ProductRows { findings: self, failures: self.checks.iter().map(|_| empty()).collect() }
    }

    fn price_of(&self, row: &ProductView<'_>) -> Option<i64> {
        let logged = || {
            let prices = &self.evidence.log_prices.0;
            prices.get(&hash(row.text(Field::Sku))).map(|&price| i64::from(price))
        };
        row.price_minor().or_else(logged)
    }

    /// Why a row fails a check; `None` when it passes.
    fn judge(&self, check: &Check, row: &ProductView<'_>, group: u64) -> Judged {
        let of_group = || match self.by_group.get(&(check.kind, group)) {
            Some(verdict) => Judged::Fails(verdict.reason.clone()),
            None => Judged::Passes,
        };
        match check.kind {
            Kind::Missing if check.field == Some(Field::Price) => {
                Judged::when(self.price_of(row).is_none(), || "no price".to_owned())
            }
            Kind::Missing => {
                let text = check.field.map_or("", |field| row.text(field));
                Judged::when(says_nothing(text), || match text {
                    "" => "blank".to_owned(),
                    text => format!("“{text}” says nothing"),
                })
            }
            Kind::Invalid => {
                let now = self.evidence.now_seconds;
                let fault = check.field.and_then(|field| invalid(row, field, now));
                fault.map_or(Judged::Passes, Judged::Fails)
            }
            Kind::Repeated => self.repeated(check, row),
            Kind::OutOfStock => Judged::when(!row.in_stock(), || "is not in stock".to_owned()),
            Kind::Mojibake | Kind::Html => {
                let found = READ_TEXTS
                    .into_iter()
                    .find(|field| mended(check.kind, row.text(*field)).is_some());
                found.map_or(Judged::Passes, |field| {
                    Judged::Fails(format!("in {field:?}").to_lowercase())
                })
            }
            Kind::Shouting => Judged::when(is_shouting(row.text(Field::Title)), || {
                "the title is in capitals".to_owned()
            }),
            Kind::Boilerplate => match self.known.without_boilerplate(row.text(Field::Title)) {
                Some((_, phrase)) => Judged::Fails(format!("“{phrase}” says nothing about it")),
                None => Judged::Passes,
            },
            Kind::PriceOutlier => self.price_outlier(check, row),
            Kind::Predicate => {
                let fails = check.predicate.as_ref().and_then(|p| p.fails(|name| row.value(name)));
                match fails {
                    Some(true) => Judged::Fails(check.what.clone()),
                    Some(false) => Judged::Passes,
                    None => Judged::Undecided,
                }
            }
            _ => of_group(),
        }
    }

    fn repeated(&self, check: &Check, row: &ProductView<'_>) -> Judged {
        let (text, first) = if check.field == Some(Field::Gtin) {
            let text = row.text(Field::Gtin);
            (text, self.profile.gtins.get(&hash(text)).copied())
        } else {
            let text = row.text(Field::Sku);
            (text, self.profile.skus.get(&hash(text)).map(|sku| sku.first_line))
        };
        match first.filter(|&first| first != row.line() && !text.is_empty()) {
            Some(first) => Judged::Fails(format!("line {first} has it, too")),
            None => Judged::Passes,
        }
    }

    fn price_outlier(&self, check: &Check, row: &ProductView<'_>) -> Judged {
        let category = row.text(Field::Category);
        let shelf = if category.is_empty() { row.text(Field::Department) } else { category };
        let price = self.price_of(row).filter(|&price| price > 0);
        let (Some(price), Some(usual)) = (price, self.shelf_prices.get(shelf)) else {
            return Judged::Passes;
        };
        let z = usual.z((price as f64).ln());
        Judged::when(z.abs() > check.limit, || {
            let money = row.money();
            let (price, median) = (money.shown(price as f64), money.shown(usual.median.exp()));
            format!("{price} where {median} is the middle of its category (z {z:+.1})")
        })
    }
}

/// The answer of a check about a row.
enum Judged {
    Passes,
    Fails(String),
    Undecided,
}

impl Judged {
    fn when(fails: bool, reason: impl FnOnce() -> String) -> Self {
        if fails { Self::Fails(reason()) } else { Self::Passes }
    }
}

/// Texts that shoppers read.
const READ_TEXTS: [Field; 5] =
    [Field::Title, Field::Description, Field::Department, Field::Category, Field::Brand];

/// What a text becomes; equal to it when it is broken beyond repair.
fn mended(kind: Kind, text: &str) -> Option<String> {
    if kind == Kind::Html {
        return without_html(text);
    }
    is_mojibake(text).then(|| mended_mojibake(text).unwrap_or_else(|| text.to_owned()))
}

/// The second pass over the feed: every row against every check. Mergeable.
pub struct ProductRows<'f> {
    findings: &'f Findings<'f>,
    failures: Vec<Failures>,
}

impl ProductRows<'_> {
    /// Judges the rows of a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        for row in ProductColumns::of(batch).rows() {
            self.judge(&row);
        }
    }

    fn judge(&mut self, row: &ProductView<'_>) {
        let findings = self.findings;
        let group = group_of(row);
        // Texts as earlier checks mended them.
        let mut texts: BTreeMap<Field, String> = BTreeMap::new();
        for (check, failures) in findings.checks.iter().zip(&mut self.failures) {
            if findings.lacks(check).is_some_and(|lack| lack.starts_with("not run")) {
                continue;
            }
            failures.n_checked += 1;
            let reason = match findings.judge(check, row, group) {
                Judged::Passes => continue,
                Judged::Undecided => {
                    failures.n_undecided += 1;
                    continue;
                }
                Judged::Fails(reason) => reason,
            };
            match check.repair {
                Repair::None => {}
                Repair::Quarantine => {
                    failures.act(row.line(), Action::Quarantine { reason: reason.clone() });
                }
                Repair::Fix => {
                    for (field, after) in fixes(findings, check, row, group, &texts) {
                        texts.insert(field, after.clone());
                        failures.act(row.line(), Action::SetText { field, after });
                    }
                }
            }
            failures.fail(row.line(), || FailingRow {
                line: row.line(),
                reason,
                record: row.record(),
            });
        }
    }

    /// Adds what another part of the feed gave.
    pub fn merge(&mut self, other: Self) {
        for (mine, more) in self.failures.iter_mut().zip(other.failures) {
            mine.merge(more);
        }
    }

    /// Failures of each check of [`Findings::checks`].
    pub fn finish(self) -> Vec<Failures> {
        self.failures
    }
}

/// What a failing row's texts become.
fn fixes(
    findings: &Findings<'_>,
    check: &Check,
    row: &ProductView<'_>,
    group: u64,
    texts: &BTreeMap<Field, String>,
) -> Vec<(Field, String)> {
    let now = |field: Field| texts.get(&field).map_or_else(|| row.text(field), String::as_str);
    let mut set = match check.kind {
        Kind::Mojibake | Kind::Html => READ_TEXTS
            .into_iter()
            .filter_map(|field| Some((field, mended(check.kind, now(field))?)))
            .collect(),
        Kind::Boilerplate => findings
            .known
            .without_boilerplate(now(Field::Title))
            .map(|(kept, _)| (Field::Title, kept))
            .into_iter()
            .collect(),
        _ => findings.by_group.get(&(check.kind, group)).map_or_else(Vec::new, |v| v.set.clone()),
    };
    set.retain(|(field, after)| now(*field) != after);
    set
}
