//! Words for aspects that are in no file, learned from a shop's own reviews.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::mention::{ASPECT_NAME_CHARS_MAX, Aspect, KnownAspect};
use super::senses::{AspectId, Hit, Sense, Senses, parted};
use crate::languages::{is_determiner, is_filler};
use crate::text::{Token, TokenKind, clauses, sentences};

/// Reviews from which terms are learned.
pub const REVIEWS_MIN: usize = 200;
/// Reviews that must have a term, at least,
const TERM_REVIEWS_MIN: usize = 15;
/// and their least share.
const TERM_SHARE_MIN: f64 = 0.004;
/// Share of a term's occurrences that stand behind an article and beside an opinion.
const FRAME_SHARE_MIN: f64 = 0.12;
/// Cosine of contexts from which a term belongs to a known aspect,
const SIMILARITY_MIN: f64 = 0.55;
/// and by how much it must be above that of any other aspect.
const MARGIN_MIN: f64 = 0.08;
/// Words around a term that are its context.
const CONTEXT_WORDS: usize = 3;
/// Most aspects of a shop's own.
pub const OWN_ASPECTS_MAX: usize = 12;
/// Most candidates that are looked at.
const CANDIDATES_MAX: usize = 500;
/// Most words that are counted at a time; beyond these the rarest are forgotten.
const COUNTED_WORDS_MAX: usize = 1 << 17;
/// Most words of a context, of which the rarest are forgotten, too.
const CONTEXT_SIZE_MAX: usize = 1 << 13;

/// A word that names an aspect in a shop's reviews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedTerm {
    /// The word, in lower case.
    pub term: String,
    /// What it names: a known aspect whose words it is used like, else itself.
    pub aspect: Aspect,
    /// Reviews that have it.
    pub n_reviews: u32,
}

/// What was learned of a shop's reviews; empty without any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedAspects {
    terms: Vec<LearnedTerm>,
}

/// What is counted of a word.
#[derive(Default)]
struct Counts {
    n_reviews: usize,
    /// The last review that has it, counted from 1.
    last_review: usize,
    n: usize,
    /// Behind an article, with an opinion in the clause.
    n_framed: usize,
}

/// Counts of the words around a word.
type Context = HashMap<String, f64>;

impl LearnedAspects {
    /// Looks for words that are often named with an article and judged in the same clause. Those whose contexts
    /// are like those of a known aspect's words name that aspect; of the others the most frequent ones
    /// are aspects of their own. Fewer than 200 texts teach nothing; scripts without spaces have no articles, and
    /// teach nothing either.
    ///
    /// `None` when cancelled.
    ///
    /// # Source
    /// Hu and Liu, "Mining and summarizing customer reviews" (KDD 2004), frequent features near
    /// opinion words; contexts weighed by positive pointwise mutual information.
    pub fn learn(texts: &[&str], cancel: &AtomicBool) -> Option<Self> {
        if texts.len() < REVIEWS_MIN {
            return Some(Self::default());
        }
        let senses = Senses::of_languages();
        let counts = counted(texts, &senses, cancel)?;
        let n_min = TERM_REVIEWS_MIN.max((TERM_SHARE_MIN * texts.len() as f64) as usize);
        let is_term = |counts: &Counts| {
            counts.n_reviews >= n_min && counts.n_framed as f64 >= FRAME_SHARE_MIN * counts.n as f64
        };
        let mut candidates: Vec<(String, Counts)> =
            counts.into_iter().filter(|(_, counts)| is_term(counts)).collect();
        candidates.sort_by(|(a, x), (b, y)| (y.n_framed, a).cmp(&(x.n_framed, b)));
        candidates.truncate(CANDIDATES_MAX);
        let names: BTreeSet<&str> = candidates.iter().map(|(name, _)| name.as_str()).collect();
        let (of_terms, of_aspects) = contexts(texts, &senses, &names, cancel)?;
        let mut terms = Vec::new();
        let mut n_own = 0;
        for (term, counts) in &candidates {
            let n_reviews = counts.n_reviews as u32;
            let known = of_terms.get(term).and_then(|context| alike(context, &of_aspects));
            let aspect = match known {
                Some(known) => Aspect::Known(known),
                None if n_own < OWN_ASPECTS_MAX => {
                    n_own += 1;
                    Aspect::Own(term.clone())
                }
                None => continue,
            };
            terms.push(LearnedTerm { term: term.clone(), aspect, n_reviews });
        }
        Some(Self { terms })
    }

