//! What a person wrote of a product and what was there before, so that it can be taken back.
//!
//! A file of JSON lines in the data folder. An edit is on the disk before it is published; a second
//! line says that it was, or that it was refused. So a power cut loses no text that was there
//! before. The newest [`EDITS_KEPT_MAX`] are kept. Nobody's name is in it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;
use vitrine_durable::{AppendDisk, AppendFile, FileSystem};
use vitrine_studio_api::{ConfirmedClaim, ReplacedText};

use super::EDITS_KEPT_MAX;

/// Edits beyond [`EDITS_KEPT_MAX`] before the file is written anew.
const EDITS_MORE_MAX: usize = 100;
/// Largest file that is read, in bytes: more than so many edits can have.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// What is about to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEdit {
    /// The card.
    pub item: ItemId,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// The title, where it changes.
    pub title: Option<ReplacedText>,
    /// The description, where it changes.
    pub description: Option<ReplacedText>,
    /// Claims without a source that the person confirmed.
    pub confirmed: Vec<ConfirmedClaim>,
    /// The edit that this one takes back.
    pub takes_back: Option<u64>,
}

/// An edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingEdit {
    /// Its number, from 1.
    pub edit: u64,
    /// The card.
    pub item: ItemId,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// The title, where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<ReplacedText>,
    /// The description, where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<ReplacedText>,
    /// Claims without a source that the person confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<ConfirmedClaim>,
    /// The edit that this one took back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_back: Option<u64>,
    /// Record of the log of changes that has it; `None` while that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EditLine {
    /// It is about to be published.
    Edit(ListingEdit),
    /// It is in the log of changes.
    Published { edit: u64, record: u64 },
    /// It was refused.
    Refused { edit: u64 },
}

/// The edits of a data folder.
pub struct EditLog {
    disk: Box<dyn AppendDisk>,
    path: PathBuf,
    /// The oldest first.
    edits: Vec<ListingEdit>,
    next: u64,
    /// Opened by the first edit.
    file: Option<Box<dyn AppendFile>>,
}

