//! What reviews tell a shop's people: planted faults are found, and where nothing changed nothing is told.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use vitrine_reviews::report::{FALSE_ALARM_RATE, RECENT_DAYS};
use vitrine_reviews::{
    Aspect, AspectMention, AspectReader, DropFigure, DropSubject, KnownAspect, Polarity,
    ReviewRecord, ReviewSurvey, ReviewText, SurveyedProduct, SurveyedReviews,
};

/// The day after the last one with reviews, and how many days there are.
const UNTIL: i64 = 20_000;
const DAYS: i64 = 365;

/// A review as a test makes it.
#[derive(Clone, Debug)]
struct Made {
    stars: u8,
    day: Option<i64>,
    blamed: Vec<KnownAspect>,
}

/// Products with their categories.
type Shop = Vec<(u32, Vec<Made>)>;

fn surveyed(shop: &Shop) -> SurveyedReviews {
    let days = shop.iter().flat_map(|(_, reviews)| reviews).filter_map(|review| review.day);
    let mut survey = ReviewSurvey::new(days.max());
    for (product, (category, reviews)) in (0..).zip(shop) {
        let records: Vec<ReviewRecord<'_>> = reviews
            .iter()
            .map(|review| ReviewRecord {
                product,
                author: "",
                words: ReviewText { title: "", text: "Said." },
                stars: review.stars,
                n_helpful: 0,
                is_verified: true,
                seconds: None,
                day: review.day,
            })
            .collect();
        let mention = |aspect: &KnownAspect| AspectMention {
            aspect: Aspect::Known(*aspect),
            sentence: 0,
            polarity: Polarity::Negative,
        };
        let mentions: Vec<Vec<AspectMention>> =
            reviews.iter().map(|review| review.blamed.iter().map(mention).collect()).collect();
        survey.add(&SurveyedProduct {
            product,
            category: *category,
            reviews: &records,
            mentions: &mentions,
        });
    }
    survey.finish()
}

/// Stars as shops have them, most fives; each aspect is blamed by some.
fn usual(random: &mut StdRng, day: i64) -> Made {
    let stars = match random.random_range(0..100) {
        0..8 => 1,
        8..13 => 2,
        13..23 => 3,
        23..42 => 4,
        _ => 5,
    };
    let blamed = KnownAspect::ALL[..6].iter().copied().filter(|_| random.random_bool(0.08));
    Made { stars, day: Some(day), blamed: blamed.collect() }
}

/// A shop in which nothing changes: products of very different numbers of reviews.
fn unchanging(seed: u64, n_products: u32) -> Shop {
    let mut random = StdRng::seed_from_u64(seed);
    let product = |number: u32| {
        let n = [15, 60, 140, 400][number as usize % 4];
        let reviews = (0..n).map(|_| {
            let day = UNTIL - random.random_range(1..=DAYS);
            usual(&mut random, day)
        });
        (number % 3, reviews.collect())
    };
    (0..n_products).map(product).collect()
}

#[test]
fn where_nothing_changes_at_most_one_shop_in_twenty_is_told_of_a_drop() {
    let n_shops = 200;
    let is_alarmed = |seed: &u64| !surveyed(&unchanging(*seed, 24)).drops.is_empty();
    let n_alarmed = (0..n_shops).filter(is_alarmed).count();
    assert!(n_alarmed as f64 <= FALSE_ALARM_RATE * n_shops as f64, "{n_alarmed} of {n_shops}");
}