    /// The terms, those that are judged most often first.
    pub fn terms(&self) -> &[LearnedTerm] {
        &self.terms
    }
}

/// Counts of the words that have no sense yet; where there are too many, of those that more reviews
/// have.
fn counted(
    texts: &[&str],
    senses: &Senses,
    cancel: &AtomicBool,
) -> Option<HashMap<String, Counts>> {
    let mut counts: HashMap<String, Counts> = HashMap::new();
    for (review, text) in (1..).zip(texts) {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        for (tokens, hits) in clauses_of(text, senses) {
            let has_opinion = hits.iter().any(|hit| hit.senses.iter().any(is_opinion));
            for (at, token) in tokens.iter().enumerate() {
                if !is_candidate(token, senses) {
                    continue;
                }
                let is_named = at > 0 && is_determiner(&tokens[at - 1].text);
                let counts = counts.entry(token.text.clone()).or_default();
                counts.n_reviews += usize::from(counts.last_review != review);
                counts.last_review = review;
                counts.n += 1;
                counts.n_framed += usize::from(is_named && has_opinion);
            }
        }
        forget_rarest(&mut counts, COUNTED_WORDS_MAX, |counts| counts.n_reviews as f64);
    }
    Some(counts)
}

/// Of too many entries at least half are dropped, those that have been counted least.
fn forget_rarest<V>(table: &mut HashMap<String, V>, n_max: usize, count: impl Fn(&V) -> f64) {
    if table.len() <= n_max {
        return;
    }
    let mut counts: Vec<f64> = table.values().map(&count).collect();
    counts.sort_by(f64::total_cmp);
    let dropped = counts[counts.len() - n_max / 2 - 1];
    table.retain(|_, value| count(value) > dropped);
}

fn is_opinion(sense: &Sense) -> bool {
    matches!(sense, Sense::Opinion(_) | Sense::Says(..) | Sense::SaysAlone(..))
}

fn is_candidate(token: &Token, senses: &Senses) -> bool {
    let n_chars = token.text.chars().count();
    token.kind == TokenKind::Word
        && (3..=ASPECT_NAME_CHARS_MAX).contains(&n_chars)
        && token.text.chars().all(char::is_alphabetic)
        && !is_filler(&token.text)
        && !senses.has(&token.text)
}

/// The tokens of each clause of a text, with the phrases in them.
fn clauses_of<'a>(text: &str, senses: &'a Senses) -> Vec<(Vec<Token>, Vec<Hit<'a>>)> {
    let mut found = Vec::new();
    for range in sentences(text) {
        let tokens = parted(&text[range]);
        for clause in clauses(&tokens) {
            let tokens = tokens[clause.tokens].to_vec();
            let hits = senses.hits(&tokens);
            found.push((tokens, hits));
        }
    }
    found
}

/// Contexts of the candidates and of the known aspects' names, weighed.
fn contexts(
    texts: &[&str],
    senses: &Senses,
    names: &BTreeSet<&str>,
    cancel: &AtomicBool,
) -> Option<(BTreeMap<String, Context>, BTreeMap<KnownAspect, Context>)> {
    let mut of_terms: BTreeMap<String, Context> = BTreeMap::new();
    let mut of_aspects: BTreeMap<KnownAspect, Context> = BTreeMap::new();
    let mut totals: Context = HashMap::new();
    for text in texts {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        for (tokens, hits) in clauses_of(text, senses) {
            for token in &tokens {
                *totals.entry(token.text.clone()).or_default() += 1.0;
            }
            for (at, token) in tokens.iter().enumerate() {
                if names.contains(token.text.as_str()) {
                    let context = of_terms.entry(token.text.clone()).or_default();
                    add_context(context, &tokens, at, at + 1);
                }
            }
            for hit in &hits {
                for sense in hit.senses {
                    if let Sense::Names(AspectId::Known(known)) = sense {
                        let context = of_aspects.entry(*known).or_default();
                        add_context(context, &tokens, hit.start, hit.end);
                    }
                }
            }
        }
        forget_rarest(&mut totals, COUNTED_WORDS_MAX, |count| *count);
    }
    let n_words: f64 = sum(&totals);
    let all = of_terms.values_mut().chain(of_aspects.values_mut());
    all.for_each(|context| weigh(context, &totals, n_words));
    Some((of_terms, of_aspects))
}

