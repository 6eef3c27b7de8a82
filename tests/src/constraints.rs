//! Searches for what is free of something, on a real supermarket's titles: what says the
//! contrary is not shown, what says nothing is marked, and what was understood is said.

use anyhow::{Context, Result, ensure};
use vitrine_wire::{SearchReply, decode_search_reply};

use crate::Server;

/// A search, what its results must be free of, and words of titles that betray it.
type Case = (&'static str, &'static str, &'static [&'static str]);

const NUTS: &[&str] =
    &["nut", "peanut", "almond", "cashew", "pecan", "walnut", "pistachio", "hazelnut", "macadamia"];
const DAIRY: &[&str] = &["milk", "cheese", "butter", "yogurt"];
const GLUTEN: &[&str] = &["wheat", "rye", "barley"];
const SUGAR: &[&str] = &["sugar", "sweetened"];
const ANIMALS: &[&str] = &[
    "milk", "cheese", "butter", "yogurt", "egg", "honey", "meat", "beef", "pork", "ham", "bacon",
    "chicken", "turkey", "lamb", "fish", "tuna", "salmon", "shrimp", "crab", "gelatin",
];
const MEAT: &[&str] = &["meat", "beef", "pork", "ham", "bacon", "chicken", "turkey", "lamb"];

/// How people ask for it. A word that does not betray it in this shop is not here.
const CASES: &[Case] = &[
    ("peanut free cookies", "peanut", &["peanut"]),
    ("cookies without peanuts", "peanut", &["peanut"]),
    ("peanut-free snacks", "peanut", &["peanut"]),
    ("snacks peanut allergy", "peanut", &["peanut"]),
    ("candy no peanuts", "peanut", &["peanut"]),
    ("penut free cookies", "peanut", &["peanut"]),
    ("nut free cookies", "nut", NUTS),
    ("nut free snacks", "nut", NUTS),
    ("cereal without nuts", "nut", NUTS),
    ("chocolate -nuts", "nut", NUTS),
    ("gluten free bread", "gluten", GLUTEN),
    ("bread without gluten", "gluten", GLUTEN),
    ("without gluten crackers", "gluten", GLUTEN),
    ("glutenfree bread", "gluten", GLUTEN),
    ("wheat free bread", "wheat", &["wheat"]),
    ("bread not wheat", "wheat", &["wheat"]),
    ("lactose free milk", "lactose", &["lactose"]),
    ("lactose-free cheese", "lactose", &["lactose"]),
    ("milk w/o lactose", "lactose", &["lactose"]),
    ("non-dairy creamer", "dairy", DAIRY),
    ("nondairy creamer", "dairy", DAIRY),
    ("dairy free dessert", "dairy", DAIRY),
    ("milk free chocolate", "milk", &["milk"]),
    ("free of eggs noodles", "egg", &["egg"]),
    ("noodles free of eggs", "egg", &["egg"]),
    ("egg free pasta", "egg", &["egg"]),
    ("eggless noodles", "egg", &["egg"]),
    ("no sugar gum", "sugar", SUGAR),
    ("sugar free candy", "sugar", SUGAR),
    ("sugarless gum", "sugar", SUGAR),
    ("zero sugar drinks", "sugar", SUGAR),
    ("jelly without sugar", "sugar", SUGAR),
    ("juice no sugar added", "added sugar", &["sweetened"]),
    ("vegan snacks", "animal product", ANIMALS),
    ("vegan dinner", "animal product", ANIMALS),
    ("vegetarian dinner", "meat or fish", &ANIMALS_WITHOUT_DAIRY),
    ("meatless dinner", "meat", MEAT),
    ("meat free pizza", "meat", MEAT),
    ("pork free sausage", "pork", &["pork", "ham", "bacon"]),
    ("soup no chicken", "chicken", &["chicken"]),
    ("soy free sauce", "soy", &["soy", "tofu"]),
    ("shellfish free dinner", "shellfish", &["shrimp", "crab", "lobster"]),
    ("fish free dinner", "fish", &["fish", "tuna", "salmon"]),
    ("caffeine free coffee", "caffeine", &["caffeinated"]),
    ("alcohol free beer", "alcohol", &["alcoholic"]),
    ("fat free milk", "fat", &["fat"]),
    ("nonfat yogurt", "fat", &["fat"]),
    ("salt free crackers", "salt", &["salt", "salted"]),
    ("fragrance free detergent", "fragrance", &["scented", "fragrance"]),
    ("corn syrup free syrup", "corn syrup", &["corn syrup"]),
    ("baby food without corn", "corn", &["corn"]),
];

const ANIMALS_WITHOUT_DAIRY: [&str; 13] = [
    "meat", "beef", "pork", "ham", "bacon", "chicken", "turkey", "lamb", "fish", "tuna", "salmon",
    "shrimp", "crab",
];

/// What the searches came to.
#[derive(Debug, Default)]
pub struct ConstraintCounts {
    /// Searches.
    pub n_searches: usize,
    /// Results that say that they meet the condition.
    pub n_met: usize,
    /// Results that do not say it, and are marked.
    pub n_unsaid: usize,
    /// Searches that found nothing that may be shown.
    pub n_empty: usize,
}

/// Asks a server for all of them.
///
/// # Errors
/// The searches that went wrong, each with why.
pub fn check_constraints(server: &Server) -> Result<ConstraintCounts> {
    let mut counts = ConstraintCounts::default();
    let mut wrong = Vec::new();
    for case in CASES {
        counts.n_searches += 1;
        if let Err(error) = check(server, case, &mut counts) {
            wrong.push(format!("{}: {error:#}", case.0));
        }
    }
    ensure!(wrong.is_empty(), "{} searches:\n{}", wrong.len(), wrong.join("\n"));
    Ok(counts)
}

