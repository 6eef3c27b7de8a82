//! The draft and the versions: read by anybody, written by one process at a time.
//!
//! Whoever writes holds the file `LOCK` of the folder and reads what is there first, so that what
//! was compared is what is replaced, whichever server or thread does it. A version is on the disk
//! before the draft says anything of it. The newest version that can be read is live.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use vitrine_rules::RuleId;
use vitrine_rules::authoring::{AuthorId, RuleRecord, difference};
use vitrine_studio_api::RuleVersionInfo;

use super::error::RuleStoreError;
use super::files::{self, DraftFile, VersionFile};
use super::{FOLDER, VERSIONS_KEPT_MAX};

const LOCK_FILE: &str = "LOCK";

/// The rules of a data folder.
pub struct RuleStore {
    dir: PathBuf,
    /// Versions that were read: they never change.
    infos: Mutex<BTreeMap<u64, RuleVersionInfo>>,
}

/// A version that is about to be published.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewVersion<'a> {
    /// What is said about it.
    pub note: &'a str,
    /// By whom.
    pub by: AuthorId,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
}

/// What was published, and what of it cannot be read.
pub struct RuleHistory {
    /// The newest first.
    pub versions: Vec<RuleVersionInfo>,
    /// Why a version cannot be read, of each that cannot.
    pub damaged: Vec<RuleStoreError>,
}

impl RuleStore {
    /// The rules of a data folder; there need be none.
    pub fn open(data_dir: &Path) -> Self {
        Self { dir: data_dir.join(FOLDER), infos: Mutex::default() }
    }

