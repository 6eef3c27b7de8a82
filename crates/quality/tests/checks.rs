//! The passes of the checks as aggregates: parts computed apart and merged give
//! the report of the whole, however the rows are cut.

use proptest::prelude::*;
use vitrine_domain::{Availability, EventKind, Product};
use vitrine_quality::checks::{
    CheckOutcome, Checks, Evidence, Failures, Findings, ImportSnapshot, LineBatcher, LogFindings,
    LogProfile, ProductBatcher, ProductProfile, QualityReport, ReportBuilder, SeenTwice, Subject,
    Vectors,
};
use vitrine_quality::{InteractionRow, Merchant, ProductRow};

const NOW_SECONDS: i64 = 1_600_000_000;
const DAY: i64 = 86_400;

type Products = Vec<(u64, ProductRow)>;
type Lines = Vec<(u64, InteractionRow)>;

fn product_batch(rows: &[(u64, ProductRow)]) -> arrow_array::RecordBatch {
    let mut batcher = ProductBatcher::new(2);
    rows.iter().for_each(|(line, row)| batcher.push(*line, row));
    batcher.take()
}

fn line_batch(rows: &[(u64, InteractionRow)]) -> arrow_array::RecordBatch {
    let mut batcher = LineBatcher::new(2);
    rows.iter().for_each(|(line, row)| batcher.push(*line, row));
    batcher.take()
}

/// The report over parts of the rows, cut at `cuts` and merged in the order that
/// `backwards` says.
fn report(products: &Products, lines: &Lines, cuts: &[usize], backwards: bool) -> QualityReport {
    let checks = Checks::built_in();
    let product_parts = parts(products, cuts);
    let line_parts = parts(lines, cuts);

    let profile = merged(
        &product_parts,
        backwards,
        |part| {
            let mut profile = ProductProfile::default();
            profile.update(&product_batch(part));
            profile
        },
        ProductProfile::merge,
    );
    let log = merged(
        &line_parts,
        backwards,
        |part| {
            let mut log = LogProfile::with_sketch(SeenTwice::with_bits(10));
            log.update(&line_batch(part));
            log
        },
        LogProfile::merge,
    );

    let texts = profile.texts();
    // Any vectors do: here the direction is the first letter.
    let rows: Vec<f32> = texts
        .texts
        .iter()
        .flat_map(|text| (0..8).map(|lane| f32::from(u8::from(text.len() % 8 == lane))))
        .collect();
    let known_words = profile.words().into_iter().filter(|word| word.len() % 3 > 0).collect();
    let log_prices = log.prices();
    let evidence = Evidence {
        texts: &texts,
        vectors: Some(Vectors { dim: 8, rows: &rows }),
        known_words: Some(&known_words),
        log_prices: &log_prices,
        now_seconds: NOW_SECONDS,
        remember_lines: false,
    };
    let findings = Findings::find(&checks, &profile, evidence);
    let judged = merged(
        &product_parts,
        backwards,
        |part| {
            let mut rows = findings.rows();
            rows.update(&product_batch(part));
            rows
        },
        |rows, more| rows.merge(more),
    );
    let log_findings = LogFindings::find(&checks, &profile, &log, NOW_SECONDS, false);
    let judged_log = merged(
        &line_parts,
        backwards,
        |part| {
            let mut rows = log_findings.rows();
            rows.update(&line_batch(part));
            rows
        },
        |rows, more| rows.merge(more),
    );

    let snapshot = ImportSnapshot::of(&profile, log.n_rows, &log_prices, &texts, None);
    let mut builder = ReportBuilder::new(&checks);
    builder.read(profile.n_rows, log.n_rows, &log.days);
    let all = findings.checks().iter().zip(judged.finish());
    for (check, failures) in all.chain(log_findings.checks().iter().zip(judged_log.finish())) {
        builder.add(check, failures, None);
    }
    for check in checks.on(Subject::Drift) {
        let failures = snapshot.judge(check, &snapshot).unwrap_or_else(|_| Failures::default());
        assert_eq!(failures.n_failed, 0, "nothing drifts from itself: {}", check.name);
    }
    builder.finish().0
}

