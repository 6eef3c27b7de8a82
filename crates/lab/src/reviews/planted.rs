//! Faults planted into real reviews: which are found, and what else is kept apart.

use std::collections::BTreeMap;

use anyhow::Result;
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;
use vitrine_reviews::{
    CheckLimits, ReviewRecord, ReviewText, SentimentConfig, SentimentExample, SentimentModel,
    check_reviews,
};
use vitrine_server::signals::Stop;

use super::data::ReviewSet;

/// Names of the faults; each is the code of the reason that has to find it.
const FAULTS: [&str; 11] = [
    "empty",
    "too-long",
    "copy",
    "near-copy",
    "many-products",
    "author-burst",
    "product-burst",
    "link",
    "phone-number",
    "promotion",
    "contradiction",
];
/// Reviews that one fault of several takes.
const MANY_PRODUCTS: usize = 4;
const BURST: usize = 14;
/// Of the times of clean reviews.
const SPAN_SECONDS: i64 = 3 * 365 * 86_400;
const LINKS: [&str; 4] = [
    "http://cheap-dress.example/x",
    "www.mybags.shop",
    "find it on fashionoutlet.com",
    "see https://t.example",
];
const PHONES: [&str; 3] = ["call 555-123-4567", "+1 (212) 555 0187", "tel. 0301 5550187"];
const PROMOTIONS: [&str; 4] = [
    "use my code SAVE20",
    "text me for a discount",
    "visit my page",
    "whatsapp me for the best price",
];

/// How one fault fared.
#[derive(Serialize)]
pub struct PlantedRow {
    pub fault: String,
    pub n_planted: usize,
    /// Planted ones that are told by this reason.
    pub n_found: usize,
    pub recall: f64,
    /// Reviews without any planted fault that are told by this reason.
    pub n_others: usize,
    /// Found, of those and the planted ones.
    pub precision: f64,
}

/// What is reported.
#[derive(Serialize)]
pub struct PlantedReport {
    pub n_reviews: usize,
    pub n_planted: usize,
    /// Reviews without a planted fault that are kept apart.
    pub n_others_apart: usize,
    pub faults: Vec<PlantedRow>,
}

/// A review that can be changed.
#[derive(Clone)]
struct Planted {
    product: u32,
    author: String,
    title: String,
    text: String,
    stars: u8,
    recommended: bool,
    is_verified: bool,
    seconds: i64,
    fault: Option<&'static str>,
}

/// Plants each fault into about `share` of the reviews that have text, fits a model to what comes out, and
/// checks it. Authors and times are made up, since the data has none.
///
/// # Errors
/// A fit that fails, or stopped.
pub fn measure(set: &ReviewSet, share: f64, seed: u64, stop: &Stop) -> Result<PlantedReport> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut reviews: Vec<Planted> = set
        .reviews
        .iter()
        .enumerate()
        .filter(|(_, review)| review.text.chars().any(char::is_alphanumeric))
        .map(|(i, review)| Planted {
            product: review.product,
            author: format!("shopper {i}"),
            title: review.title.clone(),
            text: review.text.clone(),
            stars: review.stars.unwrap_or(5),
            recommended: review.is_positive,
            is_verified: i.is_multiple_of(2),
            seconds: rng.random_range(0..SPAN_SECONDS),
            fault: None,
        })
        .collect();
    let n = ((share * reviews.len() as f64) as usize).max(BURST);
    for fault in FAULTS {
        plant(fault, n, &mut reviews, &mut rng);
    }
    let examples: Vec<SentimentExample<'_>> = reviews.iter().map(Planted::example).collect();
    let fitted = SentimentModel::fit(&examples, &[], &SentimentConfig::default(), &|_| {}, stop)?;
    let records: Vec<ReviewRecord<'_>> = reviews.iter().map(Planted::record).collect();
    let checked = check_reviews(&records, &fitted.held_out, &CheckLimits::default());
    let codes: BTreeMap<usize, Vec<&str>> = checked
        .apart
        .iter()
        .map(|one| (one.review, one.reasons.iter().map(|reason| reason.code()).collect()))
        .collect();
    let has = |i: usize, code: &str| codes.get(&i).is_some_and(|codes| codes.contains(&code));
    let row = |fault: &&'static str| {
        let planted = || (0..reviews.len()).filter(|i| reviews[*i].fault == Some(*fault));
        let (n_planted, n_found) =
            (planted().count(), planted().filter(|i| has(*i, fault)).count());
        let others = (0..reviews.len()).filter(|i| reviews[*i].fault.is_none());
        let n_others = others.filter(|i| has(*i, fault)).count();
        PlantedRow {
            fault: (*fault).to_owned(),
            n_planted,
            n_found,
            recall: n_found as f64 / n_planted.max(1) as f64,
            n_others,
            precision: n_found as f64 / (n_found + n_others).max(1) as f64,
        }
    };
    Ok(PlantedReport {
        n_reviews: reviews.len(),
        n_planted: reviews.iter().filter(|review| review.fault.is_some()).count(),
        n_others_apart: codes.keys().filter(|i| reviews[**i].fault.is_none()).count(),
        faults: FAULTS.iter().map(row).collect(),
    })
}

