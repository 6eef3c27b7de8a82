//! What the views share: the session, and signals that mirror what it says.
//!
//! Nothing is ranked, stored or decided here. Every change of the session is
//! followed by reading it again.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::{EventKind, Facet, ItemId, Query};
use vitrine_session::{
    Basket, BasketLine, Change, Feed, Network, Progress, REPLIES_MAX, Recorded, SearchResults,
    Session, SessionError, Status, Versions,
};
use vitrine_words::shop::t;

use crate::{
    front, language, motion, pace,
    pages::{Conversation, HomeSignals, PictureSearch},
    router::Route,
    telltale,
    why::Why,
};

/// Tiles shown at first and added by each *Show more*.
pub const FEED_STEP: usize = 60;

/// How much of which catalogue is on the device: cards, prices, pictures and lists
/// that were read under another one may be stale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Catalogue {
    versions: Option<Versions>,
    revision: u64,
    n_items: u32,
    is_complete: bool,
    /// Place of the list whose prices are shown.
    price_list: Option<usize>,
}

impl Catalogue {
    fn of(status: &Status) -> Self {
        Self {
            versions: status.pinned,
            revision: status.revision,
            n_items: status.n_items_synced,
            is_complete: status.is_complete,
            price_list: (status.price_lists.iter())
                .position(|list| status.price_list.as_ref() == Some(list)),
        }
    }
}

/// What outlives a change of the filters, which is a page of its own.
#[derive(Clone, Default)]
pub struct Filtered {
    /// Whether the drawer of the filters is open.
    pub is_open: bool,
    /// Name of the field that was changed, which keeps the focus, and the value that it is
    /// of; empty where there is only one.
    pub changed: Option<(String, String)>,
}

/// Feeds in a row that are made and not shown, because something was done meanwhile.
const FEEDS_DISCARDED_MAX: u32 = 2;

/// The shop's shared state: cheap to copy, found by [`Shop::here`].
#[derive(Clone, Copy)]
pub struct Shop {
    session: StoredValue<Session, LocalStorage>,
    pub route: ReadSignal<Route>,
    pub status: RwSignal<Status>,
    catalogue: Memo<Catalogue>,
    pub progress: RwSignal<Option<Progress>>,
    pub feed: RwSignal<Option<Feed>>,
    pub feed_limit: RwSignal<usize>,
    pub home: HomeSignals,
    pub departments: Memo<Vec<Facet>>,
    pub basket: RwSignal<Basket>,
    /// What is on its way into the basket: shown before the log has it.
    adding: RwSignal<Vec<ItemId>>,
    pub why: RwSignal<Option<Why>>,
    /// Whether the page is being drawn anew in another language: nothing was opened.
    is_redrawn: StoredValue<bool>,
    /// Read out by screen readers when it changes.
    pub announcement: RwSignal<String>,
    /// Counts changes of the log or the catalogue: what was read before is stale.
    pub revision: RwSignal<u32>,
    /// The last results as they were shown, so that going back shows them so again.
    searches: StoredValue<Vec<(Query, SearchResults)>>,
    pub filtering: StoredValue<Filtered>,
    /// The conversation with the assistant.
    pub conversation: Conversation,
    /// The search with a picture.
    pub picture_search: PictureSearch,
    /// Counts catalogues that a search box can complete words of.
    pub vocabulary: RwSignal<u32>,
    /// A feed is being made; another is wanted once it is done.
    feed_busy: StoredValue<(bool, bool)>,
    /// How often *Why this?* was asked.
    n_whys: StoredValue<u32>,
    /// Whether the vocabulary is being made.
    vocabulary_busy: StoredValue<bool>,
}

