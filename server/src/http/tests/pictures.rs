//! `GET /v1/pictures/{hash}`: of what is in the catalogue, and of nothing else.

use std::fs;

use vitrine_pictures::{PictureHash, larger_picture_file};

use super::*;
use crate::picture_cache::picture_cache;

/// Something that passes for WebP.
fn webp(n: u8, bytes: usize) -> Vec<u8> {
    let mut webp = [b"RIFF\0\0\0\0WEBP".as_slice(), &[n]].concat();
    webp.resize(bytes, 0);
    webp
}

fn path(thumbnail: &[u8]) -> String {
    format!("/v1/pictures/{}", PictureHash::of(thumbnail))
}

#[tokio::test]
async fn larger_pictures_are_those_of_the_catalogue_that_is_served() {
    let shop = shop();
    let (listed, other) = (webp(1, 500), webp(2, 500));
    let photo = PhotoInput { thumbnail: listed.clone(), photo: webp(1, 900), placeholder: vec![] };
    shop.publish(TestCatalogue { photo, ..TestCatalogue::default() });
    let cache = picture_cache(shop.dir.path());
    for thumbnail in [&listed, &other] {
        let file = larger_picture_file(&cache, PictureHash::of(thumbnail));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, webp(thumbnail[12], 40_000)).unwrap();
    }
    let answer = shop.get(&path(&listed)).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, webp(1, 40_000)));
    assert_eq!(answer.headers["content-type"], "image/webp");
    assert!(answer.headers["cache-control"].to_str().unwrap().contains("immutable"));

    // It is in the cache, and of no product.
    let unlisted = shop.get(&path(&other)).await;
    assert_eq!(unlisted.status, StatusCode::NOT_FOUND);
    assert_eq!(unlisted.code(), "picture_not_found");
    // It is of a product, and no longer in the cache.
    fs::remove_file(larger_picture_file(&cache, PictureHash::of(&listed))).unwrap();
    assert_eq!(shop.get(&path(&listed)).await.code(), "picture_not_found");
    for name in ["xyz", "%ff", "..%2f..%2fLOCK", "ABCDEF"] {
        let answer = shop.get(&format!("/v1/pictures/{name}")).await;
        assert_eq!(answer.code(), "picture_name_invalid", "{name}");
    }
}
