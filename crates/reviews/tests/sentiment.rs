//! Models that are fitted to made-up reviews.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use vitrine_reviews::{
    FittedSentiment, ReviewText, SentimentConfig, SentimentError, SentimentExample,
    SentimentFileFault, SentimentModel,
};

static GO_ON: AtomicBool = AtomicBool::new(false);
const WORDS: [[&str; 4]; 5] = [
    ["awful", "terrible", "returned", "ripped"],
    ["poor", "disappointed", "cheap", "wrong"],
    ["okay", "average", "mixed", "meh"],
    ["good", "nice", "pretty", "decent"],
    ["love", "perfect", "gorgeous", "amazing"],
];
const OTHERS: [&str; 8] = ["the", "dress", "blue", "size", "i", "bought", "it", "with"];

struct MadeUp {
    texts: Vec<String>,
    stars: Vec<u8>,
    vectors: Vec<f32>,
}

/// Half of the words of a review say its stars; vectors say them with noise.
fn made_up(n: usize, seed: u64) -> MadeUp {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut made = MadeUp { texts: Vec::new(), stars: Vec::new(), vectors: Vec::new() };
    for _ in 0..n {
        let stars = rng.random_range(1..=5_u8);
        let mut word = |_| {
            let list =
                if rng.random_bool(0.3) { &WORDS[usize::from(stars) - 1][..] } else { &OTHERS };
            list.choose(&mut rng).copied().expect("a word")
        };
        made.texts.push((0..6).map(&mut word).collect::<Vec<_>>().join(" "));
        made.stars.push(stars);
        made.vectors
            .extend([f32::from(stars) + rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)]);
    }
    made
}

impl MadeUp {
    fn examples(&self) -> Vec<SentimentExample<'_>> {
        let example = |i: usize| SentimentExample {
            words: ReviewText { title: "", text: &self.texts[i] },
            stars: Some(self.stars[i]),
            recommended: None,
            product: (i / 10) as u32,
        };
        (0..self.texts.len()).map(example).collect()
    }

    fn fit(&self, vectors: &[f32]) -> Result<FittedSentiment, SentimentError> {
        SentimentModel::fit(&self.examples(), vectors, &SentimentConfig::default(), &|_| {}, &GO_ON)
    }
}

#[test]
fn words_of_unseen_reviews_tell_their_stars_and_vectors_tell_more() {
    let (train, test) = (made_up(1_200, 1), made_up(400, 2));
    let fitted = train.fit(&train.vectors).expect("it is fitted");
    let model = &fitted.model;
    assert_eq!(model.vector_dim(), 2);
    let (mut by_words, mut by_all, mut always) = (0, 0, 0);
    for (i, example) in test.examples().iter().enumerate() {
        let given = test.stars[i];
        let words = model.read_words(example.words);
        let all = model.read(example.words, Some(&test.vectors[2 * i..][..2])).expect("it fits");
        by_words += u32::from(words.stars.expect("stars").median().abs_diff(given));
        by_all += u32::from(all.stars.expect("stars").median().abs_diff(given));
        always += u32::from(3_u8.abs_diff(given));
    }
    assert!(10 * by_words < 7 * always, "{by_words} of {always}");
    assert!(by_all < by_words, "{by_all} of {by_words}");
    let held_out = fitted.held_out.iter().zip(&train.stars);
    let error: u32 = held_out
        .map(|(told, given)| u32::from(told.stars.expect("stars").median().abs_diff(*given)))
        .sum();
    let share = f64::from(error) / 1_200.0;
    assert!(share < f64::from(by_words) / 400.0, "what was learned from is told as well: {share}");
}

#[test]
fn a_file_gives_the_model_back_and_the_same_examples_the_same_bytes() {
    let made = made_up(400, 3);
    for vectors in [&made.vectors[..], &[]] {
        let model = made.fit(vectors).expect("it is fitted").model;
        let bytes = model.to_bytes();
        assert_eq!(SentimentModel::from_bytes(&bytes), Ok(model));
        assert!(made.fit(vectors).expect("again").model.to_bytes() == bytes);
        let mut damaged = bytes.clone();
        damaged[40] ^= 1;
        assert_eq!(SentimentModel::from_bytes(&damaged), Err(SentimentFileFault::Checksum));
        assert_eq!(SentimentModel::from_bytes(b"VITSENT0"), Err(SentimentFileFault::Version));
    }
}

#[test]
fn without_enough_to_learn_from_it_says_so() {
    let made = made_up(199, 4);
    assert_eq!(made.fit(&[]).unwrap_err(), SentimentError::TooFew { n: 199 });
    let mut made = made_up(300, 5);
    made.stars.fill(5);
    made.stars[0] = 1;
    let expected = SentimentError::OneSided { n_rare: 1, n: 300, n_needed: 10 };
    assert_eq!(made.fit(&[]).unwrap_err(), expected);
    made.stars[7] = 6;
    assert_eq!(made.fit(&[]).unwrap_err(), SentimentError::Stars { row: 7, stars: 6 });
}

#[test]
fn bad_vectors_are_refused_and_a_stop_is_heeded() {
    let made = made_up(300, 6);
    let expected = SentimentError::Shape { n_numbers: 299, n_reviews: 300 };
    assert_eq!(made.fit(&made.vectors[..299]).unwrap_err(), expected);
    let mut vectors = made.vectors.clone();
    vectors[9] = f32::NAN;
    assert_eq!(made.fit(&vectors).unwrap_err(), SentimentError::NotFinite { row: 4 });
    let model = made.fit(&made.vectors).expect("it is fitted").model;
    let words = ReviewText { title: "", text: "love" };
    let other = SentimentError::OtherVectors { found: 3, needed: 2 };
    assert_eq!(model.read(words, Some(&[0.0; 3])).unwrap_err(), other);
    let config = SentimentConfig::default();
    let stopped =
        SentimentModel::fit(&made.examples(), &[], &config, &|_| {}, &AtomicBool::new(true));
    assert_eq!(stopped.unwrap_err(), SentimentError::Cancelled);
}

#[test]
fn rare_stars_have_their_share_and_progress_is_told() {
    let mut made = made_up(400, 7);
    made.stars.iter_mut().filter(|stars| **stars == 1).for_each(|stars| *stars = 2);
    let steps = Mutex::new(Vec::new());
    let note = |at: vitrine_reviews::SentimentProgress| {
        steps.lock().expect("unbroken").push((at.n_done, at.n_total));
    };
    let config = SentimentConfig::default();
    let fitted =
        SentimentModel::fit(&made.examples(), &[], &config, &note, &GO_ON).expect("it is fitted");
    let stars = fitted.held_out[0].stars.expect("stars").probabilities();
    assert!(stars[0] < 1e-6, "nobody gave one star: {stars:?}");
    let steps = steps.into_inner().expect("unbroken");
    // Being positive, and at least three, four and five stars, in four folds and on the whole.
    assert!(steps.len() == 20 && steps.contains(&(20, 20)), "{steps:?}");
}
