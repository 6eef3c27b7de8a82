//! What is left out where nothing is found, and that the reply says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use vitrine_domain::{CategoryChance, Constraint, Filters, Item, ItemId, Query, Variant};
use vitrine_recall::{
    Answer, EmbeddedRecall, Language, RecallError, Synonyms, TEXT_DIM, Understanding,
    search_relaxed,
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

fn ask(query: &Query) -> Result<Answer, RecallError> {
    let items = items();
    let understanding = Understanding::new(&items, "USD", Synonyms::with(None).unwrap());
    let n = items.len();
    let engine = EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n]).unwrap();
    pollster::block_on(search_relaxed(&engine, &understanding, &Plain, query))
}

/// Texts mean nothing; one word is known to be spelt right.
struct Plain;

impl Language for Plain {
    type Error = RecallError;

    fn encode(&self, _: &str) -> Result<Vec<f32>, RecallError> {
        Ok(vec![0.0; TEXT_DIM])
    }

    fn categories(&self, _: &[f32]) -> Vec<CategoryChance> {
        vec![CategoryChance { category: "Lamps".to_owned(), chance: 0.9 }]
    }

    fn is_word(&self, word: &str) -> bool {
        word == "clamp"
    }
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
