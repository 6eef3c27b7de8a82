//! Reads all pictures of a shop: fetch, decode, keep.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use vitrine_fetch::{Url, Validator};

use crate::address::{Address, PictureRoot, parse};
use crate::decode::Undecoded;
use crate::fetch::{Fetched, Fetcher};
use crate::gate::Gate;
use crate::larger;
use crate::limits::{DECODE_BYTES_AT_ONCE_MAX, SCALE_BYTES_MAX};
use crate::store::{Made, MadePictures, PictureStore, Source};
use crate::{
    ContentFault, PictureError, PictureFault, PictureHash, PictureOptions, PictureProgress,
    PictureReading, Thumbnails,
};

/// Pictures after which the cache waits for the disk, so that a power cut costs no more.
const PICTURES_A_SYNC: usize = 256;

/// Reads pictures and keeps what it made of them.
#[derive(Debug)]
pub struct PictureReader {
    root: PictureRoot,
    fetcher: Fetcher,
    store: Mutex<PictureStore>,
    options: PictureOptions,
    fetches: Gate,
    decodes: Gate,
    decode_bytes: Gate,
}

/// Where thumbnails came from.
#[derive(Clone, Copy)]
enum Origin {
    Made,
    Reused,
    Stale,
}

type Outcome = Result<(PictureHash, Origin), PictureFault>;

impl PictureReader {
    /// A reader of pictures below `root` and at URLs, with its cache in `cache_dir`.
    /// Without a root, every path is refused.
    ///
    /// # Errors
    /// The root does not exist; the cache cannot be opened or is in use.
    pub fn new(
        root: Option<&Path>,
        cache_dir: &Path,
        options: PictureOptions,
    ) -> Result<Self, PictureError> {
        Ok(Self {
            root: PictureRoot::new(root)?,
            fetcher: Fetcher::new(&options),
            store: Mutex::new(PictureStore::open(cache_dir)?),
            fetches: Gate::new(options.fetches_at_once.max(1) as u64),
            decodes: Gate::new(options.decodes_at_once.max(1) as u64),
            decode_bytes: Gate::new(DECODE_BYTES_AT_ONCE_MAX),
            options,
        })
    }

    /// Reads each address once, and tells what became of it in the order of `addresses`.
    /// What the cache has of the same bytes is not made again. `progress` is called
    /// after each distinct address.
    ///
    /// # Errors
    /// [`PictureError::Cancelled`] when `cancel` is set, after the pictures and requests
    /// that are under way, so within [`PictureOptions::request_timeout`]; the disk of the
    /// cache fails. What was read until then is kept.
    pub fn read_all<A: AsRef<str>>(
        &self,
        addresses: &[A],
        progress: &mut dyn FnMut(PictureProgress),
        cancel: &AtomicBool,
    ) -> Result<PictureReading, PictureError> {
        self.fetcher.start();
        let (distinct, row_of) = distinct(addresses);
        let mut outcomes: Vec<Option<Outcome>> = vec![];
        outcomes.resize_with(distinct.len(), || None);
        let mut n_faults = 0;
        let done = self.read_distinct(&distinct, cancel, &mut |at, outcome, n_done| {
            n_faults += usize::from(outcome.is_err());
            outcomes[at] = Some(outcome);
            progress(PictureProgress { n_done, n_total: distinct.len(), n_faults });
        });
        self.store().sync()?;
        done?;
        if cancel.load(Ordering::Relaxed) {
            return Err(PictureError::Cancelled);
        }
        let Some(outcomes) = outcomes.into_iter().collect::<Option<Vec<_>>>() else {
            return Err(PictureError::Cancelled);
        };
        let n = |is: fn(&Origin) -> bool| {
            outcomes.iter().flatten().filter(|(_, origin)| is(origin)).count()
        };
        Ok(PictureReading {
            n_made: n(|origin| matches!(origin, Origin::Made)),
            n_reused: n(|origin| matches!(origin, Origin::Reused)),
            n_stale: n(|origin| matches!(origin, Origin::Stale)),
            pictures: row_of
                .into_iter()
                .map(|at| outcomes[at].clone().map(|(hash, _)| hash))
                .collect(),
        })
    }

    /// The thumbnails of a picture that [`Self::read_all`] named.
    ///
    /// # Errors
    /// [`PictureError::NoThumbnails`] when they are damaged by now or were never made;
    /// the disk refuses.
    pub fn thumbnails(&self, picture: PictureHash) -> Result<Thumbnails, PictureError> {
        self.store().thumbnails(picture)
    }

    /// Removes from the cache what none of `addresses` names. Returns how many pictures
    /// were removed.
    ///
    /// # Errors
    /// The disk refuses; then the cache is what it was.
    pub fn retain<A: AsRef<str>>(&self, addresses: &[A]) -> Result<usize, PictureError> {
        self.store().retain(addresses.iter().map(|address| address.as_ref().trim()))
    }

    /// Damaged stretches that were found in the cache's files when they were opened.
    /// Their pictures are made anew.
    pub fn n_damaged(&self) -> u64 {
        self.store().n_damaged()
    }

