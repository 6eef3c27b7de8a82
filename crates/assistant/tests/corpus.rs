//! What the fuzz targets check, on the files from which they start. Files of `turns` whose names
//! begin with "search" look for something, those of `reply` that begin with "reply" are replies.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::{Path, PathBuf};

fn corpus(target: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(folder).expect("a corpus");
    let paths = files.map(|file| file.expect("listed").path());
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (path, name)
    };
    paths.map(named).collect()
}

#[test]
fn every_conversation_passes_its_target() {
    let files = corpus("turns");
    assert!(files.len() >= 7);
    for (path, name) in files {
        let bytes = std::fs::read(&path).expect("readable");
        assert_eq!(targets::turns(&bytes), name.starts_with("search"), "{name}");
    }
}

#[cfg(feature = "model")]
#[test]
fn every_reply_passes_its_target_changed_anywhere_or_not() {
    let files = corpus("reply");
    assert!(files.len() >= 6);
    for (path, name) in files {
        let bytes = std::fs::read(&path).expect("readable");
        assert_eq!(targets::reply(&bytes), name.starts_with("reply"), "{name}");
        for at in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
            assert!(!targets::reply(&bytes[..at]), "{name} cut after {at}");
            for to in [0, b'9', b'"', 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                targets::reply(&changed);
            }
        }
    }
}
