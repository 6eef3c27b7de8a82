//! What the Studio's views share: a session without a shopper, the persona's
//! own session, and signals that mirror what they and the server say.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_browser::studio::StudioClient;
use vitrine_domain::{Event, Facet, ItemId, Page, Query, Ranked};
use vitrine_session::{
    Feed, ItemCard, Progress, SearchResults, Session, SessionError, Status, Tile,
};
use vitrine_studio_api::StudioReport;
use vitrine_words::studio::t;

use super::failure::{Asked, Failure};
use super::route::View;
use super::shopper::Shopper;
use crate::why::Why;

/// Tiles of each order.
pub const TILES_MAX: usize = 60;
/// Places of the server's order that are known by number.
pub const SERVER_PLACES_MAX: usize = 10_000;

/// Places in an order, from 1.
pub(crate) type Places = Arc<HashMap<ItemId, usize>>;

/// One search in two orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What was searched for.
    pub text: String,
    /// As the persona sees it.
    pub student: SearchResults,
    /// As the server sent it.
    pub server: SearchResults,
}

/// The Studio's shared state: cheap to copy, found by [`Studio::here`].
#[derive(Clone, Copy)]
pub struct Studio {
    /// Has no log: its order is the server's.
    session: StoredValue<Session, LocalStorage>,
    /// The persona's.
    persona: StoredValue<Session, LocalStorage>,
    client: StoredValue<StudioClient>,
    pub view: ReadSignal<View>,
    pub shopper: RwSignal<Shopper>,
    /// The persona session's.
    pub status: RwSignal<Status>,
    pub progress: RwSignal<Option<Progress>>,
    pub departments: RwSignal<Vec<Facet>>,
    pub student: RwSignal<Asked<Feed>>,
    pub teacher: RwSignal<Asked<Vec<Tile>>>,
    pub server: RwSignal<Option<Feed>>,
    /// Whether an order of the persona is still to come.
    pub busy: RwSignal<bool>,
    pub server_places: RwSignal<Places>,
    pub found: RwSignal<Asked<Found>>,
    pub report: RwSignal<StudioReport>,
    pub why: RwSignal<Option<Why>>,
    pub announcement: RwSignal<String>,
    /// Counts rankings, so that an answer that comes late is not shown.
    turn: StoredValue<u32>,
    /// The same of searches.
    search_turn: StoredValue<u32>,
}

impl Studio {
    /// Mirrors a session without a log, and begins to sync it.
    pub fn new(
        session: Session,
        client: StudioClient,
        report: StudioReport,
        view: ReadSignal<View>,
    ) -> Self {
        let studio = Self {
            status: RwSignal::new(session.status()),
            persona: StoredValue::new_local(session.clone()),
            session: StoredValue::new_local(session),
            client: StoredValue::new(client),
            view,
            shopper: RwSignal::new(Shopper::default()),
            progress: RwSignal::new(None),
            departments: RwSignal::new(Vec::new()),
            student: RwSignal::new(Asked::Not),
            teacher: RwSignal::new(Asked::Not),
            server: RwSignal::new(None),
            busy: RwSignal::new(true),
            server_places: RwSignal::new(Places::default()),
            found: RwSignal::new(Asked::Not),
            report: RwSignal::new(report),
            why: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            turn: StoredValue::new(0),
            search_turn: StoredValue::new(0),
        };
        spawn_local(studio.sync());
        studio
    }

    /// The state of the page that is being drawn.
    pub fn here() -> Self {
        expect_context()
    }

    /// The session without a shopper.
    pub fn session(&self) -> Session {
        self.session.get_value()
    }

    /// The client that has the admin token.
    pub fn client(&self) -> StudioClient {
        self.client.get_value()
    }

    /// The device's time.
    pub fn clock_ms() -> i64 {
        js_sys::Date::now() as i64
    }

    /// Fetches the catalogue, or what is new of it, and orders it anew. A newer
    /// one is taken up at once: nobody shops here.
    pub async fn sync(self) {
        let session = self.session();
        let before = session.status().pinned;
        let mut done = session.sync_head().await.map(drop);
        if done.is_ok() {
            let progress = self.progress;
            let rest = session.sync_rest(move |now| progress.set(Some(now))).await;
            done = rest.map(drop);
        }
        session.take_up_pending();
        self.progress.set(Some(session.progress()));
        if let Err(error) = done
            && session.status().pinned.is_none()
        {
            return self.student.set(Asked::Failed(error.into()));
        }
        session.choose_backend().await;
        if session.status().pinned != before {
            self.catalogue_changed(before.is_some()).await;
        }
    }

    async fn catalogue_changed(self, is_newer: bool) {
        let session = self.session();
        self.departments.set(session.departments());
        let popular = session.feed(SERVER_PLACES_MAX).await;
        let places = popular.tiles.iter().enumerate().map(|(i, tile)| (tile.card.id, i + 1));
        self.server_places.set(Arc::new(places.collect()));
        self.server.set(Some(Feed {
            tiles: popular.tiles.into_iter().take(TILES_MAX).collect(),
            ..popular
        }));
        self.rank();
        if is_newer {
            if let Ok(report) = self.client().report().await {
                self.report.set(report);
            }
            self.announcement.set(t!("newer").to_owned());
        }
    }

