//! Follows the store, the log of changes and the rules: what is published and pushed is served.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use vitrine_catalogue::ChangeLog;

use super::reviser::{PushedChanges, Revised, Reviser};
use super::upkeep::{PushedSize, Upkeep};
use crate::clock::now_seconds;
use crate::http::AppState;
use crate::live::{Live, LoadedVersion, Newest};
use crate::pushed::CHANGES_FOLDER;
use crate::rules::RuleWatch;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// How often the store is looked at for a new version.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a damaged current version is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(30);
/// Least time from one revision to the next: changes that come together go out together.
const REVISE_EVERY: Duration = Duration::from_millis(400);

/// What follows.
pub struct Follower {
    settings: ServerSettings,
    state: Arc<AppState>,
    /// `None` where another server has the log.
    log: Option<Arc<ChangeLog>>,
    reviser: Option<Reviser>,
    rules: RuleWatch,
    tried: Option<u64>,
    tried_at: Instant,
    /// When the last revision failed.
    gave_up: Option<Instant>,
    loading: Option<(u64, thread::JoinHandle<Result<Newest>>)>,
    upkeep: Upkeep,
}

impl Follower {
    /// Takes up the newest version that is whole, with everything that was pushed.
    ///
    /// # Errors
    /// No published version is whole.
    pub fn start(
        settings: &ServerSettings,
        state: &Arc<AppState>,
        log: Option<Arc<ChangeLog>>,
    ) -> Result<Self> {
        let mut follower = Self {
            settings: settings.clone(),
            state: Arc::clone(state),
            log,
            reviser: None,
            rules: RuleWatch::open(&settings.data_dir),
            tried: state.published()?,
            tried_at: Instant::now(),
            gave_up: None,
            loading: None,
            upkeep: Upkeep::new(),
        };
        let found = Live::newest(settings, state.store(), &state.speeches, None)?;
        match (follower.tried, found) {
            (Some(number), Newest::Loaded(loaded)) => follower.take_up(*loaded, number),
            _ => tracing::warn!("nothing is published yet: run `vitrine import`"),
        }
        Ok(follower)
    }

    /// Follows until `stop` is set.
    pub fn run(mut self, stop: &Stop) {
        let mut revised = Instant::now();
        while !stop.load(Ordering::SeqCst) {
            match (&self.log, &self.reviser) {
                (Some(log), Some(reviser)) => drop(log.wait_past(reviser.at(), LOOK_EVERY)),
                _ => thread::sleep(LOOK_EVERY),
            }
            self.look_at_store();
            self.look_at_rules();
            if self.reviser.as_ref().is_some_and(Reviser::is_behind) {
                thread::sleep(REVISE_EVERY.saturating_sub(revised.elapsed()));
                revised = Instant::now();
                self.revise();
            }
            self.keep_up();
        }
    }

    /// Sees to the log, and to a new catalogue when one is due.
    fn keep_up(&mut self) {
        let (Some(log), Some(reviser)) = (&self.log, &self.reviser) else { return };
        let (settings, state) = (&self.settings, &self.state);
        self.upkeep.look(settings, log, || PushedSize {
            is_index_worn: state.live().is_ok_and(|live| live.recall.is_worn()),
            ..reviser.size()
        });
    }

    /// One look, as [`Self::run`] has it again and again.
    #[cfg(test)]
    pub fn look(&mut self) {
        self.look_at_store();
        self.look_at_rules();
        self.revise();
    }

    /// Looks until a version is served.
    #[cfg(test)]
    pub fn look_until_served(&mut self, number: u64) {
        while self.state.live().map_or(0, |live| live.number) != number {
            self.look();
            thread::yield_now();
        }
    }

