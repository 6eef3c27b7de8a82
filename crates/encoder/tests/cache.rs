//! The cache file survives what happens to files.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use vitrine_encoder::{EncoderError, TEXT_DIM, VectorCache};

const HEADER_BYTES: usize = 16;
const RECORD_BYTES: usize = 32 + TEXT_DIM * 4 + 8;

fn key(i: usize) -> [u8; 32] {
    VectorCache::key([7; 32], &format!("text {i}"))
}

fn vector(i: usize) -> Vec<f32> {
    (0..TEXT_DIM).map(|d| (i * TEXT_DIM + d) as f32).collect()
}

/// A closed cache of `n` records.
fn filled(dir: &Path, n: usize) -> PathBuf {
    let path = dir.join("vectors.cache");
    let mut cache = VectorCache::open(&path).unwrap();
    for i in 0..n {
        cache.append(&[key(i)], &vector(i)).unwrap();
    }
    cache.sync().unwrap();
    path
}

fn read(cache: &mut VectorCache, i: usize) -> Option<Vec<f32>> {
    let mut out = vec![0.0; TEXT_DIM];
    cache.read(&key(i), &mut out).unwrap().then_some(out)
}

#[test]
fn what_was_appended_is_read_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut cache = VectorCache::open(&filled(dir.path(), 3)).unwrap();
    assert_eq!((cache.len(), cache.n_damaged()), (3, 0));
    for i in 0..3 {
        assert_eq!(read(&mut cache, i), Some(vector(i)));
    }
    assert_eq!(read(&mut cache, 3), None);
}

#[test]
fn a_file_cut_anywhere_keeps_its_whole_records_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fs::read(filled(dir.path(), 3)).unwrap();
    let path = dir.path().join("cut.cache");
    for n_bytes in (0..=whole.len()).step_by(97).chain([1, 15, 16, 17, whole.len() - 1]) {
        fs::write(&path, &whole[..n_bytes]).unwrap();
        let n_whole = n_bytes.saturating_sub(HEADER_BYTES) / RECORD_BYTES;
        let mut cache = VectorCache::open(&path).unwrap();
        assert_eq!((cache.len(), cache.n_damaged()), (n_whole, 0), "{n_bytes} bytes");
        cache.append(&[key(9)], &vector(9)).unwrap();
        drop(cache);

        let mut cache = VectorCache::open(&path).unwrap();
        assert_eq!((cache.len(), cache.n_damaged()), (n_whole + 1, 0), "{n_bytes} bytes");
        for i in 0..n_whole {
            assert_eq!(read(&mut cache, i), Some(vector(i)));
        }
        assert_eq!(read(&mut cache, 9), Some(vector(9)));
    }
}

#[test]
fn a_damaged_record_is_not_served_and_costs_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 3);
    let mut bytes = fs::read(&path).unwrap();
    bytes[HEADER_BYTES + RECORD_BYTES + 100] ^= 1;
    fs::write(&path, bytes).unwrap();

    let mut cache = VectorCache::open(&path).unwrap();
    assert_eq!((cache.len(), cache.n_damaged()), (2, 1));
    assert_eq!(read(&mut cache, 1), None);
    assert_eq!(read(&mut cache, 2), Some(vector(2)));
    cache.append(&[key(1)], &vector(1)).unwrap();
    assert_eq!(read(&mut cache, 1), Some(vector(1)));
}

#[test]
fn what_is_not_retained_is_gone_from_the_file_and_the_rest_is_read_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 5);
    let mut cache = VectorCache::open(&path).unwrap();
    let all: HashSet<[u8; 32]> = (0..9).map(key).collect();
    assert_eq!(cache.retain(&all).unwrap(), 0);
    assert_eq!(cache.retain(&[1, 4].map(key).into()).unwrap(), 3);
    cache.append(&[key(7)], &vector(7)).unwrap();
    drop(cache);

    assert_eq!(fs::metadata(&path).unwrap().len() as usize, HEADER_BYTES + 3 * RECORD_BYTES);
    let mut cache = VectorCache::open(&path).unwrap();
    assert_eq!((cache.len(), cache.n_damaged()), (3, 0));
    for i in 0..9 {
        assert_eq!(read(&mut cache, i), [1, 4, 7].contains(&i).then(|| vector(i)), "{i}");
    }
    assert_eq!(cache.retain(&HashSet::new()).unwrap(), 3);
    assert_eq!(fs::metadata(&path).unwrap().len() as usize, HEADER_BYTES);
}

#[test]
fn other_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    let text = "something that took a long time to write";
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    assert!(matches!(VectorCache::open(&path), Err(EncoderError::NotACache { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let nowhere = dir.path().join("no/such/folder");
    assert!(matches!(VectorCache::open(&nowhere), Err(EncoderError::Io { .. })));
}

#[test]
fn only_one_opens_it_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path(), 1);
    let first = VectorCache::open(&path).unwrap();
    assert!(matches!(VectorCache::open(&path), Err(EncoderError::CacheInUse { .. })));
    drop(first);
    assert!(VectorCache::open(&path).is_ok());
}

#[test]
fn keys_tell_models_and_texts_apart() {
    assert_ne!(VectorCache::key([1; 32], "milk"), VectorCache::key([2; 32], "milk"));
    assert_ne!(VectorCache::key([1; 32], "milk"), VectorCache::key([1; 32], "milk "));
}
