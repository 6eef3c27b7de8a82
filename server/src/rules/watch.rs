//! What ships of the live version: followed by every server on the folder, whoever publishes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Error;
use vitrine_rules::PublicRules;
use vitrine_rules::authoring::{RuleRecord, publish};

use super::store::RuleStore;

/// How often it is worked out anew: rules come to ship a day before they begin, and those that
/// have ended go.
const SHIP_EVERY: Duration = Duration::from_secs(600);

/// Follows the live version.
pub struct RuleWatch {
    store: RuleStore,
    /// Number of the newest version when it was read.
    newest: Option<u64>,
    /// The rules of the version that is live.
    records: Vec<RuleRecord>,
    /// When what ships was worked out last.
    shipped: Option<Instant>,
}

impl RuleWatch {
    /// Follows the rules of a data folder.
    pub fn open(data_dir: &Path) -> Self {
        let store = RuleStore::open(data_dir);
        Self { store, newest: None, records: Vec::new(), shipped: None }
    }

    /// What ships now (seconds since 1970-01-01 UTC). Where the files cannot be read, it is made
    /// of what was read last.
    pub fn shipping(&mut self, never_recommended: &[String], now_seconds: i64) -> PublicRules {
        let newest = self.store.newest();
        if let Err(error) = newest.and_then(|newest| self.read(newest)) {
            let error = format!("{:#}", Error::new(error));
            tracing::error!(error, "the rules stay as they were");
        }
        self.shipped = Some(Instant::now());
        shipping(&self.records, now_seconds, never_recommended)
    }

    /// The same where another version is live or the time has come to look; `None` while neither
    /// is so.
    pub fn due(&mut self, never_recommended: &[String], now_seconds: i64) -> Option<PublicRules> {
        let is_late = self.shipped.is_none_or(|at| at.elapsed() >= SHIP_EVERY);
        // What cannot be read is looked at again with the clock.
        let is_other = self.store.newest().is_ok_and(|newest| newest != self.newest);
        (is_late || is_other).then(|| self.shipping(never_recommended, now_seconds))
    }

    fn read(&mut self, newest: Option<u64>) -> Result<(), super::RuleStoreError> {
        // Noted before it is read, so that a damaged one is not read again at each look.
        let is_other = self.newest != newest;
        self.newest = newest;
        if is_other || self.shipped.is_none_or(|at| at.elapsed() >= SHIP_EVERY) {
            let live = self.store.live()?;
            self.records = live.map_or_else(Vec::new, |live| live.records);
        }
        Ok(())
    }
}

/// What ships of rules at a moment. A rule that cannot ship, as one for an audience of what the
/// shop has come to recommend never, is left out and takes none of the others with it.
pub fn shipping(
    records: &[RuleRecord],
    now_seconds: i64,
    never_recommended: &[String],
) -> PublicRules {
    let ships = |records: &[RuleRecord]| publish(records, now_seconds, never_recommended);
    let error = match ships(records) {
        Ok(set) => return set,
        Err(error) => format!("{:#}", Error::new(error)),
    };
    tracing::warn!(error, "rules that cannot ship are left out");
    let is_sound = |record: &&RuleRecord| ships(std::slice::from_ref(*record)).is_ok();
    let mut sound: Vec<RuleRecord> = records.iter().filter(is_sound).cloned().collect();
    let mut ids = std::collections::HashSet::new();
    sound.retain(|record| ids.insert(record.id));
    sound.truncate(vitrine_rules::RULES_MAX);
    ships(&sound).unwrap_or_default()
}
