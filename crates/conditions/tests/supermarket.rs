//! How people ask a supermarket for what something must be free of or may cost, in words
//! alone, against titles that have the same words.

use vitrine_conditions::{Conditions, ReadConditions};
use vitrine_domain::Filters;

const TITLES: [(&str, &str); 14] = [
    ("Peanut butter cookies", "Acme"),
    ("Peanut free cookies", "Safe Bite"),
    ("Gluten free pasta", "Acme"),
    ("Wheat pasta", "Acme"),
    ("Lactose free milk", "Meadow"),
    ("Whole milk", "Meadow"),
    ("Dog food, chicken", "Rex"),
    ("Dog food, no corn", "Rex"),
    ("No sugar added apple sauce", "Acme"),
    ("Sugar free gum", "Chewy"),
    ("Free range eggs", "Meadow"),
    ("Salted butter", "Meadow"),
    ("Decaf coffee", "Bean"),
    ("No name cola", "No Name"),
];

fn read(text: &str, currency: &str) -> (String, Filters) {
    let ReadConditions { text, filters } = Conditions::new(TITLES.into_iter(), currency).read(text);
    let all = filters.iter().fold(Filters::default(), |all, read| all.and(&read.filters));
    (text, all)
}

#[test]
fn what_must_be_absent_is_read_in_all_its_words() {
    for (text, left, names) in [
        ("peanut free cookies", "cookies", &["peanut"][..]),
        ("peanut-free cookies", "cookies", &["peanut"]),
        ("cookies peanut free", "cookies", &["peanut"]),
        ("Peanuts free cookies", "cookies", &["peanut"]),
        ("cookies without peanuts", "cookies", &["peanut"]),
        ("cookies without any peanuts", "cookies", &["peanut"]),
        ("cookies with no peanuts", "cookies", &["peanut"]),
        ("cookies no peanut", "cookies", &["peanut"]),
        ("cookies but not peanut", "cookies", &["peanut"]),
        ("cookies -peanut", "cookies", &["peanut"]),
        ("non peanut cookies", "cookies", &["peanut"]),
        ("cookies free of peanuts", "cookies", &["peanut"]),
        ("cookies free from peanuts and tree nuts", "cookies", &["peanut", "tree nut"]),
        ("peanut and tree nut free cookies", "cookies", &["peanut", "tree nut"]),
        ("cookies peanut allergy", "cookies", &["peanut"]),
        ("nut allergies cookies", "cookies", &["nut"]),
        ("cookies allergic to nuts", "cookies", &["nut"]),
        ("penut free cookies", "cookies", &["peanut"]),
        ("pasta without gluten", "pasta", &["gluten"]),
        ("without gluten pasta", "pasta", &["gluten"]),
        ("gluten free pasta", "pasta", &["gluten"]),
        ("glutenfree pasta", "pasta", &["gluten"]),
        ("pasta w/o gluten", "pasta", &["gluten"]),
        ("lactose-free milk", "milk", &["lactose"]),
        ("milk lactose free", "milk", &["lactose"]),
        ("lactose intolerant milk", "milk", &["lactose"]),
        ("dairy free, egg free cake", "cake", &["dairy", "egg"]),
        ("no sugar gum", "gum", &["sugar"]),
        ("sugarless gum", "gum", &["sugar"]),
        ("eggless cake", "cake", &["egg"]),
        ("nondairy creamer", "creamer", &["dairy"]),
        ("vegan cookies", "cookies", &["animal product"]),
        ("vegetarian pasta", "pasta", &["meat or fish"]),
        ("unsalted butter", "butter", &["salt"]),
        ("zero sugar cola", "cola", &["sugar"]),
        ("apple sauce no sugar added", "apple sauce", &["added sugar"]),
        ("apple sauce without added sugar", "apple sauce", &["added sugar"]),
        ("non-alcoholic beer", "beer", &["alcohol"]),
        ("alcohol free beer", "beer", &["alcohol"]),
        ("caffeine free tea", "tea", &["caffeine"]),
        ("dog food no corn", "dog food", &["corn"]),
        ("shampoo without sulphates or parabens", "shampoo", &["sulfate", "paraben"]),
    ] {
        let (words, filters) = read(text, "USD");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words.trim_matches([' ', ',']), left, "{text}");
    }
}

#[test]
fn prices_are_read_with_what_else_is_asked() {
    for (text, currency, left, min, max, names) in [
        ("gluten free pasta under 5", "USD", "pasta", None, Some(499), &["gluten"][..]),
        ("pasta under 5 without gluten", "USD", "pasta", None, Some(499), &["gluten"]),
        ("dog food under 20", "USD", "dog food", None, Some(1_999), &[]),
        ("dog food no corn under $20", "USD", "dog food", None, Some(1_999), &["corn"]),
        ("cheese over 10 €", "EUR", "cheese", Some(1_001), None, &[]),
        ("cheese over 10€", "EUR", "cheese", Some(1_001), None, &[]),
        ("lactose-free cheese over 10 €", "EUR", "cheese", Some(1_001), None, &["lactose"]),
        ("wine between 5 and 10 euros", "EUR", "wine", Some(500), Some(1_000), &[]),
        ("coffee less than 7,50 €", "EUR", "coffee", None, Some(749), &[]),
        ("milk at most 2", "USD", "milk", None, Some(200), &[]),
        ("milk for less than 2 dollars", "USD", "milk", None, Some(199), &[]),
    ] {
        let (words, filters) = read(text, currency);
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (min, max), "{text}");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words, left, "{text}");
    }
}

#[test]
fn brands_are_left_out_and_other_words_stay() {
    let (words, filters) = read("milk not meadow", "USD");
    assert_eq!((words.as_str(), filters.brands_excluded), ("milk", vec!["Meadow".to_owned()]));
    for text in [
        "free range eggs",
        "no name cola",
        "salted butter",
        "decaf coffee",
        "wheat pasta",
        "allergy tablets",
        "buy one get one free",
        "\"peanut free\" cookies",
        "milk 2%",
        "cola 12 pack",
    ] {
        assert_eq!(read(text, "USD"), (text.to_owned(), Filters::default()), "{text}");
    }
}