fn parts<'a, T>(rows: &'a [T], cuts: &[usize]) -> Vec<&'a [T]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (rows.len() + 1)).collect();
    places.extend([0, rows.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &rows[pair[0]..pair[1]]).collect()
}

fn merged<T, S>(
    parts: &[&[T]],
    backwards: bool,
    state: impl Fn(&[T]) -> S,
    merge: impl Fn(&mut S, S),
) -> S {
    let mut states: Vec<S> = parts.iter().map(|part| state(part)).collect();
    if backwards {
        states.reverse();
    }
    let mut states = states.into_iter();
    let mut all = states.next().expect("there is at least one part");
    states.for_each(|state| merge(&mut all, state));
    all
}

fn any_product() -> impl Strategy<Value = ProductRow> {
    let title = prop::sample::select(vec![
        "",
        "Oat drink with vanilla",
        "Oat drnik with vanilla",
        "OAT DRINK NATURAL",
        "CafÃ© au lait",
        "Tea &amp; honey",
        "Green tea with hon",
        "Black tea with honey",
        "Honey - free shipping",
    ]);
    let category = prop::sample::select(vec!["", "Drinks", "Tea", "MISC"]);
    let sku = prop::sample::select(vec!["1", "2", "3", "4", "5 6", ""]);
    let price = prop::option::of(prop::sample::select(vec![-1_i64, 0, 99, 100, 101, 9_999]));
    let gtin = prop::sample::select(vec!["", "96385074", "96385075"]);
    let in_stock = prop::bool::ANY;
    (title, category, sku, price, gtin, in_stock).prop_map(
        |(title, category, sku, price_minor, gtin, in_stock)| ProductRow {
            product: Product {
                sku: sku.into(),
                title: title.into(),
                category: category.into(),
                department: "Food".into(),
                availability: if in_stock {
                    Availability::InStock
                } else {
                    Availability::OutOfStock
                },
                ..Product::default()
            },
            price_minor,
            merchant: Merchant { gtin: gtin.into(), ..Merchant::default() },
            ..ProductRow::default()
        },
    )
}

fn any_line() -> impl Strategy<Value = InteractionRow> {
    let name = prop::sample::select(vec!["", "a", "b", "c"]);
    let sku = prop::sample::select(vec!["1", "2", "9"]);
    let quantity = prop::sample::select(vec![-2_i64, -1, 1, 2, 3]);
    let at_seconds = prop::sample::select(vec![
        0_i64,
        1_500_000_000,
        1_500_000_000 + DAY,
        1_500_000_000 + 40 * DAY,
        1_900_000_000,
    ]);
    (name.clone(), sku, name, quantity, at_seconds).prop_map(
        |(shopper, sku, basket, quantity, at_seconds)| InteractionRow {
            shopper: shopper.into(),
            sku: sku.into(),
            basket: basket.into(),
            kind: EventKind::Purchase,
            at_seconds,
            quantity,
            price_minor: Some(199),
        },
    )
}

fn numbered<T>(rows: Vec<T>) -> Vec<(u64, T)> {
    (2..).zip(rows).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn parts_merged_give_the_report_of_the_whole(
        products in prop::collection::vec(any_product(), 0..60),
        lines in prop::collection::vec(any_line(), 0..80),
        cuts in prop::collection::vec(0_usize..100, 0..5),
        backwards in prop::bool::ANY,
    ) {
        let (products, lines) = (numbered(products), numbered(lines));
        let whole = report(&products, &lines, &[], false);
        prop_assert_eq!(whole, report(&products, &lines, &cuts, backwards));
    }
}

