//! A file of reviews, read whole.

use std::fs;
use std::path::Path;

use vitrine_catalogue::PushedReview;
use vitrine_domain::Product;
use vitrine_ingest::Mapping;
use vitrine_quality::{Catalogue, ProductPass, ProductRow};

use super::*;

const MAPPING: &str = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n\
    [reviews]\nsku = 'product'\nrating = 'stars'\ntitle = 'head'\ntext = 'body'\nauthor = 'who'\n\
    written = { column = 'on' }\nverified = 'bought'\n";

/// Six reviews of one product, two of another, and four that are kept apart.
const REVIEWS: &str = "product,stars,head,body,who,on,bought\n\
    1,5,Soft,The fabric is very soft and warm.,ann,2026-01-01,yes\n\
    1,4,,\"Lovely soft fabric, but it runs small.\",ben,2026-01-02,no\n\
    1,2,Too small,It runs very small in the shoulders.,cem,2026-01-03,no\n\
    1,5,,The fabric feels great on the skin.,dee,2026-01-04,yes\n\
    1,5,,Perfect.,eve,2026-01-05,no\n\
    1,4,,\"The fit is small, so order one size up.\",fay,2026-01-06,no\n\
    2,1,,The zip broke after a week.,gus,2026-01-07,no\n\
    2,4,,A sturdy bag.,hal,2026-01-08,no\n\
    2,5,,Cheaper at www.bags.example today!,ivy,2026-01-09,no\n\
    2,5,,It is the nicest bag that I have ever carried to work.,jon,2026-01-10,no\n\
    2,5,,It is the nicest bag that I have ever carried to work.,kim,2026-01-11,no\n\
    3,5,,Not a product of this shop.,lea,2026-01-12,no\n\
    1,11,,Eleven stars.,max,2026-01-13,no\n";

fn catalogue() -> Catalogue {
    let mut pass = ProductPass::new();
    for (sku, title) in [("1", "Shirt"), ("2", "Bag")] {
        let product = Product { sku: sku.into(), title: title.into(), ..Product::default() };
        pass.push(Ok(ProductRow { product, ..ProductRow::default() })).expect("kept");
    }
    pass.finish().expect("a catalogue")
}

/// Reads in a folder; rows, and what went to the quarantine.
fn read_in(
    folder: &Path,
    sources: (ReviewFeed<'_>, &[LoggedReview]),
    summary: &mut Summary,
) -> (Vec<ReviewRow>, String) {
    let (settings, stop) = (ServerSettings::in_folder(folder), Stop::default());
    let model = ModelFiles { dir: folder.to_owned(), adapter: None };
    let reading =
        ReviewReading { settings: &settings, model: &model, staging: folder, stop: &stop };
    let apart = folder.join("quarantine.jsonl");
    let mut quarantine = Quarantine::create(&apart).expect("created");
    let rows = read(&reading, sources, &catalogue(), (&mut quarantine, summary)).expect("read");
    quarantine.finish().expect("finished");
    (rows, fs::read_to_string(&apart).expect("a quarantine"))
}

#[test]
fn cards_get_stars_aspects_and_sentences_and_the_rest_is_kept_apart_without_its_author() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("reviews.csv");
    fs::write(&file, REVIEWS).expect("written");
    let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
    let mut summary = Summary::default();
    let feed = (ReviewFeed::File(&file, &mapping), &[][..]);
    let (rows, apart) = read_in(folder.path(), feed, &mut summary);

    summary.check_balance().expect("every row is kept or not");
    let mut rows: Vec<&ReviewRow> = rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.n_rated()));
    let [shirt, bag] = rows[..] else { panic!("two cards: {rows:?}") };
    assert_eq!(shirt.stars, [0, 1, 0, 2, 3]);
    let aspect = |name: &str| shirt.aspects.iter().find(|aspect| aspect.name == name);
    let material = aspect("material").expect("fabric is spoken of");
    // One of the three that praise it is not read so.
    assert_eq!((material.n_good, material.n_bad), (2, 0));
    assert!(aspect("fit").expect("it runs small").n_bad >= 2);
    assert!(!shirt.quotes.is_empty());
    for quote in &shirt.quotes {
        assert!(REVIEWS.contains(&quote.text), "{quote:?} is in no review");
        assert!(quote.day.is_some() && quote.stars > 0);
    }
    assert_eq!(bag.stars, [1, 0, 0, 1, 1], "one of two copies");
    assert!(bag.aspects.is_empty() && bag.quotes.is_empty(), "three reviews are too few");

    for check in ["review-link", "review-copy", "unknown_product", "out_of_range"] {
        assert!(apart.contains(check), "{check} in {apart}");
    }
    assert_eq!(apart.lines().count(), 4);
    for author in ["ivy", "kim", "lea", "max"] {
        assert!(!apart.contains(author), "{author} in {apart}");
    }
}

