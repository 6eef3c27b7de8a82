//! What is left out where nothing is found, and that the reply says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use vitrine_domain::{Constraint, Filters, Item, ItemId, Query, Variant};
use vitrine_recall::{
    Answer, Attempt, Deadline, EmbeddedRecall, Language, Probe, Recall, RecallError, RecallHit,
    RecallReply, RecallRequest, Searcher, Synonyms, TEXT_DIM, Understanding,
};

fn items() -> Vec<Item> {
    let item = |id: u64, title: &str, brand: &str, price_minor: u32| Item {
        id: ItemId(id),
        title: title.to_owned(),
        department: if id < 4 { "Audio" } else { "Home" }.to_owned(),
        brand: brand.to_owned(),
        price_minor,
        variants: vec![Variant { size: "12 OZ".to_owned(), ..Variant::default() }],
        ..Item::default()
    };
    vec![
        item(1, "Wireless headphones", "Acme", 9_900),
        item(2, "Wired headphones", "Bolt", 4_900),
        item(3, "Wireless speaker", "Bolt", 15_000),
        item(4, "Red lamp", "Acme", 1_000),
        item(5, "Blue lamp", "Bolt", 2_000),
        item(6, "Television stand", "Bolt", 7_000),
    ]
}

/// Counts what the engine is asked.
struct Counting {
    engine: EmbeddedRecall,
    n_calls: AtomicUsize,
}

impl Recall for Counting {
    fn n_items(&self) -> usize {
        self.engine.n_items()
    }

    fn n_numbers(&self) -> usize {
        self.engine.n_numbers()
    }

    fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        self.n_calls.fetch_add(1, Ordering::Relaxed);
        self.engine.search(request)
    }

    fn probe(&self, request: &RecallRequest, attempts: &[Attempt]) -> Result<Probe, RecallError> {
        self.n_calls.fetch_add(1, Ordering::Relaxed);
        self.engine.probe(request, attempts)
    }
}

/// Texts mean nothing; one word is known to be spelt right. Remembers what it was asked.
#[derive(Default)]
struct Plain {
    encoded: RefCell<Vec<String>>,
}

impl Language for Plain {
    type Error = RecallError;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        deadline.check()?;
        self.encoded.borrow_mut().push(text.to_owned());
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, word: &str) -> bool {
        word == "clamp"
    }
}

/// The answer to a query, how often the engine was asked, and which texts were encoded.
fn ask_counting(
    query: &Query,
    deadline: Deadline,
) -> (Result<Answer, RecallError>, usize, Vec<String>) {
    ask_counting_in(&items(), query, deadline)
}

fn ask_counting_in(
    items: &[Item],
    query: &Query,
    deadline: Deadline,
) -> (Result<Answer, RecallError>, usize, Vec<String>) {
    let understanding = Understanding::new(items, "USD", Synonyms::with(None).unwrap());
    let n = items.len();
    let engine = EmbeddedRecall::build(items, vec![0.0; n * TEXT_DIM], &vec![0; n]).unwrap();
    let engine = Counting { engine, n_calls: AtomicUsize::new(0) };
    let language = Plain::default();
    let searcher = Searcher { engine: &engine, understanding: &understanding, language: &language };
    let answer = searcher.search(query, deadline);
    (answer, engine.n_calls.into_inner(), language.encoded.into_inner())
}

fn ask(query: &Query) -> Result<Answer, RecallError> {
    ask_counting(query, Deadline::NONE).0
}

fn ask_shop(items: &[Item], query: &Query) -> Result<Answer, RecallError> {
    ask_counting_in(items, query, Deadline::NONE).0
}

fn query(text: &str, filters: Filters) -> Query {
    Query { text: text.to_owned(), filters, ..Query::default() }
}

fn found(answer: &Answer) -> Vec<u64> {
    let mut ids: Vec<u64> = answer.reply.hits.iter().map(|hit| hit.item.0).collect();
    ids.sort_unstable();
    ids
}

