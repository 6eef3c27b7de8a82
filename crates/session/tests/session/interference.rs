//! Non-interference as a property: two shoppers who make the same searches, and
//! sync, reload and delete at the same times, send the same requests, whatever
//! else each of them does.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use pollster::block_on;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner};
use vitrine_domain::{EventKind, Filters, ItemId, Page, Query, Sort};
use vitrine_rules::{
    Deed, Placement, PublicRules, Rule, RuleAction, RuleTarget, ShopRoute, Strength,
};
use vitrine_session::{PictureAsker, Response, Session, SessionError, Transport, TransportError};
use vitrine_wire::Shard;

use crate::device::{BusTab, Device, Disk, Listener};
use crate::rules::{for_buyers, on, pin, rule};
use crate::server::{FakeServer, Fault};
use crate::shop::{Shop, category, department};

const N_ITEMS: usize = 60;
/// Pairs of shoppers that are compared.
const N_PAIRS: u32 = 64;

/// What both do, at the same times.
#[derive(Clone, Debug)]
enum Public {
    Search(usize),
    Sync,
    /// The shop publishes a new catalogue.
    Publish,
    /// Reloads whatever page is open.
    Reload,
    /// The server goes away, or comes back.
    Outage(bool),
    /// Deletes everything about themselves, answers to searches included.
    Delete,
}

/// What only one of them does.
#[derive(Clone, Debug)]
enum Private {
    Record(EventKind, usize),
    PutIn(usize, bool),
    TakeOut(usize),
    Buy,
    Look(usize),
    /// Opens another page: a newer catalogue is taken up.
    Navigate,
    /// Opens the results of a search that was made in this tab before.
    GoBack(usize),
    Pause(bool),
    Learn(bool),
    Type(usize),
    /// Is not interested in a card, or is again.
    Want(usize, bool),
    /// Chooses a card as a newcomer, or none.
    AnswerStarters(Option<usize>),
    /// Asks something about a card.
    Ask(usize),
}

/// A part of a visit: what each of the two does by themselves, then a public step.
#[derive(Clone, Debug)]
struct Part {
    alone: [Vec<(bool, Private)>; 2],
    public: Public,
}

fn public() -> impl Strategy<Value = Public> {
    prop_oneof![
        4 => (0..queries().len()).prop_map(Public::Search),
        2 => Just(Public::Sync),
        1 => Just(Public::Publish),
        2 => Just(Public::Reload),
        1 => any::<bool>().prop_map(Public::Outage),
        1 => Just(Public::Delete),
    ]
}

fn private() -> impl Strategy<Value = Private> {
    let kind = prop_oneof![
        Just(EventKind::ViewItem),
        Just(EventKind::AddToCart),
        Just(EventKind::RemoveFromCart),
        Just(EventKind::Purchase),
    ];
    prop_oneof![
        6 => (kind, 0..N_ITEMS).prop_map(|(kind, item)| Private::Record(kind, item)),
        2 => (0..N_ITEMS, any::<bool>()).prop_map(|(item, large)| Private::PutIn(item, large)),
        1 => (0..N_ITEMS).prop_map(Private::TakeOut),
        1 => Just(Private::Buy),
        2 => (0..N_ITEMS).prop_map(Private::Look),
        2 => Just(Private::Navigate),
        2 => (0..queries().len()).prop_map(Private::GoBack),
        1 => any::<bool>().prop_map(Private::Pause),
        1 => any::<bool>().prop_map(Private::Learn),
        1 => (0..queries().len()).prop_map(Private::Type),
        2 => (0..N_ITEMS, any::<bool>()).prop_map(|(place, is)| Private::Want(place, is)),
        1 => prop::option::of(0..N_ITEMS).prop_map(Private::AnswerStarters),
        1 => (0..N_ITEMS).prop_map(Private::Ask),
    ]
}

