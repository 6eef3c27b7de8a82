//! One event of a shopper with what the student must know of its card.

use vitrine_domain::{Event, EventKind, ItemId};

use crate::ItemTable;
use crate::layout::CODE_DIM;
use crate::places::NOWHERE;

/// One event with what the student must know of the card, kept so that a
/// delisting does not erase history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogEntry {
    /// What was done.
    pub kind: EventKind,
    /// With which card.
    pub item: ItemId,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The card's code.
    pub code: [i8; CODE_DIM],
    /// Interned department.
    pub department: u16,
    /// Interned category.
    pub category: u16,
}

/// What a device remembers of a card that is not listed any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remembered<'a> {
    /// Its department when it was.
    pub department: &'a str,
    /// Its category when it was.
    pub category: &'a str,
    /// Its code, `[64]`, if the model still reads it; else kind and time of the event are
    /// all that counts.
    pub code: Option<&'a [i8]>,
}

impl ItemTable {
    /// An event with a card of the table. Every log is made of these, wherever it is read:
    /// training, evaluation, the server's personas, a device.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn entry(&self, row: u32, kind: EventKind, at_ms: i64) -> LogEntry {
        let i = row as usize;
        let mut code = [0; CODE_DIM];
        code.copy_from_slice(self.code(row));
        let (department, category) = (self.departments()[i], self.categories()[i]);
        LogEntry { kind, item: self.ids()[i], at_ms, code, department, category }
    }

    /// The same of an event; `None` when its card is not in the table.
    pub fn entry_of(&self, event: &Event) -> Option<LogEntry> {
        Some(self.entry(self.index_of(event.item)?, event.kind, event.at_ms))
    }

    /// An event with a card that may not be in the table any more; `remembered` is asked
    /// only then. What nobody remembers counts by kind and time alone.
    pub fn entry_or<'a>(
        &self,
        event: &Event,
        remembered: impl FnOnce() -> Option<Remembered<'a>>,
    ) -> LogEntry {
        if let Some(entry) = self.entry_of(event) {
            return entry;
        }
        let Event { kind, item, at_ms } = *event;
        let (department, category) = (NOWHERE, NOWHERE);
        let mut entry = LogEntry { kind, item, at_ms, code: [0; CODE_DIM], department, category };
        if let Some(remembered) = remembered() {
            (entry.department, entry.category) =
                self.places().of(remembered.department, remembered.category);
            if let Some(code) = remembered.code.filter(|code| code.len() == CODE_DIM) {
                entry.code.copy_from_slice(code);
            }
        }
        entry
    }
}
