//! The state of a dialogue, and its turns.

use vitrine_conditions::Conditions;
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{Filters, ItemId};

use crate::answer::{AnswerVerdict, ProductAnswer, answer};
use crate::lexicon::{Lexicon, Role, Term};
use crate::question::{ComparedBy, ProductQuestion, ShopperRequest, read_request};
use crate::text::tokens;

use super::comparing::{ComparisonTable, compare};
use super::hand_over::{HandOverDraft, HandOverLine, HandOverPart};
use super::matching::{rank, read_cards};
use super::reading::wishes;
use super::referring::{REFERRED_MAX, referred};
use super::shelf::{CandidateShelf, ShelfCard};
use super::splitting::{SplitFacet, SplittingQuestion, question};
use super::wishes::{WISHES_MAX, Wish, WishKind, WishTest};

/// Candidates that a turn shows.
const SHOWN_MAX: usize = 12;
/// Questions without an answer, and products asked about, that are kept for a hand-over.
const UNANSWERED_MAX: usize = 12;
const LOOKED_AT_MAX: usize = 12;

/// What a search would send, and nothing else of a dialogue ever needs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToSearch {
    /// What to look for.
    pub text: String,
    /// Conditions.
    pub filters: Filters,
}

/// The answer to a question about one card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardAnswer {
    /// The card.
    pub id: ItemId,
    /// What its texts say.
    pub answer: ProductAnswer,
}

/// What is said to a shopper.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnReply {
    /// It was not understood.
    Unclear,
    /// A greeting.
    Greeting,
    /// Thanks, or good-bye.
    Thanks,
    /// What the texts of one product say, or of the first few that are shown.
    Answers(Vec<CardAnswer>),
    /// Prices in minor units, as the cards have them; 0 = not priced.
    Prices(Vec<(ItemId, u32)>),
    /// Candidates.
    Candidates {
        /// The best first, at most a dozen.
        ids: Vec<ItemId>,
        /// How many candidates break no wish; where none does, those shown break fewest.
        n_meeting: usize,
        /// A question that would tell most about which is meant.
        question: Option<SplittingQuestion>,
    },
    /// Products side by side.
    Comparison(ComparisonTable),
    /// What a person of the shop can be told.
    HandOver(HandOverDraft),
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub struct DialogueTurn {
    /// What is said.
    pub reply: TurnReply,
    /// What a search for other candidates would send; `None` where nothing about what is looked
    /// for has changed, as after any question about a product.
    pub search: Option<ToSearch>,
}

/// What a shopper wants and speaks of, turn by turn.
///
/// State follows from what the shopper types and chooses alone. Texts of products are ranked
/// and quoted; whatever is written in them, no wish comes from it and none goes.
#[derive(Debug)]
pub struct Dialogue<'l> {
    lexicon: &'l Lexicon,
    conditions: &'l Conditions,
    wishes: Vec<Wish>,
    shown: Vec<ItemId>,
    focus: Option<ItemId>,
    /// Facets that were asked for and left open.
    settled: Vec<SplitFacet>,
    pending: Option<SplittingQuestion>,
    looked_at: Vec<ItemId>,
    unanswered: Vec<String>,
}

