//! Watching imports, with a clock that only they move.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use vitrine_domain::CatalogueVersion;
use vitrine_ingest::Mapping;

use super::clock::WatchClock;
use super::input::{Input, InputReaders};
use super::notice::WatchNotice;
use super::rounds::{Attempt, Watch};
use crate::feeds::tests::server::{FeedServer, reply};
use crate::feeds::{FeedAddress, FeedError, FeedFetcher, FeedFiles, FeedRole};
use crate::signals::Stop;

mod addresses;
mod files;

const EVERY: Duration = Duration::from_secs(300);
const FIRST: &str = "id,title\n1,Tea\n";
const SECOND: &str = "id,title\n1,Tea\n2,Pot\n";

/// What happens while the watch sleeps.
type Step<'a> = Box<dyn FnOnce() + 'a>;

/// A clock that sleeps at once, and stops the watch after the last step.
struct SteppedClock<'a> {
    now: Cell<Duration>,
    steps: RefCell<VecDeque<Step<'a>>>,
}

impl WatchClock for SteppedClock<'_> {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, wait: Duration, stop: &Stop) {
        self.now.set(self.now.get() + wait);
        let step = self.steps.borrow_mut().pop_front();
        match step {
            Some(step) => step(),
            None => stop.store(true, Ordering::SeqCst),
        }
    }

    /// In the middle: no wait is longer or shorter.
    fn draw(&self) -> f64 {
        0.5
    }
}

/// What a watch told, and what it imported.
#[derive(Default)]
struct Seen {
    notices: Vec<WatchNotice>,
    /// Texts of the feeds, in the order of the imports that were tried.
    imported: Vec<String>,
}

impl Seen {
    /// Waits between looks, in whole seconds.
    fn waits(&self) -> Vec<u64> {
        let wait = |notice: &WatchNotice| match notice {
            WatchNotice::Next { wait } => Some(wait.as_secs_f64().round() as u64),
            _ => None,
        };
        self.notices.iter().filter_map(wait).collect()
    }

    /// What was told besides the waits.
    fn told(&self) -> Vec<&WatchNotice> {
        let is_wait = |notice: &&WatchNotice| !matches!(notice, WatchNotice::Next { .. });
        self.notices.iter().filter(is_wait).collect()
    }
}

fn mapping() -> Result<Mapping, FeedError> {
    let text = "name = 'a'\ncurrency = 'EUR'\n[products]\nsku = 'id'\ntitle = 'title'\n";
    Mapping::from_toml(text).map_err(|error| FeedError::Mapping(error.to_string()))
}

/// Watches until the steps are done; `import` gets the text of each feed.
fn watch(
    data_dir: &Path,
    inputs: Vec<Input<'_>>,
    steps: Vec<Step<'_>>,
    import: &mut dyn FnMut(&str) -> Result<Attempt>,
) -> Seen {
    let stop = Stop::default();
    let clock = SteppedClock { now: Cell::default(), steps: RefCell::new(steps.into()) };
    let mut seen = Seen::default();
    let Seen { notices, imported } = &mut seen;
    Watch {
        readers: InputReaders {
            mapping: &mapping,
            fetcher: &FeedFetcher::new(data_dir, &["localhost".to_owned()]),
            stop: &stop,
        },
        clock: &clock,
        import: &mut |feeds: &FeedFiles| {
            let text = fs::read_to_string(feeds.products.as_ref().unwrap()).unwrap();
            let attempt = import(&text);
            imported.push(text);
            attempt
        },
        tell: &mut |notice| notices.push(notice),
        every: EVERY,
    }
    .run(inputs);
    seen
}

/// An import that publishes version 1.
fn published(_: &str) -> Result<Attempt> {
    Ok(Attempt::Published(CatalogueVersion(1)))
}

fn nothing<'a>() -> Step<'a> {
    Box::new(|| ())
}

fn nothings<'a>(n: usize) -> Vec<Step<'a>> {
    (0..n).map(|_| nothing()).collect()
}

/// Writes a file that was changed so many seconds after another moment.
fn write(path: &Path, text: &str, seconds: u64) {
    fs::write(path, text).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}
