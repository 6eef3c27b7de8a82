//! Which file of a folder counts.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use vitrine_ingest::Mapping;

use crate::feeds::{FeedError, FeedRole, locate};

const MAPPING: &str = "name = 'a'\ncurrency = 'EUR'\n[products]\nsku = 'id'\ntitle = 'title'\n";
const FEED: &str = "id,title\n1,Tea\n";

/// Writes a file that was changed so many seconds after another moment.
fn write(path: &Path, text: &str, seconds: u64) {
    fs::write(path, text).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

#[test]
fn the_newest_file_that_the_reader_takes_counts() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = Mapping::from_toml(MAPPING).unwrap();
    let at = |name: &str| dir.path().join(name);
    let newest = || locate(dir.path(), FeedRole::Products, &mapping, None);
    let error = newest().unwrap_err();
    assert!(matches!(&error, FeedError::NoFeedInFolder { newest: None, .. }), "{error}");
    write(&at("readme.txt"), "how to", 9);
    let error = newest().unwrap_err().to_string();
    assert!(error.contains("--products") && error.contains("readme.txt"), "{error}");

    write(&at("b.csv"), FEED, 1);
    write(&at("a.csv"), FEED, 2);
    for name in [".c.csv", "c.csv.part", "c.csv.tmp", "c.csv~"] {
        write(&at(name), FEED, 10);
    }
    write(&at("orders.csv"), "order,total\n1,2\n", 11);
    fs::create_dir(at("old")).unwrap();
    assert_eq!(newest().unwrap().path, at("a.csv"));
    write(&at("b.csv"), FEED, 3);
    let found = newest().unwrap();
    assert_eq!((found.path.clone(), found.n_bytes), (at("b.csv"), FEED.len() as u64));
    // One that was taken is not read again.
    fs::write(at("b.csv"), "x".repeat(FEED.len())).unwrap();
    write(&at("b.csv"), &"x".repeat(FEED.len()), 3);
    let known = locate(dir.path(), FeedRole::Products, &mapping, Some(&found));
    assert_eq!(known.unwrap(), found);
    assert_eq!(newest().unwrap().path, at("a.csv"));
}

#[test]
fn a_path_that_is_no_folder_is_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = Mapping::from_toml(MAPPING).unwrap();
    let path = dir.path().join("feed.csv");
    let error = locate(&path, FeedRole::Products, &mapping, None).unwrap_err();
    assert!(matches!(error, FeedError::Disk { .. }), "{error}");
    // What is in it is for the import to judge.
    fs::write(&path, "").unwrap();
    assert_eq!(locate(&path, FeedRole::Products, &mapping, None).unwrap().path, path);
}
