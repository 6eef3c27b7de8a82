//! What is made of good, odd, broken and hostile pictures.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

#[path = "support/pictures.rs"]
mod support;

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;
use support::*;
use vitrine_pictures::limits::{
    LARGE_BYTES_MAX, LARGE_SIDE, PICTURE_PIXELS_MAX, SMALL_BYTES_MAX, SMALL_SIDE,
    THUMBHASH_BYTES_MAX,
};
use vitrine_pictures::{ContentFault, Thumbnails};

fn assert_quarters(name: &str, image: &RgbImage) {
    for (pixel, colour) in corners(image).iter().zip([RED, GREEN, BLUE, YELLOW]) {
        assert!(is_like(pixel, colour), "{name}: {pixel:?} for {colour:?}");
    }
}

#[test]
fn every_format_gives_its_first_frame() {
    for (name, bytes) in one_of_each().into_iter().take(6) {
        let made = Thumbnails::make(&bytes).unwrap();
        assert_eq!((made.width, made.height), (40, 30), "{name}");
        let large = decoded(&made.large);
        assert_eq!(large.dimensions(), (40, 30), "{name}: never enlarged");
        assert_quarters(name, &large);
    }
}

#[test]
fn both_thumbnails_are_upright_in_every_orientation() {
    let [a, b, c, d] = [RED, GREEN, BLUE, YELLOW];
    let shown = [
        [a, b, c, d],
        [b, a, d, c],
        [d, c, b, a],
        [c, d, a, b],
        [a, c, b, d],
        [c, a, d, b],
        [d, b, c, a],
        [b, d, a, c],
    ];
    for (orientation, colours) in (1..).zip(shown) {
        let bytes = jpeg_with_exif(&quarters(640, 320), orientation, "");
        let made = Thumbnails::make(&bytes).unwrap();
        let is_turned = orientation >= 5;
        assert_eq!((made.width, made.height), if is_turned { (320, 640) } else { (640, 320) });
        for (webp, side) in [(&made.small, SMALL_SIDE), (&made.large, LARGE_SIDE)] {
            let image = decoded(webp);
            let size = if is_turned { (side / 2, side) } else { (side, side / 2) };
            assert_eq!(image.dimensions(), size, "orientation {orientation}");
            for (pixel, colour) in corners(&image).iter().zip(colours) {
                assert!(is_like(pixel, colour), "{orientation}: {pixel:?} for {colour:?}");
            }
        }
    }
}

/// Red grows to the right, green downwards, as Pillow reads these files, too.
#[test]
fn four_channel_jpegs_have_their_colours() {
    for (name, bytes) in [
        ("CMYK", &include_bytes!("fixtures/cmyk.jpg")[..]),
        ("progressive CMYK", include_bytes!("fixtures/cmyk-progressive.jpg")),
        ("YCCK", include_bytes!("fixtures/ycck.jpg")),
    ] {
        let image = decoded(&Thumbnails::make(bytes).unwrap().large);
        assert_eq!(image.dimensions(), (48, 32));
        for (x, y, colour) in [
            (3, 3, [16, 25, 60]),
            (44, 3, [239, 25, 60]),
            (3, 28, [16, 230, 60]),
            (44, 28, [239, 230, 60]),
        ] {
            let pixel = image.get_pixel(x, y);
            assert!(is_like(pixel, colour), "{name} at {x}, {y}: {pixel:?} for {colour:?}");
        }
    }
}

#[test]
fn alpha_is_over_white_and_sixteen_bits_and_grey_are_read() {
    let half = RgbaImage::from_pixel(20, 20, Rgba([255, 0, 0, 128]));
    let clear = RgbaImage::from_pixel(20, 20, Rgba([255, 0, 0, 0]));
    let deep: ImageBuffer<Rgba<u16>, _> =
        ImageBuffer::from_pixel(20, 20, Rgba([65_535, 0, 0, 32_768]));
    let grey: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(20, 20, Luma([32_768u16]));
    for (image, colour) in [
        (DynamicImage::from(half), [255, 127, 127]),
        (DynamicImage::from(clear), [255; 3]),
        (DynamicImage::ImageRgba16(deep), [255, 127, 127]),
        (DynamicImage::ImageLuma16(grey), [128; 3]),
    ] {
        let made = Thumbnails::make(&encoded(image, ImageFormat::Png)).unwrap();
        let pixel = *decoded(&made.large).get_pixel(10, 10);
        assert!(is_like(&pixel, colour), "{pixel:?} for {colour:?}");
    }
}

#[test]
fn a_palette_is_looked_up() {
    // Two pixels, entries 1 and 0 of a palette of red and blue; stored, not compressed.
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    chunk(&mut png, b"PLTE", &[255, 0, 0, 0, 0, 255]);
    chunk(&mut png, b"IDAT", b"\x78\x01\x01\x03\0\xfc\xff\0\x01\0\0\x05\0\x02");
    chunk(&mut png, b"IEND", &[]);
    let made = Thumbnails::make(&png).unwrap();
    assert_eq!((made.width, made.height), (2, 1));
    let average = thumbhash::thumb_hash_to_average_rgba(&made.thumbhash).unwrap();
    assert!(average.0 > 0.4 && average.1 < 0.1 && average.2 > 0.4, "{average:?}");
}

