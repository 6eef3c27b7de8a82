//! Tells what a file is by its first bytes, never by its name or a header.

use image::ImageFormat;
use serde::{Deserialize, Serialize};

use crate::ContentFault;

/// Most bytes that are looked at for the root element of an SVG file, behind its
/// comments and declarations.
const MARKUP_BYTES: usize = 4_096;

/// A kind of picture that is recognised, and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UnsupportedFormat {
    /// AV1 image file.
    Avif,
    /// High-efficiency image file, as telephones take them.
    Heic,
    /// JPEG XL.
    JpegXl,
    /// TIFF, camera raw files among them.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// Windows icon.
    Ico,
    /// Portable document.
    Pdf,
    /// Photoshop document.
    Psd,
}

impl UnsupportedFormat {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::JpegXl => "JPEG XL",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Ico => "ICO",
            Self::Pdf => "PDF",
            Self::Psd => "PSD",
        }
    }
}

/// The format of a picture that can be read.
///
/// # Errors
/// [`ContentFault::Svg`], [`ContentFault::Unsupported`], or [`ContentFault::NotAPicture`].
pub(crate) fn sniff(bytes: &[u8]) -> Result<ImageFormat, ContentFault> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(ImageFormat::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(ImageFormat::Png);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Ok(ImageFormat::Gif);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(ImageFormat::WebP);
    }
    if is_svg(bytes) {
        return Err(ContentFault::Svg);
    }
    let format = unsupported(bytes);
    Err(format.map_or(ContentFault::NotAPicture, |format| ContentFault::Unsupported { format }))
}

fn unsupported(bytes: &[u8]) -> Option<UnsupportedFormat> {
    const BEGINNINGS: [(&[u8], UnsupportedFormat); 8] = [
        (b"\xff\x0a", UnsupportedFormat::JpegXl),
        (b"\0\0\0\x0cJXL ", UnsupportedFormat::JpegXl),
        (b"II*\0", UnsupportedFormat::Tiff),
        (b"MM\0*", UnsupportedFormat::Tiff),
        (b"BM", UnsupportedFormat::Bmp),
        (b"\0\0\x01\0", UnsupportedFormat::Ico),
        (b"%PDF-", UnsupportedFormat::Pdf),
        (b"8BPS", UnsupportedFormat::Psd),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12)? {
            b"avif" | b"avis" => Some(UnsupportedFormat::Avif),
            b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" => Some(UnsupportedFormat::Heic),
            _ => None,
        };
    }
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, found)| *found)
}

/// Whether this is markup with an `svg` element near its beginning.
fn is_svg(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let markup = &bytes[start..bytes.len().min(start + MARKUP_BYTES)];
    let head = markup.to_ascii_lowercase();
    let is_page = [&b"<html"[..], b"<!doctype html"].iter().any(|tag| head.starts_with(tag));
    head.starts_with(b"<") && !is_page && head.windows(4).any(|tag| tag == b"<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_known_behind_declarations_and_a_page_is_none() {
        for svg in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{feff}\n <?xml version=\"1.0\"?><!-- a drawing --><!DOCTYPE svg><SVG>",
        ] {
            assert_eq!(sniff(svg.as_bytes()), Err(ContentFault::Svg), "{svg}");
        }
        for page in ["<!DOCTYPE html><body><svg></svg>", "<html><svg>", "404 <svg>", ""] {
            assert_eq!(sniff(page.as_bytes()), Err(ContentFault::NotAPicture), "{page}");
        }
    }

    #[test]
    fn what_is_not_read_is_named() {
        let avif = sniff(b"\0\0\0\x20ftypavif\0\0\0\0").unwrap_err();
        assert_eq!(avif, ContentFault::Unsupported { format: UnsupportedFormat::Avif });
        let text = avif.to_string();
        assert!(text.contains("AVIF") && text.contains("JPEG, PNG, WebP and GIF"), "{text}");
        assert_eq!(sniff(b"RIFF\0\0\0\0WAVE"), Err(ContentFault::NotAPicture));
    }
}
