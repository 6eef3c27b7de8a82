//! `vitrine import --watch`: imports once, and again whenever a feed has changed.
//!
//! Each round looks at what is due ([`input`]), imports if the contents are others than
//! those of the last attempt ([`rounds`]), and sleeps until the next look. What is served
//! stays as it is until an import has passed its checks.

mod clock;
mod input;
mod notice;
mod pace;
mod rounds;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::import_locked;
use crate::cli::ImportArgs;
use crate::feeds::{FeedError, FeedFetcher, FeedFiles};
use crate::publishing;
use crate::pushed::PushedSoFar;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use clock::SystemClock;
use input::{Input, InputReaders};
use rounds::{Attempt, Watch};

/// Imports until the process is asked to stop. What goes wrong is told, and ends nothing.
pub(super) fn run(settings: &ServerSettings, args: &ImportArgs, stop: &Stop) {
    let fetcher = FeedFetcher::new(&settings.data_dir, &args.feed_host);
    let mapping =
        || args.source.mapping().map_err(|error| FeedError::Mapping(format!("{error:#}")));
    // What is pushed while a feed waits for the lock is newer than the feed.
    let mut waiting_since: Option<u64> = None;
    let mut import = |feeds: &FeedFiles| {
        let changes_until = match waiting_since.take() {
            Some(number) => number,
            None => PushedSoFar::number(&settings.data_dir)?,
        };
        let Some(_lock) = publishing::try_lock(&settings.data_dir)? else {
            waiting_since = Some(changes_until);
            return Ok(Attempt::Locked);
        };
        import_locked(settings, args, feeds, changes_until, stop).map(Attempt::Published)
    };
    Watch {
        readers: InputReaders { mapping: &mapping, fetcher: &fetcher, stop },
        clock: &SystemClock::new(),
        import: &mut import,
        tell: &mut |notice| notice.log(),
        every: Duration::from_secs(args.every),
    }
    .run(inputs(args));
}

/// What an import reads: the feeds, and the files that say how they are read.
fn inputs(args: &ImportArgs) -> Vec<Input<'_>> {
    let feeds = args.source.feeds();
    let feeds = feeds.into_iter().filter_map(|(role, address)| Some(Input::feed(role, address?)));
    let files = [
        args.source.mapping_file(),
        args.offers.as_deref(),
        args.campaigns.as_deref(),
        args.reviews.as_deref(),
        args.checks.as_deref(),
    ];
    feeds.chain(files.into_iter().flatten().map(Input::file)).collect()
}