fn check(server: &Server, case: &Case, counts: &mut ConstraintCounts) -> Result<()> {
    let (text, name, _) = case;
    let reply = search(server, text)?;
    let read = reply.filters_read.iter().flat_map(|read| &read.filters.free_of);
    ensure!(read.clone().any(|read| read == name), "read {:?}", read.collect::<Vec<_>>());
    let said = reply.free_of.iter().find(|count| count.name == *name);
    let said = said.context("how far it is met is not said")?;
    let mut n_met = 0;
    let mut was_unsaid = false;
    for hit in &reply.hits {
        let is_unsaid = hit.unconfirmed.iter().any(|of| of == name);
        check_texts(case, &hit.title, &hit.category, is_unsaid)?;
        ensure!(is_unsaid || !was_unsaid, "{:?} says so and comes later", hit.title);
        was_unsaid |= is_unsaid;
        n_met += usize::from(!is_unsaid);
        counts.n_unsaid += usize::from(is_unsaid);
    }
    ensure!(
        n_met <= said.n_results as usize,
        "{n_met} results say so, the reply counts {}",
        said.n_results
    );
    counts.n_met += n_met;
    counts.n_empty += usize::from(reply.hits.is_empty());
    Ok(())
}

/// A product may have a word that betrays it in its title where it says that it is free of that.
fn check_texts(
    (_, name, betray): &Case,
    title: &str,
    category: &str,
    is_unsaid: bool,
) -> Result<()> {
    let texts = [words(title), words(category)];
    for word in betray.iter().filter(|word| has_phrase(&texts[0], &words(word))) {
        ensure!(!is_unsaid, "{title:?} is shown as if it did not say");
        let is_claimed = texts.iter().any(|text| is_claimed(text, name, word));
        ensure!(is_claimed, "{title:?} says the contrary: {word}");
    }
    Ok(())
}

/// Words before what a text says to be absent.
const BEFORE: &[&str] = &["no", "non", "without", "zero", "0", "free of", "free from"];

/// Single words that say of all of something that it is absent.
const IN_ONE_WORD: &[(&str, &str)] = &[
    ("vegan", "animal product"),
    ("vegan", "meat or fish"),
    ("vegetarian", "meat or fish"),
    ("decaf", "caffeine"),
    ("unsweetened", "added sugar"),
];

/// Whether a text says that what was asked for, or the word that betrays it, is absent:
/// "peanut-free", "no peanuts", "nonfat", "meatless".
fn is_claimed(text: &[String], name: &str, word: &str) -> bool {
    let has = |claim: &str| has_phrase(text, &words(claim));
    let absent = |of: &str| {
        let before = BEFORE.iter().map(|before| format!("{before} {of}"));
        let others =
            ["{of} free", "{of}free", "{of}less", "non{of}"].map(|form| form.replace("{of}", of));
        before.chain(others).any(|claim| has(&claim))
    };
    let in_one = IN_ONE_WORD.iter().any(|(one, of)| *of == name && has(one));
    in_one || absent(name) || absent(word)
}

/// The words of a text in lower case; signs and dashes part them.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether a text has these words one after the other, each in singular or plural.
fn has_phrase(text: &[String], phrase: &[String]) -> bool {
    let same = |(of, word): (&String, &String)| of == word || of.strip_suffix('s') == Some(word);
    text.windows(phrase.len()).any(|of| of.iter().zip(phrase).all(same))
}

fn search(server: &Server, text: &str) -> Result<SearchReply> {
    let query = serde_json::json!({ "text": text, "page": { "offset": 0, "limit": 60 } });
    let mut answer = ureq::post(format!("{}/v1/search", server.base))
        .content_type("application/json")
        .send(query.to_string())?;
    Ok(decode_search_reply(&answer.body_mut().read_to_vec()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(case: &Case, title: &str) -> Result<()> {
        check_texts(case, title, "Groceries", false)
    }

    #[test]
    fn a_product_that_says_the_contrary_is_found_out() {
        let peanut: Case = ("peanut free cookies", "peanut", &["peanut"]);
        let pork: Case = ("pork free sausage", "pork", &["pork", "ham", "bacon"]);
        let contrary = [
            (&peanut, "Seedless grapes in peanut butter"),
            (&peanut, "Peanut cookies, gluten free"),
            (&peanut, "Free range egg and peanut noodles"),
            (&peanut, "Unsalted peanuts"),
            (&pork, "Ham - boneless"),
            (&pork, "Pork sausage, vegan"),
        ];
        for (case, title) in contrary {
            assert!(check_texts(case, title, "Groceries", true).is_err(), "{title}");
            let error = check_of(case, title).expect_err(title);
            assert!(error.to_string().contains("says the contrary"), "{title}: {error}");
        }
    }

    #[test]
    fn claims_are_read_with_spaces_dashes_or_neither() {
        let peanut: Case = ("peanut free cookies", "peanut", &["peanut"]);
        for title in ["Peanut-free cookies", "Cookies (no peanuts)", "PEANUT FREE COOKIES"] {
            check_of(&peanut, title).expect(title);
        }
        let dairy: Case = ("non-dairy creamer", "dairy", DAIRY);
        check_of(&dairy, "Non-dairy cheese").expect("the name stands for its kinds");
        let fish: Case = ("vegetarian dinner", "meat or fish", &ANIMALS_WITHOUT_DAIRY);
        check_of(&fish, "Frozen meat (vegetarian)").expect("one word may say it");
        let fat: Case = ("fat free milk", "fat", &["fat"]);
        check_of(&fat, "Non fat dry milk").expect("the word after \"non\"");
        check_texts(&peanut, "Peanut cookies", "Peanut free", false).expect("a category says it");
    }
}
