//! The clean log on disk: fixed-size records, so that any length streams.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

use crate::QualityError;
use crate::quarantine::settle;

const MAGIC: &[u8; 8] = b"VTRLOG1\n";
const RECORD_BYTES: usize = 33;

/// Writes interactions to `<path>.tmp` and moves the file to its name when whole.
pub struct LogWriter {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
    n_written: u64,
}

impl LogWriter {
    /// Starts a log that will be at `path`.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, QualityError> {
        let temporary = vitrine_durable::temporary(path);
        let file = vitrine_durable::create_private(&temporary)?;
        let out = BufWriter::with_capacity(1 << 16, file);
        let mut log = Self { path: path.to_owned(), temporary, out, n_written: 0 };
        log.write(MAGIC)?;
        Ok(log)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), QualityError> {
        self.out
            .write_all(bytes)
            .map_err(|source| QualityError::File { path: self.temporary.clone(), source })
    }

    /// Appends one interaction.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when the disk refuses.
    pub fn push(&mut self, interaction: &Interaction) -> Result<(), QualityError> {
        self.n_written += 1;
        self.write(&encode(interaction))
    }

    /// Makes the log durable under its name.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when the disk refuses.
    pub fn finish(mut self) -> Result<u64, QualityError> {
        // The count at the end tells a whole log from one that was cut.
        let count = self.n_written.to_le_bytes();
        self.write(&count)?;
        let Self { path, temporary, out, n_written } = self;
        settle(out, &temporary, &path)?;
        Ok(n_written)
    }
}

/// Streams a log that [`LogWriter`] wrote.
pub struct LogReader {
    path: PathBuf,
    input: BufReader<File>,
    n_left: u64,
}

impl LogReader {
    /// Opens a log.
    ///
    /// # Errors
    /// [`QualityError::File`] when it cannot be read, [`QualityError::NotALog`]
    /// when it is something else or not whole.
    pub fn open(path: &Path) -> Result<Self, QualityError> {
        let failed = |source| QualityError::File { path: path.to_owned(), source };
        let not_a_log = || QualityError::NotALog { path: path.to_owned() };
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let records = bytes.checked_sub(MAGIC.len() as u64 + 8).ok_or_else(not_a_log)?;
        let (mut magic, mut count) = ([0; 8], [0; 8]);
        file.seek(SeekFrom::End(-8)).map_err(failed)?;
        file.read_exact(&mut count).map_err(failed)?;
        file.rewind().map_err(failed)?;
        file.read_exact(&mut magic).map_err(failed)?;
        let n_left = u64::from_le_bytes(count);
        if &magic != MAGIC || n_left.checked_mul(RECORD_BYTES as u64) != Some(records) {
            return Err(not_a_log());
        }
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(Self { path: path.to_owned(), input, n_left })
    }

    /// Interactions not yet read.
    pub fn n_left(&self) -> u64 {
        self.n_left
    }
}

impl Iterator for LogReader {
    type Item = Result<Interaction, QualityError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.n_left = self.n_left.checked_sub(1)?;
        let mut record = [0; RECORD_BYTES];
        let read = self.input.read_exact(&mut record).map_err(|source| {
            self.n_left = 0;
            QualityError::File { path: self.path.clone(), source }
        });
        Some(read.and_then(|()| {
            decode(&record).ok_or_else(|| QualityError::NotALog { path: self.path.clone() })
        }))
    }
}

fn encode(interaction: &Interaction) -> [u8; RECORD_BYTES] {
    let mut record = [0; RECORD_BYTES];
    record[0..8].copy_from_slice(&interaction.item.0.to_le_bytes());
    record[8..16].copy_from_slice(&interaction.at_seconds.to_le_bytes());
    record[16..20].copy_from_slice(&interaction.shopper.0.to_le_bytes());
    record[20..24].copy_from_slice(&interaction.basket.to_le_bytes());
    record[24..28].copy_from_slice(&interaction.quantity.to_le_bytes());
    record[28..32].copy_from_slice(&interaction.price_minor.to_le_bytes());
    record[32] = interaction.kind as u8;
    record
}

fn decode(record: &[u8; RECORD_BYTES]) -> Option<Interaction> {
    let eight = |at: usize| record[at..at + 8].try_into().expect("eight bytes");
    let four = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().expect("four bytes"));
    let kind = match record[32] {
        0 => EventKind::ViewItem,
        1 => EventKind::AddToCart,
        2 => EventKind::RemoveFromCart,
        3 => EventKind::Purchase,
        _ => return None,
    };
    Some(Interaction {
        shopper: ShopperId(four(16)),
        item: ItemId(u64::from_le_bytes(eight(0))),
        kind,
        at_seconds: i64::from_le_bytes(eight(8)),
        basket: four(20),
        quantity: four(24),
        price_minor: four(28),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interaction(n: u32) -> Interaction {
        let kinds = [
            EventKind::ViewItem,
            EventKind::AddToCart,
            EventKind::RemoveFromCart,
            EventKind::Purchase,
        ];
        Interaction {
            shopper: ShopperId(n),
            item: ItemId(u64::MAX - u64::from(n)),
            kind: kinds[n as usize % 4],
            at_seconds: i64::from(n) - 2,
            basket: n / 2,
            quantity: n + 1,
            price_minor: u32::MAX - n,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log.bin");
        let mut writer = LogWriter::create(&path).expect("writable");
        (0..100).for_each(|n| writer.push(&interaction(n)).expect("written"));
        assert!(!path.exists());
        assert_eq!(writer.finish().expect("renamed"), 100);
        let read: Vec<_> =
            LogReader::open(&path).expect("a log").map(|item| item.expect("whole")).collect();
        assert_eq!(read, (0..100).map(interaction).collect::<Vec<_>>());
    }

    #[test]
    fn a_cut_log_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log.bin");
        std::fs::write(&path, b"VTRLOG1\nabc").expect("written");
        assert!(matches!(LogReader::open(&path), Err(QualityError::NotALog { .. })));
        let mut bytes = MAGIC.to_vec();
        // One whole record, and a count that says two.
        bytes.extend([0; RECORD_BYTES]);
        bytes.extend(2_u64.to_le_bytes());
        std::fs::write(&path, bytes).expect("written");
        assert!(matches!(LogReader::open(&path), Err(QualityError::NotALog { .. })));
    }
}
