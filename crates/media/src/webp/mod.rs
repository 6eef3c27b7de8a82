//! Moving pictures: key frames of an animated WebP.
//!
//! Frames are decoded one by one by the `image` crate, each as a still picture, and laid on the
//! canvas here. The decoder of whole animations in image 0.25 does not clear a
//! frame that is to be cleared, and takes memory for whatever size a lossy frame states.

mod canvas;
mod key_frames;
mod parts;

use vitrine_pictures::PicturePixels;
use vitrine_pictures::limits::PICTURE_BYTES_MAX;

use crate::{Medium, MediumContent, MediumError};
use canvas::Canvas;
use key_frames::KeyFrames;
use parts::{Animation, WebpFile, begins_as_webp};

/// Animated WebP. A picture is kept of each considerable change; one that does not move has one.
///
/// The first frame is a key frame, and so is each that differs from the key frame before it by
/// more than [`crate::limits::KEY_FRAME_CHANGE`]. Of more than
/// [`crate::limits::KEY_FRAMES_MAX`], the first and those that changed most are kept, the earlier
/// of equal ones, in their order. Pictures are as large as the canvas and over white.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnimatedWebp;

impl Medium for AnimatedWebp {
    fn recognises(&self, bytes: &[u8]) -> bool {
        begins_as_webp(bytes)
    }

    fn read(&self, bytes: &[u8]) -> Result<MediumContent, MediumError> {
        if bytes.len() > PICTURE_BYTES_MAX {
            let found = bytes.len();
            return Err(MediumError::TooManyBytes { found, limit: PICTURE_BYTES_MAX });
        }
        match WebpFile::parse(bytes)? {
            WebpFile::Still => Ok(MediumContent {
                pictures: vec![PicturePixels::decode(bytes)?],
                ..MediumContent::default()
            }),
            WebpFile::Moving(animation) => key_frames(&animation),
        }
    }
}

fn key_frames(animation: &Animation<'_>) -> Result<MediumContent, MediumError> {
    let mut canvas = Canvas::new(animation.width, animation.height);
    let mut kept = KeyFrames::default();
    for (frame, part) in animation.frames.iter().enumerate() {
        let pixels = part.decode().ok_or(MediumError::DamagedFrame { frame })?;
        canvas.show(part.place, &pixels);
        kept.push(canvas.seen());
    }
    let (pictures, is_cut) = kept.finish();
    Ok(MediumContent { pictures, is_cut, ..MediumContent::default() })
}
