//! One thing that an import reads, looked at again and again: a feed at a path or a URL, or
//! a file beside the feeds.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use vitrine_fetch::Url;
use vitrine_ingest::Mapping;

use super::clock::WatchClock;
use super::pace::Pace;
use crate::feeds::{FeedAddress, FeedError, FeedFetcher, FeedRole, FileStat, locate};
use crate::signals::Stop;

/// A file that changed is looked at again after this time, or after the usual one if that
/// is shorter: only if it is the same then is it taken for whole.
const SETTLES_AFTER: Duration = Duration::from_secs(5);
/// Bytes that are hashed between two looks at the stop flag.
const BLOCK_BYTES: usize = 1 << 16;

/// What is needed to read an input.
#[derive(Clone, Copy)]
pub(super) struct InputReaders<'a> {
    /// The mapping as it is now: it decides which file of a folder is a feed.
    pub mapping: &'a dyn Fn() -> Result<Mapping, FeedError>,
    pub fetcher: &'a FeedFetcher,
    pub stop: &'a Stop,
}

/// A whole file, and the BLAKE3 hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InputContent {
    pub path: PathBuf,
    pub hash: [u8; 32],
}

/// What a look found that a person may want to know.
#[derive(Debug)]
pub(super) enum Looked {
    /// It could be read.
    Read,
    /// It changed since the last look, so somebody may still write it.
    Writing,
    /// It cannot be had.
    Failed(FeedError),
    /// The process is to stop.
    Stopped,
}

/// One thing that an import reads.
pub(super) struct Input<'a> {
    /// Which feed; `None` for a file beside the feeds.
    pub role: Option<FeedRole>,
    source: InputSource<'a>,
    /// What an import would read. Of a URL that cannot be had now, the last that was
    /// fetched.
    pub content: Option<InputContent>,
    /// When it is looked at next.
    pub next_at: Duration,
}

enum InputSource<'a> {
    Path { path: &'a Path, seen: Option<FileStat>, hashed: Option<FileStat> },
    Url { url: &'a Url, pace: Pace },
}

impl<'a> Input<'a> {
    /// A feed.
    pub fn feed(role: FeedRole, address: &'a FeedAddress) -> Self {
        let source = match address {
            FeedAddress::Path(path) => InputSource::Path { path, seen: None, hashed: None },
            FeedAddress::Url(url) => InputSource::Url { url, pace: Pace::default() },
        };
        Self { role: Some(role), source, content: None, next_at: Duration::ZERO }
    }

    /// A file beside the feeds.
    pub fn file(path: &'a Path) -> Self {
        let source = InputSource::Path { path, seen: None, hashed: None };
        Self { role: None, source, content: None, next_at: Duration::ZERO }
    }

    /// Looks at it, and decides when it is looked at again.
    pub fn look(
        &mut self,
        readers: InputReaders<'_>,
        every: Duration,
        clock: &dyn WatchClock,
    ) -> Looked {
        let looked = match &mut self.source {
            InputSource::Path { .. } => self.look_at_path(readers),
            InputSource::Url { .. } => self.ask(readers),
        };
        if readers.stop.load(Ordering::SeqCst) {
            return Looked::Stopped;
        }
        let wait = match (&mut self.source, &looked) {
            (InputSource::Path { .. }, Ok(Looked::Writing)) => every.min(SETTLES_AFTER),
            (InputSource::Path { .. }, _) => every,
            (InputSource::Url { pace, .. }, Ok(_)) => pace.after_success(every, clock.draw()),
            (InputSource::Url { pace, .. }, Err(error)) => {
                pace.after_failure(every, error.retry_after(), clock.draw())
            }
        };
        self.next_at = clock.now() + wait;
        looked.unwrap_or_else(Looked::Failed)
    }

    fn look_at_path(&mut self, readers: InputReaders<'_>) -> Result<Looked, FeedError> {
        let InputSource::Path { path, seen, hashed } = &mut self.source else {
            return Ok(Looked::Read);
        };
        let found = match self.role {
            Some(role) if path.is_dir() => (readers.mapping)()
                .and_then(|mapping| locate(path, role, &mapping, hashed.as_ref())),
            _ => FileStat::of(path),
        };
        let found = found.inspect_err(|_| {
            (*seen, *hashed, self.content) = (None, None, None);
        })?;
        if hashed.as_ref() == Some(&found) {
            return Ok(Looked::Read);
        }
        self.content = None;
        let is_settled = seen.as_ref() == Some(&found);
        *seen = Some(found.clone());
        if !is_settled {
            return Ok(Looked::Writing);
        }
        let hash = hash_of(&found.path, readers.stop)?;
        if FileStat::of(&found.path)? != found {
            return Ok(Looked::Writing);
        }
        self.content = Some(InputContent { path: found.path.clone(), hash });
        *hashed = Some(found);
        Ok(Looked::Read)
    }

    fn ask(&mut self, readers: InputReaders<'_>) -> Result<Looked, FeedError> {
        if let (InputSource::Url { url, .. }, Some(role)) = (&self.source, self.role) {
            let fetched = readers.fetcher.fetch(role, url, readers.stop)?;
            self.content = Some(InputContent { path: fetched.path, hash: fetched.hash });
        }
        Ok(Looked::Read)
    }
}

/// The BLAKE3 hash of a file; of a part of it if the process is to stop.
fn hash_of(path: &Path, stop: &Stop) -> Result<[u8; 32], FeedError> {
    let mut file = File::open(path).map_err(FeedError::disk("open", path))?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; BLOCK_BYTES];
    while !stop.load(Ordering::SeqCst) {
        let n = file.read(&mut block).map_err(FeedError::disk("read", path))?;
        if n == 0 {
            break;
        }
        hasher.update(&block[..n]);
    }
    Ok(*hasher.finalize().as_bytes())
}
