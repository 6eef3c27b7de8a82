//! Fits the codes of a catalogue's pictures.

use vitrine_optim::{PrincipalDirections, principal_directions};
use vitrine_vision::{CODE_BYTES, PICTURE_DIM, PictureProjection};

use super::ImageError;

/// Pictures below which directions say more about chance than about the catalogue.
const PICTURES_MIN: usize = 2;

/// The projection onto the directions in which the pictures of a catalogue differ most.
///
/// # Shapes
/// `vectors` \[n, 1280\], of norm 1.
///
/// # Errors
/// [`ImageError::TooFew`], [`ImageError::Vision`].
pub fn fit_projection(vectors: &[f32]) -> Result<PictureProjection, ImageError> {
    let found = vectors.len() / PICTURE_DIM;
    if found < PICTURES_MIN {
        return Err(ImageError::TooFew { found, needed: PICTURES_MIN });
    }
    let PrincipalDirections { mean, directions, deviations } =
        principal_directions(vectors, PICTURE_DIM, CODE_BYTES);
    let largest = deviations.iter().copied().fold(0.0, f64::max);
    Ok(PictureProjection::new(mean, directions, largest)?)
}