#[test]
fn every_kind_of_row_fault_is_found_by_its_check() {
    let titled = |title: &str| ProductRow {
        product: Product {
            sku: title.into(),
            title: title.into(),
            category: "Tea".into(),
            ..Product::default()
        },
        ..ProductRow::default()
    };
    let mut rows: Vec<ProductRow> = (0..30)
        .map(|n| ProductRow { price_minor: Some(300 + n), ..titled("Tea with honey") })
        .collect();
    rows.iter_mut().zip(0..).for_each(|(row, n)| row.product.sku = format!("t{n}"));
    let expired = Merchant { expiration_date: "2001-01-01".into(), ..Merchant::default() };
    rows.extend([
        titled("CafÃ©-tea"),
        titled("Tea<br/>bags"),
        titled("PEPPERMINT TEA"),
        titled("Tea with"),
        titled("Tea, buy now"),
        titled("N/A"),
        ProductRow { price_minor: Some(90_000), ..titled("Golden-tea") },
        ProductRow { price_minor: Some(0), ..titled("Free-tea") },
        ProductRow { merchant: expired, ..titled("Old-tea") },
    ]);
    let report = report(&numbered(rows), &Lines::new(), &[7, 31], true);
    for (check, n) in [
        ("mojibake", 1),
        ("html", 1),
        ("shouting", 1),
        ("truncated", 1),
        ("boilerplate", 1),
        ("title_missing", 1),
        ("price_outlier", 1),
        ("price_invalid", 1),
        ("expired", 1),
        ("gtin_invalid", 0),
    ] {
        let result = report.results.iter().find(|result| result.name == check).expect(check);
        let samples: Vec<&str> =
            result.samples.iter().map(|sample| sample.reason.as_str()).collect();
        assert_eq!(result.n_failed, n, "{check}: {samples:?}");
        assert_eq!(result.samples.len() as u64, n);
    }
    let dear =
        report.results.iter().find(|result| result.name == "title_missing").expect("built in");
    assert_eq!(dear.outcome, CheckOutcome::Passed, "one of forty is within the threshold");
}

#[test]
fn a_shop_of_machines_and_merchants_is_seen() {
    let line = |shopper: &str, sku: usize, basket: &str, day: i64, quantity: i64| InteractionRow {
        shopper: shopper.into(),
        sku: sku.to_string(),
        basket: basket.into(),
        kind: EventKind::Purchase,
        at_seconds: 1_500_000_000 + day * DAY + sku as i64,
        quantity,
        price_minor: Some(100),
    };
    let mut lines = Vec::new();
    for day in 0..60 {
        let people = if day == 30 { 0 } else { 40 };
        for person in 0..people {
            let who = format!("p{person}");
            lines.push(line(&who, (person + day as usize) % 50, &format!("{who}-{day}"), day, 1));
        }
    }
    lines.extend((0..400).map(|n| line("bot", n % 50, &format!("x{}", n / 4), 10, 1)));
    lines.extend((0..5).map(|n| line("trader", n, &format!("t{n}"), 50, 500)));
    lines.push(line("p1", 999, "p1-9", 9, 1));
    lines.extend([7, 8, 7, 7].map(|sku| line("p2", sku, "twice", 20, 1)));
    let products: Products = numbered(
        (0..50)
            .map(|n| ProductRow {
                product: Product {
                    sku: n.to_string(),
                    title: format!("Thing {n}"),
                    ..Product::default()
                },
                ..ProductRow::default()
            })
            .collect(),
    );
    let report = report(&products, &numbered(lines), &[1_000], false);
    let failed = |check: &str| {
        report.results.iter().find(|result| result.name == check).expect("built in").n_failed
    };
    assert_eq!(failed("bot"), 400);
    assert_eq!(failed("reseller"), 5);
    assert_eq!(failed("gap"), 1);
    assert_eq!(failed("spike"), 1, "the bot's day");
    assert_eq!(failed("unknown_item"), 1);
    assert_eq!(failed("repeated_line"), 2, "the first of three stays");
}
