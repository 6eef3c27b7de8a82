//! The files of a log: segments that are named by the number of their first record.
//!
//! Only the last segment grows. The others are never written again, and go when a
//! snapshot covers them. A write is one frame and one sync, so at most one frame can be
//! torn: the last. It is cut off when the log is opened. A frame that is not whole and
//! has whole ones after it is damage, and so is one in an older segment.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vitrine_durable::{AppendDisk, AppendFile};

use crate::error::CatalogueError;
use crate::frame::{Frame, RecordBatch, has_frame};

const EXTENSION: &str = "log";
const MAGIC: [u8; 8] = *b"VITRLOG1";
const HEADER_BYTES: usize = 16;

/// What is done with a record: its file, its number, its JSON.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(&Path, u64, &[u8]) -> Result<(), CatalogueError>;

/// A log on disk, open for appending.
pub(crate) struct Segments {
    dir: PathBuf,
    disk: Arc<dyn AppendDisk>,
    bytes_max: u64,
    /// The oldest first; the last one is `active` if that is there.
    files: Vec<SegmentFile>,
    active: Option<Box<dyn AppendFile>>,
    /// Number of the next record.
    next: u64,
    /// The file whose content is in doubt.
    broken: Option<PathBuf>,
}

/// A segment of a log.
#[derive(Clone, Debug)]
pub(crate) struct SegmentFile {
    pub(crate) first: u64,
    path: PathBuf,
    n_bytes: u64,
}

impl Segments {
    /// Opens the log of a folder and visits every record after `after`. An incomplete last
    /// frame is cut off.
    pub(crate) fn open(
        dir: &Path,
        disk: Arc<dyn AppendDisk>,
        bytes_max: u64,
        after: u64,
        visit: Visit<'_>,
    ) -> Result<Self, CatalogueError> {
        let mut files = list(dir)?;
        let n_covered = n_covered(&files, after);
        let (mut next, mut torn_at) = (after + 1, None);
        for (i, file) in files.iter().enumerate().skip(n_covered) {
            if file.first != next && (i > n_covered || file.first > next) {
                return Err(damaged(&file.path, 0, "the segment before it is missing"));
            }
            let bytes = read_file(&file.path)?;
            let scanned = scan(file, &bytes, after, visit)?;
            next = scanned.next;
            if !scanned.is_whole(&bytes) {
                let is_last = i + 1 == files.len();
                if !is_last || has_frame(&bytes[scanned.n_bytes..]) {
                    return Err(damaged(&file.path, scanned.n_bytes, "a frame is not whole"));
                }
                torn_at = Some(scanned.n_bytes);
            }
        }
        if let Some(n_bytes) = torn_at {
            cut(&*disk, dir, &mut files, n_bytes)?;
        }
        let mut log =
            Self { dir: dir.to_owned(), disk, bytes_max, files, active: None, next, broken: None };
        if next > after {
            log.reopen_last()?;
        } else {
            // A snapshot knows more than the log: the next record has a segment of its own.
            log.next = after + 1;
        }
        Ok(log)
    }

    fn reopen_last(&mut self) -> Result<(), CatalogueError> {
        if let Some(SegmentFile { path, .. }) = self.files.last() {
            let file = self.disk.open_append(path).map_err(CatalogueError::io("open", path))?;
            self.active = Some(file);
        }
        Ok(())
    }

    /// Number of the next record.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Writes a batch that begins with record [`Self::next`]; it is durable on return.
    pub(crate) fn append(&mut self, batch: &mut RecordBatch) -> Result<(), CatalogueError> {
        if let Some(path) = &self.broken {
            return Err(CatalogueError::Unusable { path: path.clone() });
        }
        let n_records = batch.n_records();
        let frame = batch.frame()?;
        match (self.files.last_mut(), &mut self.active) {
            (Some(last), Some(file)) if last.n_bytes < self.bytes_max => {
                grow(&mut **file, last, frame).inspect_err(|error| {
                    if matches!(error, CatalogueError::Unusable { .. }) {
                        self.broken = Some(last.path.clone());
                    }
                })?;
            }
            _ => self.start_segment(frame)?,
        }
        self.next += u64::from(n_records);
        Ok(())
    }

    /// Begins a new segment with a frame in it.
    fn start_segment(&mut self, frame: &[u8]) -> Result<(), CatalogueError> {
        let path = self.dir.join(format!("{:020}.{EXTENSION}", self.next));
        let mut file = self.disk.open_append(&path).map_err(CatalogueError::io("create", &path))?;
        // What an attempt that failed has left of it.
        file.cut(0).map_err(CatalogueError::io("empty", &path))?;
        let mut segment = SegmentFile { first: self.next, path: path.clone(), n_bytes: 0 };
        let bytes = [&header(self.next)[..], frame].concat();
        let written = grow(&mut *file, &mut segment, &bytes).and_then(|()| {
            let unusable = |_| CatalogueError::Unusable { path: path.clone() };
            self.disk.sync_dir(&self.dir).map_err(unusable)
        });
        if let Err(error) = written {
            if matches!(error, CatalogueError::Unusable { .. }) {
                self.broken = Some(path);
            }
            return Err(error);
        }
        self.files.push(segment);
        self.active = Some(file);
        Ok(())
    }

    /// Removes the segments that have no record after `number`; never the last.
    pub(crate) fn drop_covered(&mut self, number: u64) -> Result<(), CatalogueError> {
        let covered: Vec<_> = self.files.drain(..n_covered(&self.files, number)).collect();
        for file in &covered {
            self.disk.remove(&file.path).map_err(CatalogueError::io("remove", &file.path))?;
        }
        if !covered.is_empty() {
            self.disk.sync_dir(&self.dir).map_err(CatalogueError::io("sync", &self.dir))?;
        }
        Ok(())
    }

