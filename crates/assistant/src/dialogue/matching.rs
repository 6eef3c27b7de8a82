//! How well candidates meet wishes.

use vitrine_conditions::{Claims, FreeOf, Verdict, claims};
use vitrine_domain::Filters;
use vitrine_domain::sorting::sort_by;

use crate::answer::{says, word_match};
use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, PlacedTerm, PropertyId, Term};
use crate::quantities::Quantity;
use crate::text::{Token, tokens};

use super::shelf::ShelfCard;
use super::splitting::value_of;
use super::wishes::{Wish, WishTest};

/// What a word counts by where it stands.
const TITLE: f32 = 3.0;
const CATEGORY: f32 = 2.5;
const BRAND: f32 = 3.0;
const ATTRIBUTE: f32 = 2.0;
const DESCRIPTION: f32 = 1.2;
const REVIEW: f32 = 0.6;
/// What a denied word takes away: "not warm".
const DENIED: f32 = -1.5;
/// What a wish counts that a text says is met, and one of which nothing is said.
const MET: f32 = 4.0;

/// What a kind of what is wanted counts.
const KIND: f32 = 0.9;

/// A text of a card, taken apart.
struct CardText {
    weight: f32,
    origin: TextOrigin,
    /// Name of the attribute; empty for others.
    name: Vec<PlacedTerm>,
    tokens: Vec<Token>,
    terms: Vec<PlacedTerm>,
}

/// A card whose texts are taken apart.
pub(super) struct ReadCard<'a> {
    pub card: &'a ShelfCard,
    texts: Vec<CardText>,
}

/// How a card meets a wish.
#[derive(Clone, Copy, PartialEq)]
enum Meets {
    Yes,
    No,
    /// Nothing is said of it.
    Unsaid,
}

/// A candidate with how well it meets all wishes.
pub(super) struct RankedCard {
    /// Place on the shelf.
    pub place: usize,
    /// Wishes that a text says it does not meet.
    pub n_broken: usize,
    /// Whether it has any of the words.
    pub has_words: bool,
    pub score: f32,
}

/// Takes the texts of all candidates apart.
pub(super) fn read_cards<'a>(lexicon: &Lexicon, cards: &'a [ShelfCard]) -> Vec<ReadCard<'a>> {
    let read = |card: &'a ShelfCard| {
        let text = |weight, origin, name: &str, text: &str| {
            let tokens = tokens(text);
            let terms = lexicon.terms(&tokens);
            let name = lexicon.terms(&crate::text::tokens(name));
            CardText { weight, origin, name, tokens, terms }
        };
        let mut texts = vec![
            text(TITLE, TextOrigin::Title, "", &card.title),
            text(CATEGORY, TextOrigin::Title, "", &card.category),
            text(CATEGORY, TextOrigin::Title, "", &card.department),
            text(BRAND, TextOrigin::Title, "", &card.brand),
        ];
        let attributes = card.texts.attributes().iter();
        texts.extend(
            attributes.map(|(name, value)| text(ATTRIBUTE, TextOrigin::Attribute, name, value)),
        );
        texts.extend(card.texts.sentences().iter().map(|sentence| {
            let is_review = sentence.origin == TextOrigin::Review;
            let weight = if is_review { REVIEW } else { DESCRIPTION };
            text(weight, sentence.origin, "", &sentence.text)
        }));
        ReadCard { card, texts }
    };
    cards.iter().map(read).collect()
}

