//! Pictures that are made in code.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

pub const RED: [u8; 3] = [220, 20, 20];
pub const GREEN: [u8; 3] = [20, 200, 20];
pub const BLUE: [u8; 3] = [20, 20, 220];
pub const YELLOW: [u8; 3] = [230, 220, 20];

/// Red and green above, blue and yellow below.
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

pub fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// One of each format.
pub fn one_of_each() -> Vec<(&'static str, Vec<u8>)> {
    let image = quarters(40, 30);
    vec![
        ("PNG", encoded(image.clone(), ImageFormat::Png)),
        ("JPEG", encoded(image.clone(), ImageFormat::Jpeg)),
        ("WebP", encoded(image.clone(), ImageFormat::WebP)),
        ("lossy WebP", webp::Encoder::from_rgb(&image, 40, 30).encode(80.0).to_vec()),
        ("GIF", animated_gif()),
        ("animated WebP", animated_webp()),
        ("CMYK", include_bytes!("../fixtures/cmyk.jpg").to_vec()),
        ("progressive", include_bytes!("../fixtures/cmyk-progressive.jpg").to_vec()),
    ]
}

/// [`quarters`], then blue.
pub fn animated_gif() -> Vec<u8> {
    let first = DynamicImage::from(quarters(40, 30)).into_rgba8();
    let blue = RgbaImage::from_pixel(40, 30, Rgba([0, 0, 255, 255]));
    let mut bytes = Vec::new();
    GifEncoder::new(&mut bytes).encode_frames([first, blue].map(Frame::new)).unwrap();
    bytes
}

/// [`quarters`], then blue.
pub fn animated_webp() -> Vec<u8> {
    let config = webp::WebPConfig::new().unwrap();
    let mut encoder = webp::AnimEncoder::new(40, 30, &config);
    let (first, blue) = (quarters(40, 30), RgbImage::from_pixel(40, 30, Rgb([0, 0, 255])));
    encoder.add_frame(webp::AnimFrame::from_rgb(&first, 40, 30, 0));
    encoder.add_frame(webp::AnimFrame::from_rgb(&blue, 40, 30, 100));
    encoder.encode().to_vec()
}

/// A JPEG with an EXIF block that has an orientation, and a text behind it.
pub fn jpeg_with_exif(image: &RgbImage, orientation: u8, text: &str) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(image).unwrap();
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend_from_slice(text.as_bytes());
    let mut bytes = b"\xff\xd8\xff\xe1".to_vec();
    bytes.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(&exif);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

/// Pixels of a thumbnail.
pub fn decoded(webp: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(webp, ImageFormat::WebP).unwrap().into_rgb8()
}

/// Whether a pixel of a lossy picture has a colour.
pub fn is_like(pixel: &Rgb<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(found, expected)| found.abs_diff(expected) < 40)
}

/// Colours a quarter from each corner: above left, above right, below left, below right.
pub fn corners(image: &RgbImage) -> [Rgb<u8>; 4] {
    let (width, height) = image.dimensions();
    let (right, below) = (width - 1 - width / 4, height - 1 - height / 4);
    [(width / 4, height / 4), (right, height / 4), (width / 4, below), (right, below)]
        .map(|(x, y)| *image.get_pixel(x, y))
}
