//! The cache on disk: what was made of each content, and which content each address had.
//!
//! Two [`log::RecordLog`]s in a folder. `contents.bin` has the thumbnails, or the fault,
//! of each content by its hash; `sources.bin` the content and the validator of each
//! address, of which the newest record counts. A source whose content is not there is no
//! source, so that the two need not be written at once. Larger pictures are files of their
//! own, which a server reads; a content without its file is made anew.

mod log;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vitrine_fetch::Validator;

use crate::larger::{self, larger_picture_file};
use crate::{ContentFault, PictureError, Thumbnails};
use log::{RecordLog, RecordPlace};

const CONTENTS: &str = "contents.bin";
const CONTENTS_MAGIC: [u8; 8] = *b"VITRPIC1";
const SOURCES: &str = "sources.bin";
const SOURCES_MAGIC: [u8; 8] = *b"VITRSRC1";
const LOCK: &str = "lock";
/// Raised whenever the same bytes would give other thumbnails or another fault, or the
/// records look different: older contents are then made anew.
const MAKER: u16 = 1;

/// The BLAKE3 hash of a picture's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PictureHash(pub [u8; 32]);

impl PictureHash {
    /// The hash of a file's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }
}

impl fmt::Display for PictureHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What is made of one content.
pub(crate) type Made = Result<MadePictures, ContentFault>;

/// All that is made of one picture.
pub(crate) struct MadePictures {
    pub(crate) thumbnails: Thumbnails,
    /// WebP of more pixels.
    pub(crate) larger: Vec<u8>,
}

type Recorded<T> = ContentRecord<Result<T, ContentFault>>;

#[derive(Serialize, Deserialize)]
struct ContentRecord<M> {
    maker: u16,
    hash: PictureHash,
    made: M,
}

/// What an address had when it was last read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) address: String,
    pub(crate) hash: PictureHash,
    pub(crate) validator: Validator,
}

#[derive(Debug)]
struct Content {
    place: RecordPlace,
    /// What the larger picture is called, or why there is none.
    larger: Result<PictureHash, ContentFault>,
}

/// The cache; one process at a time has it open.
#[derive(Debug)]
pub(crate) struct PictureStore {
    dir: PathBuf,
    contents: RecordLog,
    sources: RecordLog,
    content_of: HashMap<PictureHash, Content>,
    /// By the hash of the address: a shop can have millions of long ones.
    source_of: HashMap<PictureHash, RecordPlace>,
    _lock: File,
}

impl PictureStore {
    /// Opens the cache in `dir`, which is created where it is missing.
    ///
    /// # Errors
    /// No access; files of another format; in use by another process.
    pub(crate) fn open(dir: &Path) -> Result<Self, PictureError> {
        fs::create_dir_all(dir).map_err(PictureError::io(dir))?;
        let lock_path = dir.join(LOCK);
        let lock = File::create(&lock_path).map_err(PictureError::io(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => PictureError::CacheInUse { path: dir.to_owned() },
            TryLockError::Error(source) => PictureError::io(&lock_path)(source),
        })?;
        let (mut content_of, mut source_of) = (HashMap::new(), HashMap::new());
        let contents =
            RecordLog::open(&dir.join(CONTENTS), CONTENTS_MAGIC, &mut |place, payload| {
                learn_content(&mut content_of, place, payload);
            })?;
        content_of.retain(|_, content: &mut Content| {
            content.larger.map_or(true, |name| larger_picture_file(dir, name).is_file())
        });
        let sources = RecordLog::open(&dir.join(SOURCES), SOURCES_MAGIC, &mut |place, payload| {
            learn_source(&mut source_of, place, payload);
        })?;
        Ok(Self { dir: dir.to_owned(), contents, sources, content_of, source_of, _lock: lock })
    }

    /// Whether a content is known, and then its fault, if it has one.
    pub(crate) fn fault(&self, hash: PictureHash) -> Option<Option<ContentFault>> {
        self.content_of.get(&hash).map(|content| content.larger.err())
    }

    /// The thumbnails of a content that has no fault.
    ///
    /// # Errors
    /// [`PictureError::NoThumbnails`], or the disk refuses.
    pub(crate) fn thumbnails(&mut self, hash: PictureHash) -> Result<Thumbnails, PictureError> {
        let none = PictureError::NoThumbnails { hash };
        let Some(content) = self.content_of.get(&hash) else { return Err(none) };
        let payload = self.contents.read(content.place)?;
        let record = payload.as_deref().map(postcard::from_bytes::<Recorded<Thumbnails>>);
        match record {
            Some(Ok(ContentRecord { made: Ok(thumbnails), .. })) => Ok(thumbnails),
            _ => Err(none),
        }
    }