fn visit() -> impl Strategy<Value = Vec<Part>> {
    let alone = || prop::collection::vec((any::<bool>(), private()), 0..6);
    let part = (alone(), alone(), public())
        .prop_map(|(first, second, public)| Part { alone: [first, second], public });
    prop::collection::vec(part, 1..12)
}

fn queries() -> Vec<Query> {
    let text = |text: &str| Query { text: text.into(), explain: true, ..Query::default() };
    let filters = Filters { departments: vec![department(1)], ..Filters::default() };
    let narrow = Filters { categories: vec![category(2)], ..filters.clone() };
    vec![
        text("milk"),
        Query { facets: true, ..text("tea") },
        Query { filters, ..text("") },
        Query { filters: narrow, sort: Sort::PriceAscending, ..text("apple") },
        Query { page: Page { offset: 5, limit: 5 }, ..text("milk") },
    ]
}

/// For buyers and non-buyers of categories, all that a rule for an audience may do, on every list.
fn audience_rules(shop: &Shop) -> Vec<Rule> {
    let item = |place: usize| shop.products[place].id;
    let target = RuleTarget::category(&category(4));
    let not_bought = |rule: Rule| {
        let mut rule = for_buyers(&category(6), rule);
        let facts = rule.audience.iter_mut().flat_map(|audience| &mut audience.facts);
        facts.for_each(|fact| fact.deed = Deed::NotBought);
        rule
    };
    let banner = RuleAction::Banner { text: "For you".into(), link: Some(ShopRoute::Home) };
    let strength = Strength::Strong;
    vec![
        for_buyers(&category(1), rule(1, vec![pin(item(10), 1), pin(item(11), 3)])),
        for_buyers(&category(2), rule(2, vec![RuleAction::Hide { target: target.clone() }])),
        for_buyers(&category(3), rule(3, vec![RuleAction::Boost { target, strength }])),
        on(Placement::Feed, for_buyers(&category(4), rule(4, vec![banner]))),
        not_bought(rule(5, vec![pin(item(12), 2)])),
        rule(6, vec![RuleAction::Sponsored { item: item(13), place: 4, paid_by: "Acme".into() }]),
    ]
}

/// What was planted for the comparison to find.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leak {
    None,
    /// The body of a search is a byte longer for each event.
    Length,
    /// A path says how many events there are.
    Path,
    /// One request more for those who did something.
    Extra,
    /// Two requests change places.
    Order,
    /// A page that asks again when the shopper comes back to a search.
    AskingAgain,
    /// A page that asks for something because an audience is met.
    Audience,
}

/// A transport that knows the log, and lets the server know.
struct Leaking {
    leak: Leak,
    server: Rc<FakeServer>,
    disk: Rc<Disk>,
    n_sent: Cell<u32>,
}

impl Leaking {
    async fn send(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        let answer = match body {
            "" => self.server.get(path).await,
            body => self.server.post_json(path, body).await,
        };
        self.n_sent.set(self.n_sent.get() + 1);
        let n_events = self.disk.n_events.get();
        let mut requests = self.server.requests.borrow_mut();
        let n = requests.len();
        let last = requests.last_mut().expect("just sent");
        match self.leak {
            Leak::Length if !body.is_empty() => last.2.push_str(&" ".repeat(n_events as usize)),
            Leak::Path => last.1.push_str(&format!("?n={n_events}")),
            Leak::Extra if n_events > 0 && self.n_sent.get() == 3 => {
                requests.push(("GET".into(), "/healthz".into(), String::new()));
            }
            Leak::Order if n > 1 && n_events % 2 == 1 => requests.swap(n - 1, n - 2),
            _ => {}
        }
        answer
    }
}

#[async_trait(?Send)]
impl Transport for Leaking {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        self.send(path, "").await
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        self.send(path, body).await
    }
}