impl<'l> Dialogue<'l> {
    /// A dialogue about nothing yet. `conditions` know the catalogue's brands and currency.
    pub fn new(lexicon: &'l Lexicon, conditions: &'l Conditions) -> Self {
        Self {
            lexicon,
            conditions,
            wishes: Vec::new(),
            shown: Vec::new(),
            focus: None,
            settled: Vec::new(),
            pending: None,
            looked_at: Vec::new(),
            unanswered: Vec::new(),
        }
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

    /// What a search for what is wanted would send.
    pub fn to_search(&self) -> ToSearch {
        let mut out = ToSearch::default();
        let mut texts: Vec<&str> = Vec::new();
        for wish in &self.wishes {
            match &wish.test {
                WishTest::Words(_) | WishTest::Has(..) | WishTest::Measure(..) => {
                    texts.push(&wish.typed);
                }
                WishTest::Filters(filters) => out.filters = filters.and(&out.filters),
                WishTest::Choice(facet, value) => {
                    let values = match facet {
                        SplitFacet::Department => &mut out.filters.departments,
                        SplitFacet::Category => &mut out.filters.categories,
                        SplitFacet::Brand => &mut out.filters.brands,
                        SplitFacet::Attribute(_) | SplitFacet::Price => {
                            texts.push(value);
                            continue;
                        }
                    };
                    values.push(value.clone());
                }
                // A search cannot leave a word out: the device does.
                WishTest::Lacks(_) => {}
            }
        }
        out.text = texts.join(" ").replace(" / ", " ");
        out
    }

    /// Hears what a shopper types, over the candidates that there are; the first
    /// [`QUERY_CHARS_MAX`] characters of it.
    pub fn hear(&mut self, text: &str, shelf: &CandidateShelf<'_>) -> DialogueTurn {
        let text = text.char_indices().nth(QUERY_CHARS_MAX).map_or(text, |(end, _)| &text[..end]);
        let request = read_request(self.lexicon, text);
        if let Some(turn) = self.hear_choice(text, &request, shelf) {
            return turn;
        }
        let says = |reply| DialogueTurn { reply, search: None };
        match request {
            ShopperRequest::Nothing => says(TurnReply::Unclear),
            ShopperRequest::Greeting => says(TurnReply::Greeting),
            ShopperRequest::Thanks => says(TurnReply::Thanks),
            ShopperRequest::HandOver => says(TurnReply::HandOver(self.hand_over(shelf))),
            ShopperRequest::Ask(question) => self.ask(text, &question, shelf),
            ShopperRequest::Compare(by) => self.compare(text, by.as_ref(), shelf),
            ShopperRequest::Cheaper => self.priced(text, false, shelf),
            ShopperRequest::Dearer => self.priced(text, true, shelf),
            ShopperRequest::ForgetLast => {
                self.wishes.pop();
                self.found(shelf)
            }
            ShopperRequest::ForgetAll => {
                self.forget();
                self.find(text, shelf)
            }
            ShopperRequest::Indifferent => match self.pending.take() {
                Some(question) => {
                    self.settled.push(question.facet);
                    says(self.candidates(shelf))
                }
                None => says(TurnReply::Unclear),
            },
            ShopperRequest::Find => self.find(text, shelf),
        }
    }

    /// Takes an answer of the question that was asked last, by its place; `None` where nothing
    /// was asked or it has no such answer.
    pub fn choose(&mut self, option: usize, shelf: &CandidateShelf<'_>) -> Option<DialogueTurn> {
        let asked = self.pending.as_ref()?;
        let chosen = asked.options.get(option)?.clone();
        let test = match asked.facet {
            SplitFacet::Price => WishTest::Filters(chosen.filters),
            ref facet => WishTest::Choice(facet.clone(), chosen.label.clone()),
        };
        self.pending = None;
        self.add(Wish { typed: chosen.label, test });
        Some(self.found(shelf))
    }

    /// The candidates for what is wanted, the best first, with the question that splits them.
    pub fn candidates(&mut self, shelf: &CandidateShelf<'_>) -> TurnReply {
        let cards = read_cards(self.lexicon, shelf);
        let ranked = rank(self.lexicon, &cards, &self.wishes);
        let meeting: Vec<&ShelfCard<'_>> = ranked
            .iter()
            .filter(|found| found.has_words && found.n_broken == 0)
            .map(|found| cards[found.place].card)
            .collect();
        let with_words = ranked.iter().filter(|found| found.has_words);
        self.shown = with_words.take(SHOWN_MAX).map(|found| cards[found.place].card.id).collect();
        let is_known = |facet: &SplitFacet| self.is_settled(facet);
        let question = question(self.lexicon, &meeting, &is_known);
        self.pending.clone_from(&question);
        self.focus = match self.shown.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        TurnReply::Candidates { ids: self.shown.clone(), n_meeting: meeting.len(), question }
    }

    /// Whether a facet was asked for, or what is wanted says it.
    fn is_settled(&self, facet: &SplitFacet) -> bool {
        let says = |wish: &Wish| match (&wish.test, facet) {
            (WishTest::Choice(known, _), facet) => known == facet,
            (WishTest::Filters(_), SplitFacet::Price) => wish.kind() == WishKind::Price,
            (WishTest::Has(id, _), SplitFacet::Attribute(name))
            | (WishTest::Measure(Some(id), _), SplitFacet::Attribute(name)) => {
                self.lexicon.property(*id).name == name
            }
            _ => false,
        };
        self.settled.contains(facet) || self.wishes.iter().any(says)
    }

    /// Takes up what answers the question that was asked last.
    fn hear_choice(
        &mut self,
        text: &str,
        request: &ShopperRequest,
        shelf: &CandidateShelf<'_>,
    ) -> Option<DialogueTurn> {
        if !matches!(request, ShopperRequest::Find | ShopperRequest::Nothing) {
            return None;
        }
        let asked = self.pending.as_ref()?;
        let tokens = tokens(text);
        // "Not cotton" chooses no cotton.
        if [Role::Exclude, Role::Negation]
            .into_iter()
            .any(|role| self.lexicon.has_role(&tokens, role))
        {
            return None;
        }
        let said = self.lexicon.terms(&tokens);
        let label_terms = |label: &str| self.lexicon.terms(&crate::text::tokens(label));
        let all = |label: &str| {
            let terms = label_terms(label);
            let is_said = |wanted: &Term| said.iter().any(|placed| &placed.term == wanted);
            !terms.is_empty()
                && terms.iter().all(|placed| is_said(&placed.term))
                && said.len() <= terms.len()
        };
        let option = asked.options.iter().position(|option| all(&option.label))?;
        self.choose(option, shelf)
    }

    fn find(&mut self, text: &str, shelf: &CandidateShelf<'_>) -> DialogueTurn {
        let new = wishes(self.lexicon, self.conditions, text);
        let tokens = tokens(text);
        if self.lexicon.has_role(&tokens, Role::Instead)
            && new.iter().any(|wish| wish.kind() == WishKind::Words)
        {
            self.wishes.retain(|wish| wish.kind() != WishKind::Words);
        }
        new.into_iter().for_each(|wish| self.add(wish));
        self.found(shelf)
    }

    fn found(&mut self, shelf: &CandidateShelf<'_>) -> DialogueTurn {
        let reply = self.candidates(shelf);
        DialogueTurn { reply, search: Some(self.to_search()) }
    }

    fn add(&mut self, wish: Wish) {
        self.wishes.retain(|older| !wish.replaces(older));
        self.wishes.push(wish);
        if self.wishes.len() > WISHES_MAX {
            self.wishes.remove(0);
        }
    }

    fn forget(&mut self) {
        self.wishes.clear();
        self.shown.clear();
        self.settled.clear();
        self.unanswered.clear();
        self.looked_at.clear();
        self.pending = None;
        self.focus = None;
    }

    /// The cards that a text speaks of: those it names, else the one in focus, else the first.
    fn meant<'a>(&self, text: &str, shelf: &CandidateShelf<'a>) -> Vec<&'a ShelfCard<'a>> {
        let named = referred(self.lexicon, text, &self.shown, shelf);
        let ids = match (named.is_empty(), self.focus) {
            (false, _) => named,
            (true, Some(focus)) => vec![focus],
            (true, None) => self.shown.iter().take(REFERRED_MAX).copied().collect(),
        };
        ids.into_iter().filter_map(|id| shelf.card(id)).collect()
    }