impl Planted {
    fn words(&self) -> ReviewText<'_> {
        ReviewText { title: &self.title, text: &self.text }
    }

    fn example(&self) -> SentimentExample<'_> {
        let (stars, recommended) = (Some(self.stars), Some(self.recommended));
        SentimentExample { words: self.words(), stars, recommended, product: self.product }
    }

    fn record(&self) -> ReviewRecord<'_> {
        ReviewRecord {
            product: self.product,
            author: &self.author,
            words: self.words(),
            stars: self.stars,
            n_helpful: 0,
            is_verified: self.is_verified,
            seconds: Some(self.seconds),
            day: Some(self.seconds.div_euclid(86_400)),
        }
    }
}

fn plant(fault: &'static str, n: usize, reviews: &mut Vec<Planted>, rng: &mut SmallRng) {
    let clean: Vec<usize> = (0..reviews.len()).filter(|i| reviews[*i].fault.is_none()).collect();
    let long = |i: &&usize| reviews[**i].text.split_whitespace().count() >= 12;
    let mut clean: Vec<usize> = clean.iter().filter(long).copied().collect();
    if fault == "contradiction" {
        clean.retain(|i| reviews[*i].stars != 3);
    }
    clean.shuffle(rng);
    clean.truncate(n);
    let base = rng.random_range(0..SPAN_SECONDS);
    for (at, i) in clean.into_iter().enumerate() {
        let mut review = reviews[i].clone();
        review.fault = Some(fault);
        match fault {
            "empty" => (review.title, review.text) = (String::new(), " … ".to_owned()),
            "too-long" => review.text = review.text.repeat(10_500 / review.text.len() + 1),
            "link" => insert(&mut review.text, LINKS.choose(rng).copied().unwrap_or(LINKS[0]), rng),
            "phone-number" => {
                insert(&mut review.text, PHONES.choose(rng).copied().unwrap_or(PHONES[0]), rng)
            }
            "promotion" => {
                insert(
                    &mut review.text,
                    PROMOTIONS.choose(rng).copied().unwrap_or(PROMOTIONS[0]),
                    rng,
                );
            }
            "contradiction" => {
                review.stars = 6 - review.stars;
                review.recommended = !review.recommended;
            }
            "author-burst" => {
                review.author = format!("bot {}", at / BURST);
                review.seconds = base + (at / BURST) as i64 * 90_000 + rng.random_range(0..1_800);
            }
            "product-burst" => {
                (review.product, review.stars) = (reviews[at / BURST].product, 5);
                review.is_verified = false;
                review.seconds = base + (at / BURST) as i64 * 90_000 + rng.random_range(0..1_800);
            }
            // The rest are further reviews: the first stays as it is.
            _ => {
                copied(fault, &review, reviews, rng);
                continue;
            }
        }
        reviews[i] = review;
    }
}

/// Adds reviews with the words, or nearly the words, of one.
fn copied(fault: &str, of: &Planted, reviews: &mut Vec<Planted>, rng: &mut SmallRng) {
    let n = if fault == "many-products" { MANY_PRODUCTS } else { 1 };
    for at in 0..n {
        let mut copy = of.clone();
        copy.seconds = of.seconds + rng.random_range(86_400..SPAN_SECONDS);
        copy.author = format!("another {} of {}", at, of.author);
        if fault == "many-products" {
            copy.product = rng.random_range(2_000_000..3_000_000);
        }
        if fault == "near-copy" {
            let mut words: Vec<&str> = copy.text.split(' ').collect();
            let at = rng.random_range(0..words.len());
            words[at] = "really";
            copy.text = words.join(" ");
        }
        reviews.push(copy);
    }
}

/// Puts words between two of a text.
fn insert(text: &mut String, words: &str, rng: &mut SmallRng) {
    let places: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    let at = places.choose(rng).copied().unwrap_or(text.len());
    text.insert_str(at, &format!(" {words}"));
}
