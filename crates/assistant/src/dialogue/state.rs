//! The state of a dialogue.

use vitrine_conditions::Conditions;
use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by;

use crate::lexicon::Lexicon;

use super::hand_over::{HandOverDraft, HandOverLine, HandOverPart};
use super::matching::{rank, read_cards};
use super::reply::TurnReply;
use super::searching::ToSearch;
use super::shelf::{ProductShelf, ShelfCard};
use super::splitting::{SplitFacet, SplittingQuestion, question};
use super::wishes::{WISHES_MAX, Wish, WishKind, WishTest};

/// Candidates of a shelf that are read; those behind them are not.
pub const CANDIDATES_MAX: usize = 256;
/// Candidates that a turn shows.
const SHOWN_MAX: usize = 12;
/// Questions without an answer, and products asked about, that are kept for a hand-over.
pub(super) const UNANSWERED_MAX: usize = 12;
const LOOKED_AT_MAX: usize = 12;

/// What a dialogue reads with, borrowed for one turn.
#[derive(Clone, Copy)]
pub struct DialogueContext<'a> {
    /// The words of all languages.
    pub lexicon: &'a Lexicon,
    /// The catalogue's brands and currency.
    pub conditions: &'a Conditions,
    /// Where candidates come from.
    pub shelf: &'a dyn ProductShelf,
}

/// What a shopper wants and speaks of, turn by turn. It borrows nothing and lives as long as its
/// tab.
///
/// State follows from what the shopper types and chooses alone. Texts of products are ranked
/// and quoted; whatever is written in them, no wish comes from it and none goes.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    pub(super) wishes: Vec<Wish>,
    pub(super) shown: Vec<ItemId>,
    pub(super) focus: Option<ItemId>,
    /// Facets that were asked for and left open.
    pub(super) settled: Vec<SplitFacet>,
    pub(super) pending: Option<SplittingQuestion>,
    looked_at: Vec<ItemId>,
    pub(super) unanswered: Vec<String>,
}

impl Dialogue {
    /// A dialogue about nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the shopper wants so far, as they typed or chose it, the oldest first.
    pub fn wishes(&self) -> impl Iterator<Item = (WishKind, &str)> {
        self.wishes.iter().map(|wish| (wish.kind(), wish.typed.as_str()))
    }

    /// The product that "it" means, if one was singled out.
    pub fn focus(&self) -> Option<ItemId> {
        self.focus
    }

    /// From now on "it" means this product: the shopper opened its page.
    pub fn look_at(&mut self, id: ItemId) {
        self.focus = Some(id);
        note(&mut self.looked_at, id, LOOKED_AT_MAX);
    }

    /// Takes one wish back, by its place in [`Self::wishes`]; nothing happens beyond the last.
    pub fn drop_wish(&mut self, place: usize) {
        if place < self.wishes.len() {
            self.wishes.remove(place);
        }
    }

    /// A search for what is wanted.
    pub fn to_search(&self) -> ToSearch {
        ToSearch::of(&self.wishes)
    }

    /// The candidates for what is wanted, the best first, with the question that splits them.
    pub fn candidates(&mut self, with: &DialogueContext<'_>) -> TurnReply {
        let found = self.look(with);
        let cards = read_cards(with.lexicon, &found);
        let ranked = rank(with.lexicon, &cards, &self.wishes);
        let meeting: Vec<&ShelfCard> = ranked
            .iter()
            .filter(|found| found.has_words && found.n_broken == 0)
            .map(|found| cards[found.place].card)
            .collect();
        let with_words = ranked.iter().filter(|found| found.has_words);
        self.shown = with_words.take(SHOWN_MAX).map(|found| cards[found.place].card.id).collect();
        let is_known = |facet: &SplitFacet| self.is_settled(with.lexicon, facet);
        let question = question(with.lexicon, &meeting, &is_known);
        self.pending.clone_from(&question);
        self.focus = match self.shown.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        TurnReply::Candidates { ids: self.shown.clone(), n_meeting: meeting.len(), question }
    }

    /// Candidates; where nothing meets all conditions, those for the words alone, so that the ones
    /// that come nearest can be shown.
    fn look(&self, with: &DialogueContext<'_>) -> Vec<ShelfCard> {
        let search = self.to_search();
        let mut found = with.shelf.find(&search);
        if found.is_empty()
            && let Some(wider) = search.without_filters()
        {
            found = with.shelf.find(&wider);
        }
        found.truncate(CANDIDATES_MAX);
        found
    }

    /// Whether a facet was asked for, or what is wanted says it.
    fn is_settled(&self, lexicon: &Lexicon, facet: &SplitFacet) -> bool {
        let says = |wish: &Wish| match (&wish.test, facet) {
            (WishTest::Choice(known, _), facet) => known == facet,
            (WishTest::Filters(_), SplitFacet::Price) => wish.kind() == WishKind::Price,
            (WishTest::Has(id, _), SplitFacet::Attribute(name))
            | (WishTest::Measure(Some(id), _), SplitFacet::Attribute(name)) => {
                lexicon.property(*id).name == name
            }
            _ => false,
        };
        self.settled.contains(facet) || self.wishes.iter().any(says)
    }

    pub(super) fn add(&mut self, wish: Wish) {
        self.wishes.retain(|older| !wish.replaces(older));
        self.wishes.push(wish);
        if self.wishes.len() > WISHES_MAX {
            self.wishes.remove(0);
        }
    }

    pub(super) fn forget(&mut self) {
        self.wishes.clear();
        self.shown.clear();
        self.settled.clear();
        self.unanswered.clear();
        self.looked_at.clear();
        self.pending = None;
        self.focus = None;
    }

    pub(super) fn hand_over(&self, with: &DialogueContext<'_>) -> HandOverDraft {
        let line = |part, text: &str| HandOverLine { part, text: text.to_owned() };
        let mut lines: Vec<HandOverLine> = Vec::new();
        let typed = self.wishes.iter().map(|wish| wish.typed.as_str());
        lines.extend(
            typed.filter(|typed| !typed.is_empty()).map(|typed| line(HandOverPart::Wish, typed)),
        );
        let titles =
            self.looked_at.iter().filter_map(|id| with.shelf.card(*id)).map(|card| card.title);
        lines.extend(titles.map(|title| line(HandOverPart::Product, &title)));
        let questions = self.unanswered.iter();
        lines.extend(questions.map(|question| line(HandOverPart::Question, question)));
        sort_by(&mut lines, |a, b| (a.part as u8).cmp(&(b.part as u8)));
        HandOverDraft { lines }
    }
}

/// Keeps something once, the newest last; beyond the most, the oldest goes.
pub(super) fn note<T: PartialEq>(kept: &mut Vec<T>, new: T, n_max: usize) {
    kept.retain(|known| *known != new);
    kept.push(new);
    if kept.len() > n_max {
        kept.remove(0);
    }
}
