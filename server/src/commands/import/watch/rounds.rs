//! Round after round: look, import if something is new, sleep.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use vitrine_domain::CatalogueVersion;

use super::clock::WatchClock;
use super::input::{Input, InputReaders, Looked};
use super::notice::WatchNotice;
use crate::feeds::FeedFiles;

/// An import that failed is tried again with the same files after this many looks: what
/// was wrong may have lain elsewhere.
const LOOKS_BEFORE_RETRY: u32 = 12;

/// What became of an import that did not fail.
pub(super) enum Attempt {
    /// It was published.
    Published(CatalogueVersion),
    /// Somebody else works on the data folder.
    Locked,
}

/// What a watch works with.
pub(super) struct Watch<'a> {
    pub readers: InputReaders<'a>,
    pub clock: &'a dyn WatchClock,
    pub import: &'a mut dyn FnMut(&FeedFiles) -> Result<Attempt>,
    pub tell: &'a mut dyn FnMut(WatchNotice),
    pub every: Duration,
}

/// The last import that was tried.
struct Tried {
    /// Hashes of what it read, in the order of the inputs.
    hashes: Vec<[u8; 32]>,
    /// Why it failed, and when it is tried again.
    failure: Option<(String, Duration)>,
}

/// What is known from earlier rounds.
#[derive(Default)]
struct Past {
    tried: Option<Tried>,
    /// What was told last of each input that cannot be had.
    told: Vec<Option<String>>,
    is_lock_told: bool,
    /// When the lock is tried again.
    lock_at: Option<Duration>,
}

impl Watch<'_> {
    /// Goes on until the process is asked to stop.
    pub fn run(mut self, mut inputs: Vec<Input<'_>>) {
        let mut past = Past { told: vec![None; inputs.len()], ..Past::default() };
        while !self.is_stopped() {
            let is_complete = self.look(&mut inputs, &mut past.told);
            if is_complete && !self.is_stopped() {
                self.import_if_new(&inputs, &mut past);
            }
            if self.is_stopped() {
                return;
            }
            let now = self.clock.now();
            let retry_at = past.tried.as_ref().and_then(|tried| tried.failure.as_ref());
            let imports = retry_at.map(|(_, at)| *at).into_iter().chain(past.lock_at);
            // One that was due and could not be tried is tried when a feed can be had again.
            let due = imports.filter(|at| *at > now).chain(inputs.iter().map(|at| at.next_at));
            let wait = due.min().unwrap_or_default().saturating_sub(now);
            (self.tell)(WatchNotice::Next { wait });
            self.clock.sleep(wait, self.readers.stop);
        }
    }

    fn is_stopped(&self) -> bool {
        self.readers.stop.load(Ordering::SeqCst)
    }

    /// Looks at what is due; whether everything can be imported.
    fn look(&mut self, inputs: &mut [Input<'_>], told: &mut [Option<String>]) -> bool {
        let mut is_writing = false;
        for (input, told) in inputs.iter_mut().zip(told) {
            if input.next_at > self.clock.now() {
                continue;
            }
            match input.look(self.readers, self.every, self.clock) {
                Looked::Read => *told = None,
                Looked::Writing => is_writing = true,
                Looked::Failed(error) => {
                    let why = error.to_string();
                    if told.as_ref() != Some(&why) {
                        *told = Some(why.clone());
                        (self.tell)(WatchNotice::NotHad { why });
                    }
                }
                Looked::Stopped => return false,
            }
        }
        if is_writing {
            (self.tell)(WatchNotice::Writing);
        }
        inputs.iter().all(|input| input.content.is_some())
    }

    /// Imports, unless that was tried with the same contents.
    fn import_if_new(&mut self, inputs: &[Input<'_>], past: &mut Past) {
        let mut feeds = FeedFiles::default();
        let mut hashes = Vec::new();
        for (input, content) in
            inputs.iter().filter_map(|input| Some((input, input.content.as_ref()?)))
        {
            hashes.push(content.hash);
            if let Some(role) = input.role {
                feeds.set(role, &content.path);
            }
        }
        if past.tried.as_ref().is_some_and(|tried| tried.hashes != hashes) {
            past.tried = None;
        }
        let last_failure = match &past.tried {
            Some(Tried { failure: Some((why, at)), .. }) if self.clock.now() >= *at => Some(why),
            Some(_) => return,
            None => None,
        };
        let imported = (self.import)(&feeds);
        if self.is_stopped() && imported.is_err() {
            return;
        }
        past.lock_at = None;
        let failure = match imported {
            Ok(Attempt::Locked) => {
                past.lock_at = Some(self.clock.now() + self.every);
                if !past.is_lock_told {
                    past.is_lock_told = true;
                    (self.tell)(WatchNotice::Locked);
                }
                return;
            }
            Ok(Attempt::Published(catalogue)) => {
                (self.tell)(WatchNotice::Imported { catalogue });
                None
            }
            Err(error) => {
                let (why, again) = (format!("{error:#}"), self.every * LOOKS_BEFORE_RETRY);
                if last_failure != Some(&why) {
                    (self.tell)(WatchNotice::NotImported { why: why.clone(), again });
                }
                Some((why, self.clock.now() + again))
            }
        };
        past.is_lock_told = false;
        past.tried = Some(Tried { hashes, failure });
    }
}
