//! What a medium is, and what becomes of one.

use vitrine_pictures::PicturePixels;

use crate::MediumError;

/// A kind of file that holds pictures or words: a moving picture, a transcript, or one of a
/// shop's own.
///
/// Files come from others, so an implementation takes any bytes: it refuses what is too large
/// before it takes memory for it, never panics, and gives the same content for the same bytes.
/// The calls are independent of each other. [`Self::read`] refuses whatever [`Self::recognises`]
/// does not.
pub trait Medium {
    /// Whether the bytes begin as files of this medium do. Costs next to nothing.
    fn recognises(&self, bytes: &[u8]) -> bool;

    /// Pictures and texts of a whole file.
    ///
    /// # Errors
    /// Every [`MediumError`]; [`MediumError::Other`] for reasons of an implementation's own.
    fn read(&self, bytes: &[u8]) -> Result<MediumContent, MediumError>;
}

/// What a medium shows and says, in the forms that encoders of pictures and texts take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediumContent {
    /// In the order of the medium.
    pub pictures: Vec<PicturePixels>,
    /// In the order of the medium, without markup; never empty strings.
    pub texts: Vec<String>,
    /// Malformed parts that were left out.
    pub n_skipped: usize,
    /// Whether the medium has more than the limits keep of one.
    pub is_cut: bool,
}
