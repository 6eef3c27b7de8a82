//! A file of records of any length: append-only, safe to kill at any moment.
//!
//! Layout: 8 bytes that name the file's kind and format, then records: [`MARK`], the
//! payload's length (u32, little endian), the payload, the first 8 bytes of BLAKE3 over
//! length and payload. What lies between two whole records is damage; reading goes on at
//! the next mark that begins a whole record. A damaged end is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use vitrine_durable::{Disk as _, FileSystem, settle, temporary};

use crate::PictureError;

const MARK: [u8; 4] = *b"\xa7REC";
const HEAD_BYTES: usize = 8;
const CHECK_BYTES: usize = 8;
/// Most bytes of a payload; a larger length is damage.
pub(super) const PAYLOAD_BYTES_MAX: usize = 64 << 10;
/// Bytes that are read at a time when the file is opened.
const BLOCK_BYTES: usize = 1 << 20;

/// Where a record is.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordPlace {
    start: u64,
    n_bytes: u32,
}

/// The file.
#[derive(Debug)]
pub(super) struct RecordLog {
    file: File,
    path: PathBuf,
    end: u64,
    /// Stretches between whole records that could not be read.
    pub(super) n_damaged: u64,
}

impl RecordLog {
    /// Opens or creates the file and visits every whole record, the oldest first.
    ///
    /// # Errors
    /// No access, or a file of another kind or format.
    pub(super) fn open(
        path: &Path,
        magic: [u8; 8],
        visit: &mut dyn FnMut(RecordPlace, &[u8]),
    ) -> Result<Self, PictureError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(PictureError::io(path))?;
        let mut log = Self { file, path: path.to_owned(), end: 0, n_damaged: 0 };
        log.check_magic(magic)?;
        log.scan(visit).map_err(PictureError::io(path))?;
        Ok(log)
    }

    /// Writes a record and hands it to the system, so that a killed process keeps it.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn append(&mut self, payload: &[u8]) -> Result<RecordPlace, PictureError> {
        let record = framed(payload);
        let place = RecordPlace { start: self.end, n_bytes: payload.len() as u32 };
        self.file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(&record))
            .map_err(PictureError::io(&self.path))?;
        self.end += record.len() as u64;
        Ok(place)
    }

    /// The payload of a record; `None` when it is damaged by now.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn read(&mut self, place: RecordPlace) -> Result<Option<Vec<u8>>, PictureError> {
        let mut record = vec![0; HEAD_BYTES + place.n_bytes as usize + CHECK_BYTES];
        let read = self
            .file
            .seek(SeekFrom::Start(place.start))
            .and_then(|_| self.file.read_exact(&mut record));
        match read {
            Ok(()) => Ok(payload_of(&record).map(<[u8]>::to_vec)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(PictureError::io(&self.path)(error)),
        }
    }

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub(super) fn sync(&self) -> Result<(), PictureError> {
        self.file.sync_data().map_err(PictureError::io(&self.path))
    }

    /// Puts a file with the records at `places` alone in this one's place, whole or not
    /// at all, and visits them where they are now. Damaged ones are left out.
    ///
    /// # Errors
    /// The disk refuses; then the file is what it was.
    pub(super) fn keep(
        &mut self,
        magic: [u8; 8],
        places: &[RecordPlace],
        visit: &mut dyn FnMut(RecordPlace, &[u8]),
    ) -> Result<(), PictureError> {
        let path = self.path.clone();
        let aside = temporary(&path);
        let file = File::create(&aside).map_err(PictureError::io(&aside))?;
        let mut writer = io::BufWriter::new(file);
        writer.write_all(&magic).map_err(PictureError::io(&aside))?;
        for place in places {
            let Some(payload) = self.read(*place)? else { continue };
            writer.write_all(&framed(&payload)).map_err(PictureError::io(&aside))?;
        }
        let file =
            writer.into_inner().map_err(|error| PictureError::io(&aside)(error.into_error()))?;
        settle(file, &aside, &path)?;
        *self = Self::open(&path, magic, visit)?;
        Ok(())
    }

    /// Writes the magic of a new file, or of one that was killed while new.
    fn check_magic(&mut self, magic: [u8; 8]) -> Result<(), PictureError> {
        let mut found = Vec::new();
        (&self.file)
            .take(magic.len() as u64)
            .read_to_end(&mut found)
            .map_err(PictureError::io(&self.path))?;
        self.end = magic.len() as u64;
        if found == magic {
            return Ok(());
        }
        if !magic.starts_with(&found) {
            return Err(PictureError::NotACache { path: self.path.clone() });
        }
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&magic))
            .and_then(|()| self.file.sync_all())
            .and_then(|()| self.path.parent().map_or(Ok(()), |dir| FileSystem.sync_dir(dir)))
            .map_err(PictureError::io(&self.path))
    }

    /// Visits the whole records from `self.end` on, and moves it behind the last one.
    fn scan(&mut self, visit: &mut dyn FnMut(RecordPlace, &[u8])) -> io::Result<()> {
        let mut buffer = Vec::new();
        // Where in the file the buffer begins, and where in the buffer the next record.
        let (mut start, mut at) = (self.end, 0);
        let mut is_in_damage = false;
        self.file.seek(SeekFrom::Start(start))?;
        loop {
            let is_last = buffer.len() - at < HEAD_BYTES + PAYLOAD_BYTES_MAX + CHECK_BYTES && {
                start += at as u64;
                buffer.drain(..at);
                at = 0;
                (&self.file).take(BLOCK_BYTES as u64).read_to_end(&mut buffer)? == 0
            };
            let rest = &buffer[at..];
            if rest.is_empty() {
                break;
            }
            if let Some(payload) = payload_of(rest) {
                let place = RecordPlace { start: start + at as u64, n_bytes: payload.len() as u32 };
                visit(place, payload);
                at += HEAD_BYTES + payload.len() + CHECK_BYTES;
                self.end = start + at as u64;
                is_in_damage = false;
                continue;
            }
            self.n_damaged += u64::from(!is_in_damage);
            is_in_damage = true;
            let next = rest[1..].windows(MARK.len()).position(|window| window == MARK);
            at += match next {
                Some(next) => 1 + next,
                None if is_last => rest.len(),
                // The mark may go on in the next block.
                None => rest.len().saturating_sub(MARK.len() - 1).max(1),
            };
        }
        self.file.set_len(self.end)
    }
}

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEAD_BYTES + payload.len() + CHECK_BYTES);
    record.extend_from_slice(&MARK);
    record.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    record.extend_from_slice(payload);
    let check = check_of(&record[MARK.len()..]);
    record.extend_from_slice(&check);
    record
}