    /// The draft. Before the first save it is what is live.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn draft(&self) -> Result<DraftFile, RuleStoreError> {
        if let Some(draft) = files::read_draft(&self.dir)? {
            return Ok(draft);
        }
        let records = self.live()?.map_or_else(Vec::new, |live| live.records);
        Ok(DraftFile { records, ..DraftFile::default() })
    }

    /// Number of the newest version, whether it can be read or not; `None` before the first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn newest(&self) -> Result<Option<u64>, RuleStoreError> {
        Ok(files::version_numbers(&self.dir)?.last().copied())
    }

    /// The newest version that can be read; `None` before the first.
    ///
    /// # Errors
    /// There are versions, and none can be read; the error is that of the newest.
    pub fn live(&self) -> Result<Option<VersionFile>, RuleStoreError> {
        self.newest_below(u64::MAX)
    }

    /// A version.
    ///
    /// # Errors
    /// It is not kept, or cannot be read.
    pub fn version(&self, number: u64) -> Result<VersionFile, RuleStoreError> {
        let version = files::read_version(&self.dir, number)?;
        version.ok_or(RuleStoreError::NoSuchVersion { number })
    }

    /// The newest version below a number that can be read; `None` where none is kept.
    ///
    /// # Errors
    /// There are some, and none can be read; the error is that of the newest.
    pub fn newest_below(&self, number: u64) -> Result<Option<VersionFile>, RuleStoreError> {
        let mut first = None;
        let numbers = files::version_numbers(&self.dir)?;
        for older in numbers.into_iter().rev().filter(|older| *older < number) {
            match files::read_version(&self.dir, older) {
                Ok(Some(version)) => return Ok(Some(version)),
                // Whoever writes has just removed it.
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(version = older, "rules cannot be read: {error}");
                    first = first.or(Some(error));
                }
            }
        }
        first.map_or(Ok(None), Err)
    }

    /// All versions that are kept.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn history(&self) -> Result<RuleHistory, RuleStoreError> {
        let numbers = files::version_numbers(&self.dir)?;
        let mut infos = self.infos.lock().unwrap_or_else(PoisonError::into_inner);
        infos.retain(|number, _| numbers.binary_search(number).is_ok());
        let mut history = RuleHistory { versions: Vec::new(), damaged: Vec::new() };
        for number in numbers.into_iter().rev() {
            if let Some(info) = infos.get(&number) {
                history.versions.push(info.clone());
                continue;
            }
            match files::read_version(&self.dir, number) {
                Ok(Some(version)) => {
                    infos.insert(number, version.info());
                    history.versions.push(version.info());
                }
                Ok(None) => {}
                Err(error) => history.damaged.push(error),
            }
        }
        Ok(history)
    }

    /// Saves a draft that was made of a revision; rules that are other than they were get the
    /// name of who saves.
    ///
    /// # Errors
    /// [`RuleStoreError::Conflict`] where that is not the present one: nothing is written. The
    /// present draft cannot be read, the disk refuses.
    pub fn save(
        &self,
        revision: u64,
        records: Vec<RuleRecord>,
        (by, at_seconds): (AuthorId, i64),
    ) -> Result<DraftFile, RuleStoreError> {
        let _lock = self.lock()?;
        let present = self.present(revision)?;
        let draft = DraftFile {
            revision: present.revision.saturating_add(1),
            saved_at_seconds: at_seconds,
            by,
            records: signed(records, &present.records, by),
            ..present
        };
        files::write_draft(&self.dir, &draft)?;
        Ok(draft)
    }

    /// Publishes the draft of a revision, once `check` lets it. Where that is what is live
    /// already, nothing is done.
    ///
    /// # Errors
    /// As [`Self::save`], and those of `check`.
    pub fn publish<E: From<RuleStoreError>>(
        &self,
        revision: u64,
        new: NewVersion<'_>,
        check: impl FnOnce(&[RuleRecord]) -> Result<(), E>,
    ) -> Result<(), E> {
        let _lock = self.lock()?;
        let draft = self.present(revision)?;
        check(&draft.records)?;
        if let Some(live) = self.live_if_any()
            && are_same(&live.records, &draft.records)
        {
            return Ok(());
        }
        self.add(new, None, draft.records)?;
        Ok(())
    }

    /// Publishes the rules of a version anew, once `check` lets them. The draft stays, unless it
    /// was what is live: then it goes with it.
    ///
    /// # Errors
    /// The version is not kept or cannot be read, the disk refuses, and those of `check`.
    pub fn restore<E: From<RuleStoreError>>(
        &self,
        number: u64,
        new: NewVersion<'_>,
        check: impl FnOnce(&[RuleRecord]) -> Result<(), E>,
    ) -> Result<(), E> {
        let _lock = self.lock()?;
        let old = self.version(number)?;
        check(&old.records)?;
        let live = self.live_if_any();
        let live = live.map_or_else(Vec::new, |live| live.records);
        if are_same(&live, &old.records) {
            return Ok(());
        }
        // A draft that cannot be read, or that there is none of, stays so.
        let draft = files::read_draft(&self.dir).ok().flatten();
        let follows = draft.filter(|draft| are_same(&draft.records, &live));
        self.add(new, Some(number), old.records.clone())?;
        if let Some(draft) = follows {
            let revision = draft.revision.saturating_add(1);
            let (saved_at_seconds, by) = (new.at_seconds, new.by);
            let records = old.records;
            let draft = DraftFile { revision, saved_at_seconds, by, records, ..draft };
            files::write_draft(&self.dir, &draft)?;
        }
        Ok(())
    }

    /// Writes a version; of too many the oldest go.
    fn add(
        &self,
        new: NewVersion<'_>,
        restored_from: Option<u64>,
        records: Vec<RuleRecord>,
    ) -> Result<(), RuleStoreError> {
        let numbers = files::version_numbers(&self.dir)?;
        let version = VersionFile {
            number: numbers.last().map_or(1, |newest| newest.saturating_add(1)),
            published_at_seconds: new.at_seconds,
            by: new.by,
            note: new.note.to_owned(),
            restored_from,
            records,
            ..VersionFile::default()
        };
        files::write_version(&self.dir, &version)?;
        let n_over = (numbers.len() + 1).saturating_sub(VERSIONS_KEPT_MAX);
        for oldest in numbers.into_iter().take(n_over) {
            if let Err(error) = files::remove_version(&self.dir, oldest) {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(error, "an old version of the rules stays");
            }
        }
        Ok(())
    }

    /// What is live; `None` also where nothing of it can be read, so that another version can be
    /// published in its place.
    fn live_if_any(&self) -> Option<VersionFile> {
        self.live().ok().flatten()
    }

    /// The draft, if it is of this revision.
    fn present(&self, revision: u64) -> Result<DraftFile, RuleStoreError> {
        let present = self.draft()?;
        match present.revision == revision {
            true => Ok(present),
            false => Err(RuleStoreError::Conflict(Box::new(present))),
        }
    }

    /// Waits until nobody else writes; held until it is dropped.
    fn lock(&self) -> Result<File, RuleStoreError> {
        fs::create_dir_all(&self.dir).map_err(RuleStoreError::io("create", &self.dir))?;
        vitrine_durable::make_private(&self.dir)?;
        let path = self.dir.join(LOCK_FILE);
        let lock = vitrine_durable::create_private(&path)?;
        lock.lock().map_err(RuleStoreError::io("lock", &path))?;
        Ok(lock)
    }
}

/// Whether two lists of rules say the same, whoever wrote them.
fn are_same(a: &[RuleRecord], b: &[RuleRecord]) -> bool {
    a.len() == b.len() && difference(a, b).is_empty()
}

/// Rules with the author of each: whoever saves, of what is new or changed.
fn signed(mut records: Vec<RuleRecord>, before: &[RuleRecord], by: AuthorId) -> Vec<RuleRecord> {
    let known: HashMap<RuleId, &RuleRecord> =
        before.iter().map(|record| (record.id, record)).collect();
    for record in &mut records {
        let same = known.get(&record.id).copied();
        let same = same
            .filter(|known| are_same(std::slice::from_ref(*known), std::slice::from_ref(&*record)));
        record.author = same.map_or(by, |known| known.author);
    }
    records
}