/// Candidates, the best first: fewest broken wishes, then by score, then as on the shelf.
pub(super) fn rank(lexicon: &Lexicon, cards: &[ReadCard<'_>], wishes: &[Wish]) -> Vec<RankedCard> {
    let words: Vec<&Term> = wishes
        .iter()
        .filter_map(|wish| match &wish.test {
            WishTest::Words(terms) => Some(terms),
            _ => None,
        })
        .flatten()
        .collect();
    // Rare words tell more.
    let has = |card: &ReadCard<'_>, term: &Term| card.word_score(lexicon, term) > 0.0;
    let rarity = |term: &&Term| {
        let n_with = cards.iter().filter(|card| has(card, term)).count();
        (1.0 + (cards.len() as f32 + 1.0) / (n_with as f32 + 1.0)).ln()
    };
    let rarities: Vec<f32> = words.iter().map(rarity).collect();
    let ranked = cards.iter().enumerate().map(|(place, card)| {
        let scores = words.iter().map(|term| card.word_score(lexicon, term));
        let scores: Vec<f32> = scores.collect();
        let mut score: f32 =
            scores.iter().zip(&rarities).map(|(score, rarity)| score * rarity).sum();
        let mut n_broken = 0;
        for wish in wishes {
            match card.meets(lexicon, &wish.test) {
                Some(Meets::Yes) => score += MET,
                Some(Meets::No) => n_broken += 1,
                Some(Meets::Unsaid) | None => {}
            }
        }
        let has_words = words.is_empty() || scores.iter().any(|score| *score > 0.0);
        RankedCard { place, n_broken, has_words, score }
    });
    let mut ranked: Vec<RankedCard> = ranked.collect();
    sort_by(&mut ranked, |a, b| {
        b.has_words
            .cmp(&a.has_words)
            .then(a.n_broken.cmp(&b.n_broken))
            .then(b.score.total_cmp(&a.score))
            .then(a.place.cmp(&b.place))
    });
    ranked
}

impl ReadCard<'_> {
    /// What a word counts: by the best place where it stands, less where it is denied.
    fn word_score(&self, lexicon: &Lexicon, term: &Term) -> f32 {
        let mut best = 0.0f32;
        let mut is_denied = false;
        for text in &self.texts {
            for (placed, how_well) in text.matching(term) {
                match says(lexicon, &text.tokens, placed) {
                    Some(false) => is_denied = true,
                    _ => best = best.max(text.weight * how_well),
                }
            }
            let is_named = text.name.iter().any(|placed| &placed.term == term);
            if is_named && !text.says_no(lexicon) {
                best = best.max(text.weight);
            }
        }
        if best == 0.0 && is_denied { DENIED } else { best }
    }

    /// How a wish that can be met or broken is; `None` for words.
    fn meets(&self, lexicon: &Lexicon, test: &WishTest) -> Option<Meets> {
        Some(match test {
            WishTest::Words(_) => return None,
            WishTest::Filters(filters) => self.passes(filters),
            WishTest::Has(id, values) => self.has(lexicon, *id, values),
            WishTest::Lacks(term) => self.lacks(lexicon, term),
            WishTest::Measure(id, quantity) => self.measures(lexicon, *id, quantity),
            WishTest::Choice(facet, value) => match value_of(lexicon, self.card, facet) {
                Some(own) if own.to_lowercase() == value.to_lowercase() => Meets::Yes,
                Some(_) => Meets::No,
                None => Meets::Unsaid,
            },
        })
    }

    fn passes(&self, filters: &Filters) -> Meets {
        let card = self.card;
        if !filters.passes_price(card.price_minor) || filters.brands_excluded.contains(&card.brand)
        {
            return Meets::No;
        }
        let own: Claims = match filters.free_of.is_empty() {
            true => Claims::new(),
            false => claims(self.claiming(), &card.category),
        };
        let verdicts = filters
            .free_of
            .iter()
            .map(|name| FreeOf::new(name).verdict(|word| own.get(word).copied()));
        match verdicts.fold(Verdict::Met, |worst, verdict| match (worst, verdict) {
            (Verdict::Broken, _) | (_, Verdict::Broken) => Verdict::Broken,
            (Verdict::Unsaid, _) | (_, Verdict::Unsaid) => Verdict::Unsaid,
            _ => Verdict::Met,
        }) {
            Verdict::Met => Meets::Yes,
            Verdict::Broken => Meets::No,
            Verdict::Unsaid => Meets::Unsaid,
        }
    }

    /// The texts of the shop, which may claim what a product is free of.
    fn claiming(&self) -> impl Iterator<Item = &str> {
        let texts = &self.card.texts;
        let sentences = texts.sentences().iter().filter(|s| s.origin != TextOrigin::Review);
        let attributes = texts.attributes().iter().map(|(_, value)| value.as_str());
        std::iter::once(self.card.title.as_str())
            .chain(attributes)
            .chain(sentences.map(|sentence| sentence.text.as_str()))
    }

    /// Whether the shop says that a property is one of some values, or another.
    fn has(&self, lexicon: &Lexicon, id: PropertyId, values: &[String]) -> Meets {
        let mut is_told = false;
        for text in self.texts.iter().filter(|text| text.origin != TextOrigin::Review) {
            let is_own = text.name.iter().any(|placed| placed.term == Term::Property(id));
            let is_other = text.origin == TextOrigin::Attribute && !is_own && !text.name.is_empty();
            for value in values {
                let term = Term::Word(value.clone());
                let mut found = text.matching(&term).into_iter();
                if !is_other
                    && found.any(|(placed, _)| says(lexicon, &text.tokens, placed) == Some(true))
                {
                    return Meets::Yes;
                }
            }
            is_told |= is_own
                || text.origin != TextOrigin::Attribute
                    && text.terms.iter().any(|placed| placed.value_of == Some(id));
        }
        if is_told { Meets::No } else { Meets::Unsaid }
    }

    /// Whether the shop says that a product lacks something, or has it.
    fn lacks(&self, lexicon: &Lexicon, term: &Term) -> Meets {
        let mut meets = Meets::Unsaid;
        for text in self.texts.iter().filter(|text| text.origin != TextOrigin::Review) {
            for (placed, _) in text.matching(term) {
                match says(lexicon, &text.tokens, placed) {
                    Some(false) => meets = Meets::Yes,
                    _ => return Meets::No,
                }
            }
            let is_named = text.name.iter().any(|placed| &placed.term == term);
            if is_named && !text.says_no(lexicon) {
                return Meets::No;
            } else if is_named {
                meets = Meets::Yes;
            }
        }
        meets
    }

    fn measures(&self, lexicon: &Lexicon, id: Option<PropertyId>, wanted: &Quantity) -> Meets {
        let mut meets = Meets::Unsaid;
        for text in self.texts.iter().filter(|text| text.origin != TextOrigin::Review) {
            let speaks = |id| {
                let is = |placed: &PlacedTerm| placed.term == Term::Property(id);
                text.name.iter().any(is) || text.terms.iter().any(is)
            };
            if !id.is_none_or(speaks) {
                continue;
            }
            for placed in lexicon.quantities(&text.tokens) {
                match placed.quantity.meets(wanted) {
                    Some(true) => return Meets::Yes,
                    Some(false) if id.is_some() => meets = Meets::No,
                    _ => {}
                }
            }
        }
        meets
    }
}

/// Whether a value in a script without spaces is a kind of another: it ends with it.
fn is_kind(wanted: &str, own: &str) -> bool {
    wanted.starts_with(vitrine_domain::script::is_unspaced)
        && own != wanted
        && own.ends_with(wanted)
}

impl CardText {
    /// Where a term stands, and how well it matches.
    fn matching(&self, term: &Term) -> Vec<(&PlacedTerm, f32)> {
        let found = self.terms.iter().filter_map(|placed| {
            let how_well = match (term, &placed.term) {
                (Term::Property(a), Term::Property(b)) if a == b => 1.0,
                // Genuine leather is leather: "皮" of "真皮".
                (Term::Word(a), Term::Word(b)) if placed.value_of.is_some() && is_kind(a, b) => {
                    KIND
                }
                (Term::Word(a), Term::Word(b)) => word_match(a, b, None),
                _ => 0.0,
            };
            (how_well > 0.0).then_some((placed, how_well))
        });
        found.collect()
    }

    fn says_no(&self, lexicon: &Lexicon) -> bool {
        lexicon.is_only(&self.tokens, &[crate::lexicon::Role::No])
    }
}
