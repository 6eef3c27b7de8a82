//! What a turn does with what a shopper types.

use vitrine_domain::Filters;
use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::answer::{AnswerVerdict, answer};
use crate::lexicon::{Role, Term};
use crate::question::{ComparedBy, ProductQuestion, ShopperRequest, read_request};
use crate::text::tokens;

use super::comparing::compare_by;
use super::reading::wishes;
use super::referring::{REFERRED_MAX, referred};
use super::reply::{CardAnswer, DialogueTurn, TurnReply};
use super::shelf::ShelfCard;
use super::splitting::{SplitFacet, SplitOption};
use super::state::{Dialogue, DialogueContext, UNANSWERED_MAX, note};
use super::wishes::{Wish, WishKind, WishTest};

impl Dialogue {
    /// Hears what a shopper types, the first [`QUERY_CHARS_MAX`] characters of it, and then looks
    /// for candidates where what is wanted may have changed.
    pub fn hear(&mut self, text: &str, with: &DialogueContext<'_>) -> DialogueTurn {
        let text = text.char_indices().nth(QUERY_CHARS_MAX).map_or(text, |(end, _)| &text[..end]);
        let request = read_request(with.lexicon, text);
        if let Some(turn) = self.hear_choice(text, &request, with) {
            return turn;
        }
        let says = |reply| DialogueTurn { reply, search: None };
        match request {
            ShopperRequest::Nothing => says(TurnReply::Unclear),
            ShopperRequest::Greeting => says(TurnReply::Greeting),
            ShopperRequest::Thanks => says(TurnReply::Thanks),
            ShopperRequest::HandOver => says(TurnReply::HandOver(self.hand_over(with))),
            ShopperRequest::Ask(question) => self.ask(text, &question, with),
            ShopperRequest::Compare(by) => self.compare(text, by.as_ref(), with),
            ShopperRequest::Cheaper => self.priced(text, false, with),
            ShopperRequest::Dearer => self.priced(text, true, with),
            ShopperRequest::ForgetLast => {
                self.wishes.pop();
                self.found(with)
            }
            ShopperRequest::ForgetAll => {
                self.forget();
                self.find(text, with)
            }
            ShopperRequest::Indifferent => match self.pending.take() {
                Some(question) => {
                    self.settled.push(question.facet);
                    says(self.candidates(with))
                }
                None => says(TurnReply::Unclear),
            },
            ShopperRequest::Find => self.find(text, with),
        }
    }

    /// Takes an answer of the question that was asked last; `None` where that question is about
    /// something else or has no such answer. So a press that comes twice answers no question that
    /// the shopper has not seen.
    pub fn choose(
        &mut self,
        facet: &SplitFacet,
        option: &SplitOption,
        with: &DialogueContext<'_>,
    ) -> Option<DialogueTurn> {
        let asked = self.pending.as_ref().filter(|asked| asked.facet == *facet)?;
        let is_meant = |known: &&SplitOption| known.is_same_answer(option);
        let chosen = asked.options.iter().find(is_meant)?.clone();
        self.pending = None;
        let test = match facet {
            SplitFacet::Price => WishTest::Filters(chosen.filters),
            facet => WishTest::Choice(facet.clone(), chosen.label.clone()),
        };
        self.add(Wish { typed: chosen.label, words: String::new(), test });
        Some(self.found(with))
    }

    /// Takes up what answers the question that was asked last.
    fn hear_choice(
        &mut self,
        text: &str,
        request: &ShopperRequest,
        with: &DialogueContext<'_>,
    ) -> Option<DialogueTurn> {
        if !matches!(request, ShopperRequest::Find | ShopperRequest::Nothing) {
            return None;
        }
        let asked = self.pending.as_ref()?;
        let tokens = tokens(text);
        // "Not cotton" chooses no cotton.
        if [Role::Exclude, Role::Negation]
            .into_iter()
            .any(|role| with.lexicon.has_role(&tokens, role))
        {
            return None;
        }
        let said = with.lexicon.terms(&tokens);
        let label_terms = |label: &str| with.lexicon.terms(&crate::text::tokens(label));
        let all = |label: &str| {
            let terms = label_terms(label);
            let is_said = |wanted: &Term| said.iter().any(|placed| &placed.term == wanted);
            !terms.is_empty()
                && terms.iter().all(|placed| is_said(&placed.term))
                && said.len() <= terms.len()
        };
        let option = asked.options.iter().find(|option| all(&option.label))?.clone();
        let facet = asked.facet.clone();
        self.choose(&facet, &option, with)
    }

