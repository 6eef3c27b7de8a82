//! Makes the next revision of what changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use anyhow::{Context, Result};
use blake3::{Hash, Hasher};
use vitrine_catalogue::{ChangeLog, ProductState};
use vitrine_domain::{Item, ItemId};
use vitrine_publish::{
    PublishedRules, RevisedCard, RevisionInput, RevisionShard, Revisions, Store,
};
use vitrine_recall::{IndexRevision, ItemTerms};
use vitrine_rules::PublicRules;
use vitrine_wire::OfferRow;
use vitrine_wire::shard::CODE_DIM;

use super::overlay::Overlay;
use super::suggestions::Suggestions;
use super::upkeep::PushedSize;
use crate::clock::now_seconds;
use crate::live::{Live, LiveRevision, LoadedVersion};
use crate::rules::ServedRules;

/// Products of one revision; what changed beyond them is in the next.
pub const PRODUCTS_MAX: usize = 1_500;

/// Where changes come from.
pub enum PushedChanges {
    /// The log, which goes on.
    Log(Arc<ChangeLog>),
    /// What a log had when it was read, since another server writes it: the last record, and
    /// products in the order in which they changed.
    Read(u64, Vec<Arc<ProductState>>),
}

impl PushedChanges {
    fn number(&self) -> u64 {
        match self {
            Self::Log(log) => log.number(),
            Self::Read(number, _) => *number,
        }
    }

    fn changes_since(&self, number: u64, n_max: usize) -> (u64, Vec<Arc<ProductState>>) {
        match self {
            Self::Log(log) => log.changes_since(number, n_max),
            Self::Read(newest, products) => {
                let first = products.partition_point(|product| product.number <= number);
                let changed = products[first..].iter().take(n_max).cloned().collect();
                (*newest, changed)
            }
        }
    }
}

/// Revisions of one version, from the log of changes.
pub struct Reviser {
    log: PushedChanges,
    overlay: Overlay,
    revisions: Revisions,
    /// Record of the log up to which changes are in it.
    at: u64,
    /// What the index has of cards whose texts are not those of the import.
    indexed: HashMap<ItemId, Hash>,
    suggestions: Suggestions,
    /// Rules that the next revision brings.
    wanted_rules: Option<PublishedRules>,
}

/// A revision to be served.
pub struct Revised {
    pub live: Live,
    pub shards: Vec<RevisionShard>,
}

impl Reviser {
    /// Before the first revision of a version.
    ///
    /// # Errors
    /// A shard of it is missing or damaged.
    pub fn start(store: &Store, loaded: LoadedVersion, log: PushedChanges) -> Result<(Self, Live)> {
        let LoadedVersion { live, items, offers, changes_until, .. } = loaded;
        let reviser = Self {
            log,
            overlay: Overlay::new(items, &offers, changes_until)
                .with_prices(&live.manifest.currency, &live.manifest.prices),
            revisions: Revisions::start(store, &live.manifest).context("reading the version")?,
            at: 0,
            indexed: HashMap::new(),
            suggestions: Suggestions::new(),
            wanted_rules: None,
        };
        Ok((reviser, live))
    }

    /// Record of the log up to which changes are in the last revision.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How much was pushed since the last catalogue.
    pub fn size(&self) -> PushedSize {
        self.overlay.size()
    }

    /// Whether there is more in the log, or rules are wanted that are not served.
    pub fn is_behind(&self) -> bool {
        self.log.number() > self.at || self.wanted_rules.is_some()
    }

    /// Has the next revision bring these rules, unless they are served. Rules that cannot be
    /// published stop no product: those that are served stay.
    pub fn want_rules(&mut self, set: PublicRules) {
        self.wanted_rules = None;
        if set == *self.revisions.rules() {
            return;
        }
        match PublishedRules::new(set) {
            Ok(rules) => self.wanted_rules = Some(rules),
            Err(error) => tracing::error!(%error, "the rules that are served stay as they are"),
        }
    }

    /// The next revision of what `live` serves; `None` when the log says nothing new, and no
    /// other rules are wanted.
    ///
    /// # Errors
    /// A row cannot be published, or a text not be encoded. The reviser is of no more use
    /// then: start anew.
    pub fn next(&mut self, live: &Live) -> Result<Option<Revised>> {
        let (newest, changed) = self.log.changes_since(self.at, PRODUCTS_MAX);
        let at = match changed.last() {
            // Records that answer repeated requests change no product.
            None if self.wanted_rules.is_none() => {
                self.at = newest;
                return Ok(None);
            }
            Some(last) if changed.len() == PRODUCTS_MAX => last.number,
            _ => newest,
        };
        let revised = self.revise(live, &changed, at)?;
        self.at = at;
        Ok(Some(revised))
    }

