use proptest::prelude::*;
use vitrine_domain::ItemId;

use super::*;

const TITLES: [&str; 7] = [
    "Chocolate milk",
    "Chocolate milk, large",
    "Dark chocolate milk bar",
    "Milk chocolate chips",
    "Crème brûlée",
    "Ice cream",
    "Milk",
];

fn suggester() -> Suggester {
    let card = |(i, title): (usize, &&'static str)| SuggestCard {
        id: ItemId(i as u64),
        title,
        department: if i < 4 { "Sweets" } else { "Dairy and milk" },
        category: "Fine foods",
        n_buyers: 10 * (i as u32 + 1),
    };
    Suggester::new(TITLES.iter().enumerate().map(card))
}

fn found(text: &str, limit: usize) -> Vec<(SuggestionKind, String)> {
    let found = suggester().suggest(text, limit);
    found.into_iter().map(|suggestion| (suggestion.kind, suggestion.text)).collect()
}

#[test]
fn queries_come_first_then_categories_and_products() {
    use SuggestionKind::{Department, Product, Query};
    let names: Vec<_> = found("mil", 8);
    assert_eq!(names[0], (Query, "milk".to_owned()));
    assert!(names.contains(&(Department, "Dairy and milk".to_owned())), "{names:?}");
    assert!(names.contains(&(Product, "Milk chocolate chips".to_owned())), "{names:?}");
    assert!(names.is_sorted_by_key(|(kind, _)| *kind));
    let texts: std::collections::BTreeSet<_> = names.iter().map(|n| folded(&n.1)).collect();
    assert_eq!(texts.len(), names.len(), "no text twice");
}

