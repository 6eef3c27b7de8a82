//! What a session holds in memory, in its parts: settings, log, pairs, what is
//! derived from the two, hits of searches, and how things went.

use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_device::BackendReason;
use vitrine_domain::pace::{Unpaced, at_once};
use vitrine_domain::{ItemId, Positives};
use vitrine_rules::CompiledRules;

use crate::backend_words::backend_words;
use crate::log::{DeviceEvent, KeptCard, Log};
use crate::pair::{Model, Pair};
use crate::pairs::Pairs;
use crate::personal::{Past, Personal};
use crate::sponsored_day::SponsoredDay;
use crate::{
    Backend, Durability, GpuState, ItemCard, Network, SessionError, Settings, Status, StorageError,
};

/// Hits remembered of earlier searches before they are forgotten.
const FOUND_MAX: usize = 2_000;

/// The parts.
#[derive(Default)]
pub(crate) struct State {
    pub settings: Settings,
    /// The price list that the page presets, by its key.
    pub preset_price_list: Option<String>,
    /// Whether the page has the shopper asked before anything is recorded.
    pub consent_required: bool,
    pub log: Log,
    /// The last searches, newest first.
    pub searches: Vec<String>,
    /// Whether the storage has them.
    pub has_stored_searches: bool,
    pub pairs: Pairs,
    /// Rules that are tried in place of the synced ones.
    pub rules_tried: Option<Rc<CompiledRules>>,
    /// Sponsored cards that were shown today.
    pub sponsored: SponsoredDay,
    pub ranking: RankingState,
    pub found: FoundCards,
    pub health: Health,
    /// Whether the server said that it does not publish what a device needs to go by meaning.
    pub lacks_meaning: bool,
    /// Whether the server publishes what a device needs to look at pictures.
    pub offers_pictures: bool,
}

/// What a ranking starts from, and how the last one went.
#[derive(Default)]
pub(crate) struct RankingState {
    /// Derived from log and active pair; `None` without a model.
    pub personal: Option<Personal>,
    pub backend: Backend,
    pub gpu: GpuState,
    pub backend_reason: Option<BackendReason>,
    pub ranking_ms: Option<f64>,
}

/// How the network and the storage are.
#[derive(Default)]
pub(crate) struct Health {
    pub network: Network,
    pub sync_error: Option<String>,
    /// Whether that was a format of another version.
    pub needs_reload: bool,
    pub storage_error: Option<StorageError>,
    /// Stored records that could not be read.
    pub n_dropped: u32,
}

/// Hits of the last search replies, for items that are not synced.
#[derive(Default)]
pub(crate) struct FoundCards(BTreeMap<ItemId, FoundCard>);

/// A hit of a search reply.
pub(crate) struct FoundCard {
    pub kept: KeptCard,
    /// Its picture's number, which is on the device sooner or later.
    pub picture: u32,
}

impl State {
    /// Puts a pair in use and derives the personal state anew.
    pub fn activate(&mut self, pair: Rc<Pair>) {
        let personal = pair.model.as_ref().map(|model| {
            let past = self.past(model);
            at_once(Personal::of(model, &past, &Unpaced))
        });
        self.take(pair, personal);
    }

    /// Puts a pair in use beside the personal state that was derived for it.
    pub fn take(&mut self, pair: Rc<Pair>, personal: Option<Personal>) {
        self.ranking.personal = personal;
        self.pairs.set_active(pair);
    }

    /// What the personal state follows from; nothing without consent.
    pub fn past(&self, model: &Model) -> Past {
        let (nothing, has_consent) = (Log::default(), self.has_consent());
        let log = if has_consent { &self.log } else { &nothing };
        Past::of(model, log, self.settings.learns && has_consent)
    }

    /// Moves what is derived from the log by one event; the same as deriving it
    /// anew, for the price of one token.
    pub fn derive(&mut self, event: &DeviceEvent) {
        if !self.has_consent() {
            return;
        }
        if let (Some(pair), Some(personal), Some(event)) =
            (self.pairs.active(), &mut self.ranking.personal, event.ranked())
        {
            personal.append(pair, &self.log.kept, &event);
        }
    }

    /// Forgets the shopper. Pairs and settings stay.
    pub fn forget(&mut self) {
        self.log = Log::default();
        self.searches.clear();
        self.has_stored_searches = false;
        self.sponsored = SponsoredDay::default();
        // Having answered tells that somebody was here.
        self.settings.starters_answered = false;
        self.found.clear();
        self.ranking.personal = None;
        self.ranking.ranking_ms = None;
        if let Some(pair) = self.pairs.active().cloned() {
            self.activate(pair);
        }
    }

