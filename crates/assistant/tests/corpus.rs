//! What the fuzz targets check, on the files from which they start. Files of `digest` whose names
//! begin with "digest" are digests, those of `turns` that begin with "search" look for something.

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
fn every_digest_passes_its_target_changed_anywhere_or_not() {
    let mut n_digests = 0;
    for (path, name) in corpus("digest") {
        let bytes = std::fs::read(&path).expect("readable");
        assert_eq!(targets::digest(&bytes), name.starts_with("digest"), "{name}");
        // Every byte of the small ones, a few of the others.
        for at in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
            for to in [0, b'9', b' ', 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = to;
                n_digests += usize::from(targets::digest(&changed));
            }
            let is_whole = name == "none-trailing" && at + 1 == bytes.len();
            assert_eq!(targets::digest(&bytes[..at]), is_whole, "{name} cut after {at}");
        }
    }
    assert!(n_digests > 50, "{n_digests} were still digests: letters may be any");
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