    /// Keeps what was made of a content.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn put(&mut self, hash: PictureHash, made: &Made) -> Result<(), PictureError> {
        let larger =
            made.as_ref().map(|made| made.thumbnails.larger_name()).map_err(|fault| *fault);
        if let (Ok(name), Ok(made)) = (larger, made) {
            larger::write(&self.dir, name, &made.larger)?;
        }
        let made = made.as_ref().map(|made| &made.thumbnails).map_err(|fault| *fault);
        let record = Recorded { maker: MAKER, hash, made };
        let place = self.contents.append(&encoded(&record))?;
        self.content_of.insert(hash, Content { place, larger });
        Ok(())
    }

    /// What an address had when it was last read, if its content is there.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn source(&mut self, address: &str) -> Result<Option<Source>, PictureError> {
        let Some(place) = self.source_of.get(&key_of(address)) else { return Ok(None) };
        let payload = self.sources.read(*place)?;
        let source = payload.and_then(|payload| postcard::from_bytes::<Source>(&payload).ok());
        Ok(source.filter(|source| {
            source.address == address && self.content_of.contains_key(&source.hash)
        }))
    }

    /// Keeps what an address has; nothing is written where that is known.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn put_source(&mut self, source: &Source) -> Result<(), PictureError> {
        if self.source(&source.address)?.as_ref() != Some(source) {
            let place = self.sources.append(&encoded(source))?;
            self.source_of.insert(key_of(&source.address), place);
        }
        Ok(())
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub(crate) fn sync(&self) -> Result<(), PictureError> {
        self.contents.sync()?;
        self.sources.sync()
    }

    /// Removes all addresses but these, and the contents that none of them has. Returns
    /// how many contents were removed.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn retain<'a>(
        &mut self,
        addresses: impl IntoIterator<Item = &'a str>,
    ) -> Result<usize, PictureError> {
        let (mut sources, mut hashes, mut contents) = (Vec::new(), HashSet::new(), Vec::new());
        let mut seen = HashSet::new();
        for address in addresses {
            let Some(source) = self.source(address)? else { continue };
            if seen.insert(key_of(address)) {
                sources.push(self.source_of[&key_of(address)]);
            }
            if hashes.insert(source.hash) {
                contents.push(self.content_of[&source.hash].place);
            }
        }
        let n_removed = self.content_of.len() - contents.len();
        let (mut content_of, mut source_of) = (HashMap::new(), HashMap::new());
        self.sources.keep(SOURCES_MAGIC, &sources, &mut |place, payload| {
            learn_source(&mut source_of, place, payload);
        })?;
        self.source_of = source_of;
        self.contents.keep(CONTENTS_MAGIC, &contents, &mut |place, payload| {
            learn_content(&mut content_of, place, payload);
        })?;
        self.content_of = content_of;
        let larger = self.content_of.values().filter_map(|content| content.larger.ok());
        larger::retain(&self.dir, &larger.collect())?;
        Ok(n_removed)
    }

    /// Stretches of the files that could not be read; their pictures are made anew.
    pub(crate) fn n_damaged(&self) -> u64 {
        self.contents.n_damaged + self.sources.n_damaged
    }
}

/// Older makers' contents are passed over.
fn learn_content(
    content_of: &mut HashMap<PictureHash, Content>,
    place: RecordPlace,
    payload: &[u8],
) {
    if let Ok(record) = postcard::from_bytes::<Recorded<Thumbnails>>(payload)
        && record.maker == MAKER
    {
        let larger = record.made.map(|thumbnails| thumbnails.larger_name());
        content_of.insert(record.hash, Content { place, larger });
    }
}

fn learn_source(
    source_of: &mut HashMap<PictureHash, RecordPlace>,
    place: RecordPlace,
    payload: &[u8],
) {
    if let Ok(source) = postcard::from_bytes::<Source>(payload) {
        source_of.insert(key_of(&source.address), place);
    }
}

fn key_of(address: &str) -> PictureHash {
    PictureHash::of(address.as_bytes())
}

