//! Fetches a feed into the data folder, if it is another than the one that is there.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use vitrine_fetch::{FetchFault, FetchOptions, FetchResponse, PublicClient, Url};

use super::record::FetchRecord;
use super::{FOLDER, FeedError, FeedRole};
use crate::signals::Stop;

/// Most bytes of a fetched feed, as it is sent.
const FEED_BYTES_MAX: u64 = 2 << 30;
/// Most time from the look-up of the host's name to a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Most time in which the server sends nothing: some make a feed while it is waited for.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Most time for the whole feed.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 5;
/// How often a fetch looks whether the process is to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);
/// Longest extension that is taken over from a URL, in bytes.
const EXTENSION_BYTES_MAX: usize = 10;
/// Who asks, and why.
const USER_AGENT: &str = concat!(
    "Vitrine/",
    env!("CARGO_PKG_VERSION"),
    " (catalogue import; reads a shop's own product feed)"
);

/// A feed that was fetched, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchedFeed {
    /// Its file.
    pub path: PathBuf,
    /// BLAKE3 of the file.
    pub hash: [u8; 32],
}

/// Fetches feeds into the data folder.
#[derive(Clone, Debug)]
pub(crate) struct FeedFetcher {
    client: PublicClient,
    folder: PathBuf,
    bytes_max: u64,
}

impl FeedFetcher {
    /// A fetcher that keeps its feeds in the data folder, and may go to the private
    /// networks of the hosts that are named.
    pub fn new(data_dir: &Path, private_hosts: &[String]) -> Self {
        Self::with_limit(data_dir, private_hosts, FEED_BYTES_MAX)
    }

    pub(super) fn with_limit(data_dir: &Path, private_hosts: &[String], bytes_max: u64) -> Self {
        let client = PublicClient::new(&FetchOptions {
            connect_timeout: Some(CONNECT_TIMEOUT),
            silence_timeout: Some(SILENCE_TIMEOUT),
            total_timeout: TOTAL_TIMEOUT,
            redirects_max: REDIRECTS_MAX,
            private_hosts: private_hosts.to_vec(),
            ..FetchOptions::new(USER_AGENT)
        });
        Self { client, folder: data_dir.join(FOLDER), bytes_max }
    }

    /// The feed as the server has it now. It is asked for what changed since the last
    /// fetch; a body with the same bytes changes no file. Soon after `stop` is set it gives
    /// up, also when the server is silent.
    ///
    /// # Errors
    /// [`FeedError`]; then the feed of the last fetch is still there.
    pub fn fetch(&self, role: FeedRole, url: &Url, stop: &Stop) -> Result<FetchedFeed, FeedError> {
        let (send, receive) = mpsc::channel();
        let (fetcher, asked, stopped) = (self.clone(), url.clone(), Stop::clone(stop));
        // A connection cannot be interrupted; a thread that is left ends with the process.
        thread::spawn(move || send.send(fetcher.fetch_here(role, &asked, &stopped)));
        loop {
            match receive.recv_timeout(STOP_CHECK) {
                Ok(fetched) => return fetched,
                Err(RecvTimeoutError::Timeout) if !stop.load(Ordering::SeqCst) => {}
                Err(_) => return Err(FeedError::fetch(url, FetchFault::Cancelled)),
            }
        }
    }

    fn fetch_here(&self, role: FeedRole, url: &Url, stop: &Stop) -> Result<FetchedFeed, FeedError> {
        fs::create_dir_all(&self.folder).map_err(FeedError::disk("create", &self.folder))?;
        vitrine_durable::make_private(&self.folder)?;
        let _lock = self.lock()?;
        let known = FetchRecord::read(&self.folder, role.name());
        let same = known.as_ref().filter(|known| known.is_of(url));
        let validator = same.map(|known| &known.validator).filter(|known| !known.is_empty());
        let response = self.client.get(url, validator);
        let body = match (response.map_err(|fault| FeedError::fetch(url, fault))?, same) {
            (FetchResponse::Body(body), _) => body,
            (FetchResponse::NotModified, Some(known)) => {
                return Ok(FetchedFeed { path: self.folder.join(&known.file), hash: known.hash });
            }
            // Not what was asked.
            (FetchResponse::NotModified, None) => {
                let fault = FetchFault::Status { status: 304, retry_after: None };
                return Err(FeedError::fetch(url, fault));
            }
        };
        let file = file_name(role, url);
        let path = self.folder.join(&file);
        let temporary = vitrine_durable::temporary(&path);
        let validator = body.validator.clone();
        let mut hashing = Hashing::new(vitrine_durable::create_private(&temporary)?);
        let copied = body.copy_to(&mut hashing, self.bytes_max, stop);
        let (written, hash) = copied
            .and_then(|_| hashing.finish().map_err(FetchFault::Write))
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
            .map_err(|fault| FeedError::fetch(url, fault))?;
        if known.as_ref().is_some_and(|known| known.hash == hash && known.file == file) {
            drop(written);
            fs::remove_file(&temporary).map_err(FeedError::disk("remove", &temporary))?;
        } else {
            self.replace(role, known.as_ref(), (written, &temporary, &path))?;
        }
        let record = FetchRecord { url: url.as_str().to_owned(), file, hash, validator };
        record.write(&self.folder, role.name())?;
        Ok(FetchedFeed { path, hash })
    }

    /// Puts a new feed in the place of the old one. The record goes first: its validators
    /// are not of the new feed.
    fn replace(
        &self,
        role: FeedRole,
        known: Option<&FetchRecord>,
        (written, temporary, path): (File, &Path, &Path),
    ) -> Result<(), FeedError> {
        remove(&FetchRecord::path(&self.folder, role.name()))?;
        vitrine_durable::settle(written, temporary, path)?;
        match known.map(|known| self.folder.join(&known.file)) {
            Some(old) if old != path => remove(&old),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> Result<File, FeedError> {
        let path = self.folder.join("LOCK");
        let file = File::create(&path).map_err(FeedError::disk("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(FeedError::FolderInUse { folder: self.folder.clone() })
            }
            Err(TryLockError::Error(source)) => Err(FeedError::disk("lock", &path)(source)),
        }
    }
}

fn remove(path: &Path) -> Result<(), FeedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FeedError::disk("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The flag, and the extension of the URL's path: `products.xml.gz`.
pub(super) fn file_name(role: FeedRole, url: &Url) -> String {
    let last = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_extension = |text: &str| {
        (1..=EXTENSION_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            // Those of the folder's own files.
            && !matches!(text, "fetched" | "tmp")
    };
    let (stem, gz) = last.strip_suffix(".gz").map_or((last.as_str(), ""), |stem| (stem, ".gz"));
    let extension = stem.rsplit_once('.').map(|(_, extension)| extension);
    match extension.filter(|extension| is_extension(extension)) {
        Some(extension) => format!("{}.{extension}{gz}", role.name()),
        None => format!("{}{gz}", role.name()),
    }
}

/// A file that is hashed as it is written.
struct Hashing {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
}

impl Hashing {
    fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), hasher: blake3::Hasher::new() }
    }

    fn finish(self) -> io::Result<(File, [u8; 32])> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, *self.hasher.finalize().as_bytes()))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