    /// Changes the persona and shows what follows from it.
    pub fn change(&self, edit: impl FnOnce(&mut Shopper)) {
        self.shopper.update(edit);
        self.rank();
    }

    /// Asks for all orders of the persona as it is now.
    pub fn rank(&self) {
        let studio = *self;
        if studio.session().status().pinned.is_none() {
            // The sync will come back to it.
            return;
        }
        let is_late = begin_turn(studio.turn);
        studio.busy.set(true);
        let wanted = studio.shopper.with_untracked(|shopper| shopper.persona(Self::clock_ms()));
        let events = wanted.events.clone();
        spawn_local(async move {
            let ranked = studio.rank_as(events, wanted.now_ms).await;
            if is_late() {
                return;
            }
            let ranked = ranked.map(|(persona, feed)| {
                studio.status.set(persona.status());
                studio.persona.set_value(persona);
                feed
            });
            studio.student.set(Asked::of(ranked));
            let text = studio.found.with_untracked(|found| found.answer().map(|f| f.text.clone()));
            if let Some(text) = text {
                studio.search(text);
            }
            let order = studio.client().teacher(&wanted).await;
            if !is_late() {
                studio.teacher.set(Asked::of(order.map(|order| studio.tiles(order))));
                studio.busy.set(false);
            }
        });
    }

    async fn rank_as(
        &self,
        events: Vec<Event>,
        now_ms: Option<i64>,
    ) -> Result<(Session, Feed), SessionError> {
        let persona = self.session().persona(events, now_ms).await?;
        let feed = persona.feed(TILES_MAX).await;
        Ok((persona, feed))
    }

    /// The teacher's items as tiles; those that this page's catalogue lacks are left out.
    fn tiles(&self, order: Vec<Ranked>) -> Vec<Tile> {
        let session = self.session();
        let tile = |ranked: Ranked| {
            let card = session.item(ranked.item)?;
            Some(Tile { card, score: Some(ranked.score), found: None, placed: None })
        };
        order.into_iter().filter_map(tile).collect()
    }

    /// Searches as the persona and as nobody.
    pub fn search(&self, text: String) {
        let studio = *self;
        if studio.found.with_untracked(|found| found.answer().is_none_or(|f| f.text != text)) {
            studio.found.set(Asked::Asking);
        }
        let is_late = begin_turn(studio.search_turn);
        spawn_local(async move {
            let query = Query { text: text.clone(), ..Query::default() };
            let (persona, nobody) = (studio.persona.get_value(), studio.session());
            let both = match nobody.search(query.clone()).await {
                Ok(server) => persona.search(query).await.map(|student| (student, server)),
                Err(error) => Err(error),
            };
            if is_late() {
                return;
            }
            studio.status.set(persona.status());
            let found = both.map(|(student, server)| Found { text, student, server });
            studio.found.set(Asked::of(found));
        });
    }

    /// Products that match a text, for composing.
    pub async fn find(&self, text: String, limit: u32) -> Result<Vec<ItemCard>, Failure> {
        let page = Page { offset: 0, limit };
        let query = Query { text, page, ..Query::default() };
        let found = self.session().search(query).await.map_err(Failure::from)?;
        Ok(found.tiles.into_iter().map(|tile| tile.card).collect())
    }

    /// A card by its id.
    pub fn item(&self, id: ItemId) -> Option<ItemCard> {
        self.session().item(id).or_else(|| self.persona.get_value().item(id))
    }

    /// Answers *Why this?* for the persona.
    pub fn ask_why(&self, id: ItemId) {
        let otherwise = if !self.status.read_untracked().model_ready {
            t!("why.no_model")
        } else if self.shopper.read_untracked().events.is_empty() {
            t!("why.no_events")
        } else {
            t!("why.popular")
        };
        let studio = *self;
        spawn_local(async move {
            let why = Why::ask(&studio.persona.get_value(), id, otherwise).await;
            let why = studio.student.with_untracked(|feed| why.of_feed(feed.answer(), id));
            studio.why.set(Some(why));
        });
    }

    /// Asks the server what the parts of its teacher say of an item for the persona.
    pub fn ask_teacher_why(&self, id: ItemId) {
        let studio = *self;
        let wanted = studio.shopper.with_untracked(|shopper| shopper.persona(Self::clock_ms()));
        let title = studio.item(id).map(|card| card.title).unwrap_or_default();
        spawn_local(async move {
            let answer = studio.client().teacher_why(id, &wanted).await;
            let (heading, otherwise) = (t!("why.parts"), t!("why.no_parts"));
            let explanation = answer.ok().flatten();
            studio.why.set(Some(Why::of_teacher(title, explanation, heading, otherwise)));
        });
    }
}

/// Begins the next turn; what is returned says whether a later one has begun.
fn begin_turn(turns: StoredValue<u32>) -> impl Fn() -> bool {
    let turn = turns.get_value() + 1;
    turns.set_value(turn);
    move || turns.get_value() != turn
}