fn pushed(review: &str, line: &str) -> LoggedReview {
    let line = format!(r#"{{"review_id": "{review}", {line}}}"#);
    let content = PushedReview::from_line(line.as_bytes()).expect("a review").content;
    LoggedReview { review: review.to_owned(), content }
}

#[test]
fn pushed_reviews_are_held_to_the_same_checks_with_a_feed_and_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("reviews.csv");
    fs::write(&file, REVIEWS).expect("written");
    let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
    let copy = "It is the nicest bag that I have ever carried to work.";
    let reviews = [
        pushed(
            "a",
            r#""sku": "2", "rating": 10, "rating_best": 10, "text": "Roomy.", "time": "2026-01-14""#,
        ),
        LoggedReview { review: "b".to_owned(), content: None },
        pushed("c", &format!(r#""sku": "2", "rating": 5, "text": "{copy}""#)),
        pushed("d", r#""sku": "4", "rating": 5, "text": "Not a product of this shop.""#),
    ];
    let mut summary = Summary::default();
    let feed = (ReviewFeed::File(&file, &mapping), &reviews[..]);
    let (rows, apart) = read_in(folder.path(), feed, &mut summary);
    summary.check_balance().expect("every row is kept or not");
    let counts: Vec<(&str, u64, u64)> =
        summary.sources.iter().map(|of| (of.name.as_str(), of.read, of.kept)).collect();
    assert_eq!(counts, [("reviews.csv", 13, 9), (PUSHED_REVIEWS, 3, 1)]);
    assert!(rows.iter().any(|row| row.stars == [1, 0, 0, 1, 2]), "the bag has one more: {rows:?}");
    let line = |code: &str| apart.lines().filter(|line| line.contains(code)).collect::<Vec<_>>();
    let copies = line("review-copy");
    assert_eq!(copies.len(), 2, "{apart}");
    assert!(copies.iter().any(|line| line.contains(PUSHED_REVIEWS) && line.contains("line 11")));
    let unknown = line("unknown_product");
    assert!(unknown.iter().any(|line| line.contains(PUSHED_REVIEWS) && line.contains("sku 4")));
    let of_feed = load_of_feed(folder.path()).expect("readable").expect("they are kept");
    assert_eq!(of_feed.len(), 9, "of the feed alone");

    let alone = tempfile::tempdir().expect("a folder");
    let mut summary = Summary::default();
    let (rows, _) = read_in(alone.path(), (ReviewFeed::None, &reviews), &mut summary);
    let [bag] = &rows[..] else { panic!("one card: {rows:?}") };
    assert_eq!(bag.stars, [0, 0, 0, 0, 2]);
    let of_feed =
        load_of_feed(alone.path()).expect("readable").expect("it is known that there are none");
    assert!(of_feed.is_empty());
}

#[test]
fn days_alone_of_a_feed_are_no_burst_beside_pushed_reviews_with_hours() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("reviews.csv");
    let row = |n: usize| format!("1,5,,Good {n}.,Anonymous,2026-01-05,no\n");
    let rows: String = (0..20).map(row).collect();
    fs::write(&file, format!("product,stars,head,body,who,on,bought\n{rows}")).expect("written");
    let mapping = MAPPING.replace("'on' }", "'on', zone = '+05:30' }");
    let mapping = Mapping::from_toml(&mapping).expect("a mapping");
    let line = r#""sku": "2", "rating": 5, "text": "Roomy.", "verified": true, "time": "2026-01-05T10:00:17Z""#;
    let reviews = [pushed("a", line)];
    let mut summary = Summary::default();
    let feed = (ReviewFeed::File(&file, &mapping), &reviews[..]);
    let (rows, apart) = read_in(folder.path(), feed, &mut summary);
    assert_eq!(apart, "");
    let mut stars: Vec<[u32; 5]> = rows.iter().map(|row| row.stars).collect();
    stars.sort_unstable();
    assert_eq!(stars, [[0, 0, 0, 0, 1], [0, 0, 0, 0, 20]]);
}
