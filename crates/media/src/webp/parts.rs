//! The parts of a WebP file, found and measured before anything is decoded.
//!
//! # Source
//! RFC 9649, section 2.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, RgbaImage};

use super::canvas::Place;
use crate::MediumError;
use crate::limits::{ANIMATION_BYTES_MAX, CANVAS_PIXELS_MAX, FRAMES_MAX};

const FILE_HEADER_BYTES: usize = 12;
const CHUNK_HEADER_BYTES: usize = 8;
const FRAME_HEADER_BYTES: usize = 16;
/// Flags of the extended header.
const IS_ANIMATION: u8 = 0b10;
const HAS_ALPHA: u8 = 0b1_0000;
/// Flags of a frame.
const IS_CLEARED_AFTER: u8 = 0b01;
const IS_COPIED: u8 = 0b10;
/// Bits of a size in the header of a lossy picture; two more say how it is to be scaled.
const LOSSY_SIDE_BITS: u16 = 0x3fff;
const LOSSY_START: [u8; 3] = [0x9d, 0x01, 0x2a];

/// What a file is, found from its first chunks.
pub(super) enum WebpFile<'a> {
    /// Its one picture is not looked at here.
    Still,
    Moving(Animation<'a>),
}

/// An animation within the limits.
pub(super) struct Animation<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// At least one.
    pub(super) frames: Vec<FramePart<'a>>,
}

/// One frame, not yet decoded.
pub(super) struct FramePart<'a> {
    pub(super) place: Place,
    /// Compressed transparency of a lossy picture.
    alpha: Option<&'a [u8]>,
    picture: Chunk<'a>,
}

#[derive(Clone, Copy)]
struct Chunk<'a> {
    name: [u8; 4],
    payload: &'a [u8],
}

pub(super) fn begins_as_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..FILE_HEADER_BYTES) == Some(b"WEBP")
}

impl<'a> WebpFile<'a> {
    /// Finds the frames of an animation; nothing is decoded, and memory is taken for at most
    /// [`FRAMES_MAX`] of them.
    ///
    /// # Errors
    /// Not a WebP file, a limit, or [`MediumError::Damaged`].
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, MediumError> {
        if !begins_as_webp(bytes) {
            return Err(MediumError::NotWebp);
        }
        let size = number(&bytes[4..8]) as usize;
        let end = size.saturating_add(CHUNK_HEADER_BYTES);
        let mut rest = bytes.get(FILE_HEADER_BYTES..end).ok_or(MediumError::Damaged)?;
        let first = next_chunk(&mut rest).ok_or(MediumError::Damaged)?;
        let flags = first.payload.first().copied().unwrap_or(0);
        if first.name != *b"VP8X" || flags & IS_ANIMATION == 0 {
            return Ok(Self::Still);
        }
        let size = first.payload.get(4..10).ok_or(MediumError::Damaged)?;
        let (width, height) = (number(&size[..3]) + 1, number(&size[3..]) + 1);
        let n_pixels = u64::from(width) * u64::from(height);
        if n_pixels > CANVAS_PIXELS_MAX {
            return Err(MediumError::CanvasTooLarge { width, height });
        }
        let frames = frames(rest, n_pixels)?;
        let fits = |place: Place| place.right() <= width && place.bottom() <= height;
        if let Some(frame) = frames.iter().position(|frame| !fits(frame.place)) {
            return Err(MediumError::DamagedFrame { frame });
        }
        Ok(Self::Moving(Animation { width, height, frames }))
    }
}

fn frames(mut rest: &[u8], canvas_pixels: u64) -> Result<Vec<FramePart<'_>>, MediumError> {
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let chunk = next_chunk(&mut rest).ok_or(MediumError::Damaged)?;
        if chunk.name != *b"ANMF" {
            continue;
        }
        if frames.len() == FRAMES_MAX {
            return Err(MediumError::TooManyFrames);
        }
        let frame = frames.len();
        frames.push(FramePart::parse(chunk.payload).ok_or(MediumError::DamagedFrame { frame })?);
        if frames.len() as u64 * canvas_pixels * 4 > ANIMATION_BYTES_MAX {
            return Err(MediumError::TooMuchToDecode);
        }
    }
    if frames.is_empty() { Err(MediumError::Damaged) } else { Ok(frames) }
}