    /// A card: from the pinned catalogue, else from the last search replies, else
    /// as the log remembers it.
    pub fn item(&self, id: ItemId) -> Option<ItemCard> {
        let pair = self.pairs.active();
        let found = || {
            let found = self.found.get(id)?;
            let picture = pair.and_then(|pair| pair.catalogue.picture(found.picture));
            Some(ItemCard { picture, ..found.kept.card.clone() })
        };
        let remembered =
            || Some(ItemCard { listed: false, ..self.log.kept.get(&id)?.card.clone() });
        pair.and_then(|pair| pair.card_of(id)).or_else(found).or_else(remembered)
    }

    /// Everything at once.
    pub fn status(&self, durability: Durability) -> Status {
        let active = self.pairs.active().map(Rc::as_ref);
        let manifest = active.map(|pair| &pair.manifest);
        let RankingState { personal, backend, gpu, backend_reason, ranking_ms } = &self.ranking;
        let price_list = manifest.and_then(|m| Some(self.price_list(m)?.1.clone()));
        let learner = personal.as_ref().and_then(|personal| personal.learner.as_ref());
        Status {
            shop: manifest.map_or_else(String::new, |m| m.shop.clone()),
            currency: match &price_list {
                Some(list) => list.currency.clone(),
                None => manifest.map_or_else(String::new, |m| m.currency.clone()),
            },
            currency_standard: manifest.map_or_else(String::new, |m| m.currency.clone()),
            tax_included: manifest.and_then(|m| match &price_list {
                Some(list) => list.tax_included,
                None => m.prices.tax_included,
            }),
            price_lists: manifest.map_or_else(Vec::new, |m| m.prices.lists.clone()),
            positives: manifest.map_or_else(Positives::default, |m| m.catalogue.positives),
            picture_mode: manifest.map_or_else(Default::default, |m| m.catalogue.picture_mode),
            has_real_urls: manifest.is_some_and(|m| m.has_real_urls),
            has_language_model: manifest.is_some_and(|m| m.has_language_model),
            network: self.health.network,
            pinned: active.map(Pair::versions),
            pending: self.pairs.pending().map(|pair| pair.versions()),
            n_items_synced: active.map_or(0, |pair| pair.catalogue.n_items()),
            revision: manifest.map_or(0, |m| m.catalogue.revision),
            n_items: manifest.map_or(0, |m| m.catalogue.n_items),
            has_dates: active.is_some_and(|pair| pair.has_dates),
            has_ratings: active.is_some_and(|pair| pair.has_ratings),
            has_prices: active.is_some_and(|pair| pair.has_prices),
            is_complete: active.is_some_and(|pair| pair.complete),
            offers_meaning: !self.lacks_meaning,
            has_meaning: active.is_some_and(Pair::has_query_table),
            offers_picture_search: self.offers_pictures,
            has_picture_network: active.is_some_and(Pair::has_picture_network),
            n_events: self.log.events.len(),
            has_choice: self.log.is_empty()
                && active.is_some_and(|pair| !self.categories_chosen(pair).is_empty()),
            model_ready: active.is_some_and(Pair::has_model),
            backend: *backend,
            gpu: gpu.clone(),
            backend_reason: backend_reason.as_ref().map_or_else(String::new, backend_words),
            ranking_ms: *ranking_ms,
            asks_consent: self.consent_required && self.settings.consent.is_none(),
            has_consent: self.has_consent(),
            settings: self.settings.clone(),
            price_list,
            learning: learner.map(|learner| learner.status()),
            durability,
            storage_error: self.health.storage_error.clone(),
            n_dropped: self.health.n_dropped.into(),
            sync_error: self.health.sync_error.clone(),
            needs_reload: self.health.needs_reload,
        }
    }
}

impl RankingState {
    /// Remembers how the last ranking went, for the badge.
    pub fn note(&mut self, backend: Backend, ranking_ms: f64) {
        self.backend = backend;
        self.ranking_ms = Some(ranking_ms);
    }
}

impl Health {
    /// The value of a read, or its default with the failure noted.
    pub fn take<T: Default>(&mut self, read: Result<T, StorageError>) -> T {
        read.unwrap_or_else(|error| {
            self.storage_error = Some(error);
            T::default()
        })
    }

    /// Remembers whether the last sync worked.
    pub fn note_sync<T>(&mut self, result: &Result<T, SessionError>) {
        self.sync_error = result.as_ref().err().map(SessionError::words);
        self.needs_reload = matches!(result, Err(SessionError::OtherVersion { .. }));
    }
}

impl FoundCards {
    pub fn get(&self, id: ItemId) -> Option<&FoundCard> {
        self.0.get(&id)
    }

    /// Adds the hits of a reply; when there are very many, the earlier ones go.
    pub fn add(&mut self, found: impl Iterator<Item = (ItemId, FoundCard)>) {
        if self.0.len() > FOUND_MAX {
            self.0.clear();
        }
        self.0.extend(found);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