fn relaxed(answer: &Answer) -> Vec<(Constraint, &str)> {
    answer.relaxed.iter().map(|relaxed| (relaxed.constraint, relaxed.typed.as_str())).collect()
}

#[test]
fn conditions_in_words_are_filters() {
    let answer = ask(&query("headphones under 50 ", Filters::default())).unwrap();
    assert_eq!((found(&answer), relaxed(&answer)), (vec![2], vec![]));
    assert_eq!(answer.read.text, "headphones");
    let answer = ask(&query("lamp not bolt", Filters::default())).unwrap();
    assert_eq!(found(&answer), [4]);
    let answer = ask(&query("under 20", Filters::default())).unwrap();
    assert_eq!((found(&answer), answer.request.vector), (vec![4], None));
}

#[test]
fn sizes_of_variants_are_found_in_any_spelling() {
    for text in ["lamp 12oz", "lamp 12 ounces", "12 OZ lamp "] {
        let answer = ask(&query(text, Filters::default())).unwrap();
        assert_eq!(found(&answer), [4, 5], "{text}");
        assert_eq!(relaxed(&answer), [], "{text}");
    }
}

#[test]
fn synonyms_are_searched_for_and_named() {
    let answer = ask(&query("tv stand", Filters::default())).unwrap();
    assert_eq!(found(&answer), [6]);
    let used: Vec<&str> = answer.reply.synonyms.iter().map(|s| s.used.as_str()).collect();
    assert_eq!(used, ["television"]);
}

#[test]
fn a_word_that_is_one_is_left_out_and_not_corrected() {
    let answer = ask(&query("blue llamp ", Filters::default())).unwrap();
    let used: Vec<&str> = answer.reply.corrections.iter().map(|c| c.used.as_str()).collect();
    assert_eq!((used, found(&answer)[..1].to_vec()), (vec!["lamp"], vec![5]));
    let answer = ask(&query("blue clamp ", Filters::default())).unwrap();
    assert_eq!(answer.reply.corrections, []);
    assert_eq!((found(&answer), relaxed(&answer)), (vec![5], vec![(Constraint::Word, "clamp")]));
}

#[test]
fn conditions_of_words_go_first() {
    let answer = ask(&query("headphones under 5 not bolt", Filters::default())).unwrap();
    let expected = vec![(Constraint::ReadFilter, "not bolt"), (Constraint::ReadFilter, "under 5")];
    assert_eq!((found(&answer), relaxed(&answer)), (vec![1, 2], expected));
    assert!(answer.read.filters.is_empty());
    // They may contradict the filters, which are what was clicked.
    let filters = Filters { price_minor_min: Some(5_000), ..Filters::default() };
    let answer = ask(&query("headphones under 5", filters)).unwrap();
    assert_eq!(found(&answer), [1]);
}

#[test]
fn then_words_that_nothing_with_the_filters_has() {
    let filters = Filters { departments: vec!["Home".to_owned()], ..Filters::default() };
    let answer = ask(&query("wireless lamp ", filters)).unwrap();
    assert_eq!((found(&answer), relaxed(&answer)), (vec![4, 5], vec![]));
    let filters = Filters { departments: vec!["Home".to_owned()], ..Filters::default() };
    let answer = ask(&query("wireless wired headphones lamp ", filters)).unwrap();
    assert_eq!(found(&answer), [4, 5]);
    assert!(relaxed(&answer).iter().all(|(kind, _)| *kind == Constraint::Word));
    assert!(!relaxed(&answer).iter().any(|(_, word)| *word == "lamp"));
    assert!(!relaxed(&answer).is_empty());
}

