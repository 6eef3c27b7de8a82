//! What people want a product to be free of, and what says that it is in there.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::OnceLock;

use vitrine_domain::script::is_unspaced;

use crate::languages::{LANGUAGES, Phrases, n_taken};
use crate::phrases::{Gap, Word, phrase_at, singular};

/// A substance by its names, all in singular and lower case.
pub(crate) struct Substance {
    /// What it is called; the first is how it is shown.
    pub names: &'static [&'static str],
    /// What it is in, or what is a kind of it.
    pub kinds: &'static [&'static str],
}

const fn substance(names: &'static [&'static str], kinds: &'static [&'static str]) -> Substance {
    Substance { names, kinds }
}

/// Nuts that grow on trees.
const TREE_NUTS: &[&str] =
    &["almond", "cashew", "hazelnut", "macadamia", "pecan", "pistachio", "walnut"];
const NUTS: &[&str] = &[
    "almond",
    "cashew",
    "hazelnut",
    "macadamia",
    "pecan",
    "pistachio",
    "walnut",
    "peanut",
    "tree nut",
    "groundnut",
];

/// What is not vegan; what is not vegetarian comes first.
const ANIMAL_PRODUCTS: &[&str] = &[
    "meat",
    "beef",
    "pork",
    "ham",
    "bacon",
    "chicken",
    "turkey",
    "lamb",
    "veal",
    "sausage",
    "salami",
    "fish",
    "anchovy",
    "anchovie",
    "cod",
    "salmon",
    "tuna",
    "shellfish",
    "crab",
    "lobster",
    "prawn",
    "shrimp",
    "gelatin",
    "gelatine",
    "egg",
    "honey",
    "milk",
    "cheese",
    "butter",
    "cream",
    "yogurt",
    "yoghurt",
    "whey",
    "casein",
    "lactose",
];
const N_MEAT_OR_FISH: usize = 24;
/// What vegetarians do not eat. No text says it in these words: it is what "vegetarian" means.
const MEAT_OR_FISH: &str = "meat or fish";

/// Allergens first. A word that is not here can be asked for, too; here are those that
/// have several names, that other words give away, or that are never meant otherwise.
pub(crate) const SUBSTANCES: &[Substance] = &[
    substance(&["peanut", "groundnut"], &[]),
    substance(&["nut"], NUTS),
    substance(&["tree nut"], TREE_NUTS),
    substance(&["almond"], &[]),
    substance(&["cashew"], &[]),
    substance(&["hazelnut"], &[]),
    substance(&["walnut"], &[]),
    substance(&["gluten"], &["wheat", "barley", "rye", "spelt", "durum", "semolina"]),
    substance(&["wheat"], &["durum", "semolina", "spelt"]),
    substance(&["lactose"], &[]),
    substance(
        &["dairy"],
        &["milk", "cheese", "butter", "cream", "yogurt", "yoghurt", "whey", "casein", "lactose"],
    ),
    substance(&["milk"], &["whey", "casein"]),
    substance(&["casein"], &[]),
    substance(&["whey"], &[]),
    substance(&["egg"], &[]),
    substance(&["soy", "soya"], &["soybean", "tofu", "edamame"]),
    substance(&["fish"], &["anchovy", "anchovie", "cod", "salmon", "tuna"]),
    substance(&["shellfish"], &["crab", "lobster", "prawn", "shrimp"]),
    substance(&["sesame"], &["tahini"]),
    substance(&["mustard"], &[]),
    substance(&["celery"], &[]),
    substance(&["lupin"], &[]),
    substance(&["sulfite", "sulphite"], &[]),
    substance(&["corn", "maize"], &["corn syrup", "high fructose corn syrup"]),
    substance(&["corn syrup"], &["high fructose corn syrup"]),
    substance(&["high fructose corn syrup"], &[]),
    substance(&["yeast"], &[]),
    substance(&["meat"], &["beef", "pork", "ham", "bacon", "chicken", "turkey", "lamb"]),
    substance(&["animal product", "animal ingredient"], ANIMAL_PRODUCTS),
    substance(&[MEAT_OR_FISH], ANIMAL_PRODUCTS.split_at(N_MEAT_OR_FISH).0),
    substance(&["beef"], &[]),
    substance(&["pork"], &["ham", "bacon"]),
    substance(&["gelatin", "gelatine"], &[]),
    substance(&["honey"], &[]),
    substance(&["sugar"], &["sweetened", "sugared"]),
    substance(&["added sugar", "sugar"], &["sweetened", "sugared"]),
    substance(&["sweetener", "artificial sweetener"], &["aspartame", "sucralose", "saccharin"]),
    substance(&["aspartame"], &[]),
    substance(&["salt", "salted"], &[]),
    substance(&["sodium"], &[]),
    substance(&["fat"], &[]),
    substance(&["trans fat"], &[]),
    substance(&["cholesterol"], &[]),
    substance(&["carb", "carbohydrate"], &[]),
    substance(&["caffeine", "caffeinated"], &[]),
    substance(&["alcohol", "alcoholic"], &[]),
    substance(&["palm oil"], &[]),
    substance(&["msg"], &["monosodium glutamate"]),
    substance(&["gmo"], &[]),
    substance(&["preservative"], &[]),
    substance(&["additive"], &[]),
    substance(&["dye", "artificial color", "artificial colour"], &[]),
    substance(&["artificial flavor", "artificial flavour"], &[]),
    substance(&["fragrance", "scent", "perfume", "scented", "perfumed"], &[]),
    substance(&["paraben"], &[]),
    substance(&["sulfate", "sulphate"], &[]),
    substance(&["phthalate"], &[]),
    substance(&["phosphate"], &[]),
    substance(&["silicone"], &[]),
    substance(&["aluminum", "aluminium"], &[]),
    substance(&["fluoride"], &[]),
    substance(&["ammonia"], &[]),
    substance(&["bleach"], &[]),
    substance(&["chlorine"], &[]),
    substance(&["latex"], &[]),
    substance(&["bpa"], &[]),
    substance(&["nickel"], &[]),
    substance(&["lead"], &[]),
];