    /// Hands every outcome with its index and the number of those so far to `take`, in no
    /// order. Ends early, without an error, when `cancel` is set.
    fn read_distinct(
        &self,
        addresses: &[&str],
        cancel: &AtomicBool,
        take: &mut dyn FnMut(usize, Outcome, usize),
    ) -> Result<(), PictureError> {
        let (next, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let n_threads = self.options.fetches_at_once.max(self.options.decodes_at_once).max(1);
        let (sender, outcomes) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..n_threads.min(addresses.len()) {
                let (next, is_stopped, sender) = (&next, &is_stopped, sender.clone());
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(address) = addresses.get(at) else { return };
                        let outcome = self.read(address, cancel);
                        let is_over = [cancel, is_stopped].map(|flag| flag.load(Ordering::Relaxed));
                        // Who was interrupted has no outcome.
                        if is_over.contains(&true) || sender.send((at, outcome)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (n_done, (at, outcome)) in (1..).zip(&outcomes) {
                let outcome = outcome.inspect_err(|_| is_stopped.store(true, Ordering::Relaxed))?;
                take(at, outcome, n_done);
                if n_done.is_multiple_of(PICTURES_A_SYNC) {
                    let synced = self.store().sync();
                    synced.inspect_err(|_| is_stopped.store(true, Ordering::Relaxed))?;
                }
            }
            Ok(())
        })
    }

    fn read(&self, address: &str, cancel: &AtomicBool) -> Result<Outcome, PictureError> {
        match parse(address) {
            Err(refused) => Ok(Err(refused.into())),
            Ok(Address::Path(path)) => {
                let pass = self.decodes.enter(1);
                let bytes = self.root.read(path);
                drop(pass);
                match bytes {
                    Ok(bytes) => self.make(address, &bytes, Validator::default()),
                    Err(fault) => Ok(Err(fault)),
                }
            }
            Ok(Address::Url(url)) => self.read_url(address, &url, cancel),
        }
    }

    fn read_url(
        &self,
        address: &str,
        url: &Url,
        cancel: &AtomicBool,
    ) -> Result<Outcome, PictureError> {
        let known = self.store().source(address)?;
        let known_as = |origin| {
            let hash = known.as_ref()?.hash;
            let fault = self.store().fault(hash)?;
            Some(fault.map_or(Ok((hash, origin)), |fault| Err(fault.into())))
        };
        if self.options.is_offline {
            return Ok(known_as(Origin::Reused).unwrap_or(Err(PictureFault::Offline)));
        }
        let validator = known.as_ref().map(|known| &known.validator);
        let validator = validator.filter(|validator| !validator.is_empty());
        let pass = self.fetches.enter(1);
        if cancel.load(Ordering::Relaxed) {
            return Ok(Err(PictureFault::Offline));
        }
        let fetched = self.fetcher.fetch(url, validator, cancel);
        drop(pass);
        match fetched {
            Ok(Fetched::New { bytes, validator }) => self.make(address, &bytes, validator),
            Ok(Fetched::Unchanged) => {
                Ok(known_as(Origin::Reused).unwrap_or(Err(PictureFault::Unreachable)))
            }
            Err(fault) if fault.is_passing() => Ok(known_as(Origin::Stale).unwrap_or(Err(fault))),
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Makes what the cache lacks of these bytes, and keeps it with their address.
    fn make(
        &self,
        address: &str,
        bytes: &[u8],
        validator: Validator,
    ) -> Result<Outcome, PictureError> {
        let hash = PictureHash::of(bytes);
        let known = self.store().fault(hash);
        let (fault, origin) = match known {
            Some(fault) => (fault, Origin::Reused),
            None => {
                let made = self.decode(bytes);
                self.store().put(hash, &made)?;
                (made.err(), Origin::Made)
            }
        };
        self.store().put_source(&Source { address: address.to_owned(), hash, validator })?;
        Ok(fault.map_or(Ok((hash, origin)), |fault| Err(fault.into())))
    }

    /// Decodes when there is a thread and memory for it. A decoder that panics has met a
    /// picture that is damaged in a way it does not know; the others are read all the same.
    fn decode(&self, bytes: &[u8]) -> Made {
        let _decode = self.decodes.enter(1);
        let made = panic::catch_unwind(AssertUnwindSafe(|| {
            let picture = Undecoded::open(bytes)?;
            let _memory = self.decode_bytes.enter(picture.decode_bytes + SCALE_BYTES_MAX);
            let picture = picture.decode()?;
            Ok(MadePictures {
                thumbnails: Thumbnails::of(&picture),
                larger: larger::make(&picture),
            })
        }));
        made.unwrap_or(Err(ContentFault::Damaged))
    }

    fn store(&self) -> MutexGuard<'_, PictureStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The distinct addresses in the order of their first mention, and for each address the
/// index of its own among them.
fn distinct<A: AsRef<str>>(addresses: &[A]) -> (Vec<&str>, Vec<usize>) {
    let (mut distinct, mut index_of) = (Vec::new(), HashMap::new());
    let row_of = addresses
        .iter()
        .map(|address| {
            let address = address.as_ref().trim();
            *index_of.entry(address).or_insert_with(|| {
                distinct.push(address);
                distinct.len() - 1
            })
        })
        .collect();
    (distinct, row_of)
}