#[test]
fn the_filters_go_last_and_one_is_enough() {
    let filters = Filters {
        departments: vec!["Home".to_owned()],
        price_minor_max: Some(20_000),
        available_only: true,
        ..Filters::default()
    };
    let answer = ask(&query("headphones ", filters)).unwrap();
    assert_eq!(
        (found(&answer), relaxed(&answer)),
        (vec![1, 2], vec![(Constraint::Department, "")])
    );
    let filters = Filters {
        departments: vec!["Home".to_owned()],
        price_minor_max: Some(1_000),
        ..Filters::default()
    };
    let answer = ask(&query("headphones ", filters)).unwrap();
    let all = vec![(Constraint::Price, ""), (Constraint::Department, "")];
    assert_eq!((found(&answer), relaxed(&answer)), (vec![1, 2], all));
}

#[test]
fn where_nothing_helps_nothing_is_left_out() {
    let filters = Filters { departments: vec!["Home".to_owned()], ..Filters::default() };
    let answer = ask(&query("zzqxjv vvkk under 5", filters)).unwrap();
    assert_eq!(answer.reply.n_total, 0);
    assert_eq!(answer.read.filters.len(), 1);
    let answer = ask(&query("zzqxjv lamp ", Filters::default())).unwrap();
    assert_eq!(
        (found(&answer), relaxed(&answer)),
        (vec![4, 5], vec![(Constraint::Word, "zzqxjv")])
    );
}

#[test]
fn contradictory_filters_are_refused_before_any_work() {
    let filters =
        Filters { price_minor_min: Some(2), price_minor_max: Some(1), ..Filters::default() };
    let refused = ask(&query("lamp", filters));
    assert!(matches!(refused, Err(RecallError::PricesInverted { min: 2, max: 1 })));
}

fn titled(titles: &[&str]) -> Vec<Item> {
    let item = |(id, title): (u64, &&str)| Item {
        id: ItemId(id),
        title: (*title).to_owned(),
        brand: if id % 2 == 0 { "Acme" } else { "Bolt" }.to_owned(),
        price_minor: 500,
        variants: vec![Variant::default()],
        ..Item::default()
    };
    (0..).zip(titles).map(item).collect()
}