    fn find(&mut self, text: &str, with: &DialogueContext<'_>) -> DialogueTurn {
        let new = wishes(with.lexicon, with.conditions, text);
        let tokens = tokens(text);
        if with.lexicon.has_role(&tokens, Role::Instead)
            && new.iter().any(|wish| wish.kind() == WishKind::Words)
        {
            self.wishes.retain(|wish| wish.kind() != WishKind::Words);
        }
        new.into_iter().for_each(|wish| self.add(wish));
        self.found(with)
    }

    fn found(&mut self, with: &DialogueContext<'_>) -> DialogueTurn {
        let reply = self.candidates(with);
        DialogueTurn { reply, search: Some(self.to_search()) }
    }

    /// The cards that a text speaks of: those it names, else the one in focus, else the first.
    fn meant(&self, text: &str, with: &DialogueContext<'_>) -> Vec<ShelfCard> {
        let named = referred(with.lexicon, text, &self.shown, with.shelf);
        let ids = match (named.is_empty(), self.focus) {
            (false, _) => named,
            (true, Some(focus)) => vec![focus],
            (true, None) => self.shown.iter().take(REFERRED_MAX).copied().collect(),
        };
        ids.into_iter().filter_map(|id| with.shelf.whole_card(id)).collect()
    }

    fn ask(
        &mut self,
        text: &str,
        question: &ProductQuestion,
        with: &DialogueContext<'_>,
    ) -> DialogueTurn {
        let cards = self.meant(text, with);
        if cards.is_empty() {
            // "Which tents are waterproof?" before anything is shown looks for tents.
            return match question.speaks_of_another(with.lexicon) {
                true => self.find(text, with),
                false => DialogueTurn { reply: TurnReply::WhichProduct, search: None },
            };
        }
        if let [only] = cards.as_slice() {
            self.look_at(only.id);
        }
        let says = |reply| DialogueTurn { reply, search: None };
        if with.lexicon.property_named("price").is_some_and(|id| question.is_about(id)) {
            let prices = cards.iter().map(|card| (card.id, card.price_minor)).collect();
            return says(TurnReply::Prices(prices));
        }
        let answers = cards.iter().map(|card| CardAnswer {
            id: card.id,
            answer: answer(with.lexicon, &card.asked(), question, None),
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
        with: &DialogueContext<'_>,
    ) -> DialogueTurn {
        let named = referred(with.lexicon, text, &self.shown, with.shelf);
        let ids = if named.len() > 1 { named } else { self.shown.clone() };
        let ids = ids.into_iter().take(REFERRED_MAX);
        let cards: Vec<ShelfCard> = ids.filter_map(|id| with.shelf.whole_card(id)).collect();
        if cards.len() < 2 {
            let reply = match cards.is_empty() {
                true => TurnReply::WhichProduct,
                false => TurnReply::Unclear,
            };
            return DialogueTurn { reply, search: None };
        }
        let table = compare_by(&cards, with.lexicon, by);
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
        with: &DialogueContext<'_>,
    ) -> DialogueTurn {
        for wish in wishes(with.lexicon, with.conditions, text) {
            let has_words = wish.kind() != WishKind::Words;
            if has_words {
                self.add(wish);
            }
        }
        let beside = self.focus.or_else(|| self.shown.first().copied());
        let price = beside.and_then(|id| with.shelf.card(id)).map_or(0, |card| card.price_minor);
        if price > 0 {
            let filters = match wants_dearer {
                true => {
                    Filters { price_minor_min: Some(price.saturating_add(1)), ..Filters::default() }
                }
                false => Filters { price_minor_max: Some(price - 1), ..Filters::default() },
            };
            let test = WishTest::Filters(filters);
            self.add(Wish { typed: text.trim().to_owned(), words: String::new(), test });
        }
        self.found(with)
    }
}