#[test]
fn every_word_counts_and_the_last_is_unfinished() {
    let texts = |text: &str| found(text, 8).into_iter().map(|f| f.1).collect::<Vec<_>>();
    assert_eq!(texts("dark choc"), ["Dark chocolate milk bar"]);
    assert_eq!(texts("choc dark"), ["Dark chocolate milk bar"]);
    assert_eq!(texts("BRÛ"), ["Crème brûlée"]);
    assert_eq!(texts("fine"), ["Fine foods"]);
    for text in ["", " ", "zzqx", "milk zzqx", "\u{202e}🍕", &"x".repeat(10_000)] {
        assert_eq!(texts(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn of_many_the_most_bought_are_looked_at() {
    let titles: Vec<String> = (0..3 * LOOKED_AT_MAX).map(|i| format!("Tea {i:05}")).collect();
    let card = |(i, title): (usize, &String)| (ItemId(i as u64), title.clone(), i as u32);
    let cards: Vec<_> = titles.iter().enumerate().map(card).collect();
    let suggester = Suggester::new(cards.iter().map(|(id, title, n_buyers)| SuggestCard {
        id: *id,
        title,
        department: "",
        category: "",
        n_buyers: *n_buyers,
    }));
    let found = suggester.suggest("t", 3);
    let texts: Vec<&str> = found.iter().map(|suggestion| suggestion.text.as_str()).collect();
    assert_eq!(texts, ["tea", "Tea 05999", "Tea 05998"]);
    assert_eq!(suggester.suggest("tea 00001", 3)[0].text, "Tea 00001");
}

#[test]
fn lists_are_as_short_as_asked_for() {
    for limit in 0..30 {
        assert!(found("m", limit).len() <= limit.min(SUGGESTIONS_MAX));
    }
    assert_eq!(found("c", 3).len(), 3);
}

proptest! {
    #[test]
    fn what_is_suggested_has_all_words(text in "[a-emilkcho ]{0,12}") {
        for suggestion in suggester().suggest(&text, 20) {
            let has = folded(&suggestion.text);
            for word in folded(&text).split(' ') {
                let spellings = suggester().spellings(word);
                let begins = |other: &str| spellings.iter().any(|of| other.starts_with(of.as_str()));
                prop_assert!(has.split(' ').any(begins), "{word}: {spellings:?}, {has}");
            }
        }
    }
}

#[test]
fn a_misspelt_word_is_completed_after_what_is_spelt_as_typed() {
    let titles = [
        "Chocolate milk",
        "Dark chocolate",
        "Chocolate chips",
        "Greek yogurt",
        "Plain yogurt",
        "Yogurt drink",
        "Choclate bar, as its maker spells it",
        "Darjeeling tea",
        "Ice cream",
    ];
    let card = |(i, title): (usize, &&'static str)| SuggestCard {
        id: ItemId(i as u64),
        title,
        department: "",
        category: "",
        n_buyers: 9,
    };
    let suggester = Suggester::new(titles.iter().enumerate().map(card));
    let texts = |text: &str| -> Vec<String> {
        suggester.suggest(text, 4).into_iter().map(|found| found.text).collect()
    };
    for (text, first) in [
        ("yoghrt", "yogurt"),
        ("yogrut", "yogurt"),
        ("yogirt", "yogurt"),
        ("chocolatee", "chocolate"),
        ("chocalate ", "chocolate"),
        ("greek yoghrt", "Greek yogurt"),
        ("yogrt drink", "Yogurt drink"),
    ] {
        assert_eq!(texts(text).first().map(String::as_str), Some(first), "{text}");
    }
    let both = texts("choclate");
    assert_eq!(both[..2], ["Choclate bar, as its maker spells it", "chocolate"]);
    assert!(texts("yogurt").iter().all(|text| folded(text).contains("yogurt")));
    // Three letters may begin anything, two edits are another word, and so is another first letter.
    for text in ["yxg", "ygrt", "xogurt", "zzqx"] {
        assert_eq!(texts(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_suggestion_is_the_search_of_what_it_counts() {
    let suggester = suggester();
    let query = |text: &str, kind| {
        let found = suggester.suggest(text, 8).into_iter().find(|found| found.kind == kind);
        found.map(|found| found.query())
    };
    let category = query("fine", SuggestionKind::Category).flatten().expect("a search");
    assert_eq!(
        (category.text.as_str(), category.filters.categories),
        ("", vec!["Fine foods".into()])
    );
    let department = query("dair", SuggestionKind::Department).flatten().expect("a search");
    assert_eq!(department.filters.departments, ["Dairy and milk"]);
    let words = query("mil", SuggestionKind::Query).flatten().expect("a search");
    assert_eq!((words.text.as_str(), words.filters), ("milk", Default::default()));
    assert_eq!(query("ice", SuggestionKind::Product), Some(None), "a product has its page");
}

#[test]
fn words_do_not_hide_the_category_of_their_name() {
    let titles = ["Oat cookies", "Plain cookies", "Lemon cookies"];
    let card = |(i, title): (usize, &&'static str)| SuggestCard {
        id: ItemId(i as u64),
        title,
        department: "Cookies",
        category: "Cookies",
        n_buyers: 1,
    };
    let found = Suggester::new(titles.iter().enumerate().map(card)).suggest("cook", 3);
    let kinds: Vec<SuggestionKind> = found.iter().map(|found| found.kind).collect();
    assert_eq!(kinds[..2], [SuggestionKind::Query, SuggestionKind::Category]);
    assert_ne!(kinds[2], SuggestionKind::Department, "one filter of a name is enough");
}

#[test]
fn words_are_completed_inside_of_texts_without_spaces() {
    let titles = ["苹果手机壳 防摔", "苹果iPhone15手机", "红富士苹果", "特级龙井绿茶", "茉莉花茶"];
    let cards = (1..).zip(titles).map(|(id, title)| SuggestCard {
        id: ItemId(id),
        title,
        department: "",
        category: "数码配件",
        n_buyers: 100 - id as u32,
    });
    let suggester = Suggester::new(cards);
    let found = |text: &str| -> Vec<String> {
        suggester.suggest(text, 8).into_iter().map(|suggestion| suggestion.text).collect()
    };
    assert_eq!(found("手机壳"), ["苹果手机壳 防摔"]);
    assert_eq!(found("龙"), ["特级龙井绿茶"]);
    assert_eq!(found("茶"), ["茉莉花茶", "特级龙井绿茶"]);
    assert_eq!(found("手机 苹果"), ["苹果手机壳 防摔", "苹果iPhone15手机"]);
    assert_eq!(found("ｉｐｈｏｎｅ"), ["苹果iPhone15手机"]);
    assert_eq!(found("iphone15手"), ["苹果iPhone15手机"]);
    assert_eq!(found("配件"), ["数码配件"]);
    assert_eq!(found("手鸡壳"), [] as [&str; 0]);
    for text in ["🍵", "苹", "的", "\u{3000}", "カ"] {
        found(text);
    }
}
