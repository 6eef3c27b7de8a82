//! The carousels of the home page, in their order.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use vitrine_domain::sorting::{sort_by, sort_by_key};
use vitrine_domain::{Event, EventKind, ItemId, by_score_then_id};
use vitrine_rules::{ListContext, Surface};
use vitrine_student::{CODE_DIM, scan};

use super::{CAROUSEL_CARDS_MAX, Carousel, CarouselKind, buy_again};
use crate::pair::Pair;
use crate::price_lists::ShownPrices;
use crate::rank_input::RankInput;
use crate::rules::ShopRules;
use crate::session::Session;
use crate::unasked::Unasked;
use crate::{ItemCard, PlacedBy};

/// Cards of one carousel that are scored, the most bought first.
const SCORED_MAX: usize = 500;
/// Cards that are asked for by code where too few are known to stand for one.
const SIMILAR_MAX: usize = 4 * CAROUSEL_CARDS_MAX;
/// What was listed within so many days is new.
const NEW_DAYS: i64 = 30;
/// Events before a shopper has a main department.
const MAIN_DEPARTMENT_EVENTS_MIN: usize = 3;

const MINUTES_OF_DAY: i64 = 24 * 60;

impl Session {
    /// The carousels that have something to say now.
    pub(super) async fn carousels(&self, unasked: &Unasked) -> Vec<Carousel> {
        let Some(pair) = self.active() else { return Vec::new() };
        let events: Vec<Event> = self.inner.state.borrow().ranked().collect();
        let chosen = {
            let state = self.inner.state.borrow();
            let chosen = state.cards_since(state.chosen()).into_iter();
            chosen.map(|of| of.card.id).collect()
        };
        let now_ms = self.inner.adapters.clock.now_ms();
        let input = self.rank_input();
        let shown = self.inner.state.borrow().shown_prices();
        let rules = self.shop_rules(&pair);
        let maker = CarouselMaker { pair, unasked, shown, events, chosen, now_ms, input, rules };
        let all = [
            |maker: &CarouselMaker<'_>| maker.buy_again(),
            |maker: &CarouselMaker<'_>| maker.because_of(),
            |maker: &CarouselMaker<'_>| maker.because_of_choice(),
            |maker: &CarouselMaker<'_>| maker.on_offer(),
            |maker: &CarouselMaker<'_>| maker.not_known(),
            |maker: &CarouselMaker<'_>| maker.popular(),
            |maker: &CarouselMaker<'_>| maker.recently_viewed(),
        ];
        let mut proposals = Vec::new();
        for carousel in all {
            self.pace().breathe().await;
            proposals.extend(carousel(&maker));
        }
        self.pace().breathe().await;
        maker.distinct(proposals.into_iter())
    }
}

/// A carousel before it has cards: rows, best first.
type Proposal = (CarouselKind, Vec<u32>);

/// What carousels are made of.
struct CarouselMaker<'a> {
    pair: Rc<Pair>,
    unasked: &'a Unasked,
    /// The prices that its cards have.
    shown: ShownPrices,
    /// What the student sees of the log, oldest first.
    events: Vec<Event>,
    /// Cards that a newcomer chose, the last first.
    chosen: Vec<ItemId>,
    now_ms: i64,
    /// `None` for a newcomer, and without a model.
    input: Option<RankInput>,
    rules: ShopRules,
}

