//! Local pictures: interrupted, read again, damaged, no longer named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "support/pictures.rs"]
mod pictures;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use image::{ImageFormat, Rgb, RgbImage};
use vitrine_pictures::{
    ContentFault, PictureError, PictureFault, PictureOptions, PictureReader, PictureReading,
    RefusedAddress,
};

const N: usize = 30;

struct Shop {
    dir: tempfile::TempDir,
    addresses: Vec<String>,
}

fn shop() -> Shop {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("pictures")).unwrap();
    let addresses: Vec<_> = (0..N).map(|i| format!("{i}.png")).collect();
    for (i, name) in addresses.iter().enumerate() {
        let image = RgbImage::from_pixel(30, 20, Rgb([i as u8, 90, 200]));
        let bytes = pictures::encoded(image, ImageFormat::Png);
        fs::write(dir.path().join("pictures").join(name), bytes).unwrap();
    }
    Shop { dir, addresses }
}

impl Shop {
    fn cache(&self) -> std::path::PathBuf {
        self.dir.path().join("cache/pictures")
    }

    fn reader(&self) -> PictureReader {
        let root = self.dir.path().join("pictures");
        let options = PictureOptions { decodes_at_once: 2, ..PictureOptions::default() };
        PictureReader::new(Some(&root), &self.cache(), options).unwrap()
    }

    fn read(&self) -> PictureReading {
        self.reader().read_all(&self.addresses, &mut |_| (), &AtomicBool::new(false)).unwrap()
    }
}

#[test]
fn an_interrupted_reading_goes_on_where_it_stopped() {
    let shop = shop();
    let cancel = AtomicBool::new(false);
    let mut n_seen = 0;
    let interrupted = shop.reader().read_all(
        &shop.addresses,
        &mut |progress| {
            assert_eq!(progress.n_total, N);
            n_seen = progress.n_done;
            cancel.store(n_seen >= 5, Ordering::Relaxed);
        },
        &cancel,
    );
    assert!(matches!(interrupted, Err(PictureError::Cancelled)));
    assert!(n_seen >= 5);

    let second = shop.read();
    assert!(second.n_reused >= n_seen, "{} of {n_seen}", second.n_reused);
    assert_eq!(second.n_made + second.n_reused, N);
    assert_eq!(second.faults().n(), 0);
    let third = shop.read();
    assert_eq!((third.n_made, third.n_reused), (0, N), "nothing is decoded again");
    assert_eq!(third.pictures, second.pictures);
}

#[test]
fn a_cancelled_reading_has_no_result_and_leaves_the_cache_usable() {
    let shop = shop();
    let cancelled = shop.reader().read_all(&shop.addresses, &mut |_| (), &AtomicBool::new(true));
    assert!(matches!(cancelled, Err(PictureError::Cancelled)));
    assert_eq!(shop.read().faults().n(), 0);
}

#[test]
fn damage_is_made_anew_and_two_readers_are_refused() {
    let shop = shop();
    let first = shop.read();
    let path = shop.cache().join("contents.bin");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    let reader = shop.reader();
    assert_eq!(reader.n_damaged(), 1);
    let second = reader.read_all(&shop.addresses, &mut |_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!((second.n_made, second.n_reused), (1, N - 1));
    assert_eq!(first.pictures, second.pictures);
    for picture in &second.pictures {
        reader.thumbnails(picture.clone().unwrap()).unwrap();
    }
    let other = PictureReader::new(None, &shop.cache(), PictureOptions::default());
    assert!(matches!(other, Err(PictureError::CacheInUse { .. })));
}

#[test]
fn what_no_product_names_any_more_is_removed() {
    let shop = shop();
    let first = shop.read();
    let bytes = || fs::metadata(shop.cache().join("contents.bin")).unwrap().len();
    let before = bytes();
    let reader = shop.reader();
    assert_eq!(reader.retain(&shop.addresses[..10]).unwrap(), N - 10);
    assert!(bytes() < before / 2);
    reader.thumbnails(first.pictures[9].clone().unwrap()).unwrap();
    let gone = reader.thumbnails(first.pictures[10].clone().unwrap());
    assert!(matches!(gone, Err(PictureError::NoThumbnails { .. })));
    drop(reader);
    assert_eq!(shop.read().n_made, N - 10);
}

#[test]
fn faults_of_paths_and_contents_are_told_apart_and_contents_remembered() {
    let shop = shop();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(Path::new(shop.dir.path()).join("pictures").join(name), bytes).unwrap();
    };
    write("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>");
    write("shirt.jpg", &fs::read(shop.dir.path().join("pictures/0.png")).unwrap());
    write("cut.jpg", b"\xff\xd8\xff\xe0");
    let addresses = ["logo.svg", "shirt.jpg", "cut.jpg", "../x.png", "none.png", "ftp://a/b.png"];
    for n_made in [2, 0] {
        let reader = shop.reader();
        let read = reader.read_all(&addresses, &mut |_| (), &AtomicBool::new(false)).unwrap();
        assert!(read.pictures[1].is_ok(), "told by content, not by name");
        let faults: Vec<_> = read.pictures.iter().filter_map(|one| one.clone().err()).collect();
        assert_eq!(
            faults,
            [
                ContentFault::Svg.into(),
                ContentFault::Damaged.into(),
                RefusedAddress::OutsideRoot.into(),
                PictureFault::NotFound,
                RefusedAddress::Scheme.into(),
            ]
        );
        assert!(read.n_made <= n_made, "{} made", read.n_made);
    }
}