/// Words that say in one what they are free of and that titles share with what is meant: "decaf" finds what is called so, and
/// nothing else has to be asked.
const TITLE_WORDS: &[&str] = &["decaf", "decaffeinated"];
/// Words that end in "less" and do not say what something is without.
const NOT_WITHOUT: &[&str] =
    &["unless", "bless", "stainless", "priceless", "endless", "regardless"];
/// Shortest word before "less".
const LESS_STEM_CHARS_MIN: usize = 3;

/// Milk, cream and butter of plants, or for the skin, are not dairy.
const DAIRY: &[&str] = &["milk", "cheese", "butter", "cream", "yogurt", "yoghurt"];
const NOT_DAIRY_AFTER: &[&str] = &[
    "almond",
    "apple",
    "body",
    "cashew",
    "cleansing",
    "cocoa",
    "coconut",
    "cold",
    "day",
    "face",
    "foot",
    "hand",
    "hemp",
    "night",
    "nut",
    "oat",
    "pea",
    "peanut",
    "plant",
    "rice",
    "shaving",
    "shea",
    "soy",
    "vegan",
];

/// The word that something is free of, when one word, or a few characters, say so: "unsalted",
/// "seedless"; with the number of words.
pub(crate) fn free_at<'w>(words: &'w [Word<'_>], at: usize) -> Option<(&'w str, usize)> {
    let word = words.get(at)?.text;
    let as_one = || written_as_one(word).map(|substance| (substance.names[0], 1));
    free_words_at(words, at).or_else(as_one).or_else(|| {
        let stem = without(word)?;
        (stem.chars().count() >= LESS_STEM_CHARS_MIN).then_some((stem, 1))
    })
}

/// The substance that a word of a search says must be absent: "sugarless", "nondairy", "vegan";
/// with the number of words.
pub(crate) fn asked_at(words: &[Word<'_>], at: usize) -> Option<(&'static Substance, usize)> {
    let word = words.get(at)?.text;
    if TITLE_WORDS.contains(&word) {
        return None;
    }
    let one = |name: &str| Some((named(name)?, 1));
    let special = free_words_at(words, at).and_then(|(name, n)| Some((named(name)?, n)));
    special.or_else(|| one(without(word)?)).or_else(|| Some((written_as_one(word)?, 1)))
}

/// What the longest of the words that say it in one are free of.
fn free_words_at(words: &[Word<'_>], at: usize) -> Option<(&'static str, usize)> {
    // As written: "sugarless" is no plural.
    let word = |n: usize| {
        let word = words.get(at + n)?;
        (n == 0 || word.gap == Gap::Joined).then_some(word.text)
    };
    let all = LANGUAGES.into_iter().flat_map(|language| language.free_words);
    let found = all.filter_map(|(free, name)| Some((*name, n_taken(free, &word)?)));
    found.max_by_key(|(_, n_words)| *n_words)
}

/// What stands before "less".
fn without(word: &str) -> Option<&str> {
    word.strip_suffix("less").filter(|_| !NOT_WITHOUT.contains(&word))
}

/// The substance of "glutenfree", without a space or dash.
pub(crate) fn written_as_one(word: &str) -> Option<&'static Substance> {
    let endings = LANGUAGES.into_iter().flat_map(|language| language.free_endings);
    endings.into_iter().find_map(|ending| named(word.strip_suffix(ending)?))
}

/// Whether a word names something else because of the one before: "coconut milk".
pub(crate) fn is_of_plants(word: &str, before: &str) -> bool {
    DAIRY.contains(&word) && NOT_DAIRY_AFTER.contains(&before)
}

/// The substance of a name, in any language.
pub(crate) fn named(name: &str) -> Option<&'static Substance> {
    let by = |is_called: &dyn Fn(&Substance) -> bool| SUBSTANCES.iter().find(|of| is_called(of));
    let of_others = || translations().find(|(_, names, _)| names.contains(&name));
    by(&|substance| substance.names[0] == name)
        .or_else(|| by(&|substance| substance.names.contains(&name)))
        .or_else(|| of_others().and_then(|(first, ..)| by(&|of| of.names[0] == *first)))
}

