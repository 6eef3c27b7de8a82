//! Products whose texts are poor: what they lack, what could be written of them, and what a
//! person wrote in the Studio. `vitrine_describe` reads and drafts; here are the cards of the
//! served catalogue, what is kept of edits, and the way into the log of changes.

mod answers;
mod edits;
mod index;
mod sources;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vitrine_domain::ItemId;

pub use self::answers::{checked, poor_listing, present};
pub use self::edits::{EditLog, ListingEdit, NewEdit};
pub use self::index::{ListingIndex, language};
pub use self::sources::CardSources;
use crate::live::Live;

/// The newest edits that are kept; older ones cannot be taken back any more.
pub const EDITS_KEPT_MAX: usize = 1_000;
/// File of the edits in the data folder.
pub const EDITS_FILE: &str = "listings.jsonl";

/// What the server keeps of listings.
pub struct Listings {
    /// Of the version that was asked for last.
    index: Mutex<Option<Arc<ListingIndex>>>,
    /// `None` where the file could not be read.
    edits: Mutex<Option<EditLog>>,
}

impl Listings {
    /// Reads what was edited in a data folder.
    pub fn open(data_dir: &Path) -> Self {
        let edits = EditLog::open(&data_dir.join(EDITS_FILE)).inspect_err(|error| {
            let error = format!("{error:#}");
            tracing::error!(error, "edits of listings cannot be read, so that none is taken");
        });
        Self { index: Mutex::new(None), edits: Mutex::new(edits.ok()) }
    }

    /// The listings of a version, read when they are first asked for. Takes seconds then.
    pub fn index(&self, live: &Live) -> Arc<ListingIndex> {
        let mut kept = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = kept.as_ref().filter(|index| index.number == live.number) {
            return Arc::clone(index);
        }
        let index = Arc::new(ListingIndex::read(live));
        *kept = Some(Arc::clone(&index));
        index
    }

    /// The edits; whoever holds them is the only one who writes.
    pub fn edits(&self) -> MutexGuard<'_, Option<EditLog>> {
        self.edits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listings as shoppers see them, with what was written and is on its way to them.
pub struct ServedListings<'a> {
    /// What is served.
    pub live: &'a Live,
    /// What was written.
    pub edits: Option<&'a EditLog>,
    /// Last record of the log of changes that is served.
    pub served_record: u64,
}

impl ServedListings<'_> {
    /// What is known of a card now.
    pub fn card(&self, item: ItemId) -> Option<CardSources> {
        let mut card = {
            let rows = self.live.rows.read().unwrap_or_else(PoisonError::into_inner);
            CardSources::of(&rows, item)?
        };
        let edits = self.edits.into_iter();
        for edit in edits.flat_map(|edits| edits.unserved(item, self.served_record)) {
            if let Some(title) = &edit.title {
                card.title.clone_from(&title.after);
            }
            if let Some(description) = &edit.description {
                card.description.clone_from(&description.after);
            }
        }
        Some(card)
    }
}