#[test]
fn planted_drops_are_found_with_what_they_are() {
    let mut n_found = [0; 2];
    for seed in 0..20 {
        let mut shop = unchanging(1_000 + seed, 24);
        let mut random = StdRng::seed_from_u64(seed);
        let recent = |random: &mut StdRng| UNTIL - random.random_range(1..=RECENT_DAYS);
        // A bad batch: of twenty new reviews of a product most have one star and blame the quality.
        for i in 0..20 {
            let day = recent(&mut random);
            let mut review = usual(&mut random, day);
            if i % 3 != 0 {
                review = Made { stars: 1, day: review.day, blamed: vec![KnownAspect::Quality] };
            }
            shop[2].1.push(review);
        }
        let drops = surveyed(&shop).drops;
        let of_product = |figure: DropFigure| {
            let is_it = |subject, found: &DropFigure| {
                subject == DropSubject::Product(2) && *found == figure
            };
            drops.iter().find(|drop| is_it(drop.subject, &drop.figure)).cloned()
        };
        let quality = DropFigure::Blame(Aspect::Known(KnownAspect::Quality));
        let [stars, blame] = [DropFigure::Stars, quality].map(of_product);
        if let Some(stars) = stars {
            n_found[0] += 1;
            assert!(stars.recent < stars.before - 0.25 && stars.n_recent >= 20, "{stars:?}");
            assert!(stars.chance <= FALSE_ALARM_RATE);
        }
        if let Some(blame) = blame {
            n_found[1] += 1;
            assert!(blame.recent > blame.before + 0.05, "{blame:?}");
        }
        // What else is told is of the same category, or chance.
        let others = drops.iter().filter(|drop| match drop.subject {
            DropSubject::Product(product) => product != 2,
            DropSubject::Category(category) => category != 2,
        });
        assert!(others.count() <= 1, "{drops:?}");
    }
    assert!(n_found.iter().all(|n| *n >= 18), "of twenty: {n_found:?}");
}

#[test]
fn few_reviews_and_reviews_without_days_tell_nothing() {
    let made = |stars, day| Made { stars, day, blamed: Vec::new() };
    let mut reviews: Vec<Made> = (0..40).map(|i| made(5, Some(UNTIL - 40 - i))).collect();
    reviews.extend((1..=7).map(|i| made(1, Some(UNTIL - i))));
    assert!(surveyed(&vec![(0, reviews.clone())]).drops.is_empty(), "seven are too few");
    reviews.push(made(1, Some(UNTIL - 8)));
    let found = surveyed(&vec![(0, reviews.clone())]);
    assert_eq!(found.recent_days, Some((UNTIL - 28, UNTIL - 1)));
    assert_eq!(found.drops.len(), 2, "the product, and its category: {:?}", found.drops);
    assert_eq!((found.drops[0].n_before, found.drops[0].n_recent), (40, 8));
    reviews.iter_mut().for_each(|review| review.day = None);
    let undated = surveyed(&vec![(0, reviews)]);
    assert!(undated.drops.is_empty() && undated.recent_days.is_none());
}

/// Texts of a category, with how often each stands under which product.
fn read_shop(texts: &[(u32, u32, usize, &str)]) -> SurveyedReviews {
    let reader = AspectReader::default();
    let mut survey = ReviewSurvey::new(None);
    for &(product, category, n, text) in texts {
        let record = ReviewRecord {
            product,
            author: "",
            words: ReviewText { title: "", text },
            stars: 3,
            n_helpful: product,
            is_verified: true,
            seconds: None,
            day: None,
        };
        let mentions = reader.read(text, None);
        survey.add(&SurveyedProduct {
            product,
            category,
            reviews: &vec![record; n],
            mentions: &vec![mentions; n],
        });
    }
    survey.finish()
}

#[test]
fn aspects_that_many_blame_lead_and_are_told_in_their_own_words() {
    let surveyed = read_shop(&[
        (1, 0, 40, "The zip broke after a week."),
        (2, 0, 20, "It broke on the first day."),
        (3, 0, 10, "Solid quality, well made."),
        (4, 0, 3, "Sadly it runs small."),
        (5, 1, 30, "The zip broke after a week."),
    ]);
    let [worst, ..] = &surveyed.worst[..] else { panic!("{surveyed:?}") };
    assert_eq!((worst.category, worst.aspect.name()), (0, "quality"));
    assert_eq!((worst.n_blaming, worst.n_reviews), (60, 70));
    assert!((0.7..6.0 / 7.0).contains(&worst.share_at_least), "{worst:?}");
    let products: Vec<(u32, u32)> =
        worst.products.iter().map(|one| (one.product, one.n_blaming)).collect();
    assert_eq!(products, [(1, 40), (2, 20)]);
    assert_eq!(worst.quotes, ["The zip broke after a week.", "It broke on the first day."]);
    for other in &surveyed.worst[1..] {
        assert!(other.share_at_least <= worst.share_at_least, "{other:?}");
        assert_eq!(other.category, 0, "thirty reviews of a category are too few");
    }
}