/// One of the two: a device with two tabs, of which the first one searches.
struct Shopper {
    device: Device,
    server: Rc<FakeServer>,
    shop: Shop,
    tab: Rc<BusTab>,
    session: Listener,
    other: Listener,
    /// Searches that the server answered in this tab.
    answered: Vec<usize>,
    leak: Leak,
}

impl Shopper {
    async fn new(leak: Leak) -> Self {
        let photo_bytes = Some((700, 2_000));
        let shop = Shop { photo_bytes, has_language_model: true, ..Shop::new(N_ITEMS) };
        let more = vec![Shard::Rules(PublicRules { rules: audience_rules(&shop) })];
        let cards_for_rules = vec![shop.products[10].id, shop.products[11].id];
        let shop = Shop { more, cards_for_rules, ..shop };
        let server = FakeServer::new(&shop);
        let mut device = Device::new(&server);
        let (disk, n_sent) = (Rc::clone(&device.disk), Cell::new(0));
        device.transport = Rc::new(Leaking { leak, server: Rc::clone(&server), disk, n_sent });
        let tab = device.new_tab();
        let session = Listener::new(device.open_in(&tab).await);
        let other = Listener::new(device.open().await);
        Self { device, server, shop, tab, session, other, answered: Vec::new(), leak }
    }

    fn item(&self, place: usize) -> ItemId {
        self.shop.products[place % self.shop.products.len()].id
    }

    /// As the results page does it.
    async fn search(&mut self, place: usize, is_back: bool) {
        let query = queries().swap_remove(place);
        let asks_anew = is_back && self.leak == Leak::AskingAgain;
        if !asks_anew && self.session.session.search_again(&query).is_some() {
            return;
        }
        let found = self.session.session.search(query).await;
        if found.is_ok_and(|found| !found.offline) {
            self.answered.push(place);
        }
    }

    async fn sync(&self) {
        // Without a server both go on with what they have.
        if self.session.session.sync_head().await.is_ok() {
            let _ = self.session.session.sync_rest(|_| {}).await;
        }
    }

    async fn does(&mut self, step: &Public) {
        match step {
            Public::Search(place) => self.search(*place, false).await,
            Public::Sync => self.sync().await,
            Public::Publish => {
                self.shop.catalogue += 1;
                self.shop.products.iter_mut().for_each(|product| product.price_minor += 1);
                self.server.publish(&self.shop);
            }
            Public::Reload => {
                let session = self.device.open_in(&self.tab).await;
                self.session = Listener::new(session);
                self.sync().await;
            }
            Public::Outage(true) => self.server.set_fault(Fault::Down),
            Public::Outage(false) => self.server.set_fault(Fault::None),
            Public::Delete => {
                self.session.session.delete_all().await.expect("emptied");
                self.answered.clear();
            }
        }
    }