    fn ask(
        &mut self,
        text: &str,
        question: &ProductQuestion,
        shelf: &CandidateShelf<'_>,
    ) -> DialogueTurn {
        let cards = self.meant(text, shelf);
        // "Is there something for rain?" before anything is shown looks for it.
        if cards.is_empty() {
            return self.find(text, shelf);
        }
        if let [only] = cards.as_slice() {
            self.look_at(only.id);
        }
        let says = |reply| DialogueTurn { reply, search: None };
        if self.lexicon.property_named("price").is_some_and(|id| question.is_about(id)) {
            let prices = cards.iter().map(|card| (card.id, card.price_minor)).collect();
            return says(TurnReply::Prices(prices));
        }
        let answers = cards.iter().map(|card| CardAnswer {
            id: card.id,
            answer: answer(self.lexicon, &card.asked(), question, None),
        });
        let answers: Vec<CardAnswer> = answers.collect();
        if answers.iter().all(|found| found.answer.verdict == AnswerVerdict::Unsaid) {
            note(&mut self.unanswered, question.text.clone(), UNANSWERED_MAX);
        }
        says(TurnReply::Answers(answers))
    }

    fn compare(
        &mut self,
        text: &str,
        by: Option<&ComparedBy>,
        shelf: &CandidateShelf<'_>,
    ) -> DialogueTurn {
        let named = referred(self.lexicon, text, &self.shown, shelf);
        let ids = if named.len() > 1 { named } else { self.shown.clone() };
        let ids = ids.into_iter().take(REFERRED_MAX);
        let cards: Vec<&ShelfCard<'_>> = ids.filter_map(|id| shelf.card(id)).collect();
        if cards.len() < 2 {
            return DialogueTurn { reply: TurnReply::Unclear, search: None };
        }
        let table = compare(self.lexicon, &cards, by);
        // What was singled out is what "it" means from now on.
        if let Some(best) = table.best {
            self.look_at(best);
        }
        DialogueTurn { reply: TurnReply::Comparison(table), search: None }
    }