fn encoded(record: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(record).expect("the record has numbers, bytes and text alone")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thumbnails(n: u8) -> Thumbnails {
        Thumbnails {
            width: 9,
            height: 7,
            small: vec![n; 90],
            large: vec![n; 900],
            thumbhash: vec![n; 24],
        }
    }

    fn made(n: u8) -> MadePictures {
        MadePictures { thumbnails: thumbnails(n), larger: vec![n; 9_000] }
    }

    fn larger(dir: &Path, n: u8) -> PathBuf {
        larger_picture_file(dir, thumbnails(n).larger_name())
    }

    fn source(address: &str, n: u8) -> Source {
        let validator = Validator { etag: Some(format!("\"{n}\"")), last_modified: None };
        Source { address: address.to_owned(), hash: PictureHash([n; 32]), validator }
    }

    #[test]
    fn what_was_put_is_there_after_opening_again_and_the_newest_source_counts() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        store.put(PictureHash([1; 32]), &Ok(made(1))).unwrap();
        store.put(PictureHash([2; 32]), &Err(ContentFault::Svg)).unwrap();
        store.put_source(&source("a", 1)).unwrap();
        store.put_source(&source("a", 2)).unwrap();
        store.put_source(&source("b", 3)).unwrap();
        assert!(matches!(PictureStore::open(dir.path()), Err(PictureError::CacheInUse { .. })));
        drop(store);

        let mut store = PictureStore::open(dir.path()).unwrap();
        assert_eq!(store.thumbnails(PictureHash([1; 32])).unwrap(), thumbnails(1));
        assert_eq!(store.fault(PictureHash([1; 32])), Some(None));
        assert_eq!(store.fault(PictureHash([2; 32])), Some(Some(ContentFault::Svg)));
        assert_eq!(store.fault(PictureHash([3; 32])), None);
        assert!(store.thumbnails(PictureHash([2; 32])).is_err());
        assert_eq!(store.source("a").unwrap(), Some(source("a", 2)));
        assert_eq!(store.source("b").unwrap(), None, "its content is not there");
        assert_eq!(store.n_damaged(), 0);
    }

    #[test]
    fn a_known_source_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        store.put(PictureHash([1; 32]), &Ok(made(1))).unwrap();
        store.put_source(&source("a", 1)).unwrap();
        let bytes = || fs::metadata(dir.path().join(SOURCES)).unwrap().len();
        let before = bytes();
        store.put_source(&source("a", 1)).unwrap();
        assert_eq!(bytes(), before);
    }

    #[test]
    fn what_no_address_names_is_removed_also_from_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        for (n, address) in (1u8..).zip(["a", "b", "c"]) {
            store.put(PictureHash([n; 32]), &Ok(made(n))).unwrap();
            store.put_source(&source(address, n)).unwrap();
        }
        assert_eq!(store.retain(["c", "unknown", "a", "a"]).unwrap(), 1);
        let check = |store: &mut PictureStore| {
            assert_eq!(store.thumbnails(PictureHash([3; 32])).unwrap(), thumbnails(3));
            assert_eq!(store.source("a").unwrap(), Some(source("a", 1)));
            assert_eq!(store.source("b").unwrap(), None);
            assert_eq!(store.fault(PictureHash([2; 32])), None);
            assert_eq!(fs::read(larger(dir.path(), 3)).unwrap(), [3; 9_000]);
            assert!(larger(dir.path(), 1).exists() && !larger(dir.path(), 2).exists());
        };
        check(&mut store);
        drop(store);
        check(&mut PictureStore::open(dir.path()).unwrap());
    }

    #[test]
    fn a_content_whose_larger_picture_is_gone_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        for n in 1..=2 {
            store.put(PictureHash([n; 32]), &Ok(made(n))).unwrap();
        }
        drop(store);
        fs::remove_file(larger(dir.path(), 1)).unwrap();
        let store = PictureStore::open(dir.path()).unwrap();
        assert_eq!(store.fault(PictureHash([1; 32])), None);
        assert_eq!(store.fault(PictureHash([2; 32])), Some(None));
    }

    #[test]
    fn damage_costs_what_it_hits() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        for n in 1..=3 {
            store.put(PictureHash([n; 32]), &Ok(made(n))).unwrap();
        }
        drop(store);
        let path = dir.path().join(CONTENTS);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let mut store = PictureStore::open(dir.path()).unwrap();
        assert_eq!(store.n_damaged(), 1);
        assert_eq!(store.fault(PictureHash([2; 32])), None);
        store.put(PictureHash([2; 32]), &Ok(made(2))).unwrap();
        for n in 1..=3 {
            assert_eq!(store.thumbnails(PictureHash([n; 32])).unwrap(), thumbnails(n));
        }
    }
}