    fn revise(
        &mut self,
        live: &Live,
        changed: &[Arc<ProductState>],
        revision: u64,
    ) -> Result<Revised> {
        let mut touched = BTreeSet::new();
        changed.iter().for_each(|state| self.overlay.take(state, &mut touched));
        let (mut items, mut removed) = (Vec::new(), Vec::new());
        let mut is_published = HashMap::new();
        {
            let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
            for id in touched {
                let is_there = rows.card(id).is_some();
                is_published.insert(id, is_there);
                match self.overlay.card(id) {
                    Some(item) => items.push(item),
                    None if is_there => removed.push(id),
                    None => {}
                }
            }
        }
        let is_known = |item: &&Item| {
            let before = || match self.indexed.get(&item.id) {
                Some(indexed) => Some(*indexed),
                None => self.overlay.imported(item.id).map(indexed),
            };
            is_published[&item.id] && before() == Some(indexed(item))
        };
        let (known, other): (Vec<&Item>, Vec<&Item>) = items.iter().partition(is_known);
        let texts: Vec<String> = other.iter().map(|item| item.passage()).collect();
        let vectors = match &texts[..] {
            [] => Vec::new(),
            texts => (live.speech.passages)(texts).context("encoding new texts")?,
        };
        let codes = self.codes(live, &other, &vectors);

        // Index, rows, manifest: in this order, and swapped in as one.
        let terms: Vec<ItemTerms> = known.iter().map(|item| terms(item)).collect();
        let mut gone = removed.clone();
        gone.extend(other.iter().map(|item| item.id).filter(|id| is_published[id]));
        let added: Vec<Item> = other.iter().copied().cloned().collect();
        let popularity = self.popularity(live, &added);
        let index = live.recall.revised(&IndexRevision {
            removed: &gone,
            terms: &terms,
            added: &added,
            vectors: &vectors,
            codes: &[],
            popularity: &popularity,
        });
        let index = index.context("revising the index")?;

        let now = now_seconds();
        let offers: Vec<Option<OfferRow>> =
            items.iter().map(|item| self.overlay.offer(item, now)).collect();
        let code_of: HashMap<ItemId, &[i8]> =
            other.iter().map(|item| item.id).zip(codes.chunks(CODE_DIM)).collect();
        let cards: Vec<RevisedCard<'_>> = items
            .iter()
            .zip(&offers)
            .map(|(item, offer)| RevisedCard {
                item,
                code: code_of.get(&item.id).copied(),
                offer: offer.as_ref(),
            })
            .collect();
        let input = RevisionInput { cards: &cards, removed: &removed, revision };
        let (mut shards, rules) = match self.wanted_rules.take() {
            Some(rules) => {
                let served = Arc::new(ServedRules::new(rules.set().clone()));
                (self.revisions.set_rules(&live.rows, rules), served)
            }
            None => (Vec::new(), Arc::clone(&live.rules)),
        };
        shards.extend(self.revisions.revise(&live.rows, &input).context("revising the rows")?);
        self.indexed.extend(other.iter().map(|item| (item.id, indexed(item))));
        for id in &removed {
            self.indexed.remove(id);
        }

        let has_changed = !added.is_empty() || !removed.is_empty();
        let suggester = self.suggestions.after(has_changed, live);
        let manifest = self.revisions.manifest();
        let live = live.revised(LiveRevision { manifest, recall: index, suggester, rules })?;
        Ok(Revised { live, shards })
    }

    /// Codes `[n, 64]` of cards by the served model; none without one.
    fn codes(&self, live: &Live, items: &[&Item], vectors: &[f32]) -> Vec<i8> {
        let Some(model) = &live.model else { return Vec::new() };
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        model.trained.codes_for(&ids, vectors)
    }

    /// Published buyers of cards: those of the import, none of what is new.
    fn popularity(&self, live: &Live, items: &[Item]) -> Vec<u32> {
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|item| rows.price(item.id).map_or(0, |price| price.n_buyers)).collect()
    }
}

fn terms(item: &Item) -> ItemTerms {
    let Item { id, price_minor, availability, .. } = *item;
    ItemTerms { item: id, price_minor, availability }
}

/// Whatever the index has of an item besides its terms.
fn indexed(item: &Item) -> Hash {
    let mut hasher = Hasher::new();
    let sizes = item.variants.iter().map(|variant| &variant.size);
    let texts = [&item.description, &item.attributes].into_iter().chain(sizes);
    hasher.update(item.text().as_bytes());
    hasher.update(&item.listed_at_seconds.unwrap_or(0).to_le_bytes());
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    hasher.finalize()
}
