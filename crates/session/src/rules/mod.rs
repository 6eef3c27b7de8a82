//! The shop's rules as the device applies them: public data that is here anyway, asked at each
//! ranking by the clock, with what the device knows of its shopper. Nothing is sent because of
//! one, and what may be shown unasked (`unasked.rs`) stays the first word.
//!
//! Places are given once: in the feed by `arranged.rs`, among the results of a search by
//! `results.rs`, in carousels and related lists by [`ShopRules::arranged_rows`].

mod arranged;
mod cards;
mod deeds;
mod results;
mod sponsored;

use std::rc::Rc;

use vitrine_domain::ItemId;
use vitrine_rules::{
    CompiledRules, HoldingRules, ListContext, ListToArrange, PublicRules, RankedCard, RulesError,
    ShopperFacts, Surface, TouchedCard,
};

use crate::pair::Pair;
use crate::placed::{PlacedBy, RuleBanner};
use crate::select::SELECT_BLOCK;
use crate::session::Session;
use crate::sponsored_day::SponsoredDay;

pub(crate) use arranged::{ArrangedCard, ArrangedFeed, arrange_popular};
use cards::PairCards;
use deeds::LoggedDeeds;
pub(crate) use results::PageExtras;
pub(crate) use sponsored::{META_SPONSORED, sponsored_of};

/// What a ranking asks the rules with, taken from the session once.
pub(crate) struct ShopRules {
    compiled: Rc<CompiledRules>,
    pair: Rc<Pair>,
    now_ms: i64,
    /// Tag of the language that the shop is read in.
    locale: &'static str,
    /// `None` without consent: then no audience is met.
    deeds: Option<LoggedDeeds>,
    sponsored: SponsoredDay,
}

impl ShopRules {
    /// Whether the shop has no rules at all.
    pub fn is_empty(&self) -> bool {
        self.compiled.n_rules() == 0
    }

    /// The context of a list, in pages of the feed's blocks.
    pub fn context<'a>(&'a self, surface: Surface<'a>) -> ListContext<'a> {
        ListContext {
            surface,
            locale: self.locale,
            now_seconds: self.now_ms.div_euclid(1_000),
            page_places: SELECT_BLOCK,
            sponsored_left: self.sponsored.n_left(),
            sponsored_seen: self.sponsored.seen(),
            shopper: self.deeds.as_ref().map(|deeds| deeds as &dyn ShopperFacts),
            ..ListContext::default()
        }
    }

    /// The rules that hold there.
    pub fn holding<'a>(&'a self, context: &ListContext<'a>) -> HoldingRules<'a> {
        HoldingRules::of(context, &self.compiled)
    }

    /// The cards of the pair, as rules are told of them.
    pub fn cards(&self) -> PairCards<'_> {
        PairCards { pair: &self.pair, now_ms: self.now_ms }
    }

    /// What a rule did to a card, for who reads it.
    pub fn placed(&self, touched: &TouchedCard) -> PlacedBy {
        PlacedBy::of(touched, &self.compiled, self.locale)
    }

    /// What rules say above a list.
    pub fn banners(&self, holding: &HoldingRules<'_>) -> Vec<RuleBanner> {
        let banners = holding.banners().into_iter();
        banners.map(|banner| RuleBanner::of(banner, self.locale)).collect()
    }

    /// Rows of a list without scores, best first, each at its place, with what decided that.
    /// Only the list's own rows are placed: what a carousel says of its cards stays true.
    pub fn arranged_rows(
        &self,
        rows: Vec<u32>,
        context: &ListContext<'_>,
    ) -> Vec<(u32, Option<PlacedBy>)> {
        let holding = self.holding(context);
        if holding.is_empty() {
            return rows.into_iter().map(|row| (row, None)).collect();
        }
        let (cards, ranked) = (self.cards(), by_place(&rows));
        let list = ListToArrange { ranked: &ranked, extras: &[], cards: &cards };
        let arranged = vitrine_rules::arrange(list, context, &self.compiled);
        let placed = |row: &u32| {
            let touched = arranged.touched.iter().find(|touched| touched.index == *row);
            (*row, touched.map(|touched| self.placed(touched)))
        };
        arranged.order.iter().map(placed).collect()
    }
}

/// Rows without scores: minus the place is one.
fn by_place(rows: &[u32]) -> Vec<RankedCard> {
    let ranked = |(place, row): (usize, &u32)| RankedCard { index: *row, score: -(place as f32) };
    rows.iter().enumerate().map(ranked).collect()
}

impl Session {
    /// What a ranking of a pair's cards asks the rules with, now.
    pub(crate) fn shop_rules(&self, pair: &Rc<Pair>) -> ShopRules {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let compiled = state.rules_tried.as_ref().unwrap_or(&pair.rules);
        let deeds = state.has_consent().then(|| LoggedDeeds::new(self, pair, now_ms));
        ShopRules {
            compiled: Rc::clone(compiled),
            pair: Rc::clone(pair),
            now_ms,
            locale: vitrine_words::current().tag,
            deeds,
            sponsored: state.sponsored.on(now_ms),
        }
    }

    /// Ranks by other rules than those that are synced, in this session alone and until it is
    /// told otherwise: those of a draft, in the Studio. `None` goes back to the synced ones; no
    /// rules at all is an empty set. A persona begins with the rules of its session. Sends
    /// nothing, and keeps nothing.
    ///
    /// # Errors
    /// What is wrong with the rules; then those from before stay.
    pub fn preview_rules(&self, rules: Option<PublicRules>) -> Result<(), RulesError> {
        let pair = self.active();
        let never_recommended =
            pair.as_ref().map_or(&[][..], |pair| &pair.manifest.catalogue.never_recommended);
        let compiled = match rules {
            Some(rules) => {
                rules.validate(never_recommended)?;
                Some(Rc::new(CompiledRules::new(rules)))
            }
            None => None,
        };
        self.inner.state.borrow_mut().rules_tried = compiled;
        Ok(())
    }
}

/// Rows of cards that rules want to place and that may be placed.
pub(crate) fn rows_wanted(
    pair: &Pair,
    holding: &HoldingRules<'_>,
    may_show: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let wanted: Vec<ItemId> = holding.cards_wanted();
    let rows = wanted.into_iter().filter_map(|item| pair.catalogue.index_of(item));
    rows.filter(|row| may_show(*row)).collect()
}