    /// Bytes of the segments that have a record after `number`.
    pub(crate) fn n_bytes_after(&self, number: u64) -> u64 {
        self.files[n_covered(&self.files, number)..].iter().map(|file| file.n_bytes).sum()
    }
}

/// Appends to a segment and makes it durable; after any error but
/// [`CatalogueError::Unusable`] the segment is as before.
fn grow(
    file: &mut dyn AppendFile,
    segment: &mut SegmentFile,
    bytes: &[u8],
) -> Result<(), CatalogueError> {
    let unusable = || CatalogueError::Unusable { path: segment.path.clone() };
    if let Err(error) = file.append(bytes) {
        // Part of it may be there.
        file.cut(segment.n_bytes).and_then(|()| file.sync()).map_err(|_| unusable())?;
        return Err(CatalogueError::io("write to", &segment.path)(error));
    }
    // After a sync that failed the system may have thrown away what it could not write,
    // and a second one would succeed (Rebello et al., Can applications recover from fsync
    // failures?, USENIX ATC 2020).
    file.sync().map_err(|_| unusable())?;
    segment.n_bytes += bytes.len() as u64;
    Ok(())
}

/// Visits the records after `after` of a log that may be growing meanwhile, up to the first
/// frame that is not whole yet; returns the number of the last one.
pub(crate) fn read_after(dir: &Path, after: u64, visit: Visit<'_>) -> Result<u64, CatalogueError> {
    let files = list(dir)?;
    let n_covered = n_covered(&files, after);
    let mut next = after + 1;
    for (i, file) in files.iter().enumerate().skip(n_covered) {
        if file.first != next && (i > n_covered || file.first > next) {
            return Err(damaged(&file.path, 0, "the segment before it is missing"));
        }
        let bytes = read_file(&file.path)?;
        let scanned = scan(file, &bytes, after, visit)?;
        if !scanned.is_whole(&bytes) && i + 1 < files.len() {
            return Err(damaged(&file.path, scanned.n_bytes, "a frame is not whole"));
        }
        next = next.max(scanned.next);
    }
    Ok(next - 1)
}

/// Segments of a folder, the oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<SegmentFile>, CatalogueError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(CatalogueError::io("list", dir))? {
        let path = entry.map_err(CatalogueError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION)
            && let Some(first) = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok())
        {
            let metadata = fs::metadata(&path).map_err(CatalogueError::io("look at", &path))?;
            files.push(SegmentFile { first, path, n_bytes: metadata.len() });
        }
    }
    files.sort_by_key(|file| file.first);
    Ok(files)
}

/// How many of the oldest segments have no record after `number`.
fn n_covered(files: &[SegmentFile], number: u64) -> usize {
    let is_covered = |pair: &&[SegmentFile]| pair[1].first <= number.saturating_add(1);
    files.windows(2).take_while(is_covered).count()
}

/// What is whole of a segment.
struct Scanned {
    /// Bytes of header and whole frames; 0 without a whole header.
    n_bytes: usize,
    /// Number of the record after the last whole one.
    next: u64,
}

impl Scanned {
    fn is_whole(&self, bytes: &[u8]) -> bool {
        self.n_bytes >= HEADER_BYTES && self.n_bytes == bytes.len()
    }
}

/// Visits the records after `after` in the frames that come before the first that is not
/// whole.
fn scan(
    file: &SegmentFile,
    bytes: &[u8],
    after: u64,
    visit: Visit<'_>,
) -> Result<Scanned, CatalogueError> {
    let mut scanned = Scanned { n_bytes: 0, next: file.first };
    if !bytes.starts_with(&header(file.first)) {
        return Ok(scanned);
    }
    scanned.n_bytes = HEADER_BYTES;
    while let Some(frame) = Frame::read(&bytes[scanned.n_bytes..]) {
        if frame.first != scanned.next {
            return Err(damaged(&file.path, scanned.n_bytes, "the frame before it is missing"));
        }
        for (number, record) in frame.records() {
            if number > after {
                visit(&file.path, number, record)?;
            }
        }
        scanned.next = frame.next();
        scanned.n_bytes += frame.n_bytes();
    }
    Ok(scanned)
}

/// Cuts an incomplete frame off the last segment; one without a header never was a
/// segment, and goes.
fn cut(
    disk: &dyn AppendDisk,
    dir: &Path,
    files: &mut Vec<SegmentFile>,
    n_bytes: usize,
) -> Result<(), CatalogueError> {
    let Some(last) = files.last_mut() else { return Ok(()) };
    tracing::info!(file = %last.path.display(), n_bytes, "an unfinished write is cut off");
    if n_bytes >= HEADER_BYTES {
        let mut file =
            disk.open_append(&last.path).map_err(CatalogueError::io("open", &last.path))?;
        file.cut(n_bytes as u64)
            .and_then(|()| file.sync())
            .map_err(CatalogueError::io("cut", &last.path))?;
        last.n_bytes = n_bytes as u64;
    } else {
        disk.remove(&last.path).map_err(CatalogueError::io("remove", &last.path))?;
        disk.sync_dir(dir).map_err(CatalogueError::io("sync", dir))?;
        files.pop();
    }
    Ok(())
}

fn header(first: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..].copy_from_slice(&first.to_le_bytes());
    header
}

fn read_file(path: &Path) -> Result<Vec<u8>, CatalogueError> {
    fs::read(path).map_err(CatalogueError::io("read", path))
}

fn damaged(path: &Path, offset: usize, what: &'static str) -> CatalogueError {
    CatalogueError::Damaged { path: path.to_owned(), offset: offset as u64, what }
}
