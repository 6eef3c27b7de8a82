//! What can be wrong with a picture, a network's file or a projection.

/// Errors of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisionError {
    /// Pixels that do not make up the stated size, or none, or too many.
    #[error(
        "{width}×{height} pixels need {needed} bytes and have {found}; a picture has 1 to \
         {} pixels of three bytes, and no more than 65536 on a side",
        crate::VIEW_PIXELS_MAX
    )]
    PictureSize {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
        /// Bytes of so many pixels.
        needed: u64,
        /// Bytes that there are.
        found: usize,
    },
    /// Not a file of this kind.
    #[error("these bytes are no {what}; fetch the file again")]
    AnotherFile {
        /// What was expected.
        what: &'static str,
    },
    /// A file of another version of the program.
    #[error("the {what} has format {found}, and this program reads {read}; make it anew")]
    AnotherFormat {
        /// What was expected.
        what: &'static str,
        /// Its format.
        found: u32,
        /// The format that is read.
        read: u32,
    },
    /// Another length than the file must have.
    #[error("the {what} has {found} bytes instead of {needed}; fetch it again")]
    Length {
        /// What was expected.
        what: &'static str,
        /// Bytes that there are.
        found: usize,
        /// Bytes that there must be.
        needed: usize,
    },
    /// The content does not have the checksum that the file states.
    #[error("the {what} is damaged; fetch it again")]
    Damaged {
        /// What was expected.
        what: &'static str,
    },
    /// A number that is not finite, or negative where none may be.
    #[error("the {what} has a number that cannot be computed with in layer {layer}")]
    NotFinite {
        /// What has it.
        what: &'static str,
        /// Where.
        layer: usize,
    },
    /// Weights of another shape than the network's.
    #[error("layer {layer} has {found} numbers where the network has {needed}")]
    Shape {
        /// Which layer.
        layer: usize,
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
}