impl Shop {
    /// Mirrors a session that has just been opened.
    pub fn new(session: Session, route: ReadSignal<Route>) -> Self {
        let status = RwSignal::new(session.status());
        let catalogue = Memo::new(move |_| Catalogue::of(&status.read()));
        let session = StoredValue::new_local(session);
        let shop = Self {
            status,
            catalogue,
            // Counted once a catalogue, not at each click.
            departments: Memo::new(move |_| {
                catalogue.get();
                session.with_value(Session::departments)
            }),
            session,
            route,
            progress: RwSignal::new(None),
            feed: RwSignal::new(None),
            feed_limit: RwSignal::new(FEED_STEP),
            home: HomeSignals::new(),
            basket: RwSignal::new(Basket::default()),
            adding: RwSignal::new(Vec::new()),
            why: RwSignal::new(None),
            is_redrawn: StoredValue::new(false),
            announcement: RwSignal::new(String::new()),
            revision: RwSignal::new(0),
            searches: StoredValue::new(Vec::new()),
            filtering: StoredValue::new(Filtered::default()),
            conversation: Conversation::new(),
            picture_search: PictureSearch::new(),
            vocabulary: RwSignal::new(0),
            feed_busy: StoredValue::new((false, false)),
            n_whys: StoredValue::new(0),
            vocabulary_busy: StoredValue::new(false),
        };
        shop.changed();
        shop.follow_other_tabs();
        shop
    }

    /// What another tab does with the log or the settings shows here, too.
    fn follow_other_tabs(self) {
        let heard = move |change: Change| {
            spawn_local(async move {
                let before = self.status.read_untracked().settings.clone();
                if self.session().catch_up(change).await {
                    let settings = self.session().status().settings;
                    if settings.private_search != before.private_search {
                        self.search_otherwise();
                    } else if settings.picture_search != before.picture_search {
                        spawn_local(self.sync());
                    }
                    if change == Change::Deleted {
                        self.forget_in_view();
                    }
                    if change != Change::Log {
                        self.home.draw_carousels_anew();
                    }
                    self.changed();
                }
            });
        };
        self.session().listen(Rc::new(heard));
    }

    /// Forgets results that were found in another way, and fetches or drops what the present one
    /// takes.
    pub fn search_otherwise(self) {
        self.searches.set_value(Vec::new());
        spawn_local(self.sync());
    }

    /// The state of the page that is being drawn.
    pub fn here() -> Self {
        expect_context()
    }

    /// The session itself, for what is asked for rather than mirrored.
    pub fn session(&self) -> Session {
        self.session.get_value()
    }

    /// Makes what is being worked out follow the catalogue.
    pub fn follow_catalogue(&self) {
        // Read, not tracked: what nobody reads is never worked out, and so never changes.
        self.catalogue.get();
    }

    /// Code of the currency by which the server filters and sorts.
    pub fn currency_standard(&self) -> String {
        self.status.read().currency_standard.clone()
    }

    /// Code of the prices that are shown.
    pub fn currency(&self) -> String {
        self.status.read().currency.clone()
    }

    /// Whether the server could not be reached the last time.
    pub fn is_offline(&self) -> bool {
        self.status.read().network == Network::Offline
    }

    /// Pieces of an item in the basket, of all its sizes.
    pub fn quantity(&self, id: ItemId) -> u32 {
        let basket = self.basket.read();
        let lines = basket.lines.iter().filter(|line| line.card.id == id);
        let n_adding = self.adding.read().iter().filter(|adding| **adding == id).count() as u32;
        lines.map(|line| line.quantity).sum::<u32>() + n_adding
    }

    /// Pieces in the basket.
    pub fn n_pieces(&self) -> u32 {
        self.basket.read().n_pieces + self.adding.read().len() as u32
    }

    /// A line of the basket, by its card and size.
    pub fn line(&self, id: ItemId, sku: Option<&str>) -> Option<BasketLine> {
        let basket = self.basket.read();
        basket.lines.iter().find(|line| line.card.id == id && line.sku() == sku).cloned()
    }

    /// Reads the session again after anything changed in it.
    pub fn changed(&self) {
        let session = self.session();
        self.status.set(session.status());
        self.basket.set(session.basket());
        self.revision.update(|n| *n += 1);
        telltale::session(&self.status.read_untracked(), &session.progress());
        front::note(&self.status.read_untracked());
        self.follow_language();
        self.refresh_feed();
    }

    /// Draws the page anew where the shopper has chosen another language, here or in another tab.
    fn follow_language(&self) {
        let settings = self.status.with_untracked(|status| status.settings.clone());
        if language::take_up_in_shop(&settings) {
            self.is_redrawn.set_value(true);
            language::draw_anew();
            self.is_redrawn.set_value(false);
        }
    }