    /// Cheaper or dearer ones than the product in focus, else the first that is shown.
    fn priced(
        &mut self,
        text: &str,
        wants_dearer: bool,
        shelf: &CandidateShelf<'_>,
    ) -> DialogueTurn {
        for wish in wishes(self.lexicon, self.conditions, text) {
            let has_words = wish.kind() != WishKind::Words;
            if has_words {
                self.add(wish);
            }
        }
        let beside = self.focus.or_else(|| self.shown.first().copied());
        let price = beside.and_then(|id| shelf.card(id)).map_or(0, |card| card.price_minor);
        if price > 0 {
            let filters = match wants_dearer {
                true => {
                    Filters { price_minor_min: Some(price.saturating_add(1)), ..Filters::default() }
                }
                false => Filters { price_minor_max: Some(price - 1), ..Filters::default() },
            };
            self.add(Wish { typed: text.trim().to_owned(), test: WishTest::Filters(filters) });
        }
        self.found(shelf)
    }

    fn hand_over(&self, shelf: &CandidateShelf<'_>) -> HandOverDraft {
        let line = |part, text: &str| HandOverLine { part, text: text.to_owned() };
        let mut lines: Vec<HandOverLine> = Vec::new();
        let typed = self.wishes.iter().map(|wish| wish.typed.as_str());
        lines.extend(
            typed.filter(|typed| !typed.is_empty()).map(|typed| line(HandOverPart::Wish, typed)),
        );
        let titles = self.looked_at.iter().filter_map(|id| shelf.card(*id)).map(|card| card.title);
        lines.extend(titles.map(|title| line(HandOverPart::Product, title)));
        let questions = self.unanswered.iter();
        lines.extend(questions.map(|question| line(HandOverPart::Question, question)));
        sort_by(&mut lines, |a, b| (a.part as u8).cmp(&(b.part as u8)));
        HandOverDraft { lines }
    }
}

/// Keeps something once, the newest last; beyond the most, the oldest goes.
fn note<T: PartialEq>(kept: &mut Vec<T>, new: T, n_max: usize) {
    kept.retain(|known| *known != new);
    kept.push(new);
    if kept.len() > n_max {
        kept.remove(0);
    }
}