/// The payload of the record that `bytes` begins with, if that is whole.
fn payload_of(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.strip_prefix(&MARK)?.first_chunk::<4>()?;
    let n_bytes = u32::from_le_bytes(*length) as usize;
    if n_bytes > PAYLOAD_BYTES_MAX {
        return None;
    }
    let checked = bytes.get(MARK.len()..HEAD_BYTES + n_bytes)?;
    let check = bytes.get(HEAD_BYTES + n_bytes..)?.first_chunk::<CHECK_BYTES>()?;
    (check_of(checked) == *check).then(|| &checked[HEAD_BYTES - MARK.len()..])
}

fn check_of(checked: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&blake3::hash(checked).as_bytes()[..CHECK_BYTES]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const MAGIC: [u8; 8] = *b"TESTLOG1";

    fn payloads(path: &Path) -> (Vec<Vec<u8>>, u64) {
        let mut found = Vec::new();
        let log =
            RecordLog::open(path, MAGIC, &mut |_, payload| found.push(payload.to_vec())).unwrap();
        (found, log.n_damaged)
    }

    /// Records of many sizes, one of them as large as can be and one that looks like a mark.
    fn written(path: &Path) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = (0..40u8).map(|n| vec![n; usize::from(n) * 7]).collect();
        all.push(vec![3; PAYLOAD_BYTES_MAX]);
        all.push(MARK.repeat(3));
        let mut log = RecordLog::open(path, MAGIC, &mut |_, _| ()).unwrap();
        all.iter().for_each(|payload| {
            log.append(payload).unwrap();
        });
        all
    }

    #[test]
    fn what_was_appended_comes_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let all = written(&path);
        assert_eq!(payloads(&path), (all, 0));
    }

    #[test]
    fn blocks_end_anywhere_in_a_record() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap();
        let n = 3 * BLOCK_BYTES / 10_007;
        (0..n).for_each(|i| {
            log.append(&vec![i as u8; 10_007]).unwrap();
        });
        let (found, n_damaged) = payloads(&path);
        assert_eq!((found.len(), n_damaged), (n, 0));
    }

    #[test]
    fn a_file_cut_anywhere_keeps_the_whole_records_and_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap();
        (0..3).for_each(|n| {
            log.append(&[n; 5]).unwrap();
        });
        let whole = fs::read(&path).unwrap();
        let record = HEAD_BYTES + 5 + CHECK_BYTES;
        for n in 0..whole.len() {
            fs::write(&path, &whole[..n]).unwrap();
            let n_whole = n.saturating_sub(MAGIC.len()) / record;
            let (found, _) = payloads(&path);
            assert_eq!(found.len(), n_whole, "{n} bytes");
            let mut log = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap();
            log.append(b"new").unwrap();
            let (found, n_damaged) = payloads(&path);
            assert_eq!((found.len(), n_damaged), (n_whole + 1, 0), "{n} bytes");
            assert_eq!(found.last().unwrap(), b"new");
        }
    }

    #[test]
    fn a_flipped_bit_costs_one_record() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap();
        (0..3).for_each(|n| {
            log.append(&[n; 5]).unwrap();
        });
        let whole = fs::read(&path).unwrap();
        for at in MAGIC.len()..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            let (found, n_damaged) = payloads(&path);
            assert_eq!((found.len(), n_damaged), (2, 1), "byte {at}");
        }
    }

    #[test]
    fn kept_records_alone_are_left_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap();
        let places = [0u8, 1, 2].map(|n| log.append(&[n; 5]).unwrap());
        assert_eq!(log.read(places[1]).unwrap().unwrap(), [1; 5]);
        log.keep(MAGIC, &places[1..], &mut |_, _| ()).unwrap();
        log.append(b"new").unwrap();
        assert_eq!(payloads(&path).0, [&[1; 5][..], &[2; 5], b"new"]);
        assert!(!temporary(&path).exists());
    }

    #[test]
    fn a_file_of_another_kind_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        fs::write(&path, "something else").unwrap();
        let error = RecordLog::open(&path, MAGIC, &mut |_, _| ()).unwrap_err();
        assert!(matches!(error, PictureError::NotACache { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"something else");
    }
}
