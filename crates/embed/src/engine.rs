//! Calls of a page, answered by a session.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;
use vitrine_domain::ItemId;
use vitrine_session::{Clock, Feed, FeedOrder, ItemCard, LedgerEntry, PhotoSize, Purpose, Session};
use vitrine_words::session::t;

use crate::cards::{CardWriter, HostCard, number};
use crate::searching::{self, HostResults, HostSuggestion};
use crate::{EngineError, HostCall, HostEvent};

/// Cards of a list, unless the page says how many.
const CARDS_DEFAULT: usize = 24;
/// Most cards of a feed.
const FEED_CARDS_MAX: usize = 500;
/// Most related cards.
const RELATED_CARDS_MAX: usize = 50;

/// How the platform writes what differs by place and language, and where it keeps pictures.
#[derive(Clone, Copy, Debug)]
pub struct Platform {
    /// A price in minor units of a currency.
    pub price: fn(u64, &str) -> String,
    /// A moment, in milliseconds since 1970-01-01 UTC, as a day.
    pub day: fn(i64) -> String,
    /// Address of a picture that is on the device.
    pub photo: fn(&Session, u32, PhotoSize) -> Option<String>,
}

/// What a call is answered with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HostAnswer {
    /// It is done.
    Done(()),
    /// A feed.
    Feed(HostFeed),
    /// Results of a search.
    Results(HostResults),
    /// Suggestions, best first.
    Suggestions(Vec<HostSuggestion>),
    /// Cards, best first.
    Cards(Vec<HostCard>),
    /// Sentences.
    Lines(Vec<String>),
    /// What the device has of the shopper.
    Profile(HostProfile),
    /// A text or a word.
    Text(String),
}

/// A feed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostFeed {
    /// Best first.
    pub cards: Vec<HostCard>,
    /// "personal", or "popular" where nothing is known of the shopper.
    pub order: &'static str,
}

/// What the device has of the shopper.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostProfile {
    /// What it has learned, in sentences.
    pub lines: Vec<String>,
    /// Events that are recorded.
    pub recorded: usize,
    /// Every request that was sent, oldest first.
    pub ledger: Vec<SentRequest>,
}

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentRequest {
    /// "GET" or "POST".
    pub method: String,
    /// Absolute path.
    pub path: String,
    /// What it was for.
    pub purpose: Purpose,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Size of its body.
    pub bytes_sent: u64,
    /// Size of the answer's body.
    pub bytes_received: u64,
    /// HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// Its body, of this visit's requests.
    pub body: Option<String>,
}

/// The session of one page, behind calls. Calls may overlap.
pub struct Engine {
    pub(crate) session: Session,
    clock: Rc<dyn Clock>,
    platform: Platform,
    /// Cards by the number that the page has; as many as it was shown.
    handed_out: RefCell<BTreeMap<u64, ItemId>>,
    /// The last feed that was asked for.
    feed: RefCell<Option<Feed>>,
}

impl Engine {
    /// Answers for a session that has been opened.
    pub fn new(session: Session, clock: Rc<dyn Clock>, platform: Platform) -> Self {
        Self { session, clock, platform, handed_out: RefCell::default(), feed: RefCell::default() }
    }

    /// Answers a call.
    ///
    /// # Errors
    /// What is asked for cannot be had; see [`EngineError`].
    pub async fn answer(&self, call: HostCall) -> Result<HostAnswer, EngineError> {
        Ok(match call {
            HostCall::Record(event) => self.record(event).await.map(HostAnswer::Done)?,
            HostCall::Feed { limit } => HostAnswer::Feed(self.make_feed(limit).await),
            HostCall::Search { query, filters, page, limit, order } => {
                let (mut query, is_first_page) = searching::query(query, filters, (page, limit));
                query.sort = order.unwrap_or_default();
                self.search(query, is_first_page).await?
            }
            HostCall::Suggest { text, limit } => {
                HostAnswer::Suggestions(self.suggestions(&text, limit))
            }
            HostCall::Related { id, sku, limit } => {
                HostAnswer::Cards(self.related(self.item_named(id, sku.as_deref())?, limit))
            }
            HostCall::Why { id, sku } => {
                HostAnswer::Lines(self.why(self.item_named(id, sku.as_deref())?))
            }
            HostCall::Profile {} => HostAnswer::Profile(self.profile()),
            HostCall::SetConsent { granted } => {
                self.session.set_consent(granted).await;
                HostAnswer::Done(())
            }
            HostCall::Consent {} => HostAnswer::Text(self.consent().to_owned()),
            HostCall::Export {} => HostAnswer::Text(self.session.export()?),
            HostCall::Erase {} => self.session.delete_all().await.map(HostAnswer::Done)?,
        })
    }

