//! What people want a product to be free of, and what says that it is in there.

use std::collections::BTreeSet;
use std::sync::OnceLock;

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

/// Words that say in one what they are free of.
const FREE_WORDS: &[(&str, &str)] = &[
    ("decaf", "caffeine"),
    ("decaffeinated", "caffeine"),
    ("nonalcoholic", "alcohol"),
    ("nondairy", "dairy"),
    ("nonfat", "fat"),
    ("unsalted", "salt"),
    ("unscented", "fragrance"),
    ("unsweetened", "added sugar"),
    ("unperfumed", "fragrance"),
    // Not that it is free of milk or eggs for whom traces of them are a danger.
    ("vegan", "animal product"),
    ("vegetarian", MEAT_OR_FISH),
];
/// Of these, words that titles share with what is meant: "decaf" finds what is called so, and
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

/// The word that something is free of, when one word says so: "unsalted", "seedless".
pub(crate) fn free_word(word: &str) -> Option<&str> {
    let special = FREE_WORDS.iter().find(|(free, _)| *free == word).map(|(_, name)| *name);
    let as_one = || written_as_one(word).map(|substance| substance.names[0]);
    special.or_else(as_one).or_else(|| {
        let stem = word.strip_suffix("less").filter(|_| !NOT_WITHOUT.contains(&word))?;
        (stem.chars().count() >= LESS_STEM_CHARS_MIN).then_some(stem)
    })
}

/// The substance that a word of a search says must be absent: "sugarless", "nondairy", "vegan".
pub(crate) fn asked_in_one(word: &str) -> Option<&'static Substance> {
    if TITLE_WORDS.contains(&word) {
        return None;
    }
    let is_word = |(free, _): &&(&str, &str)| *free == word;
    let special = FREE_WORDS.iter().find(is_word).map(|(_, name)| *name);
    let without = || word.strip_suffix("less").filter(|_| !NOT_WITHOUT.contains(&word));
    special.or_else(without).and_then(named).or_else(|| written_as_one(word))
}

/// The substance of "glutenfree", without a space or dash.
pub(crate) fn written_as_one(word: &str) -> Option<&'static Substance> {
    named(word.strip_suffix("free")?)
}

/// Whether a word names something else because of the one before: "coconut milk".
pub(crate) fn is_of_plants(word: &str, before: &str) -> bool {
    DAIRY.contains(&word) && NOT_DAIRY_AFTER.contains(&before)
}

/// The substance of a name.
pub(crate) fn named(name: &str) -> Option<&'static Substance> {
    SUBSTANCES
        .iter()
        .find(|substance| substance.names[0] == name)
        .or_else(|| SUBSTANCES.iter().find(|substance| substance.names.contains(&name)))
}

/// Everything that a substance is called.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    SUBSTANCES.iter().flat_map(|substance| substance.names.iter().copied())
}

/// Names and kinds of more than one word, which texts are searched for.
pub(crate) fn long_names() -> &'static BTreeSet<&'static str> {
    static LONG: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    LONG.get_or_init(|| {
        let all = SUBSTANCES.iter().flat_map(|s| s.names.iter().chain(s.kinds));
        all.copied().filter(|name| name.contains(' ') && *name != MEAT_OR_FISH).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrases::singular;

    #[test]
    fn names_are_as_texts_are_compared() {
        for substance in SUBSTANCES {
            for name in substance.names.iter().chain(substance.kinds) {
                for word in name.split(' ') {
                    assert_eq!(singular(&word.to_lowercase()), word, "{name}");
                }
            }
        }
        for (_, name) in FREE_WORDS {
            assert!(named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn one_word_may_say_what_is_missing() {
        assert_eq!(free_word("unsalted"), Some("salt"));
        assert_eq!(free_word("seedless"), Some("seed"));
        assert_eq!(free_word("glutenfree"), Some("gluten"));
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