    /// Loads whatever is published beside what is served, and swaps it in when it is up.
    ///
    /// A current version that is damaged is looked at again now and then: somebody may have
    /// put the file back.
    fn look_at_store(&mut self) {
        if let Some((number, loading)) = self.loading.take_if(|(_, loading)| loading.is_finished())
        {
            let loaded = loading.join().unwrap_or_else(|_| anyhow::bail!("loading it failed"));
            match loaded {
                Ok(Newest::Loaded(loaded)) => self.take_up(*loaded, number),
                Ok(Newest::Same | Newest::None) => self.state.goes_on(number),
                Err(error) => {
                    tracing::error!(number, "the old version stays: {error:#}");
                    self.state.goes_on(number);
                }
            }
        }
        if self.loading.is_some() {
            return;
        }
        let number = match self.state.published() {
            Ok(number) => number,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "reading the store");
                return;
            }
        };
        let starts_anew = self.gave_up.is_some_and(|at| at.elapsed() > RETRY_EVERY);
        let served = self.state.live().ok().map(|live| live.number);
        let served = served.filter(|_| !starts_anew);
        let is_due =
            number != self.tried || (number != served && self.tried_at.elapsed() > RETRY_EVERY);
        if starts_anew {
            self.gave_up = None;
        }
        let Some(number) = number.filter(|_| is_due) else { return };
        (self.tried, self.tried_at) = (Some(number), Instant::now());
        let (settings, state) = (self.settings.clone(), Arc::clone(&self.state));
        let load = move || Live::newest(&settings, state.store(), &state.speeches, served);
        self.loading = Some((number, thread::spawn(load)));
    }

    /// Has rules that were published, or whose time has come, served with the next revision.
    fn look_at_rules(&mut self) {
        let (Some(reviser), Ok(live)) = (&mut self.reviser, self.state.live()) else { return };
        let never_recommended = &live.manifest.catalogue.never_recommended;
        if let Some(rules) = self.rules.due(never_recommended, now_seconds()) {
            reviser.want_rules(rules);
        }
    }

    /// Serves a version, from the first request on with what was pushed and the shop's rules.
    fn take_up(&mut self, loaded: LoadedVersion, number: u64) {
        let started = self
            .pushed_changes()
            .and_then(|changes| Reviser::start(self.state.store(), loaded, changes));
        let caught_up = started.and_then(|(mut reviser, mut live)| {
            let never_recommended = &live.manifest.catalogue.never_recommended;
            reviser.want_rules(self.rules.shipping(never_recommended, now_seconds()));
            while let Some(Revised { live: next, shards }) = reviser.next(&live)? {
                self.state.revision_shards.add(shards, &next.manifest);
                live = next;
            }
            Ok((reviser, live))
        });
        match caught_up {
            Ok((reviser, live)) => {
                let at = reviser.at();
                self.state.serve(live, number);
                self.state.revised_to(at);
                self.reviser = Some(reviser);
            }
            Err(error) => {
                self.give_up(&error);
                // Without what was pushed rather than not at all.
                let state = &self.state;
                match Live::newest(&self.settings, state.store(), &state.speeches, None) {
                    Ok(Newest::Loaded(loaded)) => self.state.serve(loaded.live, number),
                    Ok(Newest::Same | Newest::None) => {}
                    Err(error) => tracing::error!(number, "it cannot be served: {error:#}"),
                }
            }
        }
    }

    /// The log, or what it says now where another server has it: what was hidden stays so.
    fn pushed_changes(&self) -> Result<PushedChanges> {
        if let Some(log) = &self.log {
            return Ok(PushedChanges::Log(Arc::clone(log)));
        }
        let dir = self.settings.data_dir.join(CHANGES_FOLDER);
        let (number, mut products) = vitrine_catalogue::read_products(&dir)?;
        products.sort_unstable_by_key(|product| product.number);
        Ok(PushedChanges::Read(number, products))
    }

    fn revise(&mut self) {
        let (Some(reviser), Ok(live)) = (&mut self.reviser, self.state.live()) else { return };
        match reviser.next(&live) {
            Ok(None) => self.state.revised_to(reviser.at()),
            Ok(Some(Revised { live, shards })) => {
                self.state.revision_shards.add(shards, &live.manifest);
                self.state.revise(live);
                self.state.revised_to(reviser.at());
            }
            Err(error) => self.give_up(&error),
        }
    }

    /// What is served stays, and the version is loaded anew in a while.
    fn give_up(&mut self, error: &anyhow::Error) {
        tracing::error!("pushed changes do not show until the next try: {error:#}");
        self.reviser = None;
        self.gave_up = Some(Instant::now());
    }
}