impl<'a> FramePart<'a> {
    fn parse(payload: &'a [u8]) -> Option<Self> {
        let (header, mut rest) = payload.split_at_checked(FRAME_HEADER_BYTES)?;
        let at = |start: usize| number(&header[start..start + 3]);
        let flags = header[15];
        let place = Place {
            x: at(0) * 2,
            y: at(3) * 2,
            width: at(6) + 1,
            height: at(9) + 1,
            is_blended: flags & IS_COPIED == 0,
            is_cleared_after: flags & IS_CLEARED_AFTER != 0,
        };
        let first = next_chunk(&mut rest)?;
        let (alpha, picture) = match &first.name {
            b"ALPH" => (Some(first.payload), next_chunk(&mut rest)?),
            _ => (None, first),
        };
        let is_known = match &picture.name {
            // The decoder takes memory for the size that stands here, so it is compared first.
            b"VP8 " => lossy_size(picture.payload)? == (place.width, place.height),
            b"VP8L" => alpha.is_none(),
            _ => false,
        };
        is_known.then_some(Self { place, alpha, picture })
    }

    /// The pixels of the frame alone; nothing when they cannot be decoded.
    pub(super) fn decode(&self) -> Option<RgbaImage> {
        let still = self.as_still();
        let decoder = WebPDecoder::new(Cursor::new(&still[..])).ok()?;
        if decoder.dimensions() != (self.place.width, self.place.height) {
            return None;
        }
        Some(DynamicImage::from_decoder(decoder).ok()?.into_rgba8())
    }

    /// The frame as a file of its own.
    fn as_still(&self) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        if let Some(alpha) = self.alpha {
            let mut header = vec![HAS_ALPHA, 0, 0, 0];
            for side in [self.place.width, self.place.height] {
                header.extend_from_slice(&(side - 1).to_le_bytes()[..3]);
            }
            push_chunk(&mut body, *b"VP8X", &header);
            push_chunk(&mut body, *b"ALPH", alpha);
        }
        push_chunk(&mut body, self.picture.name, self.picture.payload);
        let mut file = Vec::with_capacity(body.len() + CHUNK_HEADER_BYTES);
        push_chunk(&mut file, *b"RIFF", &body);
        file
    }
}

/// Width and height in the header of a lossy picture.
fn lossy_size(payload: &[u8]) -> Option<(u32, u32)> {
    let (start, size) = (payload.get(3..6)?, payload.get(6..10)?);
    let side =
        |at: usize| u32::from(u16::from_le_bytes([size[at], size[at + 1]]) & LOSSY_SIDE_BITS);
    (start == LOSSY_START).then(|| (side(0), side(2)))
}

/// The chunk at the beginning of `rest`, which is moved behind it; nothing when it is cut off. A
/// last chunk may lack the byte that fills it up.
fn next_chunk<'a>(rest: &mut &'a [u8]) -> Option<Chunk<'a>> {
    let (header, body) = rest.split_at_checked(CHUNK_HEADER_BYTES)?;
    let size = number(&header[4..]) as usize;
    let payload = body.get(..size)?;
    *rest = body.get(size + size % 2..).unwrap_or_default();
    Some(Chunk { name: [header[0], header[1], header[2], header[3]], payload })
}

fn push_chunk(out: &mut Vec<u8>, name: [u8; 4], payload: &[u8]) {
    out.extend_from_slice(&name);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(payload);
    if payload.len() % 2 == 1 {
        out.push(0);
    }
}

/// A number of up to four bytes, the lowest first.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