    async fn does_alone(&mut self, (elsewhere, step): &(bool, Private)) {
        if let Private::GoBack(place) = step {
            if self.answered.contains(place) {
                self.search(*place, true).await;
            }
            return;
        }
        let tab = if *elsewhere { &self.other } else { &self.session };
        let session = &tab.session;
        match step {
            Private::Record(kind, place) => {
                self.device.act(session, *kind, self.item(*place)).await;
            }
            Private::PutIn(place, large) => {
                let size = if *large { "5 lb" } else { "1 lb" };
                let item = self.item(*place);
                session.put_into_basket(item, Some(&crate::shop::sku(item, size))).await;
            }
            Private::TakeOut(place) => {
                let lines = session.basket().lines;
                if let Some(line) = lines.get(place % lines.len().max(1)) {
                    session.take_out_of_basket(line.card.id, line.sku(), Some(1)).await;
                }
            }
            Private::Buy => drop(session.buy_basket().await),
            Private::Look(place) => {
                let banners = look(session, self.item(*place)).await;
                if self.leak == Leak::Audience && banners > 0 {
                    let _ = self.server.get("/banner.webp").await;
                }
            }
            Private::Ask(place) => {
                let item = self.item(*place);
                drop((session.reviews(item), session.ask(item, "Is it waterproof?")));
                // The shop offers it, and neither of the two has allowed it.
                let asked = session.ask_model(item, "Is it waterproof?").await;
                assert!(matches!(asked, Err(SessionError::ModelNotAllowed)), "{asked:?}");
            }
            Private::Navigate => drop(session.take_up_pending()),
            Private::GoBack(_) => {}
            Private::Pause(paused) => session.set_paused(*paused).await,
            Private::Learn(learns) => session.set_learning(*learns).await,
            Private::Type(place) => {
                let text = &queries()[*place].text;
                session.suggest(text, 8);
                session.note_search(text).await;
                session.near(&queries()[*place], None);
                for forgotten in session.recent_searches("tea") {
                    session.forget_search(&forgotten).await;
                }
            }
            Private::Want(place, true) => drop(session.interested_again(self.item(*place)).await),
            Private::Want(place, false) => drop(session.not_interested(self.item(*place)).await),
            Private::AnswerStarters(place) => {
                let chosen: Vec<ItemId> = place.iter().map(|place| self.item(*place)).collect();
                session.answer_starters(&chosen).await;
            }
        }
        self.session.catch_up().await;
        self.other.catch_up().await;
    }
}

/// Looks at everything that the shop shows of an item and of the shopper; says how many banners
/// its feed has.
async fn look(session: &Session, item: ItemId) -> usize {
    let feed = session.feed(20).await;
    if let Some(card) = session.item(item) {
        for id in card.photos {
            let page = session.larger_picture(id, PictureAsker::Page).await;
            assert_eq!(page.expect("nothing is sent"), None);
        }
    }
    session.home(20, &std::collections::BTreeSet::from([item])).await;
    session.starters();
    session.unwanted();
    session.chosen();
    session.item(item);
    session.related(item, 6);
    session.why(item);
    session.privacy().await;
    session.export().expect("writable");
    feed.banners.len()
}

/// The requests of one of the two.
fn requests(visit: &[Part], who: usize, leak: Leak) -> Vec<(String, String, String)> {
    block_on(async {
        let mut shopper = Shopper::new(leak).await;
        for part in visit {
            for step in &part.alone[who] {
                shopper.does_alone(step).await;
            }
            shopper.does(&part.public).await;
        }
        shopper.server.requests.take()
    })
}

/// Compares pairs of shoppers; the pair that sends different requests, if any.
fn compare(leak: Leak) -> Result<(), TestError<Vec<Part>>> {
    let config = Config { cases: N_PAIRS, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    runner.run(&visit(), |visit| {
        let (first, second) = (requests(&visit, 0, leak), requests(&visit, 1, leak));
        prop_assert_eq!(first, second);
        Ok(())
    })
}

#[test]
fn what_is_done_besides_searching_changes_no_request() {
    if let Err(found) = compare(Leak::None) {
        panic!("{found}");
    }
}

#[test]
fn the_comparison_finds_what_is_planted() {
    use Leak::{AskingAgain, Audience, Extra, Length, Order, Path};
    let leaks = [Length, Path, Extra, Order, AskingAgain, Audience];
    for leak in leaks {
        let found = compare(leak);
        assert!(matches!(found, Err(TestError::Fail(..))), "{leak:?}: {found:?}");
    }
}

#[test]
fn the_visits_are_worth_comparing() {
    let mut runner = TestRunner::deterministic();
    let (mut n_searches, mut n_shards) = (0, 0);
    for _ in 0..20 {
        let visit = visit().new_tree(&mut runner).expect("a visit").current();
        for (method, path, _) in requests(&visit, 0, Leak::None) {
            n_searches += usize::from(method == "POST");
            n_shards += usize::from(path.starts_with("/v1/shards/"));
        }
    }
    assert!(n_searches >= 20 && n_shards >= 100, "{n_searches} searches, {n_shards} shards");
}
