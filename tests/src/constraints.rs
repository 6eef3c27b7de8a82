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

fn check(
    server: &Server,
    (text, name, betray): &Case,
    counts: &mut ConstraintCounts,
) -> Result<()> {
    let reply = search(server, text)?;
    let read = reply.filters_read.iter().flat_map(|read| &read.filters.free_of);
    ensure!(read.clone().any(|read| read == name), "read {:?}", read.collect::<Vec<_>>());
    let said = reply.free_of.iter().find(|count| count.name == *name);
    let said = said.context("how far it is met is not said")?;
    let mut n_met = 0;
    let mut was_unsaid = false;
    for hit in &reply.hits {
        let title = hit.title.to_lowercase();
        let is_unsaid = hit.unconfirmed.iter().any(|of| of == name);
        let is_betrayed = betray.iter().any(|word| has_word(&title, word));
        ensure!(!(is_unsaid && is_betrayed), "{:?} is shown as if it did not say", hit.title);
        let is_claimed = ["free", "no ", "non", "without", "less", "vegan", "vegetarian", "un"];
        let is_claimed = is_claimed.iter().any(|claim| title.contains(claim));
        ensure!(!is_betrayed || is_claimed, "{:?} says the contrary", hit.title);
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

/// Whether a title has a word, in singular or plural.
fn has_word(title: &str, word: &str) -> bool {
    if word.contains(' ') {
        return title.contains(word);
    }
    title
        .split(|c: char| !c.is_alphanumeric())
        .any(|of| of == word || of.strip_suffix('s') == Some(word))
}

fn search(server: &Server, text: &str) -> Result<SearchReply> {
    let query = serde_json::json!({ "text": text, "page": { "offset": 0, "limit": 60 } });
    let mut answer = ureq::post(format!("{}/v1/search", server.base))
        .content_type("application/json")
        .send(query.to_string())?;
    Ok(decode_search_reply(&answer.body_mut().read_to_vec()?)?)
}
