//! Why a medium could not be read.

use std::error::Error;

use vitrine_pictures::ContentFault;

use crate::limits::{ANIMATION_BYTES_MAX, CANVAS_PIXELS_MAX, CUES_MAX, FRAMES_MAX};

/// Why a medium could not be read. The same bytes always have the same error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediumError {
    /// The bytes do not begin as a WebP file does.
    #[error("not a WebP file")]
    NotWebp,
    /// The bytes do not begin as a WebVTT file does.
    #[error("not a WebVTT file; the first line of one begins with WEBVTT, in UTF-8")]
    NotWebVtt,
    /// The file has more bytes than are read.
    #[error("{found} bytes, but at most {limit} are read; give a shorter one")]
    TooManyBytes {
        /// Bytes of the file.
        found: usize,
        /// Most bytes that are read of this medium.
        limit: usize,
    },
    /// The canvas of a moving picture is too large.
    #[error(
        "a moving picture of {width}×{height} pixels, but at most {CANVAS_PIXELS_MAX} are \
         decoded; give a smaller one"
    )]
    CanvasTooLarge {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
    },
    /// A moving picture has more frames than are decoded.
    #[error("more than {FRAMES_MAX} frames; give a shorter one")]
    TooManyFrames,
    /// The frames of a moving picture take too much together.
    #[error("decoding all frames takes more than {ANIMATION_BYTES_MAX} bytes; give fewer")]
    TooMuchToDecode,
    /// The parts of a moving picture do not fit together, or its end is missing.
    #[error("damaged or cut off; upload it again")]
    Damaged,
    /// One frame of a moving picture cannot be decoded.
    #[error("frame {frame} is damaged or cut off; upload it again")]
    DamagedFrame {
        /// Its place, from 0.
        frame: usize,
    },
    /// A transcript has more cues than are read.
    #[error("more than {CUES_MAX} cues; give a shorter recording")]
    TooManyCues,
    /// A picture that does not move cannot be read.
    #[error(transparent)]
    Picture(#[from] ContentFault),
    /// A medium that is not of this crate says why.
    #[error("the medium cannot be read")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}