/// What substances are called beside the names of [`SUBSTANCES`]: the first of these, further
/// names, and what it is in.
pub(crate) fn translations() -> impl Iterator<Item = &'static (&'static str, Phrases, Phrases)> {
    LANGUAGES.into_iter().flat_map(|language| language.substances)
}

/// What a substance is called or in: its own, and those of its translations.
pub(crate) fn in_all_languages(
    substance: &'static Substance,
    own: fn(&Substance) -> Phrases,
    of_other: fn(&'static (&'static str, Phrases, Phrases)) -> &'static Phrases,
) -> impl Iterator<Item = &'static str> {
    let others = translations().filter(|(first, ..)| *first == substance.names[0]);
    own(substance).iter().chain(others.flat_map(move |other| of_other(other).iter())).copied()
}

/// Everything that a substance is called.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    english_names().chain(translations().flat_map(|(_, names, _)| names.iter().copied()))
}

/// The names of [`SUBSTANCES`].
pub(crate) fn english_names() -> impl Iterator<Item = &'static str> {
    SUBSTANCES.iter().flat_map(|substance| substance.names.iter().copied())
}

/// The longest name or kind of more than one word, for which texts are searched, that begins at
/// a word, with its number of words.
pub(crate) fn long_name_at(words: &[Word<'_>], at: usize) -> Option<(&'static str, usize)> {
    static LONG: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    let long = LONG.get_or_init(|| {
        let own = SUBSTANCES.iter().flat_map(|s| s.names.iter().chain(s.kinds));
        let others = translations().flat_map(|(_, names, kinds)| names.iter().chain(*kinds));
        let is_long = |name: &&str| name.contains(' ') || name.starts_with(is_unspaced);
        own.chain(others).copied().filter(is_long).filter(|name| *name != MEAT_OR_FISH).collect()
    });
    let first = singular(words.get(at)?.text);
    let from_first = (Bound::Included(first), Bound::Unbounded);
    let beginning = long.range::<str, _>(from_first).take_while(|name| name.starts_with(first));
    phrase_at(words, at, beginning.copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrases::words;
    use crate::tokens::tokens;

    fn with_word<T>(word: &str, of: impl Fn(&[Word<'_>]) -> T) -> T {
        let tokens = tokens(word);
        of(&words(word, &tokens))
    }

    fn free_word(word: &str) -> Option<String> {
        with_word(word, |words| free_at(words, 0).map(|(name, _)| name.to_owned()))
    }

    fn asked_in_one(word: &str) -> Option<&'static Substance> {
        with_word(word, |words| asked_at(words, 0).map(|(substance, _)| substance))
    }

    #[test]
    fn names_are_as_texts_are_compared() {
        let own = SUBSTANCES.iter().map(|substance| (substance.names, substance.kinds));
        let others = translations().map(|(_, names, kinds)| (*names, *kinds));
        for (names, kinds) in own.chain(others) {
            for name in names.iter().chain(kinds) {
                for word in name.split(' ') {
                    assert_eq!(singular(&word.to_lowercase()), word, "{name}");
                }
            }
        }
        let firsts = translations().map(|(first, ..)| first);
        let free_words = LANGUAGES.into_iter().flat_map(|language| language.free_words);
        for name in firsts.chain(free_words.map(|(_, name)| name)) {
            assert_eq!(named(name).map(|of| of.names[0]), Some(*name), "{name}");
        }
    }

    #[test]
    fn one_word_may_say_what_is_missing() {
        assert_eq!(free_word("unsalted"), Some("salt".to_owned()));
        assert_eq!(free_word("seedless"), Some("seed".to_owned()));
        assert_eq!(free_word("glutenfree"), Some("gluten".to_owned()));
        assert_eq!(free_word("carefree"), None);
        assert_eq!(free_word("unless"), None);
        assert_eq!(free_word("salt"), None);
    }

    #[test]
    fn what_vegetarians_and_vegans_leave_out_is_told_apart() {
        let has = |name: &str, kind: &str| {
            named(name).is_some_and(|substance| substance.kinds.contains(&kind))
        };
        assert!(has("animal product", "milk") && has("animal product", "gelatine"));
        assert!(has(MEAT_OR_FISH, "gelatine") && !has(MEAT_OR_FISH, "egg"));
        assert_eq!(asked_in_one("vegan").map(|of| of.names[0]), Some("animal product"));
        assert_eq!(asked_in_one("sugarless").map(|of| of.names[0]), Some("sugar"));
        for word in ["decaf", "seedless", "boneless", "unless", "carefree", "leadership"] {
            assert!(asked_in_one(word).is_none(), "{word}");
        }
    }

    #[test]
    fn a_name_leads_to_its_substance() {
        let first = |name: &str| named(name).map(|substance| substance.names[0]);
        assert_eq!(first("scent"), Some("fragrance"));
        assert_eq!(first("sugar"), Some("sugar"));
        assert_eq!(first("added sugar"), Some("added sugar"));
        assert_eq!(first("granite"), None);
    }
}