impl EditLog {
    /// Reads a file; there need be none. What was cut off by a power cut is left out.
    ///
    /// # Errors
    /// The file is too large or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_on(Box::new(FileSystem), path)
    }

    fn open_on(disk: Box<dyn AppendDisk>, path: &Path) -> Result<Self> {
        let mut log = Self { disk, path: path.to_owned(), edits: Vec::new(), next: 1, file: None };
        let n_bytes = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(log),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        anyhow::ensure!(n_bytes <= FILE_BYTES_MAX, "{} has {n_bytes} bytes", path.display());
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(line) => log.take(line),
                Err(error) => tracing::warn!(%error, "a line of the edits of listings is damaged"),
            }
        }
        log.forget_oldest();
        Ok(log)
    }

    fn take(&mut self, line: EditLine) {
        match line {
            EditLine::Edit(edit) => {
                let known = self.edits.iter_mut().rev().find(|known| known.edit == edit.edit);
                self.next = self.next.max(edit.edit.saturating_add(1));
                match known {
                    // Files that gave a number twice, the first time in vain, have both.
                    Some(known) => *known = edit,
                    None => self.edits.push(edit),
                }
            }
            EditLine::Published { edit, record } => {
                if let Some(found) = self.edits.iter_mut().find(|known| known.edit == edit) {
                    found.record = Some(record);
                }
            }
            EditLine::Refused { edit } => self.edits.retain(|known| known.edit != edit),
        }
    }

    fn forget_oldest(&mut self) {
        self.edits.drain(..self.edits.len().saturating_sub(EDITS_KEPT_MAX));
    }

    /// The edits that are kept, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &ListingEdit> {
        self.edits.iter().rev()
    }

    /// An edit by its number.
    pub fn get(&self, edit: u64) -> Option<&ListingEdit> {
        self.edits.iter().find(|known| known.edit == edit)
    }

    /// Edits of a card that are in the log of changes and not yet served, the oldest first.
    pub fn unserved(&self, item: ItemId, served_record: u64) -> impl Iterator<Item = &ListingEdit> {
        let is_unserved = move |edit: &&ListingEdit| {
            edit.item == item && edit.record.is_some_and(|record| record > served_record)
        };
        self.edits.iter().filter(is_unserved)
    }

    /// Notes an edit before it is published; it is on the disk on return.
    ///
    /// # Errors
    /// The disk refuses; nothing is to be published then. Its line may be on the disk all the same,
    /// so no other edit gets its number.
    pub fn begin(&mut self, new: NewEdit) -> Result<u64> {
        let NewEdit { item, at_seconds, title, description, confirmed, takes_back } = new;
        let edit = ListingEdit {
            edit: self.next,
            item,
            at_seconds,
            title,
            description,
            confirmed,
            takes_back,
            record: None,
        };
        let number = edit.edit;
        self.next = number.saturating_add(1);
        self.write(EditLine::Edit(edit))?;
        Ok(number)
    }

    /// Notes that an edit is in the log of changes.
    ///
    /// # Errors
    /// The disk refuses. The edit holds all the same.
    pub fn published(&mut self, edit: u64, record: u64) -> Result<()> {
        let written = self.write(EditLine::Published { edit, record });
        self.take(EditLine::Published { edit, record });
        if self.edits.len() >= EDITS_KEPT_MAX + EDITS_MORE_MAX {
            self.forget_oldest();
            self.write_anew()?;
        }
        written
    }

    /// Notes that an edit was refused, and forgets it.
    ///
    /// # Errors
    /// The disk refuses. A server that is started anew then shows the edit, without a record.
    pub fn refused(&mut self, edit: u64) -> Result<()> {
        self.take(EditLine::Refused { edit });
        self.write(EditLine::Refused { edit })
    }

    fn write(&mut self, line: EditLine) -> Result<()> {
        // A line that was cut off by a power cut ends here.
        let mut bytes = if self.file.is_none() { b"\n".to_vec() } else { Vec::new() };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = self.disk.open_append(&self.path)?;
                self.disk.sync_dir(self.path.parent().unwrap_or(Path::new(".")))?;
                file
            }
        };
        file.append(&bytes).and_then(|()| file.sync()).context("writing edits of listings")?;
        // After a fault it is opened anew, with a line of its own.
        self.file = Some(file);
        if matches!(line, EditLine::Edit(_)) {
            self.take(line);
        }
        Ok(())
    }

    fn write_anew(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        for edit in &self.edits {
            serde_json::to_writer(&mut bytes, &EditLine::Edit(edit.clone()))?;
            bytes.push(b'\n');
        }
        self.file = None;
        vitrine_durable::write_private(&self.path, &bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::failing_disk::FailingDisk;

    fn new(item: u64, after: &str) -> NewEdit {
        let title = Some(ReplacedText { before: "old".to_owned(), after: after.to_owned() });
        NewEdit { item: ItemId(item), title, ..NewEdit::default() }
    }

    #[test]
    fn what_was_there_before_survives_a_start_and_a_cut_off_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listings.jsonl");
        let mut log = EditLog::open(&path).unwrap();
        let first = log.begin(new(1, "one")).unwrap();
        log.published(first, 7).unwrap();
        let refused = log.begin(new(1, "two")).unwrap();
        log.refused(refused).unwrap();
        let unknown = log.begin(new(2, "three")).unwrap();
        drop(log);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(br#"{"edit":{"edit":9,"#);
        fs::write(&path, &bytes).unwrap();
        let mut log = EditLog::open(&path).unwrap();
        let numbers: Vec<_> = log.newest().map(|edit| (edit.edit, edit.record)).collect();
        assert_eq!(numbers, [(unknown, None), (first, Some(7))]);
        assert_eq!(log.get(first).unwrap().title.as_ref().unwrap().before, "old");
        let next = log.begin(new(3, "four")).unwrap();
        assert!(next > unknown);
        drop(log);
        assert!(EditLog::open(&path).unwrap().get(next).is_some(), "on a line of its own");
    }

    #[test]
    fn a_number_is_given_once_though_the_disk_lost_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listings.jsonl");
        let disk = FailingDisk::default();
        let loses_syncs = Arc::clone(&disk.loses_syncs);
        let mut log = EditLog::open_on(Box::new(disk), &path).unwrap();
        let first = log.begin(new(1, "one")).unwrap();
        log.published(first, 7).unwrap();
        loses_syncs.store(true, Ordering::SeqCst);
        log.begin(new(2, "lost")).unwrap_err();
        assert_eq!(log.newest().count(), 1, "it was not published");
        loses_syncs.store(false, Ordering::SeqCst);
        let next = log.begin(new(3, "three")).unwrap();
        assert!(next > first + 1, "{next}: the lost one's line may be on the disk");
        log.published(next, 8).unwrap();
        drop(log);
        let log = EditLog::open(&path).unwrap();
        let edit = log.get(next).unwrap();
        assert_eq!((edit.item, edit.record), (ItemId(3), Some(8)));
        assert_eq!(log.get(first + 1).unwrap().record, None, "nobody knows of it");
    }

    #[test]
    fn of_two_edits_of_one_number_the_later_one_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listings.jsonl");
        let edit = |item: u64| {
            format!("{{\"edit\":{{\"edit\":1,\"item\":\"{}\",\"at_seconds\":0}}}}\n", ItemId(item))
        };
        let published = "{\"published\":{\"edit\":1,\"record\":7}}\n";
        fs::write(&path, format!("{}{}{published}", edit(1), edit(2))).unwrap();
        let log = EditLog::open(&path).unwrap();
        let kept: Vec<_> = log.newest().map(|edit| (edit.edit, edit.item, edit.record)).collect();
        assert_eq!(kept, [(1, ItemId(2), Some(7))]);
    }

    #[test]
    fn an_edit_is_unserved_until_its_record_is_served() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = EditLog::open(&dir.path().join("listings.jsonl")).unwrap();
        let edit = log.begin(new(1, "one")).unwrap();
        assert_eq!(log.unserved(ItemId(1), 0).count(), 0, "it is not published yet");
        log.published(edit, 7).unwrap();
        assert_eq!(log.unserved(ItemId(1), 6).count(), 1);
        assert_eq!(log.unserved(ItemId(1), 7).count(), 0);
        assert_eq!(log.unserved(ItemId(2), 0).count(), 0);
    }

    #[test]
    fn the_oldest_edits_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listings.jsonl");
        let mut log = EditLog::open(&path).unwrap();
        log.edits = (1..EDITS_KEPT_MAX as u64 + EDITS_MORE_MAX as u64)
            .map(|edit| ListingEdit {
                edit,
                item: ItemId(1),
                at_seconds: 0,
                title: None,
                description: None,
                confirmed: Vec::new(),
                takes_back: None,
                record: Some(edit),
            })
            .collect();
        log.next = log.edits.len() as u64 + 1;
        let edit = log.begin(new(1, "one")).unwrap();
        log.published(edit, 9_999).unwrap();
        assert_eq!(log.newest().count(), EDITS_KEPT_MAX);
        let read = EditLog::open(&path).unwrap();
        assert_eq!(read.newest().count(), EDITS_KEPT_MAX);
        assert_eq!(read.get(edit).unwrap().record, Some(9_999));
    }
}
