//! A publish that is stopped at every single step leaves the old version or the
//! new one, whole; even if names that were not made durable are lost with it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use vitrine_durable::{Disk, FileSystem};

use crate::{Snapshot, Store, prepare_catalogue};

#[path = "../tests/common/mod.rs"]
mod common;

use common::Shop;

/// What happens to names that no [`Disk::sync_dir`] followed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unsynced {
    /// A killed process: the system still has them.
    Survive,
    /// A power cut: they are as they were.
    Lost,
}

#[derive(Debug, PartialEq)]
enum Step {
    Write(PathBuf),
    Rename(PathBuf),
    SyncDir(PathBuf),
    Remove(PathBuf),
}

/// Stops at a step, in the middle of it, and does nothing ever after.
struct Dying {
    state: Arc<Mutex<State>>,
}

struct State {
    steps: Vec<Step>,
    steps_max: usize,
    /// By renamed file: what its place held before, until its directory is synced.
    unsynced: HashMap<PathBuf, Option<Vec<u8>>>,
}

impl Dying {
    fn step(&self, step: Step, work: impl FnOnce(&mut State) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.steps.len() >= state.steps_max {
            return Err(io::Error::other("dead"));
        }
        state.steps.push(step);
        if state.steps.len() == state.steps_max {
            if let Some(Step::Write(path)) = state.steps.last() {
                fs::write(path, "torn")?;
            }
            return Err(io::Error::other("dying"));
        }
        work(&mut state)
    }
}

impl Disk for Dying {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(Step::Write(path.into()), |_| FileSystem.write(path, bytes))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        FileSystem.sync_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(Step::Rename(to.into()), |state| {
            let before = fs::read(to).ok();
            state.unsynced.entry(to.into()).or_insert(before);
            FileSystem.rename(from, to)
        })
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(Step::SyncDir(dir.into()), |state| {
            state.unsynced.retain(|path, _| path.parent() != Some(dir));
            FileSystem.sync_dir(dir)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(Step::Remove(path.into()), |_| FileSystem.remove(path))
    }
}

fn dying(dir: &Path, steps_max: usize) -> (Store, Arc<Mutex<State>>) {
    let state = State { steps: Vec::new(), steps_max, unsynced: HashMap::new() };
    let state = Arc::new(Mutex::new(state));
    let disk = Dying { state: Arc::clone(&state) };
    (Store::open_on(dir, Box::new(disk)).unwrap(), state)
}

/// A store with two versions, the last with a delta, and the shop of the third.
fn two_versions(dir: &Path) -> Shop {
    let store = Store::open(dir).unwrap();
    let mut shop = Shop::new(120);
    for seconds in 1..=2 {
        crate::publish_catalogue(&store, &shop.without_model(), seconds).unwrap();
        shop.items[seconds as usize].price_minor += 1;
    }
    shop.items.iter_mut().for_each(|item| item.price_minor += 1);
    shop
}

/// Publishes with a disk that stops after some steps; true if it got through.
fn publish_and_die(dir: &Path, shop: &Shop, steps_max: usize, unsynced: Unsynced) -> bool {
    let (store, state) = dying(dir, steps_max);
    let prepared = prepare_catalogue(&store, &shop.without_model(), 3).unwrap();
    let published = store.commit(&prepared);
    let is_through = published.is_ok_and(|published| published.leftover.is_none());
    if unsynced == Unsynced::Lost {
        for (path, before) in state.lock().unwrap().unsynced.drain() {
            match before {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
        }
    }
    is_through
}

#[test]
fn a_crash_at_any_step_leaves_a_whole_version() {
    for unsynced in [Unsynced::Survive, Unsynced::Lost] {
        let mut numbers = HashSet::new();
        for steps_max in 1.. {
            let dir = tempfile::tempdir().unwrap();
            let shop = two_versions(dir.path());
            let is_through = publish_and_die(dir.path(), &shop, steps_max, unsynced);

            let store = Store::open(dir.path()).unwrap();
            let snapshot = Snapshot::load(&store).unwrap();
            let number = store.current_number().unwrap().unwrap();
            let price = snapshot.rows.price(shop.items[50].id).unwrap().price_minor;
            let expected = shop.items[50].price_minor - u32::from(number == 2);
            assert_eq!(price, expected, "{unsynced:?} after {steps_max} steps");
            numbers.insert(number);

            // Whatever is left of the attempt, the next one succeeds and tidies up.
            let prepared = prepare_catalogue(&store, &shop.without_model(), 4).unwrap();
            let published = store.commit(&prepared).unwrap();
            assert!(published.leftover.is_none());
            assert_eq!(published.number, number + 1);
            let stray = fs::read_dir(dir.path().join("shards")).unwrap();
            let is_stray = |name: &str| name.ends_with(".tmp");
            assert!(!stray.map(|e| e.unwrap()).any(|e| is_stray(&e.file_name().to_string_lossy())));
            if is_through {
                break;
            }
        }
        assert_eq!(numbers, HashSet::from([2, 3]), "both sides of the switch were tried");
    }
}

#[test]
fn the_pointer_moves_only_after_all_it_leads_to_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let shop = two_versions(dir.path());
    let (store, state) = dying(dir.path(), usize::MAX);
    let prepared = prepare_catalogue(&store, &shop.without_model(), 3).unwrap();
    store.commit(&prepared).unwrap();
    let steps = &state.lock().unwrap().steps;
    let at = |step: Step| steps.iter().position(|other| *other == step).unwrap();
    let path = |name: &str| dir.path().join(name);
    let moved = at(Step::Rename(path("CURRENT")));
    assert!(at(Step::SyncDir(path("shards"))) < moved);
    assert!(at(Step::SyncDir(path("manifests"))) < moved);
    assert!(at(Step::SyncDir(path(""))) > moved);
    for (i, step) in steps.iter().enumerate() {
        match step {
            Step::Rename(to) if to.starts_with(path("shards")) => {
                assert!(i < at(Step::SyncDir(path("shards"))));
            }
            Step::Remove(_) => assert!(i > at(Step::SyncDir(path("")))),
            _ => {}
        }
    }
}
