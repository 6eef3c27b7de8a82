//! Feeds in files and folders.

use super::*;

fn address(path: &Path) -> FeedAddress {
    FeedAddress::Path(path.to_owned())
}

fn feed(address: &FeedAddress) -> Vec<Input<'_>> {
    vec![Input::feed(FeedRole::Products, address)]
}

fn step<'a>(path: &'a Path, text: &'a str, seconds: u64) -> Step<'a> {
    Box::new(move || write(path, text, seconds))
}

#[test]
fn a_file_is_imported_once_and_again_when_its_content_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let steps = vec![
        nothing(),
        nothing(),
        // The same content at another time.
        step(&path, FIRST, 2),
        nothing(),
        step(&path, SECOND, 3),
        nothing(),
        nothing(),
    ];
    let seen = watch(dir.path(), feed(&address(&path)), steps, &mut published);
    assert_eq!(seen.imported, [FIRST, SECOND]);
    assert_eq!(seen.waits(), [5, 300, 300, 5, 300, 5, 300, 300]);
}

#[test]
fn a_file_that_is_being_written_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, &SECOND[..12], 1);
    let steps = vec![step(&path, &SECOND[..18], 1), step(&path, SECOND, 2), nothing(), nothing()];
    let seen = watch(dir.path(), feed(&address(&path)), steps, &mut published);
    assert_eq!(seen.imported, [SECOND]);
    assert_eq!(seen.waits(), [5, 5, 5, 300, 300]);
    let writing = seen.told().into_iter().filter(|told| **told == WatchNotice::Writing).count();
    assert_eq!(writing, 3);
}

#[test]
fn the_newest_feed_of_a_folder_is_imported() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("exports");
    fs::create_dir(&folder).unwrap();
    let (old, new, notes) = (folder.join("b.csv"), folder.join("a.csv"), folder.join("notes.csv"));
    write(&old, FIRST, 1);
    let steps =
        vec![nothing(), step(&notes, "what,why\n", 9), step(&new, SECOND, 2), nothing(), nothing()];
    let seen = watch(dir.path(), feed(&address(&folder)), steps, &mut published);
    assert_eq!(seen.imported, [FIRST, SECOND]);
}

#[test]
fn a_file_beside_the_feed_counts_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let (path, rules) = (dir.path().join("feed.csv"), dir.path().join("shop.toml"));
    write(&path, FIRST, 1);
    write(&rules, "a = 1", 1);
    let address = address(&path);
    let inputs = [feed(&address), vec![Input::file(&rules)]].into_iter().flatten().collect();
    let steps = vec![nothing(), step(&rules, "a = 2", 2), nothing(), nothing()];
    let seen = watch(dir.path(), inputs, steps, &mut published);
    assert_eq!(seen.imported, [FIRST, FIRST]);
}

#[test]
fn a_feed_that_is_gone_is_told_once_and_taken_when_it_comes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    let steps = vec![nothing(), nothing(), step(&path, FIRST, 1), nothing(), nothing(), nothing()];
    let seen = watch(dir.path(), feed(&address(&path)), steps, &mut published);
    assert_eq!(seen.imported, [FIRST]);
    let told = seen.told();
    assert!(matches!(told[0], WatchNotice::NotHad { why } if why.contains("feed.csv")));
    assert!(!told[1..].iter().any(|told| matches!(told, WatchNotice::NotHad { .. })), "{told:?}");
}

#[test]
fn an_import_that_fails_is_told_once_and_tried_again_after_twelve_looks_or_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let mut steps = nothings(25);
    steps.extend([step(&path, SECOND, 2), nothing(), nothing()]);
    let mut fail = |_: &str| -> Result<Attempt> { bail!("no price") };
    let seen = watch(dir.path(), feed(&address(&path)), steps, &mut fail);
    // At the second look, after an hour, after two; then what changed.
    assert_eq!(seen.imported, [FIRST, FIRST, FIRST, SECOND]);
    let failures = seen.told().into_iter().filter(|told| {
        matches!(told, WatchNotice::NotImported { why, again }
            if why == "no price" && *again == EVERY * 12)
    });
    assert_eq!(failures.count(), 2);
    let twelve = seen.waits().iter().sum::<u64>();
    assert_eq!(twelve, 5 + 25 * 300 + 5 + 300 + 300);
}

#[test]
fn a_failure_of_another_kind_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let mut n = 0;
    let mut fail = |_: &str| -> Result<Attempt> {
        n += 1;
        match n {
            1 => bail!("no price"),
            2 => bail!("no space"),
            _ => published(""),
        }
    };
    let seen = watch(dir.path(), feed(&address(&path)), nothings(40), &mut fail);
    assert_eq!(seen.imported.len(), 3);
    let told = seen.told();
    assert!(matches!(told[1], WatchNotice::NotImported { why, .. } if why == "no price"));
    assert!(matches!(told[2], WatchNotice::NotImported { why, .. } if why == "no space"));
    assert_eq!(told[3], &WatchNotice::Imported { catalogue: CatalogueVersion(1) });
    assert_eq!(told.len(), 4);
}

#[test]
fn a_failed_import_whose_feed_is_gone_does_not_keep_the_watch_awake() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let mut steps = nothings(2);
    steps.push(Box::new(|| fs::remove_file(&path).unwrap()));
    steps.extend(nothings(15));
    let mut fail = |_: &str| -> Result<Attempt> { bail!("no price") };
    let seen = watch(dir.path(), feed(&address(&path)), steps, &mut fail);
    assert_eq!(seen.imported.len(), 1);
    assert!(seen.waits()[1..].iter().all(|wait| *wait == 300), "{:?}", seen.waits());
}

#[test]
fn while_a_training_has_the_data_folder_the_import_waits_and_says_so_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let mut n = 0;
    let mut import = |_: &str| {
        n += 1;
        if n < 4 { Ok(Attempt::Locked) } else { published("") }
    };
    let seen = watch(dir.path(), feed(&address(&path)), nothings(8), &mut import);
    assert_eq!(seen.imported.len(), 4);
    let imported = WatchNotice::Imported { catalogue: CatalogueVersion(1) };
    assert_eq!(seen.told(), [&WatchNotice::Writing, &WatchNotice::Locked, &imported]);
}

#[test]
fn a_stop_within_an_import_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.csv");
    write(&path, FIRST, 1);
    let stop = Stop::default();
    let mut notices = Vec::new();
    let clock = SteppedClock { now: Cell::default(), steps: RefCell::new(nothings(9).into()) };
    let fetcher = FeedFetcher::new(dir.path(), &[]);
    Watch {
        readers: InputReaders { mapping: &mapping, fetcher: &fetcher, stop: &stop },
        clock: &clock,
        import: &mut |_: &FeedFiles| {
            stop.store(true, Ordering::SeqCst);
            bail!("stopped; nothing was published")
        },
        tell: &mut |notice| notices.push(notice),
        every: EVERY,
    }
    .run(feed(&address(&path)));
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert_eq!(notices[0], WatchNotice::Writing);
}