    /// Whether what is drawn now was there already, in another language.
    pub fn is_redrawn(&self) -> bool {
        self.is_redrawn.get_value()
    }

    /// Makes feed and carousels of the front page anew. Calls while one is being made are merged into one.
    pub fn refresh_feed(&self) {
        let shop = *self;
        if shop.feed_busy.get_value().0 {
            shop.feed_busy.set_value((true, true));
            return;
        }
        shop.feed_busy.set_value((true, false));
        spawn_local(async move {
            let mut n_discarded = 0;
            loop {
                // What the shopper did shows before what follows from it.
                pace::drawn().await;
                shop.feed_busy.set_value((true, false));
                let limit = shop.feed_limit.get_untracked();
                let session = shop.session();
                let kept = shop.home.kept();
                let (feed, carousels) = if shop.home.has_drawn() {
                    (session.feed_keeping(limit, &kept).await, None)
                } else {
                    let home = session.home(limit, &kept).await;
                    (home.feed, Some(home.carousels))
                };
                // An event may have come while the feed was made: then it is old.
                // Whoever does so much meanwhile still sees one now and then.
                if shop.feed_busy.get_value().1 && n_discarded < FEEDS_DISCARDED_MAX {
                    n_discarded += 1;
                    continue;
                }
                n_discarded = 0;
                shop.home.take(&session, carousels, &feed);
                let drawn = feed.clone();
                motion::reorder(|| shop.feed.set(Some(feed)));
                shop.status.set(session.status());
                pace::all_drawn().await;
                if !shop.feed_busy.get_value().1 {
                    telltale::feed(&drawn, shop.status.read_untracked().n_events);
                    break;
                }
            }
            shop.feed_busy.set_value((false, false));
        });
    }

    /// Logs what the shopper did and shows what follows from it.
    pub fn record(&self, kind: EventKind, id: ItemId) {
        let shop = *self;
        spawn_local(async move {
            shop.session().record(kind, id).await;
            shop.changed();
        });
    }

    /// Puts one more into the basket: of a size, or of the usual one.
    pub fn add_to_basket(&self, id: ItemId, sku: Option<String>, title: &str) {
        let (shop, title) = (*self, title.to_owned());
        self.show_adding(id);
        spawn_local(async move {
            shop.put_into_basket(id, sku, &title).await;
            shop.changed();
        });
    }

    /// Shows one more in the basket before the log has it ([`Shop::put_into_basket`]).
    pub fn show_adding(&self, id: ItemId) {
        if self.route.get_untracked() == Route::Feed {
            self.home.keep(id);
        }
        self.adding.update(|adding| adding.push(id));
    }

    /// Logs what [`Shop::show_adding`] shows; [`Shop::changed`] then shows what follows from it.
    pub async fn put_into_basket(&self, id: ItemId, sku: Option<String>, title: &str) {
        let recorded = self.session().put_into_basket(id, sku.as_deref()).await;
        self.adding.update(|adding| {
            let place = adding.iter().position(|other| *other == id);
            place.map(|place| adding.swap_remove(place));
        });
        self.announcement.set(match recorded {
            Recorded::NotForSale(_) => t!("said.not_for_sale", title = title),
            _ => t!("said.in_basket", title = title),
        });
    }

    /// Answers *Why this?* in the dialog.
    pub fn ask_why(&self, id: ItemId) {
        let otherwise = self.status.read_untracked().why_without_reasons();
        let shop = *self;
        spawn_local(async move {
            let session = shop.session();
            let answer = async {
                let why = Why::ask(&session, id, otherwise).await;
                Some(shop.feed.with_untracked(|feed| why.of_feed(feed.as_ref(), id)))
            };
            let Some(why) = shop.show_why(answer).await else { return };
            let reasons = why.reasons();
            if reasons.is_empty() {
                return;
            }
            // The answer shows before the places, which take some rankings.
            pace::drawn().await;
            let places = session.feed_places(id, &reasons).await;
            // The shopper may have closed it, or asked about something else.
            if shop.why.with_untracked(|shown| shown.as_ref() == Some(&why)) {
                shop.why.set(Some(why.with_places(places)));
            }
        });
    }