impl CarouselMaker<'_> {
    /// Gives each card to the first carousel that has it, and leaves out carousels with too
    /// few.
    fn distinct(&self, proposals: impl Iterator<Item = Proposal>) -> Vec<Carousel> {
        let mut taken = HashSet::new();
        let mut carousels = Vec::new();
        for (kind, mut rows) in proposals {
            rows.retain(|row| !taken.contains(row));
            let mut rows = self.arranged(&kind, rows);
            rows.truncate(CAROUSEL_CARDS_MAX);
            if rows.len() >= kind.cards_min() {
                taken.extend(rows.iter().map(|(row, _)| *row));
                let id = |row: u32| self.pair.catalogue.id(row);
                let placed = rows.iter().filter_map(|(row, by)| Some((id(*row), by.clone()?)));
                let placed = placed.collect();
                let cards = rows.into_iter().map(|(row, _)| self.card(row)).collect();
                carousels.push(Carousel { kind, cards, placed });
            }
        }
        carousels
    }

    /// The rows as rules have them, with what rules did. Of what the shopper did rules leave out,
    /// and move nothing; of the others they place what the carousel has anyway.
    fn arranged(&self, kind: &CarouselKind, rows: Vec<u32>) -> Vec<(u32, Option<PlacedBy>)> {
        let department = match kind {
            CarouselKind::PopularIn { department } => department.as_str(),
            _ => "",
        };
        let context = ListContext {
            page_places: CAROUSEL_CARDS_MAX,
            department,
            is_sorted_by_shopper: kind.is_own_past(),
            ..self.rules.context(Surface::Carousel(kind.name()))
        };
        self.rules.arranged_rows(rows, &context)
    }

    fn card(&self, row: u32) -> ItemCard {
        self.shown.card(self.pair.catalogue.card(row))
    }

    fn buy_again(&self) -> Option<Proposal> {
        let due = buy_again::due(&self.events, self.now_ms);
        let rows = due.into_iter().filter_map(|item| self.pair.catalogue.index_of(item));
        let may_show = |row: &u32| self.unasked.may_show_bought(&self.pair, *row);
        Some((CarouselKind::BuyAgain, rows.filter(may_show).collect()))
    }

    /// What stands for the card that was looked at last and not bought, or is like it.
    fn because_of(&self) -> Option<Proposal> {
        let rows_viewed = self.viewed(|event| !self.is_bought(event.item));
        let row = *rows_viewed.first()?;
        let looked_at = Box::new(self.card(row));
        Some((CarouselKind::BecauseOf { looked_at }, self.instead_of(row)))
    }

    /// What stands for the card that a newcomer chose last and has not bought, or is like it.
    fn because_of_choice(&self) -> Option<Proposal> {
        let chosen = self.chosen.iter().filter(|item| !self.is_bought(**item));
        let mut rows = chosen.filter_map(|item| self.pair.catalogue.index_of(*item));
        let row = rows.find(|row| self.may_show(*row))?;
        let chosen = Box::new(self.card(row));
        Some((CarouselKind::BecauseOfChoice { chosen }, self.instead_of(row)))
    }

    fn is_bought(&self, item: ItemId) -> bool {
        self.events.iter().any(|event| event.kind == EventKind::Purchase && event.item == item)
    }

    /// What stands for a card, or is like it.
    fn instead_of(&self, of: u32) -> Vec<u32> {
        let catalogue = &self.pair.catalogue;
        let id = catalogue.id(of);
        let alternatives = catalogue.rows().alternatives_to(id);
        let alternatives = alternatives.map_or(&[][..], |row| &row.related);
        let mut rows: Vec<u32> =
            alternatives.iter().filter_map(|item| catalogue.index_of(*item)).collect();
        rows.retain(|row| self.may_show(*row));
        let is_like = |row: u32| row == of || rows.contains(&row) || !self.may_show(row);
        let similar = match &self.pair.model {
            Some(model) if rows.len() < CAROUSEL_CARDS_MAX => {
                let (codes, code) = (model.table.codes(), model.table.code(of));
                scan::scan_top_k(codes, CODE_DIM, code, SIMILAR_MAX, is_like)
            }
            _ => Vec::new(),
        };
        // Of those that are like it, the nearest fill up, and then all are in one order.
        let n_similar = CAROUSEL_CARDS_MAX.saturating_sub(rows.len());
        rows.extend(similar.into_iter().take(n_similar).map(|(row, _)| row));
        self.in_personal_order(rows)
    }

    fn on_offer(&self) -> Option<Proposal> {
        let is_cheaper = |row: &u32| {
            if self.shown.are_standard() {
                return self.pair.catalogue.is_reduced(*row, self.now_ms);
            }
            let card = self.card(*row);
            card.offer.as_ref().is_some_and(|offer| offer.is_on(self.now_ms))
                || card.price_at(self.now_ms) < card.price_minor
        };
        let rows = self.by_popularity().filter(is_cheaper).take(SCORED_MAX).collect();
        Some((CarouselKind::OnOffer, self.in_personal_order(rows)))
    }

    /// Cards that the shopper has done nothing with and that were listed lately; where the
    /// shop says no dates, those that hardly anyone has bought.
    fn not_known(&self) -> Option<Proposal> {
        let known: HashSet<ItemId> = self.events.iter().map(|event| event.item).collect();
        let catalogue = &self.pair.catalogue;
        let is_unknown = |row: &u32| !known.contains(&catalogue.id(*row));
        if self.pair.has_dates {
            let today = self.now_ms / 60_000;
            let is_new = |row: &u32| {
                let minute = i64::from(catalogue.listed_minute(*row));
                (today - NEW_DAYS * MINUTES_OF_DAY..=today).contains(&minute)
            };
            let rows = self.by_popularity().filter(is_unknown).filter(is_new);
            let mut rows: Vec<u32> = rows.collect();
            sort_by_key(&mut rows, |row| std::cmp::Reverse(catalogue.listed_minute(*row)));
            rows.truncate(SCORED_MAX);
            return Some((CarouselKind::ListedLately, self.in_personal_order(rows)));
        }
        // Whoever has bought nothing is told nothing by what nobody bought.
        let table = &self.input.as_ref()?.model().table;
        let is_priced = |row: &u32| {
            table.scale().price_minor_median == 0 || catalogue.price(*row).price_minor > 0
        };
        let has_no_past = |row: &u32| catalogue.price(*row).n_buyers == 0;
        let rows = self.by_popularity().filter(is_unknown).filter(has_no_past).filter(is_priced);
        Some((CarouselKind::HardlyBought, self.in_personal_order(rows.take(SCORED_MAX).collect())))
    }

    /// The most bought of the department that the shopper does most with.
    fn popular(&self) -> Option<Proposal> {
        let input = self.input.as_ref()?;
        if self.events.len() < MAIN_DEPARTMENT_EVENTS_MIN {
            return None;
        }
        let mut shares: Vec<(u16, f64)> = input.shopper.history().department_shares().collect();
        sort_by(&mut shares, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let departments = input.model().table.departments();
        let of = |department: u16| {
            self.by_popularity().filter(move |row| departments[*row as usize] == department)
        };
        // A department of which nothing may be recommended is none that a carousel is about.
        let (main, _) = *shares.iter().find(|(department, _)| of(*department).next().is_some())?;
        let rows: Vec<u32> = of(main).take(SCORED_MAX).collect();
        let department = self.pair.catalogue.department(*rows.first()?).to_owned();
        (!department.is_empty()).then_some((CarouselKind::PopularIn { department }, rows))
    }

    fn recently_viewed(&self) -> Option<Proposal> {
        Some((CarouselKind::RecentlyViewed, self.viewed(|_| true)))
    }

    /// Cards that were looked at and may be shown, the last look first.
    fn viewed(&self, counts: impl Fn(&Event) -> bool) -> Vec<u32> {
        let looks = self.events.iter().rev().filter(|event| event.kind == EventKind::ViewItem);
        let mut seen = BTreeSet::new();
        let items = looks.filter(|event| counts(event) && seen.insert(event.item));
        let rows = items.filter_map(|event| self.pair.catalogue.index_of(event.item));
        rows.filter(|row| self.may_show(*row)).collect()
    }

    fn may_show(&self, row: u32) -> bool {
        self.unasked.may_show(&self.pair, row)
    }

    fn by_popularity(&self) -> impl Iterator<Item = u32> {
        self.unasked.popular(&self.pair)
    }

    /// Best first for the shopper; as they are for a newcomer, and without a model.
    fn in_personal_order(&self, rows: Vec<u32>) -> Vec<u32> {
        let Some(input) = &self.input else { return rows };
        let scores = input.feed_scores(&rows);
        let mut scored: Vec<(f32, ItemId, u32)> = scores
            .into_iter()
            .zip(rows)
            .map(|(score, row)| (score, self.pair.catalogue.id(row), row))
            .collect();
        sort_by(&mut scored, |a, b| by_score_then_id((a.0, a.1), (b.0, b.1)));
        scored.into_iter().map(|(_, _, row)| row).collect()
    }
}