#[test]
fn nothing_of_the_metadata_is_kept_and_the_same_bytes_give_the_same() {
    let bytes = jpeg_with_exif(&quarters(400, 300), 1, "GPS 52.5200 N 13.4050 E");
    assert!(bytes.windows(3).any(|window| window == b"GPS"));
    let made = Thumbnails::make(&bytes).unwrap();
    assert_eq!(made, Thumbnails::make(&bytes).unwrap());
    for webp in [&made.small, &made.large] {
        // A simple file has one chunk, the picture, and ends with it.
        assert_eq!(&webp[12..16], b"VP8 ");
        let n = u32::from_le_bytes(webp[16..20].try_into().unwrap()) as usize;
        assert_eq!(webp.len(), 20 + n + n % 2);
        assert!(!webp.windows(3).any(|window| window == b"GPS"));
    }
}

#[test]
fn noise_keeps_to_the_caps_at_every_shape() {
    let mut state = 1u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    for (width, height) in [(320, 320), (96, 96), (640, 630), (2_000, 1), (1, 500), (1, 1)] {
        let image = RgbImage::from_fn(width, height, |_, _| Rgb([noise(), noise(), noise()]));
        let made = Thumbnails::make(&encoded(image, ImageFormat::Png)).unwrap();
        assert!(made.small.len() <= SMALL_BYTES_MAX, "{width}×{height}: {}", made.small.len());
        assert!(made.large.len() <= LARGE_BYTES_MAX, "{width}×{height}: {}", made.large.len());
        assert!(made.thumbhash.len() <= THUMBHASH_BYTES_MAX);
        decoded(&made.small);
        decoded(&made.large);
    }
}

#[test]
fn the_placeholder_has_the_shape_and_the_mean_colour() {
    let image = RgbImage::from_pixel(300, 150, Rgb([200, 100, 50]));
    let made = Thumbnails::make(&encoded(image, ImageFormat::Png)).unwrap();
    let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&made.thumbhash).unwrap();
    assert!(width > height, "{width}×{height}");
    let middle = &rgba[(height / 2 * width + width / 2) * 4..][..4];
    for (found, expected) in middle.iter().zip([200, 100, 50, 255]) {
        assert!(found.abs_diff(expected) < 12, "{middle:?}");
    }
}

/// Headers that state more pixels than there are are refused before memory is taken.
#[test]
fn bombs_are_refused_by_their_header() {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0]);
    chunk(&mut png, b"IDAT", b"\x78\x01");
    let bomb = ContentFault::TooManyPixels { width: 60_000, height: 60_000 };
    assert_eq!(Thumbnails::make(&png), Err(bomb));

    let mut jpeg = encoded(quarters(40, 30), ImageFormat::Jpeg);
    let sof = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[sof + 5..sof + 9].fill(0xff);
    let bomb = ContentFault::TooManyPixels { width: 65_535, height: 65_535 };
    assert_eq!(Thumbnails::make(&jpeg), Err(bomb));

    let mut gif = animated_gif();
    gif[6..10].fill(0xff);
    assert_eq!(Thumbnails::make(&gif), Err(bomb));

    // Within the pixels, but a canvas of four bytes a pixel and a frame beside it.
    gif[6..10].copy_from_slice(&[0x58, 0x1b, 0x58, 0x1b]);
    let (width, height) = (7_000, 7_000);
    assert!(u64::from(width) * u64::from(height) < PICTURE_PIXELS_MAX);
    assert_eq!(Thumbnails::make(&gif), Err(ContentFault::TooMuchMemory { width, height }));
}

#[test]
fn a_file_cut_at_any_byte_is_a_fault_or_a_picture_of_its_size() {
    for (name, bytes) in one_of_each() {
        let whole = Thumbnails::make(&bytes).unwrap();
        for n in 0..bytes.len() {
            match Thumbnails::make(&bytes[..n]) {
                Ok(made) => {
                    assert_eq!((made.width, made.height), (whole.width, whole.height), "{name}");
                }
                Err(fault) => assert!(
                    matches!(fault, ContentFault::Damaged | ContentFault::NotAPicture),
                    "{name}, {n} bytes: {fault}"
                ),
            }
        }
        assert_eq!(
            Thumbnails::make(&bytes[..3]),
            Err(if name.contains("JPEG") || name == "CMYK" || name == "progressive" {
                ContentFault::Damaged
            } else {
                ContentFault::NotAPicture
            }),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Thumbnails::make(&bytes).is_err());
    }

    #[test]
    fn changed_pictures_never_panic(
        which in 0usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let (_, mut bytes) = one_of_each().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(made) = Thumbnails::make(&bytes) {
            prop_assert!(made.small.len() <= SMALL_BYTES_MAX && made.large.len() <= LARGE_BYTES_MAX);
        }
    }
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let checked = [&kind[..], data].concat();
    png.extend_from_slice(&checked);
    let crc = checked.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    png.extend_from_slice(&(!crc).to_be_bytes());
}