    /// Shows an answer to *Why this?*, unless the shopper has asked about something else or gone
    /// elsewhere before it was worked out.
    pub async fn show_why(&self, answer: impl Future<Output = Option<Why>>) -> Option<Why> {
        let (number, route) = (self.n_whys.get_value() + 1, self.route.get_untracked());
        self.n_whys.set_value(number);
        let why = answer.await?;
        let is_wanted = self.n_whys.get_value() == number && self.route.get_untracked() == route;
        is_wanted.then(|| self.why.set(Some(why.clone())))?;
        Some(why)
    }

    /// Results of a search. Coming back to one, or reloading it, asks the server
    /// nothing: where the shopper was in between must not show in the requests.
    pub async fn search(&self, query: Query) -> Result<SearchResults, SessionError> {
        let kept = self.searches.with_value(|searches| {
            searches.iter().find(|(asked, _)| *asked == query).map(|(_, found)| found.clone())
        });
        if let Some(found) = kept {
            return Ok(found);
        }
        let session = self.session();
        let found = match session.search_again(&query) {
            Some(found) => Ok(found),
            None => session.search(query.clone()).await,
        };
        self.status.set(session.status());
        let found = found?;
        if !found.offline && !found.private {
            self.searches.update_value(|searches| {
                searches.truncate(REPLIES_MAX - 1);
                searches.insert(0, (query, found.clone()));
            });
        }
        Ok(found)
    }

    /// Deletes all that the shop knows about the shopper.
    pub async fn delete_all(&self) -> Result<(), SessionError> {
        let done = self.session().delete_all().await;
        self.forget_in_view();
        self.changed();
        done
    }

    /// Forgets what only the pages of this tab keep: replies, the conversation, the picture.
    fn forget_in_view(self) {
        self.searches.set_value(Vec::new());
        self.conversation.end(self);
        self.picture_search.end();
    }

    /// Lets the device settle on what ranks; nothing when it has already.
    pub async fn choose_backend(self) {
        self.session().choose_backend().await;
        self.status.set(self.session().status());
    }

    /// Takes up a newer catalogue, as every navigation does.
    pub fn take_up_pending(&self) {
        if self.session().take_up_pending() {
            self.changed();
            let shop = *self;
            spawn_local(async move {
                shop.choose_backend().await;
                shop.session().prepare_search().await;
            });
            self.announcement.set(t!("said.new_catalogue").to_owned());
        }
    }

    /// Fetches what the first feed needs, shows it, then fetches the rest. What
    /// is asked for depends on the manifest and the device's copy alone.
    pub async fn sync(self) {
        // A failure is in the status, which the banner shows.
        let has_head = self.session().sync_head().await.is_ok();
        self.sync_rest(has_head).await;
    }

    /// As [`Shop::sync`], once the head has been asked for.
    pub async fn sync_rest(self, has_head: bool) {
        let session = self.session();
        if has_head {
            spawn_local(async move {
                // The first feed is made from it, instead of a second one.
                front::take_up(self).await;
                self.synced();
            });
            let on_progress = move |progress| self.progress.set(Some(progress));
            let _ = session.sync_rest(on_progress).await;
        }
        self.synced();
        self.progress.set(Some(session.progress()));
        telltale::session(&self.status.read_untracked(), &session.progress());
        self.prepare_suggestions().await;
        self.session().prepare_search().await;
    }

    /// Makes the vocabulary of the search box, unless it is there.
    pub async fn prepare_suggestions(self) {
        if !self.session().can_suggest() && !self.vocabulary_busy.get_value() {
            self.vocabulary_busy.set_value(true);
            self.session().prepare_suggestions().await;
            self.vocabulary_busy.set_value(false);
            self.vocabulary.update(|n| *n += 1);
        }
    }

    /// Shows what a sync brought; draws nothing anew when that is nothing.
    fn synced(&self) {
        let status = self.session().status();
        let seen = |status: &Status| (Catalogue::of(status), status.model_ready);
        if seen(&status) == seen(&self.status.read_untracked()) {
            self.status.set(status);
        } else {
            self.changed();
        }
    }
}
