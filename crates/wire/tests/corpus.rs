//! The seed corpora of the fuzz targets, as ordinary tests. Files whose names
//! start with `valid` must decode, all others must be refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::PathBuf;

fn corpus(target: &str, is_document: impl Fn(&[u8]) -> bool) {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let (mut n_valid, mut n_refused) = (0, 0);
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let is_valid = path.file_name().unwrap().to_str().unwrap().starts_with("valid");
        assert_eq!(is_document(&bytes), is_valid, "{}", path.display());
        if is_valid { n_valid += 1 } else { n_refused += 1 }
    }
    assert!(n_valid > 0 && n_refused > 0, "{target}: {n_valid} valid, {n_refused} refused");
}

macro_rules! corpora {
    ($($target:ident => $check:expr;)*) => {
        $(#[test]
        fn $target() {
            corpus(stringify!($target), $check);
        })*

        #[test]
        fn every_corpus_is_checked() {
            let mut checked = vec![$(stringify!($target).to_owned()),*];
            let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
            let mut found: Vec<String> = fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            checked.sort();
            found.sort();
            assert_eq!(found, checked);
        }
    };
}

corpora! {
    manifest => targets::manifest;
    search_reply => targets::search_reply;
    model_answer => targets::model_answer;
    cards => |bytes| targets::shard(1, bytes);
    prices => |bytes| targets::shard(2, bytes);
    codes => |bytes| targets::shard(3, bytes);
    related => |bytes| targets::shard(4, bytes);
    pictures => |bytes| targets::shard(5, bytes);
    student => |bytes| targets::shard(6, bytes);
    alternatives => |bytes| targets::shard(7, bytes);
    offers => |bytes| targets::shard(8, bytes);
    neighbours => |bytes| targets::shard(9, bytes);
    details => |bytes| targets::shard(10, bytes);
    thumbnails => |bytes| targets::shard(11, bytes);
    photos => |bytes| targets::shard(12, bytes);
    price_lists => |bytes| targets::shard(13, bytes);
    text_codes => |bytes| targets::shard(14, bytes);
    query_table => |bytes| targets::shard(15, bytes);
    reviews => |bytes| targets::shard(16, bytes);
    picture_codes => |bytes| targets::shard(17, bytes);
    picture_network => |bytes| targets::shard(18, bytes);
    rules => |bytes| targets::shard(19, bytes);
}
