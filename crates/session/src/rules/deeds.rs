//! What the log of this device tells an audience. It is asked here alone, and only for rules that
//! have an audience.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use vitrine_domain::EventKind;
use vitrine_rules::{CardGroup, ShopperFacts};

use crate::pair::Pair;
use crate::session::Session;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The log by what its cards have in common, made when the first audience asks. Without consent
/// there is none.
pub(crate) struct LoggedDeeds {
    session: Session,
    pair: Rc<Pair>,
    now_ms: i64,
    last: OnceCell<HashMap<CardGroup, LastDeeds>>,
}

/// When something of a group was last bought, and last looked at.
#[derive(Clone, Copy, Default)]
struct LastDeeds {
    bought_ms: Option<i64>,
    looked_at_ms: Option<i64>,
}

impl LoggedDeeds {
    pub fn new(session: &Session, pair: &Rc<Pair>, now_ms: i64) -> Self {
        let (session, pair) = (session.clone(), Rc::clone(pair));
        Self { session, pair, now_ms, last: OnceCell::new() }
    }

    fn last(&self, of: &CardGroup) -> LastDeeds {
        self.last.get_or_init(|| self.read()).get(of).copied().unwrap_or_default()
    }

    fn read(&self) -> HashMap<CardGroup, LastDeeds> {
        let state = self.session.inner.state.borrow();
        let mut last: HashMap<CardGroup, LastDeeds> = HashMap::new();
        for event in state.ranked() {
            let groups = match self.pair.catalogue.index_of(event.item) {
                Some(row) => {
                    let catalogue = &self.pair.catalogue;
                    let brand = catalogue.raw(row).brand.as_str();
                    groups(catalogue.department(row), catalogue.category(row), brand)
                }
                // What was bought stays bought when the shop lists it no more.
                None => match state.log.kept.get(&event.item) {
                    Some(kept) => {
                        let card = &kept.card;
                        groups(&card.department, &card.category, &card.brand)
                    }
                    None => continue,
                },
            };
            for group in groups {
                let deeds = last.entry(group).or_default();
                let at = match event.kind {
                    EventKind::Purchase => &mut deeds.bought_ms,
                    EventKind::ViewItem => &mut deeds.looked_at_ms,
                    EventKind::AddToCart | EventKind::RemoveFromCart => continue,
                };
                *at = Some(at.map_or(event.at_ms, |before| before.max(event.at_ms)));
            }
        }
        last
    }

    fn is_within(&self, at_ms: Option<i64>, within_days: u16) -> bool {
        at_ms.is_some_and(|at_ms| at_ms > self.now_ms - i64::from(within_days) * DAY_MS)
    }
}

fn groups(department: &str, category: &str, brand: &str) -> [CardGroup; 3] {
    [
        CardGroup::Department(department.to_owned()),
        CardGroup::Category(category.to_owned()),
        CardGroup::Brand(brand.to_owned()),
    ]
}

impl ShopperFacts for LoggedDeeds {
    fn has_bought(&self, of: &CardGroup, within_days: u16) -> bool {
        self.is_within(self.last(of).bought_ms, within_days)
    }

    fn has_looked_at(&self, of: &CardGroup, within_days: u16) -> bool {
        self.is_within(self.last(of).looked_at_ms, within_days)
    }
}