    /// Without consent nothing is kept, not even in memory: the basket is the host's.
    async fn record(&self, event: HostEvent) -> Result<(), EngineError> {
        let HostEvent { kind, id, sku, quantity } = event;
        let item = self.item_named(id, sku.as_deref())?;
        if !self.session.status().has_consent {
            return Ok(());
        }
        match kind.logged() {
            Some(kind) => {
                self.session.record_pieces(kind, item, sku.as_deref(), quantity).await;
            }
            None => {
                self.session.not_interested(item).await;
            }
        }
        Ok(())
    }

    async fn make_feed(&self, limit: Option<usize>) -> HostFeed {
        // The page asks for a list anew: what it has shown may change now.
        self.session.take_up_pending();
        let feed = self.session.feed(limit.unwrap_or(CARDS_DEFAULT).min(FEED_CARDS_MAX)).await;
        let writer = self.writer();
        let reasons = |item: ItemId| {
            let on_offer = feed.promoted.contains(&item).then(|| t!("host.on_offer").to_owned());
            let new = feed.explored.contains(&item).then(|| t!("host.few_bought").to_owned());
            on_offer.or(new).into_iter().collect()
        };
        let tiles = feed.tiles.iter();
        let cards = tiles.map(|tile| self.hand_out(&writer, &tile.card, reasons(tile.card.id)));
        let cards = cards.collect();
        let order = match feed.order {
            FeedOrder::Personal => "personal",
            FeedOrder::Popularity => "popular",
        };
        *self.feed.borrow_mut() = Some(feed);
        HostFeed { cards, order }
    }

    fn related(&self, item: ItemId, limit: Option<usize>) -> Vec<HostCard> {
        let limit = limit.unwrap_or(CARDS_DEFAULT).min(RELATED_CARDS_MAX);
        let related = self.session.related(item, limit);
        let writer = self.writer();
        let card = |related: &vitrine_session::Related| {
            self.hand_out(&writer, &related.card, vec![related.by.words().to_owned()])
        };
        related.iter().take(limit).map(card).collect()
    }

    fn why(&self, item: ItemId) -> Vec<String> {
        let feed = self.feed.borrow();
        let placed = feed.as_ref().and_then(|feed| feed.why_placed(item));
        let mut lines: Vec<String> = placed.into_iter().map(str::to_owned).collect();
        for reason in self.session.why(item) {
            lines.push(reason.words(self.platform.day));
            lines.extend(reason.links.iter().map(|link| format!("{}.", link.words())));
        }
        if lines.is_empty() {
            lines.push(self.session.status().why_without_reasons().to_owned());
        }
        lines
    }

    fn profile(&self) -> HostProfile {
        let status = self.session.status();
        let price = |minor: u32| (self.platform.price)(minor.into(), &status.currency_standard);
        let lines = self.session.profile();
        let request = |entry: LedgerEntry| SentRequest {
            method: entry.method,
            path: entry.path,
            purpose: entry.purpose,
            at: entry.at_ms,
            bytes_sent: entry.bytes_sent,
            bytes_received: entry.bytes_received,
            status: entry.status,
            body: entry.body,
        };
        HostProfile {
            lines: lines.iter().map(|line| format!("{}.", line.words(price))).collect(),
            recorded: status.n_events,
            ledger: self.session.ledger().into_iter().map(request).collect(),
        }
    }

    /// "given" also where nobody has to ask.
    fn consent(&self) -> &'static str {
        let status = self.session.status();
        match (status.settings.consent, status.has_consent) {
            (Some(false), _) => "refused",
            (_, true) => "given",
            (_, false) => "unanswered",
        }
    }

    pub(crate) fn writer(&self) -> CardWriter<'_> {
        CardWriter {
            session: &self.session,
            platform: &self.platform,
            currency: self.session.status().currency,
            now_ms: self.clock.now_ms(),
        }
    }

    pub(crate) fn hand_out(
        &self,
        writer: &CardWriter<'_>,
        card: &ItemCard,
        reasons: Vec<String>,
    ) -> HostCard {
        self.handed_out.borrow_mut().insert(number(card.id), card.id);
        writer.card(card, reasons)
    }

    /// The card that a page names: by its number, else by the sku of a variant.
    fn item_named(&self, id: Option<u64>, sku: Option<&str>) -> Result<ItemId, EngineError> {
        match (id, sku) {
            (Some(id), _) => self.item_of(id),
            (None, Some(sku)) => {
                let item = self.session.item_of_sku(sku);
                item.ok_or_else(|| EngineError::UnknownSku(sku.to_owned()))
            }
            (None, None) => Err(EngineError::NoProduct),
        }
    }

    /// The card with a number: of the catalogue, or one that was handed out before.
    fn item_of(&self, id: u64) -> Result<ItemId, EngineError> {
        let handed_out = self.handed_out.borrow().get(&id).copied();
        let item = handed_out.or_else(|| self.session.item_where(|item| number(item) == id));
        item.ok_or(EngineError::UnknownId(id))
    }
}
