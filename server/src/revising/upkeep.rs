//! What a log of changes needs now and then: its own compaction, and a new catalogue once
//! much was pushed.

use std::ffi::{OsStr, OsString};
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vitrine_catalogue::{CatalogueError, ChangeLog};

use crate::settings::ServerSettings;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Least time between two new catalogues: making one takes all cores for a while.
const COMPACT_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// New cards from which on a new catalogue is made: they have no buyers and no related
/// lists before.
const NEW_CARDS_MAX: usize = 2_000;
/// Products that changed, as a part of all: from one in so many on a new catalogue is made.
const CHANGED_PARTS: usize = 4;
/// Fewer changed products are never worth one.
const CHANGED_MIN: usize = 1_000;

/// Looks after the log of a running server.
pub struct Upkeep {
    looked: Instant,
    compacted: Instant,
    log: Option<JoinHandle<Result<(), CatalogueError>>>,
    catalogue: Option<Child>,
}

/// How much was pushed since the last catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushedSize {
    /// Cards that the catalogue does not have.
    pub n_new_cards: usize,
    /// Products that changed.
    pub n_changed: usize,
    /// Products of the catalogue.
    pub n_products: usize,
    /// Whether the search index is better built anew.
    pub is_index_worn: bool,
}

impl PushedSize {
    fn is_due(self) -> bool {
        // What was hidden before the catalogue was made wears its index, too.
        (self.is_index_worn && self.n_new_cards + self.n_changed >= CHANGED_MIN)
            || self.n_new_cards >= NEW_CARDS_MAX
            || (self.n_changed >= CHANGED_MIN && self.n_changed * CHANGED_PARTS >= self.n_products)
    }
}

impl Upkeep {
    pub fn new() -> Self {
        let now = Instant::now();
        Self { looked: now, compacted: now, log: None, catalogue: None }
    }

    /// Starts what is due, beside everything else.
    pub fn look(
        &mut self,
        settings: &ServerSettings,
        log: &Arc<ChangeLog>,
        size: impl FnOnce() -> PushedSize,
    ) {
        if self.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked = Instant::now();
        self.reap();
        if self.log.is_none() && log.is_compaction_due().unwrap_or(false) {
            let log = Arc::clone(log);
            self.log = Some(std::thread::spawn(move || log.compact()));
        }
        let may = self.catalogue.is_none() && self.compacted.elapsed() > COMPACT_EVERY;
        if may && size().is_due() {
            self.compacted = Instant::now();
            match compact(settings) {
                Ok(child) => self.catalogue = Some(child),
                Err(error) => tracing::error!(%error, "starting `vitrine compact`"),
            }
        }
    }

    fn reap(&mut self) {
        if let Some(done) = self.log.take_if(|log| log.is_finished())
            && let Ok(Err(error)) = done.join()
        {
            tracing::error!(%error, "the log of changes is not compacted; it goes on as it is");
        }
        let ended = self.catalogue.as_mut().map(Child::try_wait);
        match ended {
            Some(Ok(Some(status))) if !status.success() => {
                tracing::warn!(%status, "no new catalogue was made; it is tried again later");
                self.catalogue = None;
            }
            Some(Ok(Some(_)) | Err(_)) => self.catalogue = None,
            Some(Ok(None)) | None => {}
        }
    }
}

impl Drop for Upkeep {
    /// What is half made is made anew next time.
    fn drop(&mut self) {
        if let Some(child) = &mut self.catalogue {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `vitrine compact` on the same data folder, behind the searches of shoppers.
fn compact(settings: &ServerSettings) -> std::io::Result<Child> {
    let program = std::env::current_exe()?;
    let arguments = compact_arguments(settings);
    let mut niced = Command::new("nice");
    niced.args(["-n", "10"]).arg(&program).args(&arguments);
    niced.spawn().or_else(|_| Command::new(&program).args(&arguments).spawn())
}

/// By these the child has the settings that this server has; it inherits the environment.
fn compact_arguments(settings: &ServerSettings) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["compact".into()];
    let mut say = |name: &str, value: &OsStr| arguments.extend([name.into(), value.to_owned()]);
    if let Some(file) = &settings.file {
        say("--config", file.as_os_str());
    }
    say("--data-dir", settings.data_dir.as_os_str());
    say("--weights-dir", settings.weights_dir.as_os_str());
    say("--adapter", settings.adapter.to_string().as_ref());
    say("--device", settings.device.to_string().as_ref());
    if let Some(program) = &settings.cuda_program {
        say("--cuda-program", program.as_os_str());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use vitrine_encoder::DeviceChoice;

    use super::*;
    use crate::cli::{Cli, Overrides};

    #[test]
    fn a_new_catalogue_is_made_by_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.toml");
        std::fs::write(&file, "picture_search = false\nprivate_search = false\n").unwrap();
        let overrides = Overrides { config: Some(file), ..Overrides::default() };
        let settings = ServerSettings {
            device: DeviceChoice::Cpu,
            ..ServerSettings::load(&overrides).unwrap()
        };
        let program = OsString::from("vitrine");
        let child = Cli::try_parse_from([program].into_iter().chain(compact_arguments(&settings)));
        let child = ServerSettings::load(&child.unwrap().overrides()).unwrap();
        assert!(!child.picture_search && !child.private_search);
        assert_eq!((child.data_dir, child.device), (settings.data_dir, DeviceChoice::Cpu));
    }

    #[test]
    fn a_catalogue_is_due_when_much_is_new_or_much_has_changed() {
        let size = |n_new_cards, n_changed| PushedSize {
            n_new_cards,
            n_changed,
            n_products: 8_000,
            is_index_worn: false,
        };
        assert!(!size(0, 0).is_due());
        assert!(!size(1_999, 1_999).is_due());
        assert!(size(2_000, 0).is_due());
        assert!(size(0, 2_000).is_due());
        let small = PushedSize { n_changed: 30, n_products: 30, ..PushedSize::default() };
        assert!(!small.is_due(), "a small shop's prices are revised for ever");
        assert!(!PushedSize { is_index_worn: true, ..small }.is_due());
        assert!(PushedSize { is_index_worn: true, ..size(0, 1_000) }.is_due());
    }
}