#[test]
fn what_must_be_absent_is_left_out_or_said_to_be_doubtful() {
    let shop = titled(&[
        "Peanut butter cookies",
        "Oat cookies",
        "Peanut free oat cookies",
        "Cookies without sugar",
        "Sugar cookies",
        "Whole milk",
        "Lactose free milk",
        "Wheat pasta",
        "Gluten free pasta",
        "Free range eggs",
    ]);
    // Each with what it says of the first word of the query.
    for (text, confirmed, unsaid) in [
        ("peanut free cookies", &[2][..], &[1, 3, 4][..]),
        ("cookies no peanuts", &[2], &[1, 3, 4]),
        ("cookies -peanut", &[2], &[1, 3, 4]),
        ("sugar free cookies", &[3], &[0, 1, 2]),
        ("cookies without sugar ", &[3], &[0, 1, 2]),
        ("lactose free milk", &[6], &[5]),
        ("gluten-free pasta", &[8], &[]),
        ("penut free cookies", &[2], &[1, 3, 4]),
    ] {
        let answer = ask_shop(&shop, &query(text, Filters::default())).unwrap();
        let (met, doubtful): (Vec<_>, Vec<_>) =
            answer.reply.hits.iter().partition(|hit| hit.unconfirmed.is_empty());
        let ids = |hits: &[&RecallHit]| {
            let mut ids: Vec<u64> = hits.iter().map(|hit| hit.item.0).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(
            (ids(&met).as_slice(), ids(&doubtful).as_slice()),
            (confirmed, unsaid),
            "{text}"
        );
        let first: Vec<u64> = answer.reply.hits.iter().map(|hit| hit.item.0).collect();
        assert!(confirmed.contains(&first[0]), "{text}: {first:?}");
        assert_eq!(answer.reply.free_of[0].n_results as usize, confirmed.len(), "{text}");
        assert_eq!(relaxed(&answer), [], "{text}");
    }
    let answer = ask_shop(&shop, &query("free range eggs", Filters::default())).unwrap();
    assert_eq!((answer.read.filters.len(), answer.reply.hits[0].item.0), (0, 9));
}

#[test]
fn what_must_be_absent_is_never_left_out_of_the_question() {
    let shop = titled(&["Peanut butter", "Peanut bars", "Red lamp"]);
    let answer = ask_shop(&shop, &query("peanut free butter under 2", Filters::default())).unwrap();
    assert_eq!((found(&answer), relaxed(&answer)), (vec![], vec![]));
    let free_of: Vec<&str> = answer
        .read
        .filters
        .iter()
        .flat_map(|read| &read.filters.free_of)
        .map(String::as_str)
        .collect();
    assert_eq!(free_of, ["peanut"], "still asked, so that the reply says so");
    let answer =
        ask_shop(&shop, &query("peanut free lamp under 2 not bolt", Filters::default())).unwrap();
    let expected = vec![(Constraint::ReadFilter, "not bolt"), (Constraint::ReadFilter, "under 2")];
    assert_eq!((found(&answer), relaxed(&answer)), (vec![2], expected));
    assert_eq!(answer.read.filters[0].filters.free_of, ["peanut"]);
    let filters = Filters { free_of: vec!["peanut".to_owned()], ..Filters::default() };
    let answer = ask_shop(&shop, &query("butter bars ", filters)).unwrap();
    assert_eq!(found(&answer), [] as [u64; 0]);
    let answer = ask_shop(&shop, &query("peanut free", Filters::default())).unwrap();
    assert_eq!(found(&answer), [2], "without words everything else is looked through");
}

/// Some forty words that nothing has, conditions that nothing meets, filters likewise.
fn hopeless(last_word: &str) -> Query {
    let words: Vec<String> = (0..40).map(|i| format!("zq{}xj", (b'a' + i % 26) as char)).collect();
    let text = format!("under $1 over $900 not bolt {} {last_word} ", words.join(" "));
    let filters = Filters {
        departments: vec!["None".to_owned()],
        categories: vec!["None".to_owned()],
        brands: vec!["None".to_owned()],
        price_minor_min: Some(4_000_000_000),
        available_only: true,
        ..Filters::default()
    };
    query(&text, filters)
}

#[test]
fn asking_for_less_takes_few_engine_calls_and_encodes_each_text_once() {
    let home = Filters { departments: vec!["Home".to_owned()], ..Filters::default() };
    let many = "wireless wired headphones speaker red blue television stand lamp under 5 ";
    let queries = [
        hopeless("lamp"),
        hopeless("zzqxjv"),
        query(many, home.clone()),
        query("wireless wired headphones lamp ", home),
        query("headphones under 5 not bolt", Filters::default()),
        query("lamp ", Filters::default()),
    ];
    for query in &queries {
        let (answer, n_calls, encoded) = ask_counting(query, Deadline::NONE);
        assert!(answer.is_ok(), "{query:?}");
        assert!(n_calls <= 4, "{n_calls} calls for {query:?}");
        let distinct: HashSet<&String> = encoded.iter().collect();
        assert_eq!(distinct.len(), encoded.len(), "{encoded:?}");
        assert!(encoded.len() <= 2, "{encoded:?}");
    }
    let (answer, ..) = ask_counting(&queries[0], Deadline::NONE);
    let answer = answer.unwrap();
    assert_eq!(found(&answer), [4, 5], "without filters and conditions the lamps are left");
}

#[test]
fn a_search_whose_deadline_has_passed_stops() {
    let late = Deadline::at(Instant::now());
    let (answer, n_calls, encoded) = ask_counting(&query("lamp ", Filters::default()), late);
    assert!(matches!(answer, Err(RecallError::Late)), "{answer:?}");
    assert_eq!((n_calls, encoded), (0, vec![]));
}