fn add_context(context: &mut Context, tokens: &[Token], start: usize, end: usize) {
    let before = &tokens[start.saturating_sub(CONTEXT_WORDS)..start];
    let after = &tokens[end..(end + CONTEXT_WORDS).min(tokens.len())];
    for token in before.iter().chain(after).filter(|token| token.is_word()) {
        *context.entry(token.text.clone()).or_default() += 1.0;
    }
    forget_rarest(context, CONTEXT_SIZE_MAX, |count| *count);
}

fn sum(context: &Context) -> f64 {
    // In order, so that the sum has the same bits whatever the order of the table.
    let ordered: BTreeMap<&String, &f64> = context.iter().collect();
    ordered.into_values().sum()
}

/// Counts to positive pointwise mutual information.
fn weigh(context: &mut Context, totals: &Context, n_words: f64) {
    let n = sum(context);
    for (word, count) in context.iter_mut() {
        let expected = n * totals.get(word).copied().unwrap_or(1.0) / n_words;
        *count = (*count / expected).ln().max(0.0);
    }
}

/// The known aspect whose words stand in contexts like these.
fn alike(context: &Context, of_aspects: &BTreeMap<KnownAspect, Context>) -> Option<KnownAspect> {
    let mut scored: Vec<(f64, KnownAspect)> =
        of_aspects.iter().map(|(aspect, other)| (cosine(context, other), *aspect)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (best, aspect) = scored.first()?;
    let second = scored.get(1).map_or(0.0, |(score, _)| *score);
    (*best >= SIMILARITY_MIN && best - second >= MARGIN_MIN).then_some(*aspect)
}

fn cosine(a: &Context, b: &Context) -> f64 {
    let squares =
        |context: &Context| sum(&context.iter().map(|(w, x)| (w.clone(), x * x)).collect());
    let shared: Context =
        a.iter().filter_map(|(word, x)| Some((word.clone(), x * b.get(word)?))).collect();
    sum(&shared) / (squares(a) * squares(b)).sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    static GO_ON: AtomicBool = AtomicBool::new(false);

    /// "stuff" is used as "fabric" is, "pockets" as neither is.
    fn reviews() -> Vec<String> {
        let feel = ["soft", "stiff", "thin", "smooth"];
        let review = |i: usize| {
            let feel = feel[i % 4];
            format!(
                "The fabric feels {feel} against skin. The stuff feels {feel} against skin. \
                 The pockets hold keys and are great. The color shines brightly and is great. I walked home."
            )
        };
        (0..400).map(review).collect()
    }

    #[test]
    fn of_too_many_words_the_frequent_are_kept() {
        let counts = (0..9).map(|i| (format!("word{i}"), f64::from(i / 2)));
        let mut counts: HashMap<String, f64> = counts.collect();
        forget_rarest(&mut counts, 9, |count| *count);
        assert_eq!(counts.len(), 9);
        forget_rarest(&mut counts, 8, |count| *count);
        let mut kept: Vec<&str> = counts.keys().map(String::as_str).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["word6", "word7", "word8"]);
        let mut alike: HashMap<String, f64> = (0..9).map(|i| (i.to_string(), 1.0)).collect();
        forget_rarest(&mut alike, 8, |count| *count);
        assert!(alike.is_empty(), "what cannot be told apart goes together");
    }

    #[test]
    fn words_are_grouped_by_their_company_or_stand_for_themselves() {
        let texts = reviews();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let learned = LearnedAspects::learn(&texts, &GO_ON).unwrap();
        let of = |word: &str| {
            learned.terms().iter().find(|term| term.term == word).map(|term| term.aspect.clone())
        };
        assert_eq!(of("stuff"), Some(Aspect::Known(KnownAspect::Material)));
        assert_eq!(of("pockets"), Some(Aspect::Own("pockets".to_owned())));
        assert_eq!(of("walked"), None);
        assert_eq!(LearnedAspects::learn(&texts[..100], &GO_ON), Some(LearnedAspects::default()));
        assert_eq!(LearnedAspects::learn(&texts, &AtomicBool::new(true)), None);
        let again = LearnedAspects::learn(&texts, &GO_ON).unwrap();
        assert_eq!(again, learned);
    }
}
